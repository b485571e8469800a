"""After each generation: what followed the alerts, told and silent by one rule, and the logged actions."""

import asyncio
from collections.abc import Sequence

import structlog

from analytics import store
from bot.alerting import followed
from bot.jobs.base import Job, Work, published
from bot.memory import slots
from bot.memory.slots import Claim

log = structlog.get_logger(__name__)


async def outcomes_due(work: Work) -> Sequence[str]:
    """Once for every generation."""
    generation = published(work.home)
    return () if generation is None else (generation.id,)


async def follow(work: Work, claimed: Claim) -> None:
    """Look what became of every deal that was told of, kept silent or acted on."""
    now, workspace = store.current(work.home), work.workspace
    async with work.memory.read() as connection:
        watched = await followed.watched(connection, workspace, now.as_of)
        undecided = await followed.undecided(connection, workspace, now.as_of)
    alerts = await asyncio.to_thread(lambda: list(followed.of_alerts(watched, now)))
    actions = await asyncio.to_thread(lambda: list(followed.of_actions(undecided, now)))
    async with work.memory.write() as tx:
        await followed.write(tx, alerts, actions)
        await slots.finish(tx, claimed)
    log.info("outcomes", generation=now.id, alerts=len(alerts), actions=len(actions))


OUTCOMES = Job("outcomes", outcomes_due, follow)
