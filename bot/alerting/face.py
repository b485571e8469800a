"""An alert and one of its readers in, what they see out: the notification text and the blocks."""

from analytics.facts import Finding
from bot.alerting.desk import BLIND
from bot.alerting.outbox import Recipient
from bot.alerting.standing import Standing
from bot.blocks import alert as card
from bot.blocks.common import Block
from bot.narrator import template


def render(finding: Finding, recipient: Recipient, standing: Standing) -> tuple[str, list[Block]]:
    """An alert as one person sees it, whatever became of it."""
    opens = recipient.role != BLIND
    role = recipient.role if opens else "reviewer"
    words = template.alert(finding, role, standing)
    return words.text, card.card(finding, words, standing, role, opens=opens)
