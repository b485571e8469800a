"""What the demo runs: the sample CRM with its numbers, and `serve` and `work` as processes beside it."""

import asyncio
import fcntl
import os
import shutil
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from analytics import refresh
from bot import clock
from bot.playground import Playground
from bot.settings import Settings
from data import load, sample, tables
from data.mendable import Mendable

SERVICES = ("serve", "work")
START_SECONDS = 40.0  # for a service to start on a busy machine

#: In the demo nobody reviews alerts first, and they come at any hour of any day.
AT_ONCE = {
    "DEALCOACH_PILOT_DAYS": "0",
    "DEALCOACH_WORKING_DAYS": "mon,tue,wed,thu,fri,sat,sun",
    "DEALCOACH_QUIET_UNTIL": "00:00",
    "DEALCOACH_QUIET_FROM": "23:59:59",
}

Progress = Callable[[str, int, int | None], None]


class DemoFailed(Mendable):
    """A part of the demo did not start; its log says why."""


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Hold the demo's folder for the block.

    Raises:
        DemoFailed: another demo runs there, and would lose its data.
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    with (home.parent / ".demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DemoFailed(
                "Another demo runs in this folder. End it there with Ctrl-C, or set another DEALCOACH_HOME."
            ) from None
        yield


def prepare(settings: Settings, deals: int, seed: int, step: Progress) -> None:
    """Write a sample CRM up to today, load it and compute its numbers, in a folder made anew."""
    fill(settings, deals, seed, step)
    today = clock.today(settings.zone)
    refresh.refresh(tables.current(settings.home), settings.home, today, progress=step)


def fill(settings: Settings, deals: int, seed: int, step: Progress) -> None:
    """Write a sample CRM up to today and load it, in a folder made anew."""
    shutil.rmtree(settings.home, ignore_errors=True)
    crm = settings.home / "crm"
    today = clock.today(settings.zone)
    sample.write(crm, as_of=today, deals=deals, seed=seed, progress=step)
    load.load(sorted(crm.glob("*.csv")), settings.home, loaded_on=today, progress=step)


async def started(
    slack: Playground, running: Sequence[Process], home: Path, names: Sequence[str] = SERVICES
) -> None:
    """Wait until `serve` has connected.

    Raises:
        DemoFailed: a service ended, or nothing came in time; with the last line of its log.
    """
    for _ in range(int(START_SECONDS)):
        if await slack.connected(seconds=1):
            return
        ended = [name for name, process in zip(names, running, strict=True) if process.returncode is not None]
        if ended:
            break
    log = home / f"{(ended or names)[0]}.log"
    said = log.read_text(errors="replace").strip().splitlines() or ["nothing"]
    raise DemoFailed(f"`{log.stem}` did not start. Its log {str(log)!r} ends: {said[-1][:300]}")


@asynccontextmanager
async def services(
    settings: Settings, slack: Playground, names: Sequence[str] = SERVICES
) -> AsyncIterator[list[Process]]:
    """`dealcoach serve` and `dealcoach work` as processes of this group, their logs in the demo folder."""
    running: list[Process] = []
    try:
        for name in names:
            with (settings.home / f"{name}.log").open("wb") as log:
                command = (sys.executable, "-m", "bot.cli", name)
                surroundings = environment(settings) | slack.environment
                running.append(await asyncio.create_subprocess_exec(*command, env=surroundings, stderr=log))
        yield running
    finally:
        for process in running:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
        await asyncio.gather(*(process.wait() for process in running))


def environment(settings: Settings) -> dict[str, str]:
    """What a process of the demo is told."""
    return AT_ONCE | os.environ | {"DEALCOACH_HOME": str(settings.home)}  # noqa: TID251


async def numbers(settings: Settings) -> None:
    """Compute the numbers of the loaded CRM, in a process of its own that shows how far it is.

    Raises:
        DemoFailed: they could not be computed; the process has said why.
    """
    command = (sys.executable, "-m", "bot.cli", "refresh")
    running = await asyncio.create_subprocess_exec(
        *command, env=environment(settings), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        if await running.wait():
            raise DemoFailed("The numbers could not be computed. The line above says why.")
    finally:
        if running.returncode is None:
            running.terminate()
            await running.wait()
