"""The Slack face, by typing and clicking in a real (local) Slack over Socket Mode and signed HTTP."""

import pytest

from analytics import store
from analytics.questions import EVERYONE
from bot import app as face
from bot import settings as config
from bot.audience import reports
from bot.coach import Coach
from bot.demo import members
from bot.memory import Memory
from bot.playground import Person, Playground
from tests.playground_apps import over_http, over_socket

STRANGER = Person("U0STRANGER", "stranger", "stranger@example.org")


@pytest.fixture
def people(crm):
    return store.current(crm).people()


@pytest.fixture
async def memory(tmp_path):
    async with Memory.open(f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}") as opened:
        yield opened


@pytest.fixture
async def slack(crm, people, memory):
    async with (
        Playground(people=[*members(people), STRANGER], deadline=20) as playground,
        over_socket(playground, app(crm, playground, memory)),
    ):
        yield playground


def app(crm, playground, memory, **more):
    settings = config.load(
        home=crm,
        slack_bot_token=playground.bot_token,
        slack_app_token=playground.app_token,
        slack_signing_secret=playground.signing_secret,
        slack_api_url=playground.api_url,
        stale_after_days=100_000,
        **more,
    )
    return face.build(Coach(settings, memory))


def one(people, role):
    return next(p for p in people if p.role == role)


async def test_a_cro_gets_the_verdict_first_and_alone(slack, people):
    reply = await slack.command("/winrate region", user=one(people, "cro").person_id)
    assert reply.ephemeral
    assert [b["type"] for b in reply.blocks[:2]] == ["header", "section"]
    assert reply.blocks[0]["text"]["text"].startswith("Win rate by region")
    assert "data_table" in [b["type"] for b in reply.blocks]


async def test_a_button_asks_again_and_keeps_the_period(slack, people):
    cro = one(people, "cro").person_id
    first = await slack.command("/winrate region 2024-Q1", user=cro)
    again = await slack.click(first.messages[0], "ask.lead_source", user=cro)
    assert "2024-Q1" in again.blocks[0]["text"]["text"]


async def test_a_rep_cannot_see_a_colleagues_deal(slack, people, crm):
    rep = one(people, "rep").person_id
    theirs = next(d for d in store.current(crm).open_deals(EVERYONE) if d.rep_id != rep)
    reply = await slack.command(f"/deal {theirs.deal_id}", user=rep)
    assert reply.text == f"Only its owner and their manager can see {theirs.deal_id}."


async def test_a_manager_sees_the_deal_of_a_report(slack, people, crm):
    manager = one(people, "manager")
    team = reports(people, manager.person_id)
    theirs = next(d for d in store.current(crm).open_deals(EVERYONE) if d.rep_id in team)
    reply = await slack.command(f"/deal {theirs.deal_id}", user=manager.person_id)
    assert reply.blocks[0]["text"]["text"].startswith(theirs.deal_id)


async def test_a_stranger_sees_nothing_and_is_told_whom_to_ask(slack):
    reply = await slack.command("/winrate region", user="stranger")
    assert "can't find you" in reply.text
    assert "/coach map" in reply.text
    assert reply.ephemeral


async def test_ops_map_a_stranger_who_then_sees_own_deals(slack, people):
    rep = one(people, "rep")
    told = await slack.command(f"/coach map @stranger {rep.person_id}", user=one(people, "ops").person_id)
    assert rep.name in told.text
    reply = await slack.command("/winrate", user="stranger")
    assert "your deals" in str(reply.blocks)


async def test_ops_see_health_but_no_deals(slack, people):
    ops = one(people, "ops").person_id
    assert (await slack.command("/coach quality", user=ops)).blocks
    assert "not deals" in (await slack.command("/winrate region", user=ops)).text


async def test_a_rep_does_not_see_the_scorecard(slack, people):
    reply = await slack.command("/coach quality", user=one(people, "rep").person_id)
    assert "Only ops and the CRO" in reply.text


async def test_what_is_not_understood_gets_examples_that_work(slack, people):
    cro = one(people, "cro").person_id
    reply = await slack.command("/winrate regoin", user=cro)
    assert "regoin" in reply.text
    assert "/winrate" in reply.text


@pytest.mark.parametrize("text", ["a" * 10_000, "\u202eregion", "<!channel>", "\x00", "'; drop table deals"])
async def test_hostile_text_gets_a_sentence_and_pings_nobody(slack, people, text):
    reply = await slack.command(f"/winrate {text}", user=one(people, "cro").person_id)
    assert reply.text
    assert not reply.error
    assert "<!" not in reply.text
    assert "\u202e" not in reply.text


async def test_a_slack_that_refuses_the_new_blocks_gets_plain_ones(crm, people, memory):
    refused = {"data_table", "data_visualization"}
    picky = Playground(people=members(people), refuse=refused, deadline=20)
    async with picky as slack, over_socket(slack, app(crm, slack, memory)):
        reply = await slack.command("/winrate region", user=one(people, "cro").person_id)
    assert not refused & {b["type"] for b in reply.blocks}
    assert "North America" in str(reply.blocks)


async def test_the_same_answer_comes_over_signed_http(slack, crm, people, memory):
    cro = one(people, "cro").person_id
    over_the_socket = await slack.command("/winrate region", user=cro)
    async with over_http(slack, app(crm, slack, memory, mode="http")):
        assert (await slack.command("/winrate region", user=cro)).blocks == over_the_socket.blocks
