"""A generation, the one of a week before and a rep -> what changed, and what stands out beyond chance."""

from collections.abc import Iterator, Sequence
from statistics import median

from analytics.answers import habits
from analytics.answers.changes import Asked, amount_of
from analytics.answers.changes import changes as changes_of
from analytics.answers.errors import NotYourPage, RepNotFound
from analytics.answers.lists import people
from analytics.answers.mint import mint_of
from analytics.facts import KINDS, DealChange, Fact, Habit, Note, Unit, Verdict, Week
from analytics.facts.week import TeamWeek
from analytics.generation import DealRow
from analytics.questions import EVERYONE, Scope
from analytics.stall import Thresholds
from analytics.store import Generation

DEFAULT = Thresholds()
REP = "rep"

#: Changes that call for a look, the most telling first, and the least stake that does, in typical open deals
#: of the rep. Source: ours; less than five points of a typical deal, or than half of it, can wait.
LEAST = {"odds_fell": 0.05, "stalled": 0.5}


def week(
    before: Generation,
    now: Generation,
    person_id: str,
    scope: Scope,
    thresholds: Thresholds = DEFAULT,
) -> Week:
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
    asked = Asked(before, now, person_id, thresholds, mint_of(now))
    changes = tuple(sorted(changes_of(asked), key=_order))
    open_deals = now.open_deals(own)
    return Week(
        person_id=person_id,
        name=names.get(person_id, person_id),
        since=asked.mint.day("as_of", before.as_of.toordinal(), f"since,rep={person_id}"),
        changes=changes,
        figures=dict(_figures(asked, changes, len(open_deals))),
        strength=_habit(asked, better=True),
        weakness=_habit(asked, better=False),
        pressing=pressing(changes, _typical(open_deals)),
        notes=tuple(_notes(now)),
        as_of=now.as_of,
        generation=now.id,
    )


def team_week(
    before: Generation, now: Generation, manager_id: str, thresholds: Thresholds = DEFAULT
) -> TeamWeek | None:
    """The weeks of all reps who report to a manager, by name; None of somebody to whom no rep reports."""
    names = people(now)
    reps = [one.person_id for one in now.people() if one.manager_id == manager_id and one.role == REP]
    if not reps:
        return None
    return TeamWeek(
        manager_id=manager_id,
        manager=names.get(manager_id, manager_id),
        weeks=tuple(
            week(before, now, rep_id, EVERYONE, thresholds)
            for rep_id in sorted(reps, key=lambda rep_id: names[rep_id])
        ),
        since=mint_of(now).day("as_of", before.as_of.toordinal(), "since"),
        as_of=now.as_of,
        generation=now.id,
    )


def _order(change: DealChange) -> tuple[int, float, str]:
    return KINDS.index(change.kind), -_stake(change), change.deal_id


def _stake(change: DealChange) -> float:
    """The money that a change is about: of moved odds the part of the amount that they moved by."""
    known = change.figures
    amount = float(known["amount"].value or 0)
    if change.kind not in ("odds_fell", "odds_rose"):
        return amount
    return amount * abs(float((known["before"].value or 0) - (known["after"].value or 0)))


def pressing(changes: Sequence[DealChange], typical: float) -> DealChange | None:
    """The fallen odds that cost most, else the biggest newly stalled deal; none that is trivial.

    Args:
        typical: amount of a deal like the rep's others; 0 where no amounts are known.
    """
    for kind, least in LEAST.items():
        if found := [one for one in changes if one.kind == kind and _stake(one) >= least * typical]:
            return max(found, key=_stake)
    return None


def _typical(deals: Sequence[DealRow]) -> float:
    """The median amount of deals; 0 where none is known."""
    return median([amount for deal in deals if (amount := amount_of(deal))] or [0])


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


def _habit(asked: Asked, *, better: bool) -> Habit | None:
    """The surest habit of the rep that differs this way, if any survives."""
    mine = habits.habits(asked.now, asked.thresholds).get(asked.person_id, ())
    found = [one for one in mine if one.verdict is Verdict.SIGNAL and one.better is better]
    if not found:
        return None
    first, of = found[0], f"rep={asked.person_id},{found[0].name}"
    share = asked.mint.fact(
        "share", first.good / first.deals, Unit.FRACTION, of, n=first.deals, verdict=first.verdict
    )
    return Habit(first.name, share, asked.mint.count("deals", first.good, of), better=first.better)
