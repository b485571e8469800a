"""A few words after an answer -> its question with only that changed, or a question back."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from analytics.questions import ALL_TIME, DriversQuestion, Period, PipelineQuestion, WhyQuestion
from bot.intents import pairs
from bot.intents.free import asking, widening
from bot.intents.free.after import After
from bot.intents.free.asking import Ground
from bot.intents.free.changing import changed, filters_of, of_the_same
from bot.intents.free.hearing import Heard
from bot.intents.free.meant import Back, Meant
from bot.intents.free.pieces import MATERIAL
from bot.intents.free.someone import of_deal, of_someone
from bot.intents.intent import (
    Asked,
    Changes,
    Deal,
    Drivers,
    Intent,
    Pipeline,
    RepPage,
    Watch,
    WeekPage,
    WhatIf,
    Why,
    WinRate,
)
from bot.intents.lines import describe
from bot.intents.misunderstood import BadDay, NotUnderstood

_WIDE = ("winrate", "why", "pipeline", "funnel")  #: what a few words on their own may be about
_REFERS = frozenset({"sure", "sums", "next_step", "period_before"})
_UNIT_DAYS = {"week": range(7, 8), "month": range(28, 32), "quarter": range(90, 93), "year": range(365, 367)}
_TIME = ("quarter", "month")
_WORK = frozenset(
    {"effort", "effort_on", "spend", "move", "shift", "instead_then", "whatif", "would", "arrow"}
)
_MOVED = frozenset({"change", "move", "happened", "drop", "down", "up"})


def followed(heard: Heard, line: str, ground: Ground) -> Meant | None:
    """What is asked now; None when it does not follow up, or the last answer's line is no line."""
    line = line.removeprefix("/coach sums ").removeprefix("/coach check ")
    try:
        after = After(heard, line, ground.intent(line), ground)
    except NotUnderstood:
        return None
    try:
        return of_someone(heard, after.last, ground) or _followed(after)
    except BadDay as error:
        return asking.refused(error, ground, widening.ahead(after))
    except NotUnderstood as error:
        return asking.refused(error, ground)


def orphan(heard: Heard, ground: Ground) -> Meant | None:
    """A question back when words only make sense after an answer, and there is none."""
    if heard.about & _REFERS and heard.about <= MATERIAL | _REFERS:
        return asking.back("which_answer", (), ground)
    if heard.about and heard.about <= MATERIAL:
        rest = heard.said(MATERIAL)
        asked = asking.back("of_what", [f"/{command} {rest}" for command in _WIDE], ground)
        return ground.intent(asked.options[0][1]) if _is_only_ahead(asked) else asked
    return None


def _is_only_ahead(asked: Back) -> bool:
    """Is there one thing to ask, the period being one that has not begun?"""
    return len(asked.options) == 1 and asked.options[0][1].startswith("/pipeline")


def carried(found: Intent, line: str, ground: Ground) -> str:
    """The line of a question about the deals of the last answer; "" when that makes no difference."""
    try:
        last = ground.intent(line)
        wider = of_the_same(found, last, ground)
    except NotUnderstood:
        return ""
    return "" if wider in (None, found) else describe(wider)


def _followed(after: After) -> Meant | None:
    about = after.heard.about
    for needs, follow in _FOLLOW:
        if about == needs:
            return follow(after)
    if isinstance(after.last, Deal | Changes) and about & _MOVED and about <= _MOVED | {"why", "odds"}:
        return Changes(after.last.deal_id, after.last.as_of)
    if about == {"deal"} and "and_then" in after.heard.kinds:
        return _same_for(after)
    if isinstance(after.last, WhatIf) and (found := _what_if(after)):
        return found
    if isinstance(after.last, Deal | Changes) and (found := of_deal(after.heard, after.last, after.ground)):
        return found
    if found := widening.in_doubt(after) or widening.to_all(after):
        return found
    said = about - _lead_in(after)
    return _changed(after) if said and said <= MATERIAL else None


def _lead_in(after: After) -> frozenset[str]:
    """Words that only lead in to what is to change: `how did IT LOOK in May?`, `FLAG anything below 30 %`."""
    kinds = after.heard.kinds
    refers = {"doing"} if "pronoun" in kinds and not kinds & {"dimension"} else set()
    watches = {"eye"} if "floor" in kinds and isinstance(after.last, Watch) else set()
    more = {"also"} if isinstance(after.last, WinRate) and "dimension" in kinds else set()
    return frozenset(refers | watches | more | {"instead_then"})


def _what_if(after: After) -> Meant | None:
    """`and dropping inbound?`, or what was dropped worked on another: `and if that went to referrals?`."""
    about, wanted = after.heard.about, after.heard.said(frozenset({"value", "period"}))
    if not isinstance(after.last, WhatIf) or len(after.heard.each("value")) != 1:
        return None
    if about & {"drop", "stop"} and about <= {"drop", "stop", "selling", "whatif", "value", "period"}:
        return after.ground.intent(f"/whatif drop {wanted}")
    if about & _WORK and about <= _WORK | {"value", "period", "joint"}:
        kept = replace(after.last, question=replace(after.last.question, action="shift", to=()))
        return after.ground.intent(f"{describe(kept)} to {wanted}")
    return None


def _sure(after: After) -> Meant:
    """`are you sure?`: the checks again; of a change, in other ways."""
    if isinstance(after.last, Why) and not after.last.question.challenge:
        return replace(after.last, question=replace(after.last.question, challenge=True))
    return after.ground.intent(f"/coach check {after.line}")


def _sums(after: After) -> Meant:
    return after.ground.intent(f"/coach sums {after.line}")


def _next_step(after: After) -> Meant:
    """`what should I do?`: what a card ends in, else a choice of what shows things to do."""
    match after.last:
        case Deal(deal_id, as_of) | Changes(deal_id, as_of):
            return Deal(deal_id, as_of)
        case RepPage(rep_id, _, as_of):
            return WeekPage(rep_id, as_of)
        case _:
            where = filters_of(after.last)
            forecast = describe(Pipeline(PipelineQuestion(filters=where)))
            drivers = describe(Drivers(DriversQuestion(filters=where)))
            return after.back("choose", forecast, drivers, "/pipeline mine")


def _why(after: After) -> Meant | None:
    """`why?`: why it changed, of the same deals and period."""
    match after.last:
        case WinRate() | Watch():
            return _why_of(after.last, after)
        case Deal(deal_id, as_of):
            return Changes(deal_id, as_of)
        case Why():
            return after.back("choose", f"{after.line} challenge", "/drivers")
        case _:
            return after.back("does_not_fit", "/why", "/drivers")


def _why_of(last: Any, after: After) -> Meant:
    by = [name for name in _dimensions(last) if name not in _TIME]
    question = WhyQuestion(filters=filters_of(last))
    period = last.question.period if isinstance(last, WinRate) else None
    when = period.label if period and period != ALL_TIME else ""
    asof = f"asof {last.as_of}" if last.as_of else ""
    lines = [f"{describe(Why(replace(question, by=name)))} {when} {asof}" for name in by or (None,)]
    return asking.meant(lines, after.ground)


def _before(after: After) -> Meant:
    """`and the quarter before?`: the same, one period earlier, if that is what the last answer was of."""
    question: Any = getattr(after.last, "question", after.last)
    match getattr(question, "before", None) or getattr(question, "period", None):
        case Period(start, end) as period if start and end:
            line = _earlier(after.last, period)
            is_unit = _is_one(" ".join(after.heard.each("period_before")).lower(), (end - start).days + 1)
            return after.ground.intent(line) if is_unit else after.back("does_not_fit", line)
        case _:
            return after.back("does_not_fit", after.line)


def _is_one(words: str, days: int) -> bool:
    """Is a period of so many days one of the unit that the words name, if they name one?"""
    unit = next((unit for unit in _UNIT_DAYS if unit in words), "")
    return not unit or days in _UNIT_DAYS[unit]


def _earlier(last: Any, period: Period) -> str:
    """The line of the last answer with the period before the one it has."""
    earlier = pairs.previous(period)
    if isinstance(last, RepPage):
        return describe(replace(last, period=earlier))
    changes = {"before": earlier, "after": period} if isinstance(last, Why) else {"period": earlier}
    return describe(replace(last, question=replace(last.question, **changes)))


def _same_for(after: After) -> Meant:
    """`same for D00417`: the same page of another deal."""
    lines = [f"/deal {deal_id}" for deal_id in after.heard.each("deal")]
    if not isinstance(after.last, Deal | Changes) or len(lines) > 1:
        return after.back("does_not_fit", *lines)
    again = " changes" if isinstance(after.last, Changes) else ""
    asof = f" asof {after.last.as_of}" if after.last.as_of else ""
    return after.ground.intent(f"{lines[0]}{again}{asof}")


def _changed(after: After) -> Meant:
    """`by rep?`, `and last quarter?`, `only renewals`: the last question with that part changed."""
    rest = after.heard.said(MATERIAL)
    found = changed(after.last, after.heard, after.seen_from)
    return found or after.back("does_not_fit", f"/winrate {rest}", f"/pipeline {rest}")


def _dimensions(last: Asked) -> tuple[str, ...]:
    alone = getattr(last.question, "dimension", None)
    return getattr(last.question, "dimensions", (alone,) if alone else ())


_FOLLOW: Sequence[tuple[set[str], Callable[[After], Meant | None]]] = (
    ({"sure"}, _sure),
    ({"sums"}, _sums),
    ({"next_step"}, _next_step),
    ({"why"}, _why),
    ({"period_before"}, _before),
)
