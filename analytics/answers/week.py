"""A generation, the one of a week before and a rep -> what changed, and what stands out beyond chance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from analytics.answers import habits
from analytics.answers.errors import NotYourPage, RepNotFound
from analytics.answers.lists import people
from analytics.answers.mint import Mint, mint_of, money
from analytics.answers.receipt import receipt
from analytics.facts import KINDS, DealChange, Fact, Habit, Note, Unit, Verdict, Week
from analytics.facts.week import TeamWeek
from analytics.generation import DealRow
from analytics.questions import EVERYONE, Scope
from analytics.store import Generation

OPEN = "open"
PRESSING = ("stalled", "odds_fell")  #: changes that call for a look at the deal
REP = "rep"


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
    mint: Mint

    def fact(self, metric: str, value: float | None, unit: Unit, of: str, unknown: str = "") -> Fact:
        """A fact of this rep or of one of the deals."""
        currency = self.now.currency if unit is Unit.MONEY else ""
        return self.mint.fact(metric, value, unit, of, currency=currency, unknown=unknown)


def week(before: Generation, now: Generation, person_id: str, scope: Scope) -> Week:
    """What changed for a rep between two generations, and one strength and one weakness if there are any.

    Only the rep, their manager and who sees all deals may ask. Nothing is said of other reps but whether this
    one differs from all of them beyond chance.

    Raises:
        NotYourPage: the rep is out of scope.
        RepNotFound: nobody of this id is known to the CRM or owns a deal.
    """
    names = people(now)
    if not scope.allows(person_id):
        raise NotYourPage(names.get(person_id, person_id))
    own = Scope(rep_ids=frozenset({person_id}))
    if person_id not in names and not now.deal_ids(own):
        raise RepNotFound(person_id)
    asked = Asked(before, now, person_id, mint_of(now))
    changes = tuple(sorted(_changes(asked), key=_order))
    return Week(
        person_id=person_id,
        name=names.get(person_id, person_id),
        since=asked.mint.day("as_of", before.as_of.toordinal(), f"since,rep={person_id}"),
        changes=changes,
        figures=dict(_figures(asked, changes, len(now.open_deals(own)))),
        strength=_habit(asked, better=True),
        weakness=_habit(asked, better=False),
        pressing=_pressing(changes),
        notes=tuple(_notes(now)),
        as_of=now.as_of,
        generation=now.id,
    )


def team_week(before: Generation, now: Generation, manager_id: str) -> TeamWeek | None:
    """The weeks of all reps who report to a manager, by name; None of somebody to whom no rep reports."""
    names = people(now)
    reps = [one.person_id for one in now.people() if one.manager_id == manager_id and one.role == REP]
    if not reps:
        return None
    return TeamWeek(
        manager_id=manager_id,
        manager=names.get(manager_id, manager_id),
        weeks=tuple(
            week(before, now, rep_id, EVERYONE) for rep_id in sorted(reps, key=lambda rep_id: names[rep_id])
        ),
        since=mint_of(now).day("as_of", before.as_of.toordinal(), "since"),
        as_of=now.as_of,
        generation=now.id,
    )


def _order(change: DealChange) -> tuple[int, float, str]:
    return KINDS.index(change.kind), -_amount(change), change.deal_id


def _amount(change: DealChange) -> float:
    return float(change.figures["amount"].value or 0)


def _pressing(changes: Sequence[DealChange]) -> DealChange | None:
    """The biggest deal that has stalled or become less likely; the first by order among equals."""
    return max((one for one in changes if one.kind in PRESSING), key=_amount, default=None)


Figures = Iterator[tuple[str, Fact]]


def _figures(asked: Asked, changes: Sequence[DealChange], open_deals: int) -> Figures:
    of = f"rep={asked.person_id}"
    for kind in ("won", "lost", "created"):
        number = sum(change.kind == kind for change in changes)
        yield f"{kind}_deals", asked.mint.count(f"{kind}_deals", number, f"{of},week")
    yield "open_deals", asked.mint.count("open_deals", open_deals, of)


def _notes(now: Generation) -> Iterator[Note]:
    """What nobody can tell of this source."""
    if not now.has_events:
        yield Note("week_without_events")


def _changes(asked: Asked) -> Iterator[DealChange]:
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
    return habits.is_on_pace(asked.now, deal) is False or habits.is_active(deal) is False


def _change(asked: Asked, kind: str, pair: Pair, **figures: Fact) -> DealChange:
    then, now = pair
    of = f"deal={now.deal_id}"
    known = {"amount": asked.fact("amount", _money(now), Unit.MONEY, of, unknown="no_amount")}
    if kind == "pushed":
        known["due"] = asked.mint.day("close_date", now.close_day, of)
    if then is not None and kind in ("amount_rose", "amount_fell"):
        known |= {
            name: asked.fact("amount", _money(row), Unit.MONEY, f"{of},{name}")
            for name, row in (("before", then), ("after", now))
        }
    return DealChange(kind=kind, deal_id=now.deal_id, stage=now.stage or "", figures=known | figures)


def _money(deal: DealRow) -> float | None:
    """The amount, if it is in the main currency."""
    cents = deal.amount_cents if deal.in_main_currency else None
    amount = money(cents)
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


def _habit(asked: Asked, *, better: bool) -> Habit | None:
    """The surest habit of the rep that differs this way, if any survives."""
    mine = habits.habits(asked.now).get(asked.person_id, ())
    found = [one for one in mine if one.verdict is Verdict.SIGNAL and one.better is better]
    if not found:
        return None
    first, of = found[0], f"rep={asked.person_id},{found[0].name}"
    share = asked.mint.fact(
        "share", first.good / first.deals, Unit.FRACTION, of, n=first.deals, verdict=first.verdict
    )
    return Habit(first.name, share, asked.mint.count("deals", first.good, of), better=first.better)
