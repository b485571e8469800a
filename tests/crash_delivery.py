"""Alerts delivered by processes that are killed again and again, judged by what Slack really stored.

A longer run: `python -m tests.crash_delivery --alerts 3000 --kills 500`.
"""

import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import typer

from bot.alerting import outbox
from bot.playground import Faults, Kind, Person, Playground
from bot.playground.records import BOT_USER
from tests import postgres
from tests.crash_worker import CHANNELS, PEOPLE, POINTS, messages

ROOT = Path(__file__).parents[1]
CHANCES = {
    Kind.RATELIMITED: 0.05,
    Kind.FAIL: 0.03,
    Kind.STORE_THEN_FAIL: 0.03,
    Kind.STORE_THEN_DROP: 0.05,
    Kind.LAND_LATE: 0.03,
}
WINDOW = 30  # alerts that one life offers


@dataclass(frozen=True)
class Toll:
    """What came of it, by Slack's own ledger."""

    lost: list[str]
    doubled: list[str]
    wrong: list[str]  # messages that do not say what they should in the end
    kills: Counter[str]
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        """Nothing lost, nothing doubled, every message as it should be."""
        return not (self.lost or self.doubled or self.wrong)

    def __str__(self) -> str:
        """One line for people."""
        counts = f"lost {len(self.lost)}, doubled {len(self.doubled)}, wrong {len(self.wrong)}"
        return f"{counts}; killed {sum(self.kills.values())} times, {self.seconds:.0f} s"


@dataclass
class Rehearsal:
    """One run: so many alerts, killed so often, by so many processes at a time."""

    order: dict
    alerts: int
    kills: int
    chance: random.Random
    died: Counter[str] = field(default_factory=Counter)
    lives: Iterator[int] = field(default_factory=itertools.count)

    async def instance(self) -> None:
        """One process after the other, each killed; the last one lives until all is delivered."""
        async with _nursery() as nursery:
            while self.died.total() < self.kills:
                self.died.update(await self.life(nursery, next(self.lives)))
            assert not await _live(nursery, self.order | _range(0, self.alerts)), "the last one is not killed"

    async def life(self, nursery: asyncio.subprocess.Process, life: int) -> list[str]:
        """One process that is killed at a random moment, or at a named point; how it died, if it did."""
        point = POINTS[life // 2 % len(POINTS)] if life % 2 else None
        last = min(self.alerts, max(1, (life + 1) * self.alerts // self.kills))
        death = {"point": point, "passes": self.chance.randint(1, 4)}
        patience = self.chance.uniform(0.05, 0.5) if point is None else 3
        order = self.order | _range(max(0, last - WINDOW), last) | death
        return [point or "random"] if await _live(nursery, order, patience) else []


def _range(first: int, last: int) -> dict:
    return {"first": first, "last": last, "point": None, "passes": 0}


async def rehearse(
    folder: Path, *, alerts: int, kills: int, seed: int, url: str = "", instances: int = 1
) -> Toll:
    """Deliver `alerts` while processes are killed `kills` times, at random moments and at named points.

    Args:
        url: memory; a SQLite file in the folder if empty.
        instances: processes at the same time.
    """
    people = [Person(f"U{n}", f"rep_{n}", f"rep_{n}@example.com") for n in range(PEOPLE)]
    faults, began = Faults(chances=CHANCES, seed=seed, delay=0.3), time.monotonic()
    async with Playground(people=people, channels=("sales", "secret"), faults=faults) as slack:
        slack.workspace.conversations[CHANNELS[0]].members.add(BOT_USER)
        order = {
            "memory": url or f"sqlite+aiosqlite:///{folder / 'memory.sqlite'}",
            "token": slack.bot_token,
            "api_url": slack.api_url,
            "batch": 4,
        }
        rehearsal = Rehearsal(order, alerts, kills, random.Random(seed))
        await asyncio.gather(*(rehearsal.instance() for _ in range(instances)))
        return _toll(slack, alerts, rehearsal.died, time.monotonic() - began)


@contextlib.asynccontextmanager
async def _nursery() -> AsyncIterator[asyncio.subprocess.Process]:
    """A process that has loaded everything and forks a worker for each order."""
    nursery = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.crash_worker",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        yield nursery
    finally:
        nursery.stdin.close()
        await nursery.wait()


async def _live(nursery: asyncio.subprocess.Process, order: dict, patience: float | None = None) -> bool:
    """One process from start to end; was it killed?"""
    nursery.stdin.write(json.dumps(order).encode() + b"\n")
    pid, ended = int(await nursery.stdout.readline()), asyncio.ensure_future(nursery.stdout.readline())
    if patience is not None:
        await asyncio.wait([ended], timeout=patience)
        if not ended.done():
            os.kill(pid, signal.SIGKILL)
    code = int(await asyncio.wait_for(ended, 120))
    assert code in (0, -signal.SIGKILL), f"a process ended with {code}"
    return code != 0


def _toll(slack: Playground, alerts: int, died: Counter[str], seconds: float) -> Toll:
    everything = [message for number in range(alerts) for message in messages(number)]
    new, last = [m for m in everything if m.kind != "update"], {m.chain: m for m in everything}
    stored = slack.stored()
    times = {message.dedup_key: len(stored.get(outbox.mark(message.dedup_key), ())) for message in new}
    final = Counter(_texts(slack))
    expected = Counter(m.text for m in everything if m.kind == "reply" or m is last[m.chain])
    return Toll(
        lost=[key for key, count in times.items() if count == 0],
        doubled=[key for key, count in times.items() if count > 1],
        wrong=sorted((final - expected) + (expected - final)),
        kills=died,
        seconds=seconds,
    )


def _texts(slack: Playground) -> Iterator[str]:
    """What stands in Slack in the end: in direct messages and in channels."""
    for conversation in slack.workspace.conversations.values():
        for message in slack.workspace.lasting(conversation.id):
            yield message.text


@contextlib.contextmanager
def _somewhere(engine: str) -> Iterator[str]:
    """Where memory lives: a new database on PostgreSQL, or "" for a file."""
    if engine == "sqlite":
        yield ""
        return
    with postgres.server() as address:
        yield postgres.new_database(address)


#: Where memory lives, and processes at a time.
PLACES = (("sqlite", 1), ("postgres", 1), ("postgres", 3))


def soak(alerts: int = 3000, kills: int = 500, seed: int = 7, engine: str = "", instances: int = 0) -> None:
    """A longer run in each place, or in the one named, and its toll."""
    places = [(engine, instances or 1)] if engine else PLACES
    tolls = []
    for name, processes in places:
        with tempfile.TemporaryDirectory() as folder, _somewhere(name) as url:
            toll = asyncio.run(
                rehearse(Path(folder), alerts=alerts, kills=kills, seed=seed, url=url, instances=processes)
            )
        print(f"{name} x {processes}, {alerts} alerts offered three times each: {toll}", flush=True)
        print(f"  {dict(toll.kills)}", *toll.lost[:5], *toll.doubled[:5], *toll.wrong[:5], flush=True)
        tolls.append(toll)
    raise typer.Exit(not all(toll.clean for toll in tolls))


if __name__ == "__main__":
    typer.run(soak)
