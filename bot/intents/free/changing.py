"""The last answer's intent and a few words -> the same intent with only the part changed that was said."""

from dataclasses import MISSING, fields, replace
from typing import Any

from analytics.questions import ALL_TIME, Filter
from bot.intents.free.asking import Ground
from bot.intents.free.hearing import MATERIAL, Heard
from bot.intents.intent import Changes, Deal, Intent, RepPage, WeekPage, WhatIf, WinRate
from bot.intents.lines import describe


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
    old: Any = getattr(last, "question", None)
    if not hasattr(new, "filters") or not hasattr(old, "filters"):
        return None
    said: dict[str, Any] = {"filters": _narrowed(last, found)}
    if hasattr(new, "period") and new.period in (None, ALL_TIME) and getattr(old, "period", None):
        said["period"] = old.period
    as_of = found.as_of or last.as_of
    return _again(found, ground, **said, as_of=as_of)


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
    kept = {wanted.dimension: wanted for wanted in last.question.filters}
    return tuple((kept | new).values())


def _again(last: Any, ground: Ground, **said: Any) -> Intent:
    as_of = said.pop("as_of", last.as_of)
    line = describe(replace(last, question=replace(last.question, **said), as_of=as_of))
    return ground.intent(line)


def _is_all_time(heard: Heard) -> bool:
    """Was it said? It is what everybody gets, so the question alone does not tell."""
    said = (word.lower().replace("-", " ") for word in heard.each("period"))
    return any(word in ("all time", "any time", "ever") for word in said)
