"""A question about win rates in, its answer with what stands beside it out: the period before, and people."""

from dataclasses import fields, replace
from typing import Any

from analytics import answers
from analytics.facts import Breakdown, Cell, Fact, Note
from analytics.questions import BreakdownQuestion, Scope
from analytics.store import Generation
from bot.intents.pairs import previous

TIMES = frozenset({"quarter", "month"})
PERSON = "rep"


def breakdown(generation: Generation, question: BreakdownQuestion, scope: Scope) -> Breakdown:
    """The answer, with the same of the period before; reps are never crossed with another dimension."""
    asked = apart(question)
    found = answers.breakdown(generation, asked, scope)
    if found.overall.win_rate.value is None:
        return found
    shown = replace(found, before=_before(generation, asked, scope))
    if asked == question:
        return shown
    people = answers.breakdown(generation, replace(question, dimensions=(PERSON,)), scope)
    crossed = answers.breakdown(generation, question, scope)
    thin = next((note for note in crossed.notes if note.code == "thin_cells"), None)
    return replace(shown, people=marked(people, "by rep"), crossed=_marked_note(thin, "crossed"))


def apart(question: BreakdownQuestion) -> BreakdownQuestion:
    """The question without people, where it asks for them in a second dimension."""
    others = tuple(one for one in question.dimensions if one != PERSON)
    return replace(question, dimensions=others) if others else question


def _before(generation: Generation, asked: BreakdownQuestion, scope: Scope) -> Breakdown | None:
    """The same in the period before; None for all time, for a course of time, where nothing had closed."""
    period = asked.period
    if not asked.dimensions or period.start is None or period.end is None or TIMES & {*asked.dimensions}:
        return None
    found = answers.breakdown(generation, replace(asked, period=previous(period)), scope)
    return None if found.overall.win_rate.value is None else marked(found, "before")


def marked(found: Breakdown, name: str) -> Breakdown:
    """The same with ids of its own, so that its facts stand beside those of the answer."""
    known = {field.name: getattr(found, field.name) for field in fields(found)}
    facts: dict[str, Any] = {key: _marked(one, name) for key, one in known.items() if isinstance(one, Fact)}
    cells = tuple(_marked_cell(cell, name) for cell in found.cells)
    return replace(found, cells=cells, overall=_marked_cell(found.overall, name), notes=(), **facts)


def _marked_cell(cell: Cell, name: str) -> Cell:
    known = {field.name: getattr(cell, field.name) for field in fields(cell)}
    facts: dict[str, Any] = {key: _marked(one, name) for key, one in known.items() if isinstance(one, Fact)}
    return replace(cell, **facts)


def _marked_note(note: Note | None, name: str) -> Note | None:
    return note and replace(note, facts={key: _marked(one, name) for key, one in note.facts.items()})


def _marked(fact: Fact, name: str) -> Fact:
    return replace(fact, id=f"{fact.id} {name}")
