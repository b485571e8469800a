"""An intent that was understood -> a question back, where the words can mean something else as well."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import Any

from analytics.questions import ALL_TIME, Filter, FunnelQuestion, Period
from bot.intents.free import asking
from bot.intents.free.asking import Ground
from bot.intents.free.hearing import Heard
from bot.intents.free.meant import Back
from bot.intents.intent import (
    Asked,
    Drivers,
    Funnel,
    Intent,
    Pipeline,
    RepPage,
    Watch,
    WhatIf,
    Why,
    WinRate,
)
from bot.intents.lines import describe
from bot.intents.vocabulary import known

_TIME = frozenset({"quarter", "month"})
_BARE = re.compile(r"q[1-4]|h[12]|[a-z]{3,9}")
_MANY = frozenset({"those", "these", "them", "their", "theirs", "its", "they"})
_OF = frozenset({"of", "for", "in", "from", "about", "with", "on"})
_OF_A_DEAL = frozenset({"risk", "close", "odds", "stuck"})
_NAMED = frozenset({"value", "person", "people", "dimension", "deals", "deal"})
_RECENT = ("this quarter", "last quarter", "last 90 days", "")


def doubt(heard: Heard, found: Intent, ground: Ground, last: str) -> Back | None:
    """A question back about the first thing that is in doubt; None when nothing is."""
    if not last and isinstance(found, Asked) and _refers(heard):
        return asking.back("which_answer", [describe(found)], ground)
    return next((back for check in _CHECKS if (back := check(heard, found, ground))), None)


def _refers(heard: Heard) -> bool:
    """`of it`, `those deals`: is it about what was said before, and not in the question itself?"""
    before, is_named, is_of_deal = "", False, bool(heard.about & _OF_A_DEAL)
    for piece in heard.pieces:
        if piece.kind == "pronoun" and not is_named and (piece.word in _MANY or before in _OF or is_of_deal):
            return True
        before, is_named = piece.word, is_named or piece.kind in _NAMED
    return False


def _is_over(heard: Heard, found: Intent, ground: Ground) -> Back | None:
    """`did we hit quota`: what is over is no pipeline any more."""
    if not isinstance(found, Pipeline) or found.as_of or "did" not in heard.kinds:
        return None
    line = _year_before(found, ground) or describe(found)
    return asking.back("over", [_won(line), line], ground)


def _which_year(heard: Heard, found: Intent, ground: Ground) -> Back | None:
    """`pipeline in q1`, when this year's is over: the one before, or the next?"""
    if not isinstance(found, Pipeline) or heard.kinds & {"future", "expect"}:
        return None
    is_bare = any(_BARE.fullmatch(words.lower()) for words in heard.each("period"))
    before = _year_before(found, ground)
    if not is_bare or not before:
        return None
    return asking.back("which_year", [describe(found), before, _won(before)], ground)


def _year_before(found: Pipeline, ground: Ground) -> str:
    """The line of what it looked like at the start of the same period a year before one of the next year."""
    period = found.question.period
    if not period or not period.start or period.start.year <= ground.today.year:
        return ""
    year = period.start.year - 1
    whole = describe(_of_period(found, None))
    return f"{whole} {year}{period.label[4:]} asof {period.start.replace(year=year)}"


def _won(line: str) -> str:
    """The win rate of what a line of the pipeline is of."""
    return re.sub(r" asof .*", "", re.sub(r"^/pipeline(?: mine| team)?", "/winrate", line))


def _which_period(heard: Heard, found: Intent, ground: Ground) -> Back | None:
    """`win rate lately`: since when?"""
    if not isinstance(found, WinRate | RepPage) or "vague" not in heard.kinds:
        return None
    if _period(found) or _TIME & set(getattr(_question(found), "dimensions", ())):
        return None
    return asking.back("which_period", [f"{describe(found)} {when}" for when in _RECENT], ground)


def _as_of(heard: Heard, found: Intent, ground: Ground) -> Back | None:
    """`as of last quarter`: of that quarter, or of all that was known at its end?"""
    if "asof_loose" not in heard.kinds:
        return None
    period = _period(found)
    then = f"{describe(_of_period(found, None))} asof {period.end}" if period and period.end else ""
    return asking.back("as_of", [line for line in (describe(found), then) if line], ground)


def _by_then(heard: Heard, found: Intent, ground: Ground) -> Back | None:
    """`by may`: in May, or until then?"""
    if not any(a.word == "by" and b.kind == "period" for a, b in pairwise(heard.pieces)):
        return None
    period, lines = _period(found), [describe(found)]
    if period and period.end:
        whole = describe(_of_period(found, None))
        span = f"{ground.today} to {period.end}" if isinstance(found, Pipeline) else f"until {period.end}"
        lines.append(f"{whole} {span}")
    return asking.back("by_then", lines, ground)


def _last_stage(heard: Heard, found: Intent, ground: Ground) -> Back | None:
    """`win rate from proposal`: a closed deal's stage is the last it had, not one that it passed."""
    if not isinstance(found, WinRate | Why | Watch | Drivers | WhatIf):
        return None
    if "stage" not in _dimensions(heard, ground) or "stage" in " ".join(heard.each("dimension")).lower():
        return None
    kept = tuple(one for one in getattr(_question(found), "filters", ()) if one.dimension != "stage")
    funnel = Funnel(FunnelQuestion(filters=kept))
    return asking.back("last_stage", [describe(funnel), describe(found)], ground)


def _which_of_two(heard: Heard, found: Intent, ground: Ground) -> Back | None:
    """`should we drop EMEA or APAC`: two questions."""
    if not isinstance(found, WhatIf) or "or" not in (piece.word for piece in heard.pieces):
        return None
    lines = [
        describe(replace(found, question=replace(found.question, segment=segment, to=to)))
        for segment in _each(found.question.segment)
        for to in _each(found.question.to)
    ]
    return asking.back("one_of", lines, ground) if len(lines) > 1 else None


def _in_pairs(heard: Heard, found: Intent, ground: Ground) -> Back | None:
    """`Core in EMEA and Pro in APAC`: two pairs, where a filter takes every combination."""
    if not isinstance(found, WinRate | Why | Watch | Drivers | Pipeline | Funnel):
        return None
    runs = [dimension for dimension, _ in groupby(_dimensions(heard, ground))]
    if len(runs) == len(set(runs)):
        return None
    lines = [describe(found)]
    if isinstance(found, WinRate):
        cut = replace(found, question=replace(found.question, dimensions=tuple(dict.fromkeys(runs))))
        lines = [describe(cut), *lines]
    return asking.back("pairs", lines, ground)


def _may_be(heard: Heard, found: Intent, ground: Ground) -> Back | None:
    """`could win rate drop`: a change that has not been can't be explained."""
    is_maybe = "modal" in heard.kinds or "may" in (piece.word for piece in heard.pieces[:1])
    if not isinstance(found, Why) or not is_maybe:
        return None
    line = describe(found)
    return asking.back("choose", [line, line.replace("/why", "/watch", 1)], ground)


def _dimensions(heard: Heard, ground: Ground) -> list[str]:
    """The dimension of each value that was named, in order; without those that have several."""
    values = known(ground.vocabulary)
    said = [piece.text.strip('"') for piece in heard.pieces if piece.kind in ("value", "person")]
    named = [{one.dimension for one in values.named(text)} for text in said]
    return [next(iter(one)) for one in named if len(one) == 1]


def _each(filters: Sequence[Filter]) -> Iterator[tuple[Filter, ...]]:
    """The filters with each value of the one that has several; themselves if none has."""
    several = [one for one in filters if len(one.values) > 1]
    if len(several) != 1:
        yield tuple(filters)
        return
    for value in several[0].values:
        yield tuple(replace(one, values=(value,)) if one is several[0] else one for one in filters)


def _question(found: Intent) -> Any:
    return getattr(found, "question", found)


def _period(found: Intent) -> Period | None:
    """The period asked for; None for all time."""
    period: Period | None = getattr(_question(found), "period", None)
    return None if period == ALL_TIME else period


def _of_period(found: Any, period: Period | None) -> Any:
    """The same of another period; None for all that there is."""
    usual = ALL_TIME if isinstance(found, WinRate | RepPage) else None
    if not hasattr(_question(found), "period"):
        return found
    if found is _question(found):
        return replace(found, period=period or usual)
    return replace(found, question=replace(found.question, period=period or usual))


_CHECKS: Sequence[Callable[[Heard, Intent, Ground], Back | None]] = (
    *(_is_over, _which_year, _which_period, _as_of, _by_then),
    *(_last_stage, _which_of_two, _in_pairs, _may_be),
)
