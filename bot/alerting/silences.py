"""Who is not told of what, and until when: written down when somebody snoozes, looked at before telling."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.memory.tables import silences as table


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """One person's quiet about a rule, a subject, or anything, until a moment."""

    person_id: str = ""  # "": nobody is told
    rule: str = ""  # "": any
    subject_id: str = ""  # "": any
    until: datetime
    author: str  # person_id
    reason: str = ""

    def covers(self, person_id: str, rule: str, subject_id: str) -> bool:
        """Is this person not to be told of this?

        >>> from datetime import UTC
        >>> end = datetime(2024, 7, 20, tzinfo=UTC)
        >>> hush = Silence(person_id="rep_1", subject_id="D1", until=end, author="rep_1")
        >>> hush.covers("rep_1", "stalled", "D1"), hush.covers("rep_2", "stalled", "D1")
        (True, False)
        """
        asked = (self.person_id, person_id), (self.rule, rule), (self.subject_id, subject_id)
        return all(mine in ("", theirs) for mine, theirs in asked)


def until(
    silences: Iterable[Silence], person_id: str, rule: str, subject_id: str, now: datetime
) -> datetime | None:
    """When the person may hear of it again; None: now."""
    ends = (one.until for one in silences if one.until > now and one.covers(person_id, rule, subject_id))
    return max(ends, default=None)


async def keep(tx: AsyncConnection, workspace: str, silence: Silence, now: datetime) -> None:
    """Write a silence down; it ends by itself."""
    row = {name: getattr(silence, name) for name in Silence.__dataclass_fields__}
    await tx.execute(table.insert().values(workspace=workspace, at=now, **row))


async def current(connection: AsyncConnection, workspace: str, now: datetime) -> tuple[Silence, ...]:
    """Those that last, the oldest first."""
    lasting = select(table).where(table.c.workspace == workspace, table.c.until > now).order_by(table.c.id)
    return tuple(
        Silence(**{name: getattr(row, name) for name in Silence.__dataclass_fields__})
        for row in await connection.execute(lasting)
    )


async def lift(tx: AsyncConnection, workspace: str, person_id: str, subject_id: str, now: datetime) -> None:
    """End a person's own silences about a subject now."""
    theirs = (
        table.c.workspace == workspace,
        table.c.person_id == person_id,
        table.c.subject_id == subject_id,
        table.c.until > now,
    )
    await tx.execute(table.update().where(*theirs).values(until=now))
