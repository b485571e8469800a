"""The reply about what the alerts are worth."""

from bot import intents
from bot.audience import Role
from bot.blocks import impact as blocks
from bot.coach import Inquiry
from bot.narrator import template
from bot.replies.reply import Reply, as_told, late


async def impact(intent: intents.Impact, inquiry: Inquiry) -> Reply:
    """`/coach impact`: whether the alerts help, against those kept silent; to a rep in one sentence."""
    from bot.alerting import experiment  # brings the database, which most answers do not need

    coach, generation, sees_all = inquiry.coach, inquiry.generation, inquiry.viewer.scope.everyone
    async with coach.remembering() as memory, memory.read() as connection:
        facts = await experiment.found(connection, coach.settings, generation, sees_all=sees_all)
    brief = inquiry.viewer.role is Role.REP
    words = template.impact(facts, late(inquiry), brief=brief)
    return as_told(words, blocks.answer(facts, words, brief=brief), facts, intents.describe(intent))
