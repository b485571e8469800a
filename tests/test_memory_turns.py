"""What memory keeps of conversations: who said what, how it was understood, and for how long."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.memory import Memory, turns
from bot.memory.turns import Thread, Turn

NOW = datetime(2024, 6, 28, 12, 0, tzinfo=UTC)
HERE = Thread("main", "D1", "1.0", "U_PRIYA")
REGION = Turn("how do regions do?", "/winrate region", ("verdict.noise", "line.gap"))


@pytest.fixture
async def memory(tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as opened:
        yield opened


async def keep(memory, thread, turn, at=NOW):
    async with memory.write() as tx:
        await turns.remember(tx, thread, turn, at)


async def kept(memory, thread, most=turns.REMEMBERED):
    async with memory.read() as connection:
        return await turns.recent(connection, thread, most)


async def test_a_turn_comes_back_as_it_was(memory):
    await keep(memory, HERE, REGION)
    assert await kept(memory, HERE) == (REGION,)


async def test_the_last_turns_come_oldest_first(memory):
    for number in range(8):
        await keep(memory, HERE, Turn(f"question {number}"))
    assert [turn.said for turn in await kept(memory, HERE, 3)] == ["question 5", "question 6", "question 7"]
    assert len(await kept(memory, HERE)) == turns.REMEMBERED


@pytest.mark.parametrize(
    "elsewhere",
    [
        Thread("other", "D1", "1.0", "U_PRIYA"),
        Thread("main", "D2", "1.0", "U_PRIYA"),
        Thread("main", "D1", "2.0", "U_PRIYA"),
        Thread("main", "D1", "1.0", "U_DANA"),
    ],
    ids=["workspace", "channel", "thread", "person"],
)
async def test_nothing_is_known_of_another(memory, elsewhere):
    await keep(memory, HERE, REGION)
    assert await kept(memory, elsewhere) == ()


async def test_of_a_long_text_its_beginning_is_kept(memory):
    await keep(memory, HERE, Turn("a" * 50_000))
    assert (await kept(memory, HERE))[0].said == "a" * turns.SAID_MOST


async def test_old_turns_are_forgotten_and_newer_ones_are_not(memory):
    await keep(memory, HERE, Turn("old"), NOW - timedelta(days=31))
    await keep(memory, HERE, Turn("new"), NOW - timedelta(days=29))
    async with memory.write() as tx:
        await turns.forget(tx, NOW - timedelta(days=30))
    assert [turn.said for turn in await kept(memory, HERE)] == ["new"]
