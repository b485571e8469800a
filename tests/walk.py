"""A walk through the demo with all its pictures: `python -m tests.walk --pictures FOLDER`.

With `--readme` also the few of them that the README shows, small, in tests/pictures.
"""

import argparse
import asyncio
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image
from playwright.async_api import Browser, Locator
from rich.console import Console

from tests.browser import Demo, Visitor, chromium, demo, visitor

WIDTH = 900  # px of a picture in the README
COLOURS = 32
README = Path(__file__).parent / "pictures"
KEPT = (
    "breakdown",
    "deal",
    "why",
    "alert",
    "alert-taken",
    "alert-handled",
    "digest",
    "home",
    "phone",
    "dark",
)
TALL = 2600  # px of a window in which all of an answer is drawn
ACK = "I've got it"


class Album:
    """Pictures as files of a folder, each under its name."""

    def __init__(self, folder: Path, readme: bool) -> None:
        self.folder, self.readme = folder, readme
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, name: str, png: bytes) -> None:
        """Write a picture down; the README's also, small."""
        (self.folder / f"{name}.png").write_bytes(png)
        if self.readme and name in KEPT:
            (README / f"page-{name}.png").write_bytes(small(png))

    async def page(self, name: str, v: Visitor) -> None:
        """All of the window."""
        await settled(v)
        self.keep(name, await v.page.screenshot())

    async def one(self, name: str, v: Visitor, what: Locator) -> None:
        """One thing on the page, whole."""
        size = v.page.viewport_size
        assert size
        await v.page.set_viewport_size({"width": size["width"], "height": TALL})
        await settled(v)
        self.keep(name, await what.screenshot())
        await v.page.set_viewport_size(size)


def small(png: bytes) -> bytes:
    """The same picture with few colours, no wider than the README."""
    picture = Image.open(BytesIO(png)).convert("RGB")
    if picture.width > WIDTH:
        picture = picture.resize((WIDTH, picture.height * WIDTH // picture.width), Image.Resampling.LANCZOS)
    made = BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(made, "png", optimize=True)
    return made.getvalue()


async def settled(v: Visitor) -> None:
    """Let charts be drawn, pictures come and notices go."""
    await v.page.wait_for_timeout(900)
    notices = v.page.locator(".toast").get_by_role("button", name="Dismiss")
    while await notices.count() and not await v.modal.count():
        await notices.first.click()
    await v.page.mouse.move(2, 2)


async def walk(running: Demo, browser: Browser, album: Album) -> None:
    """Every flow of the demo, as each role."""
    for part in (alert, cro, rep, homes, ops, tour, phone, dark):
        async with visitor(browser, running.url, **LOOKS.get(part, {})) as v:
            await part(v, album, running)


async def alert(v: Visitor, album: Album, running: Demo) -> None:
    """An alert from its coming to its end."""
    who = (await running.says("is told: P1")).split(" is told")[0]
    await v.become_person(who)
    await v.go("Home")
    await v.go("Coach")
    found = v.page.locator("article.unasked", has=v.page.get_by_role("button", name=ACK)).first
    one = v.page.locator(f'article[id="{await found.get_attribute("id")}"]')
    await album.one("alert", v, one)
    await one.get_by_role("button", name=ACK).click()
    await one.locator("h3", has_text="has got it").wait_for()
    await album.one("alert-taken", v, one)
    asked = await v.open("Log action", one)
    await asked.get_by_label("Or in your own words").fill("exec call booked")
    await album.page("alert-log", v)
    await v.send("Log it")
    await one.locator("h3", has_text="Handled by").wait_for()
    await album.one("alert-handled", v, one)


async def cro(v: Visitor, album: Album, running: Demo) -> None:
    """What a CRO asks, and what one is told on Mondays."""
    await v.become("CRO")
    await v.go("Coach")
    await running.says("Your team's week")
    week = v.page.locator("article.unasked", has_text="Your week since")
    await album.one("digest", v, week)
    answer = await v.ask("/winrate lead source")
    await album.page("breakdown", v)
    await album.one("breakdown-whole", v, answer)
    await v.open("Show the sums", answer)
    await album.page("sums", v)
    await v.leave()
    await v.press("Save as CSV", answer)
    await album.page("csv", v)
    asked = await v.open("Share...", answer)
    for room in ("sales", "forecast"):
        await asked.get_by_role("combobox").fill(room)
        await v.page.keyboard.press("Enter")
        await v.page.wait_for_timeout(1500)
        await album.page(f"share-{room}", v)
    await v.leave()
    await album.one("breakdown-by-rep", v, await v.ask("/winrate industry last quarter by rep"))
    answer = await v.ask("why did win rate drop?")
    await album.one("why", v, answer)
    await v.page.locator("article .b-figure").last.wait_for()
    await album.one("why-picture", v, v.page.locator("article", has=v.page.locator(".b-figure")).last)
    await v.ask("by rep?")
    await album.page("why-by-rep", v)
    await v.press("Challenge this", answer)
    await album.page("why-challenged", v)
    await v.ask("what is the weather?")
    await album.page("off-topic", v)


async def rep(v: Visitor, album: Album, running: Demo) -> None:
    """A rep's deal."""
    await v.become("Rep")
    await v.go("Home")
    deal = await v.page.locator(".home tbody th").first.inner_text()
    await v.go("Coach")
    card = await v.ask(f"/deal {deal}")
    await album.one("deal", v, card)
    await v.press("What changed", card)
    await v.sees("article h3", "what changed its odds")
    await album.page("deal-changed", v)
    await v.ask(f"/deal {deal[:-1]}")
    await album.page("deal-unknown", v)


async def homes(v: Visitor, album: Album, running: Demo) -> None:
    """The Home tab of each role, and the settings there."""
    for role in ("Rep", "Manager", "CRO", "Ops"):
        await v.become(role)
        await v.go("Home")
        await v.sees(".home summary", "Who sees what")
        await album.page("home" if role == "Manager" else f"home-{role.lower()}", v)
    await v.page.locator(".home summary", has_text="When and how you hear from me").click()
    await v.open("Change", v.page.locator(".home"))
    await album.page("settings", v)
    await v.leave()


async def ops(v: Visitor, album: Album, running: Demo) -> None:
    """How everything is set up."""
    await v.become("Ops")
    await v.go("Coach")
    for about in ("", "sources", "mapping", "thresholds", "roles"):
        await v.ask(f"/coach setup {about}")
        await album.page(f"setup-{about or 'overview'}", v)


async def tour(v: Visitor, album: Album, running: Demo) -> None:
    """The guided tour."""
    for step in range(1, 6):
        await v.page.locator(".tour-next").click()
        await v.sees(".tour-count", f"{step} of 5")
        await album.page(f"tour-{step}", v)


async def phone(v: Visitor, album: Album, running: Demo) -> None:
    """The page at the width of a phone."""
    await v.page.get_by_role("button", name="Leave the tour").click()
    await v.page.locator(".tab", has_text="Coach").click()
    await v.ask("/winrate lead source")
    await album.page("phone", v)
    await v.page.locator(".tab", has_text="Home").click()
    await album.page("phone-home", v)


async def dark(v: Visitor, album: Album, running: Demo) -> None:
    """The page in the dark, with the inspector."""
    await v.go("Coach")
    await v.ask("why did win rate drop?")
    await album.page("dark", v)
    await v.page.keyboard.press("Control+i")
    await v.page.locator(".record").first.click()
    await album.page("dark-inspector", v)


Part = Callable[[Visitor, Album, Demo], Any]
LOOKS: dict[Part, dict[str, Any]] = {
    phone: {"width": 390, "height": 844},
    dark: {"color_scheme": "dark"},
}


async def go(folder: Path, readme: bool, deals: int) -> None:
    """Start, walk, end."""
    with TemporaryDirectory() as home:
        async with demo(Path(home), deals) as running, chromium() as browser:
            await walk(running, browser, Album(folder, readme))


def main() -> None:
    """Walk and tell where the pictures are."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    asked.add_argument("--pictures", type=Path, required=True, metavar="FOLDER")
    asked.add_argument("--readme", action="store_true", help="also those of the README, small")
    asked.add_argument("--deals", type=int, default=5000)
    given = asked.parse_args()
    asyncio.run(go(given.pictures, given.readme, given.deals))
    Console().print(f"{len([*given.pictures.glob('*.png')])} pictures in {given.pictures}", highlight=False)


if __name__ == "__main__":
    main()
