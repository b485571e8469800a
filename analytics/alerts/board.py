"""Open deals now and what they were a week before -> one column per metric that rules ask for."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from analytics.alerts.clocks import Clocks, Floats
from analytics.generation import DealRow, column
from analytics.questions import NOT_SET
from analytics.stall import idle_days
from analytics.store import Generation, StandingRow

Strings = NDArray[np.str_]

CENTS = 100
KEPT = (
    "days_in_stage",
    "push_count",
    "close_day",
    "updated_day",
    "age_days",
)  #: read as a generation has them
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


class Past(NamedTuple):
    """What is compared with a week before."""

    amount_cents: int | None
    win_probability: float | None


NOTHING = Past(None, None)


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for all deals of a generation together."""

    as_of_day: int
    clocks: Clocks
    tells_next_steps: bool


def setting(generation: Generation) -> Setting:
    """What holds for all deals of a generation together."""
    clocks = Clocks(generation.stage_clock())
    return Setting(generation.as_of.toordinal(), clocks, generation.tells_next_steps())


def past(before: Generation | None) -> dict[str, Past]:
    """The deals that were open a week before, by id; empty when that week is not known."""
    rows = () if before is None else before.standing()
    return {row.deal_id: Past(amount_cents(row), row.win_probability) for row in rows}


def past_of(before: Generation | None, deal_id: str) -> dict[str, Past]:
    """The same of one deal."""
    row = None if before is None else before.deal(deal_id)
    if before is None or row is None or row.outcome != "open":
        return {}
    score = before.score(deal_id)
    return {deal_id: Past(amount_cents(row), score.win_probability if score else None)}


def board(
    rows: Sequence[DealRow],
    odds: Mapping[str, float | None],
    setting: Setting,
    past: Mapping[str, Past],
    dimensions: Collection[str] = (),
) -> Board:
    """Every metric of open deals, in the order of `rows`.

    Args:
        odds: win probability now, by deal.
        past: what was known a week before, by deal; without it nothing fell.
        dimensions: those that filters ask for.
    """
    told = {name: _numbers(map(attrgetter(name), rows)) for name in KEPT}
    cents = _numbers(map(amount_cents, rows))
    then = [past.get(row.deal_id, NOTHING) for row in rows]
    columns = {
        "amount": cents / CENTS,
        "days_since_activity": _numbers(map(idle_days, rows)),
        "stage_percentile": setting.clocks.percentiles(rows),
        "days_in_stage": told["days_in_stage"],
        "win_probability_fall": points_fallen(
            _numbers(was.win_probability for was in then), _numbers(odds.get(row.deal_id) for row in rows)
        ),
        "amount_fall": percent_fallen(_numbers(was.amount_cents for was in then), cents),
        "push_count": told["push_count"],
        "days_overdue": setting.as_of_day - told["close_day"],
        "days_since_update": setting.as_of_day - told["updated_day"],
        "age_days": told["age_days"],
        "next_steps": _next_steps(rows, setting),
    }
    return Board(columns, {name: values(rows, name) for name in dimensions})


def points_fallen(then: Floats, now: Floats) -> Floats:
    """Points that odds lost since; below zero when they rose."""
    return np.round(100 * (then - now), EXACT)


def percent_fallen(then: Floats, now: Floats) -> Floats:
    """Percent that amounts lost since; below zero when they rose."""
    known = np.where(then > 0, then, np.nan)
    return np.round(100 * (known - now) / known, EXACT)


def _next_steps(rows: Sequence[DealRow], setting: Setting) -> Floats:
    """1 with a next step, 0 without; nan where the source tells none at all."""
    if not setting.tells_next_steps:
        return np.full(len(rows), np.nan)
    return _numbers(bool(row.next_step) for row in rows)


def values(rows: Sequence[DealRow], dimension: str) -> Strings:
    """The values of a dimension, in the order of `rows`."""
    name = column(dimension)
    return np.array([getattr(row, name) or NOT_SET for row in rows], dtype=np.str_)


def amount_cents(row: DealRow | StandingRow) -> int | None:
    """The deal's amount, if it is in the main currency."""
    return row.amount_cents if row.in_main_currency else None


def _numbers(found: Iterable[float | None]) -> Floats:
    return np.array(list(found), dtype=np.float64)  # None becomes nan
