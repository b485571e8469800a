"""Twelve faults of a model, wherever it has words: the template's are told, the next answer works."""

import asyncio
import html
import re
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
import pytest_asyncio
import structlog
from llmock.scenarios import Reply, ToolCall
from sqlalchemy import select

from analytics import store
from analytics.questions import EVERYONE
from bot import jobs, model, schedule
from bot import settings as config
from bot import work as working
from bot.coach import Coach
from bot.jobs import Work
from bot.memory import Memory
from bot.memory.tables import model_calls
from bot.narrator.telling import Cache
from bot.playground import Message, Person, Playground
from tests.alerting import Clock, courier
from tests.face import ask, one, workspace
from tests.scripted_model import GOOD, READING, SUGGESTION, TELLING, Fault, rude_server
from tests.tables import tables

pytestmark = pytest.mark.asyncio(loop_scope="module")

WAIT = 10.0  #: seconds until a test gives up
MONDAY = datetime(2024, 7, 22, 8, 30, tzinfo=UTC)
TEAM = [
    {"person_id": "dana", "name": "Dana", "email": "dana@example.com", "role": "manager"},
    {"person_id": "tom", "name": "Tom", "manager_id": "dana"},
    {"person_id": "ana", "name": "Ana", "manager_id": "dana"},
]
DEALS = [
    {"deal_id": "D1", "rep_id": "tom", "stage": "Demo", "amount": 40_000},
    {"deal_id": "D2", "rep_id": "tom", "outcome": "won", "close_date": "2024-07-18"},
    {"deal_id": "D3", "rep_id": "ana", "stage": "Demo"},
]
MOVED = {"deal_id": "D1", "date": "2024-07-17", "kind": "stage", "old": "Qualified", "new": "Demo"}


# ---------------------------------------------------------------- the town


@dataclass
class Town:
    """Our whole bot in a Slack: who asks, what was answered without a model, and what nobody caught."""

    slack: Playground
    coach: Coach
    boss: str
    deal: str
    digests: Path  # the data folder behind the notes on Monday
    scratch: Path
    plain: dict[str, list[Message]] = field(default_factory=dict)
    uncaught: list[dict[str, object]] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=count)

    async def outcomes(self) -> list[str]:
        """How every call of the model ended so far."""
        async with self.coach.memory.read() as connection:
            found = await connection.execute(select(model_calls.c.outcome).order_by(model_calls.c.id))
            return [row.outcome for row in found]

    @asynccontextmanager
    async def with_model(self, url: str, seconds: float):
        """A model of our own making, with nothing remembered of any before it."""
        changed = {"openai_base_url": url, "model_seconds": seconds}
        self.coach.settings = self.coach.settings.model_copy(update=changed)
        self.coach.model, self.coach.tellings = model.of(self.coach.settings, self.coach.memory), Cache()
        try:
            yield
        finally:
            await self.coach.model.aclose()
            self.coach.model = None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(crm, tmp_path_factory):
    scratch = tmp_path_factory.mktemp("town")
    generation = store.current(crm)
    settings = config.load(home=crm, stale_after_days=100_000, openai_api_key="a-key")
    async with Memory.open(f"sqlite+aiosqlite:///{scratch / 'memory.sqlite'}") as memory:
        coach = Coach(settings, memory)
        coach.model = None
        dana = Person("U_DANA", "dana_of_july", "dana@example.com")
        async with workspace(coach, generation.people(), [dana]) as slack:
            deal = max(generation.open_deals(EVERYONE), key=lambda row: row.amount_cents or 0).deal_id
            digests = await july(scratch / "july")
            made = Town(slack, coach, one(generation.people(), "cro"), deal, digests, scratch)
            asyncio.get_running_loop().set_exception_handler(lambda _, context: made.uncaught.append(context))
            yield made


async def july(home: Path) -> Path:
    """A small team whose week moved, with its numbers."""
    tables(home, deals=DEALS, events=[MOVED], people=TEAM, loaded_on="2024-07-21")
    async with Memory.open(f"sqlite+aiosqlite:///{home / 'refresh.sqlite'}") as memory:
        work = Work(home=home, memory=memory, courier=None, render=None, workspace="main", owner="one")
        assert await schedule.tick(work, jobs.REFRESH)
    return home


# ---------------------------------------------------------------- four surfaces, and a reader of questions


async def command(town: Town, line: str) -> list[Message]:
    """The answer to a command, once its words have come."""
    reply = await town.slack.command(line, user=town.boss)
    if town.coach.model:
        assert await town.slack.pulse.until(lambda: is_told(reply.messages), WAIT)
    return reply.messages


async def deal_card(town: Town) -> list[Message]:
    return await command(town, f"/deal {town.deal}")


async def breakdown(town: Town) -> list[Message]:
    return await command(town, "/winrate region")


async def free_text(town: Town) -> list[Message]:
    return await ask(town.slack, town.boss, "what is our win rate by region?")


async def digest(town: Town) -> list[Message]:
    """The note on Monday, through the outbox."""
    direct = town.slack.direct("U_DANA")
    before, clock = len(direct.messages), Clock(MONDAY)
    url = f"sqlite+aiosqlite:///{town.scratch / f'digest{next(town.numbers)}.sqlite'}"
    async with Memory.open(url, now=clock.now) as memory:
        told, posts = working.teller(town.coach), courier(memory, town.slack, clock)
        work = Work(
            home=town.digests,
            memory=memory,
            courier=posts,
            render=working.render,
            workspace="main",
            owner="one",
            now=clock.now,
            told=told,
        )
        assert await schedule.tick(work, jobs.DIGESTS)
        await posts.turn()
    return direct.messages[before:]


async def unread(town: Town) -> list[Message]:
    """A question that no rule reads: the model may."""
    return await ask(town.slack, town.boss, "florble the quux")


SURFACES: dict[str, Callable[[Town], Awaitable[list[Message]]]] = {
    "deal card": deal_card,
    "breakdown": breakdown,
    "free text": free_text,
    "digest": digest,
}


# ---------------------------------------------------------------- what was shown


def last_line(messages: list[Message]) -> str:
    return " ".join(b["elements"][0]["text"] for m in messages for b in m.blocks if b["type"] == "context")


def is_told(messages: list[Message]) -> bool:
    """Does the last line say who told the words?"""
    return bool(re.search(r"words by|plain mode", last_line(messages)))


def bullets(messages: list[Message]) -> set[str]:
    """Every bullet, as it reads."""
    listed = [line[2:] for m in messages for b in sections(m) for line in b.split("\n") if line[:2] == "• "]
    streamed = [line[2:] for m in messages for line in m.text.split("\n") if line[:2] == "- "]
    return {
        html.unescape(line) for line in listed + [one.replace("\\", "").replace("․", ".") for one in streamed]
    }


def sections(message: Message) -> list[str]:
    return [b["text"]["text"] for b in message.blocks if b["type"] == "section" and "text" in b]


def figures(messages: list[Message]) -> list[dict[str, object]]:
    """The answer without its bullets, buttons and last line: headline, verdict, tables, charts, fields."""
    blocks = [block for message in messages for block in message.blocks]
    aside = ("actions", "context", "context_actions")
    told = [b for b in blocks if b["type"] not in aside]
    return [b for b in told if not str(b.get("text", {}).get("text", "")).startswith("• ")]


def said(slack: Playground) -> str:
    """Everything the bot has ever said."""
    return " ".join(m.text + str(m.blocks) for m in slack.workspace.messages.values() if m.by_bot)


async def in_plain_words(town: Town, surface: str) -> list[Message]:
    """The answer where there is no model at all."""
    if surface not in town.plain:
        town.plain[surface] = await SURFACES[surface](town)
    return town.plain[surface]


@asynccontextmanager
async def broken(town: Town, llmock, name: str, fault: Fault):
    """A town whose model fails in this way, and only in this way."""
    if fault.script:
        llmock.add(*fault.script)
        async with town.with_model(llmock.base_url(), fault.seconds):
            yield
        return
    async with rude_server(name) as url, town.with_model(url, fault.seconds):
        yield


def is_at_rest(town: Town) -> bool:
    """Is no status shown, and does no stream wait for more?"""
    waiting = [status for status in town.slack.workspace.statuses.values() if status]
    return not waiting and not any(m.streaming for m in town.slack.workspace.messages.values())


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("name", TELLING)
async def test_whatever_a_model_does_wrong_the_templates_words_are_told_and_the_next_answer_works(
    town, llmock, surface, name
):
    plain, fault = await in_plain_words(town, surface), TELLING[name]
    before = len(await town.outcomes())
    async with broken(town, llmock, name, fault):
        with structlog.testing.capture_logs() as logged:
            answer = await SURFACES[surface](town)
    assert (await town.outcomes())[before:] == [fault.outcome]
    assert figures(answer) == figures(plain)
    assert bullets(answer) == bullets(plain)
    assert "plain mode" in last_line(answer)
    assert is_at_rest(town)
    assert not [line for line in logged if line["log_level"] in ("error", "critical")]
    assert "failed on our side" not in said(town.slack)
    assert not town.uncaught

    llmock.reset().reply(GOOD)
    async with town.with_model(llmock.base_url(), WAIT):
        assert "words by" in last_line(await SURFACES[surface](town))


@pytest.mark.parametrize("name", READING)
async def test_whatever_goes_wrong_while_a_model_reads_a_question_it_is_asked_back_in_our_words(
    town, llmock, name
):
    fault, before = READING[name], len(await town.outcomes())
    async with broken(town, llmock, name, fault):
        (answer,) = await unread(town)
    outcomes = (await town.outcomes())[before:]
    assert set(outcomes) == {fault.outcome}
    assert len(outcomes) <= 4
    assert answer.text.startswith(("I did not understand that.", "I don't know "))
    assert [block["type"] for block in answer.blocks] == ["section", "actions"]
    assert is_at_rest(town)
    assert "failed on our side" not in said(town.slack)

    llmock.reset().add(Reply(tool_calls=(ToolCall("win_rate", {"by": ["region"]}),))).reply(GOOD)
    async with town.with_model(llmock.base_url(), WAIT):
        assert "words by" in last_line(await unread(town))


async def test_after_five_faults_in_a_row_nobody_asks_the_server_and_answers_are_plain_at_once(town, llmock):
    llmock.fail(429, code="insufficient_quota", times=None)
    async with town.with_model(llmock.base_url(), WAIT):
        for _ in range(5):
            await breakdown(town)
        asked = len(llmock.requests)
        before = len(await town.outcomes())
        answers = {surface: await SURFACES[surface](town) for surface in SURFACES}
    assert asked == len(llmock.requests) == 5
    assert (await town.outcomes())[before:] == ["breaker"] * len(SURFACES)
    for surface, answer in answers.items():
        assert "plain mode" in last_line(answer)
        assert bullets(answer) == bullets(await in_plain_words(town, surface))


async def test_where_no_certificates_can_be_read_answers_are_plain(town, llmock, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    async with town.with_model(llmock.base_url(), WAIT):
        assert "plain mode" in last_line(await breakdown(town))
    assert "failed on our side" not in said(town.slack)


# ---------------------------------------------------------------- what comes first


async def test_numbers_and_chart_are_there_before_the_model_has_said_anything(town, llmock):
    llmock.delay(1.0).reply(GOOD)
    async with town.with_model(llmock.base_url(), WAIT):
        direct = town.slack.direct(town.boss)
        before, calls = len(direct.messages), len(town.slack.calls)
        asking = asyncio.create_task(free_text(town))
        assert await town.slack.pulse.until(lambda: len(direct.messages) > before + 1, WAIT)
        shown = [block["type"] for block in direct.messages[-1].blocks]
        assert {"data_table", "data_visualization"} <= set(shown)
        assert "chat.startStream" not in made(town, calls)
        await asking
    assert made(town, calls).index("chat.postMessage") < made(town, calls).index("chat.startStream")


async def test_words_wait_for_no_picture(town, llmock):
    llmock.reply(GOOD)
    town.slack.workspace.file_seconds = 0.5  # Slack looks at it for so long
    async with town.with_model(llmock.base_url(), WAIT):
        before, direct = len(town.slack.calls), town.slack.direct(town.boss)
        answer = await ask(town.slack, town.boss, "why did win rate change last quarter?")
        assert await town.slack.pulse.until(lambda: is_illustrated(direct.messages[-1]), WAIT)
    town.slack.workspace.file_seconds = 0.0
    assert "words by" in last_line(answer)
    calls = made(town, before)
    pictured = max(at for at, method in enumerate(calls) if method == "chat.postMessage")
    assert calls.index("chat.stopStream") < pictured


def is_illustrated(message: Message) -> bool:
    return any(block["type"] == "image" for block in message.blocks)


def made(town: Town, since: int) -> list[str]:
    """The calls our app has made, in their order."""
    return [call.method for call in town.slack.calls[since:]]


async def test_a_model_that_is_asked_tells_its_suggestion_so_these_tests_can_see_words(town, llmock):
    llmock.reply(GOOD)
    async with town.with_model(llmock.base_url(), WAIT):
        assert SUGGESTION in bullets(await breakdown(town))
