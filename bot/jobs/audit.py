"""Once a minute in each process: is told what should be? A sign of life, and a word to ops if not."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from functools import partial

import structlog
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import language
from bot.alerting import auditor, heartbeat, outbox
from bot.alerting.auditor import Fault
from bot.alerting.desk import Desk
from bot.alerting.outbox import Message, Recipient
from bot.jobs.base import Job, Work, published
from bot.memory import slots
from bot.memory.slots import Claim
from bot.memory.tables import slots as rows

NAME = "audit"
KEPT = timedelta(hours=1)  # of the audit's own slots: there is one for every minute and process

log = structlog.get_logger(__name__)


async def audit_due(work: Work) -> Sequence[str]:
    """Once a minute for this process."""
    return (f"{work.owner} {work.now():%Y-%m-%dT%H:%M}",)


async def audit(others: Iterable[Job], work: Work, claimed: Claim) -> None:
    """Look, write down what was found, and tell ops; the address outside hears of it if all is well."""
    due = {job.name: await job.due(work) for job in others}
    async with work.memory.write() as tx:
        faults = await auditor.audit(tx, work.workspace, due, work.now())
        found = [fault.sentence(work.today()).text for fault in faults]
        await heartbeat.beat(tx, work.workspace, work.owner, found, work.now())
        await _tell_ops(tx, work, faults)
        await _forget(tx, work)
        await slots.finish(tx, claimed)
    for fault in faults:
        log.warning("audit", what=fault.what, number=len(fault.keys))
    if work.settings.heartbeat_url and not faults:
        await heartbeat.tell(work.settings.heartbeat_url)


async def _tell_ops(tx: AsyncConnection, work: Work, faults: Sequence[Fault]) -> None:
    """One notice an hour of messages that nobody will get, and one a day of what else is wrong."""
    letters = await outbox.letters(tx, work.workspace)
    if not letters and not faults:
        return
    desk = await _desk(tx, work)
    if letters:

        def lost() -> str:
            return auditor.undelivered(letters, work.today()).text

        if await _notice(tx, desk, f"letters:{work.now():%Y-%m-%dT%H}", lost):
            await outbox.noticed(tx, letters)
    if faults:

        def wrong() -> str:
            return "\n".join(one.sentence(work.today()).text for one in faults)

        await _notice(tx, desk, f"faults:{work.today()}", wrong)


async def _desk(tx: AsyncConnection, work: Work) -> Desk:
    generation = published(work.home)
    people = {person.person_id: person for person in generation.people()} if generation else {}
    return await Desk.of(tx, settings=work.settings, people=people, render=work.render, now=work.now())


async def _notice(tx: AsyncConnection, desk: Desk, key: str, said: Callable[[], str]) -> bool:
    """Write a message to everybody of ops, else to the CRO; False when nobody gets any, or got it before."""
    return any([await outbox.enqueue(tx, one, desk.now) for one in _messages(desk, key, said)])


def _messages(desk: Desk, key: str, said: Callable[[], str]) -> Iterator[Message]:
    for person_id in desk.with_role("ops") or desk.with_role("cro"):
        known = desk.people.get(person_id)
        email = (known.email if known else None) or (person_id if "@" in person_id else "")
        with language.using(desk.reading(person_id)):
            text = said()
        yield Message(
            dedup_key=f"{outbox.NOTICE}{desk.workspace}:{key}:{person_id}",
            workspace=desk.workspace,
            kind="post",
            recipient=Recipient(person_id, desk.name(person_id), email, "ops"),
            text=text,
            due=desk.hours(person_id).next_open(desk.now),
        )


async def _forget(tx: AsyncConnection, work: Work) -> None:
    """Drop the audit's own slots of before."""
    old = (rows.c.job == NAME) & (rows.c.state != "running") & (rows.c.lease_until < work.now() - KEPT)
    await tx.execute(delete(rows).where(old))


def auditing(others: Iterable[Job]) -> Job:
    """The audit of these jobs."""
    return Job(NAME, audit_due, partial(audit, tuple(others)))
