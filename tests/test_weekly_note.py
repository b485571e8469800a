"""A manager's Monday: one message about the team, at its time, never lost and never doubled."""

import asyncio
import shutil
import subprocess
import sys
from contextlib import aclosing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from analytics import store
from analytics.refresh import refresh
from bot import jobs, past, schedule
from bot import settings as config
from bot import work as working
from bot.blocks import limits
from bot.coach import Coach
from bot.jobs import Work
from data import tables as data_tables
from tests.alerting import office
from tests.tables import tables

ROOT = Path(__file__).parents[1]
MONDAY = datetime(2024, 7, 22, 8, 30, tzinfo=UTC)
LOADED = "2024-07-21"
PEOPLE = [
    {"person_id": "dana", "name": "Dana", "email": "dana@example.com", "role": "manager"},
    {"person_id": "carla", "name": "Carla", "email": "carla@example.com", "role": "manager"},
    {"person_id": "idle", "name": "Ida", "email": "ida@example.com", "role": "manager"},
    {"person_id": "tom", "name": "Tom", "manager_id": "dana"},
    {"person_id": "ana", "name": "Ana", "manager_id": "dana"},
    {"person_id": "luis", "name": "Luis", "manager_id": "carla"},
]
DEALS = [
    {"deal_id": "D1", "rep_id": "tom", "stage": "Demo", "amount": 40_000},
    {"deal_id": "D2", "rep_id": "tom", "outcome": "won", "close_date": "2024-07-18"},
    {"deal_id": "D3", "rep_id": "ana", "stage": "Demo"},
    {"deal_id": "D4", "rep_id": "luis", "stage": "Demo"},
    {"deal_id": "D5", "rep_id": "gone", "outcome": "won", "close_date": "2024-07-18"},
]
MOVED = {"deal_id": "D1", "date": "2024-07-17", "kind": "stage", "old": "Qualified", "new": "Demo"}


def load(home, deals=DEALS, number=1):
    tables(home, deals=deals, events=[MOVED], people=PEOPLE, loaded_on=LOADED, load_id=f"load-{number}")


def of(desk, folder, **changed):
    usual = {"workspace": "main", "owner": "one", "now": desk.clock.now, "render": nobody, "home": folder}
    return Work(**({"memory": desk.memory, "courier": desk.courier} | usual | changed))


def nobody(finding, recipient, standing):
    raise AssertionError("no deal here is big enough for an alert")


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    """The load, its numbers and those of the week before, as the jobs leave them."""
    home = tmp_path_factory.mktemp("numbers")
    load(home)
    refresh(data_tables.current(home), home, date.fromisoformat(LOADED))
    past.week_before(home, store.current(home))
    return home


@pytest.fixture
async def desk(numbers, tmp_path):
    async with office(tmp_path) as opened:
        opened.clock.time = MONDAY
        shutil.copytree(numbers, tmp_path, dirs_exist_ok=True)
        yield opened


async def test_the_numbers_of_a_load_are_made_before_the_note(desk, tmp_path):
    shutil.rmtree(store.folder(tmp_path))
    await tick(of(desk, tmp_path))
    assert store.current(tmp_path).as_of == date.fromisoformat(LOADED)
    assert len(await desk.statuses()) == 2


async def tick(work, times=1):
    for _ in range(times):
        for job in jobs.JOBS:
            await schedule.tick(work, job)


async def test_each_manager_with_reps_gets_one_message_about_them(desk, tmp_path):
    await tick(of(desk, tmp_path), times=3)
    await desk.turns(3, seconds=1)

    (dana,) = desk.slack.sees("dana")
    assert dana.text == "Your team's week since 2024-07-14. Something moved for 1 of 2 reps."
    assert [block["text"]["text"] for block in dana.blocks if block["type"] == "section"] == [
        "*Something moved for 1 of 2 reps.*",
        "• Tom: 1 won, 1 moved on.\n"
        "• Tom - Nothing to look at stands out beyond chance this week.\n"
        "• Nothing moved: Ana.",
    ]
    assert limits.check(dana.blocks) == []
    (carla,) = desk.slack.sees("carla")
    assert (
        carla.text
        == "Your team's week since 2024-07-14. A quiet week. Nothing moved for anybody who reports to you."
    )
    assert await desk.statuses() == {
        "digest:main:dana:2024-07-22": "sent",
        "digest:main:carla:2024-07-22": "sent",
    }


async def test_a_quiet_week_is_told_in_one_line(desk, tmp_path):
    await tick(of(desk, tmp_path))
    await desk.turns(1)
    (carla,) = desk.slack.sees("carla")
    assert [block["type"] for block in carla.blocks] == ["header", "section", "context"]


async def test_the_next_monday_has_a_note_of_its_own(desk, tmp_path):
    await tick(of(desk, tmp_path))
    desk.clock.turn(days=7)
    tables(tmp_path, deals=DEALS, events=[MOVED], people=PEOPLE, loaded_on="2024-07-28", load_id="load-2")
    await tick(of(desk, tmp_path))
    assert len(await desk.statuses()) == 4


async def test_what_the_model_tells_is_told_before_the_message_is_written(desk, tmp_path):
    async def told(words, recipient):
        await asyncio.sleep(0)
        return replace(words, context=f"told to {recipient.person_id}")

    await tick(of(desk, tmp_path, told=told))
    await desk.turns(1)
    assert desk.slack.sees("dana")[0].blocks[-1]["elements"][0]["text"] == "told to dana"


async def test_a_telling_that_fails_is_tried_again_and_keeps_no_other_waiting(desk, tmp_path):
    async def broken(words, recipient):
        if recipient.person_id == "carla":
            raise TimeoutError("too slow")
        return words

    await tick(of(desk, tmp_path, told=broken))
    assert list(await desk.statuses()) == ["digest:main:dana:2024-07-22"]
    desk.clock.turn(minutes=5)
    await tick(of(desk, tmp_path), times=2)
    assert len(await desk.statuses()) == 2


async def test_a_manager_without_a_slack_user_is_a_dead_letter_and_the_others_are_told(desk, tmp_path):
    people = [dict(one, email="no@one") if one["person_id"] == "dana" else one for one in PEOPLE]
    tables(tmp_path, deals=DEALS, events=[MOVED], people=people, loaded_on=LOADED, load_id="load-2")
    await tick(of(desk, tmp_path))
    await desk.turns(2, seconds=1)
    assert sorted((await desk.statuses()).values()) == ["dead", "sent"]


async def test_who_has_no_address_and_no_link_costs_no_letter(desk, tmp_path):
    people = [dict(one, email="") if one["person_id"] == "dana" else one for one in PEOPLE]
    tables(tmp_path, deals=DEALS, events=[MOVED], people=people, loaded_on=LOADED, load_id="load-2")
    await tick(of(desk, tmp_path))
    assert list(await desk.statuses()) == ["digest:main:carla:2024-07-22"]


async def test_with_the_model_out_of_reach_the_note_goes_out_in_the_templates_words(desk, tmp_path):
    settings = config.load(
        home=tmp_path, openai_api_key="sk-nobody", openai_base_url="http://127.0.0.1:9/v1", model_seconds=5
    )
    async with aclosing(Coach(settings, desk.memory)) as coach:
        await tick(of(desk, tmp_path, told=working.teller(coach)))
    await desk.turns(1)
    (dana,) = desk.slack.sees("dana")
    assert "• Tom: 1 won, 1 moved on." in str(dana.blocks)
    assert "plain mode" in str(dana.blocks[-1])


DYING = """
import asyncio, os, signal, sys
from datetime import datetime
from pathlib import Path
from analytics import store
from analytics.refresh import refresh
from bot import jobs, past, schedule
from bot.memory import Memory
from bot.jobs import Work

async def die(words, recipient):
    os.kill(os.getpid(), signal.SIGKILL)

async def main():
    now = lambda: datetime.fromisoformat(sys.argv[2])
    async with Memory.open(f"sqlite+aiosqlite:///{sys.argv[1]}/memory.sqlite", now=now) as memory:
        work = Work(home=Path(sys.argv[1]), memory=memory, courier=None, render=None, workspace="main",
                    owner="dying", now=now, told=die)
        await schedule.tick(work, jobs.DIGESTS)

asyncio.run(main())
"""


async def test_a_process_killed_between_claim_and_write_loses_nothing_and_doubles_nothing(desk, tmp_path):
    work = of(desk, tmp_path)
    await schedule.tick(work, jobs.REFRESH)
    command = [sys.executable, "-c", DYING, str(tmp_path), desk.clock.now().isoformat()]
    killed = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, check=False)
    assert killed.returncode == -9
    await tick(work)
    assert list(await desk.statuses()) == [
        "digest:main:dana:2024-07-22"
    ]  # the dead one holds the other's slot
    desk.clock.turn(seconds=61)
    await tick(work, times=2)
    await desk.turns(3, seconds=1)
    assert [len(desk.slack.sees(one)) for one in ("dana", "carla")] == [1, 1]


async def test_of_two_processes_at_once_each_manager_hears_from_one(desk, tmp_path):
    await schedule.tick(of(desk, tmp_path), jobs.REFRESH)
    both = [of(desk, tmp_path, owner=owner) for owner in ("one", "two")]
    done = await asyncio.gather(*(schedule.tick(work, jobs.DIGESTS) for work in both))
    await desk.turns(2, seconds=1)
    assert any(done)
    assert [len(desk.slack.sees(one)) for one in ("dana", "carla")] == [1, 1]
