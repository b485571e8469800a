"""Histograms of days go in; quantiles, a rank test and the course of deals still open come out."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

ENOUGH = 30  #: deals below which a risk table or a stage clock says nothing of its own

Days = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cycles:
    """Closed deals by sales cycle: `won` and `lost` of them took `days`, in rising order."""

    days: Days
    won: Days
    lost: Days


def quantile(days: ArrayLike, deals: ArrayLike, share: float) -> float:
    """The value below which `share` of the deals lie, straight between neighbours, as numpy's quantile.

    Args:
        days: rising values.
        deals: how many deals have each; at least one in all.

    >>> quantile([10, 20, 40], [1, 2, 1], 0.5), quantile([10, 40], [1, 1], 0.5)
    (20.0, 25.0)
    """
    values, reached = np.asarray(days), np.cumsum(np.asarray(deals))
    position = share * (reached[-1] - 1)
    below, above = np.searchsorted(reached, [math.floor(position), math.ceil(position)], side="right")
    return float(values[below] + (position - math.floor(position)) * (values[above] - values[below]))


def rank_test(first: ArrayLike, second: ArrayLike) -> float:
    """Two-sided Mann-Whitney p from two histograms over the same rising values, tie-corrected.

    Source: normal approximation with continuity correction, as in scipy.stats.mannwhitneyu.
    """
    one, two = np.asarray(first, float), np.asarray(second, float)
    tied, n1, n2 = one + two, float(one.sum()), float(two.sum())
    total = n1 + n2
    ranks = np.cumsum(tied) - (tied - 1) / 2
    above = float((one * ranks).sum()) - n1 * (n1 + 1) / 2
    ties = float((tied**3 - tied).sum()) / (total * (total - 1))
    spread = math.sqrt(n1 * n2 / 12 * (total + 1 - ties))
    if not spread:
        return 1.0
    distance = max(abs(above - n1 * n2 / 2) - 0.5, 0.0) / spread
    return math.erfc(distance / math.sqrt(2))


@dataclass(frozen=True, slots=True)
class Course:
    """What became of deals that were open longer than some age, day by day after it."""

    days: Days  # rising
    still: Floats  # share still open after each day (Kaplan-Meier)
    won: Floats  # share won on each day (Aalen-Johansen)
    at_risk: int  # deals known to have been open that long
    decided: int  # of these, closed since

    def day_when_open(self, share: float) -> int | None:
        """First day after which no more than `share` are still open; None when the data end before."""
        reached = np.flatnonzero(self.still <= share + 1e-12)
        return int(self.days[reached[0]]) if reached.size else None


@dataclass(frozen=True, slots=True)
class RiskTable:
    """Deals by how long they were followed: `won` or `lost` after `days`, or still `open` at that age."""

    days: Days  # rising
    won: Days
    lost: Days
    open: Days

    @property
    def last_age(self) -> int | None:
        """Greatest age beyond which `ENOUGH` deals were followed; None when there are fewer in all."""
        enough = np.flatnonzero(self._followed() >= ENOUGH)
        return int(self.days[enough[-1]]) - 1 if enough.size else None

    def after(self, age: int) -> Course:
        """The course of deals that were open longer than `age` days."""
        later = self.days > age
        followed = np.maximum(self._followed()[later], 1)
        closed = (self.won + self.lost)[later]
        still = np.cumprod(1.0 - closed / followed)
        won = np.concatenate(([1.0], still))[:-1] * self.won[later] / followed
        at_risk = int(closed.sum() + self.open[later].sum())
        return Course(self.days[later], np.asarray(still, float), won, at_risk, int(closed.sum()))

    def _followed(self) -> Days:
        """Deals followed for so many days or longer."""
        return np.cumsum((self.won + self.lost + self.open)[::-1])[::-1]
