"""The words for a breakdown: what the verdict is, what it means, and where to look next."""

from collections.abc import Iterator
from decimal import Decimal

from analytics.facts import Breakdown, Cell, Fact, Note, Verdict
from analytics.questions import ALL_TIME
from bot.narrator import plays
from bot.narrator.claims import Claim, Slot, label, listed, ours, say
from bot.narrator.words import Words, count, finish, notes

NAMED = 3  #: cells named in bullets; the table has the rest
ELSEWHERE = ("quarter", "lead_source", "region")  #: what is worth a look when a dimension shows nothing


def breakdown(answer: Breakdown, stale: Note | None = None) -> Words:
    """What may be said of a win rate and its cells. `stale` is told first of all."""
    verdict = _verdict(answer)
    others = count(answer, "others", max(0, len(_standing_out(answer)) - NAMED))
    more = [_more(answer, others)] if others.value else []
    offered = plays.fitting(answer, verdict)
    lines = [*_beside(answer), *_lines(answer), *more, *notes(_limits(answer)), *plays.advice(offered)]
    return finish(
        answer,
        headline=headline(answer),
        verdict=verdict,
        lines=lines,
        text=_notification(answer, verdict),
        scope={"scope": answer.scope, "type": answer.deal_type, "deals": answer.overall.deals},
        stale=stale,
        own=(others,),
        plays=offered,
    )


def headline(answer: Breakdown) -> Claim:
    """What was asked, in a line."""
    values = [value for _, chosen in answer.filters for value in chosen]
    return say(
        "breakdown.headline",
        measure=_measure(answer),
        dimensions=_dimensions(answer),
        filters=say("breakdown.filters", values=listed(values)) if values else None,
        period=ours(answer.period or ALL_TIME.label),
    )


def cell_name(cell: Cell) -> Claim:
    """What a row is called: its values, parted by a slash."""
    return listed(shown_labels(cell), " / ")


def shown_labels(cell: Cell) -> tuple[str, ...]:
    """One label for each dimension; a row of pooled cells has a word of ours."""
    return (label("row.pooled").text,) * len(cell.labels) if cell.pooled else cell.labels


def _measure(answer: Breakdown) -> Claim:
    return label("measure.win_rate_by_amount" if answer.by_amount else "measure.win_rate")


def _dimensions(answer: Breakdown) -> Claim | None:
    words = [label(f"dimension.{dimension}") for dimension in answer.dimensions]
    if len(words) == 2:
        return say("breakdown.pair", first=words[0], second=words[1])
    return words[0] if words else None


def _many(answer: Breakdown) -> Claim:
    return label(f"many.{answer.dimensions[0]}" if len(answer.dimensions) == 1 else "many.cells")


def _verdict(answer: Breakdown) -> Claim:
    if answer.overall.win_rate.value is None:
        return say("breakdown.nothing")
    if not answer.dimensions:
        return say("breakdown.overall", rate=answer.overall.win_rate)
    if only := _alone(answer):
        return say("breakdown.alone", name=cell_name(only), rate=only.win_rate)
    return _judged(answer)


def _alone(answer: Breakdown) -> Cell | None:
    """The one cell there is, unless it stands for several small ones."""
    only = answer.cells[0] if len(answer.cells) == 1 else None
    return None if only is None or only.pooled else only


def _judged(answer: Breakdown) -> Claim:
    slots: dict[str, Slot] = {
        "many": _many(answer),
        "cells": answer.cell_count,
        "overall": answer.overall.win_rate,
        "all": answer.p_value,
    }
    if answer.verdict is Verdict.NOISE:
        return say("breakdown.noise", p=answer.p_value, **slots)
    if answer.verdict is Verdict.TOO_FEW:
        return say("breakdown.too_few", **slots)
    strongest = next(iter(_standing_out(answer)), None)
    if answer.verdict is Verdict.HINT:
        return say("breakdown.hint", **slots, **(_of_cell(strongest) if strongest else {}))
    return _signal(answer, strongest, slots)


def _signal(answer: Breakdown, strongest: Cell | None, slots: dict[str, Slot]) -> Claim:
    overall = answer.overall.win_rate.value
    if strongest is None or strongest.win_rate.value is None or overall is None:
        return say("breakdown.signal", **slots)
    way = "above" if strongest.win_rate.value > overall else "below"
    return say(f"breakdown.signal_{way}", **slots, **_of_cell(strongest))


def _of_cell(cell: Cell) -> dict[str, Slot]:
    return {
        "name": cell_name(cell),
        "rate": cell.win_rate,
        "difference": cell.difference,
        "p": cell.p_adjusted,
    }


def _standing_out(answer: Breakdown) -> list[Cell]:
    """The cells that carry the answer's verdict, the surest first; none when nothing stands out."""
    if answer.verdict not in (Verdict.SIGNAL, Verdict.HINT):
        return []
    found = [cell for cell in answer.cells if cell.win_rate.verdict is answer.verdict]
    return sorted(found, key=_doubt)


def _doubt(cell: Cell) -> Decimal:
    return Decimal(1) if cell.p_adjusted.value is None else cell.p_adjusted.value


def _lines(answer: Breakdown) -> list[Claim]:
    if answer.overall.win_rate.value is None:
        return [say("breakdown.wait")]
    value = [say("breakdown.by_value", by_amount=answer.overall.by_amount)] if answer.by_amount else []
    if not answer.dimensions or _alone(answer):
        return value
    return value + _about_the_cells(answer)


def _beside(answer: Breakdown) -> Iterator[Claim]:
    """All deals of the period before; and why people are not crossed with segments."""
    if answer.before:
        rate, period = answer.before.overall.win_rate, ours(answer.before.period)
        yield say("breakdown.before", rate=rate, period=period)
    if answer.crossed:
        yield say("breakdown.crossed", **answer.crossed.facts)
    if answer.people:
        yield say("breakdown.people")


def _about_the_cells(answer: Breakdown) -> list[Claim]:
    named = _standing_out(answer)[:NAMED]
    gap = say("breakdown.gap", widest=answer.widest_gap, detectable=answer.detectable_gap)
    if answer.verdict is Verdict.SIGNAL:
        found = [say("breakdown.signal_cell", **_of_cell(cell)) for cell in named]
        to_check = [] if "stage" in answer.dimensions else named[:1]  # a last stage explains nothing
        return [*found, *(say(_check(answer), name=cell_name(cell)) for cell in to_check)]
    if answer.verdict is Verdict.HINT:
        return [*(say("breakdown.hint_cell", **_of_cell(cell)) for cell in named), gap, say("breakdown.wait")]
    return [gap, _elsewhere(answer) if answer.verdict is Verdict.NOISE else say("breakdown.wait")]


def _check(answer: Breakdown) -> str:
    """What to do about a signal, by what its cells are: a person, a time, anything else."""
    if "rep" in answer.dimensions:
        return "breakdown.check_person"
    return "breakdown.check_time" if {"quarter", "month"} & set(answer.dimensions) else "breakdown.check"


def _elsewhere(answer: Breakdown) -> Claim:
    first, second, *_ = elsewhere(answer)
    return say("breakdown.elsewhere", first=label(f"elsewhere.{first}"), second=label(f"elsewhere.{second}"))


def elsewhere(answer: Breakdown) -> list[str]:
    """Dimensions worth a look that this answer does not have yet; at least two when it has one or none."""
    timed = {"quarter", "month"} & set(answer.dimensions)
    taken = {*answer.dimensions, *({"quarter"} if timed else ())}
    return [dimension for dimension in (*ELSEWHERE, "industry") if dimension not in taken]


def _limits(answer: Breakdown) -> list[Note]:
    """The notes, without the one that the verdict says already."""
    return [note for note in answer.notes if note.code != "no_closed_deals"]


def _more(answer: Breakdown, others: Fact) -> Claim:
    return say("breakdown.more", others=others, many=_many(answer))


def _notification(answer: Breakdown, verdict: Claim) -> Claim:
    """The verdict, behind the overall rate where it does not say that itself."""
    overall = answer.overall
    rate = overall.by_amount if answer.by_amount else overall.win_rate
    shown = rate if answer.dimensions else None
    return say("breakdown.text", measure=_measure(answer), rate=shown, deals=overall.deals, verdict=verdict)
