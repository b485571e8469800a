"""The answer to "is it unusual?": win rate month by month against its own limits, overall and by segment."""

from dataclasses import dataclass
from datetime import date

from analytics.facts.base import Fact, Note, by_id, of_notes


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One month on the chart.

    `low` and `high` are Laney's three-sigma band: where a month of so many deals usually lies, its wobble
    taken in. One month in 400 leaves it by chance, so with many months and segments some do. Those that stay
    within the budget of false alarms for all of them together are a shock; the others are "odd": unusual, may
    be chance, and never a reason for a state other than "stable".
    """

    label: str  # 2024-03
    win_rate: Fact  # FRACTION with n
    low: Fact | None  # FRACTION: the band, the season taken in; None for a month without one
    high: Fact | None
    signal: str = ""  # "shock_low", "shock_high", "drift_low", "drift_high", "floor", "odd"
    incomplete: str = ""

    def facts(self) -> list[Fact]:
        """Every fact of the month."""
        return [f for f in (self.win_rate, self.low, self.high) if f]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One thing watched: everything, or a segment."""

    where: tuple[tuple[str, str], ...]  # () is everything
    labels: tuple[str, ...]
    months: tuple[Month, ...]  # in order of time
    baseline: Fact  # FRACTION: the usual rate; unknown "no_baseline" with too few complete months
    wobble: Fact  # NUMBER: Laney's sigma z, 1 when only chance makes it move
    state: str  # "stable", "shock", "drift", "floor", "no_baseline"
    since: str  # label of the first month of the signal, "" without one
    change: Fact | None = None  # POINTS with interval: since then, against before
    trailing: Fact | None = None  # FRACTION with n, interval, verdict against the floor: its last six months

    def facts(self) -> list[Fact]:
        """Every fact of the thing watched."""
        own = [self.baseline, self.wobble, *(f for f in (self.change, self.trailing) if f)]
        return [*own, *(fact for month in self.months for fact in month.facts())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """The answer to a WatchQuestion."""

    dimension: str  # watched by its values, or "" for everything alone
    watched: tuple[Watched, ...]  # everything first, then segments, those with a signal before the others
    false_alarms: Fact  # FRACTION: chance of any false alarm in 24 months, over all watched in this answer
    detectable: Fact  # POINTS: the sustained drop seen within six months in 80 of 100 cases; may be unknown
    scope: str
    deal_type: str
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[Note, ...]
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        own = (fact for one in self.watched for fact in one.facts())
        return by_id(own, self.false_alarms, self.detectable, of_notes(self.notes))
