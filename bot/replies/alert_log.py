"""The reply about every alert that was considered."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.questions import EVERYONE
from bot import clock, intents
from bot.alerting import log as alert_log
from bot.alerting.log import What
from bot.audience import Role
from bot.blocks import alert_log as blocks
from bot.coach import Inquiry
from bot.narrator import alert_log as narrator
from bot.narrator.alert_log import Logged
from bot.replies.reply import Reply, worded

WEEKS = timedelta(weeks=4)  #: of the log that are shown, unless a deal is asked for
MOST = 100  #: rows of the table

#: Whoever may act on a deal never learns that it is in the silent share, or what a reviewer held back.
BLIND = (What.SILENT, What.REVIEW, What.RELEASED, What.WITHHELD)

UNTOLD = (What.SILENT, What.WITHHELD)  #: alerts to which one of these happened are nobody's to read


async def log(intent: intents.AlertLog, inquiry: Inquiry) -> Reply:
    """`/coach alerts log`: every alert that was considered, and what became of it.

    Everybody sees that of the deals they may see; ops that of the source, and counts of all the rest.
    """
    async with inquiry.coach.remembering() as memory, memory.read() as connection:
        facts = await logged(connection, intent, inquiry)
    words = narrator.log(facts)
    return worded(words, lambda words: blocks.page(facts, words), facts, intents.describe(intent))


async def logged(connection: AsyncConnection, intent: intents.AlertLog, inquiry: Inquiry) -> Logged:
    """The log as the viewer may see it."""
    workspace, now = inquiry.coach.settings.workspace, clock.now()
    is_ops = inquiry.viewer.role is Role.OPS
    scope = EVERYONE if is_ops else inquiry.viewer.scope
    levels = {"data"} if is_ops else None
    since = now - WEEKS
    entries = await alert_log.read(
        connection,
        workspace,
        scope=scope,
        about=intent.about,
        since=None if intent.about else since,
        limit=MOST,
        levels=levels,
        without=UNTOLD,
    )
    sees_all = scope.everyone
    in_sum = sees_all and not intent.about  # of one deal, or few, a count would tell which is silent
    counts = await alert_log.counts(
        connection,
        workspace,
        scope=scope,
        since=since,
        about=intent.about,
        levels=levels if intent.about else None,
        without=() if in_sum else UNTOLD,
    )
    people = {one.person_id: one.name or one.person_id for one in inquiry.generation.people()}
    return Logged(
        counts if in_sum else {key: n for key, n in counts.items() if key[0] not in BLIND},
        [one for one in entries if sees_all or one.what not in BLIND],
        people,
        intent.about,
        since.date(),
        inquiry.generation.as_of,
        inquiry.generation.id,
    )
