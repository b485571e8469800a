"""What a generation teaches about deals of a kind of business: rates of owners and segments, fates by age."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from analytics import verdict
from analytics.answers.remember import remembered
from analytics.generation import AGE_BANDS, DealRow
from analytics.metrics import BaseRate, StageClock, base_rate_at_age, base_rate_of_looks, stage_clock
from analytics.questions import ALL_TIME, EVERYONE, Period
from analytics.spans import ENOUGH, RiskTable
from analytics.store import Generation
from analytics.verdict import Prior


@dataclass(frozen=True, slots=True)
class Rates:
    """Win rates of a dimension's values, luck-adjusted."""

    prior: Prior
    counts: Mapping[str, tuple[int, int]]  # value -> won, closed

    def of(self, value: str) -> tuple[float, int] | None:
        """Shrunken rate and closed deals; a value without any gets the prior's; None when no deal closed."""
        if not self.counts:
            return None
        won, closed = self.counts.get(value, (0, 0))
        return float(self.prior.shrink(won, closed)), closed


@remembered
def rates(generation: Generation, dimension: str, deal_type: str, until: date | None = None) -> Rates:
    """Rates of all values of a dimension, within a kind of business, of deals closed by a day."""
    period = Period(None, until, "") if until else ALL_TIME
    rows = generation.cells((dimension,), (), period, deal_type, EVERYONE)
    found = verdict.prior([row.won for row in rows], [row.deals for row in rows])
    return Rates(found, {row.values[0]: (row.won, row.deals) for row in rows})


@remembered
def fates(generation: Generation, deal_type: str) -> RiskTable:
    """How deals of a kind of business ended by age, and how old the open ones are."""
    rows = [row[1:] for row in generation.ages(deal_type)]
    return RiskTable(*np.array(rows, np.int64).reshape(-1, 4).T)


@dataclass(frozen=True, slots=True)
class Level:
    """A base rate and the deals that it is of: "stage_and_age", "stage", or "age"."""

    rate: BaseRate
    of: str


def base_rate_at(generation: Generation, row: DealRow) -> Level | None:
    """How deals like an open one ended: those seen in its stage at such an age, if there are enough.

    Else those seen in its stage at any age, else those that were open at its age; None when there are too few
    of these as well.
    """
    age = generation.as_of.toordinal() - row.created_day
    if row.stage:
        for band, of in ((band_of(age), "stage_and_age"), (None, "stage")):
            if (found := _seen(generation, row.deal_type, row.stage, band)) is not None:
                return Level(found, of)
    lived = base_rate_at_age(fates(generation, row.deal_type), age)
    return Level(lived, "age") if lived else None


def band_of(age: int) -> int:
    """The place in `AGE_BANDS` of an age in days.

    >>> band_of(0), band_of(27), band_of(28), band_of(5_000)
    (0, 0, 1, 6)
    """
    return sum(end is not None and age >= end for end, _ in AGE_BANDS)


@remembered
def _seen(generation: Generation, deal_type: str, stage: str, age_band: int | None) -> BaseRate | None:
    """How deals ended that were seen in a stage, in a band of age or in any; None for fewer than `ENOUGH`."""
    rows = generation.fates(deal_type, stage, age_band)
    deals = sum(row.stage_deals if age_band is None else row.deals for row in rows)
    if deals < ENOUGH:
        return None
    days, place = np.unique([row.days for row in rows], return_inverse=True)
    ends = (np.bincount(place, [getattr(row, end) for row in rows]) for end in ("won", "lost", "open"))
    return base_rate_of_looks(RiskTable(days, *(end.astype(np.int64) for end in ends)), deals)


@remembered
def clock(generation: Generation, stage: str, deal_type: str) -> StageClock | None:
    """How long won deals of a kind stayed in a stage."""
    visits = (row for row in generation.stage_clock() if row.deal_type == deal_type)
    return stage_clock(((row.stage, row.days, row.deals) for row in visits), stage)
