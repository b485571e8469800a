"""When a message may reach its reader, asked as it is sent: it may have waited into their night."""

from datetime import datetime

from bot.alerting import preferences
from bot.alerting.delivery import Opens
from bot.alerting.outbox import Delivery
from bot.memory import Memory
from bot.memory.greetings import HERE
from bot.settings import Settings


def hours(memory: Memory, settings: Settings) -> Opens:
    """For `Courier(opens=...)`: the working time that the reader chose, else the team's.

    Who came to us by themselves is here, whatever the hour: their first message does not wait.
    """

    async def opens(row: Delivery, now: datetime) -> datetime:
        if row.chain.endswith(HERE):
            return now
        async with memory.read() as connection:
            chosen = await preferences.of(connection, row.workspace, row.recipient_id)
        return chosen.hours(settings).next_open(now)

    return opens
