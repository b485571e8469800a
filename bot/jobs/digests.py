"""What is told at its hour: to each person one digest a day at most, at their hour in their zone."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics import store
from analytics.store import Generation
from bot.alerting import log as alert_log
from bot.alerting import outbox, preferences
from bot.alerting.digests import readers
from bot.alerting.digests.compose import Desk, Digest, compose
from bot.alerting.digests.readers import Due
from bot.alerting.log import What
from bot.jobs.base import Job, Work, published
from bot.memory import slots
from bot.memory.slots import Claim
from bot.memory.tables import people_links
from bot.memory.tables import slots as slot_rows

NAME = "digests"

log = structlog.get_logger(__name__)


async def digests_due(work: Work) -> Sequence[str]:
    """The digests whose hour has come and that nobody made yet."""
    generation = published(work.home)
    if generation is None:
        return ()
    async with work.memory.read() as connection:
        keys = [one.key for one in await due(connection, work, generation, work.now())]
        done = await _done(connection, keys) if keys else frozenset()
    return [key for key in keys if key not in done]


async def tell(work: Work, claimed: Claim) -> None:
    """Make one digest; its message, what it told of and the end of the slot are written as one."""
    now = work.now()
    found = await _digest(work, claimed.slot_key, now)
    async with work.memory.write() as tx:
        written = found is not None and await outbox.enqueue(tx, found.message, now)
        if found is not None and written:
            await _told(tx, work.workspace, found, now)
        await slots.finish(tx, claimed)
    log.info("digest", kind=claimed.slot_key.split(":")[1], messages=int(written))


async def due(connection: AsyncConnection, work: Work, generation: Generation, now: datetime) -> list[Due]:
    """Every digest whose hour has come, done or not; all of the weeks before those of the day."""
    chosen = await preferences.everyone(connection, work.workspace)
    linked = select(people_links.c.person_id).where(people_links.c.workspace == work.workspace)
    known = frozenset(await connection.scalars(linked))
    everyone = readers.readers(generation.people(), work.settings, chosen, known)
    found = [one for each in everyone for one in readers.due(each, generation.as_of, now, work.workspace)]
    return sorted(found, key=lambda one: one.kind == "day")


async def _digest(work: Work, key: str, now: datetime) -> Digest | None:
    """The digest of a slot; None when its hour has passed meanwhile."""
    generation = store.current(work.home)
    async with work.memory.read() as connection:
        wanted = next((d for d in await due(connection, work, generation, now) if d.key == key), None)
    if wanted is None:
        return None
    desk = Desk(home=work.home, memory=work.memory, generation=generation, settings=work.settings, now=now)
    return await compose(desk, wanted, work.told)


async def _done(connection: AsyncConnection, keys: Sequence[str]) -> frozenset[str]:
    """Slots that need no claim: it would be a transaction for each, every time anybody looks."""
    mine = (slot_rows.c.job == NAME) & slot_rows.c.slot_key.in_(keys) & (slot_rows.c.state == "done")
    return frozenset(await connection.scalars(select(slot_rows.c.slot_key).where(mine)))


async def _told(tx: AsyncConnection, workspace: str, digest: Digest, now: datetime) -> None:
    """What was told for the first time is no news tomorrow."""
    reader = digest.message.recipient.person_id
    for item in digest.items:
        if item.is_new:
            await alert_log.write(
                tx, workspace, item.key, item.finding, What.DIGEST, at=now, person_id=reader
            )


DIGESTS = Job(NAME, digests_due, tell)
