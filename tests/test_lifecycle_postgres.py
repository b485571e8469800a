"""The life of alerts on PostgreSQL: as on SQLite, with processes that judge and answer at the same time."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from sqlalchemy import select

from analytics.alerts.rules import DEFAULTS
from bot import intents
from bot.alerting import book, economy, escalation, lifecycle, log, pilot
from bot.alerting.desk import Desk
from bot.alerting.log import What, Why
from bot.alerting.standing import State
from bot.audience import viewer
from bot.memory import Memory
from bot.memory.tables import alerts, outbox
from bot.replies import alert_log
from bot.settings import load
from tests.alerting import MONDAY, PEOPLE, Clock, end_of, finding, plain
from tests.postgres import NoServer, new_database, server

PRIYA, DANA = (viewer(PEOPLE[one], list(PEOPLE.values())) for one in ("rep_1", "mgr_1"))


def key(deal, rule="stalled"):
    return f"main:{rule}:{deal}:2024-07-22"


class House:
    """Two processes with a connection each to one memory; what they do, they do at a desk built from it."""

    def __init__(self, memories, clock):
        self.memories, self.clock = memories, clock
        self.settings = load(pilot_days=0, silent_share=0, p1_per_week=9)

    async def do(self, process, doing, *given, **named):
        """One transaction of one process."""
        known = {"settings": self.settings, "people": PEOPLE, "render": plain, "now": self.clock.now()}
        async with self.memories[process].write() as tx:
            return await doing(tx, *given, **named, desk=await Desk.of(tx, **known))

    async def judged(self, process, *found):
        """One run of the rules on this day's numbers."""
        today = self.clock.now().date()
        return await self.do(
            process,
            lifecycle.judge,
            [replace(one, as_of=today) for one in found],
            rules=DEFAULTS,
            already=(),
            levels={"P1", "P2"},
            ending=lambda told: end_of(told, "moved", today),
            day=today,
        )

    async def states(self):
        """How every alert stands, by deal."""
        async with self.memories[0].read() as connection:
            rows = await connection.execute(select(alerts.c.subject_id, alerts.c.state))
            return {row.subject_id: State(row.state) for row in rows}

    async def said(self):
        """What happened how often, by alert."""
        async with self.memories[0].read() as connection:
            return Counter((one.alert_key, one.what) for one in await log.read(connection, "main"))

    async def posts(self):
        """How many posts there are, by alert and reader."""
        async with self.memories[0].read() as connection:
            mine = select(outbox.c.alert_key, outbox.c.recipient_id).where(outbox.c.kind == "post")
            return Counter(tuple(row) for row in await connection.execute(mine))


@pytest.fixture(scope="module")
def postgres():
    try:
        with server() as address:
            yield address
    except NoServer as problem:
        pytest.skip(f"No PostgreSQL here: {problem}.")


@pytest.fixture
async def house(postgres):
    url, clock = new_database(postgres), Clock(MONDAY)
    async with AsyncExitStack() as stack:
        memories = [await stack.enter_async_context(Memory.open(url, now=clock.now)) for _ in range(2)]
        yield House(memories, clock)


async def test_every_answer_and_the_passing_of_time_are_kept(house):
    found = [finding(f"D{n}") for n in range(1, 7)]
    assert await house.judged(0, *found) == 6
    await house.do(1, lifecycle.acknowledge, key("D1"), PRIYA)
    await house.do(0, lifecycle.act, key("D2"), PRIYA, "call")
    await house.do(1, lifecycle.dismiss, key("D3"), PRIYA, "known")
    await house.do(0, lifecycle.useful, key("D4"), PRIYA, False, reason="no")
    await sent(house)
    await house.do(1, lifecycle.snooze, key("D5"), PRIYA, 1)
    for _ in range(2):  # Dana is told of the sixth, and the snooze of the fifth ends
        house.clock.turn(days=1)
        await house.do(0, escalation.sweep)
    assert await house.states() == {
        "D1": State.ACKNOWLEDGED,
        "D2": State.ACTED,
        "D3": State.DISMISSED,
        "D4": State.DISMISSED,
        "D5": State.TOLD,
        "D6": State.TOLD,
    }
    said = await house.said()
    assert (said[key("D5"), What.WOKEN], said[key("D6"), What.ESCALATED]) == (1, 1)
    assert [one.finding.subject_id for one in await house.do(1, lifecycle.listed)] == ["D5", "D6"]
    await house.judged(1)
    assert set((await house.states()).values()) == {State.RESOLVED}


async def sent(house):
    """Everything was delivered."""
    async with house.memories[0].write() as tx:
        await tx.execute(outbox.update().values(status="sent"))


async def test_a_reviewer_lets_through_and_holds_back_and_what_waits_goes_to_the_digest(house):
    house.settings = load(silent_share=0, reviewer_emails=("dana@example.com",))
    async with house.memories[0].write() as tx:
        await pilot.begin(tx, house.settings, MONDAY)
    await house.judged(0, finding("D1"), finding("D2"), finding("D3"))
    await house.do(1, lifecycle.release, key("D1"), DANA)
    await house.do(0, lifecycle.withhold, key("D2"), DANA, "known")
    house.clock.turn(days=3)
    await house.do(1, escalation.sweep)
    assert await house.states() == {"D1": State.TOLD, "D2": State.WITHHELD, "D3": State.DIGEST}


async def test_the_page_of_the_log_is_read(house, coach):
    owner = next(one for one in coach.asked_here().generation.people() if one.manager_id)
    await house.judged(0, finding("D1", owner=owner.person_id))
    coach.memory = house.memories[1]
    reply = await alert_log.log(intents.AlertLog("D1"), coach.asked_here(owner.person_id))
    assert "D1" in str(reply.blocks)


async def test_judged_by_two_processes_at_once_every_alert_is_told_once(house):
    found = [finding(f"D{n}") for n in range(1, 6)]
    await asyncio.gather(*(house.judged(process, *found) for process in (0, 1, 0, 1)))
    assert set((await house.said()).values()) == set((await house.posts()).values()) == {1}
    assert len(await house.states()) == 5


async def test_what_two_processes_tell_at_once_keeps_within_the_budget(house):
    house.settings = load(pilot_days=0, silent_share=0, p1_per_week=1)
    await asyncio.gather(
        house.do(0, judged_alone, finding("D1")), house.do(1, judged_alone, finding("D2", rule="odds_fell"))
    )
    assert Counter((await house.states()).values())[State.TOLD] == 1


async def judged_alone(tx, found, desk):
    """What one finding more changes, whatever else is open."""
    seen = await lifecycle.situation(tx, desk, day=found.as_of, rules=DEFAULTS)
    return await lifecycle.apply(tx, economy.decide([], [found], seen, ending=end_of, desk=desk), desk)


async def test_judged_answered_and_swept_at_once_nothing_is_doubled_and_nobody_waits_in_a_circle(house):
    deals = [f"D{n}" for n in range(1, 7)]
    found = [finding(deal, rule=rule) for deal in deals for rule in ("stalled", "odds_fell")]
    await house.judged(0, *found)
    house.clock.turn(days=1)
    await asyncio.gather(
        *(house.judged(process, *found) for process in (0, 1)),
        *(house.do(process, escalation.sweep) for process in (0, 1)),
        *(house.do(process, lifecycle.acknowledge, key("D1"), PRIYA) for process in (0, 1)),
        *(house.do(process, lifecycle.snooze, key("D2"), PRIYA, 7) for process in (0, 1)),
        house.do(0, lifecycle.act, key("D3"), PRIYA, "call"),
        house.do(1, lifecycle.act_on, "D4", DANA, "call"),
        house.do(0, lifecycle.dismiss, key("D5"), DANA, "known"),
    )
    said, posts = await house.said(), await house.posts()
    once = (What.TOLD, What.ESCALATED, What.ACKNOWLEDGED, What.ACTED, What.DISMISSED)
    assert [one for one, number in said.items() if one[1] in once and number > 1] == []
    assert [one for one, number in posts.items() if one[0] and number > 1] == []
    assert said[key("D1"), What.ACKNOWLEDGED] == said[key("D3"), What.ACTED] == 1


async def test_a_snooze_is_heeded_by_who_judges_at_the_same_moment(house):
    """Whoever comes second sees what the first has written, whenever its transaction began."""
    await house.judged(0, finding("D1", rule="pushed", level="P2"))
    async with house.memories[0].write() as tx:
        known = {"settings": house.settings, "people": PEOPLE, "render": plain, "now": house.clock.now()}
        at = await Desk.of(tx, **known)
        await lifecycle.snooze_subject(tx, "D1", PRIYA, 7, at)
        judging = asyncio.create_task(house.judged(1, finding("D1")))
        await asyncio.sleep(0.3)
    await judging
    async with house.memories[0].read() as connection:
        alert = await book.find(connection, "main", key("D1"))
    assert (alert.state, alert.reason) == (State.HELD, Why.SNOOZED)
