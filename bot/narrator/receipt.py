"""The words for a move of a deal's odds: from where to where, and the parts that add up to it."""

from collections.abc import Iterator
from datetime import date

from analytics.facts import Note, Receipt
from bot import spelling
from bot.narrator import plays
from bot.narrator.claims import Claim, Slot, joined, label, ours, say
from bot.narrator.words import Words, finish, notes

DAYS = ("close_date", "last_activity")  #: fields of a deal that hold one


def receipt(answer: Receipt, stale: Note | None = None) -> Words:
    """What changed the odds since the numbers before. `stale` is told first of all."""
    top, verdict = say("receipt.headline", id=answer.deal_id), _verdict(answer)
    offered = plays.fitting(answer, verdict)
    return finish(
        answer,
        headline=top,
        verdict=verdict,
        lines=[*_lines(answer), *notes(answer.notes), *plays.advice(offered)],
        scope={},
        stale=stale,
        plays=offered,
    )


def _verdict(answer: Receipt) -> Claim:
    if answer.before_day.value is None:
        return say("receipt.no_before")
    if answer.before.value is None or answer.after.value is None:
        return say("receipt.closed" if answer.after.unknown == "closed" else "receipt.no_odds")
    if answer.before.value == answer.after.value:
        return say("receipt.same", after=answer.after, day=answer.before_day)
    odds = {"before": answer.before, "after": answer.after, "day": answer.before_day}
    return say("receipt.moved", parts=_parts(answer), **odds)


def _parts(answer: Receipt) -> Claim:
    """Every group that moved the odds, then the model."""
    moved = [(group, points) for group, points in answer.parts if points.value]
    said = [say("receipt.part", group=label(f"group.{group}"), points=points) for group, points in moved]
    model = "receipt.model_unchanged" if answer.same_model else "receipt.model_changed"
    return joined([*said, say(model, points=answer.model_part)])


def _lines(answer: Receipt) -> Iterator[Claim]:
    for what, before, after in answer.changes:
        said = {"before": _said(before, what), "after": _said(after, what)}
        yield say("receipt.change", what=label(f"changed.{what}"), **said)
    if not answer.changes and answer.before_day.value is not None:
        yield say("receipt.nothing", day=answer.before_day)


def _said(value: str, what: str) -> Slot:
    """What a field held: a name from the CRM, or a day as the reader writes it."""
    return ours(spelling.day(date.fromisoformat(value))) if what in DAYS else value
