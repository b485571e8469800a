"""The words for a rep's week: what changed, a strength and a thing to look at if any is real, a question."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from analytics.facts import DealChange, Fact, Habit, Note, TeamWeek, Week
from bot.narrator import plays
from bot.narrator.claims import Claim, Slot, joined, label, listed, ours, say
from bot.narrator.words import Words, count, finish, notes

NAMED = 3  #: deals named in a bullet
COUNTED = ("won", "lost", "created")  #: kinds of change that the verdict counts
#: A kind of change -> the sentence for one of its deals, where more than the amount is worth a word.
TOLD = {
    "moved_on": "week.deal_stage",
    "moved_back": "week.deal_stage",
    "odds_fell": "week.deal_change",
    "odds_rose": "week.deal_change",
    "amount_fell": "week.deal_money",
    "amount_rose": "week.deal_money",
    "pushed": "week.deal_due",
}


def week(answer: Week, stale: Note | None = None) -> Words:
    """A rep's week, for the rep and the manager. `stale` is told first of all."""
    top = say("week.headline", name=answer.name)
    others = count(answer, "others", sum(change.kind not in COUNTED for change in answer.changes))
    verdict = _verdict(answer, others)
    kinds = [list(same) for _, same in groupby(answer.changes, key=lambda change: change.kind)]
    hidden = {same[0].kind: count(answer, f"more,{same[0].kind}", len(same) - NAMED) for same in kinds}
    offered = plays.fitting(answer)
    return finish(
        answer,
        headline=top,
        verdict=verdict,
        lines=[
            *(_changed(same, hidden) for same in kinds),
            *_judged(answer),
            *notes(answer.notes),
            *plays.advice(offered, "week.question"),
        ],
        scope={"scope": answer.name, "open": answer.figures["open_deals"]},
        stale=stale,
        own=(others, *(fact for fact in hidden.values() if (fact.value or 0) > 0)),
        plays=offered,
    )


def team_week(answer: TeamWeek) -> Words:
    """The note on Monday: two lines for each rep for whom anything moved, by name."""
    moved = [one for one in answer.weeks if one.changes]
    counted = {"reps": count(answer, "reps", len(answer.weeks)), "moved": count(answer, "moved", len(moved))}
    top = say("team_week.headline", since=answer.since)
    verdict = say("team_week.moved" if moved else "team_week.quiet", **counted)
    quiet = [one.name for one in answer.weeks if not one.changes]
    numbers = {one.person_id: _numbers(one) for one in moved}
    lines = [line for one in moved for line in _two_lines(one, numbers[one.person_id])]
    return finish(
        answer,
        headline=top,
        verdict=verdict,
        lines=[*lines, *([say("team_week.unmoved", names=listed(quiet))] if moved and quiet else [])],
        scope={"scope": ours("your team's deals")},
        own=(*counted.values(), *(fact for mine in numbers.values() for fact in mine.values())),
    )


def _verdict(answer: Week, others: Fact) -> Claim:
    if not answer.changes:
        return say("week.quiet", since=answer.since)
    known: dict[str, Slot] = {kind: answer.figures[f"{kind}_deals"] for kind in COUNTED}
    sentence = "week.moved" if others.value else "week.moved_only"
    return say(sentence, since=answer.since, others=others, **known)


def _changed(same: Sequence[DealChange], hidden: dict[str, Fact]) -> Claim:
    """One line for a kind of change, with the biggest of its deals."""
    kind = same[0].kind
    deals = joined(_deal(change) for change in same[:NAMED])
    if (hidden[kind].value or 0) > 0:
        deals = say("week.more", deals=deals, others=hidden[kind])
    return say(f"week.{kind}", deals=deals)


def _deal(change: DealChange) -> Claim:
    slots: dict[str, Slot] = {**change.figures, "id": change.deal_id, "stage": change.stage}
    return say(TOLD.get(change.kind, "week.deal"), **slots)


def _judged(answer: Week) -> Iterator[Claim]:
    """Exactly one strength and one thing to look at, or that there is none beyond chance."""
    if any(change.kind in ("won", "lost") for change in answer.changes):
        yield say("week.rate")
    yield _habit("strength", answer.strength) if answer.strength else say("week.no_strength")
    yield _look(answer)


def _look(answer: Week) -> Claim:
    """The deal that most money hangs on; else a habit; else that nothing stands out."""
    if deal := answer.pressing:
        what, amount = label(f"week_what.{deal.kind}"), deal.figures.get("amount")
        return say("week.look_deal", id=deal.deal_id, amount=amount, what=what, stage=deal.stage)
    return _habit("look", answer.weakness) if answer.weakness else say("week.no_look")


def _habit(kind: str, habit: Habit) -> Claim:
    return say(f"week.{kind}_{habit.name}", count=habit.count, share=habit.share)


def _numbers(one: Week) -> dict[str, Fact]:
    """How many deals changed in which way, in the order of the kinds."""
    seen = Counter(change.kind for change in one.changes)
    return {kind: count(one, f"{kind},rep={one.person_id}", number) for kind, number in seen.items()}


def _two_lines(one: Week, numbers: dict[str, Fact]) -> Iterator[Claim]:
    parts = (
        say("team_week.part", what=label(f"team_week.{kind}"), number=fact) for kind, fact in numbers.items()
    )
    yield say("team_week.changed", name=one.name, parts=joined(parts))
    yield say("team_week.look", name=one.name, look=_look(one))
