"""How people in Slack read: locale and time zone as Slack told them last, for what they are told unasked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import language
from bot.language import Reading
from bot.memory.engine import insert
from bot.memory.tables import readers

SEEN_AGAIN = timedelta(days=1)  #: so much later somebody who reads as before is written down again


@dataclass(frozen=True, slots=True)
class Told:
    """What Slack tells of one user."""

    slack_user: str
    person_id: str  # as preferences know them; "" for a stranger
    locale: str  # de-DE; "" not told
    zone: str  # an IANA name; "" not told

    def reading(self, default: str) -> Reading:
        """How they read, where the workspace reads in the default language."""
        return language.reading(self.locale, self.zone, default)


async def is_news(connection: AsyncConnection, workspace: str, told: Told, now: datetime) -> bool:
    """Does memory know this user otherwise, or not since yesterday?"""
    row = readers.c
    mine = (row.workspace == workspace) & (row.slack_user == told.slack_user)
    known = (
        await connection.execute(select(row.person_id, row.locale, row.zone, row.seen_at).where(mine))
    ).first()
    said = (told.person_id, told.locale, told.zone)
    return known is None or tuple(known)[:3] != said or now - known.seen_at >= SEEN_AGAIN


async def seen(tx: AsyncConnection, workspace: str, told: Told, now: datetime) -> None:
    """Write down how a user reads."""
    values = {"person_id": told.person_id, "locale": told.locale, "zone": told.zone, "seen_at": now}
    row = insert(tx, readers).values(workspace=workspace, slack_user=told.slack_user, **values)
    keys = [readers.c.workspace, readers.c.slack_user]
    await tx.execute(row.on_conflict_do_update(index_elements=keys, set_=values))


async def readings(connection: AsyncConnection, workspace: str, default: str) -> Mapping[str, Reading]:
    """How each person reads of whom Slack told us, by id; of several users of one person, the last seen."""
    row = readers.c
    wanted = select(row.slack_user, row.person_id, row.locale, row.zone)
    mine = wanted.where(row.workspace == workspace, row.person_id != "").order_by(row.seen_at, row.slack_user)
    found = [Told(*one) for one in await connection.execute(mine)]
    return {told.person_id: told.reading(default) for told in found}
