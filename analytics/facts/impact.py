"""The answers to "do the alerts help?" and "what followed what was done?"."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analytics.facts.base import Fact, Note, Verdict, by_id, of_notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One outcome of the deals told of, beside those kept silent by lot."""

    outcome: str  # "moved", the one registered beforehand; "won"
    told: Fact  # FRACTION with n; unknown "too_few_alerts" below five
    silent: Fact
    difference: Fact  # POINTS: told minus silent; its range holds at every look
    horizon: Fact  # DAYS from the alert within which it counts; a deal takes part once they have passed
    state: str  # "helps", "hurts", "smaller", "not_enough", "not_shown", "too_few"


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """Whether the alerts help, by the experiment that was agreed on before it began.

    `state` is that of the primary outcome, or "nothing_silent", "not_begun", "too_few_people".
    """

    state: str
    effects: tuple[Effect, ...]  # the primary outcome first; () where there is nothing to tell
    course: tuple[tuple[Fact, Fact], ...]  # DATE and the difference as it was known then, week by week
    figures: Mapping[str, Fact]  # see analytics/impact/effects.py
    notes: tuple[Note, ...]
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        effects = [(e.told, e.silent, e.difference, e.horizon) for e in self.effects]
        course = [fact for week in self.course for fact in week]
        return by_id(self.figures.values(), *effects, course, of_notes(self.notes))


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What followed one play, or own words, or several plays of few people together."""

    play: str  # id; "" own words; see `pooled`
    logged: Fact  # COUNT
    after_14: Fact  # FRACTION with n, range and verdict: a move, a decision or a new next step
    after_30: Fact
    won: Fact  # FRACTION with n and range: won within 30 days
    pooled: bool = False  # plays that too few people logged to be shown alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Plays:
    """What followed the actions that were logged; associated with them, for people chose them."""

    rows: tuple[Followed, ...]  # most logged first, pooled ones last
    nothing_logged: Fact  # FRACTION with n: the same after alerts on which nobody logged anything
    verdict: Verdict  # do the plays differ?
    figures: Mapping[str, Fact]  # logged, waiting; none where too few people logged anything
    notes: tuple[Note, ...]
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        rows = [(row.logged, row.after_14, row.after_30, row.won) for row in self.rows]
        return by_id(self.figures.values(), self.nothing_logged, *rows, of_notes(self.notes))
