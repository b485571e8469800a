"""The first message: once to each person, in five lines for their role, whoever asks and however often."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot import settings as config
from bot.alerting import quiet
from bot.alerting.delivery import Courier, posting
from bot.audience import Role
from bot.blocks import limits
from bot.coach import Coach
from bot.listeners.welcome import comer
from bot.memory import Memory, greetings
from bot.memory.tables import outbox
from bot.playground import Person, Playground
from bot.setup import greeting
from bot.web_api import client
from tests.face import workspace
from tests.postgres import NoServer, new_database, server

MONDAY = datetime(2024, 7, 22, 10, tzinfo=UTC)
NIGHT = datetime(2024, 7, 22, 23, tzinfo=UTC)
MORNING = datetime(2024, 7, 23, 8, 1, tzinfo=UTC)
REP, MANAGER, CRO, OPS = "rep_05", "mgr_01", "cro_01", "ops_01"
NEW = Person("U_NEW", "new", "new@else.where")
GUEST = Person("U_GUEST", "guest", "guest@else.where", is_restricted=True)


@dataclass
class Town:
    """A workspace, its coach and memory, and the courier between them, on a clock that is turned."""

    slack: Playground
    coach: Coach
    memory: Memory
    now: datetime = MONDAY

    async def deliver(self, now: datetime | None = None) -> None:
        """The courier's turn, as `dealcoach work` takes it."""
        self.now = now or self.now
        await self.slack.idle(0.05)
        reads = client(self.coach.settings)
        courier = Courier(
            self.memory,
            posts=posting(reads, timedelta(seconds=5)),
            reads=reads,
            workspace="main",
            owner="one",
            now=lambda: self.now,
            opens=quiet.hours(self.memory, self.coach.settings),
        )
        await courier.turn()

    def told(self, user: str) -> list:
        """What our bot has written to somebody."""
        return [message for message in self.slack.direct(user).messages if message.by_bot]

    async def mapped(self, person_id: str, *, came: bool = False) -> bool:
        """Write somebody's first message as `dealcoach setup --greet` does."""
        inquiry = self.coach.asked_here(person_id)
        user = self.slack.workspace.person(person_id)
        async with self.memory.write() as tx:
            return await greeting.greet(tx, inquiry, user.id, user.email, self.now, came=came)


@asynccontextmanager
async def settled(crm, url):
    now = {}
    async with Memory.open(url, now=lambda: now["town"].now) as memory:
        coach = Coach(config.load(home=crm, stale_after_days=100_000), memory)
        people = coach.asked_here().generation.people()
        async with workspace(coach, people, [NEW, GUEST]) as slack:
            now["town"] = Town(slack, coach, memory)
            yield now["town"]


@pytest.fixture(scope="module")
def postgres():
    try:
        with server() as address:
            yield address
    except NoServer as problem:
        pytest.skip(f"No PostgreSQL here: {problem}.")


@pytest.fixture
async def town(crm, memory_url):
    async with settled(crm, memory_url) as found:
        yield found


async def test_who_opens_the_app_is_greeted_once_however_often_they_come(town):
    for _ in range(3):
        await town.slack.open_home(REP)
        await town.deliver()
    [message] = town.told(REP)
    assert message.text.startswith("Hello ")
    assert limits.check(message.blocks) == []


async def test_who_writes_first_is_greeted_too_beside_the_answer(town):
    await town.slack.say(town.slack.direct(CRO), "win rate by region", CRO)
    await town.deliver()
    assert [one.text for one in town.told(CRO) if one.text.startswith("Hello ")] != []


@pytest.mark.parametrize("user", [REP, MANAGER, CRO, OPS])
async def test_it_says_what_they_get_what_never_and_two_things_to_try(town, user):
    await town.slack.open_home(user)
    await town.deliver()
    [message] = town.told(user)
    said = str(message.blocks)
    assert "You get an alert" in said
    assert "never" in said or "No " in said
    buttons = [
        one["action_id"]
        for block in message.blocks
        for one in block.get("elements", ())
        if "action_id" in one
    ]
    assert len([one for one in buttons if one.startswith("ask.")]) == 2
    assert buttons[-1] == "home.settings"


async def test_every_button_to_try_gives_an_answer(town):
    for user in (REP, MANAGER, CRO, OPS):
        await town.slack.open_home(user)
        await town.deliver()
        [message] = town.told(user)
        for block in message.blocks:
            for button in block.get("elements", ()):
                if button.get("action_id", "").startswith("ask."):
                    reply = await town.slack.click(message, button["action_id"], user)
                    assert reply.blocks, button


async def test_it_tells_how_often_at_most_in_the_teams_own_numbers(town):
    town.coach.settings = town.coach.settings.model_copy(update={"p1_per_week": 2})
    text, _ = greeting.message(town.coach.asked_here(REP), greeting.Preferences())
    assert "at most 2 urgent ones a week" in text


async def test_who_is_mapped_at_night_is_told_in_the_morning(town):
    assert await town.mapped(REP)
    await town.deliver(NIGHT)
    assert town.told(REP) == []
    await town.deliver(MORNING)
    assert len(town.told(REP)) == 1


async def test_who_comes_at_night_is_told_at_once_also_what_waited_for_the_morning(town):
    await town.deliver(NIGHT)
    await town.slack.open_home(REP)
    await town.mapped(CRO)
    await town.deliver()
    assert len(town.told(REP)) == 1
    assert town.told(CRO) == []
    await town.slack.open_home(CRO)
    await town.deliver()
    assert len(town.told(CRO)) == 1


async def test_whoever_asks_at_once_one_message_is_written(town):
    written = await asyncio.gather(*(town.mapped(REP, came=bool(number % 2)) for number in range(8)))
    assert sum(written) == 1
    assert await keys(town.memory) == [f"main:welcome:{REP}"]


async def test_after_a_restart_nobody_is_greeted_again(crm, memory_url):
    for _ in range(2):
        async with settled(crm, memory_url) as town:
            await town.slack.open_home(REP)
            await town.slack.idle(0.1)
    async with Memory.open(memory_url) as memory:
        assert await keys(memory) == [f"main:welcome:{REP}"]


async def test_a_message_that_is_undone_counts_for_nothing(town):
    async with town.memory.engine.connect() as connection:
        assert await greetings.claim(connection, "main", "U1", REP, MONDAY)
        await connection.rollback()
    assert await town.mapped(REP)


async def test_one_person_with_two_accounts_is_greeted_once(town):
    async with town.memory.write() as tx:
        assert await greetings.claim(tx, "main", "U1", REP, MONDAY)
    async with town.memory.write() as tx:
        assert not await greetings.claim(tx, "main", "U2", REP, MONDAY)
        assert await greetings.claim(tx, "main", "U2", CRO, MONDAY)
        assert await greetings.greeted(tx, "main") == 2


async def test_of_many_processes_on_a_server_one_writes(crm, postgres):
    async with Memory.open(new_database(postgres), now=lambda: MONDAY) as memory:
        inquiry = Coach(config.load(home=crm, stale_after_days=100_000), memory).asked_here(REP)

        async def write(account: int) -> bool:
            async with memory.write() as tx:
                return await greeting.greet(tx, inquiry, f"U{account}", "", MONDAY, came=True)

        assert sum(await asyncio.gather(*(write(number % 3) for number in range(9)))) == 1
        assert await keys(memory) == [f"main:welcome:{REP}"]


async def test_somebody_unknown_hears_once_how_to_become_known_and_is_greeted_when_they_are(town):
    for _ in range(2):
        await town.slack.open_home("new")
        await town.deliver()
    [message] = town.told("new")
    assert "Ask ops to link you with /coach map" in message.text
    person = next(one for one in town.coach.asked_here().generation.people() if one.person_id == REP)
    await town.coach.map_person("U_NEW", person)
    await town.slack.open_home("new")
    await town.deliver()
    assert [one.text[:6] for one in town.told("new")][1:] == ["Hello "]


async def test_a_guest_is_told_nothing(town):
    await town.slack.open_home("guest")
    await town.deliver()
    assert town.told("guest") == []
    assert await keys(town.memory) == []


def test_nobody_comes_by_what_bots_and_others_do():
    direct = {"type": "message", "channel_type": "im", "user": "U1"}
    assert comer({"event": direct}) == ("U1", "message")
    assert comer({"event": direct | {"channel_type": "channel"}}) == ("", "")
    assert comer({"event": direct, "is_ext_shared_channel": True}) == ("", "")
    assert comer({"type": "block_actions", "user": {"id": "U1"}}) == ("", "")


def test_every_role_has_things_to_try():
    assert {role for role, tries in greeting.TRIES.items() if len(tries) == 2} == set(Role)


async def keys(memory: Memory) -> list[str]:
    """Keys of what was written down, oldest first."""
    async with memory.read() as connection:
        return list(await connection.scalars(select(outbox.c.dedup_key).order_by(outbox.c.id)))
