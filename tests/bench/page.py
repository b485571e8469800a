"""How quickly the page opens and how smoothly 1,000 messages scroll: `python -m tests.bench.page`.

A playground of our own with real answers in it, and a real Chromium on this machine: times are wall clock, so
the load of the machine is printed beside them. One message in four is a question, one an answer with table
and chart, the others are short.
"""

import argparse
import asyncio
import json
import os
from collections.abc import Sequence
from statistics import median
from typing import Any

from playwright.async_api import Browser, Page
from rich.console import Console
from rich.table import Table

from bot.playground import Person, Playground
from bot.playground.front import PAGE
from bot.playground.records import BOT_USER
from tests.browser import chromium

MESSAGES = 1000
LOADS = 9
NOTCH = 240  # px of a turn of the wheel
TURNS = 3000  # at most, each way
DANA = Person("U_DANA", "dana", real_name="Dana Marbury", title="cro")

FIRST_SEEN = """() => new Promise((done) => {
  const look = () => (document.querySelector(".message-body .b-block") ? done(performance.now()) : requestAnimationFrame(look));
  look();
})"""  # noqa: E501
RECORD = """() => {
  window.frames_ = [];
  window.recording_ = true;
  let last = performance.now();
  const tick = (now) => {
    window.frames_.push(now - last);
    last = now;
    if (window.recording_) requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}"""
TAKE = "() => ((window.recording_ = false), window.frames_.slice(1))"
PLACE = '() => { const box = document.querySelector(".messages"); return [box.scrollTop, box.scrollHeight]; }'


def posted(slack: Playground, messages: int) -> None:
    """Put so many messages into somebody's conversation with the coach."""
    parts = {
        part["title"]: part["blocks"]
        for part in json.loads((PAGE / "blocks/gallery.json").read_text())["parts"]
    }
    answer, card = parts["answer: win rate by region"], parts["card of a deal"]
    room = slack.direct("dana").id
    for number in range(messages):
        if number % 4 == 0:
            slack.workspace.post(room, DANA.id, f"Question {number}: why did win rate drop?")
        else:
            blocks = [answer, card[:3], card[:2]][number % 4 - 1]
            slack.workspace.post(room, BOT_USER, f"Answer {number}", blocks=blocks)


async def load(browser: Browser, url: str) -> float:
    """From navigation to the first message on the screen, ms, in a browser that has nothing of it cached."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    page = await context.new_page()
    await page.goto(url, wait_until="commit")
    seen: float = await page.evaluate(FIRST_SEEN)
    await context.close()
    return seen


async def scroll(page: Page, notch: int) -> list[float]:
    """Turn the wheel until the end of the conversation; the frame times on the way, ms."""
    await page.mouse.move(700, 400)
    await page.evaluate(RECORD)
    still, before = 0, [-1.0, -1.0]
    for _ in range(TURNS):
        await page.mouse.wheel(0, notch)
        place = await page.evaluate(PLACE)
        still = still + 1 if place == before else 0
        before = place
        if still > 10:
            break
    frames: list[float] = await page.evaluate(TAKE)
    return frames


def spread(frames: Sequence[float]) -> dict[str, float]:
    """Percentiles of frame times, and the share of frames longer than two of 60 a second."""
    row = sorted(frames)
    at = {name: row[min(int(len(row) * share), len(row) - 1)] for name, share in SHARES.items()}
    return at | {"max": row[-1], "over 33 ms": sum(one > 33.4 for one in row) / len(row)}


SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


async def measured(messages: int) -> dict[str, Any]:
    """All figures."""
    async with Playground([DANA], ()) as slack, chromium() as browser:
        slack.workspace.post(slack.direct("dana").id, BOT_USER, "Hello")
        posted(slack, 8)
        loads = sorted([await load(browser, slack.url) for _ in range(LOADS)])
        posted(slack, messages)
        full = sorted([await load(browser, slack.url) for _ in range(LOADS)])
        page = await (await browser.new_context(viewport={"width": 1280, "height": 900})).new_page()
        await page.goto(slack.url)
        await page.locator(".message").nth(15).wait_for(state="attached")
        await page.wait_for_timeout(1000)
        up, down = await scroll(page, -NOTCH), await scroll(page, NOTCH)
        shown = await page.locator(".message").count()
    return {"load": loads, "load full": full, "up": spread(up), "down": spread(down), "shown": shown}


def show(found: dict[str, Any], out: Console) -> None:
    """The figures as a table."""
    table = Table("", *SHARES, "max", "over 33 ms", title="Frame times while the wheel is turned, ms")
    for way in ("up", "down"):
        row = found[way]
        table.add_row(way, *(f"{row[name]:.0f}" for name in (*SHARES, "max")), f"{row['over 33 ms']:.1%}")
    for name, told in (("load", "a few messages"), ("load full", "all of them")):
        times = found[name]
        out.print(
            f"First message seen with {told}: median {median(times):.0f} ms, {times[0]:.0f}-{times[-1]:.0f}"
        )
    out.print(table)
    out.print(f"On the page at the end: {found['shown']} messages. Load of the machine: {os.getloadavg()}")


def main() -> None:
    """Measure and tell."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--messages", type=int, default=MESSAGES)
    show(asyncio.run(measured(asked.parse_args().messages)), Console(width=110))


if __name__ == "__main__":
    main()
