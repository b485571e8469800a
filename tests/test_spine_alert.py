"""One alert from a stalled deal in the tables to what two people read in Slack, and its end."""

from datetime import date

import pytest

from analytics import refresh, store
from bot import jobs, schedule
from bot import settings as config
from bot import work as working
from bot.coach import Coach
from bot.memory import Memory
from bot.playground import Person, Playground
from data import tables as tables_of
from tests.tables import tables

PEOPLE = [
    {"person_id": "rep_1", "name": "Priya Shah", "email": "priya@example.com", "manager_id": "m_1"},
    {"person_id": "m_1", "name": "Dana Weber", "email": "dana@example.com", "role": "manager"},
]
DEAL = {"deal_id": "D03560", "name": "Fleet <!channel>", "amount": 92_439, "stage": "Demo"}

CALLS = [{"deal_id": "D03560", "date": "2024-06-01", "kind": "call", "rep_id": "rep_1"}]


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
async def slack():
    known = [Person("U1", "priya", "priya@example.com"), Person("U2", "dana", "dana@example.com")]
    async with Playground(people=known) as playground:
        yield playground


@pytest.fixture
async def work(slack, tmp_path):
    settings = config.load(home=tmp_path, slack_bot_token=slack.bot_token, slack_api_url=slack.api_url)
    async with Memory.open(settings.memory_url) as memory:
        yield working.assembled(settings, memory)


async def do(work):
    """Whatever is due, and two turns of delivery: an edit follows its post."""
    for job in jobs.JOBS:
        await schedule.tick(work, job)
    for _ in range(2):
        await schedule.deliver(work)


def read_by(slack, person):
    return [m for m in slack.sees(person) if m.by_bot]


async def test_the_owner_and_the_manager_are_told_once(work, slack):
    load(work.home, 1)
    await do(work)
    load(work.home, 2)
    await do(work)
    for person in ("priya", "dana"):
        (told,) = read_by(slack, person)
        assert told.blocks[0]["text"]["text"] == "P1 - $92,439 stalled - D03560"
        assert "No activity for 29 days" in str(told.blocks)
        assert "<!" not in str(told.blocks) + told.text


async def test_when_the_deal_moves_the_same_message_says_so(work, slack):
    load(work.home, 1)
    await do(work)
    (told,) = read_by(slack, "dana")
    moved = {"date": "2024-06-29", "old": "Demo", "new": "Proposal"}
    load(work.home, 2, [moved], stage="Proposal")
    await do(work)
    (edited,) = read_by(slack, "dana")
    assert edited.ts == told.ts
    assert edited.text.startswith("Resolved: moved to Proposal, 0 days later.")


async def test_the_button_of_an_alert_is_a_question_the_face_understands(work, slack):
    load(work.home, 1)
    await do(work)
    (told,) = read_by(slack, "priya")
    (button,) = [e for b in told.blocks if b["type"] == "actions" for e in b["elements"]]
    assert (button["action_id"], button["value"]) == ("ask.deal", "/deal D03560")


async def test_an_earlier_day_published_again_tells_nobody_anything(work, slack):
    load(work.home, 1)
    await do(work)
    before = read_by(slack, "dana")
    refresh.refresh(tables_of.current(work.home), work.home, date(2024, 6, 25))
    await do(work)
    assert read_by(slack, "dana") == before


async def test_numbers_that_were_damaged_are_made_again(work):
    load(work.home, 1)
    await do(work)
    path = store.current(work.home).path
    path.chmod(0o644)
    path.write_bytes(b"")
    await do(work)
    assert store.current(work.home).as_of == date(2024, 6, 30)


async def test_who_is_mapped_later_gets_the_alert_that_found_nobody(work, slack):
    tables(work.home, deals=[DEAL], activities=CALLS, people=[PEOPLE[0], {**PEOPLE[1], "email": ""}])
    await do(work)
    assert read_by(slack, "dana") == []
    coach = Coach(config.load(home=work.home), work.memory)
    await coach.map_person("U2", store.current(work.home).people()[0])
    await do(work)
    assert len(read_by(slack, "dana")) == 1
