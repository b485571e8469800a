"""The pilot: who reviews and until when, what a held alert teaches, the reminder, and the report."""

import shutil
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import store
from analytics.alerts.reviewing import Course, Review, lesson, report
from analytics.alerts.rules import DEFAULTS
from analytics.answers.mint import Mint
from analytics.generation import PersonRow
from analytics.refresh import refresh
from bot import jobs, language, past, schedule
from bot import settings as config
from bot import work as working
from bot.alerting import clicks, lifecycle, pilot, reviews
from bot.audience import EVERYONE, NotForThisRole, Role, Viewer
from bot.blocks import pilot as blocks
from bot.blocks.limits import check
from bot.coach import Coach
from bot.jobs import Work
from bot.jobs.review import REVIEW
from bot.jobs.source import SOURCE
from bot.memory import Memory
from bot.narrator import reasons, template
from bot.playground import Playground
from data.tables import current
from tests import face
from tests.alerting import MONDAY, Clock, courier, finding
from tests.tables import tables

STALLED = next(rule for rule in DEFAULTS if rule.id == "stalled")
OLGA = PersonRow("ops_1", "Olga", "olga@example.com", "ops", None, None)
CARO = PersonRow("cro_1", "Caro", "caro@example.com", "cro", None, None)
DANA = PersonRow("mgr_1", "Dana", "dana@example.com", "manager", None, None)
PRIYA = PersonRow("rep_1", "Priya", "priya@example.com", "rep", "mgr_1", None)
OPS = Viewer("ops_1", "Olga", Role.OPS, EVERYONE)


def people(*persons):
    return {one.person_id: one for one in persons}


def ids(settings, *persons):
    return [one.person_id for one in pilot.reviewers(settings, people(*persons))]


# ------------------------------------------------------------------ who and until when


def test_those_named_review_else_the_cro_else_ops():
    named = config.load(reviewer_emails="Dana@example.com")

    assert ids(named, OLGA, DANA, CARO) == ["mgr_1"]
    assert ids(config.load(), OLGA, DANA, CARO) == ["cro_1"]
    assert ids(config.load(cro_emails=("dana@example.com",)), OLGA, DANA) == ["mgr_1"]
    assert ids(config.load(), OLGA, DANA) == ["ops_1"]  # who see no deals: only where nobody else can
    assert ids(config.load(), DANA, PRIYA) == []


def test_a_reviewer_outside_the_crm_goes_by_the_email():
    settings = config.load(reviewer_emails=("guest@example.com", "dana@example.com"))
    viewer = Viewer("", "guest@example.com", Role.OPS, EVERYONE)

    assert ids(settings, DANA) == ["guest@example.com", "mgr_1"]
    assert pilot.is_reviewer(viewer, settings, people(DANA))
    assert not pilot.is_reviewer(OPS, settings, people(DANA))


@pytest.fixture
async def memory(tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as opened:
        yield opened


async def at_work(memory, settings, now=MONDAY):
    async with memory.write() as tx:
        return [one.person_id for one in await pilot.at_work(tx, settings, people(OLGA, PRIYA), now)]


async def begun(memory, settings, now=MONDAY):
    async with memory.write() as tx:
        await pilot.begin(tx, settings, now)


async def test_the_pilot_lasts_as_long_as_agreed_from_its_first_day_on(memory):
    settings = config.load(pilot_days=30)
    await begun(memory, settings)
    await begun(memory, settings, MONDAY + timedelta(days=20))  # begun once, not again

    assert await at_work(memory, settings, MONDAY + timedelta(days=29)) == ["ops_1"]
    assert await at_work(memory, settings, MONDAY + timedelta(days=30)) == []


async def test_without_days_there_is_no_pilot(memory):
    settings = config.load(pilot_days=0)
    await begun(memory, settings)

    assert await at_work(memory, settings) == []


async def test_ops_end_it_before_its_time_and_a_manager_does_not(memory):
    settings = config.load(pilot_days=30)
    await begun(memory, settings)
    async with memory.write() as tx:
        assert await pilot.go_live(tx, settings, OPS, MONDAY + timedelta(days=3))
        assert not await pilot.go_live(tx, settings, OPS, MONDAY + timedelta(days=4))
        with pytest.raises(NotForThisRole):
            await pilot.go_live(tx, settings, replace(OPS, role=Role.MANAGER), MONDAY)

    assert await at_work(memory, settings, MONDAY + timedelta(days=3)) == []


# ------------------------------------------------------------------ what it teaches


def reviewed(outcome, amounts, reason="small", **more):
    return [
        Review(finding(f"D{amount}", amount=amount, **more), outcome, reason if outcome == "held" else "")
        for amount in amounts
    ]


MINT = Mint(MONDAY.date(), "g")


def test_the_line_that_would_have_left_out_what_was_held():
    held = reviewed("held", [51_000, 55_300, 58_340])
    passed = reviewed("passed", [57_000, 80_000, 90_000, 120_000])
    found = lesson(STALLED, [*held, *passed], MINT)

    assert (found.metric, found.threshold.value) == ("amount", 59_000)  # beyond 58,340, in two figures
    assert (found.held_out.value, found.passed_out.value) == (3, 1)


def test_nothing_is_learned_from_few_or_where_too_much_would_go():
    few = reviewed("held", [51_000, 52_000])
    mixed = [*reviewed("held", [60_000, 70_000, 80_000]), *reviewed("passed", [55_000, 65_000])]

    assert lesson(STALLED, few, MINT) is None
    assert lesson(STALLED, mixed, MINT) is None  # half of what was let through would go too


def test_one_of_several_causes_leaves_out_only_what_it_alone_put_over_the_line():
    held = reviewed("held", [90_000, 91_000, 92_000])  # 20 days without activity each
    passed = reviewed(
        "passed", [60_000, 61_000, 62_000, 63_000], causes=("days_since_activity", "stage_percentile")
    )
    found = lesson(STALLED, [*held, *passed], MINT)

    assert (found.metric, found.threshold.value, found.passed_out.value) == ("days_since_activity", 20, 0)


@given(
    st.lists(st.integers(50_000, 200_000), max_size=12), st.lists(st.integers(50_000, 200_000), max_size=12)
)
def test_a_lesson_never_leaves_out_more_than_a_quarter_of_what_was_let_through(held, passed):
    found = lesson(STALLED, [*reviewed("held", held), *reviewed("passed", passed)], MINT)

    if found:
        out = [one for one in passed if one < found.threshold.value]
        assert found.metric != "amount" or found.passed_out.value == len(out)
        assert found.passed_out.value <= Decimal(len(passed)) / 4
        assert found.held_out.value >= 3


def advice(passed, held):
    outcomes = [*reviewed("passed", [90_000] * passed), *reviewed("held", [90_000] * held)]
    return report(Course("on"), outcomes, DEFAULTS, MONDAY.date(), "g").advice


def test_going_live_is_advised_where_the_whole_range_is_above_a_half():
    assert advice(passed=16, held=4) == "live"  # 80 %, from 58 %
    assert advice(passed=12, held=8) == "unsure"  # 60 %, from 39 %
    assert advice(passed=4, held=16) == "hold"  # 20 %, to 42 %
    assert advice(passed=19, held=0) == "unsure"  # one short of twenty
    assert advice(0, 0) == "unsure"


def test_the_report_tells_shares_of_what_was_decided_and_reasons():
    decided = [
        *reviewed("held", [60_000] * 3),
        *reviewed("held", [70_000], "known"),
        *reviewed("passed", [80_000]),
    ]
    facts = report(Course("on"), [*decided, *reviewed("waiting", [9])], DEFAULTS, MONDAY.date(), "g")
    [rule] = facts.rules

    assert (facts.passed.value, facts.passed.n, facts.waiting.value) == (Decimal("0.2"), 5, 1)
    assert rule.held.value == Decimal("0.8")
    assert {why: count.value for why, count in rule.reasons.items()} == {"small": 3, "known": 1}


@pytest.mark.parametrize("state", ["off", "not_begun", "nobody", "on", "over", "live"])
def test_every_state_of_the_pilot_has_words_and_blocks(state):
    days = (date(2024, 7, 1), date(2024, 7, 31)) if state not in ("off", "not_begun") else ()
    some = [*reviewed("held", [60_000] * 4), *reviewed("passed", [90_000] * 20), *reviewed("lapsed", [9])]
    for outcomes in ([], some):
        facts = report(Course(state, *days), outcomes, DEFAULTS, MONDAY.date(), "g")
        words = template.pilot(facts)
        assert words.verdict
        assert check(blocks.report(facts, words, may_end=True)) == []


def test_the_words_of_a_finished_pilot():
    outcomes = [*reviewed("held", [60_000] * 4), *reviewed("passed", [90_000] * 16)]
    course = Course("over", date(2024, 7, 1), date(2024, 7, 31))
    words = template.pilot(report(course, outcomes, DEFAULTS, MONDAY.date(), "g"))

    assert words.verdict == "Go live. Reviewers let 80.0 % of 20 alerts through, range 58.4-91.9 %."
    assert "stalled: Amount 61,000 would leave out 4 held, 0 let through." in words.lines
    assert "stalled, mostly held for: Too small to matter (4)." in words.lines


def test_before_anything_was_decided_there_is_no_table_of_unknowns():
    facts = report(Course("on"), reviewed("waiting", [90_000] * 3), DEFAULTS, MONDAY.date(), "g")
    words = template.pilot(facts)

    assert "table" not in str([block["type"] for block in blocks.report(facts, words, may_end=True)])
    assert words.lines[-1] == (
        "Going live is advised once reviewers let through at least 50 %, for sure, after 20 decisions."
    )


def test_a_reason_is_kept_by_its_key_and_said_as_whoever_reads_it_reads():
    kept = reasons.kept("hold", "known", "spoke: on Monday")
    assert (kept, reasons.code(kept)) == ("hold.known: spoke: on Monday", "known")
    assert reasons.said(kept) == "Already in hand: spoke: on Monday"
    with language.using(language.reading("de-DE")):
        assert reasons.said(kept) == "Schon in Arbeit: spoke: on Monday"
    assert (reasons.code("I just don't like it"), reasons.kept("hold", "", "")) == ("other", "")


def test_a_reason_of_old_was_kept_in_words_and_stays_as_it_is():
    old = "Already in hand: spoke on Monday"
    assert (reasons.code(old), reasons.said(old)) == ("known", old)


# ------------------------------------------------------------------ in Slack, from numbers to thread


LOADED = date(2024, 6, 30)  # a Sunday; on Monday morning everything is judged
ROWS = [
    {"person_id": "rep_1", "name": "Priya Shah", "email": "priya@example.com", "manager_id": "mgr_1"},
    {"person_id": "mgr_1", "name": "Dana Weber", "email": "dana@example.com", "role": "manager"},
    {"person_id": "ops_1", "name": "Olga Ops", "email": "olga@example.com", "role": "ops"},
]
DEALS = [
    {"deal_id": "D03560", "amount": 92_439, "stage": "Demo", "next_step": "Call"},
    {"deal_id": "D03561", "amount": 61_000, "stage": "Demo", "next_step": "Call"},
]
CALLS = [
    {"deal_id": one["deal_id"], "date": "2024-06-13", "kind": "call", "rep_id": "rep_1"} for one in DEALS
]


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    home = tmp_path_factory.mktemp("company")
    refresh(tables(home, deals=DEALS, activities=CALLS, people=ROWS, loaded_on=LOADED), home, LOADED)
    past.week_before(home, store.current(home))
    return home


@dataclass
class House:
    """The bot in a workspace, its worker, and the clock of both."""

    slack: Playground
    work: Work
    coach: Coach
    clock: Clock

    async def tick(self, *wanted):
        """Do what is due of these jobs, and deliver."""
        for job in wanted:
            await schedule.tick(self.work, job)
        for _ in range(8):
            await schedule.deliver(self.work)
            self.clock.turn(seconds=3)

    async def press(self, message, action, value=None):
        """Olga clicks; what is said to her alone."""
        said = await self.slack.click(message, action, user="ops_1", value=value, within=0.4)
        await self.tick()
        return next((one.text for one in said.messages if one.ephemeral), "")

    def alerts(self, user):
        """First lines of the messages of a person that are no threads' replies."""
        seen = self.slack.sees(user)
        return [m for m in seen if m.by_bot and m.blocks and not m.thread_ts and not m.ephemeral]


@pytest.fixture
async def house(company, tmp_path):
    home = Path(shutil.copytree(company, tmp_path / "home"))
    clock = Clock(datetime(2024, 7, 1, 10, tzinfo=UTC))
    settings = config.load(home=home, silent_share=0, stale_after_days=2)
    async with Memory.open(settings.memory_url, now=clock.now) as memory:
        coach = Coach(settings, memory)
        async with face.workspace(coach, store.current(home).people(), clock=clock.seconds) as slack:
            work = working.assembled(coach.settings, memory)
            work = replace(work, now=clock.now, courier=courier(memory, slack, clock))
            yield House(slack, work, coach, clock)


def headers(messages):
    return [face.header(one) for one in messages]


async def test_a_reviewer_lets_one_alert_through_and_holds_the_other_back(house):
    await house.tick(jobs.RULES)
    first, second = house.alerts("ops_1")
    assert house.alerts("rep_1") == []

    assert await house.press(first, "review.pass") == "Let through, thank you."
    assert headers(house.alerts("rep_1")) == ["P1 - $92,439 stalled - D03560"]

    await house.slack.click(second, "review.hold", user="ops_1", within=0.1)
    await house.slack.pulse.until(lambda: house.slack.modal("ops_1") is not None, 5)
    refused = await house.slack.submit("ops_1", {})
    assert refused.payload["response_action"] == "errors"
    await house.slack.submit("ops_1", {"reason": "small"})
    await house.tick()

    assert headers(house.alerts("rep_1")) == ["P1 - $92,439 stalled - D03560"]
    async with house.work.memory.read() as connection:
        decided = await reviews.of(connection, "main")
    assert [(r.finding.subject_id, r.outcome, r.reason) for r in decided] == [
        ("D03560", "passed", ""),
        ("D03561", "held", "small"),
    ]


async def test_a_reviewer_who_may_see_no_deals_is_shown_no_way_to_one(house):
    await house.tick(jobs.RULES)
    [shown, *_] = house.alerts("ops_1")
    assert "review.pass" in str(shown.blocks)
    assert "ask.deal" not in str(shown.blocks)


async def test_what_nobody_looked_at_is_reminded_of_once_a_day_in_one_message(house):
    await house.tick(jobs.RULES, REVIEW)
    assert len(house.alerts("ops_1")) == 2  # shown today: no reminder yet

    house.clock.turn(days=1)
    await house.tick(REVIEW, REVIEW)
    *_, reminder = house.alerts("ops_1")
    assert len(house.alerts("ops_1")) == 3
    assert face.header(reminder) == "Alerts wait for your review"
    assert "P1 - $61,000 stalled - D03561" in str(reminder.blocks)

    await house.press(reminder, "review.pass", "main:stalled:D03561:2024-06-30")
    assert headers(house.alerts("rep_1")) == ["P1 - $61,000 stalled - D03561"]


@pytest.mark.parametrize("person", ["rep_1", "mgr_1"])
async def test_nobody_but_a_reviewer_decides(house, person):
    await house.tick(jobs.RULES)
    key = "main:stalled:D03560:2024-06-30"
    with pytest.raises(lifecycle.NotYours):
        async with clicks.counter(house.coach.asked_here(person)) as at:
            await lifecycle.release(at.tx, key, at.viewer, at.desk)

    await house.tick()
    assert house.alerts("rep_1") == []


async def test_the_report_is_for_reviewers_ops_and_the_cro(house):
    await house.tick(jobs.RULES)
    told = await house.slack.command("/coach pilot", "ops_1")
    refused = await house.slack.command("/coach pilot", "rep_1")

    assert "Not enough to say yet." in str(told.blocks)
    assert "It began on 2024-07-01 and goes on until 2024-07-31." in str(told.blocks)
    assert "Who reviews: Olga Ops." in str(told.blocks)
    assert "What nobody looks at within 3 days of work goes to the digest." in str(told.blocks)
    assert "Only ops and the CRO see this page." in refused.text


async def test_a_reviewers_pages_begin_with_what_waits_for_them(house):
    await house.tick(jobs.RULES)
    waits = "Alerts that wait for your review: 2. They are among my messages to you."
    assert waits in (await house.slack.command("/coach alerts", "ops_1")).text
    assert waits in str((await house.slack.open_home("ops_1"))["blocks"][1])
    assert waits not in str((await house.slack.open_home("mgr_1"))["blocks"])


async def test_going_live_sends_the_next_alerts_straight_to_their_readers(house):
    await house.tick(jobs.RULES)
    page = await house.slack.command("/coach pilot", "ops_1")
    await house.press(page.messages[-1], "review.live", "live")
    async with house.work.memory.read() as connection:
        found = await pilot.of(connection, house.work.settings)

    assert found.by == "ops_1"
    assert not found.is_on(house.clock.now())


async def test_an_old_source_is_told_to_ops_without_a_review_and_closed_by_a_load(house):
    await house.tick(SOURCE)
    assert house.alerts("ops_1") == []  # loaded yesterday

    house.clock.turn(days=2)
    await house.tick(SOURCE, SOURCE)
    assert headers(house.alerts("ops_1")) == ["Data - the CRM was last loaded 3 days ago"]

    tables(house.work.home, deals=DEALS, people=ROWS, loaded_on="2024-07-03", load_id="load-2")
    refresh(current(house.work.home), house.work.home, date(2024, 7, 3))
    await house.tick(SOURCE)
    assert headers(house.alerts("ops_1"))[0].startswith("Resolved")
