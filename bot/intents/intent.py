"""What can be asked, as values, and each as the one line that asks for it again."""

import re
from dataclasses import dataclass
from datetime import date

from analytics.questions import ALL_TIME, BreakdownQuestion, Filter
from bot.intents.words import quoted


@dataclass(frozen=True, slots=True)
class WinRate:
    """Win rate by some dimensions; `as_of` None means today's numbers."""

    question: BreakdownQuestion
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """Where one deal stands."""

    deal_id: str
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Help:
    """What can be asked; `topic` is a command's name without the slash, or empty."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class Glossary:
    """What a metric means; an empty `term` asks for the list."""

    term: str = ""


@dataclass(frozen=True, slots=True)
class QualityPage:
    """The scorecard of the data."""


@dataclass(frozen=True, slots=True)
class Status:
    """How the system is doing."""


@dataclass(frozen=True, slots=True)
class MapPerson:
    """Ops say which person of the CRM (an id, an email or a name) a Slack user is."""

    slack_user_id: str
    person: str


Intent = WinRate | Deal | Help | Glossary | QualityPage | Status | MapPerson


def spoken(dimension: str) -> str:
    """A dimension in the reader's words: `lead source`."""
    return dimension.replace("_", " ")


def describe(intent: Intent) -> str:
    """The one line that asks for this again, whatever day it is then.

    >>> describe(WinRate(BreakdownQuestion(("lead_source",), (Filter("region", ("EMEA", "APAC")),))))
    '/winrate lead source where region = "EMEA", "APAC"'
    """
    match intent:
        case WinRate(question, as_of):
            return " ".join(["/winrate", *_question(question), *_asof(as_of)])
        case Deal(deal_id, as_of):
            shown = deal_id if re.fullmatch(r"[\w-]*\d[\w-]*", deal_id) else quoted(deal_id)
            return " ".join(["/deal", shown, *_asof(as_of)])
        case Help(topic):
            return f"/coach help {topic}".rstrip()
        case Glossary(term):
            return f"/coach glossary {term}".rstrip()
        case QualityPage():
            return "/coach quality"
        case Status():
            return "/coach status"
        case MapPerson(slack_user_id, person):
            return f"/coach map <@{slack_user_id}> {person}"


def _question(question: BreakdownQuestion) -> list[str]:
    dimensions = ", ".join(map(spoken, question.dimensions))
    filters = " and ".join(map(_filter, question.filters))
    return [
        *([dimensions] if dimensions else []),
        *(["where", filters] if filters else []),
        *(["by amount"] if question.by_amount else []),
        *([question.period.label] if question.period != ALL_TIME else []),
    ]


def _filter(wanted: Filter) -> str:
    return f"{spoken(wanted.dimension)} = {', '.join(map(quoted, wanted.values))}"


def _asof(as_of: date | None) -> list[str]:
    return [f"asof {as_of}"] if as_of else []
