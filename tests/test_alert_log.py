"""`/coach alerts log`: what became of every alert, within the reader's rights."""

import pytest

from bot import intents
from bot.alerting import log
from bot.alerting.log import Row, What, Why
from bot.blocks.limits import check
from bot.memory import Memory
from bot.replies import alert_log
from tests.alerting import finding


@pytest.fixture
async def told(coach, tmp_path):
    """The coach with a memory in which a deal was told, one held, and one is silent; all of the first rep."""
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as memory:
        coach.memory = memory
        people = coach.asked_here().generation.people()
        owner = next(one for one in people if one.manager_id)
        rows = [
            Row(f"k{number}", finding(f"D{number}", owner=owner.person_id), what, memory.now(), why, who)
            for number, what, why, who in (
                (1, What.TOLD, "", owner.person_id),
                (1, What.ACTED, "exec call booked", owner.person_id),
                (2, What.SUPPRESSED, Why.BUDGET, ""),
                (3, What.SILENT, Why.SILENT, owner.person_id),
                (3, What.RESOLVED, "moved", ""),
            )
        ]
        source = finding("deals", rule="source_old", level="data", subject="source", owner="", manager_id="")
        async with memory.write() as tx:
            await log.write_all(tx, "main", [*rows, Row("k4", source, What.TOLD, memory.now(), "", "ops_1")])
        yield coach, owner


async def page(coach, who, about=""):
    return await alert_log.log(intents.AlertLog(about), coach.asked_here(who))


def about(reply):
    """What the table is about, from the newest row on."""
    tables = [block for block in reply.blocks if block["type"] == "data_table"]
    return [row[1]["text"] for row in tables[0]["rows"][1:]] if tables else []


async def test_an_owner_reads_what_became_of_their_alerts_and_nothing_of_the_lot(told):
    coach, owner = told
    reply = await page(coach, owner.person_id)
    assert about(reply) == ["D2", "D1", "D1"]
    assert "Messages told: 1. Held back: 1." in reply.text
    assert "Silent" not in str(reply.blocks)
    assert check(reply.blocks) == []


async def test_a_colleague_reads_nothing_of_it(told):
    coach, owner = told
    people = coach.asked_here().generation.people()
    other = next(one for one in people if one.manager_id == owner.manager_id and one != owner)
    assert about(await page(coach, other.person_id)) == []


async def test_the_cro_reads_how_many_are_silent_but_not_which(told):
    coach, _ = told
    reply = await page(coach, "")
    assert about(reply) == ["deals", "D2", "D1", "D1"]
    assert "Silent by lot, to measure the rest: 1" in str(reply.blocks)


async def test_of_one_deal_the_log_tells_only_that(told):
    coach, owner = told
    reply = await page(coach, owner.person_id, "d1")
    assert about(reply) == ["D1", "D1"]
    assert "exec call booked" in str(reply.blocks)


async def test_with_nothing_considered_it_says_so(coach, tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as memory:
        coach.memory = memory
        assert "No alert was considered" in (await page(coach, "")).text
