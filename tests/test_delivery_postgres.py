"""Delivery on PostgreSQL: what holds on SQLite holds there, with several processes at once."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from bot.alerting import outbox
from bot.alerting.delivery import PACED
from bot.memory import Memory
from bot.playground import Fault, Playground
from bot.playground import Kind as Trouble
from tests.alerting import Clock, Office, courier, post
from tests.postgres import NoServer, new_database, server


@pytest.fixture(scope="module")
def postgres():
    try:
        with server() as address:
            yield address
    except NoServer as problem:
        pytest.skip(f"No PostgreSQL here: {problem}.")


@asynccontextmanager
async def office(url):
    clock = Clock()
    async with Memory.open(url, now=clock.now) as memory, Playground(clock=clock.seconds) as slack:
        yield Office(memory, slack, courier(memory, slack, clock), clock)


@pytest.fixture
async def desk(postgres):
    async with office(new_database(postgres)) as opened:
        yield opened


async def test_a_message_offered_three_times_is_delivered_once(desk):
    assert await desk.write(post(), post(), post()) == [True, False, False]
    await desk.turns(3)
    assert desk.read_by("priya") == ["about a1"]


async def test_offered_by_many_at_once_it_is_delivered_once(desk):
    written = await asyncio.gather(*(desk.write(post()) for _ in range(8)))
    await desk.turns(2)
    assert (sum(one for [one] in written), desk.read_by("priya")) == (1, ["about a1"])


async def test_processes_never_send_the_same_message(desk):
    all_of_them = [courier(desk.memory, desk.slack, desk.clock, owner=f"p{n}") for n in range(4)]
    await desk.write(*(post(f"a{n}") for n in range(12)))
    for _ in range(12):  # one at a time for each reader, so each round sends one at least
        await asyncio.gather(*(one.turn() for one in all_of_them))
    assert sorted(desk.read_by("priya")) == sorted(f"about a{n}" for n in range(12))


async def test_processes_keep_the_pace_together(desk):
    all_of_them = [courier(desk.memory, desk.slack, desk.clock, owner=f"p{n}") for n in range(4)]
    for one in all_of_them:
        one.timing = PACED
    await desk.write(*(post(f"a{n}") for n in range(3)))
    for number in (1, 2, 3):
        await asyncio.gather(*(one.turn() for one in all_of_them))
        assert len(desk.read_by("priya")) == number
        desk.clock.turn(seconds=1)


@pytest.mark.parametrize("trouble", [Trouble.STORE_THEN_FAIL, Trouble.STORE_THEN_DROP, Trouble.FAIL])
async def test_a_message_without_an_answer_is_looked_for_first(desk, trouble):
    desk.slack.faults.script.append(Fault(trouble, "chat.postMessage"))
    await desk.write(post())
    await desk.turns(10, seconds=10)
    assert (desk.read_by("priya"), await desk.statuses()) == (["about a1"], {"a1": "sent"})


async def test_edits_and_replies_follow_their_post(desk):
    await desk.write(post("a1"), post("a1-seen", kind="reply", chain="a1"))
    await desk.write(post("a1-end", kind="update", chain="a1"))
    await desk.turns(4)
    assert desk.read_by("priya") == ["about a1-end", "about a1-seen"]


async def test_a_workspace_that_is_down_parks_everything_and_resumes(desk):
    desk.slack.faults.script.append(Fault(Trouble.REFUSE, "chat.postMessage", error="token_revoked"))
    await desk.write(post("a1"), post("a2"))
    await desk.turns(3)
    assert (await desk.status()).counts == {"parked": 2}
    assert await desk.courier.revive() == 2
    await desk.turns(2)
    assert desk.read_by("priya") == ["about a1", "about a2"]


async def test_many_changes_of_the_same_rows_never_wait_in_a_circle(desk):
    await desk.write(*(post(f"a{n}") for n in range(30)))

    async def park_and_resume():
        async with desk.memory.write() as tx:
            await outbox.park(tx, "main", "down")
        async with desk.memory.write() as tx:
            await outbox.resume(tx, "main")

    await asyncio.gather(*(park_and_resume() for _ in range(8)))
    assert (await desk.status()).counts == {"pending": 30}
