"""What the Home tab shows of the numbers, as facts; and the open deals of a scope, biggest first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analytics.answers.lists import people
from analytics.answers.mint import Mint, mint_of, money
from analytics.facts import Fact, Unit, by_id
from analytics.generation import DealRow, ScoreRow
from analytics.questions import Scope
from analytics.store import Generation
from bot.alerting.digests.facts import Agenda

SHOWN = 10  #: deals in a table of Home; the rest are a question away


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDeal:
    """One open deal in the table."""

    deal_id: str
    account: str
    owner: str
    stage: str
    amount: Fact  # MONEY
    odds: Fact  # FRACTION; unknown while the model is silent
    in_stage: Fact  # DAYS
    activity: Fact  # DAYS since any
    due: Fact  # DATE

    def facts(self) -> list[Fact]:
        """Every fact of the deal."""
        return [self.amount, self.odds, self.in_stage, self.activity, self.due]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """What is open for one person."""

    agenda: Agenda
    deals: tuple[OpenDeal, ...]  # the biggest
    figures: Mapping[str, Fact]  # open, shown, more (COUNT), amount (MONEY)
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        told = (fact for deal in self.deals for fact in deal.facts())
        return self.agenda.facts() | by_id(told, self.figures.values())


def tab(generation: Generation, agenda: Agenda, scope: Scope, most: int = SHOWN) -> Tab:
    """The open deals in scope, with what waits on them."""
    rows = sorted(generation.open_deals(scope), key=lambda row: (-(_cents(row) or 0), row.deal_id))
    scores = {score.deal_id: score for score in generation.scores(scope)}
    mint, names = mint_of(generation), people(generation)
    currency = generation.currency
    deals = tuple(_deal(row, scores.get(row.deal_id), names, mint, currency) for row in rows[:most])
    known = [cents for row in rows if (cents := _cents(row)) is not None]
    amount = money(sum(known)) if known else None
    return Tab(
        agenda=agenda,
        deals=deals,
        figures={
            "open": mint.count("open_deals", len(rows), "home"),
            "shown": mint.count("open_deals", len(deals), "shown"),
            "left": mint.count("open_deals", len(rows) - len(deals), "left"),
            "amount": mint.fact(
                "open_amount", amount, Unit.MONEY, "home", currency=currency, unknown="no_amount"
            ),
        },
        as_of=generation.as_of,
        generation=generation.id,
    )


def _cents(row: DealRow) -> int | None:
    return row.amount_cents if row.in_main_currency else None


def _deal(
    row: DealRow, score: ScoreRow | None, names: Mapping[str, str], mint: Mint, currency: str
) -> OpenDeal:
    of = f"deal={row.deal_id}"
    odds = score.win_probability if score else None

    def days(name: str, value: int | None, unknown: str) -> Fact:
        return mint.fact(name, value, Unit.DAYS, of, unknown=unknown)

    amount: Decimal | None = money(row.amount_cents)
    own = row.currency or currency
    return OpenDeal(
        deal_id=row.deal_id,
        account=row.account or row.name or "",
        owner=names.get(row.rep_id, row.rep_id),
        stage=row.stage or "",
        amount=mint.fact("amount", amount, Unit.MONEY, of, currency=own, unknown="no_amount"),
        odds=mint.fact("win_probability", odds, Unit.FRACTION, of, unknown="no_odds"),
        in_stage=days("days_in_stage", row.days_in_stage, "no_stage_history"),
        activity=days("days_since_activity", row.days_since_activity, "no_activity_yet"),
        due=mint.day("close_date", row.close_day, of, "no_close_date"),
    )
