"""A rule as data: conditions on named metrics of deals, owners, segments, drivers or the source; our rules.

A rule is changed without code: `as_json` and `from_json` carry it to memory and back, and `METRICS` says
which conditions it may be made of, each with its unit and where its default threshold comes from.
"""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from analytics.generation import SEGMENTS
from analytics.questions import Filter
from analytics.stall import Thresholds
from data.mendable import Mendable


class BadRule(Mendable):
    """A rule that means nothing; the message says which part, and what would do."""


class Level(StrEnum):
    """How loud an alert is, and for whom."""

    P1 = "P1"  # the owner at once, the manager when nobody answers
    P2 = "P2"  # the owner's daily digest
    P3 = "P3"  # the owner's weekly list, and ops' scorecard
    RATE = "rate"  # the CRO, and the segment's manager
    DRIVER = "driver"  # the CRO's digest
    DATA = "data"  # ops


class Subject(StrEnum):
    """What a rule looks at."""

    DEAL = "deal"
    OWNER = "owner"
    SEGMENT = "segment"
    DRIVER = "driver"
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Metric:
    """A thing that a condition may look at."""

    subject: Subject
    unit: str  # money, days, points, percent, deals, count
    meaning: str  # one line, for the modal and the glossary


METRICS: Mapping[str, Metric] = {
    "amount": Metric(Subject.DEAL, "money", "Amount, in the main currency"),
    "days_since_activity": Metric(Subject.DEAL, "days", "Days since any activity or move of stage"),
    "stage_percentile": Metric(
        Subject.DEAL, "percent", "Percent of won deals of its kind that left its stage sooner"
    ),
    "days_in_stage": Metric(Subject.DEAL, "days", "Days in its stage"),
    "win_probability_fall": Metric(Subject.DEAL, "points", "Points its win probability fell within a week"),
    "amount_fall": Metric(Subject.DEAL, "percent", "Percent its amount fell within a week"),
    "push_count": Metric(Subject.DEAL, "count", "Times its close date moved out"),
    "days_overdue": Metric(Subject.DEAL, "days", "Days since its close date passed"),
    "days_since_update": Metric(Subject.DEAL, "days", "Days since anybody changed it in the CRM"),
    "age_days": Metric(Subject.DEAL, "days", "Days since it was created"),
    "next_steps": Metric(Subject.DEAL, "count", "1 with a next step in the CRM, 0 without"),
    "owner_quiet_days": Metric(Subject.OWNER, "days", "Working days without activity on any deal of a rep"),
    "owner_open_deals": Metric(Subject.OWNER, "deals", "Open deals of a rep"),
    "win_rate": Metric(Subject.SEGMENT, "percent", "Win rate of the last six complete months"),
    "outside_limits": Metric(Subject.SEGMENT, "count", "1 when the win rate left its control limits"),
    "sign_flips": Metric(Subject.DRIVER, "count", "1 when an effect turned round, its range clear of zero"),
    "days_since_load": Metric(Subject.SOURCE, "days", "Days since the CRM was loaded"),
    "failed_refreshes": Metric(Subject.SOURCE, "count", "Refreshes that failed since the last good one"),
    "lost_columns": Metric(Subject.SOURCE, "count", "Columns that the last load lost"),
    "quality_falls": Metric(Subject.SOURCE, "count", "Checks of the scorecard that got worse"),
    "intake_surprise": Metric(
        Subject.SOURCE, "days", "Working days without anything new, beyond what chance explains"
    ),
}

#: How loud a rule about each subject may be.
LEVELS: Mapping[Subject, tuple[Level, ...]] = {
    Subject.DEAL: (Level.P1, Level.P2, Level.P3),
    Subject.OWNER: (Level.P2, Level.P3),  # a person is no emergency
    Subject.SEGMENT: (Level.RATE,),
    Subject.DRIVER: (Level.DRIVER,),
    Subject.SOURCE: (Level.DATA,),
}

#: What a rule may be narrowed to. Nobody's deals alone: a rule about one person is no rule.
FILTERS: Mapping[Subject, frozenset[str]] = {
    Subject.DEAL: frozenset(SEGMENTS) - {"rep"},
    Subject.OWNER: frozenset({"team"}),
    Subject.SEGMENT: frozenset(SEGMENTS) - {"rep"},
    Subject.DRIVER: frozenset(),
    Subject.SOURCE: frozenset(),
}

#: How a value compares with the threshold.
COMPARISONS = (">", ">=", "<", "<=")


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that must hold, as `days_since_activity > 14`."""

    metric: str
    comparison: str
    threshold: Decimal  # in the metric's unit; points and percent as 15 for 15 %
    source: str = "set by the team"  # where the threshold comes from


@dataclass(frozen=True, slots=True)
class Rule:
    """What is worth telling, and how loud. All of `every` must hold, and one of `any_of` if there are any."""

    id: str
    level: Level
    subject: Subject
    every: tuple[Condition, ...] = ()
    any_of: tuple[Condition, ...] = ()
    filters: tuple[Filter, ...] = ()  # deals or the segment it is about; () for all
    title: str = ""  # as its author called it; "" for one of ours, whose words are in prompts/claims
    version: int = 0  # 0: as we ship it

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """All of them."""
        return (*self.every, *self.any_of)


def checked(rule: Rule) -> Rule:
    """The rule, if it means something.

    Raises:
        BadRule: no condition, an unknown metric or comparison, or one of another subject; a level or a
            filter that its subject does not have.
    """
    if not rule.conditions:
        raise BadRule(f"Rule {rule.id!r} has no condition, so it would tell everything. Give it one.")
    for condition in rule.conditions:
        known = METRICS.get(condition.metric)
        if known is None:
            raise BadRule(f"Rule {rule.id!r} asks for {condition.metric!r}; there is {', '.join(METRICS)}.")
        if known.subject is not rule.subject:
            raise BadRule(
                f"Rule {rule.id!r} is about a {rule.subject}; {condition.metric!r} is of a {known.subject}."
            )
        if condition.comparison not in COMPARISONS:
            raise BadRule(
                f"Rule {rule.id!r} compares by {condition.comparison!r}; use {' '.join(COMPARISONS)}."
            )
    levels, dimensions = LEVELS[rule.subject], FILTERS[rule.subject]
    if rule.level not in levels:
        raise BadRule(f"A rule about a {rule.subject} is {' or '.join(levels)}, not {rule.level}.")
    for dimension in (one.dimension for one in rule.filters):
        if dimension not in dimensions:
            among = ", ".join(sorted(dimensions)) or "nothing"
            raise BadRule(f"A rule about a {rule.subject} is narrowed by {among}, not by {dimension}.")
    return rule


def as_json(rule: Rule) -> dict[str, Any]:
    """The rule as plain values; thresholds as decimal text."""
    told = asdict(rule)
    for part in ("every", "any_of"):
        told[part] = [condition | {"threshold": str(condition["threshold"])} for condition in told[part]]
    return told


def from_json(told: Mapping[str, Any]) -> Rule:
    """The rule that `as_json` wrote.

    Raises:
        BadRule: it is no such thing, or means nothing.
    """
    try:
        every, any_of = (
            tuple(Condition(**one | {"threshold": Decimal(one["threshold"])}) for one in told[part])
            for part in ("every", "any_of")
        )
        filters = tuple(Filter(one["dimension"], tuple(one["values"])) for one in told["filters"])
        parts = {"level": Level(told["level"]), "subject": Subject(told["subject"])}
        return checked(Rule(**{**told, **parts, "every": every, "any_of": any_of, "filters": filters}))
    except (KeyError, TypeError, ValueError, InvalidOperation) as wrong:
        raise BadRule(f"This is no rule ({type(wrong).__name__}: {wrong}).") from wrong


def _is(metric: str, comparison: str, threshold: int | str, source: str) -> Condition:
    return Condition(metric, comparison, Decimal(threshold), source)


_BIG = _is("amount", ">=", 50_000, "what a team calls a big deal; set it from your own deals")
_MEDIUM = _is("amount", ">=", 10_000, "a fifth of a big deal; set it from your own deals")
_SILENT = _is("days_since_activity", ">", 14, "two working weeks")
_SLOW = _is("stage_percentile", ">", 90, "nine in ten won deals were quicker")
_FELL = _is("win_probability_fall", ">=", 15, "more than a new model alone moves a deal in a week")

#: What we ship, the most telling first: of the rules that hold for a deal only the first is told.
DEFAULTS: tuple[Rule, ...] = (
    Rule("stalled", Level.P1, Subject.DEAL, (_BIG,), (_SILENT, _SLOW)),
    Rule("odds_fell", Level.P1, Subject.DEAL, (_BIG, _FELL)),
    Rule("stalled_medium", Level.P2, Subject.DEAL, (_MEDIUM,), (_SILENT, _SLOW)),
    Rule("odds_fell_medium", Level.P2, Subject.DEAL, (_MEDIUM, _FELL)),
    Rule(
        "amount_fell",
        Level.P2,
        Subject.DEAL,
        (_MEDIUM, _is("amount_fall", ">=", 25, "a quarter of a deal is no rounding")),
    ),
    Rule(
        "big_without_step",
        Level.P2,
        Subject.DEAL,
        (
            _BIG,
            _is("age_days", ">=", 3, "time to write it down"),
            _is("age_days", "<=", 30, "after that it is no new deal"),
            _is("next_steps", "<", 1, "a big deal deserves a plan"),
        ),
    ),
    Rule("pushed", Level.P2, Subject.DEAL, (_is("push_count", ">=", 2, "once happens, twice is a habit"),)),
    Rule("overdue", Level.P2, Subject.DEAL, (_is("days_overdue", ">", 0, "a forecast needs a date ahead"),)),
    Rule(
        "quiet_owner",
        Level.P2,
        Subject.OWNER,
        (
            _is("owner_quiet_days", ">=", 5, "a working week: leave, a broken feed, or a full desk"),
            _is("owner_open_deals", ">=", 3, "fewer are no book of deals"),
        ),
    ),
    Rule(
        "no_next_step",
        Level.P3,
        Subject.DEAL,
        (_is("next_steps", "<", 1, "nobody else can tell what comes next"),),
    ),
    Rule("no_update", Level.P3, Subject.DEAL, (_is("days_since_update", ">", 30, "a month"),)),
    Rule(
        "old", Level.P3, Subject.DEAL, (_is("age_days", ">", 90, "a quarter of a year is long for any deal"),)
    ),
    Rule(
        "rate_left_limits",
        Level.RATE,
        Subject.SEGMENT,
        (_is("outside_limits", ">=", 1, "outside the range that chance explains, see /watch"),),
    ),
    Rule(
        "driver_flipped",
        Level.DRIVER,
        Subject.DRIVER,
        (_is("sign_flips", ">=", 1, "beyond what chance explains, before and now"),),
    ),
    Rule(
        "refresh_failed",
        Level.DATA,
        Subject.SOURCE,
        (_is("failed_refreshes", ">=", 1, "one is enough to make numbers wrong"),),
    ),
    Rule("source_old", Level.DATA, Subject.SOURCE, (_is("days_since_load", ">", 2, "a weekend"),)),
    Rule(
        "columns_lost",
        Level.DATA,
        Subject.SOURCE,
        (_is("lost_columns", ">=", 1, "one is enough to make numbers wrong"),),
    ),
    Rule(
        "quality_fell",
        Level.DATA,
        Subject.SOURCE,
        (_is("quality_falls", ">=", 1, "one is enough to make numbers wrong"),),
    ),
    Rule(
        "intake_stopped",
        Level.DATA,
        Subject.SOURCE,
        (_is("intake_surprise", ">=", 2, "rarer than once a year by chance"),),
    ),
)


def stalled_from(rule: Rule, otherwise: Thresholds) -> Thresholds:
    """The lines from which a rule calls a deal stalled, for cards, weeks and plays to call it the same.

    `otherwise` has those that the rule does not draw, as one that looks at time in stage alone.

    >>> stalled_from(DEFAULTS[0], Thresholds(Decimal(1), 1)).inactive_days
    14
    """
    upward = {one.metric: one for one in rule.conditions if one.comparison in (">", ">=")}
    amount, idle = upward.get("amount"), upward.get("days_since_activity")
    return Thresholds(
        amount.threshold if amount else otherwise.amount,
        _allowed(idle) if idle else otherwise.inactive_days,
    )


def _allowed(idle: Condition) -> int:
    """The last whole day that such a condition allows: 14 of `> 14`, 13 of `>= 14`."""
    line = idle.threshold
    return math.floor(line) if idle.comparison == ">" else math.ceil(line) - 1


def defaults(thresholds: Thresholds, stale_after_days: int) -> tuple[Rule, ...]:
    """The rules as we ship them, with the thresholds that are settings of the installation put in."""
    given = {
        ("stalled", "amount"): thresholds.amount,
        ("odds_fell", "amount"): thresholds.amount,
        ("stalled", "days_since_activity"): Decimal(thresholds.inactive_days),
        ("stalled_medium", "days_since_activity"): Decimal(thresholds.inactive_days),
        ("source_old", "days_since_load"): Decimal(stale_after_days),
    }

    def put(rule: Rule, conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
        return tuple(
            replace(one, threshold=given.get((rule.id, one.metric), one.threshold)) for one in conditions
        )

    return tuple(
        replace(rule, every=put(rule, rule.every), any_of=put(rule, rule.any_of)) for rule in DEFAULTS
    )
