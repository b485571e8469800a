"""An intent and an inquiry -> what is sent back: facts, words from the template, blocks.

Slack's listeners and `dealcoach ask` both come through here, so they cannot differ.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from analytics import answers
from analytics.answers.remember import remembered
from analytics.facts import Fact, Note, Unit
from analytics.glossary import GLOSSARY, Entry
from analytics.questions import Scope
from analytics.store import Generation
from bot import intents
from bot.blocks import breakdown as breakdown_blocks
from bot.blocks import deal as deal_blocks
from bot.blocks import pages
from bot.blocks.common import Block
from bot.coach import Inquiry
from bot.narrator import template
from bot.narrator.words import Answer, Words


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer, ready to send."""

    text: str
    blocks: list[dict[str, Any]]
    facts: Mapping[str, Fact] = field(default_factory=dict)
    generation: str = ""
    narrator: str = "template"

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


async def reply(intent: intents.Intent, inquiry: Inquiry) -> Reply:
    """The reply to any intent."""
    return await REPLIES[type(intent)](intent, inquiry)


async def winrate(intent: intents.WinRate, inquiry: Inquiry) -> Reply:
    """`/winrate region`: the verdict, then the table."""
    generation = await inquiry.known_on(intent.as_of)
    return breakdown(generation, intent, inquiry.scope, inquiry.days_stale(intent.as_of))


@remembered
def breakdown(generation: Generation, asked: intents.WinRate, scope: Scope, days_stale: int) -> Reply:
    """Win rate by the question's dimensions, over the deals in scope; written once for each generation."""
    facts = answers.breakdown(generation, asked.question, scope)
    words = template.breakdown(facts, stale(generation, days_stale))
    return worded(words, breakdown_blocks.answer(facts, words, asked), facts)


async def deal(intent: intents.Deal, inquiry: Inquiry) -> Reply:
    """`/deal D00123`: where the deal stands, and what to do next."""
    facts = await inquiry.deal(intent.deal_id, intent.as_of)
    words = template.deal(facts, stale(inquiry.generation, inquiry.days_stale(intent.as_of)))
    return worded(words, deal_blocks.card(facts, words), facts)


async def quality(_: intents.QualityPage, inquiry: Inquiry) -> Reply:
    """`/coach quality`: the data scorecard."""
    facts = inquiry.quality()
    words = template.quality(facts)
    return worded(words, pages.quality(facts, words), facts)


async def help(intent: intents.Help, _: Inquiry) -> Reply:
    """`/coach help`, `/winrate help`: what can be asked."""
    return page(pages.help(c for c in intents.COMMANDS if intent.topic in ("", c.topic)))


async def glossary(intent: intents.Glossary, _: Inquiry) -> Reply:
    """`/coach glossary`: what the metrics mean."""
    return page(pages.glossary(found(intent.term)))


async def status(_: intents.Status, inquiry: Inquiry) -> Reply:
    """`/coach status`: how old the data is, how deliveries do."""
    from bot import doctor  # brings the database, which no other page needs

    inquiry.for_ops()
    findings = [finding async for finding in doctor.health(inquiry.coach.settings)]
    return page(pages.status(f"{f.check}: {f.found}. {f.remedy}".rstrip() for f in findings))


async def map_person(intent: intents.MapPerson, inquiry: Inquiry) -> Reply:
    """`/coach map @user PERSON`: from now on this Slack user is that person."""
    return Reply(await inquiry.map_person(intent.slack_user_id, intent.person), [])


REPLIES: dict[type[intents.Intent], Callable[[Any, Inquiry], Awaitable[Reply]]] = {
    intents.WinRate: winrate,
    intents.Deal: deal,
    intents.QualityPage: quality,
    intents.Help: help,
    intents.Glossary: glossary,
    intents.Status: status,
    intents.MapPerson: map_person,
}


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


def worded(words: Words, blocks: list[Block], facts: Answer) -> Reply:
    """An answer made of facts; what the words added of their own (day, counts) is listed with them."""
    return Reply(words.text, blocks, facts.facts() | {f.id: f for f in words.own}, facts.generation)


def page(blocks: list[Block]) -> Reply:
    """An answer about ourselves: its first line is the notification."""
    return Reply(blocks[0]["text"]["text"], blocks)


def found(term: str) -> list[Entry]:
    """The metrics a term means: all for none, by exact name, else every one that mentions it."""
    wanted = term.casefold()
    exact = [e for e in GLOSSARY if wanted in (e.name, e.title.casefold())]
    return (
        exact
        or [e for e in GLOSSARY if wanted in f"{e.name} {e.title} {e.meaning}".casefold()]
        or [*GLOSSARY]
    )
