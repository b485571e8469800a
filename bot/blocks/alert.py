"""The alert's card while a deal is stalled, and what the same message becomes when it no longer is."""

from analytics.facts import StalledDeal
from bot import intents
from bot.blocks.common import Block, buttons, framed
from bot.narrator.claims import label
from bot.narrator.words import Words


def card(deal: StalledDeal, words: Words) -> list[Block]:
    """Why now, why you, one thing to do, and a way to the whole deal."""
    return framed(words, after=buttons([_show(deal)]))


def resolved(deal: StalledDeal, words: Words) -> list[Block]:
    """The same message at its end."""
    return framed(words, after=buttons([_show(deal)]))


def _show(deal: StalledDeal) -> tuple[str, str, str]:
    return "ask.deal", label("button.deal").text, intents.describe(intents.Deal(deal.deal_id))
