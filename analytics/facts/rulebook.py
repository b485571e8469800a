"""What can be told of the rules: their lines, their history, what they match now, what they might learn."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from analytics.facts.base import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One condition of a rule, as `days_since_activity > 14 days`."""

    metric: str
    comparison: str  # > >= < <=
    threshold: Fact
    source: str  # where the threshold comes from


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTold:
    """One version of a rule."""

    id: str
    level: str
    subject: str
    every: tuple[Line, ...]
    any_of: tuple[Line, ...]
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()  # dimension and its values
    title: str = ""  # as its author called it; "" for one of ours
    version: int = 0  # 0: as we ship it
    state: str = "on"  # draft, on, off
    author: str = ""  # their name; "" for one of ours
    note: str = ""  # why it was changed
    on: date | None = None  # when; None for one of ours

    @property
    def lines(self) -> tuple[Line, ...]:
        """All conditions."""
        return (*self.every, *self.any_of)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a rule matches now. A count that would tell of fewer than five people is not among the figures."""

    figures: Mapping[str, Fact]  # matches; fresh: not yet a week before; open_deals: it looks at; owners


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """A rule whose alerts were called not useful, and the thresholds that would have left those out."""

    rule: RuleTold
    not_useful: Fact  # how many alerts
    instead: tuple[Line, ...]  # (): no threshold would
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return {
            f.id: f for f in (self.not_useful, *_thresholds(self.rule), *(x.threshold for x in self.instead))
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rulebook:
    """All rules; or one, with its history and what it matches."""

    rules: tuple[RuleTold, ...]
    as_of: date
    generation: str
    history: tuple[RuleTold, ...] = ()  # of the one rule, newest first
    preview: Preview | None = None
    nudges: tuple[Nudge, ...] = ()

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        told = [fact for rule in (*self.rules, *self.history) for fact in _thresholds(rule)]
        seen = self.preview.figures.values() if self.preview else ()
        nudged = [fact for nudge in self.nudges for fact in nudge.facts().values()]
        return {f.id: f for f in (*told, *seen, *nudged)}


def _thresholds(rule: RuleTold) -> Iterator[Fact]:
    return (line.threshold for line in rule.lines)
