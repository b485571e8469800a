"""The reply about alerts: what is told, how and when."""

from bot import intents
from bot.alerting.digests.tab import tab
from bot.blocks import home as drawn
from bot.coach import Inquiry
from bot.narrator import home as words
from bot.replies import home
from bot.replies.reply import Reply, as_told


async def alerts(_: intents.AlertsPage, inquiry: Inquiry) -> Reply:
    """`/coach alerts`: what I am told of, how and when; and what is open now."""
    async with inquiry.coach.remembering() as memory:
        known = await home.remembered(inquiry, memory)
    said = words.told(known.waiting, known.in_hand, known.to_review)
    shown = tab(inquiry.generation, known.waiting, inquiry.viewer.scope, most=0)
    blocks = drawn.alerts(shown, said, home.settings(inquiry, known.chosen))
    return as_told(said, blocks, known.waiting)
