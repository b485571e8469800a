"""What every narrator hands on, and the parts all answers share: notes, the last line, counts of our own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol

from analytics.facts import Fact, Note, Unit
from bot import names
from bot.narrator.claims import Claim, Slot, knows, ours, say


@dataclass(frozen=True, slots=True)
class Words:
    """An answer in plain text; blocks and the terminal add the tables and the looks."""

    headline: str
    verdict: str  # said before any table
    lines: tuple[str, ...]  # bullets
    context: str  # the last line: scope, n, as-of, generation, figures
    text: str  # the notification, with the key number; escaped, for Slack reads it as markup
    warning: str = ""  # said first of all: stale numbers
    own: tuple[Fact, ...] = ()  # facts about the answer itself, not among the answer's facts
    about: Claim | None = None  # the verdict, as it was rendered
    said: tuple[Claim, ...] = ()  # the bullets, as they were rendered
    plays: tuple[Claim, ...] = ()  # what could be done, the most fitting first; the bullets hold the first


class Answer(Protocol):
    """What the facts of any answer have in common."""

    @property
    def as_of(self) -> date: ...
    @property
    def generation(self) -> str: ...
    def facts(self) -> dict[str, Fact]: ...


def count(answer: Answer, metric: str, number: int) -> Fact:
    """A count of the answer's own parts, as a fact like any other."""
    return _own(answer, metric, Decimal(number), Unit.COUNT)


def day(answer: Answer, metric: str = "as_of", on: date | None = None) -> Fact:
    """A day as a fact like any other; None: the one the answer is of."""
    return _own(answer, metric, Decimal((on or answer.as_of).toordinal()), Unit.DATE)


def _own(answer: Answer, metric: str, value: Decimal, unit: Unit) -> Fact:
    return Fact(
        id=f"{metric}/answer",
        metric=metric,
        value=value,
        unit=unit,
        entity="answer",
        period="",
        as_of=answer.as_of,
        generation=answer.generation,
    )


def note(limit: Note) -> Claim:
    """The sentence for something that limits the answer."""
    slots: dict[str, Slot] = {**limit.names, **limit.facts}
    if period := limit.names.get("period"):
        slots["period"] = ours(period)
    known = f"note.{limit.code}"
    return say(known, **slots) if knows(known) else say("note.other", code=limit.code)


def notes(limits: Iterable[Note]) -> list[Claim]:
    """One sentence for each note, none said twice."""
    return list(dict.fromkeys(note(limit) for limit in limits))


def _version(answer: Answer) -> Claim:
    """The generation, and the model where one speaks in the answer."""
    model = getattr(answer, "model", "") if getattr(answer, "speaks", False) else ""
    return say("context.version", generation=answer.generation, model=model or None)


def finish(
    answer: Answer,
    *,
    headline: Claim,
    verdict: Claim,
    lines: Iterable[Claim],
    text: Claim | None = None,
    scope: Mapping[str, Slot],
    stale: Note | None = None,
    own: tuple[Fact, ...] = (),
    plays: Iterable[Claim] = (),
) -> Words:
    """Put the parts of an answer together and add its last line.

    Args:
        text: the notification; None for the headline and the verdict.
    """
    said = {line.text: line for line in lines}
    shown = count(answer, "figures", len({*answer.facts(), *(fact.id for fact in own)}))
    as_of = day(answer)
    told = text or say("context.text", headline=headline, verdict=verdict)
    old = note(stale) if stale else None
    notified = say("context.stale_text", text=told, warning=old) if old else told
    last = say("context.answer", day=as_of, generation=_version(answer), figures=shown, **scope)
    return Words(
        headline=headline.text,
        verdict=verdict.text,
        lines=tuple(said),
        context=last.text,
        text=names.escape(notified.text),
        warning=old.text if old else "",
        own=(shown, as_of, *own, *(stale.facts.values() if stale else ())),
        about=verdict,
        said=tuple(said.values()),
        plays=tuple(plays),
    )
