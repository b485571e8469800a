"""Open deals now and what they were a week before -> one column per metric that rules ask for."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.alerts.clocks import Clocks, Floats
from analytics.generation import DealRow, ScoreRow, column
from analytics.questions import NOT_SET
from analytics.stall import idle_days
from analytics.store import Generation

Strings = NDArray[np.str_]

CENTS = 100
EXACT = 9  #: decimals kept of what was divided or taken away, so that 0.60 - 0.45 is 15 points


@dataclass(frozen=True, slots=True)
class Board:
    """Many subjects at once, each a place in every column; nan is unknown.

    Metrics are in the unit of `rules.METRICS` (points and percent as 15 for 15 %). Dimensions are those of
    `questions.Filter`; only what a filter asks for need be there.
    """

    columns: Mapping[str, Floats]
    dimensions: Mapping[str, Strings]

    def __len__(self) -> int:
        """How many subjects."""
        return len(next(iter(self.columns.values()), ()))


@dataclass(frozen=True, slots=True)
class Past:
    """What is compared with a week before."""

    amount_cents: int | None
    win_probability: float | None


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for all deals of a generation together."""

    as_of_day: int
    clocks: Clocks
    tells_next_steps: bool


def setting(generation: Generation, rows: Iterable[DealRow]) -> Setting:
    """What holds for all deals of a generation together, its open deals given."""
    clocks = Clocks(generation.stage_clock())
    return Setting(generation.as_of.toordinal(), clocks, any(row.next_step for row in rows))


def past(before: Generation | None) -> dict[str, Past]:
    """The deals that were open a week before, by id; empty when that week is not known."""
    if before is None:
        return {}
    odds = {score.deal_id: score.win_probability for score in before.scores()}
    return {row.deal_id: Past(amount_cents(row), odds.get(row.deal_id)) for row in before.open_deals()}


def past_of(before: Generation | None, deal_id: str) -> dict[str, Past]:
    """The same of one deal."""
    row = None if before is None else before.deal(deal_id)
    if before is None or row is None or row.outcome != "open":
        return {}
    score = before.score(deal_id)
    return {deal_id: Past(amount_cents(row), score.win_probability if score else None)}


def board(
    rows: Sequence[DealRow],
    scores: Mapping[str, ScoreRow],
    setting: Setting,
    past: Mapping[str, Past],
    dimensions: Collection[str] = (),
) -> Board:
    """Every metric of open deals, in the order of `rows`.

    Args:
        scores: what the models say now, by deal.
        past: what was known a week before, by deal; without it nothing fell.
        dimensions: those that filters ask for.
    """
    now = _Now(scores, setting, past)
    columns = {name: _numbers(map(metric, rows)) for name, metric in now.metrics.items()}
    columns["stage_percentile"] = setting.clocks.percentiles(rows)
    return Board(columns, {name: values(rows, name) for name in dimensions})


def values(rows: Sequence[DealRow], dimension: str) -> Strings:
    """The values of a dimension, in the order of `rows`."""
    name = column(dimension)
    return np.array([getattr(row, name) or NOT_SET for row in rows], dtype=np.str_)


@dataclass(frozen=True, slots=True)
class _Now:
    """The metrics that need more than the deal's own row."""

    scores: Mapping[str, ScoreRow]
    setting: Setting
    past: Mapping[str, Past]

    @property
    def metrics(self) -> Mapping[str, Callable[[DealRow], float | None]]:
        """Each metric of a deal, by name."""
        return {
            "amount": amount,
            "days_since_activity": idle_days,
            "days_in_stage": lambda row: row.days_in_stage,
            "win_probability_fall": self.win_probability_fall,
            "amount_fall": self.amount_fall,
            "push_count": lambda row: row.push_count,
            "days_overdue": lambda row: self.since(row.close_day),
            "days_since_update": lambda row: self.since(row.updated_day),
            "age_days": lambda row: row.age_days,
            "next_steps": self.next_steps,
        }

    def since(self, day: int | None) -> int | None:
        """Days since a day; below zero when it lies ahead."""
        return None if day is None else self.setting.as_of_day - day

    def next_steps(self, row: DealRow) -> int | None:
        """1 with a next step, 0 without; None where the source tells none at all."""
        return int(bool(row.next_step)) if self.setting.tells_next_steps else None

    def win_probability_fall(self, row: DealRow) -> float | None:
        """Points lost since the week before; below zero when it rose."""
        then, score = self.past.get(row.deal_id), self.scores.get(row.deal_id)
        if then is None or score is None or then.win_probability is None or score.win_probability is None:
            return None
        return round(100 * (then.win_probability - score.win_probability), EXACT)

    def amount_fall(self, row: DealRow) -> float | None:
        """Percent lost since the week before; below zero when it rose."""
        then, cents = self.past.get(row.deal_id), amount_cents(row)
        if then is None or not then.amount_cents or cents is None:
            return None
        return round(100 * (then.amount_cents - cents) / then.amount_cents, EXACT)


def amount_cents(row: DealRow) -> int | None:
    """The deal's amount, if it is in the main currency."""
    return row.amount_cents if row.in_main_currency else None


def amount(row: DealRow) -> float | None:
    """The same in whole units."""
    cents = amount_cents(row)
    return None if cents is None else cents / CENTS


def _numbers(found: Iterable[float | None]) -> Floats:
    return np.array([np.nan if one is None else one for one in found], dtype=np.float64)
