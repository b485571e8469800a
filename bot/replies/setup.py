"""The reply about how we are set up, for ops."""

from bot import intents
from bot.coach import Inquiry
from bot.replies.reply import Reply


async def setup(intent: intents.SetupPage, inquiry: Inquiry) -> Reply:
    """`/coach setup`."""
    raise NotImplementedError
