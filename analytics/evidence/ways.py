"""A breakdown's finding asked other ways: over other times, by amount, for every kind of business.

What is looked for was named beforehand, so each way is one test and pays for no others. The ways share most
of their deals with the question and each other: they can cast doubt, but they are no new proof.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from analytics.answers import breakdown
from analytics.facts import Breakdown, Cell, Fact, Verdict
from analytics.questions import EVERY_TYPE, BreakdownQuestion, Filter, Period, Scope, quarter
from analytics.store import Generation

STANDS_OUT = (Verdict.SIGNAL, Verdict.HINT)
HALF_YEAR = timedelta(days=180)  #: a time shorter than this is not cut in two


@dataclass(frozen=True, slots=True)
class Finding:
    """What a breakdown found: the cell that stands out, or that none does."""

    verdict: Verdict  # Signal, Hint or Noise
    cell: Cell | None  # None for Noise


@dataclass(frozen=True, slots=True)
class Way:
    """The same cut made another way."""

    name: str  # "without_last_quarter", "first_half", "second_half", "time_before", "by_amount", ...
    period: str
    rate: Fact | None  # of the cell that stood out; for Noise the widest gap
    against: Fact | None  # all deals; for Noise the smallest gap that would be noticed
    verdict: Verdict | None  # there
    holds: bool | None  # does it show the same? None: too few deals, or not a test
    same_side: bool | None = None  # of all deals, as in the answer; None where that is not known


def finding(answer: Breakdown) -> Finding | None:
    """What the breakdown found; None where it had nothing to compare."""
    if not answer.dimensions or answer.verdict is Verdict.TOO_FEW or answer.p_value.value is None:
        return None
    if answer.verdict is Verdict.NOISE:
        return Finding(Verdict.NOISE, None)
    found = [cell for cell in answer.cells if cell.win_rate.verdict is answer.verdict and not cell.pooled]
    return Finding(answer.verdict, min(found, key=_doubt)) if found else None


def other_ways(generation: Generation, question: BreakdownQuestion, scope: Scope) -> Iterator[Way]:
    """The finding of a question, asked in the other ways that its time and its deals allow.

    None where there is no finding. A quarter or month that stands out is looked for at its own time only.
    """
    found = finding(breakdown(generation, question, scope))
    if found is None:
        return
    for name, asked in _asked(generation, question):
        other = breakdown(generation, asked, scope)
        yield _nothing(name, other) if found.cell is None else _something(name, other, found.cell)
    if found.cell and found.cell.by_amount.value is not None:
        whole = breakdown(generation, question, scope).overall
        amounts = found.cell.by_amount, whole.by_amount
        side = _above(*amounts) == _above(found.cell.win_rate, whole.win_rate)
        yield Way("by_amount", question.period.label, *amounts, None, None, side)


def _doubt(cell: Cell) -> Decimal:
    return Decimal(1) if cell.p_adjusted.value is None else cell.p_adjusted.value


def _something(name: str, other: Breakdown, sought: Cell) -> Way:
    """Does the same cell stand out on the same side?"""
    cell = next((c for c in other.cells if c.values == sought.values and not c.pooled), None)
    if cell is None or cell.win_rate.verdict in (None, Verdict.TOO_FEW):
        rate = cell.win_rate if cell else None
        return Way(name, other.period, rate, other.overall.win_rate, None, None)
    verdict, side = cell.win_rate.verdict, _side(cell) == _side(sought)
    holds = verdict in STANDS_OUT and side
    return Way(name, other.period, cell.win_rate, other.overall.win_rate, verdict, holds, side)


def _side(cell: Cell) -> bool:
    """Above all deals?"""
    return cell.difference is not None and (cell.difference.value or 0) > 0


def _above(one: Fact, other: Fact) -> bool:
    return (one.value or 0) > (other.value or 0)


def _nothing(name: str, other: Breakdown) -> Way:
    """Does nothing stand out there either? A Hint, one cell of many before the correction, is nothing."""
    tested = other.verdict is not Verdict.TOO_FEW and other.p_value.value is not None
    holds = other.verdict is not Verdict.SIGNAL if tested else None
    verdict = other.verdict if tested else None
    return Way(name, other.period, other.widest_gap, other.detectable_gap, verdict, holds)


def _asked(generation: Generation, question: BreakdownQuestion) -> Iterator[tuple[str, BreakdownQuestion]]:
    for name, period in _times(generation, question.period):
        yield name, replace(question, period=period)
    named = {*question.dimensions, *(f.dimension for f in question.filters)}
    if len(generation.deal_types) > 1 and "deal_type" not in named:
        every = Filter("deal_type", (EVERY_TYPE,))
        yield "every_type", replace(question, filters=(*question.filters, every))


def _times(generation: Generation, period: Period) -> Iterator[tuple[str, Period]]:
    """Other times: without the last quarter, each half, and as long a time before, where there are deals."""
    first = generation.first_close_day
    if first is None:
        return
    start, end = max(period.start or first, first), min(period.end or generation.as_of, generation.as_of)
    if start > end:
        return
    last = quarter(end.year, (end.month + 2) // 3).start or end
    if start + HALF_YEAR <= end:
        middle = start + (end - start) // 2
        if start + HALF_YEAR / 2 < last:
            yield "without_last_quarter", _between(start, last - timedelta(days=1))
        yield "first_half", _between(start, middle)
        yield "second_half", _between(middle + timedelta(days=1), end)
    before = start - (end - start) - timedelta(days=1)
    if before >= first:
        yield "time_before", _between(before, start - timedelta(days=1))


def _between(start: date, end: date) -> Period:
    return Period(start, end, f"{start} to {end}")
