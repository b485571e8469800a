"""What time alone changes about alerts, as soon as it is due."""

from collections.abc import Sequence

import structlog

from bot.alerting import book, escalation
from bot.alerting.desk import Desk
from bot.jobs.base import Job, Work, published
from bot.memory import slots
from bot.memory.slots import Claim

log = structlog.get_logger(__name__)


async def escalation_due(work: Work) -> Sequence[str]:
    """A slot for the minute in which anything is due; none while nothing is."""
    async with work.memory.read() as connection:
        is_due = await book.is_anything_due(connection, work.workspace, work.now())
    return (f"{work.workspace}:{work.now():%Y-%m-%dT%H:%M}",) if is_due else ()


async def escalate(work: Work, claimed: Claim) -> None:
    """Everything that is due; alerts, messages and the end of the slot are written as one."""
    generation = published(work.home)
    people = {person.person_id: person for person in generation.people()} if generation else {}
    async with work.memory.write() as tx:
        desk = await Desk.of(tx, settings=work.settings, people=people, render=work.render, now=work.now())
        swept = await escalation.sweep(tx, desk)
        await slots.finish(tx, claimed)
    log.info("escalation", alerts=swept)


ESCALATION = Job("escalation", escalation_due, escalate)
