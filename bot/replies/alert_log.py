"""The reply about every alert that was considered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.alerts.rules import Level
from analytics.answers.lists import people
from bot import clock, intents
from bot.alerting import log as alert_log
from bot.alerting.log import Entry, What
from bot.audience import Role
from bot.blocks import alert_log as blocks
from bot.coach import Inquiry
from bot.narrator import alert_log as narrator
from bot.narrator.alert_log import Logged
from bot.replies.reply import Reply, worded

WEEKS = timedelta(weeks=4)  #: of the log that are shown, unless a deal is asked for
MOST = 100  #: rows of the table
HYGIENE = {str(Level.P3)}  #: levels that are counted, not listed
Levels = set[str] | None  #: None: all

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
    since, about = clock.now() - WEEKS, intent.about
    return Logged(
        counts=await _counts(connection, about, since, inquiry),
        entries=await _entries(connection, about, since, inquiry, _levels(inquiry, about)),
        total=await _total(connection, about, since, inquiry, _levels(inquiry, about)),
        hygiene=0 if about else await _total(connection, about, since, inquiry, HYGIENE),
        names=people(inquiry.generation),
        about=about,
        counts_only=inquiry.viewer.role is Role.OPS,
        since=since.date(),
        as_of=inquiry.generation.as_of,
        generation=inquiry.generation.id,
    )


async def _counts(
    connection: AsyncConnection, about: str, since: datetime, inquiry: Inquiry
) -> Mapping[tuple[What, str], int]:
    """How often what happened; of one deal, or few, a count would tell which is silent."""
    scope = inquiry.viewer.counted
    in_sum = scope.everyone and not about
    found = await alert_log.counts(
        connection,
        inquiry.coach.settings.workspace,
        scope=scope,
        since=since,
        about=about,
        levels=_levels(inquiry, about) if about else None,
        without=() if in_sum else UNTOLD,
    )
    return found if in_sum else {key: n for key, n in found.items() if key[0] not in BLIND}


async def _entries(
    connection: AsyncConnection, about: str, since: datetime, inquiry: Inquiry, levels: Levels
) -> Sequence[Entry]:
    """What happened, what was told and answered first; of one deal from its beginning."""
    scope, settings = inquiry.viewer.counted, inquiry.coach.settings
    found = await alert_log.read(
        connection,
        settings.workspace,
        scope=scope,
        about=about,
        since=None if about else since,
        limit=MOST,
        levels=levels,
        without=UNTOLD,
        but=() if scope.everyone else BLIND,
    )
    zone = ZoneInfo(settings.hours.zone)
    return [replace(one, due=one.due.astimezone(zone)) if one.due else one for one in found]


async def _total(
    connection: AsyncConnection, about: str, since: datetime, inquiry: Inquiry, levels: Levels
) -> int:
    """How many rows there would be without a limit."""
    scope = inquiry.viewer.counted
    return await alert_log.total(
        connection,
        inquiry.coach.settings.workspace,
        scope=scope,
        about=about,
        since=None if about else since,
        levels=levels,
        without=UNTOLD,
        but=() if scope.everyone else BLIND,
    )


def _levels(inquiry: Inquiry, about: str) -> Levels:
    """The alerts listed one by one: for ops those about the data, for others hygiene only if asked for."""
    if inquiry.viewer.role is Role.OPS:
        return {str(Level.DATA)}
    return None if about else {str(one) for one in Level} - HYGIENE
