"""Who was sent the first message: each person once, whatever process asks and however often they come."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.memory.engine import insert
from bot.memory.tables import people_links, readers

HERE = ":here"  #: ends the chain of a message to somebody who came by themselves, whatever hour it is


async def claim(tx: AsyncConnection, workspace: str, slack_user: str, person_id: str, now: datetime) -> bool:
    """Is the person's first message still to be written? Then it counts as written when `tx` is kept.

    Two processes that ask at once wait for each other at the row of the Slack user.
    """
    if await is_greeted(tx, workspace, person_id):
        return False
    row = insert(tx, readers).values(
        workspace=workspace,
        slack_user=slack_user,
        person_id=person_id,
        locale="",
        zone="",
        greeted_at=now,
        seen_at=now,
    )
    row = row.on_conflict_do_update(
        index_elements=[readers.c.workspace, readers.c.slack_user],
        set_={"person_id": person_id, "greeted_at": now},
        where=or_(readers.c.greeted_at.is_(None), readers.c.person_id != person_id),
    )
    return (await tx.execute(row.returning(readers.c.slack_user))).first() is not None


async def is_greeted(connection: AsyncConnection, workspace: str, person_id: str) -> bool:
    """Was a first message written for this person, under any of their accounts?"""
    theirs = and_(
        readers.c.workspace == workspace,
        readers.c.person_id == person_id,
        readers.c.greeted_at.is_not(None),
    )
    return (await connection.execute(select(readers.c.slack_user).where(theirs).limit(1))).first() is not None


async def greeted(connection: AsyncConnection, workspace: str) -> int:
    """How many people a first message was written for."""
    theirs = and_(readers.c.workspace == workspace, readers.c.greeted_at.is_not(None))
    found = await connection.scalar(select(func.count(readers.c.person_id.distinct())).where(theirs))
    return int(found or 0)


async def links(connection: AsyncConnection, workspace: str) -> Mapping[str, str]:
    """Who ops said is who: Slack user -> person_id."""
    columns = (people_links.c.slack_user, people_links.c.person_id)
    rows = await connection.execute(select(*columns).where(people_links.c.workspace == workspace))
    return {row.slack_user: row.person_id for row in rows}
