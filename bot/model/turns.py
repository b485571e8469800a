"""Who may ask now: one question of a person at a time, and so many of everybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from bot.model.calls import Asker, Unavailable


class Turns:
    """Owns the queues: a person's second question waits for the first, and all wait for a free place."""

    def __init__(self, at_once: int) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._people: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def taken(self, asker: Asker, until: float) -> AsyncIterator[None]:
        """A turn, from its beginning to the end of the block.

        Raises:
            Unavailable: busy, it did not come in time.
        """
        mine = self._people.setdefault(asker.who, asyncio.Lock())
        await _in_time(mine, until)
        try:
            await _in_time(self._places, until)
            try:
                yield
            finally:
                self._places.release()
        finally:
            mine.release()


async def _in_time(place: asyncio.Lock | asyncio.Semaphore, until: float) -> None:
    try:
        async with asyncio.timeout_at(until):
            await place.acquire()
    except TimeoutError:
        raise Unavailable("busy") from None
