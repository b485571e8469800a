"""What went over the wire in both directions, newest last: for the inspector of the playground's page."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final, Literal

from bot.playground.records import Json

KEPT: Final = 500
SECRET: Final = ("token",)  # never shown

Direction = Literal["in", "out"]  # in: a call of the app; out: a payload to the app


@dataclass(frozen=True, slots=True)
class Record:
    """One exchange; `name` is the Web API method or the payload's type, `error` Slack's word or ""."""

    n: int
    at: float
    direction: Direction
    name: str
    error: str
    ms: float
    request: Mapping[str, Any]
    response: Mapping[str, Any]

    def as_json(self) -> Json:
        """The record for the page; tokens left out."""
        asked = {name: value for name, value in self.request.items() if name not in SECRET}
        how = {"ok": not self.error, "error": self.error, "ms": self.ms}
        what = {"n": self.n, "at": self.at, "direction": self.direction, "name": self.name}
        return {**what, **how, "request": asked, "response": dict(self.response)}


@dataclass(slots=True)
class Journal:
    """The last few exchanges. `watchers` are called after each; `clock` gives seconds since 1970."""

    clock: Callable[[], float]
    records: deque[Record] = field(default_factory=lambda: deque(maxlen=KEPT))
    watchers: list[Callable[[], None]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def note(
        self,
        direction: Direction,
        name: str,
        began: float,
        request: Mapping[str, Any],
        response: Mapping[str, Any],
        error: str = "",
    ) -> None:
        """Write down an exchange that began at this moment and has just ended."""
        ms = round((self.clock() - began) * 1000, 1)
        self.records.append(Record(next(self._numbers), began, direction, name, error, ms, request, response))
        for watcher in self.watchers:
            watcher()

    def since(self, n: int) -> list[Record]:
        """The records after the `n`th that are still kept, oldest first."""
        return [record for record in self.records if record.n > n]
