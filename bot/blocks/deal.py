"""A deal's card: who, what and where it stands, then the words; and what changed its odds."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from analytics.facts import DealCard, Receipt
from analytics.questions import NOT_SET
from bot import intents
from bot.blocks import chart
from bot.blocks.common import Block, buttons, fields, framed, playbook
from bot.narrator.claims import label
from bot.narrator.words import Words

#: Fields of the card after owner, deal and account, in this order.
LABELS = ("region", "industry", "product", "lead_source", "deal_type")


def card(
    answer: DealCard, words: Words, asked: intents.Deal, links: Mapping[str, str] = MappingProxyType({})
) -> list[Block]:
    """The card as a message. `asked` gives the button its day; `links` are the team's documents by play."""
    return framed(words, fields(_fields(answer)), [*buttons(_next(answer, asked)), *playbook(words, links)])


def changes(answer: Receipt, words: Words) -> list[Block]:
    """What changed a deal's odds, and how they went."""
    days = [(shown, odds) for shown, odds in answer.score_history if odds.value is not None]
    return framed(words, chart.course(label("column.odds").text, days))


def _fields(answer: DealCard) -> Iterator[tuple[str, str]]:
    who = (("owner", answer.owner or answer.owner_id), ("name", answer.name), ("account", answer.account))
    for field, value in (*who, *((name, answer.labels.get(name, "")) for name in LABELS)):
        if value != NOT_SET:
            yield label(f"field.{field}").text, value


def _next(answer: DealCard, asked: intents.Deal) -> Iterator[tuple[str, str, str]]:
    """What else may be asked of an open deal whose odds are known."""
    if answer.reasons:
        line = intents.describe(intents.Changes(answer.deal_id, asked.as_of))
        yield "ask.changes", label("button.changes").text, line
