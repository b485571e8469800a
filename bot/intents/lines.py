"""Each intent as the one line that asks for it again, whatever day it is then."""

import re
from collections.abc import Sequence
from datetime import date

from analytics.questions import (
    ALL_TIME,
    BreakdownQuestion,
    DriversQuestion,
    Filter,
    FunnelQuestion,
    Period,
    PipelineQuestion,
    WatchQuestion,
    WhatIfQuestion,
    WhyQuestion,
)
from bot.intents.intent import (
    AlertLog,
    AlertsPage,
    Asked,
    Backtest,
    Changes,
    Deal,
    Drivers,
    Funnel,
    Glossary,
    Help,
    Impact,
    Intent,
    MapPerson,
    ModelPage,
    Page,
    Pilot,
    Pipeline,
    PlaysPage,
    QualityPage,
    Recheck,
    RepPage,
    RulesPage,
    SetupPage,
    SharesPage,
    Status,
    Sums,
    Watch,
    WeekPage,
    WhatIf,
    Why,
    WinRate,
    spoken,
)
from bot.intents.words import quoted


def describe(intent: Intent) -> str:
    """The line.

    >>> describe(WinRate(BreakdownQuestion(("lead_source",), (Filter("region", ("EMEA", "APAC")),))))
    '/winrate lead source where region = "EMEA", "APAC"'
    """
    match intent:
        case WinRate() | Why() | Watch() | Drivers() | Pipeline() | WhatIf() | Funnel():
            words = [_asked(intent), *_asof(intent.as_of)]
        case Deal(deal_id, as_of):
            words = ["/deal", _deal(deal_id), *_asof(as_of)]
        case Changes(deal_id, as_of):
            words = ["/deal", _deal(deal_id), "changes", *_asof(as_of)]
        case _:
            words = ["/coach", *_page(intent)]
    return " ".join(words)


def _page(page: Page) -> Sequence[str]:
    """What follows `/coach`."""
    match page:
        case RepPage(rep_id, period, as_of):
            return ["rep", quoted(rep_id), *_unless_all(period), *_asof(as_of)]
        case WeekPage(person_id, as_of):
            return ["week", quoted(person_id), *_asof(as_of)]
        case ModelPage(as_of):
            return ["model", *_asof(as_of)]
        case QualityPage(as_of):
            return ["quality", *_asof(as_of)]
        case Status():
            return ["status"]
        case Sums(line):
            return ["sums", line]
        case Recheck(line):
            return ["check", line]
        case Help(topic):
            return ["help", *([topic] if topic else [])]
        case Glossary(term):
            return ["glossary", *([term] if term else [])]
        case AlertsPage():
            return ["alerts"]
        case AlertLog(about):
            return ["alerts", "log", *([about] if about else [])]
        case RulesPage(rule_id):
            return ["rules", *([rule_id] if rule_id else [])]
        case Backtest(rule_id):
            return ["backtest", rule_id]
        case Impact():
            return ["impact"]
        case Pilot():
            return ["pilot"]
        case PlaysPage():
            return ["plays"]
        case SetupPage(about):
            return ["setup", about]
        case SharesPage():
            return ["shares"]
        case MapPerson(slack_user_id, person):
            return [f"map <@{slack_user_id}>", person]


def _asked(intent: Asked) -> str:
    """The command and its question."""
    match intent.question:
        case BreakdownQuestion(dimensions, filters, period, by_amount):
            amount = ["by amount"] if by_amount else []
            words = ["/winrate", *_cut(dimensions, filters), *amount, *_unless_all(period)]
        case WhyQuestion():
            words = ["/why", *_why(intent.question)]
        case WatchQuestion(dimension, filters, floor):
            below = [f"below {100 * floor:g} %"] if floor is not None else []
            words = ["/watch", *_cut((dimension,) if dimension else (), filters), *below]
        case DriversQuestion(dimensions, filters):
            words = ["/drivers", *_cut(dimensions, filters)]
        case PipelineQuestion(whose, period, filters):
            some = [whose] if whose != "all" else []
            words = ["/pipeline", *some, *_cut((), filters), *_period(period)]
        case FunnelQuestion(period, filters):
            words = ["/funnel", *_cut((), filters), *_period(period)]
        case WhatIfQuestion(action, segment, to, period):
            target = ["to", *map(_filter, to)] if to else []
            words = ["/whatif", action, *map(_filter, segment), *target, *_period(period)]
    return " ".join(words)


def _why(question: WhyQuestion) -> Sequence[str]:
    periods = [period.label for period in (question.before, question.after) if period]
    return [
        *(["by", spoken(question.by)] if question.by else []),
        *_cut((), question.filters),
        *(["created"] if question.created else []),
        *([" vs ".join(periods)] if periods else []),
        *(["challenge"] if question.challenge else []),
    ]


def _cut(dimensions: Sequence[str], filters: Sequence[Filter]) -> Sequence[str]:
    named = ", ".join(map(spoken, dimensions))
    kept = " and ".join(map(_filter, filters))
    return [*([named] if named else []), *(["where", kept] if kept else [])]


def _filter(wanted: Filter) -> str:
    return f"{spoken(wanted.dimension)} = {', '.join(map(quoted, wanted.values))}"


def _period(period: Period | None) -> Sequence[str]:
    return [period.label] if period else []


def _unless_all(period: Period) -> Sequence[str]:
    return _period(period if period != ALL_TIME else None)


def _deal(deal_id: str) -> str:
    return deal_id if re.fullmatch(r"[\w-]*\d[\w-]*", deal_id) else quoted(deal_id)


def _asof(as_of: date | None) -> Sequence[str]:
    return [f"asof {as_of}"] if as_of else []
