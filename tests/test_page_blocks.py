"""The blocks on the playground's page, in a browser: the gallery shows every kind and trusts no text."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, Page

import bot.playground
from bot.blocks import limits
from bot.playground import Playground
from tests.browser import chromium, in_a_browser

FOLDER = Path(bot.playground.__file__).parent / "page"
GALLERY = json.loads((FOLDER / "blocks" / "gallery.json").read_text("utf-8"))
ONLY_FAULTS = {"resultTypes": ["violations"]}  # describing what passes takes longer than looking
Gallery = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[tuple[Browser, str]]:
    """A browser, and the address of a playground whose page it may open."""
    async with Playground([]) as slack, chromium() as browser:
        yield browser, slack.url


@pytest_asyncio.fixture(loop_scope="module")
async def gallery(browser: tuple[Browser, str]) -> AsyncIterator[Gallery]:
    """Opens the gallery, all of it or one part, under the page's own content security policy."""
    window, address = browser
    context = await window.new_context()
    context.set_default_timeout(5000)
    faults: list[str] = []
    context.on("weberror", lambda fault: faults.append(str(fault.error)))

    async def show(part: str = "", theme: str = "light", width: int = 1000) -> Page:
        page = await context.new_page()
        await page.set_viewport_size({"width": width, "height": 800})
        only = f"&part={quote(part)}" if part else ""
        await page.goto(f"{address}page/gallery.html?theme={theme}{only}")
        await page.wait_for_selector(".gallery-part")
        return page

    yield show
    await context.close()
    assert faults == []


def kinds(value: Any) -> Iterator[str]:
    """The type of everything in these blocks."""
    if isinstance(value, dict):
        yield from [value["type"]] if "type" in value else []
        value = list(value.values())
    for inner in value if isinstance(value, list) else []:
        yield from kinds(inner)


@pytest.mark.parametrize("part", GALLERY["parts"], ids=lambda part: part["title"])
def test_the_gallery_shows_only_what_slack_accepts(part: dict[str, Any]) -> None:
    if part["title"] != "unknown":
        assert limits.check(part["blocks"], part["surface"]) == []


def test_the_gallery_shows_every_kind_that_slack_accepts() -> None:
    known = {*limits.BLOCKS, *limits.ELEMENTS, *limits.INPUTS, "feedback_buttons", "icon_button"}
    assert known | set(limits.CHART.rules) <= set(kinds(GALLERY["parts"]))


def test_every_library_on_the_page_stands_in_the_list_of_licences() -> None:
    listed = (FOLDER / "vendor" / "LICENSES.md").read_text("utf-8")
    folders = [folder for folder in (FOLDER / "vendor").iterdir() if folder.is_dir()]
    assert [folder.name for folder in folders if f"`{folder.name}/`" not in listed] == []
    assert [folder.name for folder in folders if not (folder / "LICENSE").is_file()] == []


def test_the_libraries_of_the_page_are_below_a_megabyte() -> None:
    assert sum(file.stat().st_size for file in (FOLDER / "vendor").rglob("*.*s*")) < 1_000_000


@in_a_browser
@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_no_block_has_a_serious_fault_for_a_screen_reader(gallery: Gallery, theme: str) -> None:
    page = await gallery(theme=theme)
    await page.wait_for_selector(".b-pie")
    found = (await Axe().run(page, options=ONLY_FAULTS)).response["violations"]
    assert [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")] == []


@in_a_browser
async def test_hostile_text_stays_text(gallery: Gallery) -> None:
    page = await gallery("hostile text stays text")
    await page.wait_for_selector(".b-markdown .b-lines")
    assert await page.locator(".gallery-part :is(img, script, i, b, a)").count() == 0
    assert "<script>alert(1)</script>" in await page.locator(".gallery-part").inner_text()


@in_a_browser
async def test_an_unknown_block_is_a_plain_note(gallery: Gallery) -> None:
    page = await gallery("unknown")
    assert "does not show blocks of type “hologram”" in await page.locator(".b-note").first.inner_text()


@in_a_browser
async def test_a_column_of_numbers_sorts_by_its_numbers(gallery: Gallery) -> None:
    page = await gallery("data_table")
    await page.get_by_role("button", name="Amount").click()
    amounts = await page.locator("tbody tr td:nth-child(4)").all_inner_texts()
    assert amounts == sorted(amounts, key=lambda text: -int(text.strip("$").replace(",", "")))
    assert await page.locator("th[aria-sort=descending]").inner_text() == "Amount"


@in_a_browser
async def test_a_table_is_filtered_and_its_pages_turned(gallery: Gallery) -> None:
    page = await gallery("data_table")
    await page.get_by_role("button", name="Next page").click()
    assert "9–16 of 34" in await page.locator(".b-pages").inner_text()
    await page.get_by_role("searchbox").fill("yuki")
    assert "1–8 of 9" in await page.locator(".b-pages").inner_text()


@in_a_browser
async def test_arrow_keys_read_the_values_of_a_chart(gallery: Gallery) -> None:
    page = await gallery("answer: win rate by region")
    await page.locator(".b-plot svg").wait_for()
    await page.locator(".b-plot").focus()
    await page.keyboard.press("ArrowRight")
    assert await page.locator(".b-plot [aria-live]").text_content() == "North America, Win rate 29.0"


@in_a_browser
async def test_nothing_is_sent_before_the_reader_has_confirmed(gallery: Gallery) -> None:
    page = await gallery("actions")
    await page.get_by_role("button", name="Danger").click()
    await page.get_by_role("button", name="Leave it").click()
    assert await page.locator(".gallery-said").inner_text() == ""
    await page.get_by_role("button", name="Danger").click()
    await page.get_by_role("button", name="Do it").click()
    assert '"action_id":"b4"' in await page.locator(".gallery-said").inner_text()


@in_a_browser
async def test_a_person_is_found_by_typing_and_chosen_by_keys(gallery: Gallery) -> None:
    page = await gallery("actions")
    await page.get_by_placeholder("A person").fill("pri")
    await page.keyboard.press("Enter")
    assert '"value":"U_PRIYA"' in await page.locator(".gallery-said").inner_text()


@in_a_browser
async def test_thumbs_stay_pressed(gallery: Gallery) -> None:
    page = await gallery("card of a deal")
    await page.get_by_role("button", name="Useful", exact=True).click()
    assert await page.locator("[aria-pressed=true]").inner_text() == "Useful"


@in_a_browser
async def test_no_part_of_the_gallery_is_wider_than_a_phone(gallery: Gallery) -> None:
    page = await gallery(width=360)
    await page.wait_for_selector(".b-pie")
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
