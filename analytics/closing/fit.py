"""Snapshots of open deals, as known on a day -> the timing that they teach."""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.closing import ages, terms
from analytics.closing.curves import HORIZONS
from analytics.closing.hazards import Hazards
from analytics.closing.terms import FADING, MIDDLES, Terms
from analytics.closing.timing import Timing
from analytics.spans import ENOUGH

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Frame = Any

FEWEST = 300  #: decided deals below which age alone speaks
MOST = 80_000  #: intervals fitted unless told otherwise
SHRINKAGE = 1.0  #: of the logistic's weights; the smaller the stronger
TOLERANCE = 2e-4  #: of the fit; ten times finer changes no figure shown
STAYS, WON, LOST = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Intervals:
    """Snapshots taken apart: one row per interval followed to its end, and what became of the deal in it."""

    snapshot: Ints  # place in the frame
    interval: Ints  # place in HORIZONS
    ended: Ints  # STAYS, WON or LOST


def fit(frame: Frame, as_of_day: int, *, most: int = MOST) -> Timing:
    """When deals are decided, as known on a day: nothing after it is looked at.

    A discrete-time hazard of being won or lost in each interval after a snapshot (multinomial logistic on
    stage, stage clock, age, activity, pushes and due date); an interval counts when it was followed to its
    end. With fewer than 300 decided deals: Aalen-Johansen on age, by kind of business.

    Args:
        frame: columns of `analytics.landmarks`, one row per deal and day, one deal on any number of days.
        most: intervals fitted, about; beyond, whole deals are left out.
    """
    seen = frame[np.asarray(frame["day"]) < as_of_day]
    rows = _intervals(seen, as_of_day)
    decided = {kind: _deals(seen, rows.snapshot[rows.ended == kind]) for kind in (WON, LOST)}
    if min(decided.values()) >= ENOUGH and sum(decided.values()) >= FEWEST:
        return Timing(
            "snapshots", sum(decided.values()), hazards=_hazards(seen, _sampled(seen, rows, most), as_of_day)
        )
    known = ages.tables(seen, as_of_day)
    closed = sum(int(table.won.sum() + table.lost.sum()) for table in known.values())
    speaks = any(table.last_age is not None for table in known.values())
    return Timing("ages" if speaks else "nothing", closed, tables=known)


def _intervals(frame: Frame, as_of_day: int) -> Intervals:
    left, outcome = np.asarray(frame["days_left"], np.int64), np.asarray(frame["outcome"], str)
    followed = np.searchsorted(HORIZONS, as_of_day - np.asarray(frame["day"], np.int64), side="right")
    last = np.where(outcome == "open", len(HORIZONS), np.searchsorted(HORIZONS, left))
    length = np.minimum(followed, last + 1)
    snapshot = np.repeat(np.arange(len(left)), length)
    interval = np.arange(len(snapshot)) - np.repeat(np.cumsum(length) - length, length)
    how = np.where(outcome == "won", WON, LOST)[snapshot]
    return Intervals(snapshot, interval, np.where(interval == last[snapshot], how, STAYS))


def _deals(frame: Frame, snapshots: Ints) -> int:
    """How many different deals these snapshots are of."""
    return len(np.unique(np.asarray(frame["deal_id"], str)[snapshots]))


def _hazards(frame: Frame, rows: Intervals, as_of_day: int) -> Hazards:
    known = terms.learn(frame, as_of_day)
    weights = _logits(_design(known, frame, rows), rows.ended)
    wide = len(weights) - known.moving(frame[:1], MIDDLES[:1]).shape[-1]
    still = weights[:wide].reshape(len(FADING.T), -1, 2).transpose(1, 0, 2)
    return Hazards(known, still, weights[wide:])


def _sampled(frame: Frame, rows: Intervals, most: int) -> Intervals:
    """Whole deals by a hash of their id until the intervals are few enough."""
    if len(rows.snapshot) <= most:
        return rows
    luck = np.array([zlib.crc32(deal.encode()) for deal in map(str, frame["deal_id"])])[rows.snapshot]
    kept = luck <= np.partition(luck, most)[most]
    return Intervals(rows.snapshot[kept], rows.interval[kept], rows.ended[kept])


def _design(known: Terms, frame: Frame, rows: Intervals) -> Any:
    """Sparse: the still columns once per day of `FADE`, then the moving ones."""
    from scipy import sparse

    still = sparse.csr_array(known.still(frame))[rows.snapshot]
    fading = FADING[rows.interval]
    parts = [still.multiply(fading[:, [place]]) for place in range(fading.shape[1])]
    moving = known.moving(frame.iloc[rows.snapshot], MIDDLES[rows.interval])
    return sparse.hstack([*parts, sparse.csr_array(moving)], format="csr")


def _logits(design: Any, ended: Ints) -> Floats:
    """Weights of being won and lost against still open: one row per column."""
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=SHRINKAGE, fit_intercept=False, max_iter=150, tol=TOLERANCE).fit(
        design, ended
    )
    return np.asarray((fitted.coef_[1:] - fitted.coef_[0]).T, float)
