"""Waiting for something to happen in the playground, without polling."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Pulse:
    """Beats whenever anything happens; counts what is still under way."""

    def __init__(self) -> None:
        self._next = asyncio.Event()
        self._under_way = 0
        self._beats = 0

    def beat(self) -> None:
        """Something happened: wake everyone who waits."""
        self._beats += 1
        self._next.set()
        self._next = asyncio.Event()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """A call or a delivery is under way."""
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            self.beat()

    async def until(self, happened: Callable[[], bool], seconds: float) -> bool:
        """Wait until `happened()`; False if it has not within `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                while not happened():
                    await self._next.wait()
        except TimeoutError:
            return happened()
        return True

    async def quiet(self, settle: float, seconds: float) -> bool:
        """Wait until nothing is under way and nothing has happened for `settle` seconds."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        while loop.time() < end:
            beats = self._beats
            await asyncio.sleep(settle)
            if beats == self._beats and not self._under_way:
                return True
        return False
