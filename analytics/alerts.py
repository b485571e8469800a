"""Alert rules: a generation and thresholds in, the deals over the line out; and why one no longer is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from analytics.facts import Ending, Fact, StalledDeal, Unit
from analytics.generation import DealRow, PersonRow
from analytics.metrics import StageClock, stage_clock
from analytics.store import Generation

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The lines a deal must cross to be called stalled; each default with its unit and its source."""

    amount: Decimal = field(
        default=Decimal(50_000),
        metadata={
            "unit": "money",
            "source": "what a team calls a big deal; a setting, to be set from its own deals",
        },
    )
    inactive_days: int = field(
        default=14,
        metadata={
            "unit": "days",
            "source": "two working weeks; a setting, to be tried on last quarter first",
        },
    )


def stalled(generation: Generation, thresholds: Thresholds) -> list[StalledDeal]:
    """Big open deals without activity, or in their stage, for longer than the rule allows.

    A deal is compared with won deals of its own kind: 90 of 100 left the stage sooner (numbers as
    `metrics.stage_clock`). What is not known never counts: no activity feed, no stage entry, no amount in the
    main currency, fewer than 30 won deals. A move to another stage counts as activity.

    Returns:
        Biggest amount first, then by id; empty when no deal is over the line.
    """
    rule = _Rule(generation, thresholds)
    people = {person.person_id: person for person in generation.people()}
    found = [(row, rule.crossed(row)) for row in generation.open_deals()]
    deals = [rule.told(row, causes, people) for row, causes in found if causes]
    return sorted(deals, key=lambda deal: (-(deal.figures["amount"].value or 0), deal.deal_id))


def ending(told: StalledDeal, generation: Generation, thresholds: Thresholds) -> Ending:
    """Why a deal that was told as stalled is no longer that alert: the first reason that holds.

    In this order: it left the data, closed, changed owner, moved to another stage, had activity, fell below
    the amount; else the line itself moved (a setting, or the won deals it comes from).
    """
    row = generation.deal(told.deal_id)
    people = {person.person_id: person for person in generation.people()}
    later = _fact(generation, told.deal_id, "days_since_told", Decimal((generation.as_of - told.as_of).days))
    return Ending(
        deal_id=told.deal_id,
        reason="gone" if row is None else _reason(told, row, thresholds),
        names={} if row is None else {"stage": row.stage or "", "owner": _name(people, row.rep_id)},
        figures={"days_since_told": later},
        as_of=generation.as_of,
        generation=generation.id,
    )


def _reason(told: StalledDeal, row: DealRow, thresholds: Thresholds) -> str:
    if row.outcome != "open":
        return row.outcome
    if row.rep_id != told.owner_id:
        return "owner_changed"
    if (row.stage or "") != told.stage:
        return "moved"
    if (row.last_activity_day or 0) > _last_activity(told):
        return "activity"
    amount = _amount(row)
    return "amount_fell" if amount is None or amount < thresholds.amount else "line_moved"


def _last_activity(told: StalledDeal) -> int:
    """Day of the last activity known when the deal was told; 0 when there was none."""
    idle = told.figures["days_since_activity"].value if "days_since_activity" in told.figures else None
    return 0 if idle is None else told.as_of.toordinal() - int(idle)


class _Rule:
    """The rule on one generation; keeps each stage's clock."""

    def __init__(self, generation: Generation, thresholds: Thresholds) -> None:
        self.generation = generation
        self.thresholds = thresholds
        self._spells: dict[str, list[tuple[str, int, int]]] = {}
        self._clocks: dict[tuple[str, str], StageClock | None] = {}
        for spell in generation.stage_clock():
            self._spells.setdefault(spell.deal_type, []).append((spell.stage, spell.days, spell.deals))

    def clock(self, row: DealRow) -> StageClock | None:
        """How long won deals of this kind stayed in this deal's stage."""
        if row.stage is None:
            return None
        key = (row.deal_type, row.stage)
        if key not in self._clocks:
            self._clocks[key] = stage_clock(self._spells.get(row.deal_type, ()), row.stage)
        return self._clocks[key]

    def crossed(self, row: DealRow) -> tuple[str, ...]:
        """Which lines a deal is over: "inactive", "slow_stage"; none for a small deal."""
        amount = _amount(row)
        if amount is None or amount < self.thresholds.amount:
            return ()
        clock = self.clock(row)
        idle = idle_days(row)
        inactive = idle is not None and idle > self.thresholds.inactive_days
        slow = clock is not None and row.days_in_stage is not None and row.days_in_stage > clock.stalled
        return tuple(name for name, over in (("inactive", inactive), ("slow_stage", slow)) if over)

    def told(self, row: DealRow, causes: tuple[str, ...], people: Mapping[str, PersonRow]) -> StalledDeal:
        """The deal as facts."""
        owner = people.get(row.rep_id)
        return StalledDeal(
            rule="stalled",
            deal_id=row.deal_id,
            name=row.name or "",
            account=row.account or "",
            stage=row.stage or "",
            owner_id=row.rep_id,
            owner=_name(people, row.rep_id),
            manager_id=(owner.manager_id if owner else None) or "",
            causes=causes,
            figures={fact.metric: fact for fact in self.figures(row)},
            as_of=self.generation.as_of,
            generation=self.generation.id,
        )

    def figures(self, row: DealRow) -> list[Fact]:
        """Amount and clocks of the deal, each beside its limit."""
        clock, limits = self.clock(row), self.thresholds
        return [
            self._figure(row, "amount", _amount(row), unit=Unit.MONEY),
            self._figure(row, "amount_limit", limits.amount, unit=Unit.MONEY),
            self._figure(row, "days_since_activity", row.days_since_activity, unknown="no_activity_feed"),
            self._figure(row, "inactivity_limit", limits.inactive_days),
            self._figure(row, "days_in_stage", row.days_in_stage, unknown="no_stage_history"),
            self._limit(row, clock),
        ]

    def _limit(self, row: DealRow, clock: StageClock | None) -> Fact:
        """The stage's limit with the number of won deals it comes from, and of which stage they are."""
        whose = f"stage={row.stage}" if clock and not clock.pooled else "all stages"
        return Fact(
            id=f"stage_limit/deal={row.deal_id}",
            metric="stage_limit",
            value=None if clock is None else Decimal(repr(clock.stalled)),
            unit=Unit.DAYS,
            entity=f"{whose}, deal_type={row.deal_type}",
            period="",
            as_of=self.generation.as_of,
            generation=self.generation.id,
            n=None if clock is None else clock.deals,
            unknown="too_few_won" if clock is None else "",
        )

    def _figure(
        self,
        row: DealRow,
        metric: str,
        value: Decimal | int | None,
        *,
        unit: Unit = Unit.DAYS,
        unknown: str = "",
    ) -> Fact:
        known = None if value is None else Decimal(value)
        return _fact(self.generation, row.deal_id, metric, known, unit=unit, unknown=unknown)


def _fact(
    generation: Generation,
    deal_id: str,
    metric: str,
    value: Decimal | None,
    *,
    unit: Unit = Unit.DAYS,
    unknown: str = "",
) -> Fact:
    return Fact(
        id=f"{metric}/deal={deal_id}",
        metric=metric,
        value=value,
        unit=unit,
        entity=f"deal={deal_id}",
        period="",
        as_of=generation.as_of,
        generation=generation.id,
        currency=generation.currency if unit is Unit.MONEY else "",
        unknown=unknown if value is None else "",
    )


def idle_days(row: DealRow) -> int | None:
    """Days since anything was done, None when nobody knows.

    A move to another stage is a sign of life that no activity log shows.
    """
    if row.days_since_activity is None or row.days_in_stage is None:
        return row.days_since_activity
    return min(row.days_since_activity, row.days_in_stage)


def _amount(row: DealRow) -> Decimal | None:
    """The deal's amount in whole units, if it is in the main currency."""
    if row.amount_cents is None or not row.in_main_currency:
        return None
    return row.amount_cents * CENT


def _name(people: Mapping[str, PersonRow], person_id: str) -> str:
    person = people.get(person_id)
    return (person.name if person else None) or person_id
