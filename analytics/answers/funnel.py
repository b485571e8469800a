"""A FunnelQuestion -> what became of the deals that entered each stage, and what was lost there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from analytics import metrics, verdict
from analytics.answers import notes
from analytics.answers.closed import closed
from analytics.answers.cut import labels_of
from analytics.answers.kinds import Kind, kind
from analytics.answers.lists import people
from analytics.answers.mint import Mint, mint_of, money
from analytics.answers.remember import remembered
from analytics.answers.touched import touched
from analytics.cells import quarter_of
from analytics.facts import Fact, Funnel, FunnelStage, Note, Unit
from analytics.generation import MoveRow
from analytics.questions import BreakdownQuestion, FunnelQuestion, Period, Scope, quarter
from analytics.spans import ENOUGH, quantile
from analytics.store import Generation

QUARTERS = 4  #: complete ones that a funnel shows when no period is asked for
MANY_STAY = 0.1  #: share of deals still in their stage from which a note says so


@dataclass(frozen=True, slots=True)
class Moves:
    """The deals that entered one stage."""

    stage: str
    entered: int
    moved_on: int
    still_open: int
    lost_from: int
    lost_cents: int

    @property
    def left(self) -> int:
        """Deals that went somewhere, be it out."""
        return self.entered - self.still_open


@remembered
def funnel(generation: Generation, question: FunnelQuestion, scope: Scope) -> Funnel:
    """Where deals leak: of those that entered a stage in a period, who moved on, and what was lost there.

    Moves are kept by quarter, so the answer is of the whole quarters that the period touches.

    Returns:
        Without stages when the source has no stage history.

    Raises:
        NoSuchCut: a filter by anything but rep, deal type and stage.
    """
    period = whole_quarters(question.period, generation.as_of)
    business = kind(generation, BreakdownQuestion((), question.filters, period))
    mint = mint_of(generation, period.label)
    rows = generation.stage_moves(business.deal_type, period, business.filters, scope)
    moves = [_moves(stage, rows) for stage in generation.stages] if generation.has_events else []
    found = closed(generation, business.filters, period, business.deal_type, scope)
    names = people(generation)
    return Funnel(
        stages=tuple(_stage(generation, mint, one, business) for one in moves),
        figures=found.figures(mint, "all"),
        period=period.label,
        scope=scope.label,
        deal_type=business.shown,
        filters=tuple((f.dimension, labels_of(f, names)) for f in business.filters),
        notes=tuple(_notes(generation, business, period, scope, moves, mint)),
        as_of=generation.as_of,
        generation=generation.id,
    )


def whole_quarters(period: Period | None, as_of: date) -> Period:
    """The whole quarters that a period touches; without one, the last four that are over.

    >>> whole_quarters(None, date(2024, 5, 1)).label
    '2023-Q2 to 2024-Q1'
    """
    if period is None:
        last = as_of.year * 4 + (as_of.month - 1) // 3 - 1
        return _joined(last - QUARTERS + 1, last)
    if period.start is None or period.end is None:
        return period
    first, last = (
        number // 10 * 4 + number % 10 - 1 for number in map(quarter_of, (period.start, period.end))
    )
    joined = _joined(first, last)
    return period if (joined.start, joined.end) == (period.start, period.end) else joined


def _joined(first: int, last: int) -> Period:
    """Quarters counted from year 0, as one period."""
    begin, end = (quarter(place // 4, place % 4 + 1) for place in (first, last))
    return begin if first == last else Period(begin.start, end.end, f"{begin.label} to {end.label}")


def _moves(stage: str, rows: Iterable[MoveRow]) -> Moves:
    own = [row for row in rows if row.stage == stage]
    return Moves(
        stage,
        entered=sum(row.entered for row in own),
        moved_on=sum(row.moved_on for row in own),
        still_open=sum(row.still_open for row in own),
        lost_from=sum(row.lost_from for row in own),
        lost_cents=metrics.leakage(row.lost_amount_cents for row in own),
    )


def _stays(generation: Generation, stage: str, business: Kind) -> list[tuple[int, int]]:
    """Stays of won deals of the kinds shown in a stage: days and how many, in rising order of days."""
    asked = [value for f in business.filters if f.dimension == "deal_type" for value in f.values]
    kinds = [business.deal_type] if business.deal_type else asked
    stays: dict[int, int] = {}
    for row in generation.stage_clock():
        if row.stage == stage and (not kinds or row.deal_type in kinds):
            stays[row.days] = stays.get(row.days, 0) + row.deals
    return sorted(stays.items())


def _stage(generation: Generation, mint: Mint, moves: Moves, business: Kind) -> FunnelStage:
    of, left = f"stage={moves.stage}", moves.left
    low, high = (float(end) if left else None for end in verdict.wilson(moves.moved_on, left))
    rate = metrics.stage_conversion(moves.entered, moves.moved_on, moves.still_open)
    return FunnelStage(
        stage=moves.stage,
        entered=mint.count("entered", moves.entered, of),
        conversion=mint.fact(
            "stage_conversion", rate, Unit.FRACTION, of, n=left, low=low, high=high, unknown="none_left"
        ),
        leakage=mint.fact("leakage", money(moves.lost_cents), Unit.MONEY, of, currency=generation.currency),
        lost=mint.fact("lost_from", moves.lost_from, Unit.COUNT, of, n=moves.lost_from),
        median_days=_median(mint, _stays(generation, moves.stage, business), of),
    )


def _median(mint: Mint, stays: Sequence[tuple[int, int]], of: str) -> Fact:
    deals = sum(count for _, count in stays)
    middle = None
    if deals >= ENOUGH:
        middle = quantile([day for day, _ in stays], [count for _, count in stays], 0.5)
    return mint.fact("median_days_in_stage", middle, Unit.DAYS, of, n=deals, unknown="too_few_won")


def _notes(
    generation: Generation, business: Kind, period: Period, scope: Scope, moves: Sequence[Moves], mint: Mint
) -> Iterator[Note]:
    yield from notes.of_business(generation, business, period, scope, mint)
    yield from notes.of_period(generation, period, mint)
    entered, staying = (sum(getattr(one, name) for one in moves) for name in ("entered", "still_open"))
    if entered and staying / entered > MANY_STAY:
        share = mint.fact("share", staying / entered, Unit.FRACTION, "still in their stage", n=entered)
        yield Note("funnel_still_open", {"share": share})
    if moves:
        yield from touched(generation, "stage")
    if not scope.everyone:
        yield Note("scope", names={"scope": scope.label})
