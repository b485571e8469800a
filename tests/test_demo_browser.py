"""The demo end to end: `dealcoach demo` as a process, and every role typing and clicking on its page."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Browser, Locator

from tests.browser import Demo, Visitor, chromium, demo, in_a_browser, visitor

LONG = 90.0  # seconds for a past day, which is counted first
ARRIVES = 120_000  # ms for the rules to run on a machine with much else to do


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def window() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Demo]:
    """One demo for all of these, with a small sample."""
    async with demo(tmp_path_factory.mktemp("demo")) as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(window: Browser, running: Demo) -> AsyncIterator[Visitor]:
    """One visitor, who becomes one person after the other."""
    async with visitor(window, running.url) as known:
        yield known


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def announced(window: Browser, running: Demo) -> AsyncIterator[asyncio.Task[str]]:
    """What the first notice about a CRO's week says, to a CRO who looks at Home all the time."""
    async with visitor(window, running.url) as known:
        await known.become("CRO")
        await known.go("Home")
        notice = known.page.locator(".toast", has_text="Your week").first
        yield asyncio.create_task(notice.inner_text(timeout=ARRIVES))


@pytest_asyncio.fixture(loop_scope="module")
async def v(page: Visitor, announced: asyncio.Task[str]) -> AsyncIterator[Visitor]:
    """The visitor with no modal open; nothing may go wrong on the page meanwhile."""
    yield page
    while await page.modal.count():
        await page.leave()
    faults, page.faults[:] = [*page.faults], []
    assert faults == []


@pytest_asyncio.fixture(loop_scope="module")
async def cro(v: Visitor) -> Visitor:
    """The visitor as a CRO who talks with the coach."""
    await as_role(v, "CRO")
    return v


async def as_role(v: Visitor, role: str, place: str = "Coach") -> None:
    """Become somebody and go there."""
    await v.become(role)
    await v.go(place)


async def own_deal(v: Visitor) -> str:
    """The biggest open deal of whom one is, as it stands on their Home."""
    await v.go("Home")
    return await v.page.locator(".home tbody th").first.inner_text()


async def the_alert(v: Visitor, running: Demo, turn: int = 0) -> Locator:
    """An alert in the messages of whom it came to, whom one becomes."""
    await running.says("is told: P1")
    told = [line for line in running.said if "is told: P1" in line]
    await v.become_person(told[turn % len(told)].split(" is told")[0])
    await v.go("Coach")
    stands = v.page.locator("article.unasked", has=v.page.get_by_role("button", name="I've got it")).first
    return v.page.locator(f'article[id="{await stands.get_attribute("id")}"]')


async def words(message: Locator) -> str:
    """All words of a message, in sight or not."""
    return await message.text_content() or ""


async def serious(v: Visitor) -> list[str]:
    """What an accessibility checker finds that bars somebody from using the page."""
    found = (await Axe().run(v.page)).response["violations"]
    return [fault["id"] for fault in found if fault["impact"] in ("serious", "critical")]


# ---------------------------------------------------------------- a CRO


@in_a_browser
async def test_the_verdict_stands_before_the_table_and_the_chart(cro):
    told = await words(await cro.ask("/winrate region"))
    parts = ("Win rate by region - all time", "within chance", "95 % range", "APAC", "By quarter", "verified")
    assert sorted(parts, key=told.index) == [*parts]


@in_a_browser
async def test_a_breakdown_has_a_table_and_a_chart(cro):
    answer = await cro.ask("/winrate region")
    assert await answer.locator(".b-data tbody tr").count() == 4
    await answer.locator(".b-plot svg").wait_for()


@in_a_browser
async def test_buttons_keep_period_and_scope(cro):
    answer = await cro.ask("/winrate industry where region=Europe 2025")
    further = await cro.press("By lead source", answer)
    scope = await words(answer.locator(".b-context").last)
    assert (await words(further.locator("h3"))).endswith("2025")
    assert (await words(further.locator(".b-context").last)).split(" · ")[0] == scope.split(" · ")[0]


@in_a_browser
async def test_an_answer_can_be_taken_by_quarter_and_asked_why(cro):
    answer = await cro.ask("/winrate region")
    assert "Win rate by quarter" in await words(await cro.press("By quarter", answer))
    assert "Why did the win rate change?" in await words(await cro.press("Why did it change?", answer))


@in_a_browser
async def test_the_sums_open_over_the_answer(cro):
    sums = await cro.open("Show the sums", await cro.ask("/winrate region"))
    await sums.get_by_text("won / (won + lost), by count").wait_for()


@in_a_browser
async def test_thumbs_stay_pressed_and_columns_sort(cro):
    answer = await cro.ask("/winrate region")
    await answer.get_by_role("button", name="Useful", exact=True).click()
    await answer.locator("[aria-pressed=true]", has_text="Useful").wait_for()
    await answer.get_by_role("button", name="Deals", exact=True).click()
    counts = await answer.locator(".b-data tbody td:nth-child(4)").all_text_contents()
    assert [int(one) for one in counts] == sorted(map(int, counts), reverse=True)


@in_a_browser
async def test_reps_are_folded_away_and_the_period_before_stands_beside(cro):
    answer = await cro.ask("/winrate industry last quarter by rep")
    await answer.locator("summary", has_text="Reps, with luck taken out").click()
    await answer.locator("details[open] table").wait_for()
    heads = await words(answer.locator("thead").first)
    assert heads.count("%") == 3  # the rate, the one before, the range


@in_a_browser
async def test_the_answer_to_a_button_far_up_comes_into_sight(cro):
    early = await cro.ask("/winrate region")
    await cro.ask("/winrate industry")
    further = await cro.press("By quarter", early)
    assert await further.evaluate("one => one.getBoundingClientRect().top") > 0
    assert await further.evaluate("one => one.getBoundingClientRect().top < innerHeight / 2")


@in_a_browser
async def test_a_question_in_own_words_is_followed_up_and_challenged(cro):
    answer = await cro.ask("why did win rate drop?")
    assert "dropped" in await words(answer)
    await answer.locator(".b-plot svg").wait_for()
    await cro.ask("by rep?")
    await cro.sees("article h3", "by rep")
    await cro.press("Challenge this", answer)
    await cro.sees("article", "The same question, asked other ways")


@in_a_browser
async def test_a_table_is_saved_for_a_spreadsheet(cro, running):
    saved = await cro.press("Save as CSV", await cro.ask("/winrate region"))
    link = saved.locator("a.file")
    content = await (
        await cro.page.request.get(running.url + (await link.get_attribute("href") or "")[1:])
    ).body()
    assert content.startswith(b"\xef\xbb\xbf")
    assert "APAC" in content.decode("utf-8-sig")


@in_a_browser
async def test_what_is_shared_is_counted_anew_for_those_who_read_it(cro):
    asked = await cro.open("Share...", await cro.ask("/winrate region"))
    await asked.get_by_role("combobox").fill("forecast")
    await cro.page.keyboard.press("Enter")
    await cro.sees("dialog", "These may see only a part of it")
    await asked.get_by_role("button", name="Share", exact=True).click()
    await cro.sees("dialog", "Shared in #forecast-review")
    await cro.leave()
    await cro.go("forecast-review")
    await cro.sees("article", "only the deals that everybody here may see")


@in_a_browser
async def test_a_channel_with_somebody_who_may_see_nothing_is_refused(cro):
    asked = await cro.open("Share...", await cro.ask("/winrate region"))
    await asked.get_by_role("combobox").fill("sales")
    await cro.page.keyboard.press("Enter")
    await cro.sees("dialog", "There is no deal that everybody there may see")


@in_a_browser
@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("what is the weather in Paris?", "I only know this team's deals"),
        ("rep", "?"),
        ("win rates in Berlin", "'Berlin'"),
    ],
)
async def test_what_is_off_topic_or_ambiguous_gets_buttons_with_what_can_be_asked(cro, line, told):
    answer = await cro.ask(line)
    assert told in await words(answer)
    assert await answer.get_by_role("button").count() in (2, 3, 4)


# ---------------------------------------------------------------- a rep


@in_a_browser
async def test_an_action_on_a_deal_is_logged_and_the_deal_put_aside(v):
    await v.become("Rep")
    deal = await own_deal(v)
    await v.go("Coach")
    card = await v.ask(f"/deal {deal}")
    asked = await v.open("Log action", card)
    await asked.locator("select").first.select_option(index=1)
    await asked.get_by_label("Note").fill("Spoke to the sponsor.")
    await asked.get_by_role("button", name="Log it").click()
    await v.sees("dialog", f"Logged for {deal}")
    await v.leave()
    await v.press("What changed", card)
    await v.sees("article h3", f"{deal} - what changed its odds", LONG)
    assert deal in await words(await v.press("Snooze a week", card))


@in_a_browser
async def test_somebody_elses_deal_is_refused_and_an_unknown_one_offers_the_nearest(v):
    await as_role(v, "CRO", "Home")
    theirs = await v.page.locator(".home tbody tr").evaluate_all(
        "all => all.map((row) => row.innerText.split('\\t'))"
    )
    await v.become("Rep")
    me = await v.page.locator(".acting-name b").inner_text()
    other = next(row[0] for row in theirs if row[2] != me)
    await v.go("Coach")
    assert f"Only its owner and their manager can see {other}." in await words(await v.ask(f"/deal {other}"))
    own = await own_deal(v)
    await v.go("Coach")
    assert own in await words(await v.ask(f"/deal {own[:-1]}"))


@in_a_browser
async def test_an_alert_is_taken_and_handled_in_one_message(v, running):
    alert = await the_alert(v, running)
    await alert.get_by_role("button", name="I've got it").click()
    await alert.locator("h3", has_text="has got it").wait_for()
    asked = await v.open("Log action", alert)
    await asked.get_by_label("Or in your own words").fill("exec call booked")
    await v.send("Log it")
    await alert.locator("h3", has_text="Handled by").wait_for()
    assert "exec call booked" in await words(alert.locator("h3"))


@in_a_browser
async def test_an_alert_that_was_not_useful_says_so(v, running):
    alert = await the_alert(v, running, turn=-1)
    asked = await v.open("Not useful", alert)
    await asked.locator("select").first.select_option(index=1)
    await v.send("Send")
    await alert.locator("h3", has_not_text="P1 -").wait_for()


# ---------------------------------------------------------------- what comes unasked, Home, setup, the tour


@in_a_browser
async def test_a_week_is_announced_wherever_one_looks_and_read_by_cro_and_manager(v, announced):
    assert "Your week since" in await announced
    await as_role(v, "CRO")
    week = v.page.locator("article.unasked", has_text="Your week since")
    told = await words(week)
    assert all(
        part in told for part in ("Won this week", "Forecast of the quarter", "To touch:", "The coach since")
    )
    await as_role(v, "Manager")
    await v.sees("article.unasked", "Your team's week since")


@in_a_browser
@pytest.mark.parametrize(
    ("role", "told"),
    [
        ("Rep", "You against the team"),
        ("Manager", "Do these"),
        ("CRO", "Forecast of the quarter"),
        ("Ops", "checks"),
    ],
)
async def test_home_is_there_for_each_role(v, role, told):
    await as_role(v, role, "Home")
    await v.sees(".home", told)
    await v.sees(".home summary", "Who sees what")


@in_a_browser
async def test_when_one_hears_from_the_coach_is_set_on_home(v):
    await as_role(v, "Manager", "Home")
    await v.page.locator(".home summary", has_text="When and how you hear from me").click()
    asked = await v.open("Change", v.page.locator(".home"))
    await asked.get_by_label("Time zone").fill("Europe/Berlin")
    await v.send("Save")
    await v.sees(".home details", "(Europe/Berlin)")


@in_a_browser
@pytest.mark.parametrize(
    ("about", "told"), [("", "left to do"), ("sources", "deals.csv"), ("roles", "Who holds which role")]
)
async def test_ops_sees_how_everything_is_set_up(v, about, told):
    await as_role(v, "Ops")
    assert told in await words(await v.ask(f"/coach setup {about}"))


@in_a_browser
async def test_the_tour_is_five_clicks(window, running):
    async with visitor(window, running.url) as new:
        for step in range(1, 6):
            await new.page.locator(".tour-next").click()
            await new.sees(".tour-count", f"{step} of 5")
        assert new.faults == []


# ---------------------------------------------------------------- accessibility


@in_a_browser
@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)], ids=str)
async def test_nobody_is_barred_from_any_part_of_the_page(window, running, theme, width):
    async with visitor(window, running.url, width, color_scheme=theme) as new:
        faults = {}
        await new.page.goto(f"{running.url}#/{new.page.url.split('/')[-2]}/coach")
        answer = await new.ask("/winrate region")
        faults["conversation"] = await serious(new)
        await new.open("Share...", answer)
        faults["modal"] = await serious(new)
        await new.leave()
        await new.page.keyboard.press("Control+i")
        await new.page.locator(".record").first.click()
        faults["inspector"] = await serious(new)
        await new.page.keyboard.press("Control+i")
        await new.page.goto(f"{new.page.url.rsplit('/', 1)[0]}/home")
        await new.page.locator(".home table").wait_for()
        faults["home"] = await serious(new)
        assert faults == {part: [] for part in faults}
        assert await new.page.evaluate("document.documentElement.scrollWidth") == width
        assert new.faults == []
