"""What a digest says, as facts: what is open for a reader, the week of all deals, how the coach did."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analytics.facts import Fact, Finding, Impact, Pipeline, TeamWeek, Watch, by_id
from bot.alerting.standing import State

NO_HOPE = 0.02  #: odds below which a deal is never the first thing to do. Source: ours; one in fifty


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that is open for a reader, with its figures as they are now."""

    key: str  # of the alert
    finding: Finding
    state: State
    is_new: bool  # the reader was not told of it before, neither by a message nor in a digest
    amount: Fact | None = None  # MONEY; of a deal with an amount in the main currency
    odds: float | None = None  # of a deal to be won, as a fraction; None while the model is silent

    @property
    def hopeless(self) -> bool:
        """Is next to nothing left to be won? What is to be done is to close it, or to say why not."""
        return self.odds is not None and self.odds < NO_HOPE

    @property
    def worth(self) -> Decimal:
        """What can still be won: the amount by its odds where the model speaks, else the amount."""
        amount = (self.amount.value if self.amount else None) or Decimal(0)
        return amount if self.odds is None else amount * Decimal(str(self.odds))

    def facts(self) -> list[Fact]:
        """Every fact of it."""
        return [*self.finding.figures.values(), *([self.amount] if self.amount else [])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """What is open for a reader: the most telling first."""

    person_id: str
    name: str
    role: str  # rep, manager, cro, ops
    weekly: bool  # the list of the week, which names what was told before, and hygiene
    items: tuple[Item, ...]
    hygiene: Mapping[str, Fact]  # by rule of level P3: COUNT of deals
    as_of: date
    generation: str

    @property
    def new(self) -> tuple[Item, ...]:
        """What the reader was not told before."""
        return tuple(item for item in self.items if item.is_new)

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return by_id((fact for item in self.items for fact in item.facts()), self.hygiene.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """How the coach itself did in the last four weeks: what it told, and what people made of it."""

    figures: Mapping[str, Fact]  # told, answered, acted, not_useful, held, silent (COUNT); since (DATE)
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return by_id(self.figures.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Monday:
    """The week of all deals, for who sees them all."""

    agenda: Agenda
    figures: Mapping[str, Fact]  # won, closed (COUNT), won_amount (MONEY), since (DATE)
    pipeline: Pipeline | None  # of the running quarter; None when it cannot be forecast
    watched: tuple[Watch, ...]  # the win rate by several dimensions
    fresh: str  # a signal since this month, 2024-05, or later is news; an older one was told before
    scorecard: Scorecard
    impact: Impact
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        pipeline = self.pipeline.facts() if self.pipeline else {}
        own = by_id(self.figures.values())
        told = by_id(fact for one in self.watched for fact in one.facts().values())
        return self.agenda.facts() | own | pipeline | told | self.scorecard.facts() | self.impact.facts()


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMonday:
    """A team's week, and what is open on its deals."""

    agenda: Agenda
    week: TeamWeek
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return self.agenda.facts() | self.week.facts()


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReport:
    """The segments of the last complete month, and what of them is real."""

    month: str  # 2024-06
    figures: Mapping[str, Fact]  # won, closed (COUNT), won_amount (MONEY), win_rate (FRACTION)
    watched: tuple[Watch, ...]  # by region, lead source, ...: only what left its range is told
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        told = (fact for one in self.watched for fact in one.facts().values())
        return by_id(self.figures.values()) | by_id(told)
