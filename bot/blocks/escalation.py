"""The card about several alerts that nobody answered."""

from collections.abc import Sequence

from analytics.facts import Finding
from bot.blocks import deal
from bot.blocks.common import Block, buttons, framed
from bot.narrator import escalation

BUTTONS = 5  #: deals with a button. Source: as many as fit on a telephone


def card(findings: Sequence[Finding], lines: Sequence[str]) -> tuple[str, list[Block]]:
    """The notification, and one line for each alert, with a way to the deals of the first."""
    words = escalation.several(findings, lines)
    return words.text, framed(words, after=buttons(deal.ways(findings[:BUTTONS])))
