"""Answers under way: one question at a time for each person; each can be stopped, and all end in time."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

Doing = Coroutine[object, object, None]

MOST = 5  #: questions of one person that are answered or wait


@dataclass(slots=True)
class _Line:
    """Who waits for one person's turn; the first of them has it."""

    turn: asyncio.Lock
    length: int = 0


class Running:
    """Owns the answers of this process that are not done."""

    def __init__(self) -> None:
        self._lines: dict[str, _Line] = {}
        self._doing: defaultdict[str, set[asyncio.Task[None]]] = defaultdict(set)
        self._stopped: set[asyncio.Task[None]] = set()
        self._staying: set[asyncio.Timeout] = set()
        self._leaving = False

    def ahead_of(self, person: str) -> int:
        """How many questions of this person would be answered before another one."""
        return self._lines[person].length if person in self._lines else 0

    @contextmanager
    def queue(self, person: str) -> Iterator[asyncio.Lock]:
        """One more question of a person; the lock is theirs when their earlier ones are done."""
        line = self._lines.setdefault(person, _Line(asyncio.Lock()))
        line.length += 1
        try:
            yield line.turn
        finally:
            line.length -= 1
            if not line.length:
                del self._lines[person]

    async def finished(self, place: str, doing: Doing) -> bool:
        """Do it; False when it was stopped before its end. `place` is where a stop would be said."""
        task = asyncio.create_task(doing)
        self._doing[place].add(task)
        try:
            await task
        except asyncio.CancelledError:
            if task not in self._stopped:
                task.cancel()
                raise
            return False
        finally:
            self._forget(place, task)
        return True

    def stop(self, place: str) -> int:
        """Stop what is being answered there, or in its threads; how many answers that was."""
        here = [key for key in self._doing if key == place or key.startswith(f"{place}/")]
        tasks = {task for key in here for task in self._doing[key]} - self._stopped
        for task in tasks:
            self._stopped.add(task)
            task.cancel()
        return len(tasks)

    @asynccontextmanager
    async def until_leaving(self) -> AsyncIterator[None]:
        """The block, which ends at once when this process is about to end: for what may take its time.

        Raises:
            TimeoutError: it was cut short, so that what it was about can still be finished.
        """
        async with asyncio.timeout(0 if self._leaving else None) as limit:
            self._staying.add(limit)
            try:
                yield
            finally:
                self._staying.discard(limit)

    def leave(self) -> None:
        """This process is about to end: cut short what may take its time, now and from now on."""
        self._leaving = True
        for limit in self._staying:
            limit.reschedule(0)

    def _forget(self, place: str, task: asyncio.Task[None]) -> None:
        self._stopped.discard(task)
        self._doing[place].discard(task)
        if not self._doing[place]:
            del self._doing[place]
