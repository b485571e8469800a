"""From a fact's value to a place on the paper."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Self

from analytics.facts import Fact
from bot import figures
from bot.figures import Style


@dataclass(frozen=True, slots=True)
class Scale:
    """Values from `low` to `high` on a stretch of paper from `start` to `end`, in points."""

    low: float
    high: float
    start: float
    end: float

    @classmethod
    def over(cls, values: Iterable[float], start: float, end: float) -> Self:
        """The scale on which all the values have room."""
        known = [*values] or [0.0]
        low, high = min(known), max(known)
        room = (high - low) * 0.04 or 0.5
        return cls(low - room, high + room, start, end)

    def at(self, value: float) -> float:
        """Where a value lies; beyond the ends, at the end."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + (self.end - self.start) * min(1.0, max(0.0, share))


def value(fact: Fact | None) -> float | None:
    """A fact's value as a length; None when nobody knows it."""
    return None if fact is None or fact.value is None else float(fact.value)


def ends(fact: Fact) -> tuple[float, float] | None:
    """The ends of a fact's interval; None without one."""
    if fact.low is None or fact.high is None:
        return None
    return float(fact.low), float(fact.high)


def tick(like: Fact, at: str) -> str:
    """A value on an axis, spelled as the fact's own value would be."""
    return figures.text(replace(like, value=Decimal(at)), Style.ROUGH)
