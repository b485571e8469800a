"""The first message to a person: made for their role, and written down once, however often they come."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from sqlalchemy import and_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.answers.mint import mint_of
from analytics.store import Generation
from bot import names
from bot.alerting import outbox, preferences
from bot.alerting.outbox import Message, Recipient
from bot.alerting.preferences import Preferences
from bot.audience import Role
from bot.blocks import welcome as blocks
from bot.blocks.common import Block
from bot.blocks.preferences import LEVELS
from bot.coach import Inquiry
from bot.memory import greetings
from bot.memory.greetings import HERE
from bot.memory.tables import outbox as rows
from bot.narrator import welcome as narrator
from bot.settings import Settings
from bot.setup.facts import Welcome
from data.mendable import Mendable

#: Two things to try, by role: the label of the button, and the line it asks.
TRIES: Mapping[Role, Sequence[tuple[str, str]]] = {
    Role.REP: (("open", "/coach alerts"), ("mine", "/pipeline mine")),
    Role.MANAGER: (("team", "/winrate rep"), ("pipeline", "/pipeline")),
    Role.CRO: (("winrate", "/winrate region"), ("why", "/why last quarter")),
    Role.OPS: (("setup", "/coach setup"), ("quality", "/coach quality")),
}


async def greet(
    tx: AsyncConnection, inquiry: Inquiry, slack_user: str, email: str, now: datetime, *, came: bool
) -> bool:
    """Write down the first message to a viewer; False when one was written before.

    Args:
        slack_user: whose inquiry it is.
        email: where Slack finds them, unless ops linked them.
        came: they opened the app themselves, so their quiet hours do not hold it back.
    """
    workspace, viewer = inquiry.coach.settings.workspace, inquiry.viewer
    key = f"{workspace}:welcome:{viewer.key}"
    if not await greetings.claim(tx, workspace, slack_user, viewer.key, now):
        await _hurry(tx, key, now, came=came)
        return False
    text, drawn = message(inquiry, await preferences.of(tx, workspace, viewer.key))
    written = Message(
        dedup_key=key,
        workspace=workspace,
        kind="post",
        chain=f"{key}{HERE}" if came else "",
        recipient=Recipient(viewer.key, viewer.name, email, viewer.role),
        text=text,
        blocks=drawn,
    )
    return await outbox.enqueue(tx, written, now)


async def _hurry(tx: AsyncConnection, key: str, now: datetime, *, came: bool) -> None:
    """Somebody came while their first message waits for the morning: now is the time."""
    waits = and_(rows.c.dedup_key == key, rows.c.status == "pending", rows.c.first_attempt_at.is_(None))
    if came:
        await tx.execute(update(rows).where(waits).values(chain=f"{key}{HERE}", next_at=now))


async def tell_stranger(
    tx: AsyncConnection, workspace: str, slack_user: str, email: str, now: datetime
) -> bool:
    """Write down, once, how somebody unknown becomes known; False when it was, or nobody could find them."""
    if not email:
        return False
    key = f"{workspace}:welcome:unknown:{slack_user}"
    written = Message(
        dedup_key=key,
        workspace=workspace,
        kind="post",
        chain=f"{key}{HERE}",
        recipient=Recipient(email, email, email),
        text=names.escape(narrator.unknown()),
        blocks=blocks.stranger(),
    )
    return await outbox.enqueue(tx, written, now)


def message(inquiry: Inquiry, chosen: Preferences) -> tuple[str, list[Block]]:
    """The text and the blocks of a viewer's first message."""
    viewer, settings = inquiry.viewer, inquiry.coach.settings
    how = narrator.told_when(chosen, settings, viewer.role, LEVELS[viewer.role])
    words = narrator.welcome(facts(inquiry.generation, settings), viewer.name, viewer.role, how)
    return words.text, blocks.card(words, tries(inquiry))


def facts(generation: Generation, settings: Settings) -> Welcome:
    """How often somebody is told at most, and when a manager is."""
    mint = mint_of(generation)
    limits = {
        "urgent_per_week": settings.p1_per_week,
        "manager_per_week": settings.manager_per_week,
        "escalate": settings.escalate_after_hours,
    }
    figures = {slot: mint.count(slot, value, "settings") for slot, value in limits.items()}
    return Welcome(as_of=generation.as_of, generation=generation.id, figures=figures)


def tries(inquiry: Inquiry) -> list[tuple[str, str]]:
    """The things to try that work for this viewer in this data."""
    working = []
    for name, line in TRIES[inquiry.viewer.role]:
        with suppress(Mendable):
            inquiry.understand_click(line)
            working.append((name, line))
    return working
