"""How long won deals stayed in each stage -> how a deal's own stay compares, as a percentile and a limit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.generation import ClockRow, DealRow
from analytics.spans import ENOUGH, quantile

Floats = NDArray[np.float64]

EXACT = 9  #: decimals kept of a percentile, so that a stay at the limit is not beyond it


@dataclass(frozen=True, slots=True)
class Clock:
    """Completed stays of won deals in a stage: as many `deals` as there are stayed `days`, rising."""

    days: tuple[int, ...]
    deals: tuple[int, ...]
    pooled: bool  # too few won deals in this stage: all stages together

    @property
    def count(self) -> int:
        """How many stays."""
        return sum(self.deals)

    def limit(self, percent: float) -> float:
        """The days within which so many percent of the won deals left; as `metrics.stage_clock`."""
        return quantile(self.days, self.deals, percent / 100)

    def percentile(self, stays: ArrayLike) -> Floats:
        """Percent of the won deals that left sooner: more than 90 exactly when longer than `limit(90)`.

        Formula: the inverse of the quantile, straight between neighbours; 0 at the shortest stay, 100 beyond
        the longest. Unit: percent.

        >>> Clock((10, 20, 40), (1, 2, 1), pooled=False).percentile([10, 20, 30, 41]).round(2).tolist()
        [0.0, 33.33, 83.33, 100.0]
        """
        days, last = np.asarray(self.days, float), np.cumsum(self.deals) - 1
        asked = np.asarray(stays, dtype=np.float64)
        place = np.searchsorted(days, asked)
        above = np.minimum(place, len(days) - 1)
        below = np.maximum(above - 1, 0)
        span = np.where(above > below, days[above] - days[below], 1.0)
        position = last[below] + (asked - days[below]) / span
        position = np.where(place == 0, 0, np.where(place == len(days), last[-1], position))
        return np.where(np.isnan(asked), np.nan, np.round(100 * position / last[-1], EXACT))


class Clocks:
    """The clocks of all stages, each worked out when first asked for."""

    def __init__(self, stays: Iterable[ClockRow]) -> None:
        """Take the visits of won deals, in any order."""
        self._stays: dict[str, list[ClockRow]] = {}
        self._known: dict[tuple[str, str], Clock | None] = {}
        for stay in stays:
            self._stays.setdefault(stay.deal_type, []).append(stay)

    def clock(self, deal_type: str, stage: str | None) -> Clock | None:
        """How long won deals of a kind stayed in a stage; None where fewer than 30 stays are known."""
        if stage is None:
            return None
        key = deal_type, stage
        if key not in self._known:
            self._known[key] = clock(self._stays.get(deal_type, ()), stage)
        return self._known[key]

    def percentiles(self, rows: Sequence[DealRow]) -> Floats:
        """The percentile of each deal's stay, in the order of `rows`; nan where it is not known."""
        found = np.full(len(rows), np.nan)
        groups: dict[tuple[str, str | None], list[int]] = {}
        for place, row in enumerate(rows):
            groups.setdefault((row.deal_type, row.stage), []).append(place)
        for (deal_type, stage), places in groups.items():
            if known := self.clock(deal_type, stage):
                stays = [rows[place].days_in_stage for place in places]
                found[places] = known.percentile(np.array(stays, dtype=np.float64))
        return found


def clock(stays: Iterable[ClockRow], stage: str) -> Clock | None:
    """The clock of a stage among stays of one kind of business, borrowed from all stages where it is thin.

    The same deals as `metrics.stage_clock`, kept whole, so that any percentile can be asked for.
    """
    own: dict[int, int] = {}
    everywhere: dict[int, int] = {}
    for stay in stays:
        for found in (own, everywhere) if stay.stage == stage else (everywhere,):
            found[stay.days] = found.get(stay.days, 0) + stay.deals
    for found in (own, everywhere):
        if sum(found.values()) >= ENOUGH:
            days = tuple(sorted(found))
            return Clock(days, tuple(found[day] for day in days), found is everywhere)
    return None
