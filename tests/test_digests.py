"""Digests: who is told what at which hour, once a day, in whose words; and what is not worth a message."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import store
from analytics.facts import Unit
from analytics.refresh import refresh
from bot import schedule
from bot import settings as config
from bot.alerting import silences
from bot.alerting.digests import compose as made
from bot.alerting.digests import items, readers
from bot.alerting.digests.facts import Item
from bot.alerting.digests.scorecard import scorecard
from bot.alerting.digests.telling import as_written
from bot.alerting.log import What
from bot.alerting.log import write as log
from bot.alerting.preferences import Preferences
from bot.alerting.silences import Silence
from bot.alerting.standing import State
from bot.blocks import limits
from bot.jobs import Work
from bot.jobs.digests import DIGESTS
from bot.memory import Memory
from bot.narrator import digest as narrator
from tests.alerting import fact, finding, office
from tests.open_alerts import about, of_deal, opened
from tests.tables import tables

WEDNESDAY = datetime(2024, 7, 24, 9, tzinfo=UTC)
MONDAY = datetime(2024, 7, 22, 9, tzinfo=UTC)
AS_OF = date(2024, 7, 21)
PEOPLE = [
    {"person_id": "dana", "name": "Dana", "email": "dana@example.com", "role": "manager"},
    {"person_id": "cleo", "name": "Cleo", "email": "cleo@example.com", "role": "cro"},
    {"person_id": "olga", "name": "Olga", "email": "olga@example.com", "role": "ops"},
    {"person_id": "tom", "name": "Tom", "email": "tom@example.com", "manager_id": "dana"},
    {"person_id": "ana", "name": "Ana", "email": "ana@example.com", "manager_id": "dana"},
]
DEALS = [
    {"deal_id": f"D{n}", "account": f"Acme {n}", "rep_id": "tom" if n < 8 else "ana", "stage": "Demo"}
    | {"amount": 10_000 * n, "close_date": "2024-07-11", "created_date": "2024-06-21"}
    for n in range(1, 10)
] + [{"deal_id": "W1", "rep_id": "tom", "outcome": "won", "close_date": "2024-07-18", "amount": 40_000}]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("digests")
    loaded = tables(folder, deals=DEALS, people=PEOPLE, loaded_on=AS_OF)
    refresh(loaded, folder, AS_OF)
    return folder


@pytest.fixture
def now(home):
    return store.current(home)


@pytest.fixture
async def memory(tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path}/m.sqlite", now=lambda: WEDNESDAY) as opened_here:
        yield opened_here


def reader(person, **chosen):
    settings = config.load()
    people = readers.readers(_rows(), settings, {person: Preferences(**chosen)})
    return next(one for one in people if one.person_id == person)


def _rows():
    from analytics.generation import PersonRow

    return [
        PersonRow(p["person_id"], p["name"], p["email"], p.get("role", "rep"), p.get("manager_id"), None)
        for p in PEOPLE
    ]


async def digest(home, memory, person, when=WEDNESDAY, **chosen):
    """The first digest that is due to a person, if it is worth a message."""
    desk = made.Desk(
        home=home,
        memory=memory,
        generation=store.current(home),
        settings=config.load(home=home),
        now=when,
    )
    first = next(readers.due(reader(person, **chosen), AS_OF, when, "main"))
    return await made.compose(desk, first, as_written)


def lines(digest):
    """The verdict and the bullets."""
    told = [
        block["text"]["text"]
        for block in digest.message.blocks
        if block["type"] == "section" and "text" in block
    ]
    return "\n".join(told).replace("*", "").replace("• ", "").split("\n")


def due(person, when, as_of=AS_OF, **chosen):
    return [one.kind for one in readers.due(reader(person, **chosen), as_of, when, "main")]


# ---------------------------------------------------------------- when


@pytest.mark.parametrize(
    ("moment", "zone", "kinds"),
    [
        ("2024-07-22T07:59", "UTC", []),  # Monday, before eight
        ("2024-07-22T08:00", "UTC", ["week", "day"]),
        ("2024-07-22T06:00", "Europe/Berlin", ["week", "day"]),  # eight o'clock there
        ("2024-07-22T08:00", "America/New_York", []),
        ("2024-07-22T18:00", "UTC", []),  # quiet again: the week comes on Tuesday
        ("2024-07-23T09:00", "UTC", ["week", "day"]),  # nobody was at work on Monday
        ("2024-07-24T09:00", "UTC", ["day"]),  # the week is old news
        ("2024-07-21T09:00", "UTC", []),  # Sunday
    ],
)
def test_a_rep_is_told_in_their_own_morning_on_working_days(moment, zone, kinds):
    assert due("tom", datetime.fromisoformat(moment).replace(tzinfo=UTC), zone=zone) == kinds


def test_what_a_person_chose_decides_the_hour_the_days_and_whether_at_all():
    assert due("tom", MONDAY, digest_at=time(10)) == []
    assert due("tom", WEDNESDAY, digest="weekly") == []
    assert due("tom", MONDAY, digest="off") == []
    assert due("tom", WEDNESDAY, working_days=("wed", "thu")) == ["week", "day"]


def test_who_works_from_sunday_to_thursday_hears_on_sunday():
    sunday = datetime(2024, 7, 28, 9, tzinfo=UTC)
    assert "day" in due("tom", sunday, date(2024, 7, 27), working_days=("sun", "mon", "tue", "wed", "thu"))


def test_numbers_of_a_week_before_tell_of_another_week():
    assert due("tom", MONDAY, date(2024, 7, 16)) == ["week", "day"]
    assert due("tom", MONDAY, date(2024, 7, 15)) == []


def test_the_turn_of_the_year_has_its_own_week():
    when = datetime(2024, 12, 30, 9, tzinfo=UTC)
    first = next(readers.due(reader("dana"), date(2024, 12, 29), when, "main"))
    assert first.key == "main:week:2025-W01:dana"


def test_the_report_of_the_month_waits_for_whole_numbers_and_a_day_without_the_weeks():
    assert due("cleo", datetime(2024, 7, 1, 9, tzinfo=UTC), date(2024, 6, 30)) == ["week"]
    assert due("cleo", datetime(2024, 7, 3, 9, tzinfo=UTC), date(2024, 6, 30)) == ["month"]
    assert due("cleo", datetime(2024, 7, 3, 9, tzinfo=UTC), date(2024, 6, 29)) == []
    assert due("cleo", datetime(2024, 7, 8, 9, tzinfo=UTC), date(2024, 7, 7)) == ["week"]


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")


@given(st.sampled_from(ZONES), st.times(), st.integers(0, 365), st.sampled_from((15, 20, 60)))
def test_a_local_day_never_has_two_digests_however_the_clocks_are_changed(zone, at, day, minutes):
    at = at.replace(second=0, microsecond=0)
    one = reader("tom", zone=zone, digest_at=at, working_days=config.WEEKDAYS)
    start = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day)
    seen = {}
    for step in range(2 * 24 * 60 // minutes):
        when = start + timedelta(minutes=minutes * step)
        for found in readers.due(one, when.date(), when, "main"):
            if found.kind == "day":
                seen.setdefault(made.dedup_key("main", found), set()).add(found.key)
                assert found.day == when.astimezone(ZoneInfo(zone)).date()
                assert when < found.not_after
    assert all(len(keys) == 1 for keys in seen.values())


@pytest.mark.parametrize(
    ("zone", "day"), [("Europe/Berlin", date(2024, 3, 31)), ("Europe/Berlin", date(2024, 10, 27))]
)
def test_an_hour_that_is_skipped_or_comes_twice_tells_once(zone, day):
    one = reader("tom", zone=zone, digest_at=time(2, 30), working_days=config.WEEKDAYS)
    start = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    moments = (start + timedelta(minutes=10 * step) for step in range(150))
    keys = {
        d.key
        for when in moments
        for d in readers.due(one, day, when, "main")
        if d.kind == "day" and d.day == day
    }
    assert keys == {f"main:day:{day}:tom"}


def test_after_two_days_off_only_today_is_due():
    found = list(readers.due(reader("tom"), AS_OF, WEDNESDAY + timedelta(days=1), "main"))
    assert [one.day for one in found] == [date(2024, 7, 25)]


# ---------------------------------------------------------------- what


async def test_a_rep_reads_the_biggest_deal_first_one_line_each(home, memory, now):
    await opened(memory, of_deal(now, "D6"), State.HELD, reason="budget")
    await opened(memory, of_deal(now, "D2", "stalled_medium"))
    told = await digest(home, memory, "tom")
    assert told.message.text.startswith("Today: 2 new of 2 open.")
    assert lines(told) == [
        "Look first: D6 Acme 6 ($60k): no activity for 20 days.",
        "D2 Acme 2 ($20k): no activity for 20 days",
    ]
    assert limits.check(told.message.blocks) == []


def item(deal_id, amount, odds, **more):
    worth = fact("amount", deal_id, amount, Unit.MONEY, AS_OF)
    found = finding(deal_id, names={"deal": deal_id, "owner": "Tom"})
    return Item(key=deal_id, finding=found, state=State.TOLD, is_new=True, amount=worth, odds=odds, **more)


def test_what_can_still_be_won_comes_first_and_what_cannot_is_to_be_closed():
    some = [
        item("D1", 90_000, 0.1),
        item("D2", 60_000, 0.5),
        item("D3", 900_000, 0.01),
        item("D4", 20_000, None),
    ]
    ordered = [*items.ordered(some, "rep")]
    assert [one.finding.subject_id for one in ordered] == ["D2", "D4", "D1", "D3"]
    assert narrator.line(ordered[-1], of_team=False).text.endswith(
        "no activity for 20 days, next to no odds: close it or say why not"
    )


def test_a_rate_says_which_way_since_when_what_is_usual_and_where_to_look():
    rate, usual = (
        replace(fact(name, "x", 0, Unit.FRACTION, AS_OF), value=Decimal(value), n=40)
        for name, value in (("win_rate", "0.2"), ("usual_win_rate", "0.34"))
    )
    names = {
        "segment": "APAC",
        "dimension": "region",
        "state": "drift",
        "direction": "low",
        "since": "2024-05",
    }
    found = finding("region=APAC", rule="rate_left_limits", level="rate", subject="segment", names=names)
    told = replace(found, causes=("outside_limits",), figures={"win_rate": rate, "usual_win_rate": usual})
    line = narrator.line(Item(key="k", finding=told, state=State.TOLD, is_new=True), of_team=True)
    assert line.text == (
        "Win rate left its usual range: APAC at 20.0 % (40 deals) since 2024-05, below its usual range;"
        " usual is 34.0 % (/watch APAC)"
    )


async def test_the_scorecard_looks_back_no_further_than_the_first_alert(memory, now):
    async with memory.write() as tx:
        await log(tx, "main", "a1", of_deal(now, "D9"), What.TOLD, at=WEDNESDAY - timedelta(days=2))
    async with memory.read() as connection:
        found = await scorecard(connection, now, "main", WEDNESDAY)
    assert narrator.score(found).__next__().text.startswith("The coach since 2024-07-22: 1 told")


async def test_many_deals_of_one_rule_are_one_line(home, memory, now):
    for number in range(1, 6):
        await opened(memory, of_deal(now, f"D{number}", "overdue"))
    told = await digest(home, memory, "tom")
    assert lines(told) == ["Look first: Close date has passed: D5 ($50k), D4 ($40k), D3 ($30k) and 2 more."]


async def test_days_are_counted_up_to_the_day_of_the_numbers(home, memory, now):
    await opened(memory, of_deal(now, "D3", "overdue", days=2))
    assert lines(await digest(home, memory, "tom")) == [
        "Look first: D3 Acme 3 ($30k): close date passed 10 days ago."
    ]


async def test_a_day_without_anything_new_has_no_message(home, memory, now):
    key = await opened(memory, of_deal(now, "D6"), State.TOLD)
    async with memory.write() as tx:
        await log(tx, "main", key, of_deal(now, "D6"), What.TOLD, at=WEDNESDAY, person_id="tom")
    assert await digest(home, memory, "tom") is None


async def test_a_quiet_monday_has_one_line(home, memory):
    told = await digest(home, memory, "tom", MONDAY)
    assert lines(told) == ["Quiet week. Nothing of yours is over any line."]


async def test_monday_counts_hygiene_in_one_line(home, memory, now):
    for number in (1, 2):
        await opened(memory, of_deal(now, f"D{number}", "no_next_step"))
    await opened(memory, of_deal(now, "D2", "old"))
    told = await digest(home, memory, "tom", MONDAY)
    assert lines(told)[1:] == ["Hygiene: 2 without a next step, 1 open for long."]


async def test_hygiene_counts_all_that_its_rule_holds_for(home, memory, now):
    await opened(memory, of_deal(now, "D1", "no_next_step"), State.HELD, reason="inhibited")
    await opened(memory, of_deal(now, "D2", "no_next_step"), State.EXPIRED, resolved_on=AS_OF)
    await opened(memory, of_deal(now, "D3", "no_next_step"), State.RESOLVED, resolved_on=AS_OF)
    told = await digest(home, memory, "tom", MONDAY)
    assert lines(told)[-1] == "Hygiene: 2 without a next step."


async def test_what_is_silent_snoozed_withheld_or_in_hand_is_in_no_digest(home, memory, now):
    for number, state in enumerate((State.SILENT, State.REVIEW, State.WITHHELD, State.ACTED), start=1):
        await opened(memory, of_deal(now, f"D{number}"), state)
    await opened(memory, of_deal(now, "D5"), until=WEDNESDAY + timedelta(days=1))
    await opened(memory, of_deal(now, "D6", "overdue"), State.HELD, reason="inhibited")
    await opened(memory, of_deal(now, "D7"), State.DIGEST, silent=1)
    assert await digest(home, memory, "tom") is None


async def test_what_a_person_silenced_or_does_not_want_is_left_out(home, memory, now):
    for number in (2, 5, 6):
        await opened(memory, of_deal(now, f"D{number}", "stalled_medium"))
    hush = Silence(person_id="tom", subject_id="D6", until=WEDNESDAY + timedelta(days=1), author="tom")
    async with memory.write() as tx:
        await silences.keep(tx, "main", hush, WEDNESDAY)
    told = await digest(home, memory, "tom", min_amount=30_000)
    assert lines(told) == ["Look first: D5 Acme 5 ($50k): no activity for 20 days."]


async def test_a_deal_that_closed_since_is_not_told(home, memory, now):
    await opened(memory, of_deal(now, "W1"))
    assert await digest(home, memory, "tom") is None


async def test_a_rep_hears_nothing_of_others_deals_and_the_manager_of_all(home, memory, now):
    await opened(memory, of_deal(now, "D6"))
    await opened(memory, of_deal(now, "D9"))
    assert [item.finding.subject_id for item in (await digest(home, memory, "ana")).items] == ["D9"]
    told = await digest(home, memory, "dana")
    assert lines(told) == [
        "Look first: Ana - D9 Acme 9 ($90k): no activity for 20 days.",
        "Tom - D6 Acme 6 ($60k): no activity for 20 days",
    ]


async def test_a_list_leaves_out_what_does_not_fit_and_says_so(home, memory, now):
    for number in range(1, 8):
        await opened(memory, of_deal(now, f"D{number}"))
    told = await digest(home, memory, "tom")
    assert len(lines(told)) == 6
    assert lines(told)[-1] == "And 2 more: /coach alerts"


async def test_the_cros_monday_says_first_whether_anything_really_changed(home, memory, now):
    await opened(memory, of_deal(now, "D9"))
    told = await digest(home, memory, "cleo", MONDAY)
    assert lines(told)[:3] == [
        "Quiet week. 1 of 1 won, $40k, no real change.",
        "To touch: Ana - D9 Acme 9 ($90k): no activity for 20 days",
        "To watch: nothing left its usual range.",
    ]
    assert limits.check(told.message.blocks) == []


async def test_a_rate_that_moved_is_the_cros_first_line(home, memory, now):
    moved = about(
        now, "rate_left_limits", "rate", "segment", "region=APAC", ["outside_limits"], {"segment": "APAC"}
    )
    await opened(memory, moved)
    told = await digest(home, memory, "cleo", MONDAY)
    assert lines(told)[0] == "Win rate left its usual range: APAC (/watch APAC). This week 1 of 1 won, $40k."


async def test_ops_read_of_the_data_and_of_no_deal(home, memory, now):
    await opened(memory, of_deal(now, "D9"))
    await opened(memory, about(now, "source_old", "data", "source", "deals", ["days_since_load"]))
    told = await digest(home, memory, "olga", MONDAY)
    assert "D9" not in str(told.message.blocks)
    assert lines(told) == ["Look first: The CRM was not loaded lately: not loaded lately."]


async def test_the_scorecard_counts_each_alert_once(memory, now):
    finding = of_deal(now, "D9")
    async with memory.write() as tx:
        for what in (What.TOLD, What.TOLD, What.ACKNOWLEDGED, What.ACTED, What.NOT_USEFUL):
            await log(tx, "main", "a1", finding, what, at=WEDNESDAY)
        await log(tx, "main", "a2", finding, What.TOLD, at=WEDNESDAY)
        await log(tx, "main", "a3", finding, What.SILENT, at=WEDNESDAY)
        await log(tx, "main", "a4", finding, What.TOLD, at=WEDNESDAY - timedelta(weeks=5))
    async with memory.read() as connection:
        found = await scorecard(connection, now, "main", WEDNESDAY)
    assert [line.text for line in narrator.score(found)] == [
        "The coach since 2024-06-26: 2 told, 1 answered, 1 acted on, 1 not useful.",
        "Kept back: 0 for budgets and wishes, 1 silent to measure the rest.",
    ]


def test_every_rule_and_metric_has_words():
    from analytics.alerts.rules import DEFAULTS, METRICS
    from bot.narrator.claims import knows
    from prompts import files

    assert all(f"digest_rule.{rule.id}" in files.labels() for rule in DEFAULTS)
    assert all(knows(f"digest_cause.{metric}") for metric in METRICS)


# ---------------------------------------------------------------- told


@pytest.fixture
async def desk(tmp_path):
    async with office(tmp_path) as opened_here:
        opened_here.clock.time = WEDNESDAY
        yield opened_here


def work(desk, home):
    settings = config.load(home=home)
    return Work(
        home=home,
        memory=desk.memory,
        courier=desk.courier,
        render=lambda *_: ("", []),
        workspace="main",
        owner="one",
        now=desk.clock.now,
        settings=settings,
    )


async def test_what_was_told_is_no_news_the_next_day(desk, home, now):
    await opened(desk.memory, of_deal(now, "D6"))
    assert await schedule.tick(work(desk, home), DIGESTS)
    desk.clock.turn(days=1)
    await opened(desk.memory, of_deal(now, "D9"))
    await schedule.tick(work(desk, home), DIGESTS)
    kept = sorted(await desk.statuses())
    assert kept == [
        "digest:main:ana:2024-07-25",
        "digest:main:dana:2024-07-24",
        "digest:main:dana:2024-07-25",
        "digest:main:tom:2024-07-24",
    ]


async def test_a_second_look_on_the_same_day_finds_nothing_to_do(desk, home, now):
    await opened(desk.memory, of_deal(now, "D6"))
    await schedule.tick(work(desk, home), DIGESTS)
    assert await DIGESTS.due(work(desk, home)) == []
    assert not await schedule.tick(work(desk, home), DIGESTS)


async def test_after_a_weekend_off_everybody_has_one_message_and_nothing_open_is_lost(desk, home, now):
    desk.clock.time = datetime(2024, 7, 19, 18, tzinfo=UTC)  # Friday, after work
    await schedule.tick(work(desk, home), DIGESTS)
    await opened(desk.memory, of_deal(now, "D6"))
    desk.clock.time = MONDAY + timedelta(days=1)
    await schedule.tick(work(desk, home), DIGESTS)
    of_tom = [key for key in await desk.statuses() if ":tom:" in key]
    assert of_tom == ["digest:main:tom:2024-07-23"]
