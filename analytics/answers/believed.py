"""What a generation teaches about deals of a kind of business: rates of owners and segments, fates by age."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analytics import verdict
from analytics.answers.remember import remembered
from analytics.metrics import StageClock, stage_clock
from analytics.questions import ALL_TIME, EVERYONE
from analytics.spans import RiskTable
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
def rates(generation: Generation, dimension: str, deal_type: str) -> Rates:
    """Rates of all values of a dimension, within a kind of business."""
    rows = generation.cells((dimension,), (), ALL_TIME, deal_type, EVERYONE)
    found = verdict.prior([row.won for row in rows], [row.deals for row in rows])
    return Rates(found, {row.values[0]: (row.won, row.deals) for row in rows})


@remembered
def fates(generation: Generation, deal_type: str) -> RiskTable:
    """How deals of a kind of business ended by age, and how old the open ones are."""
    rows = [row[1:] for row in generation.ages(deal_type)]
    return RiskTable(*np.array(rows, np.int64).reshape(-1, 4).T)


@remembered
def clock(generation: Generation, stage: str, deal_type: str) -> StageClock | None:
    """How long won deals of a kind stayed in a stage."""
    visits = (row for row in generation.stage_clock() if row.deal_type == deal_type)
    return stage_clock(((row.stage, row.days, row.deals) for row in visits), stage)
