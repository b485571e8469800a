"""Every generation judged once: what its findings change about the alerts."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import partial

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics import alerts, store
from analytics.alerts.rules import Level, Rule
from analytics.facts import Ending, Finding
from analytics.store import Generation
from bot import past
from bot.alerting import book, experiment, lifecycle, nudges, pilot, rulebook
from bot.alerting.desk import Desk
from bot.jobs.base import Job, Work, published
from bot.memory import slots
from bot.memory.slots import Claim

log = structlog.get_logger(__name__)

#: What is judged here; the source is judged every day, with or without a generation (bot/jobs/source.py).
LEVELS = frozenset(Level) - {Level.DATA}


@dataclass(frozen=True, slots=True)
class Judged:
    """What the rules find now, and what they found a week before."""

    rules: Sequence[Rule]
    findings: Sequence[Finding]
    already: frozenset[tuple[str, str]]


async def rules_due(work: Work) -> Sequence[str]:
    """Every generation is judged once."""
    generation = published(work.home)
    return () if generation is None else (generation.id,)


async def run_rules(work: Work, claimed: Claim) -> None:
    """Judge the newest generation; alerts, messages and the end of the slot are written as one.

    One of an earlier day than was judged before says nothing: people were told of what came since.
    """
    generation = store.current(work.home)
    async with work.memory.read() as connection:
        rules = await rulebook.rules(connection, work.workspace, work.settings)
    judged = await asyncio.to_thread(judge, work, [r for r in rules if r.level in LEVELS], generation)
    async with work.memory.write() as tx:
        newest = await book.newest_day(tx, work.workspace)
        if generation.id == claimed.slot_key and generation.as_of >= newest:  # a newer one has its own slot
            await _tell(tx, work, generation, judged)
        await slots.finish(tx, claimed)


def judge(work: Work, rules: Sequence[Rule], now: Generation) -> Judged:
    """What the rules find, compared with a week before; that week is built where it is not kept."""
    before = past.week_before(work.home, now)
    then = alerts.findings(rules, None, before)
    already = frozenset((found.rule, found.subject_id) for found in then)
    return Judged(rules, alerts.findings(rules, before, now), already)


async def _tell(tx: AsyncConnection, work: Work, generation: Generation, judged: Judged) -> None:
    people = {person.person_id: person for person in generation.people()}
    now, settings = work.now(), work.settings
    await pilot.begin(tx, settings, now)
    if not await pilot.at_work(tx, settings, people, now):
        await experiment.running(tx, settings, generation.as_of, now)
    desk = await Desk.of(tx, settings=settings, people=people, render=work.render, now=now)
    messages = await lifecycle.judge(
        tx,
        judged.findings,
        rules=judged.rules,
        already=judged.already,
        levels=LEVELS,
        ending=partial(ending, generation, {rule.id for rule in judged.rules}),
        lasts=partial(lasts, generation, {rule.id for rule in judged.rules}),
        desk=desk,
        day=generation.as_of,
    )
    messages += await nudges.ask(tx, generation, desk)
    log.info("rules", generation=generation.id, findings=len(judged.findings), messages=messages)


def ending(now: Generation, on: Collection[str], told: Finding) -> Ending:
    """Why a finding that was told holds no more; first of all, its rule may have been switched off."""
    found = alerts.ending(told, now)
    return found if told.rule in on else replace(found, reason="rule_off")


def lasts(now: Generation, on: Collection[str], told: Finding) -> bool:
    """Does a finding that was told go on, though it is over the line no more?"""
    return told.rule in on and alerts.lasts(told, now)


RULES = Job("rules", rules_due, run_rules)
