"""Show the sums, Are you sure: formulas and rows that give the figures, honest rechecks, no-one else's id."""

import json
import re
import sqlite3
from datetime import date, timedelta
from decimal import Decimal

import pytest

from analytics import answers, evidence, refresh, store
from analytics.evidence import Traced, Way, lost_of, won_of
from analytics.facts import Unit, Verdict
from analytics.questions import ALL_TIME, EVERYONE, BreakdownQuestion, Scope
from bot import intents, replies
from bot import settings as config
from bot.blocks import evidence as buttons
from bot.blocks import fallback, limits
from bot.coach import Coach
from bot.narrator import recheck as narrator
from bot.narrator import template
from bot.narrator.evidence import explained
from bot.narrator.recheck import Recheck
from bot.replies.evidence import NoSums, counted_facts, facts_told, may_see, recounted
from bot.replies.evidence import evidence as evidence_of
from tests.facts_by_hand import breakdown, fact
from tests.tables import tables

AS_OF = date(2024, 6, 30)
LINES = (
    "/winrate",
    "/winrate region",
    "/winrate rep by quarter",
    "/winrate region by amount last quarter",
    "/winrate region asof 2024-06-21",
    "/why",
    "/why by industry challenge",
    "/watch region",
    "/drivers",
    "/drivers region by industry",
    "/pipeline",
    "/whatif drop APAC",
    "/funnel",
    "/coach model",
    "/coach quality",
)


def closed(won, lost, **columns):
    created = date(2024, 1, 10)
    row = {"created_date": created, "close_date": created + timedelta(30)} | columns
    return [row | {"outcome": "won"}] * won + [row | {"outcome": "lost"}] * lost


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """Seven closed deals in APAC, three of them won; six in Peru, all lost; two reps and their manager."""
    folder = tmp_path_factory.mktemp("small")
    deals = [*closed(3, 4, region="APAC", rep_id="priya"), *closed(0, 6, region="Peru", rep_id="luis")]
    people = [
        {"person_id": "priya", "name": "Priya Rao", "manager_id": "dana"},
        {"person_id": "luis", "name": "Luis Gil", "manager_id": "dana"},
        {"person_id": "dana", "name": "Dana Wu", "role": "manager"},
    ]
    refresh.refresh(tables(folder, deals=deals, people=people), folder, AS_OF)
    return Coach(config.load(home=folder, stale_after_days=100_000))


def every_line(inquiry):
    """A line of each kind of answer, those of a deal and a rep too."""
    deal = inquiry.generation.open_deals(EVERYONE)[0]
    of_one = [
        f"/deal {deal.deal_id}",
        f"/deal {deal.deal_id} changes",
        f'/coach rep "{deal.rep_id}"',
        f"/coach week {deal.rep_id}",
    ]
    return [*LINES, *of_one]


def shown(blocks):
    """All that a reader can see of a page, and what its buttons carry."""
    return json.dumps(blocks, ensure_ascii=False)


async def page(line, inquiry):
    return (await replies.reply(inquiry.understand_line(line), inquiry)).blocks


def table(blocks, caption):
    """The rows of a table as dicts by column."""
    found = next(block for block in blocks if block.get("caption") == caption)
    head, *rows = ([cell["text"] for cell in row] for row in found["rows"])
    return [dict(zip(head, row, strict=True)) for row in rows]


# ---------------------------------------------------------------- the sums


async def test_a_win_rate_is_taken_down_to_won_and_lost(small):
    rows = table(await page("/coach sums /winrate region", small.asked_here()), "Win rate")
    apac = next(row for row in rows if row["What"] == "region APAC")
    assert (apac["Value"], apac["Deals"], apac["Won"], apac["Lost"]) == ("42.9 %", "7", "3", "4")


async def test_the_statement_shown_gives_the_rows_behind_the_rate(small):
    inquiry = small.asked_here()
    counted = await recounted(intents.WinRate(BreakdownQuestion(("region",))), inquiry)
    read = next(read for read in counted.reads if "FROM cube" in read.query.sql and read.rows == 2)
    with sqlite3.connect(inquiry.generation.path) as file:
        rows = file.execute(read.query.sql, read.query.parameters).fetchall()
    file.close()
    assert [(value, deals, won) for value, deals, won, *_ in rows] == [("APAC", 7, 3), ("Peru", 6, 0)]


def test_a_rate_that_is_no_share_of_whole_deals_has_no_counts():
    assert won_of(fact("win_rate", "0.5", Unit.FRACTION, n=7)) is None
    assert won_of(fact("luck_adjusted_win_rate", "0.5", Unit.FRACTION, n=8)) is None
    assert lost_of(fact("win_rate", "0", Unit.FRACTION, n=6)).value == Decimal(6)


async def test_every_figure_of_every_answer_has_a_formula(coach):
    inquiry = coach.asked_here()
    for line in every_line(inquiry):
        reply = await replies.reply(inquiry.understand_line(line), inquiry)
        for metric in {told.metric for told in counted_facts(reply).values()}:
            title, formula = explained(metric)
            assert title, (line, metric)
            assert len(formula) > 2, (line, metric)


async def test_the_sums_of_every_answer_fit_into_a_message_and_a_modal(coach):
    inquiry = coach.asked_here()
    for line in every_line(inquiry):
        blocks = await page(f"/coach sums {line}", inquiry)
        assert not limits.check(blocks), line
        assert not limits.check(blocks, "modal"), line
        assert "Statement" in shown(blocks), line


async def test_the_sums_hold_as_many_figures_as_the_answer_says_were_verified(coach):
    inquiry = coach.asked_here()
    for line in every_line(inquiry):
        found = await evidence_of(line, inquiry)
        verified = re.search(r"verified ([\d,]+) figures", found.words.context)[1]
        assert sum(len(group.facts) for group in found.groups) == int(verified.replace(",", "")), line


async def test_what_the_verdict_says_comes_first(coach):
    found = await evidence_of("/winrate region", coach.asked_here())
    assert found.groups[0].facts[0].id in found.words.about.fact_ids


async def test_the_model_behind_odds_is_named_with_its_gate(coach):
    assert "Its gate is" in shown(await page("/coach sums /pipeline", coach.asked_here()))
    assert "Its gate is" not in shown(await page("/coach sums /winrate region", coach.asked_here()))


async def test_kinds_of_business_left_out_are_named(coach):
    assert "left out: kinds win differently" in shown(
        await page("/coach sums /winrate region", coach.asked_here())
    )


async def test_it_says_so_when_the_numbers_have_moved_on(coach):
    inquiry = coach.asked_here()
    moved = await replies.evidence.sums(intents.Sums("/winrate region"), inquiry, before="g000000-2024-06-01")
    still = await replies.evidence.sums(
        intents.Sums("/winrate region"), inquiry, before=inquiry.generation.id
    )
    assert "from generation g000000-2024-06-01" in shown(moved.blocks)
    assert "moved on" not in shown(still.blocks)


@pytest.mark.parametrize("line", ["/coach help", "/coach glossary win rate", "/coach sums /why"])
async def test_a_page_without_figures_has_no_sums(coach, line):
    inquiry = coach.asked_here()
    with pytest.raises(NoSums):
        await page(f"/coach sums {line}", inquiry)


def test_a_traced_generation_reads_again_what_was_kept(crm):
    reads = []
    traced = Traced(store.current(crm).path, reads)
    traced.people()
    (read,) = reads
    assert read.rows == len(store.current(crm).people())


def test_deal_by_deal_gives_the_same_rows_as_ready_made_sums(crm):
    reads = []
    one_by_one = Traced(store.current(crm).path, reads, deal_by_deal=True)
    cut = (("region", "quarter"), (), ALL_TIME, None, EVERYONE)
    assert one_by_one.cells(*cut) == store.current(crm).cells(*cut)
    assert "FROM deals" in reads[0].query.sql


# ---------------------------------------------------------------- are you sure?


async def test_every_answer_counted_again_is_the_same(coach):
    inquiry = coach.asked_here()
    for line in every_line(inquiry):
        blocks = shown(await page(f"/coach check {line}", inquiry))
        assert "figures are the same" in blocks, line


def doubted(*holds, verdict=Verdict.SIGNAL, differ=0, same_side=True):
    """A finding asked in ways that hold or not."""
    answer = breakdown()
    cell = None if verdict is Verdict.NOISE else answer.cells[0]
    ways = tuple(Way("first_half", "p", None, None, verdict, one, same_side) for one in holds)
    words = template.breakdown(answer)
    return Recheck(answer, words, 30, differ, True, evidence.Finding(verdict, cell), ways, True)


def test_the_verdict_of_a_recheck_says_in_how_many_ways_the_finding_holds():
    assert narrator.verdict(doubted(True, True, False, False, same_side=False)).text == (
        "The finding holds in 2 of 4 other ways to ask: don't lean on it."
    )
    assert "2 of 2" in narrator.verdict(doubted(True, True, None)).text
    assert "points the same way" in narrator.verdict(doubted(True, False)).text
    assert "none of 2" in narrator.verdict(doubted(False, False)).text
    assert "too few deals" in narrator.verdict(doubted(None)).text


def test_noise_stays_noise_whatever_other_ways_show():
    assert narrator.verdict(doubted(True, True, verdict=Verdict.NOISE)).text.startswith("Still noise. 2 of 2")
    assert narrator.verdict(doubted(True, False, verdict=Verdict.NOISE)).text.startswith(
        "Still noise. 1 of 2"
    )


def test_a_figure_that_differs_goes_before_everything():
    assert narrator.verdict(doubted(True, differ=2)).text.startswith("Counted again, 2 of 30 figures differ.")


async def test_a_planted_finding_is_asked_without_the_last_quarter_and_in_halves(coach):
    rows = table(await page("/coach check /winrate lead source", coach.asked_here()), CAPTION)
    assert [row["Asked another way"] for row in rows] == [
        "without the last quarter",
        "the first half of the time",
        "the second half of the time",
        "all kinds of business",
        "by amount",
    ]
    assert {row["Holds"] for row in rows} <= {"yes", "same side, not shown", "same side, no test"}


CAPTION = "The same question, asked other ways"


async def test_a_change_is_doubted_by_its_own_challenge(coach):
    blocks = await page("/coach check /why", coach.asked_here())
    assert "Checked another way" in shown(blocks)
    assert "figures are the same" in shown(blocks)


async def test_a_rate_alone_has_nothing_to_ask_another_way(coach):
    assert "nothing to ask another way" in shown(await page("/coach check /winrate", coach.asked_here()))


# ---------------------------------------------------------------- whose figures


async def test_no_viewer_meets_the_id_or_name_of_someone_out_of_scope(coach):
    generation = coach.asked_here().generation
    everyone = generation.people()
    viewers = [next(p for p in everyone if p.role == role) for role in ("rep", "manager")]
    for person in viewers:
        inquiry = coach.asked_here(person.person_id)
        others = [p for p in everyone if not inquiry.scope.allows(p.person_id)]
        own = generation.deal_ids(inquiry.scope)[0]
        for line in (
            "/winrate rep",
            "/winrate region",
            "/why",
            "/watch",
            "/pipeline",
            f"/deal {own}",
            "/drivers",
        ):
            for page_of in ("sums", "check"):
                blocks = shown(await page(f"/coach {page_of} {line}", inquiry))
                named = [p.person_id for p in others if re.search(rf"\b{p.person_id}\b|{p.name}", blocks)]
                assert not named, (person.role, line, named)


async def test_a_statement_shows_how_many_people_it_kept_to_and_never_who(coach):
    people = coach.asked_here().generation.people()
    manager = next(p for p in people if p.role == "manager")
    inquiry = coach.asked_here(manager.person_id)
    blocks = shown(await page("/coach sums /winrate region", inquiry))
    assert re.search(r"IN \(\d+ people\)", blocks)
    assert not [p.person_id for p in people if f"'{p.person_id}'" in blocks]


async def test_a_colleagues_deal_has_no_sums(coach):
    people = coach.asked_here().generation.people()
    rep = next(p for p in people if p.role == "rep")
    theirs = next(d for d in coach.asked_here().generation.open_deals() if d.rep_id != rep.person_id)
    with pytest.raises(answers.NotYourDeal, match="Only its owner"):
        await page(f"/coach sums /deal {theirs.deal_id}", coach.asked_here(rep.person_id))


async def test_figures_of_two_reps_together_are_not_taken_apart_for_one_of_them(small):
    blocks = shown(await page("/coach sums /coach rep priya", small.asked_here("priya")))
    assert "figures of colleagues are not shown" in blocks
    assert "all reps:" not in blocks
    assert '"all reps"' not in blocks


def test_a_fact_about_a_colleague_is_left_out():
    theirs = fact("win_rate", "0.5", Unit.FRACTION, "rep=luis,quarter=2024-Q1", n=4)
    mine = Scope(rep_ids=frozenset({"priya"}))
    assert not may_see(theirs, mine, frozenset({"priya", "luis"}), 30)
    assert may_see(theirs, EVERYONE, frozenset({"priya", "luis"}), 30)


# ---------------------------------------------------------------- lines and buttons


@pytest.mark.parametrize("line", ["/coach sums /winrate region", '/coach check /why by region "2024-Q1"'])
def test_a_line_of_sums_asks_for_itself_again(line):
    intent = intents.parse_line(line, {}, AS_OF)
    assert intents.describe(intent) == line


def test_sums_of_nothing_say_what_to_write():
    with pytest.raises(intents.NotUnderstood, match="Of which answer"):
        intents.parse_line("/coach sums", {}, AS_OF)


async def test_every_answer_in_words_carries_the_way_to_its_sums_and_asks_for_a_judgement(coach):
    inquiry = coach.asked_here()
    for line in every_line(inquiry):
        reply = await replies.reply(inquiry.understand_line(line), inquiry)
        row = next(block for block in reply.blocks if block["type"] == "actions")
        ours = {one["action_id"]: one["value"] for one in row["elements"][-3:]}
        assert ours == {"sums": f"/coach sums {reply.line}", "export": reply.line, "share": reply.line}
        assert buttons.generation_of(row["block_id"]) == reply.generation
        assert reply.blocks[-1]["type"] == "context_actions"
        assert not limits.check(reply.blocks)


async def test_a_page_about_ourselves_carries_neither(coach):
    assert "sums" not in [
        b.get("block_id", "")[:4] for b in await page("/coach glossary", coach.asked_here())
    ]


class ByModel:
    model = "small-model"
    prompt = "narrate-3-1a2b3c4d"


async def test_told_by_a_model_the_same_card_asks_about_the_models_words(coach):
    inquiry = coach.asked_here()
    reply = await replies.reply(inquiry.understand_line("/winrate region"), inquiry)
    again = buttons.under(reply.blocks, reply, ByModel())
    assert len(again) == len(reply.blocks)
    said = buttons.Judged.of(again[-1]["elements"][0]["negative_button"]["value"])
    assert said == buttons.Judged(
        "/winrate region", reply.generation, "narrate-3-1a2b3c4d", "small-model", False
    )


def test_an_answer_whose_line_no_button_can_carry_asks_for_no_judgement():
    assert buttons.actions(buttons.Source("/winrate " + "x" * 2000, "g7")) == []


async def test_an_answer_judged_later_is_known_by_the_facts_it_was_told_with(tmp_path):
    deals = closed(3, 4, region="APAC", rep_id="priya")
    for number, more in enumerate(([], closed(2, 3, region="Peru", rep_id="luis"))):
        loaded = tables(tmp_path, deals=[*deals, *more], load_id=f"load-{number}")
        refresh.refresh(loaded, tmp_path, AS_OF)
    then, now = store.kept(tmp_path)
    inquiry = Coach(config.load(home=tmp_path)).asked_here()

    assert "win_rate/region=Peru" in await facts_told("/winrate region", now.id, inquiry)
    assert "win_rate/region=APAC" in (before := await facts_told("/winrate region", then.id, inquiry))
    assert "win_rate/region=Peru" not in before
    assert await facts_told("/winrate region", "g000000-2020-01-01", inquiry) == ()


def test_where_slack_knows_no_feedback_buttons_there_are_two_ordinary_ones():
    plain = fallback.plain(buttons.actions(buttons.Source("/why", "g7")))
    assert [one["action_id"] for one in plain[-1]["elements"]] == ["feedback.positive", "feedback.negative"]
    assert not limits.check(plain)
