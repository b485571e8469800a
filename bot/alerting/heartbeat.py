"""Signs of life: each process writes down that it is there and what it found; an outside address hears of it.

The outside address is asked only while all is well, so that silence there means trouble here, whatever it is.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import aiohttp
import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.memory.engine import insert
from bot.memory.tables import beats

PATIENCE = aiohttp.ClientTimeout(total=5)
SILENT = timedelta(minutes=5)  #: five beats missed
FORGOTTEN = timedelta(days=1)  #: a process that has been silent for so long is gone

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Pulse:
    """How the processes of a workspace are: how many live, the last sign of any, what that one found."""

    alive: int
    last: datetime | None
    found: tuple[str, ...]


async def beat(
    tx: AsyncConnection, workspace: str, process: str, found: Sequence[str], now: datetime
) -> None:
    """This process is there, and found this; [] when all is well. Forgets who has been gone for long."""
    values = {"at": now, "found": json.dumps(list(found))}
    row = insert(tx, beats).values(workspace=workspace, process=process, **values)
    keys = [beats.c.workspace, beats.c.process]
    await tx.execute(row.on_conflict_do_update(index_elements=keys, set_=values))
    await tx.execute(delete(beats).where(beats.c.workspace == workspace, beats.c.at < now - FORGOTTEN))


async def pulse(connection: AsyncConnection, workspace: str, now: datetime) -> Pulse:
    """How the processes of a workspace are, by what they wrote."""
    here = select(beats.c.at, beats.c.found).where(beats.c.workspace == workspace)
    rows = (await connection.execute(here.order_by(beats.c.at.desc()))).all()
    alive = [row for row in rows if row.at >= now - SILENT]
    found = tuple(json.loads(rows[0].found)) if rows else ()
    return Pulse(len(alive), rows[0].at if rows else None, found)


async def tell(url: str) -> bool:
    """Ask the outside address once; False, and a line in the log, when it does not answer well."""
    try:
        async with aiohttp.ClientSession(timeout=PATIENCE) as session, session.get(url) as answer:
            answer.raise_for_status()
    except (aiohttp.ClientError, TimeoutError) as error:
        log.warning("heartbeat not heard", reason=type(error).__name__)  # its address is a secret
        return False
    return True
