"""Two generations and a rep -> what changed about each of the deals, odds only beyond the model's noise."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from analytics.answers import habits
from analytics.answers.card import OPEN
from analytics.answers.mint import Mint, money
from analytics.answers.receipt import receipt
from analytics.facts import DealChange, Fact, Unit
from analytics.generation import DealRow
from analytics.questions import EVERYONE, Scope
from analytics.stall import Thresholds
from analytics.store import Generation


class Pair(NamedTuple):
    """A deal now and a week ago; `then` is None of one that was created since."""

    then: DealRow | None
    now: DealRow


@dataclass(frozen=True, slots=True)
class Asked:
    """Two generations, a rep, and where the facts come from."""

    before: Generation
    now: Generation
    person_id: str
    thresholds: Thresholds
    mint: Mint

    def fact(self, metric: str, value: float | None, unit: Unit, of: str, unknown: str = "") -> Fact:
        """A fact of this rep or of one of the deals."""
        currency = self.now.currency if unit is Unit.MONEY else ""
        return self.mint.fact(metric, value, unit, of, currency=currency, unknown=unknown)


def changes(asked: Asked) -> Iterator[DealChange]:
    """Everything that changed, deal by deal."""
    for pair in _pairs(asked):
        for kind in _kinds(asked, pair):
            yield _change(asked, kind, pair)
        yield from _odds(asked, pair)


def _pairs(asked: Asked) -> Iterator[Pair]:
    """The rep's deals that were open a week ago, whoever owned them then, or are new since."""
    then_open = {deal.deal_id: deal for deal in asked.before.open_deals()}
    then_there = set(asked.before.deal_ids(EVERYONE))
    for deal_id in asked.now.deal_ids(Scope(rep_ids=frozenset({asked.person_id}))):
        if deal_id in then_open or deal_id not in then_there:
            row = asked.now.deal(deal_id)
            if row:
                yield Pair(then_open.get(deal_id), row)


def _kinds(asked: Asked, pair: Pair) -> Iterator[str]:
    """What happened to a deal, odds apart; what a deal's end brings with it is not told beside it."""
    then, now = pair
    if now.outcome != OPEN:
        yield now.outcome
        return
    if then is None:
        yield "created"
        return
    if then.rep_id != now.rep_id:
        yield "taken_over"
    yield from _moves(then, now)
    if _stalled(asked, now) and not _stalled(asked, then):
        yield "stalled"


def _moves(then: DealRow, now: DealRow) -> Iterator[str]:
    """Stage, close date and amount of a deal that stayed open."""
    if then.stage_number and now.stage_number and then.stage_number != now.stage_number:
        yield "moved_on" if now.stage_number > then.stage_number else "moved_back"
    if then.close_day and now.close_day and now.close_day > then.close_day:
        yield "pushed"
    if then.amount_cents and now.amount_cents and then.amount_cents != now.amount_cents:
        yield "amount_rose" if now.amount_cents > then.amount_cents else "amount_fell"


def _stalled(asked: Asked, deal: DealRow) -> bool:
    """Is or was it, by what won deals teach today, too long in its stage or without activity?"""
    rules = habits.is_on_pace, habits.is_active
    return any(holds(asked.now, deal, asked.thresholds) is False for holds in rules)


def _change(asked: Asked, kind: str, pair: Pair, **figures: Fact) -> DealChange:
    then, now = pair
    of = f"deal={now.deal_id}"
    known = {"amount": asked.fact("amount", amount_of(now), Unit.MONEY, of, unknown="no_amount")}
    if kind == "pushed":
        known["due"] = asked.mint.day("close_date", now.close_day, of)
    if then is not None and kind in ("amount_rose", "amount_fell"):
        known |= {
            name: asked.fact("amount", amount_of(row), Unit.MONEY, f"{of},{name}")
            for name, row in (("before", then), ("after", now))
        }
    return DealChange(kind=kind, deal_id=now.deal_id, stage=now.stage or "", figures=known | figures)


def amount_of(deal: DealRow) -> float | None:
    """The amount, if it is in the main currency."""
    amount = money(deal.amount_cents) if deal.in_main_currency else None
    return None if amount is None else float(amount)


def _odds(asked: Asked, pair: Pair) -> Iterator[DealChange]:
    """Odds that moved beyond the model's noise.

    The model of now tells both, so that a retrain moves nothing; a move counts when the odds of then lie
    outside the range of now.
    """
    then, now = pair
    if then is None or now.outcome != OPEN:
        return
    moved = receipt(asked.before, asked.now, now.deal_id, EVERYONE)
    after = moved.after
    if after.value is None or after.low is None or after.high is None or not moved.parts:
        return
    before = after.value - sum(points.value or 0 for _, points in moved.parts)
    if after.low <= before <= after.high:
        return
    of = f"deal={now.deal_id}"
    told = {
        name: asked.fact("win_probability", float(value), Unit.FRACTION, f"{of},{name}")
        for name, value in (("before", before), ("after", after.value))
    }
    yield _change(asked, "odds_fell" if after.value < before else "odds_rose", pair, **told)
