"""What a snapshot says of its hazard: pieces between knots, missing values apart, stages by clock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.closing.curves import HORIZONS

Floats = NDArray[np.float64]
Frame = Any  #: a DataFrame, or columns by name

#: Features that stand still after the snapshot, and the shares of deals at which their knots lie.
STILL = {
    "days_in_stage": (0.05, 0.25, 0.5, 0.75, 0.9, 0.97),
    "days_since_activity": (0.1, 0.5, 0.8, 0.9, 0.97),
    "activities_30d": (0.1, 0.5, 0.9),
    "push_count": (0.05, 0.5, 0.8, 0.95),
}
#: Features that go on with the calendar, and in which direction.
MOVING = {"age_days": 1, "days_to_due": -1}
MOVING_SHARES = (0.02, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9, 0.98)
SEASON = (0.0, 10.0, 30.0, 60.0, 90.0)  #: days to the end of the quarter, where many teams win most
FADE = (0.0, 14.0, 49.0, 140.0)  #: days after the snapshot between which what it said fades, or grows
UNFAIR = 0.05  #: difference in the share of missing values beyond which a feature is left out
EPOCH = date(1970, 1, 1).toordinal()
STARTS = np.array((0, *HORIZONS[:-1]), float)
MIDDLES = (STARTS + np.array(HORIZONS)) / 2


def hats(values: ArrayLike, knots: ArrayLike) -> Floats:
    """How near each value lies to each knot: 1 at it, 0 at the next; all 0 for a missing value.

    Returns:
        The values' shape with one more axis, an entry per knot. Beyond the knots the end one counts.

    >>> hats([0.0, 2.5, 99.0], [0, 10]).tolist()
    [[1.0, 0.0], [0.75, 0.25], [0.0, 1.0]]
    """
    at, given = np.asarray(knots, float), np.asarray(values, float)
    if len(at) < 2:
        return np.where(np.isnan(given), 0.0, 1.0)[..., None][..., : len(at)]
    inside = np.clip(np.nan_to_num(given, nan=at[0]), at[0], at[-1])
    place = np.clip(np.searchsorted(at, inside, side="right") - 1, 0, len(at) - 2)
    share = (inside - at[place]) / (at[place + 1] - at[place])
    known = ~np.isnan(given)
    near = np.zeros((*given.shape, len(at)))
    np.put_along_axis(near, place[..., None], ((1 - share) * known)[..., None], -1)
    np.put_along_axis(near, place[..., None] + 1, (share * known)[..., None], -1)
    return near


#: How much each interval lies near each day of `FADE`.
FADING = hats(MIDDLES, FADE)


@dataclass(frozen=True, slots=True)
class Terms:
    """How snapshots become columns: knots of each feature, stages and kinds of business known."""

    knots: Mapping[str, tuple[float, ...]]
    moving_knots: Mapping[str, tuple[float, ...]]
    stages: tuple[str, ...]
    deal_types: tuple[str, ...]

    def still(self, frame: Frame) -> Floats:
        """Columns that stand still after the snapshot: one row per snapshot."""
        columns = [np.ones((len(frame["deal_type"]), 1)), _one_hot(frame["deal_type"], self.deal_types)]
        stage = _one_hot(frame["stage"], self.stages)
        clock = hats(_floats(frame, "days_in_stage"), self.knots.get("days_in_stage", ()))
        columns += [stage, (stage[:, :, None] * clock[:, None, :]).reshape(len(stage), -1)]
        for feature, knots in self.knots.items():
            values = _floats(frame, feature)
            columns += [hats(values, knots), np.isnan(values)[:, None].astype(float)]
        return np.concatenate(columns, axis=1)

    def moving(self, frame: Frame, days: ArrayLike) -> Floats:
        """Columns that go on with the calendar, so many days after the snapshot (broadcast over the rows)."""
        later, columns = np.asarray(days, float), []
        for feature, knots in self.moving_knots.items():
            values = _floats(frame, feature).reshape(-1, *([1] * (later.ndim - 1)))
            columns.append(hats(values + MOVING[feature] * later, knots))
            missing = np.isnan(np.broadcast_to(values, columns[-1].shape[:-1]))
            columns.append(missing[..., None].astype(float))
        columns.append(hats(_to_quarter_end(np.asarray(frame["day"]), later), SEASON))
        return np.concatenate(columns, axis=-1)


def learn(frame: Frame, as_of_day: int) -> Terms:
    """The terms that fit snapshots as known on a day: knots where the deals lie, every stage and kind."""
    still, moving = ([one for one in names if _is_fair(frame, one, as_of_day)] for names in (STILL, MOVING))
    return Terms(
        {feature: _knots(_floats(frame, feature), STILL[feature]) for feature in still},
        {feature: _knots(_later(frame, feature, as_of_day), MOVING_SHARES) for feature in moving},
        tuple(sorted(set(map(str, frame["stage"])))),
        tuple(sorted(set(map(str, frame["deal_type"])))),
    )


def _is_fair(frame: Frame, feature: str, as_of_day: int) -> bool:
    """Is the feature told of deals still open as often as of deals decided since?

    If not, it was learned from the close, and that it is there at all gives the outcome away.
    """
    missing, day = np.isnan(_floats(frame, feature)), np.asarray(frame["day"])
    is_open = np.asarray(frame["outcome"], str) == "open"
    is_open |= day + np.asarray(frame["days_left"]) > as_of_day
    decided = ~is_open & (day >= day[is_open].min(initial=as_of_day))
    if not is_open.any() or not decided.any():
        return True
    return bool(missing[is_open].mean() - missing[decided].mean() <= UNFAIR)


def _later(frame: Frame, feature: str, as_of_day: int) -> Floats:
    """A moving feature from the snapshots' days to as far as they were followed."""
    left = np.minimum(_floats(frame, "days_left"), as_of_day - _floats(frame, "day"))
    values, way = _floats(frame, feature), MOVING[feature]
    return np.concatenate([values, values + way * left / 2, values + way * left])


def _to_quarter_end(day: ArrayLike, later: Floats) -> Floats:
    """Days from so many days after a day (its ordinal) to the end of the calendar quarter."""
    first = np.asarray(day, np.int64).reshape(-1, *([1] * (later.ndim - 1)))
    dates = (first + np.floor(later).astype(np.int64) - EPOCH).astype("datetime64[D]")
    months = dates.astype("datetime64[M]").astype(np.int64)
    ends = (months // 3 * 3 + 3).astype("datetime64[M]").astype("datetime64[D]")
    return np.asarray((ends - dates).astype(np.int64) - 1, float)


def _knots(values: Floats, shares: tuple[float, ...]) -> tuple[float, ...]:
    known = values[~np.isnan(values)]
    return tuple(np.unique(np.round(np.quantile(known, shares), 1)).tolist()) if known.size else ()


def _floats(frame: Frame, feature: str) -> Floats:
    return np.asarray(frame[feature], float)


def _one_hot(values: ArrayLike, known: tuple[str, ...]) -> Floats:
    return np.asarray(np.asarray(values, str)[:, None] == np.array(known, str)[None, :], float)
