"""What is sent back to who asked: text, blocks, and the facts they were made of."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from analytics.facts import Fact, Note, Unit
from analytics.store import Generation
from bot.blocks import evidence
from bot.blocks.common import Block
from bot.coach import Inquiry
from bot.narrator.words import Answer, Words


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, ready to send."""

    text: str
    blocks: list[dict[str, Any]]
    facts: Mapping[str, Fact] = field(default_factory=dict)
    generation: str = ""
    narrator: str = "template"
    answer: Answer | None = None  # what a picture is drawn from, and names are known by
    words: Words | None = None  # of an answer made of facts; None for a page about ourselves
    draw: Callable[[Words], list[Block]] | None = None  # the same answer in other words
    line: str = ""  # asks for this answer again

    def as_json(self) -> dict[str, Any]:
        """The reply as plain values; amounts and rates as decimal text, days as ISO."""
        return {
            "text": self.text,
            "facts": {name: plain(fact) for name, fact in self.facts.items()},
            "blocks": self.blocks,
            "generation": self.generation,
            "narrator": self.narrator,
        }


def plain(fact: Fact) -> dict[str, Any]:
    """A fact without the fields it does not use.

    Decimals become text, so that no reader rounds them.
    """
    values = {name: value for name, value in asdict(fact).items() if value not in (None, "")}
    return {name: value if isinstance(value, int | str) else str(value) for name, value in values.items()}


def worded(words: Words, draw: Callable[[Words], list[Block]], facts: Answer, line: str) -> Reply:
    """An answer made of facts; what the words added of their own (day, counts) is listed with them."""
    source = evidence.Source(line, facts.generation)

    def card(words: Words) -> list[Block]:
        return evidence.under(draw(words), source)

    told = as_told(words, card(words), facts, line)
    return replace(told, answer=facts, words=words, draw=card)


def as_told(words: Words, blocks: list[Block], facts: Answer, line: str = "") -> Reply:
    """An answer that no sums of deals stand behind: it comes from memory, or was counted at length."""
    listed = facts.facts() | {fact.id: fact for fact in words.own}
    return Reply(words.text, blocks, listed, facts.generation, line=line)


def page(blocks: list[Block]) -> Reply:
    """An answer about ourselves: its first line is the notification."""
    return Reply(blocks[0]["text"]["text"], blocks)


def late(inquiry: Inquiry, as_of: date | None = None) -> Note | None:
    """What to say first of numbers older than agreed."""
    return stale(inquiry.generation, inquiry.days_stale(as_of))


def stale(generation: Generation, days: int) -> Note | None:
    """What to say first when the numbers are so many days older than agreed; None when they are not."""
    if not days:
        return None
    day = Decimal(generation.as_of.toordinal())
    facts = {
        "as_of": about(generation, "as_of", day, Unit.DATE),
        "age": about(generation, "age", Decimal(days), Unit.DAYS),
    }
    return Note("stale_store", facts)


def about(generation: Generation, metric: str, value: Decimal, unit: Unit) -> Fact:
    """A fact about the generation itself."""
    return Fact(
        id=f"{metric}/store",
        metric=metric,
        value=value,
        unit=unit,
        entity="all",
        period="",
        as_of=generation.as_of,
        generation=generation.id,
    )
