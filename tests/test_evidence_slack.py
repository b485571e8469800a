"""`Show the sums` and the feedback buttons, clicked in a real (local) Slack."""

import json
import time

import pytest
from sqlalchemy import select

from analytics import store
from bot import settings as config
from bot.blocks import limits
from bot.blocks.evidence import Judged
from bot.coach import Coach
from bot.listeners.evidence import thanks
from bot.memory import Memory
from bot.memory.tables import feedback
from bot.playground.faults import Fault, Faults, Kind
from tests.face import workspace

LINE = "/winrate region 2024-Q1"


@pytest.fixture
def people(crm):
    return store.current(crm).people()


@pytest.fixture
def cro(people):
    return next(p for p in people if p.role == "cro").person_id


@pytest.fixture
async def memory(tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as opened:
        yield opened


@pytest.fixture
async def slack(crm, people, memory):
    settings = config.load(home=crm, stale_after_days=100_000)
    async with workspace(Coach(settings, memory), people) as playground:
        yield playground


async def modal_with(slack, user, words):
    """The modal once it shows these words."""
    await slack.pulse.until(lambda: words in json.dumps(slack.modal(user) or {}), 20)
    return slack.modal(user)


def judgement(reply, button):
    """The value of one of the two feedback buttons of a message."""
    return reply.blocks[-1]["elements"][0][button]["value"]


async def judged(memory):
    async with memory.read() as connection:
        return (await connection.execute(select(feedback))).all()


async def test_show_the_sums_opens_a_modal_with_formulas_and_statements(slack, cro):
    reply = await slack.command(LINE, user=cro)
    await slack.click(reply.messages[0], "sums", user=cro)

    view = await modal_with(slack, cro, "won / (won + lost), by count")
    assert view["title"]["text"] == "The sums"
    assert view["private_metadata"] == f"/coach sums {LINE}"
    assert not limits.check(view["blocks"], "modal")
    assert "FROM cube" in json.dumps(view)


async def test_the_modal_opens_well_within_the_three_seconds_of_its_trigger(slack, cro):
    reply = await slack.command(LINE, user=cro)
    begin = time.perf_counter()
    await slack.click(reply.messages[0], "sums", user=cro)
    await slack.pulse.until(lambda: slack.modal(cro) is not None, 3)

    assert slack.modal(cro) is not None
    assert time.perf_counter() - begin < 3
    assert [call.method for call in slack.calls if "views." in call.method].index("views.open") == 0


async def test_a_click_too_old_for_a_modal_is_answered_with_a_message(slack, cro):
    reply = await slack.command(LINE, user=cro)
    slack.faults = Faults([Fault(Kind.REFUSE, "views.open", error="expired_trigger_id")])
    answer = await slack.click(reply.messages[0], "sums", user=cro)

    assert slack.modal(cro) is None
    assert answer.blocks[0]["text"]["text"].startswith("The sums")


async def test_a_slack_that_refuses_our_tables_in_a_modal_gets_them_as_text(slack, cro):
    reply = await slack.command(LINE, user=cro)
    slack.faults = Faults([Fault(Kind.REFUSE, "views.update", error="invalid_blocks")])
    await slack.click(reply.messages[0], "sums", user=cro)

    view = await modal_with(slack, cro, "won / (won + lost), by count")
    assert "data_table" not in limits.types(view["blocks"])


async def test_rights_taken_away_since_are_told_in_the_modal(slack, cro, crm, people):
    rep = next(p for p in people if p.role == "rep").person_id
    theirs = next(d for d in store.current(crm).open_deals() if d.rep_id != rep)
    reply = await slack.command(f"/deal {theirs.deal_id}", user=cro)
    ops = next(p for p in people if p.role == "ops").person_id
    await slack.command(f"/coach map @{slack.workspace.person(cro).name} {rep}", user=ops)
    await slack.click(reply.messages[0], "sums", user=cro)

    view = await modal_with(slack, cro, "Only its owner")
    assert len(view["blocks"]) == 1


async def test_a_judgement_is_kept_with_the_facts_and_thanked_for_quietly(slack, cro, memory):
    reply = await slack.command(LINE, user=cro)
    value = judgement(reply, "positive_button")
    quiet = await slack.click(reply.messages[0], "feedback", user=cro, value=value)

    assert quiet.ephemeral
    assert quiet.messages[-1].text == "Thanks. Noted as useful."
    (row,) = await judged(memory)
    assert row.slack_user == slack.workspace.person(cro).id
    assert (row.line, row.useful, row.model, row.prompt) == (LINE, 1, "", "")
    assert row.generation == Judged.of(value).generation
    assert "win_rate/region=APAC" in json.loads(row.facts)


def test_a_judgement_of_numbers_that_are_gone_says_that_it_is_kept_without_them():
    said = Judged(LINE, "g000000-2020-01-01", "", "", useful=True)
    assert thanks(said, with_facts=False).text == (
        "Thanks. Noted as useful. The numbers behind it are gone by now, so it is kept without them."
    )


async def test_a_second_click_replaces_the_first(slack, cro, memory):
    reply = await slack.command(LINE, user=cro)
    for button in ("positive_button", "negative_button"):
        await slack.click(reply.messages[0], "feedback", user=cro, value=judgement(reply, button))

    (row,) = await judged(memory)
    assert row.useful == 0


async def test_are_you_sure_answers_in_slack_with_the_verdict_first(slack, cro):
    reply = await slack.command("/coach check /winrate lead source", user=cro)
    assert reply.blocks[0]["text"]["text"].startswith("Are you sure?")
    assert reply.blocks[1]["text"]["text"].startswith("*The finding holds in")
