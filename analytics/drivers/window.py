"""A landmarks frame and a day -> what was known on that day of who is won within the horizon, with weights.

The question is: of deals open on a day, which are won within `horizon` days? A deal that was followed so long
and is undecided was not won, so deals that linger count; to learn from closed deals alone overstates.
"""

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.drivers import features
from analytics.drivers.features import Bools, Columns, Floats, Ints

#: Days within which the chance is given: most closed deals' time left, within bounds.
#: Source: 97 of 100 decisions fall within it, so little is lost, and few deals wait for their label.
HORIZON_SHARE, HORIZON_LEAST, HORIZON_MOST = 0.97, 60, 365

#: Days after which a snapshot counts half. Source: product.md 4, decay of old deals; a year and a half keeps
#: seasons comparable and lets a change of two quarters weigh more than twice what it did two years ago.
HALF_LIFE = 540
MOST_WEIGHT = 8.0  #: of one snapshot that stands for others not yet decided; a bound
FOLDS = 3  #: parts of the deals that hold each other back; more cost time


@dataclass(frozen=True, slots=True)
class Snapshots:
    """A landmarks frame as arrays."""

    table: Columns
    deal: Ints  # a code per deal
    fold: Ints  # 0 to FOLDS - 1, the same for all snapshots of a deal
    day: Ints
    days_left: Ints
    is_decided: Bools
    is_won: Bools

    def __len__(self) -> int:
        return len(self.day)

    def rows(self, chosen: NDArray[Any]) -> "Snapshots":
        """Some of the snapshots, by mask or by place."""
        return Snapshots(
            features.rows(self.table, chosen),
            self.deal[chosen],
            self.fold[chosen],
            self.day[chosen],
            self.days_left[chosen],
            self.is_decided[chosen],
            self.is_won[chosen],
        )


@dataclass(frozen=True, slots=True)
class Window:
    """Snapshots whose end is known: `y` 1.0 when won within the horizon.

    Weights sum to the number of deals, so that a deal seen on many days is not many deals.
    """

    table: Columns
    deal: Ints
    fold: Ints
    day: Ints
    y: Floats
    weight: Floats

    def __len__(self) -> int:
        return len(self.y)

    @property
    def deals(self) -> int:
        """How many different deals."""
        return len(np.unique(self.deal))

    @property
    def base(self) -> float:
        """Share won."""
        return float(np.average(self.y, weights=self.weight)) if len(self) else 0.0

    def rows(self, chosen: NDArray[Any]) -> "Window":
        """Some of the snapshots, by mask or by place."""
        table = features.rows(self.table, chosen)
        own = self.deal[chosen], self.fold[chosen], self.day[chosen]
        return Window(table, *own, self.y[chosen], self.weight[chosen])


def snapshots(frame: Any) -> Snapshots:
    """The frame of `landmarks.training`, read once."""
    ids, deal = np.unique(np.asarray(frame["deal_id"], dtype=object).astype(str), return_inverse=True)
    fold = np.array([zlib.crc32(one.encode()) % FOLDS for one in ids], np.int64)
    outcome = np.asarray(frame["outcome"], dtype=object)
    return Snapshots(
        table=features.columns(frame),
        deal=deal.astype(np.int64),
        fold=fold[deal] if len(ids) else np.zeros(0, np.int64),
        day=np.asarray(frame["day"], np.int64),
        days_left=np.asarray(frame["days_left"], np.int64),
        is_decided=outcome != "open",
        is_won=outcome == "won",
    )


def horizon(seen: Snapshots, share: float = HORIZON_SHARE) -> int:
    """Days within which a chance is given, for this data: `share` of the decisions fall within them."""
    left = seen.days_left[seen.is_decided]
    if not left.size:
        return HORIZON_LEAST
    return int(np.clip(np.ceil(np.quantile(left, share)), HORIZON_LEAST, HORIZON_MOST))


def known_on(seen: Snapshots, day: int, within: int, *, decay: bool = True) -> Window:
    """What was known on `day`: snapshots before it that were decided by then, or followed for `within` days.

    Of snapshots taken shortly before `day` only the quick ends are known. Each known end is therefore
    weighted by one over the chance of being followed so long, and stands for those not yet decided.

    Source: inverse-probability-of-censoring weights, Robins and Rotnitzky 1992; who is followed how long
    depends on the day of the snapshot alone.
    """
    past = seen.rows(seen.day < day)
    followed = day - past.day
    aged = np.exp2(-followed / HALF_LIFE) if decay else np.ones(len(past))
    decided = past.is_decided & (past.days_left <= np.minimum(followed, within))
    needed = np.where(decided, past.days_left, within)
    known = decided | (followed >= within)
    weight = np.minimum(1 / _share_followed(followed, aged, needed), MOST_WEIGHT) * aged
    y = (decided & past.is_won).astype(float)
    window = Window(past.table, past.deal, past.fold, past.day, y, weight).rows(known)
    return _scaled(window)


def _share_followed(followed: Ints, aged: Floats, needed: Ints) -> Floats:
    """Of all snapshots, by weight, the share followed for as long as each needs."""
    order = np.argsort(followed)
    beyond = np.append(np.cumsum(aged[order][::-1])[::-1], 0.0)
    place = np.searchsorted(followed[order], needed, side="left")
    total = beyond[0] if len(order) else 1.0
    return np.asarray(np.maximum(beyond[place] / total, 1e-9))


def _scaled(window: Window) -> Window:
    total = float(window.weight.sum())
    weight = window.weight * (window.deals / total) if total else window.weight
    return Window(window.table, window.deal, window.fold, window.day, window.y, weight)


def fully_followed(seen: Snapshots, first: int, end: int, as_of_day: int, within: int) -> Window:
    """Snapshots from `first` to before `end` that were followed for the whole horizon by `as_of_day`."""
    chosen = seen.rows((seen.day >= first) & (seen.day < end) & (seen.day + within <= as_of_day))
    y = (chosen.is_won & (chosen.days_left <= within)).astype(float)
    return Window(chosen.table, chosen.deal, chosen.fold, chosen.day, y, np.ones(len(y)))
