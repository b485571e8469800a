"""Two arms drawn by lot, how many of each moved -> their difference, with a range one may look at every day.

A usual 95 % range holds for one look; of those who look every week for three years four in ten meet one
that leaves out the truth. This one holds at every look at once: over the whole course of an experiment,
however long, the chance that it ever leaves out the truth is at most 5 %. It is a score interval (its
variance is that under the difference asked about, so that few deals and rare moves do it little harm), with
the bounds of a normal mixture in place of 1.96. They are wide while little is known, and best at the planned
sample.

Source: Robbins 1970; Johari, Pekelis and Walsh 2015 (mixture); Waudby-Smith et al. 2021 (asymptotic
confidence sequences); Miettinen and Nurminen 1985 (variance). `python -m tests.bench.impact` tries it out.
"""

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.verdict import FEWEST, Z80, Z95

Floats = NDArray[np.float64]

ERROR = 0.05  #: chance that the range ever leaves out the truth
#: Deals expected to move, and not to, in the smaller arm, before there is a range: with fewer, rare moves and
#: a silent share of a twentieth break the promise (7 % instead of 5 %, by simulation).
LEAST_EXPECTED = 2.0
#: Standard deviation of the mixture, in planned effects: with it the planned sample is smallest.
SPREAD = 0.74
STEP = 0.0005  #: a range is known to a twentieth of a point
_DIFFERENCES = np.arange(-1, 1 + STEP, STEP).round(4)

#: How many standard errors a difference may be off, by how much is known (1 / variance).
Bound = Callable[[Floats], Floats]


class Arm(NamedTuple):
    """Deals of one arm, and how many of them moved."""

    moved: int
    n: int


class Gap(NamedTuple):
    """How much likelier the told deals moved, and the range it lies in: fractions, -1 to 1."""

    value: float
    low: float
    high: float


def always(effect: float, error: float = ERROR) -> Bound:
    """The bound that holds at every look, narrowest about when an effect of this size can be seen.

    >>> always(0.1)(np.array([50.0, 1500.0])).round(2).tolist()
    [5.39, 3.04]
    """

    def bound(information: Floats) -> Floats:
        known = (SPREAD * effect) ** 2 * information
        return np.asarray(np.sqrt((1 + 1 / known) * (np.log1p(known) - 2 * math.log(error))))

    return bound


def once(information: Floats) -> Floats:
    """The usual bound, which holds at one look planned beforehand."""
    return np.full_like(information, Z95)


def can_tell(told: Arm, silent: Arm) -> bool:
    """Are there deals enough in both arms, and enough that moved and did not, for a range?"""
    fewer, total = min(told.n, silent.n), told.n + silent.n
    rarer = min(told.moved + silent.moved, total - told.moved - silent.moved)
    return fewer >= FEWEST and fewer * rarer >= LEAST_EXPECTED * total


def gap(told: Arm, silent: Arm, bound: Bound) -> Gap:
    """The difference of two shares, and every difference that the counts do not contradict.

    Raises:
        ValueError: an arm has no deals.
    """
    if not told.n or not silent.n:
        raise ValueError(f"Both arms need deals (told {told.n}, silent {silent.n}).")
    seen = told.moved / told.n - silent.moved / silent.n
    fitting = _DIFFERENCES[fits(told, silent, _DIFFERENCES, bound)]
    if not fitting.size:  # every deal of one arm moved, and none of the other
        return Gap(seen, seen, seen)
    return Gap(seen, max(-1.0, float(fitting[0]) - STEP), min(1.0, float(fitting[-1]) + STEP))


def fits(told: Arm, silent: Arm, difference: Floats, bound: Bound) -> NDArray[np.bool_]:
    """Is each of these differences one that the counts do not contradict?"""
    variance = np.maximum(_variance(told, silent, difference), 1e-12)
    seen = told.moved / told.n - silent.moved / silent.n
    return np.asarray(np.abs(seen - difference) <= bound(1 / variance) * np.sqrt(variance))


def _variance(told: Arm, silent: Arm, differences: Floats) -> Floats:
    """Of the difference seen, if the true one were this; by the likeliest shares that differ so much."""
    base = _likeliest(told, silent, differences)
    above = np.clip(base + differences, 0, 1)
    total = told.n + silent.n
    variance = above * (1 - above) / told.n + base * (1 - base) / silent.n
    return np.asarray(variance * total / (total - 1))


def _likeliest(told: Arm, silent: Arm, differences: Floats) -> Floats:
    """The likeliest share of the silent arm, if the told one is higher by each of these differences.

    Source: Miettinen and Nurminen 1985, appendix I: the root of a cubic.
    """
    total, moved = told.n + silent.n, told.moved + silent.moved
    square = ((told.n + 2 * silent.n) * differences - total - moved) / total
    linear = ((silent.n * differences - total - 2 * silent.moved) * differences + moved) / total
    constant = silent.moved * differences * (1 - differences) / total
    q = square**3 / 27 - linear * square / 6 + constant / 2
    p = np.copysign(np.sqrt(np.maximum(square**2 / 9 - linear / 3, 1e-18)), q)
    angle = (math.pi + np.arccos(np.clip(q / p**3, -1, 1))) / 3
    root = 2 * p * np.cos(angle) - square / 3
    return np.asarray(np.clip(root, np.maximum(0, -differences), np.minimum(1, 1 - differences)))


def planned(effect: float, share: float, rate: float = 0.5) -> int:
    """Deals of both arms after which a true effect of this size is shown in 80 of 100 experiments.

    Args:
        effect: fraction, above 0.
        share: of the deals, kept silent.
        rate: at which all deals together move; half of them needs most deals.

    >>> planned(0.1, 0.15), planned(0.1, 0.5), planned(0.2, 0.15)
    (2918, 1488, 708)
    """
    above, below = (min(max(rate + side * effect / 2, 0.0), 1.0) for side in (1, -1))
    variance = above * (1 - above) / (1 - share) + below * (1 - below) / share
    return math.ceil(_standard_errors() ** 2 * variance / effect**2)


@cache
def _standard_errors() -> float:
    """How many standard errors the effect must be, so that the range leaves out zero in 80 of 100."""
    low, high = 1.0, 20.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        needs = float(always(1.0)(np.array([middle**2]))[0]) + Z80
        low, high = (middle, high) if middle < needs else (low, middle)
    return high
