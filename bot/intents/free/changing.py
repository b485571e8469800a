"""The last answer's intent and a few words -> the same intent with only the part changed that was said."""

from dataclasses import MISSING, fields, replace
from typing import Any

from analytics.questions import ALL_TIME, Filter
from bot.intents.free.asking import Ground
from bot.intents.free.hearing import Heard
from bot.intents.free.pieces import MATERIAL
from bot.intents.intent import Changes, Deal, Intent, RepPage, WeekPage, WhatIf, WinRate
from bot.intents.lines import describe
from bot.intents.misunderstood import BadDay

_ALL = frozenset({"all", "everyone", "everybody", "everything"})


def changed(last: Intent, heard: Heard, ground: Ground) -> Intent | None:
    """The intent, read by the grammar again; None when the last answer has no such part.

    Raises:
        NotUnderstood: its command can't use what was said.
    """
    rest = heard.said(MATERIAL)
    match last:
        case Deal() | Changes():
            return ground.intent(f"{describe(last)} {rest}")
        case RepPage() | WeekPage():
            return _page(last, heard, ground)
        case WhatIf(question) if question.action == "shift":
            return None
        case WhatIf():
            return _again(last, ground, **_said(ground.intent(f"/whatif drop {rest}")))
        case _ if hasattr(last, "question"):
            command = describe(last).partition(" ")[0]
            part = ground.intent(f"{command} {rest}")
            said = _said(part) | {"filters": _narrowed(last, part)}
            if "also" in heard.kinds and isinstance(last, WinRate):
                said["dimensions"] = last.question.dimensions + said["dimensions"]
            return _again(last, ground, **said | ({"period": ALL_TIME} if _is_all_time(heard) else {}))
        case _:
            return None


def of_the_same(found: Any, last: Any, ground: Ground) -> Intent | None:
    """A question of its own about the deals, the period and the day of the last one, as far as it takes them.

    Raises:
        NotUnderstood: it can't be asked of them.
    """
    new: Any = getattr(found, "question", None)
    old: Any = getattr(last, "question", last)
    if not hasattr(new, "filters") or not (filters_of(last) or hasattr(old, "filters")):
        return None
    said: dict[str, Any] = {"filters": _narrowed(last, found), "as_of": found.as_of or last.as_of}
    if hasattr(new, "period") and new.period in (None, ALL_TIME) and getattr(old, "period", None):
        try:
            return _again(found, ground, **said, period=old.period)
        except BadDay:  # what is over is no forecast; the deals are the same
            return _again(found, ground, **said)
    return _again(found, ground, **said)


def is_all(heard: Heard) -> bool:
    """Is it only said that all are meant, or all regions?"""
    everybody = "clear" in heard.kinds or bool(_ALL & {piece.word for piece in heard.pieces})
    return everybody and heard.about <= {"clear", "joint", "dimension", "people"}


def widened(last: Intent, heard: Heard, ground: Ground) -> Intent | None:
    """The same question without its filters, or without that on what was named; None if it has none."""
    question: Any = getattr(last, "question", None)
    if not hasattr(question, "filters"):
        return None
    named = heard.said(frozenset({"dimension", "people"}))
    cleared = _dimensions(ground.intent(f"/winrate {named}")) if named else None
    kept = tuple(one for one in question.filters if cleared is not None and one.dimension not in cleared)
    whose = {"whose": "all"} if hasattr(question, "whose") and not cleared else {}
    wider = _again(last, ground, filters=kept, **whose)
    return None if wider == last else wider


def with_both(last: Intent, found: Intent) -> Intent | None:
    """The question with the values of both, where a new one took the place of another; else None."""
    old = {one.dimension: one for one in filters_of(last)}
    both = [
        replace(one, values=tuple(dict.fromkeys((*old[one.dimension].values, *one.values))))
        if one.dimension in old
        else one
        for one in filters_of(found)
    ]
    if filters_of(found) == tuple(both):
        return None
    new: Any = found
    wider: Intent = replace(new, question=replace(new.question, filters=tuple(both)))
    return wider


def filters_of(last: Intent) -> tuple[Filter, ...]:
    """What narrows a question; a rep's page is of that rep's deals."""
    if isinstance(last, RepPage):
        return (Filter("rep", (last.rep_id,)),)
    if isinstance(last, WeekPage):
        return (Filter("rep", (last.person_id,)),)
    filters: tuple[Filter, ...] = getattr(getattr(last, "question", None), "filters", ())
    return filters


def _dimensions(cut: Any) -> tuple[str, ...]:
    dimensions: tuple[str, ...] = cut.question.dimensions
    return dimensions


def _page(last: RepPage | WeekPage, heard: Heard, ground: Ground) -> Intent:
    """The page of another rep, or of another period: what was not said comes from the last."""
    kept = describe(last).split('"')  # /coach rep, the id, the period and the day
    named = heard.said(frozenset({"person"})) or f'"{kept[1]}"'
    when = heard.said(MATERIAL - {"person", "separator", "joint"}) or kept[2]
    return ground.intent(f"{kept[0]}{named} {when}")


def _said(part: Any) -> dict[str, Any]:
    """The parts of a question that are not what everybody gets who does not say them, and the day."""
    question = part.question
    asked = {field.name: (getattr(question, field.name), field.default) for field in fields(question)}
    said = {name: value for name, (value, usual) in asked.items() if value != usual and usual is not MISSING}
    segment = {"segment": question.segment} if isinstance(part, WhatIf) else {}
    return said | segment | ({"as_of": part.as_of} if part.as_of else {})


def _narrowed(last: Any, part: Any) -> tuple[Filter, ...]:
    """The filters of both; where both have one on a dimension, the new one."""
    new = {wanted.dimension: wanted for wanted in part.question.filters}
    kept = {wanted.dimension: wanted for wanted in filters_of(last)}
    return tuple((kept | new).values())


def _again(last: Any, ground: Ground, **said: Any) -> Intent:
    as_of = said.pop("as_of", last.as_of)
    line = describe(replace(last, question=replace(last.question, **said), as_of=as_of))
    return ground.intent(line)


def _is_all_time(heard: Heard) -> bool:
    """Was it said? It is what everybody gets, so the question alone does not tell."""
    said = (word.lower().replace("-", " ") for word in heard.each("period"))
    return any(word in ("all time", "any time", "ever") for word in said)
