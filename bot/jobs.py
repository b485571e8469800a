"""The jobs of `dealcoach work`: numbers, rules, the note of the week, tidying; and when each is due."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics import alerts, store
from analytics.alerts import Thresholds
from analytics.facts import StalledDeal
from analytics.refresh import refresh
from analytics.store import Generation
from bot import clock, past
from bot.alerting import lifecycle, outbox, weekly
from bot.alerting.delivery import Courier
from bot.alerting.lifecycle import Desk, Render
from bot.alerting.weekly import Told
from bot.memory import Memory, slots, turns, usage
from bot.memory.slots import Claim
from data import tables
from data.tables import DamagedTables, NoTables

KEPT_DELIVERIES = timedelta(days=2)  # Slack repeats an event for six minutes at most
KEPT_SLOTS = timedelta(days=14)
KEPT_MODEL_CALLS = timedelta(days=400)  # a year beside the year before
KEPT_TURNS = timedelta(days=30)  # of conversations

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Periods:
    """How often to look, and how long a claim lasts without a sign of life."""

    check: timedelta = timedelta(seconds=15)
    sweep: timedelta = timedelta(seconds=1)
    revive: timedelta = timedelta(minutes=5)
    lease: timedelta = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the jobs need.

    A day begins at local midnight in `zone`.
    `owner` tells this process from every other.
    """

    home: Path
    memory: Memory
    courier: Courier
    render: Render
    workspace: str
    owner: str
    zone: str = "UTC"
    now: Callable[[], datetime] = clock.now
    thresholds: Thresholds = field(default_factory=Thresholds)
    p1_per_week: int = 3
    periods: Periods = field(default_factory=Periods)
    told: Told = weekly.as_written

    def today(self) -> date:
        """The local day."""
        return clock.local_day(self.now(), self.zone)


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work: the key of the slot that is due now (None: nothing), and how to do it."""

    name: str
    due: Callable[[Work], str | None]
    do: Callable[[Work, Claim], Awaitable[None]]


def refresh_due(work: Work) -> str | None:
    """New numbers are due when the CRM was loaded anew.

    So are they when the published ones are lost or damaged.

    They are of the day of the load: what happened since nobody knows, and a deal must not seem silent only
    since its CRM was not asked.
    """
    loaded, generation = _loaded(work.home), _published(work.home)
    if loaded is None or (generation and generation.load_id == loaded.manifest["load_id"]):
        return None
    load_id = str(loaded.manifest["load_id"])
    return load_id if generation else f"{load_id}:{_last_published(work)}"


async def refresh_numbers(work: Work, claimed: Claim) -> None:
    """Build and publish a generation, away from the loop."""
    loaded = tables.current(work.home)
    await asyncio.to_thread(refresh, loaded, work.home, loaded.loaded_on)
    await _finish(work, claimed)


def rules_due(work: Work) -> str | None:
    """Every generation is judged once."""
    generation = _published(work.home)
    return None if generation is None else generation.id


async def run_rules(work: Work, claimed: Claim) -> None:
    """Judge the newest generation; alerts, messages and the end of the slot are written as one.

    One of an earlier day than was judged before says nothing: people were told of what came since. When all
    is written the numbers of a week before are built, else the first who asks for a week would wait for them.
    """
    generation = store.current(work.home)
    stalled = await asyncio.to_thread(alerts.stalled, generation, work.thresholds)
    async with work.memory.write() as tx:
        newest = await lifecycle.newest_day(tx, work.workspace)
        if generation.id == claimed.slot_key and generation.as_of >= newest:  # a newer one has its own slot
            await _tell(tx, work, generation, stalled)
        await slots.finish(tx, claimed)
    await asyncio.to_thread(past.week_before, work.home, generation)


async def _tell(tx: AsyncConnection, work: Work, generation: Generation, stalled: list[StalledDeal]) -> None:
    as_of, workspace = generation.as_of, work.workspace
    decisions = lifecycle.decide(
        await lifecycle.open_alerts(tx, workspace, "stalled"),
        stalled,
        told_this_week=await lifecycle.told_this_week(tx, workspace, as_of),
        budget=work.p1_per_week,
        ending=lambda told: alerts.ending(told, generation, work.thresholds),
        name=lifecycle.namer(workspace, await lifecycle.keys_of_day(tx, workspace, as_of)),
    )
    people = {person.person_id: person for person in generation.people()}
    desk = Desk(workspace=workspace, render=work.render, people=people, now=work.now())
    messages = await lifecycle.apply(tx, decisions, desk)
    log.info("rules", generation=generation.id, decisions=len(decisions), messages=messages)


def tidy_due(work: Work) -> str | None:
    """Once per day of the team."""
    return work.today().isoformat()


async def tidy(work: Work, claimed: Claim) -> None:
    """Forget what nobody will ask for any more."""
    await work.memory.forget_deliveries(work.now() - KEPT_DELIVERIES)
    async with work.memory.write() as tx:
        await slots.forget(tx, work.now() - KEPT_SLOTS)
        await usage.forget(tx, work.now() - KEPT_MODEL_CALLS)
        await turns.forget(tx, work.now() - KEPT_TURNS)
        await slots.finish(tx, claimed)


def week_due(work: Work) -> str | None:
    """Once per week, from Monday morning on, unless the numbers are of a week before."""
    generation = _published(work.home)
    return None if generation is None else weekly.due(work.workspace, generation.as_of, work.now(), work.zone)


async def tell_the_week(work: Work, claimed: Claim) -> None:
    """Write one note to each manager; the messages and the end of the slot are written as one."""
    now = store.current(work.home)
    before = await asyncio.to_thread(past.week_before, work.home, now)
    weeks = await asyncio.to_thread(weekly.weeks, before, now, work.thresholds)
    people = {person.person_id: person for person in now.people()}
    key = claimed.slot_key
    messages = await asyncio.gather(
        *(weekly.message(week, people[week.manager_id], work.workspace, key, work.told) for week in weeks)
    )
    async with work.memory.write() as tx:
        written = [await outbox.enqueue(tx, message, work.now()) for message in messages]
        await slots.finish(tx, claimed)
    log.info("week", generation=now.id, messages=sum(written))


async def _finish(work: Work, claimed: Claim) -> None:
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


def _published(home: Path) -> Generation | None:
    try:
        return store.current(home)
    except store.NoStore:
        return None
    except store.CorruptGeneration as damage:
        log.warning("damaged numbers", said=str(damage))
        return None


REFRESH = Job("refresh", refresh_due, refresh_numbers)
RULES = Job("rules", rules_due, run_rules)
WEEK = Job("week", week_due, tell_the_week)
TIDY = Job("tidy", tidy_due, tidy)
JOBS = (REFRESH, RULES, WEEK, TIDY)
