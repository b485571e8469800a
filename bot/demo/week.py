"""The list of the week, which otherwise comes on Mondays: in the demo some people get theirs at once."""

from collections.abc import Collection
from datetime import timedelta

from analytics import store
from bot import clock
from bot.alerting import outbox
from bot.alerting.digests import readers
from bot.alerting.digests.compose import Desk, compose
from bot.alerting.digests.readers import Due
from bot.alerting.digests.telling import as_written
from bot.memory import Memory
from bot.settings import Settings

LASTS = timedelta(days=1)  # `work` delivers it in seconds


async def tell(settings: Settings, people: Collection[str]) -> None:
    """Write down the week's list of each of these people; `work` delivers it, and writes none that day.

    Args:
        people: ids in the CRM.
    """
    now, generation = clock.now(), store.current(settings.home)
    today = clock.local_day(now, settings.zone)
    async with Memory.open(settings.memory_url) as memory:
        desk = Desk(home=settings.home, memory=memory, generation=generation, settings=settings, now=now)
        for reader in readers.readers(generation.people(), settings, {}):
            if reader.person_id in people:
                digest = await compose(desk, Due("week", "", reader, today, now + LASTS), as_written)
                if digest:
                    async with memory.write() as tx:
                        await outbox.enqueue(tx, digest.message, now)
