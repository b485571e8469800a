"""What an inquiry is answered from: whose deals, which generations; and the pages about ourselves."""

from dataclasses import replace
from datetime import date

import pytest

from analytics import refresh, store
from analytics.questions import PipelineQuestion
from bot import intents, replies
from bot import settings as config
from bot.audience import NotForThisRole
from bot.blocks import limits
from bot.coach import LOOK_BACK, Coach, NotThereYet
from bot.intents import Glossary, Help, QualityPage
from data import load, tables
from tests.conftest import AS_OF

DEALS = """deal_id,created_date,close_date,outcome,rep_id,amount,region
D101,2024-01-02,2024-02-01,won,rep_1,1000,North
D102,2024-01-03,2024-02-02,lost,rep_1,2000,South
D103,2024-01-04,,open,rep_2,3000,North
"""


@pytest.fixture
def small(tmp_path):
    """A folder with three deals, loaded on the first of March."""
    (tmp_path / "deals.csv").write_text(DEALS)
    home = tmp_path / "home"
    load.load([tmp_path / "deals.csv"], home, loaded_on=date(2024, 3, 1))
    return home


def refreshed(home, *days):
    for day in days:
        refresh.refresh(tables.current(home), home, day)
    return Coach(config.load(home=home))


def asking(coach, role):
    """The first person of a role, as an inquiry."""
    people = store.current(coach.home).people()
    return coach.asked_here(next(p.person_id for p in people if p.role == role))


def shown(reply):
    """All text of a reply, a line for each paragraph."""
    return "\n".join(str(block.get("text", {}).get("text", "")) for block in reply.blocks)


def test_the_earlier_generations_are_the_last_of_each_day_before(small):
    first, second = date(2024, 2, 28), date(2024, 2, 29)
    coach = refreshed(small, first, second, second)
    kept = coach.kept(date(2024, 3, 1))

    assert [one.as_of for one in kept] == [first, second]
    assert [one.id[:7] for one in kept] == ["g000001", "g000003"]
    assert coach.kept(second) == kept[:1]
    assert coach.kept(first) == []


def test_a_damaged_earlier_generation_is_left_out(small):
    coach = refreshed(small, date(2024, 2, 28), date(2024, 2, 29))
    path = next(store.folder(small).glob("g000001*.sqlite"))
    path.chmod(0o644)
    path.write_text("not a database")
    assert [one.as_of for one in coach.kept(date(2024, 3, 1))] == [date(2024, 2, 29)]


@pytest.mark.parametrize(
    ("role", "whose", "meant"),
    [
        ("rep", "all", "mine"),
        ("rep", "team", "mine"),
        ("rep", "mine", "mine"),
        ("manager", "all", "team"),
        ("manager", "mine", "mine"),
        ("cro", "team", "all"),
        ("cro", "all", "all"),
    ],
)
def test_nobody_is_shown_more_deals_than_they_may_see(coach, role, whose, meant):
    inquiry = asking(coach, role)
    question, scope = inquiry.share(PipelineQuestion(whose))

    assert question.whose == meant
    assert scope == inquiry.scope or scope.rep_ids == {inquiry.viewer.person_id}
    assert scope.everyone == (meant == "all")


def test_who_is_nobody_in_the_crm_has_no_deals_of_their_own(coach):
    with pytest.raises(NotForThisRole, match="You own no deals here"):
        coach.asked_here().share(PipelineQuestion("mine"))


def test_ops_are_shown_no_pipeline(coach):
    with pytest.raises(NotForThisRole):
        asking(coach, "ops").share(PipelineQuestion())


async def test_the_scorecard_of_a_past_day_is_of_that_day(coach):
    past = replace(QualityPage(), as_of=date(2024, 3, 1))
    assert (await replies.reply(past, coach.asked_here())).generation.startswith("asof-2024-03-01")
    assert (await replies.reply(QualityPage(), coach.asked_here())).facts["as_of/answer"].as_of == AS_OF


@pytest.mark.parametrize("role", ["rep", "cro", "ops"])
async def test_every_line_of_the_help_is_one_that_its_reader_can_ask(coach, role):
    inquiry = asking(coach, role)
    page = await replies.reply(Help(), inquiry)
    lines = [line.removeprefix("• ") for line in shown(page).splitlines() if line.startswith("• /")]

    assert {line.split(" ")[0] for line in lines} == {command.name for command in intents.COMMANDS}
    assert all(inquiry.understand_line(line) for line in lines)


async def test_a_misspelt_term_is_answered_with_the_nearest(coach):
    page = shown(await replies.reply(Glossary("win raet"), coach.asked_here()))
    assert "No entry mentions win raet." in page
    assert "*Win rate*" in page


async def test_a_term_like_no_other_is_not_answered_with_the_whole_glossary(coach):
    page = shown(await replies.reply(Glossary("banana"), coach.asked_here()))
    assert page.splitlines() == [
        "What the words mean",
        "*No entry mentions banana.* All of them: /coach glossary.",
    ]


async def test_the_glossary_is_one_line_for_each_metric(coach):
    page = shown(await replies.reply(Glossary(), coach.asked_here()))
    assert "• Win rate: The share of closed deals that were won" in page


ASKED = [
    "/why last quarter",
    "/why by region challenge",
    "/watch region",
    "/watch below 20 %",
    "/drivers",
    "/drivers region by lead source",
    "/pipeline",
    "/pipeline next quarter",
    "/funnel",
    "/coach rep {rep}",
    "/coach model",
]


@pytest.mark.parametrize("role", ["rep", "manager", "cro"])
@pytest.mark.parametrize("pattern", ASKED)
async def test_every_question_is_answered_to_everyone_with_buttons_that_work(coach, role, pattern):
    inquiry = asking(coach, role)
    rep = store.current(coach.home).values("rep", inquiry.scope)[0]
    reply = await replies.reply(inquiry.understand_line(pattern.format(rep=rep)), inquiry)

    assert limits.check(reply.blocks) == []
    assert reply.text
    buttons = [element for block in reply.blocks for element in block.get("elements", ())]
    for line in (button["value"] for button in buttons if "value" in button):
        assert inquiry.understand_line(line)


@pytest.mark.parametrize("line", ["/why last quarter", "/watch", "/pipeline", "/funnel", "/coach model"])
async def test_every_question_can_be_asked_of_a_past_day(coach, line):
    reply = await replies.reply(
        coach.asked_here().understand_line(f"{line} asof 2024-03-01"), coach.asked_here()
    )
    assert reply.generation.startswith("asof-2024-03-01")


async def test_a_rep_who_asks_for_all_deals_is_told_that_these_are_their_own(coach):
    inquiry = asking(coach, "rep")
    reply = await replies.reply(inquiry.understand_line("/pipeline all"), inquiry)
    assert "Only your deals." in shown(reply)
    assert reply.answer.whose == "mine"


async def test_what_changed_a_deals_odds_is_told_against_the_week_before_when_nothing_older_is_kept(coach):
    inquiry = asking(coach, "cro")
    deal = next(d for d in inquiry.generation.open_deals() if d.age_days > 30)
    facts = await inquiry.receipt(deal.deal_id.lower(), None)
    assert facts.deal_id == deal.deal_id
    assert facts.before_day.value == (AS_OF - LOOK_BACK).toordinal()


async def test_a_deal_younger_than_what_is_kept_has_nothing_to_compare(coach):
    inquiry = asking(coach, "cro")
    deal = next(d for d in inquiry.generation.open_deals() if d.age_days < 7)
    with pytest.raises(NotThereYet, match="was not there yet on 2024-06-21"):
        await inquiry.receipt(deal.deal_id, None)
