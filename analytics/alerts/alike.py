"""Deals alerted on and deals like them on the same days -> were they lost more often, and how sure is that?

The day of the alert is where both sides start: a deal is compared with those that were open on that day, and
not over the line on it, whatever came later, so nobody has lived longer to be counted. They are of the same
kind of business, stage and band of age. Both sides were followed equally long, and compared is the share lost
of what was decided since; who is still open is told beside it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from analytics.alerts.replay import Replay
from analytics.generation import AGE_BANDS
from analytics.verdict import FEWEST, Z80, wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Truths = NDArray[np.bool_]

ENOUGH = 20  #: decided deals on either side below which nothing is judged

#: What a comparable deal shares with the one alerted on, the strictest first; the next where too few do.
LIKENESS = (("deal_type", "stage", "age_band"), ("deal_type", "stage"), ("deal_type",))


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison: deals decided since, their share lost, and who is still open."""

    deals: int  # decided since
    lost: float  # share of these, 0 to 1
    low: float  # 95 % interval, each deal counted once
    high: float
    open_share: float  # of all on this side, the share that is still open


@dataclass(frozen=True, slots=True)
class Contrast:
    """Deals alerted on against deals like them."""

    alerted: Side
    alike: Side
    difference: float
    low: float
    high: float
    lift: float | None  # share lost of the alerted over that of those like them; None where these lost none
    lift_low: float | None
    lift_high: float | None
    p: float
    detectable: float  # the difference that would be seen in 80 of 100 cases
    alone: int  # decided deals alerted on that nothing is like; left out
    bounds: tuple[float, float]  # share lost of the alerted if every one still open were won; were lost


@dataclass(frozen=True, slots=True)
class _Cells:
    """Rows grouped by what they share, on each day: how the decided ones of a group ended."""

    of_alert: Ints  # the group of each alert
    of_like: Ints  # the group of each comparable row
    lost: Floats  # share of the decided, nan without any
    decided: Ints
    open_share: Floats


def contrast(replay: Replay, alerts: Ints, like: Truths) -> Contrast | None:
    """Were the deals of some rows lost more often than comparable ones of the same days?

    For each alert the share lost among the deals like it on its day is what was to be expected; both are
    averaged over the alerts whose deal was decided. A deal may be on both sides and on many days; for the
    intervals it is one cluster.

    Args:
        alerts: rows of the replay, one for each deal.
        like: which rows may be compared with: those about which the rule might have been, and was not.

    Returns:
        None with fewer than `ENOUGH` decided deals on either side.

    Source: direct standardisation to the alerted; linearised variance by cluster with Student's t, and for
    shares near 0 or 1 what Agresti and Coull 1998 add to it; shares of one side by Wilson.
    """
    lost = _lost(replay)
    likes = np.flatnonzero(like & np.isin(replay.day, replay.day[alerts]))
    levels = [_cells(replay, alerts, likes, lost, names) for names in LIKENESS]
    level = _strictest(levels)
    ended = lost[replay.deal[alerts]]
    counted = ~np.isnan(ended) & (level >= 0)
    expected, still_open = _expected(levels, level)
    pull = _pull(replay, likes, lost, levels, level, counted)
    if min(int(counted.sum()), pull.deals) < ENOUGH:
        return None
    usual = float(expected[counted].mean())
    alike = _side(pull.deals, usual, float(still_open[level >= 0].mean()), pull.worth(usual))
    alerted = _side(int(counted.sum()), float(ended[counted].mean()), float(np.isnan(ended).mean()))
    own = np.zeros((2, len(pull.by_deal)))
    deal = replay.deal[alerts[counted]]
    own[0, deal], own[1, deal] = ended[counted], expected[counted]
    clusters = _Clusters(own, np.isin(np.arange(len(pull.by_deal)), deal), pull.by_deal)
    open_deals, lost_deals = int(np.isnan(ended).sum()), int(np.nansum(ended))
    bounds = lost_deals / len(ended), (lost_deals + open_deals) / len(ended)
    alone = int((~np.isnan(ended) & (level < 0)).sum())
    return _contrast(alerted, alike, clusters, alone, bounds)


def _lost(replay: Replay) -> Floats:
    """By deal: 1 lost, 0 won, nan still open."""
    outcome = replay.fates.outcome
    return np.where(outcome == "open", np.nan, np.where(outcome == "lost", 1.0, 0.0))


def _keys(replay: Replay, rows: Ints, names: Sequence[str]) -> Ints:
    """A number that rows share which are of one day and alike in `names`."""
    key = replay.day[rows]
    for name in names:
        codes, size = _codes(replay, rows, name)
        key = key * size + codes
    return key


def _codes(replay: Replay, rows: Ints, name: str) -> tuple[Ints, int]:
    if name == "age_band":
        ends = [end for end, _ in AGE_BANDS if end is not None]
        age = replay.board.columns["age_days"][rows]
        return np.searchsorted(ends, age, side="right"), len(AGE_BANDS)
    column = replay.dimensions[name]
    return column.codes[rows], len(column.values)


def _cells(replay: Replay, alerts: Ints, likes: Ints, lost: Floats, names: Sequence[str]) -> _Cells:
    both = np.concatenate([_keys(replay, rows, names) for rows in (alerts, likes)])
    _, place = np.unique(both, return_inverse=True)
    of_like, size = place[len(alerts) :], int(place.max(initial=-1)) + 1
    ended = lost[replay.deal[likes]]
    rows = np.bincount(of_like, minlength=size)
    decided = np.bincount(of_like, ~np.isnan(ended), size)
    share = np.bincount(of_like, np.nan_to_num(ended), size) / np.where(decided, decided, np.nan)
    still_open = (rows - decided) / np.where(rows, rows, np.nan)
    return _Cells(place[: len(alerts)], of_like, share, decided.astype(np.int64), still_open)


def _strictest(levels: Sequence[_Cells]) -> Ints:
    """For each alert the first level with enough deals like it, else the last with any; -1 without."""
    found = np.full(len(levels[0].of_alert), -1)
    for place, cells in reversed([*enumerate(levels)]):
        few = FEWEST if place < len(levels) - 1 else 1
        found[cells.decided[cells.of_alert] >= few] = place
    return found


def _expected(levels: Sequence[_Cells], level: Ints) -> tuple[Floats, Floats]:
    """For each alert the share lost, and still open, among the deals like it."""
    lost, still_open = np.full(len(level), np.nan), np.full(len(level), np.nan)
    for place, cells in enumerate(levels):
        here = level == place
        lost[here], still_open[here] = (
            share[cells.of_alert[here]] for share in (cells.lost, cells.open_share)
        )
    return lost, still_open


@dataclass(frozen=True, slots=True)
class _Pull:
    """How each deal moves the expected share: the sum of it squared is the share's variance."""

    by_deal: Floats
    deals: int  # decided deals that the share rests on

    def worth(self, share: float) -> float:
        """How many deals, each looked at once, would tell as surely."""
        variance = float((self.by_deal**2).sum())
        return min(share * (1 - share) / variance if variance else math.inf, self.deals)


def _pull(
    replay: Replay, likes: Ints, lost: Floats, levels: Sequence[_Cells], level: Ints, counted: Truths
) -> _Pull:
    deal, size = replay.deal[likes], len(replay.fates.deal_ids)
    pull, used, ended = np.zeros(size), np.zeros(size, np.bool_), lost[deal]
    for place, cells in enumerate(levels):
        here = cells.of_alert[counted & (level == place)]
        weight = np.bincount(here, minlength=len(cells.decided)) / max(int(counted.sum()), 1)
        rows = ~np.isnan(ended) & (weight[cells.of_like] > 0)
        cell = cells.of_like[rows]
        moved = weight[cell] * (ended[rows] - cells.lost[cell]) / cells.decided[cell]
        pull += np.bincount(deal[rows], moved, size)
        used[deal[rows]] = True
    return _Pull(pull, int(used.sum()))


@dataclass(frozen=True, slots=True)
class _Clusters:
    """What each deal adds to the averages: its own outcome, what was expected of it, and its `_Pull`."""

    own: Floats  # two rows: 1 for lost, and the share expected; 0 for a deal not alerted on
    alerted: Truths
    pull: Floats

    def error(self, times: float, beyond: float) -> float:
        """Standard error of the mean outcome minus so many `times` what was expected, which is `beyond`."""
        count = int(self.alerted.sum())
        parts = np.where(self.alerted, self.own[0] - times * self.own[1] - beyond, 0.0) / count
        variance = float(((parts - times * self.pull) ** 2).sum()) * count / (count - 1)
        return math.sqrt(variance + _near_the_end(float(self.own[0].sum()), count))


def _near_the_end(lost: float, count: int) -> float:
    """What a share near 0 or 1 hides of its variance."""
    share, moderate = lost / count, (lost + 2) / (count + 4)
    return max(moderate * (1 - moderate) / (count + 4) - share * (1 - share) / count, 0.0)


def _side(deals: int, lost: float, open_share: float, worth: float | None = None) -> Side:
    size = deals if worth is None else worth
    low, high = wilson([lost * size], [size])
    return Side(deals, lost, float(low[0]), float(high[0]), open_share)


def _contrast(
    alerted: Side, alike: Side, clusters: _Clusters, alone: int, bounds: tuple[float, float]
) -> Contrast:
    difference = alerted.lost - alike.lost
    error, far = clusters.error(1.0, difference), float(stdtrit(alerted.deals - 1, 0.975))
    lift, lift_low, lift_high = _lift(alerted, alike, clusters, far)
    return Contrast(
        alerted=alerted,
        alike=alike,
        difference=difference,
        low=max(difference - far * error, -1.0),
        high=min(difference + far * error, 1.0),
        lift=lift,
        lift_low=lift_low,
        lift_high=lift_high,
        p=2 * float(stdtr(alerted.deals - 1, -abs(difference) / error)) if error else 1.0,
        detectable=min((far + Z80) * error, 1.0),
        alone=alone,
        bounds=bounds,
    )


def _lift(
    alerted: Side, alike: Side, clusters: _Clusters, far: float
) -> tuple[float | None, float | None, float | None]:
    """The ratio of the shares lost with its interval, taken on the logarithm."""
    if not alike.lost or not alerted.lost:
        return None, None, None
    lift = alerted.lost / alike.lost
    reach = far * clusters.error(lift, 0.0) / alerted.lost
    return lift, lift * math.exp(-reach), lift * math.exp(reach)
