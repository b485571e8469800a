"""A morning message through slots and outbox: one a local day, no storm, no old news, whatever the clock."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot import schedule
from bot.alerting import outbox, quiet
from bot.jobs import Job, Work
from bot.memory import slots
from bot.memory.tables import slots as rows
from bot.settings import load
from tests.alerting import courier, office, plain, post

BERLIN = ZoneInfo("Europe/Berlin")
LEASE = timedelta(seconds=60)


def berlin(said):
    return datetime.fromisoformat(said).replace(tzinfo=BERLIN).astimezone(UTC)


async def due(work):
    local = work.now().astimezone(BERLIN)
    return (local.date().isoformat(),) if local.time() >= time(8) else ()


async def tell(work, claimed):
    day = date.fromisoformat(claimed.slot_key)
    ends = datetime.combine(day + timedelta(days=1), time.min, BERLIN).astimezone(UTC)
    async with work.memory.write() as tx:
        await outbox.enqueue(tx, post(f"day {day}", not_after=ends), work.now())
        await slots.finish(tx, claimed)


MORNING = Job("morning", due, tell)


@pytest.fixture
async def desk(tmp_path):
    async with office(tmp_path) as opened:
        team = load(home=tmp_path, zone="Europe/Berlin", working_days="mon,tue,wed,thu,fri,sat,sun")
        opened.courier.opens = quiet.hours(opened.memory, team)
        yield opened


async def live(desk, until, step=timedelta(minutes=20), owners=("one",)):
    """The processes tick and deliver until a moment."""
    usual = {"home": None, "memory": desk.memory, "courier": desk.courier, "render": plain}
    working = [Work(**usual, workspace="main", owner=name, now=desk.clock.now) for name in owners]
    sending = [courier(desk.memory, desk.slack, desk.clock, owner=name) for name in owners]
    while desk.clock.now() < until:
        for work, sender in zip(working, sending, strict=True):
            sender.opens = desk.courier.opens
            await schedule.tick(work, MORNING)
            await sender.turn()
        desk.clock.turn(seconds=step.total_seconds())


def told(desk):
    return [text.removeprefix("about day 2024-") for text in desk.read_by("priya")]


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2024-03-30T00:00", "2024-04-01T23:00", ["03-30", "03-31", "04-01"]),
        ("2024-10-26T00:00", "2024-10-28T23:00", ["10-26", "10-27", "10-28"]),
    ],
)
async def test_a_change_of_the_clock_leaves_one_message_a_local_day(desk, first, last, days):
    desk.clock.time = berlin(first)
    await live(desk, berlin(last), owners=("one", "two"))
    assert told(desk) == days


async def test_a_jump_of_two_days_forward_tells_of_today_only(desk):
    desk.clock.time = berlin("2024-07-15T00:00")
    await live(desk, berlin("2024-07-15T07:50"))
    desk.clock.turn(days=2)
    await live(desk, berlin("2024-07-18T12:00"))
    assert told(desk) == ["07-17", "07-18"]


async def test_a_jump_of_two_days_back_repeats_nothing(desk):
    desk.clock.time = berlin("2024-07-15T00:00")
    await live(desk, berlin("2024-07-17T12:00"))
    desk.clock.turn(days=-2)
    await live(desk, berlin("2024-07-18T12:00"))
    assert told(desk) == ["07-15", "07-16", "07-17", "07-18"]


async def test_a_machine_off_over_a_weekend_brings_no_storm(desk):
    desk.clock.time = berlin("2024-07-19T00:00")
    await live(desk, berlin("2024-07-19T12:00"))
    desk.clock.time = berlin("2024-07-22T09:30")
    await live(desk, berlin("2024-07-22T15:00"))
    assert told(desk) == ["07-19", "07-22"]


async def test_a_machine_back_in_the_night_waits_and_tells_no_old_news(desk):
    desk.clock.time = berlin("2024-07-19T23:00")
    await live(desk, berlin("2024-07-20T12:00"))
    assert told(desk) == ["07-20"]


async def test_a_slot_held_when_the_clock_went_back_is_free_after_it(desk):
    async def claim(owner, now):
        async with desk.memory.write() as tx:
            return await slots.claim(tx, "morning", "key", owner=owner, now=now, lease=LEASE)

    right = desk.clock.now()
    ahead = right + timedelta(days=2)
    assert await claim("one", ahead)
    assert await claim("two", right) is not None
    async with desk.memory.read() as connection:
        assert await connection.scalar(select(rows.c.owner)) == "two"


async def test_a_lease_of_the_usual_length_is_left_alone(desk):
    async def claim(owner, now):
        async with desk.memory.write() as tx:
            return await slots.claim(tx, "morning", "key", owner=owner, now=now, lease=LEASE)

    assert await claim("one", desk.clock.now() + timedelta(minutes=30))
    assert await claim("two", desk.clock.now()) is None
