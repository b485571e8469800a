"""Chances and what came of them -> how good the chances were, with weights per snapshot."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from analytics.drivers.features import Floats, Ints

BINS = 10
RESAMPLES = 1000
#: Quantiles of the bootstrap that leave 95 % between them.
TAILS = (0.025, 0.975)


@dataclass(frozen=True, slots=True)
class Gain:
    """How much a mean loss falls, with the 95 % range of a paired bootstrap over deals."""

    mean: float
    low: float
    high: float


def losses(y: Floats, p: Floats) -> Floats:
    """Log loss of each snapshot."""
    safe = np.clip(p, 1e-12, 1 - 1e-12)
    return -(y * np.log(safe) + (1 - y) * np.log1p(-safe))


def log_loss(y: Floats, p: Floats, weight: Floats) -> float:
    """Mean log loss."""
    return float(np.average(losses(y, p), weights=weight))


def brier(y: Floats, p: Floats, weight: Floats) -> float:
    """Mean squared distance."""
    return float(np.average((y - p) ** 2, weights=weight))


def auc(y: Floats, p: Floats, weight: Floats) -> float | None:
    """Chance that a won snapshot has higher odds than one that was not won, ties by half; None without both.

    >>> auc(np.array([0.0, 1.0, 1.0]), np.array([0.2, 0.2, 0.9]), np.ones(3))
    0.75
    """
    _, place = np.unique(p, return_inverse=True)
    won, lost = np.bincount(place, weight * y), np.bincount(place, weight * (1 - y))
    if not won.sum() or not lost.sum():
        return None
    below = np.cumsum(lost) - lost / 2
    return float((won * below).sum() / (won.sum() * lost.sum()))


def bins(p: Floats, weight: Floats, count: int = BINS) -> Ints:
    """The bin of each snapshot: equal shares of the weight, in order of the odds, ties together."""
    values, place = np.unique(p, return_inverse=True)
    mass = np.bincount(place, weight, len(values))
    middle = (np.cumsum(mass) - mass / 2) / mass.sum()
    return np.asarray(np.minimum((middle * count).astype(np.int64), count - 1)[place])


def ece(y: Floats, p: Floats, weight: Floats) -> float:
    """Expected calibration error: the mean distance of odds and outcome over ten bins of equal weight."""
    of = bins(p, weight)
    return float(np.abs(np.bincount(of, weight * (y - p), BINS)).sum() / weight.sum())


def ece_floor(deals: float) -> float:
    """What a perfect model shows on so many deals. Source: numbers.md part 2, by simulation."""
    return float(0.8 * np.sqrt(2.5 / max(deals, 1.0)))


def gain(worse: Floats, better: Floats, weight: Floats, deal: Ints) -> Gain:
    """How much lower the mean of `better` is than of `worse`, both one loss per snapshot.

    Source: paired bootstrap, whole deals drawn with replacement (Poisson counts), so that several snapshots
    of one deal count as the one deal they are.
    """
    _, place = np.unique(deal, return_inverse=True)
    saved = np.bincount(place, weight * (worse - better)).astype(float)
    mass = np.bincount(place, weight).astype(float)
    low, high = np.quantile(_resampled(saved, mass), TAILS)
    return Gain(float(saved.sum() / mass.sum()), float(low), float(high))


def _resampled(saved: Floats, mass: Floats) -> Floats:
    """The ratio of the sums over resamples of the deals."""
    sums = np.vstack([drawn @ np.column_stack([saved, mass]) for drawn in _resamples(len(saved))])
    return np.asarray(sums[:, 0] / np.maximum(sums[:, 1], 1e-12))


@lru_cache(maxsize=1)
def _resamples(deals: int) -> list[NDArray[np.int8]]:
    """How often each deal is drawn, one row per resample, in parts; kept, for every gain of a trial asks."""
    rng = np.random.default_rng(deals)
    return [rng.poisson(1.0, (50, deals)).astype(np.int8) for _ in range(RESAMPLES // 50)]


def effective(weight: Floats) -> float:
    """How many equal weights these are worth. Source: Kish 1965."""
    return float(weight.sum() ** 2 / (weight**2).sum()) if weight.size else 0.0


def is_clear(one: Gain) -> bool:
    """Does the whole range lie above zero?"""
    return one.low > 0
