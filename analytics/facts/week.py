"""The answer to "what is Priya's week like?": what changed in seven days, what stands out beyond chance."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analytics.facts.base import Fact, Note, by_id, of_notes

#: What can change about a deal, in the order it is told.
KINDS = (
    "won",
    "lost",
    "stalled",
    "odds_fell",
    "pushed",
    "moved_back",
    "moved_on",
    "odds_rose",
    "amount_fell",
    "amount_rose",
    "created",
    "taken_over",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DealChange:
    """One thing that changed about one deal."""

    kind: str  # one of KINDS
    deal_id: str
    stage: str  # where it stands now, "" when nobody knows
    figures: Mapping[str, Fact]
    # amount (MONEY); of moved odds: before, after (FRACTION, told by one model; `after` with its range);
    # of an amount: before, after (MONEY); of a push: due (DATE)


@dataclass(frozen=True, slots=True)
class Habit:
    """How many of a rep's deals are as they should be, and whether that differs from chance."""

    name: str  # "active", "on_pace", "on_time", "won"
    share: Fact  # FRACTION with n and verdict: Signal survives the correction for all habits looked at
    count: Fact  # COUNT of the deals that are
    better: bool  # than those of the others


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One rep's seven days up to `as_of`, for the rep and the manager."""

    person_id: str
    name: str
    since: Fact  # DATE: the day that today is compared with
    changes: tuple[DealChange, ...]  # by kind in the order of KINDS, then by money at stake
    figures: Mapping[str, Fact]  # won_deals, lost_deals, created_deals (in the week), open_deals; COUNT
    strength: Habit | None  # the surest habit better than the others', beyond chance
    weakness: Habit | None  # the surest one worse than the others', beyond chance
    pressing: DealChange | None  # the deal to look at first, if any is worth it
    notes: tuple[Note, ...]
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        habits = [habit for habit in (self.strength, self.weakness) if habit]
        return by_id(
            self.since,
            self.figures.values(),
            (fact for change in self.changes for fact in change.figures.values()),
            (fact for habit in habits for fact in (habit.share, habit.count)),
            of_notes(self.notes),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamWeek:
    """The weeks of everyone who reports to a manager."""

    manager_id: str
    manager: str
    weeks: tuple[Week, ...]  # by name: nobody is ranked
    since: Fact
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return by_id(self.since, (fact for week in self.weeks for fact in week.facts().values()))
