"""Rules about deals and two generations -> findings: the deals over a line, with the figures that say so."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from analytics.alerts import board as boards
from analytics.alerts import judge
from analytics.alerts.board import Board, Past, Setting
from analytics.alerts.rules import METRICS, Condition, Rule, Subject
from analytics.answers.mint import Mint, mint_of, money
from analytics.facts import Fact, Finding, Unit
from analytics.generation import DealRow, PersonRow, ScoreRow
from analytics.store import Generation

PERCENT = 100

#: How a metric's unit is told: the unit of its fact, and what one of it is in the rule's own terms.
UNITS: Mapping[str, tuple[Unit, int]] = {
    "money": (Unit.MONEY, 1),
    "days": (Unit.DAYS, 1),
    "points": (Unit.POINTS, PERCENT),
    "percent": (Unit.FRACTION, PERCENT),
    "deals": (Unit.COUNT, 1),
    "count": (Unit.COUNT, 1),
}

#: Why a metric is not known of a deal.
UNKNOWN: Mapping[str, str] = {
    "amount": "no_amount",
    "days_since_activity": "no_activity_feed",
    "days_in_stage": "no_stage_history",
    "stage_limit": "too_few_won",
}

#: Told of every deal, whatever the rule asked.
ALWAYS = ("amount", "days_since_activity", "days_in_stage", "age_days")


def found(rules: Iterable[Rule], before: Generation | None, now: Generation) -> list[Finding]:
    """The open deals that each rule holds for, compared with a week before.

    Returns:
        In the order of the rules, each with its biggest amount first, then by id.
    """
    about = [rule for rule in rules if rule.subject is Subject.DEAL]
    if not about:
        return []
    odds = {row.deal_id: row.win_probability for row in now.standing()}
    return _found(about, now, Scene(now.open_deals(), odds, boards.setting(now), boards.past(before)))


def of_deal(
    rules: Iterable[Rule],
    before: Generation | None,
    now: Generation,
    row: DealRow,
    score: ScoreRow | None,
) -> list[Finding]:
    """The same of one deal, as it is by now (`overlay.told`), without a look at the others.

    What holds of all deals together is read once per generation and remembered.
    """
    about = [rule for rule in rules if rule.subject is Subject.DEAL]
    if not about or row.outcome != "open":
        return []
    odds = {} if score is None else {row.deal_id: score.win_probability}
    past = boards.past_of(before, row.deal_id)
    return _found(about, now, Scene((row,), odds, _remembered(now), past))


@lru_cache(maxsize=4)
def _remembered(generation: Generation) -> Setting:
    return boards.setting(generation)


def limit(rule: str, condition: Condition, mint: Mint, currency: str) -> Fact:
    """The line of a condition, as `<metric>_limit`."""
    unit, one = UNITS[METRICS[condition.metric].unit]
    money = currency if unit is Unit.MONEY else ""
    name = f"{condition.metric}_limit"
    return mint.fact(name, condition.threshold / one, unit, f"rule={rule}", currency=money)


@dataclass(frozen=True, slots=True)
class Scene:
    """Open deals, and all that is known of them now and of a week before."""

    rows: Sequence[DealRow]
    odds: Mapping[str, float | None]
    setting: Setting
    past: Mapping[str, Past]

    def board(self, rules: Iterable[Rule]) -> Board:
        """The columns that rules about deals ask for."""
        dimensions = {one.dimension for rule in rules for one in rule.filters}
        return boards.board(self.rows, self.odds, self.setting, self.past, dimensions)


def _found(rules: Sequence[Rule], now: Generation, scene: Scene) -> list[Finding]:
    board = scene.board(rules)
    teller = _Teller(now, scene, board)
    return [finding for rule in rules for finding in teller.findings(rule)]


@dataclass(slots=True)
class _Teller:
    """Turns places of a board into findings; a figure that several rules tell of a deal is made once."""

    now: Generation
    scene: Scene
    board: Board
    mint: Mint = field(init=False)
    people: Mapping[str, PersonRow] = field(init=False)
    made: dict[tuple[str, int], Fact] = field(default_factory=dict)
    limits: dict[tuple[str, str, float], Fact] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.mint = mint_of(self.now)
        self.people = {person.person_id: person for person in self.now.people()}

    def findings(self, rule: Rule) -> list[Finding]:
        """The deals that one rule holds for, biggest amount first."""
        places = judge.holding(rule, self.board).nonzero()[0].tolist()
        causes = {metric: over.tolist() for metric, over in judge.causes(rule, self.board).items()}
        asked = tuple(dict.fromkeys((*ALWAYS, *(one.metric for one in rule.conditions))))
        limits = {f.metric: f for f in (self.limit(rule, c) for c in reversed(rule.conditions))}
        return [
            self.finding(rule, asked, place, tuple(m for m, over in causes.items() if over[place]), limits)
            for place in sorted(places, key=self.rank)
        ]

    def rank(self, place: int) -> tuple[int, str]:
        """Biggest amount first, then by id."""
        row = self.scene.rows[place]
        return -(boards.amount_cents(row) or 0), row.deal_id

    def finding(
        self,
        rule: Rule,
        asked: Iterable[str],
        place: int,
        causes: tuple[str, ...],
        limits: Mapping[str, Fact],
    ) -> Finding:
        """One deal as facts."""
        row = self.scene.rows[place]
        owner = self.people.get(row.rep_id)
        figures = {metric: self.figure(metric, place) for metric in asked}
        return Finding(
            rule=rule.id,
            level=rule.level,
            subject=rule.subject,
            subject_id=row.deal_id,
            title=rule.title,
            names=names(row, owner),
            owner_id=row.rep_id,
            manager_id=(owner.manager_id if owner else None) or "",
            causes=causes,
            figures={**figures, **limits, **{f.metric: f for f in self.beside(rule, place)}},
            as_of=self.now.as_of,
            generation=self.now.id,
        )

    def limit(self, rule: Rule, condition: Condition) -> Fact:
        """The line of a condition."""
        return limit(rule.id, condition, self.mint, self.now.currency)

    def figure(self, metric: str, place: int) -> Fact:
        """A metric of a deal, made once."""
        key = metric, place
        if key not in self.made:
            self.made[key] = self.fact(metric, place)
        return self.made[key]

    def fact(self, metric: str, place: int) -> Fact:
        """The same, made anew."""
        row = self.scene.rows[place]
        if metric == "amount":
            return self.amount("amount", row, boards.amount_cents(row))
        value, (unit, one) = float(self.board.columns[metric][place]), UNITS[METRICS[metric].unit]
        known = None if value != value else value / one if one > 1 else int(value)
        return self.mint.fact(metric, known, unit, _deal(row), unknown=UNKNOWN.get(metric, "unknown"))

    def amount(self, metric: str, row: DealRow, cents: int | None) -> Fact:
        """Money of a deal in the main currency."""
        why = "no_amount" if row.amount_cents is None else "other_currency"
        return self.mint.fact(
            metric, money(cents), Unit.MONEY, _deal(row), currency=self.now.currency, unknown=why
        )

    def beside(self, rule: Rule, place: int) -> Iterator[Fact]:
        """What makes a figure of the rule's plain: its limit in days, what it was a week before, its date."""
        row = self.scene.rows[place]
        for condition in rule.conditions:
            if tell := BESIDE.get(condition.metric):
                yield from tell(self, row, condition)

    def stage_limit(self, row: DealRow, condition: Condition) -> Iterator[Fact]:
        """The days behind a percentile, with the number of won deals and of which stages they are."""
        key = row.deal_type, row.stage or "", float(condition.threshold)
        if key not in self.limits:
            self.limits[key] = self.days_behind(row, key[-1])
        yield self.limits[key]

    def days_behind(self, row: DealRow, percent: float) -> Fact:
        """The same of the stage and kind of business of a deal."""
        clock = self.scene.setting.clocks.clock(row.deal_type, row.stage)
        whose = f"stage={row.stage}" if clock and not clock.pooled else "all stages"
        return self.mint.fact(
            "stage_limit",
            None if clock is None else clock.limit(percent),
            Unit.DAYS,
            f"{whose}, deal_type={row.deal_type}",
            n=None if clock is None else clock.count,
            unknown="too_few_won",
        )

    def odds(self, row: DealRow, _: Condition) -> Iterator[Fact]:
        """Win probability now and a week before."""
        then = self.scene.past.get(row.deal_id, boards.NOTHING)
        now, was = self.scene.odds.get(row.deal_id), then.win_probability
        for name, value in (("win_probability", now), ("win_probability_before", was)):
            yield self.mint.fact(name, value, Unit.FRACTION, _deal(row), unknown="no_odds")

    def amount_before(self, row: DealRow, _: Condition) -> Iterator[Fact]:
        """The amount a week before."""
        then = self.scene.past.get(row.deal_id, boards.NOTHING)
        yield self.amount("amount_before", row, then.amount_cents)

    def close_date(self, row: DealRow, _: Condition) -> Iterator[Fact]:
        """The day on which it was to close."""
        yield self.mint.day("close_date", row.close_day, _deal(row), "no_close_date")


Beside = Callable[[_Teller, DealRow, Condition], Iterator[Fact]]

BESIDE: Mapping[str, Beside] = {
    "stage_percentile": _Teller.stage_limit,
    "win_probability_fall": _Teller.odds,
    "amount_fall": _Teller.amount_before,
    "push_count": _Teller.close_date,
    "days_overdue": _Teller.close_date,
}


def names(row: DealRow, owner: PersonRow | None) -> Mapping[str, str]:
    """What a deal is called, and the words of the CRM about it."""
    return {
        "deal": row.name or row.account or row.deal_id,
        "account": row.account or "",
        "stage": row.stage or "",
        "owner": (owner.name if owner else None) or row.rep_id,
        "next_step": row.next_step or "",
    }


def _deal(row: DealRow) -> str:
    return f"deal={row.deal_id}"
