"""What a reader is told when it goes wrong: old numbers, no model, two meanings, off topic, a queue."""

import asyncio

import pytest

from analytics import store
from bot import settings as config
from bot.coach import Coach
from bot.memory import Memory
from bot.playground import Fault, Faults, Kind
from tests.face import ask, one, statuses, workspace
from tests.scripted_model import Arbitrary


@pytest.fixture(scope="module")
def people(crm):
    return store.current(crm).people()


@pytest.fixture
def cro(people):
    return one(people, "cro")


@pytest.fixture
async def memory(tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as opened:
        yield opened


@pytest.fixture
def coach(crm, memory):
    return Coach(config.load(home=crm, stale_after_days=100_000), memory)


def buttons(message):
    return [one for block in message.blocks if block["type"] == "actions" for one in block["elements"]]


async def test_old_numbers_are_said_on_the_first_line_and_after_the_key_number(crm, memory, people, cro):
    old = Coach(config.load(home=crm, stale_after_days=2), memory)
    async with workspace(old, people) as slack:
        (answer,) = (await slack.command("/winrate region", user=cro)).messages
    first = answer.blocks[0]["text"]["text"]
    assert first.startswith("Showing the numbers of 2024-06-28, ")
    assert first.endswith(" days old. Ask ops to load newer ones.")
    assert answer.blocks[1]["type"] == "header"
    assert answer.text.index("p 0.") < answer.text.index("Showing the numbers")


async def test_with_the_model_down_the_same_numbers_come_in_plain_mode(coach, people, cro):
    coach.model = Arbitrary("no JSON at all")
    async with workspace(coach, people) as slack:
        numbers, words = await ask(slack, cro, "win rate by region")
    assert any(block["type"] == "data_table" for block in numbers.blocks)
    assert words.blocks[-1]["elements"][0]["text"].endswith(" · plain mode")


async def test_two_meanings_are_one_question_with_two_or_three_buttons(coach, people, cro):
    async with workspace(coach, people) as slack:
        (question,) = await ask(slack, cro, "how are we doing in june")
        (longer,) = await ask(slack, cro, "how is enterprise")
    assert question.text == "Do you mean what was won so far, or what will be?"
    assert [len(buttons(one)) for one in (question, longer)] == [2, 3]


async def test_off_topic_hears_what_i_can_do_and_four_examples(coach, people, cro):
    async with workspace(coach, people) as slack:
        (answer,) = await ask(slack, cro, "what's the weather")
    assert answer.text.startswith("I only know this team's deals: what is won, why that changes")
    assert len(buttons(answer)) == 4


async def test_who_is_busy_with_us_hears_their_place_and_never_nothing(coach, people, cro):
    async with workspace(
        coach, people, faults=Faults([Fault(Kind.DELAY, "users.info", seconds=0.7)])
    ) as slack:
        direct = slack.direct(cro)
        await asyncio.gather(*(slack.say(direct, "win rate by region", cro) for _ in range(3)))
        answered = lambda: [m for m in direct.messages if m.by_bot and m.blocks]  # noqa: E731
        assert await slack.pulse.until(lambda: len(answered()) == 3, 10)
        told = statuses(slack)
    assert "has 1 of your questions to answer first" in told
    assert "has 2 of your questions to answer first" in told
