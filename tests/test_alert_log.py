"""`/coach alerts log`: what became of every alert, within the reader's rights."""

from datetime import UTC, datetime, timedelta

import pytest

from bot import intents
from bot.alerting import book, log, outbox
from bot.alerting.log import Row, What, Why
from bot.alerting.outbox import Message, Recipient
from bot.alerting.standing import Alert, State
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
    assert about(reply) == ["D1", "D1", "D2"]  # told and answered first
    assert "Messages told: 1. Answers: 1." in reply.text
    assert "Held back: 1." in str(reply.blocks)
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
    assert about(reply) == ["deals", "D1", "D1", "D2"]
    assert "Messages told: 2. Silent by lot: 1. Answers: 1." in reply.text


async def test_of_one_deal_the_log_tells_only_that(told):
    coach, owner = told
    reply = await page(coach, owner.person_id, "d1")
    assert about(reply) == ["D1", "D1"]
    assert "exec call booked" in str(reply.blocks)


async def test_with_nothing_considered_it_says_so(coach, tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as memory:
        coach.memory = memory
        assert "No alert was considered" in (await page(coach, "")).text


def table(reply):
    """The table as texts, its head first."""
    [block] = [block for block in reply.blocks if block["type"] == "data_table"]
    return block["caption"], [[cell["text"] for cell in row] for row in block["rows"]]


async def test_the_table_says_how_much_it_shows_and_who_it_was(told):
    coach, owner = told
    caption, (head, *rows) = table(await page(coach, owner.person_id))
    assert caption == "3 of 3 shown: told and answered first, then the newest"
    assert head[0] == "Day of the numbers"
    assert {row[-1] for row in rows} == {owner.name}


async def test_hygiene_is_counted_and_not_listed(told):
    coach, owner = told
    old = Row(
        "k5", finding("D5", rule="old", level="P3", owner=owner.person_id), What.DIGEST, coach.memory.now()
    )
    async with coach.memory.write() as tx:
        await log.write_all(tx, "main", [old])
    reply = await page(coach, owner.person_id)
    assert "D5" not in about(reply)
    assert "Of hygiene (P3), counted and not listed: 1." in str(reply.blocks)
    assert about(await page(coach, owner.person_id, "D5")) == ["D5"]


async def test_ops_read_counts_and_no_deals(told):
    coach, _ = told
    reply = await page(coach, "ops_01")
    assert about(reply) == ["deals"]
    assert "You see counts, not deals." in str(reply.blocks)


@pytest.mark.parametrize("deal", ["D1", "D99999"])
async def test_of_somebody_elses_deal_and_of_none_the_log_says_the_same(told, deal):
    coach, owner = told
    other = next(one for one in coach.asked_here().generation.people() if one.role == "rep" and one != owner)
    reply = await page(coach, other.person_id, deal)
    assert f"There is no alert about {deal} that you may see." in reply.text


async def test_what_slack_does_not_have_yet_is_still_to_be_told(told):
    coach, owner = told
    due = datetime(2024, 7, 23, 8, tzinfo=UTC)
    to = Recipient(owner.person_id, owner.name, owner.email)
    waits = Message(
        dedup_key="k1:told", workspace="main", kind="post", recipient=to, text="x", alert_key="k1", due=due
    )
    async with coach.memory.write() as tx:
        await book.write(tx, "main", [alert("k1", finding("D1", owner=owner.person_id))])
        await outbox.enqueue(tx, waits, due - timedelta(hours=12))
    reply = await page(coach, owner.person_id)
    assert "Messages told: 0. Answers: 1." in reply.text
    assert "To be told, not in Slack yet: 1." in str(reply.blocks)
    assert ["To be told", "From 2024-07-23 08:00", owner.name] in [row[3:] for row in table(reply)[1]]


def alert(key, found):
    return Alert(key=key, state=State.TOLD, finding=found, opened_on=found.as_of, told_on=found.as_of)
