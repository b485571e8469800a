"""What every job of `dealcoach work` is made of: what it needs, when it is due, and how it is done."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

import structlog

from analytics import store
from analytics.store import Generation
from bot import clock
from bot.alerting.delivery import Courier
from bot.alerting.digests.telling import Told, as_written
from bot.alerting.lifecycle import Render
from bot.memory import Memory
from bot.memory.slots import Claim
from bot.settings import Settings
from bot.settings import load as load_settings

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
    periods: Periods = field(default_factory=Periods)
    told: Told = as_written
    settings: Settings = field(default_factory=load_settings)

    def today(self) -> date:
        """The local day."""
        return clock.local_day(self.now(), self.zone)


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work: the keys of the slots that may be due now, done or not, and how to do one."""

    name: str
    due: Callable[[Work], Awaitable[Sequence[str]]]
    do: Callable[[Work, Claim], Awaitable[None]]


def published(home: Path) -> Generation | None:
    """The newest numbers; None when there are none that can be read."""
    try:
        return store.current(home)
    except store.NoStore:
        return None
    except store.CorruptGeneration as damage:
        log.warning("damaged numbers", said=str(damage))
        return None
