"""The words for "what if we stopped it?": what it would cost or bring, what it frees, what was assumed."""

from collections.abc import Iterator

from analytics.facts import Fact, Note, Unit, WhatIf
from bot.narrator import plays
from bot.narrator.claims import Claim, Slot, listed, say
from bot.narrator.words import Words, finish, notes


def whatif(answer: WhatIf, stale: Note | None = None) -> Words:
    """What dropping or shifting a segment would change. `stale` is told first of all."""
    said = verdict(answer)
    offered = plays.fitting(answer, said)
    limits = notes(one for one in answer.notes if not _is_told(answer, one))
    return finish(
        answer,
        headline=headline(answer),
        verdict=said,
        lines=[*_lines(answer, said.id), *limits, *plays.advice(offered)],
        text=say("whatif.text", verdict=said),
        scope={
            "scope": answer.scope,
            "type": answer.deal_type,
            "deals": known(answer, "deals"),
        },
        stale=stale,
        plays=offered,
    )


def headline(answer: WhatIf) -> Claim:
    """What was asked, in a line."""
    return say(f"whatif.headline_{answer.action}", **_slots(answer))


def verdict(answer: WhatIf) -> Claim:
    """Whether the time it frees is worth more elsewhere; of a shift, whether more or less would be won."""
    change = known(answer, "change_amount")
    if answer.verdict_change is None or change is None:
        return say("whatif.too_few", **_slots(answer))
    if not answer.verdict_change or not change.value:
        return say("whatif.unclear", **_slots(answer))
    if is_worth := worth(answer):
        return say(f"whatif.worth_{is_worth}", **_slots(answer))
    return say("whatif.gain" if change.value > 0 else "whatif.lose", **_slots(answer))


ALIKE = "segments_alike"  #: the note that two amounts per day are not shown to differ


def worth(answer: WhatIf) -> str:
    """Of a drop, what its days are worth elsewhere: "more", "less" or "alike"; "" where nobody knows.

    That less is won without a segment goes without saying; what its time is worth does not.
    """
    here, rest = known(answer, "per_day_segment"), known(answer, "per_day_rest")
    if answer.action != "drop" or here is None or rest is None or here.value is None or rest.value is None:
        return ""
    if any(note.code == ALIKE for note in answer.notes):
        return "alike"
    return "more" if rest.value > here.value else "less"


def _is_told(answer: WhatIf, note: Note) -> bool:
    """Does the verdict say it already?"""
    return note.code == ALIKE and bool(worth(answer)) and verdict(answer).id == "whatif.worth_alike"


def known(answer: WhatIf, metric: str) -> Fact | None:
    """A figure with a value; None when the answer lacks it."""
    fact = answer.figures.get(metric)
    return fact if fact is not None and fact.value is not None else None


def segment_name(answer: WhatIf) -> Claim:
    """What is dropped, or worked less: its values, parted by a slash."""
    return listed(answer.labels, " / ")


def _slots(answer: WhatIf) -> dict[str, Slot]:
    named: dict[str, Slot] = {
        "segment": segment_name(answer),
        "other": listed(answer.to_labels, " / ") if answer.to_labels else None,
        "period": answer.period,
    }
    return {
        **named,
        **{slot: known(answer, metric) for slot, metric in SLOTS.items()},
    }


SLOTS = {
    "change": "change_amount",
    "deals": "deals",
    "open": "open_deals",
    "capacity": "capacity",
    "share": "capacity_share",
    "won": "won_amount",
    "rate": "change_win_rate",
    "of_segment": "per_day_segment",
    "of_rest": "per_day_rest",
    "of_to": "per_day_to",
}


def _is_none(slot: Slot) -> bool:
    """A count of nothing, which is not worth a line."""
    return isinstance(slot, Fact) and slot.unit is Unit.COUNT and not slot.value


def _lines(answer: WhatIf, led: str) -> Iterator[Claim]:
    """Bullets below the verdict `led`, which none of them says again."""
    slots = {name: slot for name, slot in _slots(answer).items() if not _is_none(slot)}
    is_worth = led.startswith("whatif.worth")
    told = {
        "freed" if answer.action == "drop" else "moved": ("capacity",),
        "unused" if is_worth else "per_day": ("change",) if is_worth else ("of_segment", "of_rest"),
        "won": ("won",),
        "rate": ("rate",),
        "open": ("open",),
    }
    for sentence, needs in told.items():
        if all(slots.get(need) for need in needs):
            yield say(f"whatif.{sentence}", **slots)
    yield say(f"whatif.assumed_{answer.action}", **slots)
