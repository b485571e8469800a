"""A deal's card: who, what and where it stands, then the words."""

from collections.abc import Iterator

from analytics.facts import DealCard
from analytics.questions import NOT_SET
from bot.blocks.common import Block, fields, framed
from bot.narrator.claims import label
from bot.narrator.words import Words

#: Fields of the card after owner, deal and account, in this order.
LABELS = ("region", "industry", "product", "lead_source", "deal_type")


def card(answer: DealCard, words: Words) -> list[Block]:
    """The card as a message."""
    return framed(words, fields(_fields(answer)))


def _fields(answer: DealCard) -> Iterator[tuple[str, str]]:
    who = (("owner", answer.owner or answer.owner_id), ("name", answer.name), ("account", answer.account))
    for field, value in (*who, *((name, answer.labels.get(name, "")) for name in LABELS)):
        if value != NOT_SET:
            yield label(f"field.{field}").text, value
