"""Turns of a thread -> messages: the person's words with handles, our answers as tool calls and claim ids.

What others said in the thread is not among the turns, and nothing that was answered is repeated in prose.
"""

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from analytics.questions import ALL_TIME, EVERY_TYPE, Filter, Period
from bot import intents
from bot.narrator.ask.handles import Handles
from bot.narrator.ask.names import Named

if TYPE_CHECKING:
    from bot.coach import Inquiry

TURNS = 6  #: of a thread. Source: narration.md, S15
CLAIMS = 12  #: claim ids of one answer

Message = dict[str, Any]

_CLAIM_ID = re.compile(r"[a-z][a-z0-9_.]{0,39}")
_CALENDAR = re.compile(r"(?P<year>\d{4})(?:-Q(?P<quarter>\d)|-H(?P<half>\d)|-(?P<month>\d\d))?")


class Turn(Protocol):
    """What is remembered of one question."""

    @property
    def said(self) -> str: ...
    @property
    def line(self) -> str: ...
    @property
    def claims(self) -> Sequence[str]: ...


class NotSayable(Exception):
    """A question of before that no tool asks for, or that names what the viewer no longer sees."""


def messages(turns: Sequence[Turn], inquiry: "Inquiry", handles: Handles) -> list[Message]:
    """The last turns, oldest first; our side of a turn that cannot be asked today is left out."""
    return [
        message
        for number, turn in enumerate(turns[-TURNS:])
        for message in _turn(f"before_{number}", turn, inquiry, handles)
    ]


def _turn(call_id: str, turn: Turn, inquiry: "Inquiry", handles: Handles) -> Iterator[Message]:
    yield {"role": "user", "content": handles.masked(turn.said)}
    try:
        name, arguments = called(inquiry.understand_line(turn.line), handles)
    except (intents.NotUnderstood, NotSayable):
        yield {"role": "assistant", "content": "not understood"}
        return
    told = [claim for claim in turn.claims if _CLAIM_ID.fullmatch(claim)][:CLAIMS]
    yield calling([(call_id, name, json.dumps(arguments))])
    yield answering(call_id, f"answered: {' '.join(told)}".strip())
    yield {"role": "assistant", "content": "answered"}


def calling(calls: Sequence[tuple[str, str, str]]) -> Message:
    """Our message to the server that the model called tools: id, name and arguments of each."""
    made = [{"id": i, "type": "function", "function": {"name": n, "arguments": a}} for i, n, a in calls]
    return {"role": "assistant", "content": None, "tool_calls": made}


def answering(call_id: str, content: str) -> Message:
    """What a tool call came to."""
    return {"role": "tool", "tool_call_id": call_id, "content": content}


def called(intent: intents.Intent, handles: Handles) -> tuple[str, dict[str, Any]]:
    """The tool call that an intent would have come from.

    Raises:
        NotSayable: there is none.
    """
    name, arguments = _called(intent, handles)
    as_of = getattr(intent, "as_of", None)
    told = arguments | {"as_of": _day(as_of)}
    return name, {key: value for key, value in told.items() if value not in (None, False, "", [])}


def _called(intent: intents.Intent, handles: Handles) -> tuple[str, dict[str, Any]]:
    match intent:
        case intents.WinRate(asked):
            some = [wanted for wanted in asked.filters if wanted.values != (EVERY_TYPE,)]
            pooled = {"by_amount": asked.by_amount, "every_type": len(some) < len(asked.filters)}
            cut = {"by": list(asked.dimensions)} | pooled
            return "win_rate", cut | _kept(some, asked.period, handles)
        case intents.Why(asked):
            pair = {"before": _when(asked.before, handles), "after": _when(asked.after, handles)}
            ways = {"by": asked.by, "created": asked.created, "challenge": asked.challenge}
            return "why_changed", pair | ways | _kept(asked.filters, None, handles)
        case intents.Watch(asked):
            looks = {"by": asked.dimension, "floor_percent": _percent(asked.floor)}
            return "unusual", looks | _kept(asked.filters, None, handles)
        case intents.Drivers(asked):
            return "drivers", {"by": list(asked.dimensions)} | _kept(asked.filters, None, handles)
        case intents.Pipeline(asked):
            view = {"view": "forecast", "whose": asked.whose}
            return "pipeline", view | _kept(asked.filters, asked.period, handles)
        case intents.Funnel(asked):
            return "pipeline", {"view": "leaks"} | _kept(asked.filters, asked.period, handles)
        case intents.WhatIf(asked):
            parts = {"segment": _only(asked.segment, handles), "to": _only(asked.to, handles)}
            return "what_if", {"action": asked.action, **parts, "period": _when(asked.period, handles)}
    return "page", _page(intent, handles)


def _page(intent: intents.Intent, handles: Handles) -> dict[str, Any]:
    match intent:
        case intents.Deal(deal_id):
            return {"page": "deal", "about": _deal(deal_id, handles)}
        case intents.Changes(deal_id):
            return {"page": "deal_changes", "about": _deal(deal_id, handles)}
        case intents.RepPage(rep_id, period):
            return {"page": "rep", "about": _value("rep", rep_id, handles), "period": _when(period, handles)}
        case intents.WeekPage(person_id):
            return {"page": "week", "about": _value("rep", person_id, handles)}
        case intents.ModelPage():
            return {"page": "model"}
        case intents.QualityPage():
            return {"page": "quality"}
    raise NotSayable(type(intent).__name__)


def _kept(filters: Sequence[Filter], period: Period | None, handles: Handles) -> dict[str, Any]:
    return {"only": _only(filters, handles), "period": _when(period, handles)}


def _only(filters: Sequence[Filter], handles: Handles) -> list[str]:
    return [_value(wanted.dimension, value, handles) for wanted in filters for value in wanted.values]


def _value(dimension: str, value: str, handles: Handles) -> str:
    if handle := handles.value(dimension, value):
        return handle
    raise NotSayable(dimension)


def _deal(deal_id: str, handles: Handles) -> str:
    if handle := handles.deal(deal_id):
        return handle
    raise NotSayable("deal")


def _when(period: Period | None, handles: Handles) -> dict[str, Any] | None:
    """A calendar period by its numbers, any other by a handle."""
    if period is None or period == ALL_TIME:
        return None
    if found := _CALENDAR.fullmatch(period.label):
        return {part: int(number) for part, number in found.groupdict().items() if number}
    handle = handles.give(Named(period=period.label))
    if not handle:
        raise NotSayable("period")
    return {"handle": handle}


def _percent(floor: float | None) -> int | None:
    """A floor in whole percent, which is all that a tool takes."""
    if floor is None:
        return None
    percent = float(f"{100 * floor:g}")
    if not percent.is_integer():
        raise NotSayable("floor")
    return int(percent)


def _day(day: date | None) -> dict[str, int] | None:
    return {"year": day.year, "month": day.month, "day": day.day} if day else None
