"""What can be asked, as values; `bot.intents.lines` writes each as the line that asks for it again."""

from dataclasses import dataclass
from datetime import date

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


@dataclass(frozen=True, slots=True)
class WinRate:
    """Win rate by some dimensions; here and below, `as_of` None means today's numbers."""

    question: BreakdownQuestion
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """Why the win rate changed between two periods."""

    question: WhyQuestion
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """Whether the win rate is unusual, month by month."""

    question: WatchQuestion
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Drivers:
    """What is associated with winning."""

    question: DriversQuestion
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What will be won in a period, and what could go wrong."""

    question: PipelineQuestion
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What would follow if a segment were dropped, or its capacity worked on another."""

    question: WhatIfQuestion
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Funnel:
    """Where deals leak on their way through the stages."""

    question: FunnelQuestion
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Deal:
    """Where one deal stands."""

    deal_id: str
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """Why one deal's odds moved since they were last counted."""

    deal_id: str
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class RepPage:
    """One rep against the team, luck taken into account."""

    rep_id: str
    period: Period = ALL_TIME
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class WeekPage:
    """What changed for one rep in the last seven days, for the rep and the manager."""

    person_id: str
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class ModelPage:
    """What the win-probability model is, and how good it is on deals it has not seen."""

    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class QualityPage:
    """The scorecard of the data."""

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
class Status:
    """How the system is doing."""


@dataclass(frozen=True, slots=True)
class Sums:
    """Where every figure of an answer comes from; `line` asks for that answer."""

    line: str


@dataclass(frozen=True, slots=True)
class Recheck:
    """Are you sure? The answer that `line` asks for counted anew, and asked in other ways."""

    line: str


@dataclass(frozen=True, slots=True)
class AlertsPage:
    """What I am told of, how and when; and what is open now."""


@dataclass(frozen=True, slots=True)
class AlertLog:
    """Every alert that was considered: sent, held back (why), updated, acted on. `about` is a deal's id."""

    about: str = ""


@dataclass(frozen=True, slots=True)
class RulesPage:
    """The rules with their thresholds; of one rule also its history."""

    rule_id: str = ""


@dataclass(frozen=True, slots=True)
class Backtest:
    """What a rule would have told last quarter."""

    rule_id: str


@dataclass(frozen=True, slots=True)
class Impact:
    """Whether the alerts help, against those kept silent."""


@dataclass(frozen=True, slots=True)
class Pilot:
    """What the reviewer let through and held back, and whether to go live."""


@dataclass(frozen=True, slots=True)
class PlaysPage:
    """Which plays were taken, and what followed."""


@dataclass(frozen=True, slots=True)
class SetupPage:
    """How we are set up: sources, mapping, thresholds, roles; `about` is one of these, or empty."""

    about: str = ""


@dataclass(frozen=True, slots=True)
class SharesPage:
    """Who shared what with whom."""


@dataclass(frozen=True, slots=True)
class MapPerson:
    """Ops say which person of the CRM (an id, an email or a name) a Slack user is."""

    slack_user_id: str
    person: str


Asked = WinRate | Why | Watch | Drivers | Pipeline | WhatIf | Funnel  #: intents that carry a question
Page = (  #: those of `/coach`
    RepPage
    | WeekPage
    | ModelPage
    | QualityPage
    | Help
    | Glossary
    | Status
    | Sums
    | Recheck
    | AlertsPage
    | AlertLog
    | RulesPage
    | Backtest
    | Impact
    | Pilot
    | PlaysPage
    | SetupPage
    | SharesPage
    | MapPerson
)
Counted = Asked | Deal | Changes | RepPage | WeekPage | ModelPage | QualityPage  #: answered from facts
Intent = Asked | Deal | Changes | Page


def spoken(dimension: str) -> str:
    """A dimension in the reader's words: `lead source`."""
    return dimension.replace("_", " ")
