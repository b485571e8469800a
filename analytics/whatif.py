"""Sums over the deals of a segment, a target and the others go in; what a drop or shift changes comes out.

Deals are taken to arrive at random, each bringing its days and its won amount, and the next period to be like
the one summed: the variance of a sum over such deals is the sum of their squares (compound Poisson).
"""

import math
from dataclasses import dataclass

from analytics.store import Effort
from analytics.verdict import Z95

Z_RANGE = 1.2815515655446004  #: normal quantile of a two-sided 80 % range


@dataclass(frozen=True, slots=True)
class Guess:
    """A value with its standard error."""

    value: float
    error: float

    def range(self, z: float = Z_RANGE) -> tuple[float, float]:
        """Low and high end; of 80 % unless told otherwise."""
        return self.value - z * self.error, self.value + z * self.error

    def is_clear(self, z: float = Z_RANGE) -> bool:
        """Does the range leave zero out?"""
        return abs(self.value) > z * self.error


def plus(one: Effort, other: Effort, sign: int = 1) -> Effort:
    """The deals of both; with -1, those of the first without those of the second, which it holds."""
    return Effort(*(mine + sign * theirs for mine, theirs in zip(one, other, strict=True)))


def per_day(of: Effort) -> Guess | None:
    """Won amount per deal-day; None without a day."""
    if not of.days:
        return None
    rate = of.amount / of.days
    return Guess(rate, math.sqrt(_squares(of, rate)) / of.days)


def capacity(of: Effort) -> Guess:
    """Deal-days that stopping frees."""
    return Guess(of.days, math.sqrt(of.days_squared))


def dropped(segment: Effort) -> Guess:
    """Change in won amount when the segment is no longer worked and its days stay unused."""
    return Guess(-segment.amount, math.sqrt(segment.amount_squared))


def shifted(segment: Effort, target: Effort) -> Guess | None:
    """Change in won amount when the segment's days are worked on the target, at the target's amount per day.

    None when the target has no deal-day.

    >>> no = Effort(1, 1, 1, 10, 100, 50.0, 2500.0, 500.0)
    >>> yes = Effort(1, 1, 1, 10, 100, 80.0, 6400.0, 800.0)
    >>> moved = shifted(no, yes)
    >>> moved and (moved.value, moved.error)
    (30.0, 30.0)
    """
    rate = per_day(target)
    if rate is None:
        return None
    variance = _squares(segment, rate.value) + (segment.days * rate.error) ** 2
    return Guess(segment.days * rate.value - segment.amount, math.sqrt(variance))


def win_rate_change(segment: Effort, others: Effort, target: Effort | None = None) -> Guess | None:
    """Change in the overall win rate, as a fraction; None when no deal would be left, or none had closed.

    A shift adds as many closed deals of the target as its past pace gives for the days freed.

    Args:
        others: all closed deals but the segment's and the target's.
        target: None for a drop.
    """
    gets = target if target is not None and target.days else None
    added = segment.days * gets.closed / gets.days if gets else 0.0
    parts = [(segment, 0.0), (others, float(others.closed)), *([(gets, gets.closed + added)] if gets else [])]
    before, after = sum(of.closed for of, _ in parts), sum(kept for _, kept in parts)
    if not before or not after:
        return None
    change = variance = 0.0
    for of, kept in parts:
        if of.closed:
            rate, weight = of.won / of.closed, kept / after - of.closed / before
            change += weight * rate
            variance += weight**2 * rate * (1 - rate) / of.closed
    return Guess(change, math.sqrt(variance))


def differ(one: Effort, other: Effort) -> bool | None:
    """Is the won amount per deal-day shown to differ, at 95 %? None when one of them has no day."""
    first, second = per_day(one), per_day(other)
    if first is None or second is None:
        return None
    return Guess(first.value - second.value, math.hypot(first.error, second.error)).is_clear(Z95)


def _squares(of: Effort, rate: float) -> float:
    """Sum over deals of (amount - rate x days) squared."""
    squares = of.amount_squared - 2 * rate * of.amount_days + rate**2 * of.days_squared
    return max(squares, 0.0)
