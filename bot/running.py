"""Answers under way: one question at a time for each person, and each can be stopped."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass

Doing = Coroutine[object, object, None]


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

    def ahead_of(self, person: str) -> int:
        """How many questions of this person would be answered before another one."""
        return self._lines[person].length if person in self._lines else 0

    @asynccontextmanager
    async def turn(self, person: str) -> AsyncIterator[None]:
        """One question of a person: it begins when their earlier ones are done."""
        line = self._lines.setdefault(person, _Line(asyncio.Lock()))
        line.length += 1
        try:
            async with line.turn:
                yield
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

    def _forget(self, place: str, task: asyncio.Task[None]) -> None:
        self._stopped.discard(task)
        self._doing[place].discard(task)
        if not self._doing[place]:
            del self._doing[place]
