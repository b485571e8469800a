"""Won and closed deals of two periods -> how far the rate moved, its range, and whether that is real."""

import math
from dataclasses import dataclass

from analytics import metrics, verdict
from analytics.facts import Verdict
from analytics.verdict import ALPHA

FEWEST = 20  #: closed deals of a period below which nothing is said of a change


@dataclass(frozen=True, slots=True)
class Count:
    """Closed deals and won ones."""

    n: int = 0
    won: int = 0

    @property
    def rate(self) -> float | None:
        """Win rate; None without a closed deal."""
        return metrics.win_rate(self.won, self.n)

    def __add__(self, other: "Count") -> "Count":
        return Count(self.n + other.n, self.won + other.won)


@dataclass(frozen=True, slots=True)
class Change:
    """After minus before, a fraction, with its 95 % interval; all None while a period has no deal."""

    value: float | None
    low: float | None
    high: float | None
    p: float | None
    verdict: Verdict
    detectable: float | None  # what as many deals would show in 80 of 100 cases

    @property
    def holds(self) -> bool:
        """Is the interval clear of zero?"""
        return self.low is not None and self.high is not None and self.low * self.high > 0


UNKNOWN = Change(None, None, None, None, Verdict.TOO_FEW, None)


def change(before: Count, after: Count) -> Change:
    """The change of the rate, by itself: one comparison, asked for beforehand.

    Source: interval of Newcombe 1998 (method 10, from the two Wilson intervals); Fisher's exact p.

    >>> seen = change(Count(990, 462), Count(637, 279))
    >>> [round(x, 3) for x in (seen.value, seen.low, seen.high)], str(seen.verdict)
    ([-0.029, -0.078, 0.021], 'Noise')
    """
    one, two = before.rate, after.rate
    if one is None or two is None:
        return UNKNOWN
    low, high = verdict.wilson([before.won, after.won], [before.n, after.n])
    gap = two - one
    below, above = math.hypot(two - low[1], high[0] - one), math.hypot(high[1] - two, one - low[0])
    p = verdict.omnibus([before.won, after.won], [before.n, after.n])
    rate = (before.won + after.won) / (before.n + after.n)
    detectable = verdict.detectable_gap(rate, 2 / (1 / before.n + 1 / after.n))
    return Change(gap, gap - below, gap + above, p, _verdict(before, after, p), detectable)


def _verdict(before: Count, after: Count, p: float | None) -> Verdict:
    if min(before.n, after.n) < FEWEST or p is None:
        return Verdict.TOO_FEW
    return Verdict.SIGNAL if p <= ALPHA else Verdict.NOISE
