"""A process that delivers alerts and can be killed at any moment; forked ready-made, it starts at once.

One JSON order a line on standard input; the answer is the new process's id, and its exit code when it ended.
"""

import asyncio
import json
import os
import random
import signal
import sys
from datetime import timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot import clock
from bot.alerting import outbox
from bot.alerting.delivery import Courier, Timing, posting
from bot.alerting.outbox import Message, Recipient
from bot.memory import Memory

PEOPLE = 20
CHANNELS = ("C_SALES", "C_SECRET")  # the bot is in the first
POINTS = ("claimed", "fenced", "sent", "recorded", "looked")
TIMING = Timing(
    timeout=timedelta(seconds=1),
    lease=timedelta(seconds=2),
    skew=timedelta(seconds=60),
    first_retry=timedelta(seconds=0.1),
    longest_retry=timedelta(seconds=1),
)


class Mortal(Courier):
    """A courier that dies by its own hand after passing a named point so many times."""

    def mortal(self, point: str | None, passes: int) -> "Mortal":
        """Die at the point; None: live until somebody else ends it."""
        self.point, self.passes = point, passes
        return self

    def passing(self, point: str) -> None:
        self.passes -= point == self.point
        if point == self.point and self.passes <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

    async def deliver(self, row):
        self.passing("claimed")
        await super().deliver(row)
        self.passing("recorded")

    async def fence(self, row, channel):
        held = await super().fence(row, channel)
        self.passing("fenced")
        return held

    async def send(self, row, channel):
        ts = await super().send(row, channel)
        self.passing("sent")
        return ts

    async def find(self, row, channel, since):
        found = await super().find(row, channel, since)
        self.passing("looked")
        return found


def messages(number: int) -> list[Message]:
    """The alert with this number.

    Every third one is answered in its thread and ends; every fifth is for a channel, in turn one that the
    bot is in and one that it is not.
    """
    person = Recipient(f"rep_{number % PEOPLE}", "", f"rep_{number % PEOPLE}@example.com")
    usual = {"workspace": "main", "recipient": person, "chain": f"alert-{number}"}
    told = Message(
        dedup_key=f"alert-{number}",
        kind="post",
        text=f"alert {number}",
        place=CHANNELS[number // 5 % 2] if number % 5 == 0 else "",
        **usual,
    )
    said = Message(dedup_key=f"alert-{number}-said", kind="reply", text=f"alert {number} seen", **usual)
    ended = Message(dedup_key=f"alert-{number}-end", kind="update", text=f"alert {number} resolved", **usual)
    return [told, said, ended] if number % 3 == 0 else [told]


async def offer(memory: Memory, alerts: range) -> None:
    """Write down each alert three times, in any order, ten to a transaction."""
    numbers = [*alerts] * 3
    random.shuffle(numbers)
    for start in range(0, len(numbers), 10):
        async with memory.write() as tx:
            for number in numbers[start : start + 10]:
                for message in messages(number):
                    await outbox.enqueue(tx, message, clock.now())


async def work(order: dict) -> None:
    """Offer alerts, deliver until all are, and die where told to."""
    reads = AsyncWebClient(token=order["token"], base_url=order["api_url"], timeout=1)
    async with Memory.open(order["memory"], busy=timedelta(seconds=10)) as memory:
        courier = Mortal(
            memory,
            posts=posting(reads, TIMING.timeout),
            reads=reads,
            workspace="main",
            owner=f"process-{os.getpid()}",
            timing=TIMING,
            batch=order["batch"],
        ).mortal(order["point"], order["passes"])
        await offer(memory, range(order["first"], order["last"]))
        while not await is_done(memory):
            await courier.turn()
            await asyncio.sleep(0.01)


async def is_done(memory: Memory) -> bool:
    """Is no message on its way any more?"""
    async with memory.read() as connection:
        return not {*(await outbox.status(connection, "main")).counts} & {*outbox.UNFINISHED}


def main() -> None:
    """Fork a worker for each order."""
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
            asyncio.run(work(json.loads(line)))
            os._exit(0)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
