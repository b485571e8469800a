"""A fact: one typed value with unit, period, entity, n, interval, verdict and as-of.

Nothing here is text for a reader: `value` is a Decimal in the unit named, and only `bot.figures` turns it
into characters. A value nobody knows is `None` with a reason in `unknown`, never zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Unit(StrEnum):
    """What a fact's value counts."""

    FRACTION = "fraction"  # 0..1, a rate or a share; shown in %
    POINTS = "points"  # difference of two fractions, -1..1; shown in points
    MONEY = "money"  # whole units of `currency`
    MONEY_PER_DAY = "money_per_day"
    DAYS = "days"
    COUNT = "count"
    SCORE = "score"  # 0..100
    PROBABILITY = "p"  # a p value
    DATE = "date"  # Decimal(day.toordinal())
    NUMBER = "number"  # dimensionless, e.g. stages per day


class Verdict(StrEnum):
    """Is it real? Signal: survives the correction. Hint: only before it. Noise: chance does this."""

    SIGNAL = "Signal"
    HINT = "Hint"
    NOISE = "Noise"
    TOO_FEW = "Too few"  # fewer deals than any test could use


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One value that may be shown, and everything needed to trust it."""

    id: str  # unique within an answer: "win_rate/region=APAC"
    metric: str  # a name in analytics.metrics.GLOSSARY
    value: Decimal | None
    unit: Unit
    entity: str  # "all", "region=APAC", "deal=D00123"
    period: str  # the period's label, or "" for a state on the day
    as_of: date
    generation: str
    n: int | None = None
    low: Decimal | None = None
    high: Decimal | None = None
    verdict: Verdict | None = None
    currency: str = ""
    unknown: str = ""  # reason code when value is None: "no_activity_feed", "no_stage_history", ...


@dataclass(frozen=True, slots=True)
class Note:
    """Something that limits the answer, as a code (its sentence is in prompts/claims) with facts."""

    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


def by_id(*groups: Fact | Iterable[Fact] | None) -> dict[str, Fact]:
    """Facts, alone or in groups, by id; None is left out."""
    found: dict[str, Fact] = {}
    for group in groups:
        for fact in (group,) if isinstance(group, Fact) else group or ():
            found[fact.id] = fact
    return found


def of_notes(notes: Iterable[Note]) -> list[Fact]:
    """The facts that notes carry."""
    return [fact for note in notes for fact in note.facts.values()]
