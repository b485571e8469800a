"""The behaviour of alerts over a quarter: `python -m tests.bench.quarter --days 60 --deals 1500`.

The numbers of each day are made by the real refresh of dated loads, and kept in `--folder` for the next run.
`--story` says what goes wrong: calm, pilot, or trouble: late loads, a load put back, people who change, the
machine off, a rule off and on.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

import typer

from bot.alerting import rulebook
from tests import ledger, quarter
from tests.dated import History, Turn
from tests.quarter import Plan, Play

LAST = date(2024, 6, 28)
DAY = timedelta(days=1)
SETTINGS = {
    "calm": {"pilot_days": 0},
    "trouble": {"pilot_days": 0},
    "pilot": {"pilot_days": 14},
}


def days_of(number: int) -> tuple[date, ...]:
    """The last so many days of the sample."""
    return tuple(LAST - n * DAY for n in reversed(range(number)))


def turns(days: tuple[date, ...]) -> dict[date, Turn]:
    """A rep leaves, and two get another manager."""
    return {
        days[len(days) * 38 // 60]: Turn(gone={"rep_10": "rep_14"}),
        days[len(days) * 44 // 60]: Turn(managers={"rep_03": "mgr_01", "rep_07": "mgr_01"}),
    }


def trouble(days: tuple[date, ...]) -> Plan:
    """A week without a load, a load put back, a weekend off, two days at once, a rule off and on."""
    monday = next(day for day in days[7:] if day.weekday() == 0)
    week = frozenset(monday + n * DAY for n in range(7))
    back = monday + 9 * DAY
    friday, jump = monday + 11 * DAY, monday + 14 * DAY
    off = (
        (_at(friday, 17), _at(friday + 3 * DAY, 9)),
        (_at(jump, 10), _at(jump + 2 * DAY, 10)),
    )
    changes = {monday + 17 * DAY: _switch("off"), monday + 21 * DAY: _switch("on")}
    return Plan(no_load=week, rolled_back={back: back - 2 * DAY}, off=off, changes=changes)


def _at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def _switch(state: Literal["on", "off"]) -> Callable[[Play], Awaitable[None]]:
    """The loudest rule is switched off, or on again."""

    async def turn(play: Play) -> None:
        work = play.work
        known = {"author": "ops_01", "now": work.now(), "settings": work.settings}
        async with play.memory.write() as tx:
            await rulebook.switch(tx, work.workspace, "stalled", state, **known)

    return turn


async def story(recorded: quarter.Recorded, home: Path, name: str, seed: int) -> tuple[dict, list[str]]:
    """One quarter played and judged."""
    plan = trouble(recorded.days) if name == "trouble" else Plan()
    async with quarter.staged(recorded, home, seed=seed, **SETTINGS[name]) as play:
        await quarter.acted(play, plan)
        memory = await ledger.remembered(play)
        got = ledger.received(play, memory)
        found = ledger.figures(play, memory, got) | {"silent deals named in": ledger.mentioned(memory)}
        return found, await ledger.broken(play, memory, got)


def main(
    days: int = 60,
    deals: int = 1500,
    story_: str = typer.Option("calm", "--story"),
    seed: int = 1,
    folder: Path | None = None,
) -> None:
    """Play a quarter and print what people got."""
    with tempfile.TemporaryDirectory() as temporary:
        root = folder or Path(temporary) / "numbers"
        chosen = days_of(days)
        history = History.made(root / "whole", LAST, deals, 7, turns(chosen))
        recorded = quarter.record(root, history, chosen, typer.echo)
        found, problems = asyncio.run(story(recorded, Path(temporary) / "home", story_, seed))
    print(quarter.dumped(found))
    print(f"{len(problems)} promises broken")
    for one in problems[:40]:
        print(" -", one)


if __name__ == "__main__":
    typer.run(main)
