"""The answer to "what would this rule have told last quarter?": its alerts, and what they are worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from analytics.facts.base import Fact, Note, by_id, of_notes


class Worth(StrEnum):
    """What a trial on the past says of a rule."""

    WORTH = "worth"  # the deals it names are lost more often than those like them, beyond chance
    NOISE = "noise"  # not shown to be lost more often
    LESS = "less"  # lost less often, beyond chance
    TOO_FEW = "too_few"  # too few of its deals were decided since
    SILENT = "silent"  # it would have told nothing
    UNTRIED = "untried"  # the past does not tell what it asks for


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A rule, or all of a level together, on the days of the last quarter.

    Counts are of times that a deal came over the line ("alerts"). `figures`, each only where it is known:

    crossings, deals, already (over the line before the first day), told (to the owner, with a message), held
    (no room in the owner's week as long as it held), unsaid (over before the next working day), inhibited
    (a louder rule held), digest; COUNT
    per_manager_week, per_rep_week (NUMBER: alerts on deals of the team, or of the rep, digests included)
    told_per_week (NUMBER: to a rep, with a message), busiest_rep (COUNT: to any rep in a week)
    reached (COUNT: told to a manager, if nobody had answered), spared (COUNT: no room in the manager's week),
    reached_per_week (NUMBER: to a manager), busiest_manager (COUNT: to any manager in a week)
    followed (DAYS), by_itself, lost_soon (FRACTION with n and interval: within these days it moved, was put
    off, touched or won; was lost)
    lost, alike (FRACTION with n and interval: of the deals decided since; of those like them)
    difference (POINTS with interval and verdict), lift (NUMBER with interval), detectable (POINTS)
    still_open, still_open_alike, lost_least, lost_most (FRACTION: if all still open were won; were lost)
    alone (COUNT: decided, and like no other deal)
    least (MONEY: the amount from which the rule looks)
    """

    id: str  # of the rule; of a level for all its rules together: "P1"
    title: str  # as its author called it; "" for one of ours
    level: str
    worth: Worth
    figures: Mapping[str, Fact]
    endings: tuple[tuple[str, Fact], ...] = ()  # within a fortnight, the most frequent first: how, COUNT
    untold: tuple[str, ...] = ()  # metrics that the past does not tell
    partly: tuple[str, ...] = ()  # metrics that it tells of some deals only, so that alerts are missing

    def facts(self) -> list[Fact]:
        """Every fact of the trial."""
        return [*self.figures.values(), *(fact for _, fact in self.endings)]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialWeek:
    """What one week would have brought."""

    start: Fact  # DATE, its Monday
    told: Fact  # COUNT: with a message
    digest: Fact  # COUNT: in digests


@dataclass(frozen=True, slots=True, kw_only=True)
class BacktestAnswer:
    """What rules would have told in the last complete weeks, each day with what was known on it."""

    about: str  # id of the rule asked for; "" for all that are on
    trials: tuple[Trial, ...]  # the one asked for first, if any; in the order in which they are told
    together: Trial | None  # all P1 rules at once
    weeks: tuple[TrialWeek, ...]
    since: Fact  # DATE
    until: Fact  # DATE, the last day
    week_count: Fact  # COUNT
    reps: Fact  # COUNT: owners of open deals in these weeks
    managers: Fact  # COUNT
    notes: tuple[Note, ...]
    as_of: date
    generation: str
    is_on: bool = False  # is the rule that was asked for switched on?

    @property
    def asked(self) -> Trial | None:
        """The trial of the rule asked for."""
        return next((one for one in self.trials if one.id == self.about), None)

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        trials = [*self.trials, *([self.together] if self.together else [])]
        return by_id(
            self.since,
            self.until,
            self.week_count,
            self.reps,
            self.managers,
            (fact for trial in trials for fact in trial.facts()),
            (fact for week in self.weeks for fact in (week.start, week.told, week.digest)),
            of_notes(self.notes),
        )
