"""The jobs of `dealcoach work`: refresh the numbers, run the rules, tell the week, deliver, tidy up.

The scheduler keeps nothing: a tick asks what is due and claims a slot row in memory, so that of any number
of processes one does the work, and a process that dies is replaced when its lease ends.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
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
from bot.memory import Memory, MemoryUnavailable, slots, turns, usage
from bot.memory.slots import Claim, SlotLost
from data import tables
from data.tables import DamagedTables, NoTables

KEPT_DELIVERIES = timedelta(days=2)  # Slack repeats an event for six minutes at most
KEPT_SLOTS = timedelta(days=14)
KEPT_MODEL_CALLS = timedelta(days=400)  # a year beside the year before
KEPT_TURNS = timedelta(days=30)  # of conversations

Doing = Callable[[], Coroutine[object, object, object]]

QUIET = logging.getLogger("dealcoach.scheduler")  # a tick that finds the last one at work is no news
QUIET.setLevel(logging.ERROR)
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

    One of an earlier day than was judged before says nothing: people were told of what came since.
    """
    generation = store.current(work.home)
    stalled = await asyncio.to_thread(alerts.stalled, generation, work.thresholds)
    async with work.memory.write() as tx:
        newest = await lifecycle.newest_day(tx, work.workspace)
        if generation.id == claimed.slot_key and generation.as_of >= newest:  # a newer one has its own slot
            await _tell(tx, work, generation, stalled)
        await slots.finish(tx, claimed)


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
    weeks = await asyncio.to_thread(weekly.weeks, before, now)
    people = {person.person_id: person for person in now.people()}
    key = claimed.slot_key
    messages = await asyncio.gather(
        *(weekly.message(week, people[week.manager_id], work.workspace, key, work.told) for week in weeks)
    )
    async with work.memory.write() as tx:
        written = [await outbox.enqueue(tx, message, work.now()) for message in messages]
        await slots.finish(tx, claimed)
    log.info("week", generation=now.id, messages=sum(written))


REFRESH = Job("refresh", refresh_due, refresh_numbers)
RULES = Job("rules", rules_due, run_rules)
WEEK = Job("week", week_due, tell_the_week)
TIDY = Job("tidy", tidy_due, tidy)
JOBS = (REFRESH, RULES, WEEK, TIDY)


async def tick(work: Work, job: Job) -> bool:
    """Do the job if it is due and nobody else does; True when it was done.

    When it fails the error is kept on the slot, and the job is tried again after a pause.
    """
    async with boundary(job.name):
        key = job.due(work)
        claimed = None if key is None else await _claim(work, job.name, key)
        if claimed is None:
            return False
        async with boundary(job.name, partial(_fail, work, claimed)), _held(work, claimed):
            await job.do(work, claimed)
            return True
    return False


@asynccontextmanager
async def boundary(
    job: str, failed: Callable[[Exception], Awaitable[None]] | None = None
) -> AsyncIterator[None]:
    """The boundary of a scheduled job: whatever goes wrong inside is logged, and ends here."""
    try:
        yield
    except SlotLost as lost:
        log.warning("slot lost", job=job, said=str(lost))
    except Exception as error:
        log.exception("job failed", job=job)
        if failed:
            await failed(error)


async def deliver(work: Work) -> None:
    """One turn of the courier."""
    async with boundary("deliver"):
        await work.courier.turn()


async def revive(work: Work) -> None:
    """Resume what was parked, once the workspace is back."""
    async with boundary("revive"):
        await work.courier.revive()


@asynccontextmanager
async def running(work: Work) -> AsyncIterator[AsyncIOScheduler]:
    """Everything on schedule while the block runs; on leaving, what is under way is let finish."""
    scheduler, busy, stop = AsyncIOScheduler(timezone=UTC, logger=QUIET), Busy(), asyncio.Event()
    for name, doing, period in _timetable(work):
        scheduler.add_job(
            busy.do,
            "interval",
            (doing,),
            id=name,
            seconds=period.total_seconds(),
            next_run_time=work.now(),
            coalesce=True,
            misfire_grace_time=None,
        )
    scheduler.start()
    sweeping = asyncio.create_task(_sweep(work, scheduler, stop))
    try:
        yield scheduler
    finally:
        scheduler.pause()
        stop.set()
        await asyncio.gather(sweeping, busy.done())
        scheduler.shutdown(wait=False)


def _timetable(work: Work) -> Iterator[tuple[str, Doing, timedelta]]:
    for job in JOBS:
        yield job.name, partial(tick, work, job), work.periods.check
    yield "revive", partial(revive, work), work.periods.revive


class Busy:
    """What the scheduler has started and is not done."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[object]] = set()

    async def do(self, doing: Doing) -> None:
        """Do it, and be known to be at it."""
        task = asyncio.create_task(doing())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.shield(task)

    async def done(self) -> None:
        """Wait for all of it."""
        await asyncio.gather(*self._tasks)


async def _sweep(work: Work, scheduler: AsyncIOScheduler, stop: asyncio.Event) -> None:
    """Deliver every second by the monotonic clock, whatever happens to the wall clock."""
    last = work.now()
    while not stop.is_set():
        await deliver(work)
        if work.now() < last:
            wake(scheduler, work.now())
        last = work.now()
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), work.periods.sweep.total_seconds())


def wake(scheduler: AsyncIOScheduler, now: datetime) -> None:
    """The wall clock went back: the scheduler would sleep until it has caught up, so run its jobs now."""
    for job in scheduler.get_jobs():
        job.modify(next_run_time=now)


@asynccontextmanager
async def _held(work: Work, claimed: Claim) -> AsyncIterator[None]:
    """Show signs of life on the slot while the block works."""
    renewing = asyncio.create_task(_renew(work, claimed))
    try:
        yield
    finally:
        renewing.cancel()
        with suppress(asyncio.CancelledError, SlotLost, MemoryUnavailable):
            await renewing


async def _renew(work: Work, claimed: Claim) -> None:
    while True:
        await asyncio.sleep(work.periods.lease.total_seconds() / 3)
        async with work.memory.write() as tx:
            await slots.renew(tx, claimed, work.now() + work.periods.lease)


async def _claim(work: Work, name: str, key: str) -> Claim | None:
    async with work.memory.write() as tx:
        return await slots.claim(tx, name, key, owner=work.owner, now=work.now(), lease=work.periods.lease)


async def _finish(work: Work, claimed: Claim) -> None:
    async with work.memory.write() as tx:
        await slots.finish(tx, claimed)


async def _fail(work: Work, claimed: Claim, error: Exception) -> None:
    """Keep the error on the slot; if even that fails, the lease runs out and the job is tried again."""
    with suppress(MemoryUnavailable, SlotLost):
        async with work.memory.write() as tx:
            await slots.fail(tx, claimed, f"{type(error).__name__}: {error}", work.now())


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
