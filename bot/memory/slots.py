"""Who does a scheduled piece of work: a row that one process claims for a while, and nobody does twice."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Row, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.memory.engine import insert
from bot.memory.tables import slots

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)


class SlotLost(Exception):
    """Another process took the slot over while we worked; what we did must be undone."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A slot that is ours until its lease ends. `attempts` tells our turn from any other."""

    job: str
    slot_key: str
    owner: str
    attempts: int


async def claim(
    tx: AsyncConnection, job: str, slot_key: str, *, owner: str, now: datetime, lease: timedelta
) -> Claim | None:
    """Take the slot if nobody has it, its holder's lease ran out, or its retry is due; None when not ours.

    A lease that is longer than any was given by a clock that has gone back since, and counts as over.
    """
    no_lease = now + 2 * LONGEST_RETRY
    mine = {"state": "running", "owner": owner, "lease_until": now + lease}
    row = insert(tx, slots).values(job=job, slot_key=slot_key, attempts=1, **mine)
    row = row.on_conflict_do_update(
        index_elements=[slots.c.job, slots.c.slot_key],
        set_={**mine, "attempts": slots.c.attempts + 1},
        where=and_(slots.c.state != "done", or_(slots.c.lease_until <= now, slots.c.lease_until > no_lease)),
    )
    attempts = (await tx.execute(row.returning(slots.c.attempts))).scalar()
    return None if attempts is None else Claim(job, slot_key, owner, attempts)


async def renew(tx: AsyncConnection, claimed: Claim, until: datetime) -> None:
    """Hold on to the slot while the work goes on.

    Raises:
        SlotLost: another process has it.
    """
    await _change(tx, claimed, lease_until=until)


async def finish(tx: AsyncConnection, claimed: Claim) -> None:
    """The work is done. Call it in the transaction that writes the work's effects.

    Raises:
        SlotLost: another process has it; let the transaction be undone.
    """
    await _change(tx, claimed, state="done", last_error=None)


async def fail(tx: AsyncConnection, claimed: Claim, error: str, now: datetime) -> None:
    """The work failed: keep why, and let anyone try again after a pause that doubles each time."""
    pause = min(FIRST_RETRY * 2 ** min(claimed.attempts - 1, 12), LONGEST_RETRY)
    await _change(tx, claimed, state="failed", last_error=error, lease_until=now + pause)


async def _change(tx: AsyncConnection, claimed: Claim, **values: object) -> None:
    ours = and_(
        slots.c.job == claimed.job,
        slots.c.slot_key == claimed.slot_key,
        slots.c.owner == claimed.owner,
        slots.c.attempts == claimed.attempts,
        slots.c.state == "running",
    )
    changed = await tx.execute(update(slots).where(ours).values(**values).returning(slots.c.job))
    if changed.first() is None:
        raise SlotLost(f"Slot {claimed.job!r} {claimed.slot_key!r} was taken over by another process.")


async def failures(connection: AsyncConnection) -> list[Row[tuple[str, str, int, str]]]:
    """Jobs whose last try failed: job, slot_key, attempts, last_error. For the status page."""
    columns = (slots.c.job, slots.c.slot_key, slots.c.attempts, slots.c.last_error)
    failed = select(*columns).where(slots.c.state == "failed").order_by(slots.c.job, slots.c.slot_key)
    return list(await connection.execute(failed))


async def forget(tx: AsyncConnection, before: datetime) -> None:
    """Drop slots that were finished or given up before `before`."""
    await tx.execute(delete(slots).where(slots.c.state != "running", slots.c.lease_until < before))
