"""What was said after a command -> the intent with its question, one function for each command."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import combinations
from typing import Literal, NoReturn

from analytics.questions import (
    ALL_TIME,
    BreakdownQuestion,
    DriversQuestion,
    FunnelQuestion,
    Period,
    PipelineQuestion,
    WatchQuestion,
    WhatIfQuestion,
    WhyQuestion,
)
from bot import spelling
from bot.intents import pairs, reading
from bot.intents.grammar import Parsed, place
from bot.intents.intent import (
    Asked,
    Drivers,
    Funnel,
    Pipeline,
    RepPage,
    Watch,
    WeekPage,
    WhatIf,
    Why,
    WinRate,
    spoken,
)
from bot.intents.misunderstood import BadDay, TooMuch, UnknownWord
from bot.intents.naming import listed
from bot.intents.reading import Form, Said
from bot.intents.vocabulary import Known
from bot.narrator import ours
from bot.refusals import refusal

TIME = ("quarter", "month")

FORMS = {
    "/winrate": Form(words=frozenset({"BY_AMOUNT"})),
    "/why": Form(words=frozenset({"CREATED", "CHALLENGE", "DROP"}), periods=2),
    "/watch": Form(words=frozenset({"FLOOR"}), periods=0, no_period="no_period_watch"),
    "/drivers": Form(periods=0, no_period="no_period_drivers"),
    "/pipeline": Form(words=frozenset({"MINE", "ALL"}), ahead=True),
    "/whatif": Form(words=frozenset({"DROP", "SHIFT"}), arrow=True),
    "/funnel": Form(),
    "/coach rep": Form(about="rep"),
    "/coach week": Form(about="rep", periods=0, no_period="no_period_week"),
}


def question(command: str, tree: Parsed, text: str, known: Known, today: date) -> Asked | RepPage | WeekPage:
    """What the tree of the text after a command asks for.

    Raises:
        NotUnderstood: a part has no meaning, or more than one, or the command cannot use it.
    """
    return _ASKED[command](reading.read(tree, text, known, today, FORMS[command]))


def _winrate(said: Said) -> WinRate:
    _at_most(2, "/winrate", said)
    by_amount = "BY_AMOUNT" in said.words
    asked = BreakdownQuestion(said.dimensions, said.filters, said.period or ALL_TIME, by_amount)
    return WinRate(asked, said.as_of)


def _why(said: Said) -> Why:
    _no_time(refusal("why_by_time"), said)
    _at_most(1, "/why", said)
    before, after = pairs.compared(said.periods, said.today) or (None, None)
    asked = WhyQuestion(
        before=before,
        after=after,
        by=next(iter(said.dimensions), None),
        filters=said.filters,
        created="CREATED" in said.words,
        challenge="CHALLENGE" in said.words,
    )
    return Why(asked, said.as_of)


def _watch(said: Said) -> Watch:
    _no_time(refusal("watch_by_time"), said)
    _at_most(1, "/watch", said)
    return Watch(
        WatchQuestion(next(iter(said.dimensions), None), said.filters, _floor(said)),
        said.as_of,
    )


def _floor(said: Said) -> float | None:
    """The win rate not to be undercut, as a fraction; `below 0.35` is 35 % too."""
    word = said.words.get("FLOOR")
    if word is None:
        return None
    number = float("".join(c for c in word if c.isdigit() or c in ".,").replace(",", "."))
    floor = number if number < 1 and "%" not in word and "percent" not in word else number / 100
    if not 0 < floor < 1:
        raise UnknownWord(
            refusal("floor", least=0, most=spelling.percent(Decimal(100))), ["below 35 %"], place([word])
        )
    return floor


def _drivers(said: Said) -> Drivers:
    _no_time(refusal("pairs_by_time"), said)
    _at_most(2, "/drivers", said)
    if len(said.dimensions) == 1:
        (alone,) = said.dimensions
        others = [name for name in _dimensions(said) if name != alone][:2]
        raise UnknownWord(
            refusal("one_alone", alone=ours.said(spoken(alone))),
            [f"/drivers {spoken(alone)} by {spoken(other)}" for other in others] + ["/drivers"],
        )
    return Drivers(DriversQuestion(said.dimensions, said.filters), said.as_of)


def _pipeline(said: Said) -> Pipeline:
    whose = _whose(said)
    if said.dimensions != ("team",):
        _at_most(0, "/pipeline", said)
    if period := said.period:
        _can_be_forecast(period, said.today)
    return Pipeline(PipelineQuestion(whose, period, said.filters), said.as_of)


def _whose(said: Said) -> Literal["mine", "team", "all"]:
    if "MINE" in said.words:
        return "mine"
    return "team" if "team" in said.dimensions else "all"


def _can_be_forecast(period: Period, today: date) -> None:
    """Refuse a period without an end, or one that is over."""
    if period.start is None or period.end is None:
        label = ours.said(period.label)
        raise BadDay(
            refusal("by_when", period=label[:1].upper() + label[1:]),
            ["/pipeline this quarter", "/pipeline next quarter"],
        )
    if period.end < today:
        then = f"/pipeline {period.label} asof {period.start}"
        raise BadDay(refusal("over", period=ours.said(period.label)), [then])


def _whatif(said: Said) -> WhatIf:
    action = _action(said)
    _at_most(0, f"/whatif {action}", said)
    if not said.filters:
        raise UnknownWord(refusal(f"{action}_what"))
    if action == "shift" and not said.to:
        raise UnknownWord(refusal("shift_to"))
    if action == "drop" and said.to:
        raise UnknownWord(refusal("drop_to"))
    if said.to == said.filters:
        raise UnknownWord(refusal("shift_same"))
    return WhatIf(WhatIfQuestion(action, said.filters, said.to, said.period), said.as_of)


def _action(said: Said) -> Literal["drop", "shift"]:
    """What is to be done; an arrow alone says it too."""
    if {"DROP", "SHIFT"} <= set(said.words):
        raise TooMuch(refusal("drop_or_shift"))
    if "SHIFT" in said.words or ("DROP" not in said.words and said.to):
        return "shift"
    if "DROP" not in said.words:
        raise UnknownWord(refusal("whatif_what"))
    return "drop"


def _funnel(said: Said) -> Funnel:
    _at_most(0, "/funnel", said)
    return Funnel(FunnelQuestion(said.period, said.filters), said.as_of)


def _rep(said: Said) -> RepPage:
    return RepPage(_one_rep(said, "rep"), said.period or ALL_TIME, said.as_of)


def _week(said: Said) -> WeekPage:
    return WeekPage(_one_rep(said, "week"), said.as_of)


def _one_rep(said: Said, page: str) -> str:
    """The id of the one rep that a page is about, and nothing else."""
    reps = [value for wanted in said.filters if wanted.dimension == "rep" for value in wanted.values]
    if len(reps) != 1 or len(said.filters) != 1 or said.dimensions:
        _refuse_rep(said, reps, page)
    return reps[0]


def _refuse_rep(said: Said, reps: Sequence[str], page: str) -> NoReturn:
    if not reps:
        sentence = refusal("whose_page" if page == "rep" else "whose_week")
    elif len(reps) > 1:
        sentence = refusal("one_rep")
    else:
        sentence = refusal("whole_rep")
    known = said.naming.known
    named = [m for m in known.meanings if m.dimension == "rep" and (not reps or m.value in reps)]
    raise UnknownWord(sentence, [f"/coach {page} {known.written(m)}" for m in named[:2]])


def _at_most(most: int, command: str, said: Said) -> None:
    """Refuse more dimensions than the command can split by."""
    if len(said.dimensions) <= most:
        return
    spelt = [spoken(dimension) for dimension in said.dimensions]
    if most:
        fewer = [f"{command} {', '.join(some)}" for some in combinations(spelt, most)]
        many = {1: "one_dimension", 2: "two_dimensions"}[most]
        raise TooMuch(refusal(many, named=listed(spelt, "and")), fewer)
    values = _values(said, said.dimensions[0])
    raise UnknownWord(
        refusal("not_split", command=command, named=listed(spelt, "and")),
        [f"{command} {written}" for written in values] or [command],
    )


def _no_time(sentence: str, said: Said) -> None:
    """Refuse months and quarters as something to split by."""
    if set(TIME) & set(said.dimensions):
        raise UnknownWord(sentence)


def _values(said: Said, dimension: str) -> list[str]:
    """Up to two filters on a dimension, as they are written."""
    named = [m for m in said.naming.known.meanings if m.dimension == dimension]
    return list(map(said.naming.filtered, named[:2]))


def _dimensions(said: Said) -> list[str]:
    """The dimensions that the data has values of, in order."""
    return list(dict.fromkeys(m.dimension for m in said.naming.known.meanings))


_ASKED: dict[str, Callable[[Said], Asked | RepPage | WeekPage]] = {
    "/winrate": _winrate,
    "/why": _why,
    "/watch": _watch,
    "/drivers": _drivers,
    "/pipeline": _pipeline,
    "/whatif": _whatif,
    "/funnel": _funnel,
    "/coach rep": _rep,
    "/coach week": _week,
}
