"""Who shared what with whom, written down before anything is posted. Figures are not kept, only the line.

A row begins as `sending`. One that is still so after `MEANWHILE` was cut off: its process ended between the
row and Slack's answer, and nobody knows whether the message arrived. Nothing is ever posted a second time.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.memory.engine import insert
from bot.memory.tables import shares as table

MEANWHILE = timedelta(minutes=2)  #: longest time between the row and its end. Source: ours


class Outcome(StrEnum):
    """What became of a share; besides these, a row may hold the reason of a refusal (`NotShared.why`)."""

    SENDING = "sending"
    SHARED = "shared"
    LOST = "lost"  # Slack refused it
    UNSURE = "unsure"  # Slack did not answer
    CUT_OFF = "cut_off"  # the process ended meanwhile, and the sharer was told so


#: Nobody knows whether these were posted.
UNKNOWN = (Outcome.SENDING, Outcome.UNSURE, Outcome.CUT_OFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One share, or an attempt at one."""

    key: str
    person_id: str
    slack_user: str
    channel: str
    line: str
    generation: str
    outcome: str
    readers: tuple[str, ...] = ()  # Slack users who could read it then
    left_out: tuple[str, ...] = ()  # ids of sentences
    ts: str = ""
    at: datetime | None = None


async def begin(tx: AsyncConnection, workspace: str, share: Share, now: datetime) -> bool:
    """Write a share down before it is posted, or that it was refused; False when its key is known already."""
    row = insert(tx, table).values(
        key=share.key,
        workspace=workspace,
        person_id=share.person_id,
        slack_user=share.slack_user,
        channel=share.channel,
        ts="",
        line=share.line,
        generation=share.generation,
        outcome=share.outcome,
        readers=json.dumps(share.readers),
        left_out=json.dumps(share.left_out),
        at=now,
    )
    written = row.on_conflict_do_nothing(index_elements=[table.c.key]).returning(table.c.id)
    return (await tx.execute(written)).first() is not None


async def end(tx: AsyncConnection, key: str, outcome: str, ts: str = "") -> None:
    """What became of a share that was begun."""
    await tx.execute(update(table).where(table.c.key == key).values(outcome=outcome, ts=ts))


async def cut_off(tx: AsyncConnection, workspace: str, slack_user: str, now: datetime) -> Sequence[Share]:
    """The person's shares that were cut off; marked, so that they are told of each once."""
    stale = (table.c.outcome == Outcome.SENDING) & (table.c.at < now - MEANWHILE)
    theirs = (table.c.workspace == workspace) & (table.c.slack_user == slack_user) & stale
    found = (await tx.execute(select(table).where(theirs).order_by(table.c.id))).all()
    if found:
        keys = [row.key for row in found]
        await tx.execute(update(table).where(table.c.key.in_(keys)).values(outcome=Outcome.CUT_OFF))
    return [_share(row) for row in found]


async def newest(
    connection: AsyncConnection, workspace: str, most: int, person_id: str | None = None
) -> Sequence[Share]:
    """The last shares and attempts, newest first; None: everybody's."""
    wanted = select(table).where(_of(workspace, person_id)).order_by(table.c.id.desc()).limit(most)
    return [_share(row) for row in await connection.execute(wanted)]


async def number(connection: AsyncConnection, workspace: str, person_id: str | None = None) -> int:
    """How many there are."""
    counted = select(func.count()).select_from(table).where(_of(workspace, person_id))
    return int(await connection.scalar(counted) or 0)


async def forget(tx: AsyncConnection, before: datetime) -> None:
    """Drop shares older than `before`."""
    await tx.execute(delete(table).where(table.c.at < before))


def _of(workspace: str, person_id: str | None) -> ColumnElement[bool]:
    here = table.c.workspace == workspace
    return here if person_id is None else here & (table.c.person_id == person_id)


def _share(row: "Row[tuple[object, ...]]") -> Share:
    return Share(
        key=row.key,
        person_id=row.person_id,
        slack_user=row.slack_user,
        channel=row.channel,
        line=row.line,
        generation=row.generation,
        outcome=row.outcome,
        readers=tuple(json.loads(row.readers)),
        left_out=tuple(json.loads(row.left_out)),
        ts=row.ts,
        at=row.at,
    )
