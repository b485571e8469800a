"""The reply about who shared what with whom."""

from bot import intents
from bot.coach import Inquiry
from bot.replies.reply import Reply


async def shares(intent: intents.SharesPage, inquiry: Inquiry) -> Reply:
    """`/coach shares`."""
    raise NotImplementedError
