"""New numbers after each load of the CRM."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog

from analytics import store
from analytics.refresh import refresh
from bot.jobs.base import Job, Work, published
from bot.memory import slots
from bot.memory.slots import Claim
from data import tables
from data.tables import DamagedTables, NoTables

log = structlog.get_logger(__name__)


async def refresh_due(work: Work) -> Sequence[str]:
    """New numbers are due when the CRM was loaded anew.

    So are they when the published ones are lost or damaged.

    They are of the day of the load: what happened since nobody knows, and a deal must not seem silent only
    since its CRM was not asked.
    """
    loaded, generation = _loaded(work.home), published(work.home)
    if loaded is None or (generation and generation.load_id == loaded.manifest["load_id"]):
        return ()
    load_id = str(loaded.manifest["load_id"])
    return (load_id if generation else f"{load_id}:{_last_published(work)}",)


async def refresh_numbers(work: Work, claimed: Claim) -> None:
    """Build and publish a generation, away from the loop."""
    loaded = tables.current(work.home)
    await asyncio.to_thread(refresh, loaded, work.home, loaded.loaded_on)
    async with work.memory.write() as tx:
        await slots.finish(tx, claimed)


def _loaded(home: Path) -> tables.Tables | None:
    try:
        return tables.current(home)
    except NoTables as missing:
        if isinstance(missing, DamagedTables):
            log.warning("damaged load", said=str(missing))
        return None


def _last_published(work: Work) -> str:
    """When anything was published last, so that what got lost since is made again, once; else the day."""
    pointer = store.folder(work.home) / store.POINTER
    return str(pointer.stat().st_mtime_ns) if pointer.exists() else work.today().isoformat()


REFRESH = Job("refresh", refresh_due, refresh_numbers)
