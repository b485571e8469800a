"""The budgets of tokens: what was used today, by this person and by everybody, and what is on its way."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from bot import clock
from bot.model.calls import Asker, ModelCall, Unavailable
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.memory import Memory

log = structlog.get_logger(__name__)


class Ledger:
    """Keeps what was used today: in memory, and for as long as this process lives when there is none."""

    def __init__(self, settings: Settings, memory: "Memory | None") -> None:
        self._settings = settings
        self._memory = memory
        self._day: date | None = None
        self._used: Counter[tuple[str, str]] = Counter()  # by `Asker.who`
        self._held: Counter[tuple[str, str]] = Counter()

    @property
    def now(self) -> datetime:
        """The moment of memory's clock, or of ours."""
        return self._memory.now() if self._memory else clock.now()

    @contextmanager
    def held(self, asker: Asker, tokens: int) -> Iterator[None]:
        """Count tokens as used while a call is on its way, so that calls beside it see them."""
        self._held[asker.who] += tokens
        try:
            yield
        finally:
            self._held[asker.who] -= tokens

    async def check(self, asker: Asker) -> None:
        """Refuse a call that is held when it could go beyond a budget.

        Raises:
            Unavailable: of this person, or of the day.
        """
        mine, everybodys = await self._used_today(asker)
        if mine + self._held[asker.who] > self._settings.tokens_per_user:
            raise Unavailable("budget_user")
        if everybodys + self._held.total() > self._settings.tokens_per_day:
            raise Unavailable("budget_day")

    async def record(self, call: ModelCall) -> None:
        """Write down one call. A memory that cannot be written takes no answer from anybody."""
        self._turn_page()
        self._used[(call.workspace, call.slack_user)] += call.tokens
        if self._memory is None:
            return
        from bot.memory import MemoryUnavailable, usage

        try:
            async with self._memory.write() as tx:
                await usage.record(tx, call)
        except MemoryUnavailable as error:
            log.warning("model_call_not_kept", reason=type(error).__name__)

    async def _used_today(self, asker: Asker) -> tuple[int, int]:
        self._turn_page()
        here = self._used[asker.who], self._used.total()
        if self._memory is None:
            return here
        from bot.memory import MemoryUnavailable, usage

        try:
            async with self._memory.read() as connection:
                return await usage.tokens(connection, *asker.who, midnight(self.now, self._settings.zone))
        except MemoryUnavailable:
            return here

    def _turn_page(self) -> None:
        today = clock.local_day(self.now, self._settings.zone)
        if today != self._day:
            self._day = today
            self._used.clear()


def midnight(moment: datetime, zone: str) -> datetime:
    """When the calendar day of a moment began in a time zone."""
    return datetime.combine(clock.local_day(moment, zone), time.min, ZoneInfo(zone))
