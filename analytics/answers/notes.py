"""What limits a breakdown, as codes with their facts; the sentences are in prompts/claims."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from analytics.answers.kinds import Kind
from analytics.answers.mint import Mint
from analytics.answers.touched import touched
from analytics.breakdown import TIME, Calendar, Row, Table
from analytics.facts import Fact, Note, Unit
from analytics.questions import BreakdownQuestion, Period, Scope
from analytics.store import Generation

THIN = 30  #: deals of a typical row below which a breakdown is too thin to rank by


@dataclass(frozen=True, slots=True)
class Cut:
    """A question about a generation, and the table that answers it."""

    generation: Generation
    question: BreakdownQuestion
    scope: Scope
    kind: Kind
    table: Table
    mint: Mint


def of_breakdown(cut: Cut) -> Iterator[Note]:
    """Every note that the breakdown needs, in order of weight."""
    if not cut.table.overall.deals:
        yield Note("no_closed_deals")
    if "stage" in cut.question.dimensions or "stage" in {one.dimension for one in cut.question.filters}:
        yield Note("stage_follows")
        yield from touched(cut.generation, "stage")
    yield from _business(cut)
    yield from _periods(cut)
    yield from _thin(cut)
    yield from _luck(cut)
    yield from _currencies(cut)
    if not cut.scope.everyone:
        yield Note("scope", names={"scope": cut.scope.label})


def _business(cut: Cut) -> Iterator[Note]:
    return of_business(cut.generation, cut.kind, cut.question.period, cut.scope, cut.mint)


def of_business(
    generation: Generation, kind: Kind, period: Period, scope: Scope, mint: Mint
) -> Iterator[Note]:
    """Which kinds of business were left out, or pooled on purpose."""
    if kind.note == "every_type":
        yield Note("every_type")
    if kind.note != "main_type_only":
        return
    everything = generation.cells(("deal_type",), kind.filters, period, None, scope)
    others = [row for row in everything if row.values[0] != kind.shown]
    if others:
        facts = {"left_out": mint.count("deals", sum(row.deals for row in others), "other types")}
        kinds = ", ".join(row.values[0] for row in others)
        yield Note("main_type_only", facts, {"deal_type": kind.shown, "others": kinds})


def _periods(cut: Cut) -> Iterator[Note]:
    """One note for each reason why periods are marked, or why the period asked for is not a whole one."""
    if not set(TIME) & set(cut.question.dimensions):
        yield from of_period(cut.generation, cut.question.period, cut.mint)
    marked: dict[str, list[str]] = {}
    for row in cut.table.rows:
        if row.group.incomplete and not row.group.pooled:
            marked.setdefault(row.group.incomplete, []).append(_period(row, cut.question.dimensions))
    yield from of_incomplete(cut.generation, marked, cut.mint)


def of_incomplete(generation: Generation, marked: Mapping[str, Iterable[str]], mint: Mint) -> Iterator[Note]:
    """One note for each reason of `Calendar.incomplete`, with the periods it holds for."""
    for reason, labels in marked.items():
        facts = last_created(generation, mint) if reason == "intake_ended" else {}
        yield Note(f"incomplete_{reason}", facts, {"period": ", ".join(sorted(set(labels)))})


def of_period(generation: Generation, period: Period, mint: Mint) -> Iterator[Note]:
    """The period that all rows share holds only its quick deals, or only slow ones."""
    days = Calendar(generation.as_of, generation.first_close_day, generation.last_created_day)
    reason, names = days.incomplete(period), {"period": period.label}
    if reason == "running":
        yield Note("period_running", names=names)
    if reason == "intake_ended":
        yield Note("period_intake_ended", last_created(generation, mint), names)


def _period(row: Row, dimensions: tuple[str, ...]) -> str:
    named = zip(row.group.counts.values, dimensions, strict=True)
    return next(value for value, dimension in named if dimension in TIME)


def last_created(generation: Generation, mint: Mint) -> dict[str, Fact]:
    """The day of the last new deal, for notes on months that hold only slow ones."""
    last = generation.last_created_day
    return {"last_created": mint.day("created_date", last.toordinal(), "last deal")} if last else {}


def _thin(cut: Cut) -> Iterator[Note]:
    """Which rows were pooled, and whether the rest are big enough to rank by."""
    pooled = sum(row.group.pooled for row in cut.table.rows)
    if pooled:
        yield Note("pooled", {"cells": cut.mint.count("cells", pooled, "pooled")})
    judged = cut.table.judged
    if judged.typical is not None and judged.tested > 1 and judged.typical < THIN:
        typical = cut.mint.fact("deals", judged.typical, Unit.COUNT, "typical row")
        yield Note(
            "thin_cells", {"cells": cut.mint.count("cells", judged.tested, "tested"), "typical": typical}
        )


def _luck(cut: Cut) -> Iterator[Note]:
    """Would equal people spread as much? Only where rows are people."""
    spread, p = cut.table.judged.spread, cut.table.judged.omnibus
    if "rep" not in cut.question.dimensions or spread is None:
        return
    facts = {
        "observed": cut.mint.fact("spread", spread.observed, Unit.POINTS, "observed"),
        "expected": cut.mint.fact("spread", spread.expected, Unit.POINTS, "equal groups"),
        "p": cut.mint.fact("p_value", p, Unit.PROBABILITY, "all"),
    }
    yield Note("luck", facts)


def _currencies(cut: Cut) -> Iterator[Note]:
    """Deals whose amount is in no sum of money."""
    excluded = cut.generation.in_other_currencies(
        cut.kind.filters, cut.question.period, cut.kind.deal_type, cut.scope
    )
    if excluded:
        yield Note("currency_mix", {"excluded": cut.mint.count("deals", excluded, "other currencies")})
