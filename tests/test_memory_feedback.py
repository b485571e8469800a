"""What readers think of answers is kept: once for each answer, with the facts and words it was about."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot import doctor
from bot import settings as config
from bot.memory import Memory, feedback
from bot.memory.feedback import Feedback, Tally
from bot.memory.tables import feedback as table

NOW = datetime(2024, 6, 28, 9, tzinfo=UTC)
PRIYA = Feedback(
    slack_user="U1",
    line="/winrate region",
    generation="g7",
    useful=True,
    facts=("win_rate/region=APAC", "win_rate/all"),
    prompt="narrate-3-1a2b3c4d",
    model="small-model",
)


@pytest.fixture
async def memory(tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as opened:
        yield opened


async def keep(memory, *judgements, workspace="T1"):
    async with memory.write() as tx:
        for minutes, one in enumerate(judgements):
            await feedback.keep(tx, workspace, one, NOW + timedelta(minutes=minutes))


async def rows(memory):
    async with memory.read() as connection:
        return (await connection.execute(select(table))).all()


async def tally(memory, workspace="T1"):
    async with memory.read() as connection:
        return await feedback.tally(connection, workspace)


async def test_a_judgement_is_kept_with_its_facts_prompt_and_model(memory):
    await keep(memory, PRIYA)

    (row,) = await rows(memory)
    assert json.loads(row.facts) == ["win_rate/all", "win_rate/region=APAC"]
    assert (row.line, row.generation, row.useful) == ("/winrate region", "g7", 1)
    assert (row.prompt, row.model, row.at) == ("narrate-3-1a2b3c4d", "small-model", NOW)


async def test_a_second_click_replaces_the_first(memory):
    await keep(memory, PRIYA, replace(PRIYA, useful=False))

    (row,) = await rows(memory)
    assert row.useful == 0
    assert row.at == NOW + timedelta(minutes=1)


async def test_the_same_line_on_other_numbers_is_another_answer(memory):
    await keep(memory, PRIYA, replace(PRIYA, generation="g8"))
    assert len(await rows(memory)) == 2


async def test_judgements_are_told_by_command_and_page(memory):
    await keep(
        memory,
        PRIYA,
        replace(PRIYA, slack_user="U2", line="/winrate industry", useful=False),
        replace(PRIYA, line="/winrate rep"),
        replace(PRIYA, line="/coach rep Priya"),
    )
    assert await tally(memory) == {"/winrate": Tally(2, 1), "/coach rep": Tally(1, 0)}


async def test_a_workspace_sees_its_own_judgements_only(memory):
    await keep(memory, PRIYA, workspace="T2")
    assert await tally(memory) == {}


async def test_the_status_page_tells_how_useful_answers_were(tmp_path):
    settings = config.load(home=tmp_path)
    async with Memory.open(settings.memory_url) as memory:
        await keep(memory, PRIYA, workspace=settings.workspace)

    found = await doctor.judged(settings)
    assert found.found == "/winrate 1 useful, 0 not"


async def test_the_status_page_says_so_before_anyone_judged(tmp_path):
    assert (await doctor.judged(config.load(home=tmp_path))).found == "none yet"
