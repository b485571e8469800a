"""Alerts delivered by processes that are killed again and again, judged by what Slack really stored.

A longer run: `python -m tests.crash_delivery --alerts 3000 --kills 500`.
"""

import asyncio
import json
import os
import random
import signal
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import typer

from bot.alerting import outbox
from bot.playground import Faults, Kind, Person, Playground
from tests.crash_worker import PEOPLE, POINTS, messages

ROOT = Path(__file__).parents[1]
CHANCES = {
    Kind.RATELIMITED: 0.05,
    Kind.FAIL: 0.03,
    Kind.STORE_THEN_FAIL: 0.03,
    Kind.STORE_THEN_DROP: 0.05,
}


@dataclass(frozen=True)
class Toll:
    """What came of it, by Slack's own ledger."""

    lost: list[str]
    doubled: list[str]
    wrong: list[str]  # messages that do not say what they should in the end
    kills: Counter[str]


async def rehearse(folder: Path, *, alerts: int, kills: int, seed: int) -> Toll:
    """Deliver `alerts` while processes are killed `kills` times, at random moments and at named points."""
    people = [Person(f"U{n}", f"rep_{n}", f"rep_{n}@example.com") for n in range(PEOPLE)]
    chance = random.Random(seed)
    async with Playground(people=people, faults=Faults(chances=CHANCES, seed=seed)) as slack:
        order = {
            "memory": f"sqlite+aiosqlite:///{folder / 'memory.sqlite'}",
            "token": slack.bot_token,
            "api_url": slack.api_url,
        }
        died = await _kill_again_and_again(order, alerts, kills, chance)
        return _toll(slack, alerts, died)


async def _kill_again_and_again(order: dict, alerts: int, kills: int, chance: random.Random) -> Counter[str]:
    nursery = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.crash_worker",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    died: Counter[str] = Counter()
    life = 0
    while sum(died.values()) < kills:
        point = POINTS[life // 2 % len(POINTS)] if life % 2 else None
        last = min(alerts, max(1, (life + 1) * alerts // kills))
        died.update(await _live(nursery, order, range(max(0, last - 30), last), point, chance))
        life += 1
    assert not await _live(nursery, order, range(alerts), None, None), "the last process is not killed"
    nursery.stdin.close()
    await nursery.wait()
    return died


async def _live(
    nursery, order: dict, alerts: range, point: str | None, chance: random.Random | None
) -> list[str]:
    """One process from start to end; how it was killed, if it was."""
    passes = chance.randint(1, 4) if chance else 0
    sent = {**order, "first": alerts.start, "last": alerts.stop, "point": point, "passes": passes}
    nursery.stdin.write(json.dumps(sent).encode() + b"\n")
    pid, ended = int(await nursery.stdout.readline()), asyncio.ensure_future(nursery.stdout.readline())
    if chance:
        await asyncio.wait([ended], timeout=chance.uniform(0.05, 0.5) if point is None else 3)
        if not ended.done():
            os.kill(pid, signal.SIGKILL)
    code = int(await asyncio.wait_for(ended, 60))
    assert code in (0, -signal.SIGKILL), f"a process ended with {code}"
    return [point or "random"] if code else []


def _toll(slack: Playground, alerts: int, died: Counter[str]) -> Toll:
    stored = slack.stored()
    times = {number: len(stored.get(outbox.mark(f"alert-{number}"), ())) for number in range(alerts)}
    final = Counter(text for n in range(PEOPLE) for text in (m.text for m in slack.sees(f"rep_{n}")))
    expected = Counter(messages(number)[-1].text for number in range(alerts))
    return Toll(
        lost=[f"alert-{number}" for number, count in times.items() if count == 0],
        doubled=[f"alert-{number}" for number, count in times.items() if count > 1],
        wrong=sorted((final - expected) + (expected - final)),
        kills=died,
    )


def soak(alerts: int = 3000, kills: int = 500, seed: int = 7) -> None:
    """A longer run, and its toll."""
    with tempfile.TemporaryDirectory() as folder:
        toll = asyncio.run(rehearse(Path(folder), alerts=alerts, kills=kills, seed=seed))
    print(f"{alerts} alerts, killed {sum(toll.kills.values())} times: {dict(toll.kills)}")
    print(f"lost {len(toll.lost)}, doubled {len(toll.doubled)}, wrong {len(toll.wrong)}")
    raise typer.Exit(bool(toll.lost or toll.doubled or toll.wrong))


if __name__ == "__main__":
    typer.run(soak)
