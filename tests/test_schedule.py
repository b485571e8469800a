"""Jobs and slots: each piece of work is done once, by whoever is alive, whatever the clock does."""

import asyncio
import contextlib
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from analytics import store
from bot import clock, jobs, past, schedule
from bot import settings as config
from bot.jobs import Job, Periods, Work
from bot.memory import Memory, slots
from bot.memory.slots import SlotLost
from bot.memory.tables import slots as rows
from data.tables import current
from tests.alerting import Clock, office
from tests.tables import tables

ROOT = Path(__file__).parents[1]
NOON = datetime(2024, 7, 20, 12, tzinfo=UTC)
MONDAY = datetime(2024, 7, 22, 10, tzinfo=UTC)  #: in everybody's working time
LEASE = timedelta(seconds=60)
PEOPLE = [
    {"person_id": "rep_1", "name": "Priya", "email": "priya@example.com", "manager_id": "mgr_1"},
    {"person_id": "mgr_1", "name": "Dana", "email": "dana@example.com", "role": "manager"},
]


@pytest.fixture
async def memory(tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as opened:
        yield opened


async def claim(memory, owner="one", now=NOON, key="2024-07-20"):
    async with memory.write() as tx:
        return await slots.claim(tx, "tidy", key, owner=owner, now=now, lease=LEASE)


async def change(memory, act, *given, **named):
    async with memory.write() as tx:
        return await act(tx, *given, **named)


# ------------------------------------------------------------------ slots


async def test_of_two_claims_one_gets_the_slot(memory):
    assert (await claim(memory, "one")).attempts == 1
    assert await claim(memory, "two") is None


async def test_a_slot_that_is_done_is_never_claimed_again(memory):
    await change(memory, slots.finish, await claim(memory))
    assert await claim(memory, now=NOON + timedelta(days=30)) is None


async def test_a_dead_holder_costs_one_lease(memory):
    dead = await claim(memory, "dead")
    assert await claim(memory, "two", NOON + timedelta(seconds=59)) is None
    assert (await claim(memory, "two", NOON + timedelta(seconds=60))).attempts == 2
    with pytest.raises(SlotLost, match="was taken over by another process"):
        await change(memory, slots.finish, dead)


async def test_a_sign_of_life_keeps_the_slot(memory):
    await change(memory, slots.renew, await claim(memory), NOON + timedelta(minutes=5))
    assert await claim(memory, "two", NOON + timedelta(minutes=4)) is None


async def test_a_failed_slot_is_tried_again_after_a_pause_that_doubles(memory):
    now = NOON
    for seconds in (30, 60, 120):
        await change(memory, slots.fail, await claim(memory, now=now), "ValueError: no", now)
        assert await claim(memory, now=now + timedelta(seconds=seconds - 1)) is None
        now += timedelta(seconds=seconds)
    async with memory.read() as connection:
        assert await slots.failures(connection) == [("tidy", "2024-07-20", 3, "ValueError: no")]


async def test_the_error_of_a_slot_is_gone_when_it_succeeds(memory):
    await change(memory, slots.fail, await claim(memory), "ValueError: no", NOON)
    await change(memory, slots.finish, await claim(memory, now=NOON + timedelta(hours=1)))
    async with memory.read() as connection:
        assert await slots.failures(connection) == []
        assert (await connection.scalars(select(rows.c.last_error))).all() == [None]


CLAIMING = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from bot.memory import Memory, slots

async def main():
    async with Memory.open(sys.argv[1]) as memory:
        for number in range(15):
            async with memory.write() as tx:
                now, lease = datetime(2024, 7, 20, tzinfo=UTC), timedelta(seconds=60)
                if await slots.claim(tx, "tidy", str(number), owner=sys.argv[2], now=now, lease=lease):
                    print(number)

asyncio.run(main())
"""


async def test_two_processes_claim_each_slot_once(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}"
    command = [sys.executable, "-c", CLAIMING, url]
    both = [subprocess.Popen([*command, owner], cwd=ROOT, stdout=subprocess.PIPE) for owner in ("one", "two")]
    claimed = [number for process in both for number in process.communicate()[0].decode().split()]
    assert sorted(claimed, key=int) == [str(number) for number in range(15)]


# ------------------------------------------------------------------ jobs


#: Of the jobs those about numbers, and alerts about deals.
JOBS = [job for job in jobs.JOBS if job.name in ("refresh", "rules", "escalation", "tidy")]


def render(found, recipient, standing):
    return (f"{found.subject_id} {standing.ending.reason if standing.ending else found.rule}", [])


def of(desk, folder, **changed):
    usual = {
        "home": folder,
        "memory": desk.memory,
        "courier": desk.courier,
        "render": render,
        "workspace": "main",
        "owner": "one",
        "now": desk.clock.now,
        "settings": config.load(home=folder, pilot_days=0, silent_share=0),
    }
    return Work(**(usual | changed))


@pytest.fixture
async def work(tmp_path):
    async with office(tmp_path) as desk:
        yield of(desk, tmp_path)


def load(work, number, **deal):
    deal = {"deal_id": "D1", "amount": 90_000, "stage": "Demo"} | deal
    touch = {
        "deal_id": "D1",
        "date": "2024-06-15",
        "kind": "call",
        "rep_id": "rep_1",
    }  # not stalled a week before
    tables(work.home, deals=[deal], activities=[touch], people=PEOPLE, load_id=f"load-{number}")


async def all_jobs(work):
    return [job.name for job in JOBS if await schedule.tick(work, job)]


async def test_with_nothing_loaded_there_is_nothing_to_do_but_tidy(work):
    assert await all_jobs(work) == ["tidy"]


async def test_each_load_is_refreshed_once_and_each_generation_judged_once(work):
    load(work, 1)
    assert await all_jobs(work) == ["refresh", "rules", "tidy"]
    assert await all_jobs(work) == []
    load(work, 2)
    assert await all_jobs(work) == ["refresh", "rules"]
    assert store.current(work.home).load_id == "load-2"


async def test_after_each_load_the_week_before_is_counted_before_anyone_asks_for_it(work):
    load(work, 1)
    await all_jobs(work)
    today = store.current(work.home)
    assert store.asof(work.home, today.as_of - past.WEEK)


async def test_a_big_stalled_deal_is_told_once_and_edited_when_it_moves(tmp_path):
    async with office(tmp_path) as desk:
        desk.clock.time = MONDAY
        work = of(desk, tmp_path)
        for number, stage, seen in ((1, "Demo", "stalled"), (2, "Demo", "stalled"), (3, "Proposal", "moved")):
            load(work, number, stage=stage, amount=90_000 if stage == "Demo" else 10_000)
            await all_jobs(work)
            await desk.turns(4, seconds=2)
            assert desk.read_by("priya")[0] == f"D1 {seen}"
        assert desk.read_by("dana") == []


async def test_what_nobody_answered_is_passed_on_when_its_time_has_come(tmp_path):
    async with office(tmp_path) as desk:
        desk.clock.time = MONDAY
        work = of(desk, tmp_path)
        load(work, 1)
        await all_jobs(work)
        await desk.turns(2, seconds=2)
        desk.clock.turn(hours=23)
        assert (await all_jobs(work), desk.read_by("dana")) == (["tidy"], [])
        desk.clock.turn(hours=1)
        assert await all_jobs(work) == ["escalation"]
        await desk.turns(2, seconds=2)
        assert desk.read_by("dana") == ["D1 stalled"]


async def test_without_a_new_load_a_new_day_brings_no_new_numbers(tmp_path):
    async with office(tmp_path) as desk:
        work = of(desk, tmp_path)
        load(work, 1)
        await all_jobs(work)
        desk.clock.turn(days=30)
        assert await all_jobs(work) == ["escalation", "tidy"]
        assert store.current(tmp_path).as_of == date(2024, 6, 30)


async def test_a_refresh_that_fails_keeps_the_last_numbers_says_why_and_is_tried_again(tmp_path):
    async with office(tmp_path) as desk:
        work = of(desk, tmp_path)
        load(work, 1)
        await all_jobs(work)
        load(work, 2)
        deals = current(tmp_path).path("deals")
        whole = deals.read_bytes()
        deals.write_bytes(b"half a file")
        assert await all_jobs(work) == []
        assert store.current(tmp_path).load_id == "load-1"
        async with desk.memory.read() as connection:
            [(job, key, attempts, said)] = await slots.failures(connection)
        assert (job, key, attempts) == ("refresh", "load-2", 1)
        assert said
        deals.write_bytes(whole)
        desk.clock.turn(seconds=31)
        assert await all_jobs(work) == ["refresh", "rules"]


async def always(work):
    return ("key",)


async def test_a_job_that_fails_never_leaves_its_boundary(work):
    async def fail(work, claimed):
        raise ZeroDivisionError("no")

    assert not await schedule.tick(work, Job("broken", always, fail))
    async with work.memory.read() as connection:
        assert await slots.failures(connection) == [("broken", "key", 1, "ZeroDivisionError: no")]


async def nap(work, claimed):
    await asyncio.sleep(1.0)


async def test_a_long_job_is_not_taken_over_while_it_lives(tmp_path):
    async with office(tmp_path) as desk:
        short = Periods(lease=timedelta(seconds=0.3))
        work = of(desk, tmp_path, now=clock.now, periods=short)
        job = Job("long", always, nap)
        first = asyncio.create_task(schedule.tick(work, job))
        await asyncio.sleep(0.8)
        second = of(desk, tmp_path, now=clock.now, periods=short, owner="two")
        assert not await schedule.tick(second, job)
        assert await first


# ------------------------------------------------------------------ the clock


async def days_tidied(memory):
    async with memory.read() as connection:
        return sorted(await connection.scalars(select(rows.c.slot_key).where(rows.c.state == "done")))


@pytest.mark.parametrize(
    ("evening", "days"),
    [
        ("2024-10-26T21:00+00:00", ["2024-10-26", "2024-10-27", "2024-10-28"]),  # 02:30 comes twice
        ("2024-03-30T22:00+00:00", ["2024-03-30", "2024-03-31", "2024-04-01"]),  # 02:30 does not come
    ],
)
async def test_when_summer_time_changes_a_local_day_still_has_one_slot(tmp_path, evening, days):
    async with office(tmp_path) as desk:
        desk.clock.time = datetime.fromisoformat(evening)
        work = of(desk, tmp_path, zone="Europe/Berlin")
        done = 0
        for _ in range(27 * 2):
            done += await schedule.tick(work, jobs.TIDY)
            desk.clock.turn(minutes=30)
        assert (done, await days_tidied(desk.memory)) == (3, days)


@given(jumps=st.lists(st.integers(-60 * 30, 60 * 30), max_size=12))
@settings(max_examples=15, deadline=None)
def test_whatever_the_clock_does_a_local_day_is_never_done_twice(tmp_path_factory, jumps):
    async def play():
        turned = Clock()
        url = f"sqlite+aiosqlite:///{tmp_path_factory.mktemp('jumps') / 'memory.sqlite'}"
        async with Memory.open(url, now=turned.now) as memory:
            ends = []
            for minutes in jumps:
                turned.turn(minutes=minutes)
                claimed = await claim(memory, now=turned.now(), key=turned.now().date().isoformat())
                if claimed:
                    await change(memory, slots.finish, claimed)
                    ends.append(claimed.slot_key)
            assert len(ends) == len(set(ends))

    asyncio.run(play())


QUICK = Periods(check=timedelta(seconds=0.2), sweep=timedelta(seconds=0.05))


async def test_everything_runs_on_schedule_while_the_block_does(tmp_path, time_machine):
    time_machine.move_to(MONDAY, tick=True)
    async with office(tmp_path) as desk:
        desk.courier.now = clock.now
        work = of(desk, tmp_path, now=clock.now, periods=QUICK)
        async with schedule.running(work):
            load(work, 1)
            await until(lambda: desk.read_by("priya") == ["D1 stalled"])
            load(work, 2, outcome="won", close_date="2024-06-30")
            await until(lambda: desk.read_by("priya")[:1] == ["D1 won"])


async def test_when_the_clock_goes_back_the_jobs_do_not_wait_for_it(tmp_path, time_machine):
    time_machine.move_to(MONDAY + timedelta(hours=6), tick=True)
    async with office(tmp_path) as desk:
        desk.courier.now = clock.now
        work = of(desk, tmp_path, now=clock.now, periods=QUICK)
        async with schedule.running(work):
            await asyncio.sleep(0.5)
            time_machine.move_to(MONDAY, tick=True)
            load(work, 1)
            await until(lambda: desk.read_by("priya") == ["D1 stalled"])


async def until(holds, seconds=20):
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.02)
    assert holds()
