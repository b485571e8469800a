"""One alert from a stalled deal in the tables to what two people read in Slack, and its end."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from analytics import refresh, store
from bot import jobs, schedule
from bot import settings as config
from bot import work as working
from bot.coach import Coach
from bot.memory import Memory
from bot.playground import Person, Playground
from data import tables as tables_of
from tests.alerting import Clock
from tests.tables import tables

MONDAY = datetime(2024, 7, 1, 10, tzinfo=UTC)
PEOPLE = [
    {"person_id": "rep_1", "name": "Priya Shah", "email": "priya@example.com", "manager_id": "m_1"},
    {"person_id": "m_1", "name": "Dana Weber", "email": "dana@example.com", "role": "manager"},
]
DEAL = {"deal_id": "D03560", "name": "Fleet <!channel>", "amount": 92_439, "stage": "Demo"}
#: A call 15 days before the load: over the line now, and not a week before.
CALLS = [{"deal_id": "D03560", "date": "2024-06-15", "kind": "call", "rep_id": "rep_1"}]
DONE = [job for job in jobs.JOBS if job.name in ("refresh", "rules", "escalation", "tidy")]


def load(home, number, events=(), **changed):
    tables(
        home,
        deals=[DEAL | changed],
        activities=CALLS,
        events=[{"deal_id": "D03560", "kind": "stage"} | event for event in events],
        people=PEOPLE,
        load_id=f"load-{number}",
    )


@pytest.fixture
def clock():
    return Clock(MONDAY)


@pytest.fixture
async def slack(clock):
    known = [Person("U1", "priya", "priya@example.com"), Person("U2", "dana", "dana@example.com")]
    async with Playground(people=known, clock=clock.seconds) as playground:
        yield playground


@pytest.fixture
async def work(slack, clock, tmp_path):
    settings = config.load(
        home=tmp_path,
        slack_bot_token=slack.bot_token,
        slack_api_url=slack.api_url,
        pilot_days=0,
        silent_share=0,
    )
    async with Memory.open(settings.memory_url, now=clock.now) as memory:
        made = working.assembled(settings, memory)
        made.courier.now = clock.now
        yield replace(made, now=clock.now)


async def do(work, clock):
    """Whatever is due, and a few turns of delivery: an edit follows its post."""
    for job in DONE:
        await schedule.tick(work, job)
    for _ in range(4):
        await schedule.deliver(work)
        clock.turn(seconds=2)


def read_by(slack, person):
    return [m for m in slack.sees(person) if m.by_bot and not m.thread_ts]


async def test_the_owner_is_told_once_and_the_manager_when_nobody_answers(work, slack, clock):
    load(work.home, 1)
    await do(work, clock)
    load(work.home, 2)
    await do(work, clock)
    assert (len(read_by(slack, "priya")), read_by(slack, "dana")) == (1, [])
    clock.turn(days=1)
    await do(work, clock)
    for person in ("priya", "dana"):
        (told,) = read_by(slack, person)
        assert told.blocks[0]["text"]["text"] == "P1 - $92,439 stalled - D03560"
        assert "No activity for 15 days" in str(told.blocks)
        assert "<!" not in str(told.blocks) + told.text


async def test_when_the_deal_moves_the_same_message_says_so(work, slack, clock):
    load(work.home, 1)
    await do(work, clock)
    (told,) = read_by(slack, "priya")
    moved = {"date": "2024-06-29", "old": "Demo", "new": "Proposal"}
    load(work.home, 2, [moved], stage="Proposal")
    await do(work, clock)
    (edited,) = read_by(slack, "priya")
    assert edited.ts == told.ts
    assert edited.text.startswith("Resolved: moved to Proposal, 0 days later.")


async def test_what_was_over_the_line_before_its_rule_ran_is_not_told(work, slack, clock):
    tables(work.home, deals=[DEAL], activities=[CALLS[0] | {"date": "2024-06-01"}], people=PEOPLE)
    await do(work, clock)
    assert (read_by(slack, "priya"), read_by(slack, "dana")) == ([], [])


async def test_an_earlier_day_published_again_tells_nobody_anything(work, slack, clock):
    load(work.home, 1)
    await do(work, clock)
    before = read_by(slack, "priya")
    refresh.refresh(tables_of.current(work.home), work.home, date(2024, 6, 25))
    await do(work, clock)
    assert read_by(slack, "priya") == before


async def test_numbers_that_were_damaged_are_made_again(work, clock):
    load(work.home, 1)
    await do(work, clock)
    path = store.current(work.home).path
    path.chmod(0o644)
    path.write_bytes(b"")
    await do(work, clock)
    assert store.current(work.home).as_of == date(2024, 6, 30)


async def test_who_is_mapped_later_gets_the_alert_that_found_nobody(work, slack, clock):
    unknown = [{**PEOPLE[0], "email": ""}, PEOPLE[1]]
    tables(work.home, deals=[DEAL], activities=CALLS, people=unknown)
    await do(work, clock)
    assert read_by(slack, "priya") == []
    coach = Coach(config.load(home=work.home), work.memory)
    priya = next(one for one in store.current(work.home).people() if one.person_id == "rep_1")
    await coach.map_person("U1", priya)
    await do(work, clock)
    assert len(read_by(slack, "priya")) == 1
