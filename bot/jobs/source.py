"""The CRM's feed judged every day, with or without a load: ops hear what is old, failed or silent."""

import asyncio
import hashlib
from collections.abc import Sequence
from functools import partial

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.alerts.rules import Level, Rule
from analytics.alerts.sources import sources
from analytics.facts import Finding
from analytics.store import Generation
from bot.alerting import lifecycle, rulebook, source
from bot.alerting.desk import Desk
from bot.jobs.base import Job, Work, published
from bot.jobs.rules import ending
from bot.memory import slots
from bot.memory.slots import Claim

log = structlog.get_logger(__name__)


async def source_due(work: Work) -> Sequence[str]:
    """Once per local day, and again when something else is the matter: a slot for each set of findings."""
    now = published(work.home)
    if now is None:
        return ()
    async with work.memory.read() as connection:
        _, findings = await _judged(connection, work, now)
    return (f"{work.today()}:{now.id}:{_told(findings)}",)


async def judge_source(work: Work, claimed: Claim) -> None:
    """Judge the feed; alerts, messages and the end of the slot are written as one."""
    now = published(work.home)
    async with work.memory.write() as tx:
        if now is not None:
            await _tell(tx, work, now)
        await slots.finish(tx, claimed)


async def _tell(tx: AsyncConnection, work: Work, now: Generation) -> None:
    people = {person.person_id: person for person in now.people()}
    rules, findings = await _judged(tx, work, now)
    desk = await Desk.of(tx, settings=work.settings, people=people, render=work.render, now=work.now())
    written = await lifecycle.judge(
        tx,
        findings,
        day=now.as_of,
        rules=rules,
        already=(),
        levels={Level.DATA},
        ending=partial(ending, now, {rule.id for rule in rules}),
        desk=desk,
    )
    log.info("source", generation=now.id, findings=len(findings), messages=written)


async def _judged(
    connection: AsyncConnection, work: Work, now: Generation
) -> tuple[list[Rule], list[Finding]]:
    """The rules about the source that are on, and what they find today."""
    known = await rulebook.rules(connection, work.workspace, work.settings)
    rules = [rule for rule in known if rule.level is Level.DATA]
    failures = await slots.failures(connection)
    look = partial(source.looked_at, work.home, now, work.today(), work.settings.hours.days, failures)
    return rules, sources(rules, now, await asyncio.to_thread(look))


def _told(findings: Sequence[Finding]) -> str:
    """The set of findings as a short word."""
    named = sorted(f"{one.rule}/{one.subject_id}" for one in findings)
    return hashlib.sha256("\n".join(named).encode()).hexdigest()[:12]


SOURCE = Job("source", source_due, judge_source)
