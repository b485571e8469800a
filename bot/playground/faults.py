"""What can go wrong between an app and Slack, on purpose: a script, or a seeded chance for each call.

The crash harness plays these and then compares what was sent with what the workspace really stored.
"""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What happens to one call of the Web API."""

    RATELIMITED = "ratelimited"  # 429 with Retry-After; nothing stored
    FAIL = "fail"  # 500, nothing stored
    STORE_THEN_FAIL = "store_then_fail"  # 500, but it happened
    STORE_THEN_DROP = "store_then_drop"  # it happened, the connection closed without an answer
    DROP = "drop"  # the connection closed without an answer; nothing stored
    DELAY = "delay"  # stored at once, answered `seconds` late
    LAND_LATE = "land_late"  # stored, and answered, only `seconds` later
    REFUSE = "refuse"  # ok: false with `error`; nothing stored


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault, for one method or for "*" any; a scripted one strikes `times` calls."""

    kind: Kind
    method: str = "*"
    times: int = 1
    retry_after: int = 1
    seconds: float = 0.0
    error: str = "internal_error"

    def strikes(self, method: str) -> bool:
        """Is this a method it is meant for?"""
        return self.method in ("*", method)


@dataclass(slots=True)
class Faults:
    """Which fault strikes the next call: first the script in its order, else by chance.

    `chances` are probabilities, 0 to 1, that add up to at most 1; they strike only `methods` (all if empty).
    """

    script: list[Fault] = field(default_factory=list)
    chances: Mapping[Kind, float] = field(default_factory=dict)
    methods: frozenset[str] = frozenset()
    seed: int = 0
    delay: float = 0.05  # seconds, of a DELAY or LAND_LATE that strikes by chance
    _random: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def next(self, method: str) -> Fault | None:
        """The fault this call meets; None for the ordinary call."""
        return self._scripted(method) or self._by_chance(method)

    def _scripted(self, method: str) -> Fault | None:
        for index, fault in enumerate(self.script):
            if fault.strikes(method):
                rest = [_once_less(fault)] if fault.times > 1 else []
                self.script[index : index + 1] = rest
                return fault
        return None

    def _by_chance(self, method: str) -> Fault | None:
        if not self.chances or (self.methods and method not in self.methods):
            return None
        left = self._random.random()
        for kind, chance in self.chances.items():
            left -= chance
            if left < 0:
                return Fault(kind, method, seconds=self.delay)
        return None


def _once_less(fault: Fault) -> Fault:
    return Fault(fault.kind, fault.method, fault.times - 1, fault.retry_after, fault.seconds, fault.error)


def read(wanted: Mapping[str, Any]) -> Faults:
    """Faults from JSON: `{"script": [{"kind": "fail", "method": "chat.postMessage", "times": 2}],
    "chances": {"ratelimited": 0.05}, "methods": ["chat.postMessage"], "seed": 7}`; every part is optional.

    Raises:
        ValueError: an unknown kind of fault.
        TypeError: an unknown field.
    """
    script: Iterable[Mapping[str, Any]] = wanted.get("script", ())
    return Faults(
        script=[Fault(**{**fault, "kind": Kind(fault["kind"])}) for fault in script],
        chances={Kind(kind): float(chance) for kind, chance in wanted.get("chances", {}).items()},
        methods=frozenset(wanted.get("methods", ())),
        seed=int(wanted.get("seed", 0)),
        delay=float(wanted.get("delay", 0.05)),
    )
