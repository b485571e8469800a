"""Counts of closed deals per group go in; the rows of a breakdown come out: pooled, tested, in order.

A row has everything that may be said of it as plain numbers; `analytics.answers` makes facts of them.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from analytics import metrics, questions, verdict
from analytics.facts import Verdict
from analytics.questions import Period
from analytics.store import CellRow
from analytics.verdict import ALPHA, FEWEST, Judgement, Prior

MOST_CELLS = 100  #: rows of an answer; the groups with fewest deals beyond it are pooled
POOLED = "(pooled)"  #: stands for the values of pooled groups
POOLED_INCOMPLETE = "(pooled, incomplete)"  #: the same, of periods that must not be compared
INTAKE_DAYS = 30  #: without a new deal for longer than this, the intake has ended
TIME = ("quarter", "month")
PEOPLE = {"rep", "team"}  #: dimensions whose rates are people's


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that make a period incomplete: of the data, and of the question's own period."""

    as_of: date
    first_close: date | None
    last_created: date | None
    asked: Period = questions.ALL_TIME

    def incomplete(self, period: Period) -> str:
        """Why a period must not be compared, "" when it may.

        "running": the day of the data lies in it. "first": it is cut short, by the first close of the data
        or by the question. "intake_ended": it starts after the month of the last new deal, and there was
        none for 30 days, so it holds only slow deals.
        """
        if period.start is None or period.end is None:
            return ""
        if period.start <= self.as_of < period.end:
            return "running"
        if self._is_cut(period.start, period.end):
            return "first"
        return "intake_ended" if self._is_after_intake(period.start) else ""

    def _is_cut(self, start: date, end: date) -> bool:
        begins = [day for day in (self.first_close, self.asked.start) if day]
        ends = self.asked.end is not None and self.asked.end < min(end, self.as_of)
        return ends or any(start < day <= end for day in begins)

    def _is_after_intake(self, start: date) -> bool:
        last = self.last_created
        if last is None or (self.as_of - last).days <= INTAKE_DAYS:
            return False
        return (start.year, start.month) > (last.year, last.month)


@dataclass(frozen=True, slots=True)
class Group:
    """Closed deals that make one row: of one combination of values, or of `pooled` small ones together."""

    counts: CellRow
    pooled: int = 0
    incomplete: str = ""

    @property
    def rate(self) -> float:
        """Win rate by count."""
        return self.counts.won / self.counts.deals


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of a breakdown; None for what is unknown or was not tested."""

    group: Group
    low: float
    high: float
    shrunken: float | None
    by_amount: float | None
    share: float
    difference: float
    impact: float
    p: float | None
    adjusted: float | None
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Table:
    """A breakdown in numbers: its rows, the sums under them, and what the tests say."""

    rows: tuple[Row, ...]
    overall: CellRow
    judged: Judgement


def tabulate(
    counts: Sequence[CellRow],
    dimensions: Sequence[str],
    calendar: Calendar,
    level: float = ALPHA,
    everybody: Sequence[CellRow] | None = None,
) -> Table:
    """Rates, intervals, tests and verdicts for each group.

    Args:
        counts: one per group with closed deals; may be empty.
        dimensions: what `counts.values` are, in order.
        level: adjusted p up to which a row is a Signal; `verdict.alpha` says which.
        everybody: the groups of all people, of whom `counts` may be a part: what is believed of a person
            must not depend on who asks. Empty: too few to take luck out. None: `counts` are all.

    Returns:
        Best win rate first, periods in order of time, pooled groups last. People are ordered by their
        luck-adjusted rate: a raw league table would rank luck. No group, no row.
    """
    groups = [Group(c, 0, _incomplete(c.values, dimensions, calendar)) for c in counts]
    known = _prior([Group(c, 0, _incomplete(c.values, dimensions, calendar)) for c in everybody or counts])
    prior = None if everybody is not None and not everybody else known
    fair = known if PEOPLE & set(dimensions) else None
    shown = sorted(pool(groups), key=lambda group: _place(group, dimensions, fair))
    won, deals = [g.counts.won for g in shown], [g.counts.deals for g in shown]
    judged = verdict.judge(
        won,
        deals,
        complete=[not g.incomplete for g in shown],
        single=[not g.pooled for g in shown],
        level=level,
    )
    overall = total(counts)
    return Table(tuple(_rows(shown, overall, judged, prior)), overall, judged)


def total(counts: Sequence[CellRow], values: tuple[str, ...] = ()) -> CellRow:
    """All groups as one, called `values`."""
    deals, won, amount, won_amount = (
        sum(column) for column in zip(*(c[1:] for c in counts), (0, 0, 0, 0), strict=True)
    )
    return CellRow(values, deals, won, amount, won_amount)


def pool(groups: Sequence[Group]) -> list[Group]:
    """The groups that stand alone, and one for all that have too few deals or lie beyond the hundredth row.

    Which ones stand alone depends on their deals, never on their rates: to pick the extreme rates and then
    test them would find something in any noise. Incomplete periods are pooled apart, for the pooled row of
    complete ones takes part in the tests.
    """
    largest = sorted(groups, key=lambda g: (-g.counts.deals, g.counts.values))
    alone = [g for g in largest if g.counts.deals >= FEWEST]
    if len(groups) > MOST_CELLS:
        alone = alone[: MOST_CELLS - 2]
    rest = largest[len(alone) :]
    whole, cut = [g for g in rest if not g.incomplete], [g for g in rest if g.incomplete]
    return [*alone, *_pooled(whole, POOLED), *_pooled(cut, POOLED_INCOMPLETE)]


def _pooled(groups: Sequence[Group], called: str) -> Iterator[Group]:
    """These groups as one, if there are any."""
    if groups:
        values = (called,) * len(groups[0].counts.values)
        yield Group(total([g.counts for g in groups], values), len(groups), groups[0].incomplete)


def _rows(groups: Sequence[Group], overall: CellRow, judged: Judgement, prior: Prior | None) -> Iterator[Row]:
    won, deals = [g.counts.won for g in groups], [g.counts.deals for g in groups]
    low, high = verdict.wilson(won, deals)
    shrunken = None if prior is None else prior.shrink(won, deals)
    for place, group in enumerate(groups):
        rate, whole = group.rate, overall.won / overall.deals
        share = group.counts.deals / overall.deals
        yield Row(
            group=group,
            low=float(low[place]),
            high=float(high[place]),
            shrunken=None if shrunken is None or group.incomplete else float(shrunken[place]),
            by_amount=metrics.win_rate_by_amount(group.counts.won_amount_cents, group.counts.amount_cents),
            share=share,
            difference=rate - whole,
            impact=metrics.segment_impact(rate, whole, share),
            p=_known(judged.p[place]),
            adjusted=_known(judged.adjusted[place]),
            verdict=judged.cells[place],
        )


def _prior(groups: Sequence[Group]) -> Prior:
    """What the complete groups, small ones too, say of how groups spread."""
    whole = [g.counts for g in groups if not g.incomplete]
    return verdict.prior([c.won for c in whole], [c.deals for c in whole])


def _incomplete(values: Sequence[str], dimensions: Sequence[str], calendar: Calendar) -> str:
    reasons = (_reason(calendar, v) for v, d in zip(values, dimensions, strict=True) if d in TIME)
    return next(filter(None, reasons), "")


@lru_cache(maxsize=1024)
def _reason(calendar: Calendar, label: str) -> str:
    return calendar.incomplete(period(label))


def period(label: str) -> Period:
    """The calendar month or quarter of this label.

    >>> period("2024-Q1").end, period("2024-02").end
    (datetime.date(2024, 3, 31), datetime.date(2024, 2, 29))
    """
    year, part = label.split("-")
    kind = questions.quarter if part.startswith("Q") else questions.month
    return kind(int(year), int(part.removeprefix("Q")))


def _place(group: Group, dimensions: Sequence[str], fair: Prior | None) -> tuple[object, ...]:
    """Sort key: pooled last; by time where time is a dimension, and in its order; then best rate first.

    Args:
        fair: what takes luck out of people's rates; where nothing but luck is left they go by their name.
    """
    values = group.counts.values
    last_time = max((at for at, d in enumerate(dimensions) if d in TIME), default=-1)
    won, deals = group.counts.won, group.counts.deals
    best = (-float(fair.shrink(won, deals)), 0) if fair else (-group.rate, -deals)
    return (group.pooled > 0, values[: last_time + 1], best, values)


def _known(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
