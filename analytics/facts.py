"""What a person may be told: typed values with unit, period, entity, n, interval, verdict and as-of.

Nothing here is text for a reader: `value` is a Decimal in the unit named, and only `bot.figures` turns it
into characters. A value nobody knows is `None` with a reason in `unknown`, never zero.
"""

from collections.abc import Iterator, Mapping
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
    """Something that limits the answer, as a code (its sentence is in prompts/claims.yaml) with facts."""

    code: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One row of a breakdown."""

    values: tuple[str, ...]  # one per dimension; ids for rep, labels otherwise
    labels: tuple[str, ...]  # what to show: people's names for rep
    deals: Fact  # closed deals, COUNT
    won: Fact  # COUNT
    win_rate: Fact  # FRACTION with Wilson interval, n, verdict
    shrunken: Fact  # FRACTION, empirical Bayes
    by_amount: Fact  # FRACTION
    share: Fact  # FRACTION of closed deals
    impact: Fact  # POINTS: (rate - overall) x share
    p_adjusted: Fact  # p after Benjamini-Hochberg over the cells shown
    cycle_gap: Fact | None = None  # DAYS, one dimension without filters only
    difference: Fact | None = None  # POINTS: win rate minus the overall one
    pooled: int = 0  # this row stands for so many small cells
    incomplete: str = ""  # "running", "first", "intake_ended": why a period must not be compared

    def facts(self) -> Iterator[Fact]:
        """Every fact of the row."""
        yield from (self.deals, self.won, self.win_rate, self.shrunken, self.by_amount)
        yield from (self.share, self.impact, self.p_adjusted)
        yield from (fact for fact in (self.cycle_gap, self.difference) if fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """The answer to a BreakdownQuestion."""

    dimensions: tuple[str, ...]
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    period: str
    by_amount: bool
    scope: str  # the scope's label
    deal_type: str  # kind of business shown; "" when the data knows only one or none
    cells: tuple[Cell, ...]  # best win rate first; periods in order of time
    overall: Cell
    verdict: Verdict
    p_value: Fact  # one test that all cells are alike
    widest_gap: Fact  # POINTS, largest minus smallest rate among complete cells
    detectable_gap: Fact  # POINTS two typical cells would need for 80 % power
    notes: tuple[Note, ...]
    as_of: date
    as_of_fact: Fact
    generation: str
    cell_count: Fact | None = None  # COUNT of the cells compared

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        found = [*self.overall.facts(), self.p_value, self.widest_gap, self.detectable_gap, self.as_of_fact]
        found.extend([self.cell_count] if self.cell_count else [])
        for cell in self.cells:
            found.extend(cell.facts())
        for note in self.notes:
            found.extend(note.facts.values())
        return {fact.id: fact for fact in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class DealCard:
    """The answer to "where does this deal stand?", as it was known on `as_of`."""

    deal_id: str
    name: str
    account: str
    outcome: str  # open, won, lost
    stage: str  # "" when the source cannot tell the stage on that day
    owner_id: str
    owner: str
    labels: Mapping[str, str]  # region, industry, product, lead_source, deal_type -> value
    next_step: str
    history: str  # "events": state from its events; "dates": from created and closed days only
    figures: Mapping[str, Fact]  # by metric name: amount, deal_age_days, base_rate, pvs, smi, health, ...
    notes: tuple[Note, ...]
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        found = [*self.figures.values()]
        for note in self.notes:
            found.extend(note.facts.values())
        return {fact.id: fact for fact in found}


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityLine:
    """One check of the data scorecard: `share` of `n` rows fail `check`."""

    check: str
    table: str
    level: str  # "ok", "warn", "bad"
    failing: Fact
    total: Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The data scorecard."""

    lines: tuple[QualityLine, ...]
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return {f.id: f for line in self.lines for f in (line.failing, line.total)}


@dataclass(frozen=True, slots=True, kw_only=True)
class StalledDeal:
    """A deal over the line of the P1 rule, and the facts that put it there."""

    rule: str  # "stalled"
    deal_id: str
    name: str
    account: str
    stage: str
    owner_id: str
    owner: str
    manager_id: str
    causes: tuple[str, ...]  # "inactive", "slow_stage"
    figures: Mapping[str, Fact]  # amount, days_since_activity, days_in_stage, inactivity_limit, stage_limit
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return {f.id: f for f in self.figures.values()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Why a deal that was over the line no longer is."""

    deal_id: str
    reason: str  # "won", "lost", "gone", "owner_changed", "moved", "activity", "amount_fell", "line_moved"
    names: Mapping[str, str]  # stage and owner as they are now
    figures: Mapping[str, Fact]  # days_since_told: how long after the alert
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return {f.id: f for f in self.figures.values()}
