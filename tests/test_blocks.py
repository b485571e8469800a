"""Answers as Block Kit: within Slack's limits, without live markup, nothing lost in the plain version."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.facts import Breakdown, DealCard, Unit, Verdict
from analytics.glossary import GLOSSARY
from analytics.questions import BreakdownQuestion, Filter, quarter
from bot.alerting.standing import Standing
from bot.blocks import alert, chart, common, fallback, limits, pages
from bot.blocks import breakdown as breakdown_blocks
from bot.blocks import deal as deal_blocks
from bot.intents import COMMANDS, Deal, WinRate
from bot.narrator import template
from tests import answers_at_random as random
from tests.facts_by_hand import AS_OF, breakdown, cell, deal_card, fact, finding, quality
from tests.test_names import HOSTILE

REGION = WinRate(BreakdownQuestion(("region",)))
FITTING = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def message(answer: Breakdown, asked: WinRate = REGION) -> list[dict[str, Any]]:
    return breakdown_blocks.answer(answer, template.breakdown(answer), asked)


def texts(value: Any) -> list[str]:
    """Every string that a reader of the payload can see."""
    if isinstance(value, dict):
        return [
            text for key, part in value.items() if key not in ("type", "action_id") for text in texts(part)
        ]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []


def of_kind(blocks: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [block for block in blocks if block["type"] == kind]


def test_a_breakdown_says_its_verdict_before_its_table():
    blocks = message(breakdown())

    assert [block["type"] for block in blocks] == [
        "header",
        "section",
        "data_table",
        "data_visualization",
        "section",
        "actions",
        "context",
    ]
    assert blocks[0]["text"]["text"] == "Win rate by region - all time"
    assert blocks[1]["text"]["text"].startswith("*Noise.* All 4 regions are the same")
    assert limits.check(blocks) == []


def test_the_table_shows_text_and_sorts_by_number():
    head, india, *_ = of_kind(message(breakdown()), "data_table")[0]["rows"]

    assert [one["text"] for one in head] == ["Region", "Win %", "95 % range", "Deals", "Impact"]
    assert [one["text"] for one in india] == ["India", "45.7 %", "43.0-48.5 %", "1,260", "+0.1 points"]
    assert [one.get("value") for one in india] == [None, 45.7, None, 1260, 0.1]


def test_people_are_shown_luck_adjusted_instead_of_ranked_by_impact():
    people = [cell("Priya", rate="0.5", deals=40), cell("Dana", rate="0.4", deals=50)]
    head, *_ = of_kind(message(breakdown(people, dimensions=("rep",))), "data_table")[0]["rows"]

    assert head[-1]["text"] == "Luck-adjusted %"


def test_a_running_period_is_marked_in_its_row():
    months = [
        cell("2024-06", rate="0.5", deals=99),
        cell("2024-07", rate="0.6", deals=9, incomplete="running"),
    ]
    rows = of_kind(message(breakdown(months, dimensions=("month",))), "data_table")[0]["rows"]

    assert rows[2][0]["text"] == "2024-07 (still running)"


def test_pooled_rows_are_called_others():
    cells = [cell("APAC", rate="0.5", deals=99), cell("Other (12 groups)", rate="0.6", deals=9, pooled=12)]
    rows = of_kind(message(breakdown(cells)), "data_table")[0]["rows"]

    assert rows[2][0]["text"] == "Others"


def test_buttons_keep_filters_period_and_day():
    asked = WinRate(BreakdownQuestion(("region",), (Filter("industry", ("SaaS",)),)), AS_OF)
    (row,) = of_kind(message(breakdown(), asked), "actions")

    assert [(button["action_id"], button["value"]) for button in row["elements"]] == [
        ("ask.quarter", '/winrate quarter where industry = "SaaS" asof 2024-07-20'),
        ("ask.lead_source", '/winrate lead source where industry = "SaaS" asof 2024-07-20'),
        ("ask.why", '/why where industry = "SaaS" asof 2024-07-20'),
    ]
    assert [button["text"]["text"] for button in row["elements"]] == [
        "By quarter",
        "By lead source",
        "Why did it change?",
    ]


def test_why_compares_the_period_of_the_question_with_the_one_before():
    asked = WinRate(BreakdownQuestion(("region",), period=quarter(2024, 1)))
    (row,) = of_kind(message(breakdown(period="2024-Q1"), asked), "actions")

    assert row["elements"][-1]["value"] == "/why 2023-Q4 vs 2024-Q1"


def test_one_person_has_no_button_to_why():
    asked = WinRate(BreakdownQuestion(("region",), (Filter("rep", ("rep_1",)),)))
    (row,) = of_kind(message(breakdown(), asked), "actions")

    assert [button["action_id"] for button in row["elements"]] == ["ask.quarter", "ask.lead_source"]


def test_the_period_before_stands_beside_and_reps_are_folded_by_name_with_luck_taken_out():
    before = breakdown([cell("APAC", rate="0.31", deals=90)], period="2023-Q4")
    people = breakdown(
        [cell("Zoe", rate="0.9", deals=9), cell("Ann", rate="0.1", deals=9)], dimensions=("rep",)
    )
    shown = [cell("APAC", rate="0.4", deals=99), cell("EMEA", rate="0.4", deals=99)]
    blocks = message(breakdown(shown, before=before, people=people))
    (table,), (box,) = of_kind(blocks, "data_table"), of_kind(blocks, "container")
    reps = box["child_blocks"][0]["rows"]

    assert [[one["text"] for one in row[:3]] for row in table["rows"]] == [
        ["Region", "Win %", "2023-Q4 %"],
        ["APAC", "40.0 %", "31.0 %"],
        ["EMEA", "40.0 %", "—"],
    ]
    assert [row[0]["text"] for row in reps] == ["Rep", "Ann", "Zoe"]
    assert reps[0][-1]["text"] == "Luck-adjusted %"


def test_a_period_is_split_by_month():
    asked = WinRate(BreakdownQuestion(("region",), period=quarter(2024, 1)))
    (row,) = of_kind(message(breakdown(period="2024-Q1"), asked), "actions")

    assert row["elements"][0]["value"] == "/winrate month 2024-Q1"


def test_two_dimensions_make_a_colour_for_each_value_of_the_second():
    cells = [cell(r, p, rate="0.5", deals=9) for r in ("APAC", "EMEA") for p in ("Core", "Pro", "Max")]
    (drawn,) = chart.bars(breakdown(cells, dimensions=("region", "product")))

    assert drawn["chart"]["axis_config"]["categories"] == ["APAC", "EMEA"]
    assert [series["name"] for series in drawn["chart"]["series"]] == ["Core", "Pro", "Max"]


@pytest.mark.parametrize(
    ("cells", "dimensions"),
    [
        ([cell(str(n), rate="0.5", deals=9) for n in range(21)], ("rep",)),
        ([cell("only", rate="0.5", deals=9)], ("region",)),
        ([cell("a", rate="0.5", deals=9), cell("b", rate=None, deals=0)], ("region",)),
        ([cell("x" * 25 + end, rate="0.5", deals=9) for end in "ab"], ("region",)),
        ([cell("a", "b", rate="0.5", deals=9), cell("c", "d", rate="0.5", deals=9)], ("region", "product")),
    ],
)
def test_no_bars_where_they_would_mislead(cells, dimensions):
    assert chart.bars(breakdown(cells, dimensions=dimensions)) == []


def test_of_many_months_the_last_twenty_are_drawn():
    months = [cell(f"2{n:03}", rate="0.5", deals=9) for n in range(30)]
    (drawn,) = chart.bars(breakdown(months, dimensions=("month",)))

    assert drawn["chart"]["axis_config"]["categories"] == [f"2{n:03}" for n in range(10, 30)]


def test_rows_that_a_table_cannot_hold_are_folded_and_the_rest_told():
    cells = [cell(f"rep {n}", rate="0.5", deals=9) for n in range(250)]
    blocks = message(breakdown(cells, dimensions=("rep",)))
    (table,), (box,) = of_kind(blocks, "data_table"), of_kind(blocks, "container")

    assert (len(table["rows"]), len(box["child_blocks"][0]["rows"])) == (101, 100)  # heads included
    assert "add a filter" in of_kind(blocks, "context")[0]["elements"][0]["text"]
    assert limits.check(blocks) == []


def test_a_deal_card_has_who_and_what_beside_the_words():
    card = deal_card([fact("amount", 92_439, Unit.MONEY, currency="USD")])
    blocks = deal_blocks.card(card, template.deal(card), Deal(card.deal_id))

    assert blocks[0]["text"]["text"] == "D03560 - $92,439 - Negotiation"
    assert [one["text"] for one in blocks[2]["fields"]][:3] == [
        "*Owner*\nPriya Rao",
        "*Deal*\nAcme renewal",
        "*Account*\nAcme",
    ]
    assert limits.check(blocks) == []


def test_the_scorecard_shows_every_check_the_worst_first():
    card = quality(("a", "deals", "ok", 0, 9), ("b", "deals", "bad", 3, 9), ("c", "people", "warn", 1, 9))
    blocks = pages.quality(card, template.quality(card))

    assert [row[0]["text"] for row in of_kind(blocks, "data_table")[0]["rows"][1:]] == ["b", "c", "a"]
    assert limits.check(blocks) == []


@pytest.mark.parametrize(
    "blocks",
    [
        pages.help((command, command.patterns) for command in COMMANDS),
        pages.glossary(GLOSSARY),
        pages.contents(GLOSSARY),
        pages.nearest("banana", GLOSSARY[:3]),
        pages.status(["data folder: 5 GB free."]),
    ],
    ids=["help", "glossary", "contents", "nearest", "status"],
)
def test_pages_about_ourselves_fit(blocks):
    assert limits.check(blocks) == []
    assert blocks[0]["type"] == "header"


def test_the_plain_version_has_the_same_rows_as_text_and_no_chart():
    plain = fallback.plain(message(breakdown()))

    assert {block["type"] for block in plain} == {"header", "section", "actions", "context"}
    assert plain[2]["text"]["text"].splitlines()[0] == "Region"
    assert plain[2]["text"]["text"].splitlines()[2:4] == [
        "Region         Win %   95 % range   Deals  Impact",
        "India          45.7 %  43.0-48.5 %  1,260  +0.1 points",
    ]


@FITTING
@given(random.breakdowns(most=200))
def test_every_breakdown_always_fits(answer):
    asked = WinRate(BreakdownQuestion(answer.dimensions))
    blocks = breakdown_blocks.answer(answer, template.breakdown(answer), asked)

    assert limits.check(blocks) == []
    assert limits.check(fallback.plain(blocks)) == []


@FITTING
@given(random.deals() | random.findings())
def test_every_card_always_fits(answer):
    assert limits.check(blocks_of(answer)) == []
    assert limits.check(fallback.plain(blocks_of(answer))) == []


def blocks_of(answer: Any) -> list[dict[str, Any]]:
    if isinstance(answer, Breakdown):
        return breakdown_blocks.answer(answer, random.words(answer), REGION)
    if isinstance(answer, DealCard):
        return deal_blocks.card(answer, random.words(answer), Deal(answer.deal_id))
    return alert.card(answer, random.words(answer), Standing(key="k"))


LIVE = re.compile(r"https?://|<[@!#h]|\]\(|[\u200b-\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")


@pytest.mark.parametrize("name", HOSTILE)
def test_markup_in_a_name_is_never_live_in_the_payload(name):
    cells = (cell(name, rate="0.6", deals=90, verdict=Verdict.SIGNAL), cell("b", rate="0.4", deals=90))
    told = breakdown(cells, Verdict.SIGNAL, scope=name, filters=(("region", (name,)),), deal_type=name)
    names = {"name": name, "account": name, "owner": name, "stage": name}
    deal = replace(deal_card([], **names), labels={"region": name}, next_step=name, deal_id=name or "D1")

    found = finding([], ("stage_percentile",), names={**names, "deal": name})
    for answer in (told, deal, found):
        blocks = blocks_of(answer)
        for shown in (*texts(blocks), *texts(fallback.plain(blocks)), random.words(answer).text):
            assert not LIVE.search(shown.replace("```", ""))
        assert limits.check(blocks) == []


@pytest.mark.parametrize("name", HOSTILE)
def test_markup_text_is_escaped_and_verbatim(name):
    cells = (cell(name, rate="0.6", deals=90, verdict=Verdict.HINT), cell("b", rate="0.4", deals=90))
    for block in blocks_of(breakdown(cells, Verdict.HINT)):
        read_as_markup = block.get("text", {})
        if read_as_markup.get("type") == "mrkdwn":
            assert read_as_markup["verbatim"] is True
            assert "<" not in read_as_markup["text"]


def test_blocks_are_json():
    assert json.loads(json.dumps(message(breakdown()))) == message(breakdown())


@given(st.lists(st.integers(0, 4000).map("x".__mul__), max_size=9))
def test_bullets_are_never_longer_than_a_section(lines):
    blocks = common.bullets(lines)

    assert all(len(block["text"]["text"]) <= common.SECTION_MOST for block in blocks)
    assert sum(block["text"]["text"].count("•") for block in blocks) == len(lines)


def test_an_incomplete_period_has_no_bar():
    running = cell("2024-Q3", rate="0.9", deals=9, incomplete="running")
    quarters = [cell("2024-Q1", rate="0.5", deals=99), cell("2024-Q2", rate="0.4", deals=99), running]
    (drawn,) = chart.bars(breakdown(quarters, dimensions=("quarter",)))

    assert drawn["chart"]["axis_config"]["categories"] == ["2024-Q1", "2024-Q2"]


def test_a_field_that_the_crm_leaves_empty_is_not_shown():
    card = replace(deal_card([]), labels={"region": "Not set", "industry": "SaaS"})
    (section,) = [b for b in deal_blocks.card(card, template.deal(card), Deal("D1")) if "fields" in b]

    assert [one["text"] for one in section["fields"]][3:] == ["*Industry*\nSaaS"]
