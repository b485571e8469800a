"""A browser for tests of the page: Chromium, the demo as a process of its own, and a visitor's hands."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which
from time import monotonic
from typing import Any

import pytest
from playwright.async_api import Browser, Locator, Page, async_playwright

CHROMIUM = which("chromium") or which("google-chrome") or ""
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
START = 150.0  # seconds for the demo to open its page, on a machine with much else to do
PATIENCE = 30.0  # seconds for an answer
CLICK = 15.0  # seconds for something on the page to be there
ANSWERS = "article.by-bot:not(.unasked, :has(.b-figure))"
LOOK = 0.05  # seconds between two looks


def in_a_browser(test: Callable[..., Any]) -> Callable[..., Any]:
    """Runs in the loop of the module's one browser; skipped on a machine without a Chromium."""
    skipped = pytest.mark.skipif(not CHROMIUM, reason="needs a Chromium on the path")
    marked: Callable[..., Any] = skipped(pytest.mark.asyncio(loop_scope="module")(test))
    return marked


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window."""
    async with async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        await browser.close()


@dataclass(slots=True)
class Demo:
    """`dealcoach demo --no-browser` while it runs: where its page is, and what it has said so far."""

    process: Process
    url: str = ""
    said: list[str] = field(default_factory=list)

    async def says(self, words: str, seconds: float = START) -> str:
        """The first line with these words, once it is said."""

        def line() -> str:
            return next((one for one in self.said if words in one), "")

        await until(lambda: bool(line()) or self.process.returncode is not None, seconds)
        assert line(), f"the demo did not say {words!r}: {self.said[-5:]}"
        return line()

    async def listen(self) -> None:
        """Take in what it says, until it ends."""
        assert self.process.stdout
        async for line in self.process.stdout:
            self.said.append(line.decode().strip())


@asynccontextmanager
async def demo(home: Path, deals: int = 1500) -> AsyncIterator[Demo]:
    """The demo as a process of its own, ended by SIGTERM when the block ends."""
    surroundings = os.environ | {"DEALCOACH_HOME": str(home), "COLUMNS": "200"}  # noqa: TID251
    command = (sys.executable, "-m", "bot.cli", "demo", "--no-browser", "--deals", str(deals))
    process = await asyncio.create_subprocess_exec(*command, env=surroundings, stdout=PIPE)
    running = Demo(process)
    listening = asyncio.create_task(running.listen())
    try:
        running.url = (await running.says("Open http")).removeprefix("Open ")
        yield running
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        await process.wait()
        await listening


@dataclass(slots=True)
class Visitor:
    """Somebody in front of the page, who types and clicks."""

    page: Page
    faults: list[str] = field(default_factory=list)

    async def become(self, role: str) -> None:
        """Press the button of a role."""
        await self.page.locator(".acting .roles").get_by_role("button", name=role, exact=True).click()
        await self.sees(".acting-name small", role)

    async def become_person(self, name: str) -> None:
        """Look somebody up in the list of everybody."""
        await self.page.keyboard.press("Control+k")
        await self.page.locator(".everybody input").fill(name)
        await self.page.keyboard.press("Enter")
        await self.sees(".acting-name b", name)

    async def go(self, place: str) -> None:
        """Click a place at the left."""
        await self.page.locator(".place", has_text=place).first.click()
        await self.sees("#place-title", place)

    async def sees(self, where: str, words: str, seconds: float = CLICK) -> None:
        """Wait until these words stand there."""
        await self.page.locator(where, has_text=words).first.wait_for(timeout=seconds * 1000)

    async def ask(self, line: str) -> Locator:
        """Type a line and send it; the first message of its answer, once nothing is being written."""
        return await self.answered(self._type(line))

    async def press(self, label: str, within: Locator) -> Locator:
        """Use a button of a message; the message that comes of it."""
        return await self.answered(within.get_by_role("button", name=label, exact=True).click())

    async def open(self, label: str, within: Locator) -> Locator:
        """Use a button; the modal that comes of it."""
        await within.get_by_role("button", name=label, exact=True).first.click()
        await self.modal.wait_for()
        return self.modal

    async def send(self, label: str) -> None:
        """Send the modal off, and wait until it is closed."""
        await self.modal.get_by_role("button", name=label, exact=True).click()
        await self.modal.wait_for(state="detached")

    async def leave(self) -> None:
        """Close whatever modal lies on top."""
        await self.page.keyboard.press("Escape")
        await self.modal.wait_for(state="detached")

    @property
    def modal(self) -> Locator:
        """The modal on top."""
        return self.page.locator("dialog[open]")

    async def answered(self, deed: Any) -> Locator:
        """The first message of the coach that comes of a deed."""
        before = await self._newest()
        await deed
        found: list[float] = []

        async def told() -> bool:
            found[:] = [ts for ts in await self._written() if ts > before]
            busy = await self.page.locator(".working, .streaming").count()
            return bool(found) and not busy

        await until(told, PATIENCE)
        assert found, f"nothing came in {PATIENCE:.0f} s"
        return self.page.locator(f'article[data-ts="{min(found):.6f}"]')

    async def _type(self, line: str) -> None:
        await self.page.locator("#say").fill(line)
        await self.page.keyboard.press("Enter")

    async def _newest(self) -> float:
        return max(await self._written(), default=0.0)

    async def _written(self) -> list[float]:
        """The time stamps of the coach's answers on the page; alerts and late pictures are none."""
        all_ts = "all => all.map((one) => Number(one.dataset.ts))"
        found: list[float] = await self.page.locator(ANSWERS).evaluate_all(all_ts)
        return found


@asynccontextmanager
async def visitor(
    browser: Browser, url: str, width: int = 1280, height: int = 900, **look: Any
) -> AsyncIterator[Visitor]:
    """A visitor of a page that is there; errors on the page and in its console are kept.

    Args:
        look: of the context, as `color_scheme="dark"`.
    """
    still = {"reduced_motion": "reduce"} | look  # nothing is looked at while it fades in
    context = await browser.new_context(viewport={"width": width, "height": height}, **still)
    context.set_default_timeout(CLICK * 1000)
    page = await context.new_page()
    known = Visitor(page)
    page.on("pageerror", lambda fault: known.faults.append(str(fault)))
    page.on("console", lambda line: known.faults.append(line.text) if line.type == "error" else None)
    await page.goto(url)
    await page.locator("#place-title").wait_for()
    yield known
    await context.close()


async def until(happened: Callable[[], Any], seconds: float) -> bool:
    """Look again and again whether something has happened, at most so long."""
    end = monotonic() + seconds
    while monotonic() < end:
        seen = happened()
        if await seen if asyncio.iscoroutine(seen) else seen:
            return True
        await asyncio.sleep(LOOK)
    return False
