"""Amounts and chances of open deals in; the amount won in a period, with P10, P50 and P90, out."""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit, ndtri

from analytics.forecast.newcomers import NOBODY, Newcomers

Floats = NDArray[np.float64]

DRAWS = 2_000
BIG = 250  #: deals drawn one by one, those that move the sum most; the others as one normal amount
SHOCKS = np.linspace(-4.0, 4.0, 17)  #: where the sum of the small ones is worked out
SHARES = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What will be won: the mean, and P10, P50, P90."""

    mean: float
    low: float
    median: float
    high: float


def expect(
    amount: ArrayLike,
    chance: ArrayLike,
    *,
    shock: float = 0.0,
    spread: float = 0.0,
    new: Newcomers = NOBODY,
    draws: int = DRAWS,
) -> Outlook:
    """The amount won from open deals and from deals not there yet, by simulation.

    Deals win alone, but for a common shock: in each draw every logit moves by the same normal amount of
    standard deviation `shock`, and the number of newcomers by that and a further `spread`. The order of the
    deals does not matter, and the same deals give the same figures.

    Args:
        amount: of each open deal, whole units; a deal without one adds nothing.
        chance: of each, to be won in the period.
        shock, spread: as `study` found them.
        new: deals to come.
    """
    amounts, chances = _in_order(np.nan_to_num(np.asarray(amount, float)), np.asarray(chance, float))
    rng = np.random.default_rng(zlib.crc32(amounts.tobytes() + chances.tobytes()))
    common = shock * ndtri((rng.permutation(draws) + 0.5) / draws)
    total = _big(rng, amounts[:BIG], chances[:BIG], common) + _small(
        rng, amounts[BIG:], chances[BIG:], common
    )
    total += _arrivals(rng, new, common, spread)
    low, median, high = np.quantile(total, SHARES)
    return Outlook(float(amounts @ chances) + new.amount, float(low), float(median), float(high))


def _in_order(amounts: Floats, chances: Floats) -> tuple[Floats, Floats]:
    """The deals that count, those that move the sum most first."""
    counts = (amounts > 0) & (chances > 0)
    amounts, chances = amounts[counts], np.clip(chances[counts], 0.0, 1.0)
    order = np.lexsort((chances, amounts, -(amounts**2) * chances * (1 - chances)))
    return amounts[order], chances[order]


def _big(rng: Generator, amounts: Floats, chances: Floats, common: Floats) -> Floats:
    wins = rng.random((len(common), len(amounts))) < expit(logit(chances) + common[:, None])
    return np.asarray(wins @ amounts)


def _small(rng: Generator, amounts: Floats, chances: Floats, common: Floats) -> Floats:
    """The sum of many small deals: normal, given the shock."""
    if not len(amounts):
        return np.zeros(len(common))
    at = SHOCKS * max(float(np.abs(common).max()) / SHOCKS[-1], 1e-9)
    shifted = expit(logit(chances) + at[:, None])
    mean = np.interp(common, at, shifted @ amounts)
    variance = np.interp(common, at, (shifted * (1 - shifted)) @ amounts**2)
    return np.asarray(np.maximum(mean + np.sqrt(variance) * rng.standard_normal(len(common)), 0.0))


def _arrivals(rng: Generator, new: Newcomers, common: Floats, spread: float) -> Floats:
    """Newcomers: a Poisson number of wins, their amounts as one gamma of the right mean and variance."""
    if not new.wins:
        return np.zeros(len(common))
    wobble = common + spread * rng.standard_normal(len(common))
    wins = rng.poisson(new.wins * np.exp(wobble - wobble.var() / 2))
    variance = max(new.square - new.mean**2, 1e-6 * new.mean**2)
    shape = np.maximum(wins * new.mean**2 / variance, 1e-12)
    return np.asarray(rng.gamma(shape, variance / new.mean) * (wins > 0))
