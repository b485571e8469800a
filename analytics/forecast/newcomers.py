"""Deals created lately in; how many more will come and be won within so many days, and their amounts, out."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.spans import RiskTable

Frame = Any
Floats = NDArray[np.float64]

LATELY = 182  #: days over which arrivals are counted
COHORTS = 365  #: days over which their fate is followed
WEEKS = np.arange(0, 371, 7)


@dataclass(frozen=True, slots=True)
class Newcomers:
    """Deals not there yet that will be won in a period: how many; mean and mean square of their amounts."""

    wins: float
    mean: float
    square: float

    @property
    def amount(self) -> float:
        """What they are expected to bring."""
        return self.wins * self.mean

    @property
    def variance(self) -> float:
        """Of what they bring, by chance alone."""
        return self.wins * self.square


NOBODY = Newcomers(0.0, 0.0, 0.0)


def newcomers(kinds: Mapping[str, Any], after: int, until: int, shares: Mapping[str, float]) -> Newcomers:
    """Deals created after today and won more than `after` and at most `until` days from now.

    Args:
        kinds: what `arrivals` found.
        shares: of each kind of business, the share that is meant (1 for all deals).
    """
    parts = [_expected(kinds[kind], after, until, share) for kind, share in shares.items() if kind in kinds]
    return _together(parts)


def _expected(kind: Mapping[str, Any], after: int, until: int, share: float) -> Newcomers:
    first, last = np.interp([after, until], WEEKS, kind["won_by"])
    return Newcomers(max(float(last - first), 0.0) * share, kind["mean"], kind["square"])


def _together(parts: Iterable[Newcomers]) -> Newcomers:
    found = [part for part in parts if part.wins > 0]
    wins = sum(part.wins for part in found)
    if not wins:
        return NOBODY
    mean = sum(part.amount for part in found) / wins
    return Newcomers(wins, mean, sum(part.variance for part in found) / wins)


def arrivals(deals: Frame, day: int) -> dict[str, dict[str, Any]]:
    """What arrives and wins by kind of business, as known on a day.

    Expected wins within T days of deals yet to be created: deals created per day x the sum over x < T of the
    share won within x days of creation (Aalen-Johansen over the last year's deals).

    Returns:
        By kind: `won_by`, expected wins within each of `WEEKS` days; `mean` and `square` of a won amount.
    """
    known = deals[np.asarray(deals["created_day"]) <= day]
    kinds = np.asarray(known["deal_type"], str)
    return {str(kind): _kind(known[kinds == kind], day) for kind in np.unique(kinds)}


def _kind(deals: Frame, day: int) -> dict[str, Any]:
    created, close = np.asarray(deals["created_day"], int), np.asarray(deals["close_day"], float)
    closed = (np.asarray(deals["outcome"], str) != "open") & (close <= day)
    won = closed & (np.asarray(deals["outcome"], str) == "won")
    amounts = np.nan_to_num(np.asarray(deals["amount"], float)[won & (close > day - COHORTS)])
    per_day = float(np.sum(created > day - LATELY)) / LATELY
    recent = created > day - COHORTS
    life = np.where(closed, close, day)[recent].astype(int) - created[recent]
    expected = per_day * _won_by(life, won[recent], closed[recent])
    mean, square = (float(np.mean(amounts**power)) if amounts.size else 0.0 for power in (1, 2))
    return {"won_by": expected.round(4).tolist(), "mean": mean, "square": square}


def _won_by(life: NDArray[np.int64], won: NDArray[np.bool_], closed: NDArray[np.bool_]) -> Floats:
    """Sum over x < T of the share won within x days of creation, at T = each of `WEEKS`."""
    longest = int(WEEKS[-1])
    counts = [np.bincount(life[which], minlength=longest + 1) for which in (won, closed & ~won, ~closed)]
    course = RiskTable(np.arange(max(map(len, counts))), *_equally_long(counts)).after(-1)
    share = np.cumsum(course.won)[:longest]
    return np.asarray(np.concatenate([[0.0], np.cumsum(share)])[WEEKS], float)


def _equally_long(counts: list[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
    longest = max(map(len, counts))
    return [np.pad(count, (0, longest - len(count))) for count in counts]
