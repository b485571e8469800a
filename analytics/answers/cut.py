"""A BreakdownQuestion -> its facts: rows, verdict, and notes on what limits them."""

from collections.abc import Mapping, Sequence

from analytics import breakdown as cutting
from analytics import metrics, verdict
from analytics.answers import cycles, notes
from analytics.answers.habits import FEWEST_PEOPLE
from analytics.answers.kinds import Kind, kind
from analytics.answers.lists import available, people
from analytics.answers.mint import Mint, mint_of
from analytics.answers.notes import Cut
from analytics.answers.remember import remembered
from analytics.breakdown import Calendar, Row, Table
from analytics.facts import Breakdown, Cell, Fact, Unit
from analytics.questions import EVERYONE, BreakdownQuestion, Filter, Scope
from analytics.store import CellRow, Generation


@remembered
def breakdown(generation: Generation, question: BreakdownQuestion, scope: Scope) -> Breakdown:
    """Win rate by the question's dimensions, over the closed deals in scope.

    Kinds of business are never pooled unasked: without a word on `deal_type` the main one is shown.

    Returns:
        Without cells when the question has no dimension, or when no deal in this cut has closed; then the
        overall rate is unknown, not zero, and a note says so.
    """
    business = kind(generation, question)
    table = _table(generation, question, business, scope)
    mint = mint_of(generation, question.period.label)
    names, judged = people(generation), table.judged
    shown = {value for row in table.rows for value in row.group.counts.values}
    gaps = cycles.gaps(generation, question, business, scope, shown, mint)
    return Breakdown(
        dimensions=question.dimensions,
        filters=tuple((f.dimension, labels_of(f, names)) for f in business.filters),
        period=question.period.label,
        by_amount=question.by_amount,
        scope=scope.label,
        deal_type=business.shown,
        cells=_cells(mint, table, question, names, gaps),
        overall=_overall(mint, table.overall),
        verdict=judged.verdict,
        p_value=_tested(mint, "p_value", judged.omnibus, Unit.PROBABILITY),
        widest_gap=_tested(mint, "widest_gap", judged.widest_gap, Unit.POINTS),
        detectable_gap=_tested(mint, "detectable_gap", judged.detectable_gap, Unit.POINTS),
        notes=tuple(notes.of_breakdown(Cut(generation, question, scope, business, table, mint))),
        as_of=generation.as_of,
        as_of_fact=mint.day("as_of", generation.as_of.toordinal(), "all"),
        generation=generation.id,
        cell_count=mint.count("cells", judged.tested, "all"),
    )


def _table(generation: Generation, question: BreakdownQuestion, business: Kind, scope: Scope) -> Table:
    dimensions, asked = question.dimensions, question.period
    counts = generation.cells(dimensions, business.filters, asked, business.deal_type, scope)
    days = Calendar(generation.as_of, generation.first_close_day, generation.last_created_day, asked)
    level = verdict.alpha(len(dimensions), available(generation))
    everybody = _everybody(generation, question, business, scope)
    return cutting.tabulate(counts, dimensions, days, level, everybody)


def _everybody(
    generation: Generation, question: BreakdownQuestion, business: Kind, scope: Scope
) -> Sequence[CellRow] | None:
    """The groups of all people, where the question shows some of them; none where they are too few.

    A rate with luck taken out is the same on every screen and whoever asks: what is believed of a rep rests
    on all reps of that kind of business.
    """
    filters = tuple(one for one in business.filters if one.dimension not in cutting.PEOPLE)
    shows_all = scope.everyone and filters == business.filters
    if shows_all or not cutting.PEOPLE & set(question.dimensions):
        return None
    of = (filters, question.period, business.deal_type, EVERYONE)
    if not scope.everyone and len(generation.cells(("rep",), *of)) < FEWEST_PEOPLE:
        return ()
    return generation.cells(question.dimensions, *of)


def labels_of(chosen: Filter, names: Mapping[str, str]) -> tuple[str, ...]:
    """The values of a filter as a reader knows them: reps by name."""
    return tuple(names.get(v, v) if chosen.dimension == "rep" else v for v in chosen.values)


def _tested(mint: Mint, metric: str, value: float | None, unit: Unit) -> Fact:
    return mint.fact(metric, value, unit, "all", unknown="no_test")


def _cells(
    mint: Mint,
    table: Table,
    question: BreakdownQuestion,
    names: Mapping[str, str],
    gaps: Mapping[str, Fact],
) -> tuple[Cell, ...]:
    if not question.dimensions:
        return ()
    return tuple(_cell(mint, row, question.dimensions, names, gaps) for row in table.rows)


def _cell(
    mint: Mint,
    row: Row,
    dimensions: Sequence[str],
    names: Mapping[str, str],
    gaps: Mapping[str, Fact],
) -> Cell:
    values, group = row.group.counts.values, row.group
    of = ",".join(f"{d}={v}" for d, v in zip(dimensions, values, strict=True))
    untested = "incomplete" if group.incomplete else "too_few"
    return Cell(
        values=values,
        labels=_row_labels(row, dimensions, names),
        deals=mint.count("deals", group.counts.deals, of),
        won=mint.count("won", group.counts.won, of),
        win_rate=mint.fact(
            "win_rate",
            group.rate,
            Unit.FRACTION,
            of,
            n=group.counts.deals,
            low=row.low,
            high=row.high,
            verdict=row.verdict,
        ),
        shrunken=mint.fact(
            "shrunken_win_rate",
            row.shrunken,
            Unit.FRACTION,
            of,
            unknown="incomplete" if group.incomplete else "too_few_people",
        ),
        by_amount=mint.fact("win_rate_by_amount", row.by_amount, Unit.FRACTION, of, unknown="no_amount"),
        share=mint.fact("share", row.share, Unit.FRACTION, of),
        impact=mint.fact("segment_impact", row.impact, Unit.POINTS, of),
        p_adjusted=mint.fact("p_adjusted", row.adjusted, Unit.PROBABILITY, of, unknown=untested),
        cycle_gap=gaps.get(values[0]),
        difference=mint.fact("difference", row.difference, Unit.POINTS, of),
        pooled=group.pooled,
        incomplete=group.incomplete,
    )


def _row_labels(row: Row, dimensions: Sequence[str], names: Mapping[str, str]) -> tuple[str, ...]:
    if row.group.pooled:
        groups = "group" if row.group.pooled == 1 else "groups"
        return (f"Other ({row.group.pooled} {groups})", *("" for _ in dimensions[1:]))
    values = row.group.counts.values
    return tuple(names.get(v, v) if d == "rep" else v for v, d in zip(values, dimensions, strict=True))


def _overall(mint: Mint, counts: CellRow) -> Cell:
    """All deals of the cut as one row; without a closed deal its rates are unknown."""
    rate = metrics.win_rate(counts.won, counts.deals)
    by_amount = metrics.win_rate_by_amount(counts.won_amount_cents, counts.amount_cents)
    known = rate is not None
    low, high = verdict.wilson(counts.won, counts.deals)
    none = "no_closed_deals"
    return Cell(
        values=(),
        labels=(),
        deals=mint.count("deals", counts.deals, "all"),
        won=mint.count("won", counts.won, "all"),
        win_rate=mint.fact(
            "win_rate",
            rate,
            Unit.FRACTION,
            "all",
            n=counts.deals,
            low=float(low) if known else None,
            high=float(high) if known else None,
            unknown=none,
        ),
        shrunken=mint.fact("shrunken_win_rate", rate, Unit.FRACTION, "all", unknown=none),
        by_amount=mint.fact(
            "win_rate_by_amount", by_amount, Unit.FRACTION, "all", unknown="no_amount" if known else none
        ),
        share=mint.fact("share", 1 if known else None, Unit.FRACTION, "all", unknown=none),
        impact=mint.fact("segment_impact", 0 if known else None, Unit.POINTS, "all", unknown=none),
        p_adjusted=mint.fact("p_adjusted", None, Unit.PROBABILITY, "all", unknown="no_test"),
    )
