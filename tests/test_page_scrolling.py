"""A long conversation on the page, in a browser: only a part of it is there, wherever one is in it."""

from collections.abc import AsyncIterator

import pytest_asyncio
from playwright.async_api import Browser

from bot.playground import Person, Playground
from bot.playground.records import BOT_USER
from tests.browser import Visitor, chromium, in_a_browser, until, visitor

ALL = 200
MOST = 90  # a little more than the page keeps: what just came stays for a moment
DANA = Person("U_DANA", "dana", real_name="Dana Marbury", title="cro")


@pytest_asyncio.fixture(loop_scope="module")
async def slack() -> AsyncIterator[Playground]:
    async with Playground([DANA], ("general",)) as slack:
        for number in range(ALL):
            slack.workspace.post(
                slack.direct("dana").id, BOT_USER, f"Message {number} of many.", metadata=KEY
            )
        yield slack


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as window:
        yield window


@pytest_asyncio.fixture(loop_scope="module")
async def reader(browser: Browser, slack: Playground) -> AsyncIterator[Visitor]:
    """Somebody who looks at it."""
    async with visitor(browser, slack.url) as known:
        await known.go("Coach")
        await known.sees("article", f"Message {ALL - 1} of many.")
        yield known
        assert known.faults == []


KEY = {"event_type": "alert", "event_payload": {"key": "k"}}


async def turn(reader: Visitor, notch: int, words: str) -> int:
    """Turn the wheel until these words are seen; the most messages that were on the page meanwhile."""
    most = 0

    async def there() -> bool:
        nonlocal most
        await reader.page.mouse.wheel(0, notch)
        most = max(most, await reader.page.locator("article").count())
        return await reader.page.get_by_text(words, exact=True).count() > 0

    await reader.page.mouse.move(700, 400)
    assert await until(there, 60)
    return most


@in_a_browser
async def test_all_messages_are_reached_and_never_more_than_a_part_is_there(reader):
    up = await turn(reader, -900, "Message 0 of many.")
    down = await turn(reader, 900, f"Message {ALL - 1} of many.")
    assert max(up, down) <= MOST


@in_a_browser
async def test_messages_keep_their_order_and_none_is_missing(reader):
    await turn(reader, -900, "Message 50 of many.")
    shown = await reader.page.locator("article .message-body").all_text_contents()
    first = int(shown[0].split()[1])
    assert shown == [f"Message {number} of many." for number in range(first, first + len(shown))]


@in_a_browser
async def test_what_one_writes_is_seen_from_anywhere_in_the_conversation(reader):
    await turn(reader, -900, "Message 0 of many.")
    await reader.page.locator("#say").fill("And now?")
    await reader.page.keyboard.press("Enter")
    own = reader.page.locator("article.mine")
    await own.wait_for()
    assert await own.evaluate("one => one.getBoundingClientRect().top < innerHeight")


@in_a_browser
async def test_a_question_that_is_answered_at_once_is_seen_with_its_answer(reader, slack):
    await turn(reader, -900, "Message 50 of many.")
    room = slack.direct("dana").id
    slack.workspace.post(room, DANA.id, "Why?")
    slack.workspace.post(room, BOT_USER, "Because.")
    await reader.sees("article", "Because.")
    own = reader.page.locator("article", has_text="Why?")
    top = await own.evaluate("one => one.getBoundingClientRect().top")
    assert 0 < top < await reader.page.evaluate("innerHeight")


@in_a_browser
async def test_a_notice_leads_to_its_message_from_anywhere(reader, slack):
    await turn(reader, -900, "Message 0 of many.")
    slack.workspace.post(slack.direct("dana").id, BOT_USER, "P1 - stalled.", metadata=KEY)
    await reader.page.locator(".toast").get_by_role("button", name="Open").click()
    await reader.page.locator("article.pointed", has_text="P1 - stalled.").wait_for()


@in_a_browser
async def test_the_button_below_leads_to_the_newest(reader, slack):
    await turn(reader, -900, "Message 0 of many.")
    slack.workspace.post(slack.direct("dana").id, BOT_USER, "Now.", metadata=KEY)
    await reader.page.locator(".jump").click()
    await reader.sees("article", "Now.")
