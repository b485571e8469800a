"""The card that asks a rule's author whether to raise its threshold."""

from bot.blocks.common import Block, buttons, framed
from bot.narrator.claims import label
from bot.narrator.nudge import Unhelpfulness
from bot.narrator.words import Words


def card(found: Unhelpfulness, words: Words) -> list[Block]:
    """What people said of the rule's alerts, and a way to change it."""
    change = [
        ("rule.edit", label("rule_button.edit").text, found.rule),
        ("rule.off", label("rule_button.off").text, found.rule),
    ]
    return framed(words, after=buttons(change))
