"""The reply about who shared what with whom."""

from analytics.answers.lists import people
from bot import intents
from bot.blocks import share as blocks
from bot.coach import Inquiry
from bot.narrator import share as narrator
from bot.narrator.share import Shares
from bot.replies.reply import Reply
from bot.sharing import ledger

MOST = 15  #: shares shown


async def shares(intent: intents.SharesPage, inquiry: Inquiry) -> Reply:
    """`/coach shares`: ops and the CRO see everybody's, the others their own; nobody sees figures here."""
    known = await shared(inquiry)
    text = f"{narrator.headline(known).text}. {narrator.verdict(known).text}"
    return Reply(text, blocks.page(known), generation=known.generation, line=intents.describe(intent))


async def shared(inquiry: Inquiry) -> Shares:
    """What was shared, as the viewer may know it."""
    workspace, viewer = inquiry.coach.settings.workspace, inquiry.viewer
    whose = None if viewer.runs_coach else viewer.key
    async with inquiry.coach.remembering() as memory, memory.read() as connection:
        newest = await ledger.newest(connection, workspace, MOST, whose)
        total = await ledger.number(connection, workspace, whose)
    return Shares(
        newest=newest,
        total=total,
        names=dict(people(inquiry.generation)),
        is_own=not viewer.runs_coach,
        as_of=inquiry.generation.as_of,
        generation=inquiry.generation.id,
    )
