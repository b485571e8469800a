"""A Slack that refuses some of our blocks: only those are told otherwise, and a chart becomes a picture."""

import pytest

from bot import settings as config
from bot.blocks import limits
from bot.coach import Coach
from bot.pictures import chart
from tests.alerting import office, post
from tests.face import ask, workspace
from tests.facts_by_hand import breakdown
from tests.test_blocks import message

REP, CRO = "rep_05", "cro_01"


@pytest.fixture
def coach(crm, tmp_path):
    home = config.load(
        home=crm, stale_after_days=100_000, memory_url=f"sqlite+aiosqlite:///{tmp_path}/m.sqlite"
    )
    return Coach(home)


def town(coach, *refused):
    return workspace(coach, coach.asked_here().generation.people(), refuse=refused)


def kinds(blocks):
    return limits.types(blocks)


async def test_a_command_whose_chart_is_refused_is_answered_with_text_and_a_picture(coach):
    async with town(coach, "data_visualization") as slack:
        await slack.command("/winrate region", user=CRO)
        await slack.idle(0.5)
        numbers, picture = slack.sees(CRO)

    assert kinds(numbers.blocks) == {"header", "section", "actions", "context_actions", "context"}
    assert (picture.blocks[0]["type"], picture.ephemeral) == ("image", True)
    assert "North America 29.3" in picture.text


async def test_a_question_in_a_thread_loses_the_refused_kind_alone(coach):
    async with town(coach, "data_visualization") as slack:
        numbers, picture, *_ = await ask(slack, CRO, "win rate by region")

    assert {"data_table", "context_actions"} <= kinds(numbers.blocks)
    assert "data_visualization" not in kinds(numbers.blocks)
    assert picture.blocks[0]["type"] == "image"


async def test_a_table_refused_in_a_thread_is_text_and_the_chart_stays(coach):
    async with town(coach, "data_table") as slack:
        numbers, *_ = await ask(slack, CRO, "win rate by region")

    assert "data_visualization" in kinds(numbers.blocks)
    assert "North America" in str([b for b in numbers.blocks if b["type"] == "section"])


@pytest.mark.parametrize("refused", ["container", "data_table", "table"])
async def test_home_loses_only_what_is_refused(coach, refused):
    async with town(coach, refused) as slack:
        view = await slack.open_home(CRO)

    assert view is not None
    assert refused not in kinds(view["blocks"])
    assert {"container", "data_table"} - {refused} <= kinds(view["blocks"])


async def test_a_modal_loses_only_what_is_refused(coach):
    async with town(coach, "data_table") as slack:
        reply = await slack.command("/winrate region", user=CRO)
        await slack.click(reply.messages[0], "sums", user=CRO)
        await slack.idle(0.5)
        view = slack.modal(CRO)

    assert view is not None
    assert "data_table" not in kinds(view["blocks"])
    assert "won / (won + lost)" in str(view["blocks"])


async def test_what_a_job_tells_keeps_its_buttons_when_its_chart_is_refused(tmp_path):
    blocks = [*message(breakdown())]
    async with office(tmp_path) as works:
        works.slack.refuse = frozenset({"data_visualization"})
        await works.write(post(blocks=blocks))
        await works.turns(3, seconds=2)
        (told,) = works.slack.sees("U_PRIYA")

    assert kinds(told.blocks) == kinds(blocks) - {"data_visualization"}


async def test_what_even_plain_slack_refuses_is_still_told_in_words(tmp_path):
    async with office(tmp_path) as works:
        works.slack.refuse = frozenset({"header", "data_visualization", "data_table"})
        await works.write(post(blocks=message(breakdown())))
        await works.turns(4, seconds=2)
        (told,) = works.slack.sees("U_PRIYA")

    assert (told.text, told.blocks) == ("about a1", [])


def test_a_chart_as_a_picture_says_every_value_to_who_cannot_see_it():
    block = message(breakdown())[3]
    drawn = chart.of(block)

    assert (
        drawn.alt
        == "Win rate by region - all time. Win rate: India 45.7, Europe 45.6, APAC 44.9, North America 44.8"
    )
    assert drawn.png.startswith(b"\x89PNG")
    assert chart.of(block).png == drawn.png
