"""What a person said in a thread and what was understood: what a follow-up is read with."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.memory.tables import turns

REMEMBERED = 6  #: turns of a thread that a model may read. Source: narration.md, S15
SAID_MOST = 1000  #: characters kept of what a person said


@dataclass(frozen=True, slots=True)
class Thread:
    """One person's side of a thread; what others say in it is kept apart."""

    workspace: str
    channel: str
    ts: str
    slack_user: str


@dataclass(frozen=True, slots=True)
class Turn:
    """One question: its words, the line it was understood as ("" when it was not), the claims told."""

    said: str
    line: str = ""
    claims: tuple[str, ...] = ()


async def remember(tx: AsyncConnection, thread: Thread, turn: Turn, at: datetime) -> None:
    """Keep a turn."""
    await tx.execute(
        turns.insert().values(
            workspace=thread.workspace,
            channel=thread.channel,
            thread=thread.ts,
            slack_user=thread.slack_user,
            said=turn.said[:SAID_MOST],
            line=turn.line,
            claims=json.dumps(turn.claims),
            at=at,
        )
    )


async def recent(connection: AsyncConnection, thread: Thread, most: int = REMEMBERED) -> tuple[Turn, ...]:
    """The last turns of this person in this thread, oldest first."""
    here = (
        (turns.c.workspace == thread.workspace)
        & (turns.c.channel == thread.channel)
        & (turns.c.thread == thread.ts)
        & (turns.c.slack_user == thread.slack_user)
    )
    columns = (turns.c.said, turns.c.line, turns.c.claims)
    rows = await connection.execute(select(*columns).where(here).order_by(turns.c.id.desc()).limit(most))
    found = [Turn(row.said, row.line, tuple(json.loads(row.claims))) for row in rows]
    return tuple(reversed(found))


async def forget(tx: AsyncConnection, before: datetime) -> None:
    """Drop turns of before a moment."""
    await tx.execute(delete(turns).where(turns.c.at < before))
