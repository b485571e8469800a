"""The ticking of `dealcoach work`: each job when it is due, deliveries every second, none of it twice.

The scheduler keeps nothing: a tick asks what is due and claims a slot row in memory, so that of any number
of processes one does the work, and a process that dies is replaced when its lease ends.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.jobs import JOBS, Job, Work
from bot.memory import MemoryUnavailable, slots
from bot.memory.slots import Claim, SlotLost

Doing = Callable[[], Coroutine[object, object, object]]

QUIET = logging.getLogger("dealcoach.scheduler")  # a tick that finds the last one at work is no news
QUIET.setLevel(logging.ERROR)
log = structlog.get_logger(__name__)


async def tick(work: Work, job: Job) -> bool:
    """Do what is due of the job and nobody else does; True when anything was done.

    When it fails the error is kept on the slot, and it is tried again after a pause.
    """
    done = False
    async with boundary(job.name):
        for key in await job.due(work):
            claimed = await _claim(work, job.name, key)
            if claimed is not None:
                done |= await _do(work, job, claimed)
    return done


async def _do(work: Work, job: Job, claimed: Claim) -> bool:
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


async def _fail(work: Work, claimed: Claim, error: Exception) -> None:
    """Keep the error on the slot; if even that fails, the lease runs out and the job is tried again."""
    with suppress(MemoryUnavailable, SlotLost):
        async with work.memory.write() as tx:
            await slots.fail(tx, claimed, f"{type(error).__name__}: {error}", work.now())
