"""Words after an answer that widen its question, or may: `all regions`, `with APAC`, `vs last year`."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from analytics.questions import PipelineQuestion
from bot.intents.free.after import After
from bot.intents.free.changing import changed, filters_of, is_all, widened, with_both
from bot.intents.free.meant import Meant
from bot.intents.free.pieces import MATERIAL
from bot.intents.intent import Pipeline, Why
from bot.intents.lines import describe


def to_all(after: After) -> Meant | None:
    """`all regions`, `everyone`: the same question without what narrows it."""
    if not is_all(after.heard):
        return None
    wider = widened(after.last, after.heard, after.ground)
    return wider or after.back("does_not_fit", after.line)


def in_doubt(after: After) -> Meant | None:
    """`with APAC`: that too, or instead? `vs last year`: which of the two periods?"""
    heard, last = after.heard, after.last
    with_value = any(a.word == "with" and b.kind == "value" for a, b in pairwise(heard.pieces))
    if with_value and heard.about <= MATERIAL and hasattr(last, "question"):
        found = changed(last, heard, after.seen_from)
        if found and (both := with_both(last, found)):
            return after.back("too", describe(both), describe(found))
    if isinstance(last, Why) and last.question.after and heard.about == {"versus", "period"}:
        return after.back("versus_what", *_years_before(last), f"/why {heard.said(MATERIAL)}")
    return None


def _years_before(last: Why) -> Sequence[str]:
    """The later period of a change with the same one a year before, if it is of one year."""
    label = last.question.after.label if last.question.after else ""
    year, rest = label[:4], label[4:]
    earlier = f"{int(year) - 1}{rest}" if year.isdigit() and " " not in label else ""
    kept = describe(replace(last, question=replace(last.question, before=None, after=None)))
    return [f"{kept} {earlier} vs {label}"] if earlier else []


def ahead(after: After) -> Sequence[str]:
    """What will be, of the same deals: for a period that has not begun."""
    line = describe(Pipeline(PipelineQuestion(filters=filters_of(after.last))))
    return [f"{line} {when}" for when in after.heard.each("period")]
