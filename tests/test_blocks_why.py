"""`/why`, `/watch` and `/whatif` as Block Kit: verdict first, tables that add up, always within limits."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from analytics.facts import Verdict, Watch, WhatIf, Why
from analytics.questions import Filter, Period, WatchQuestion, WhatIfQuestion, WhyQuestion, quarter
from bot import intents
from bot.blocks import fallback, limits
from bot.blocks import watch as watch_blocks
from bot.blocks import whatif as whatif_blocks
from bot.blocks import why as why_blocks
from bot.narrator import template
from tests import whys_at_random as random
from tests.facts_by_hand import AS_OF
from tests.facts_for_why import (
    EUROPE,
    INBOUND,
    TREND,
    drifting,
    month,
    real_drop,
    run,
    shocked,
    watch,
    watched,
    whatif,
    why,
    wider,
)

FITTING = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
PERIODS = WhyQuestion(quarter(2024, 1), quarter(2024, 2))
STOP_EDTECH = intents.WhatIf(WhatIfQuestion("drop", (Filter("industry", ("EdTech",)),)))


def message(answer: Any, asked: Any = None) -> list[dict[str, Any]]:
    match answer:
        case Why():
            asked = asked or intents.Why(PERIODS)
            return why_blocks.answer(answer, template.why(answer), asked)
        case Watch():
            asked = asked or intents.Watch(WatchQuestion())
            return watch_blocks.answer(answer, template.watch(answer), asked)
        case WhatIf():
            return whatif_blocks.answer(answer, template.whatif(answer), asked or STOP_EDTECH)


def of_kind(blocks: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [block for block in blocks if block["type"] == kind]


def rows(table: dict[str, Any]) -> list[list[str]]:
    return [[cell["text"] for cell in row] for row in table["rows"]]


def asked_next(blocks: list[dict[str, Any]]) -> dict[str, str]:
    return {button["text"]["text"]: button["value"] for button in of_kind(blocks, "actions")[0]["elements"]}


# ---------------------------------------------------------------- why


def test_whether_it_changed_comes_before_the_chart_and_the_parts():
    blocks = message(why())

    assert [block["type"] for block in blocks] == [
        "header",
        "section",
        "data_visualization",
        "data_table",
        "section",
        "actions",
        "context",
    ]
    assert blocks[1]["text"]["text"].startswith("*I can't show that it dropped.* 2024-Q1 46.7 %")
    assert limits.check(blocks) == []


def test_the_last_row_of_the_parts_is_the_whole_change():
    (table,) = of_kind(message(why()), "data_table")

    assert rows(table) == [
        ["Part of the change", "Points", "95 % range"],
        ["Shift in all segments alike", "-2.2 points", "-7.1 to +2.6"],
        ["Mix by lead source", "-0.4 points", "-1.1 to +0.3"],
        ["Mix by region", "+0.1 points", "-0.4 to +0.6"],
        ["Mixes acting together", "-0.1 points", "-0.5 to +0.4"],
        ["Rest", "-0.3 points", "-1.2 to +0.7"],
        ["The whole change", "-2.9 points", "-7.8 to +2.1"],
    ]


def test_a_segment_behind_the_change_has_its_row():
    segments, _ = of_kind(message(real_drop()), "data_table")

    assert [row[0] for row in rows(segments)] == ["Segment", "Europe / Enterprise", "Inbound"]
    assert rows(segments)[1][1:] == [
        "47.0 %",
        "30.0 %",
        "420",
        "-15.2 points",
        "-22.0 to -8.4",
    ]


def test_a_dimension_asked_for_is_told_value_by_value():
    answer = real_drop(by="region", rows=(EUROPE, INBOUND, EUROPE))
    _, segments, _ = of_kind(message(answer), "data_table")

    assert len(segments["rows"]) == 4


def test_a_challenge_shows_each_check_and_whether_the_finding_holds():
    runs = (
        run("longer", True),
        run("equal_age", None),
        run("fixed_mix", False, names=("lead_source",)),
    )
    checks, _ = of_kind(message(why(runs=runs)), "data_table")

    assert [(row[0], row[-1]) for row in rows(checks)[1:]] == [
        ("Wider periods, 2023-Q4 → 2024-Q2", "shows it"),
        ("By day of creation, at equal age, 2023-Q4 → 2024-Q2", "too few deals"),
        ("Mix by lead source held as it was", "does not show it"),
    ]


def test_the_chart_has_the_rate_between_the_ends_of_its_range():
    (chart,) = of_kind(message(why()), "data_visualization")
    rate, low, high = chart["chart"]["series"]

    assert chart["chart"]["axis_config"]["categories"] == [span.label for span in TREND]
    assert rate["data"][-1] == {"label": "2024-Q2", "value": 43.8}
    assert all(
        bottom["value"] < middle["value"] < top["value"]
        for bottom, middle, top in zip(low["data"], rate["data"], high["data"], strict=True)
    )


def test_an_unfinished_period_is_on_the_chart_only_when_it_was_asked_for():
    earlier, *_, last = (replace(span, incomplete="intake_ended") for span in TREND)
    (chart,) = of_kind(message(why(trend=(earlier, *TREND[1:-1], last))), "data_visualization")

    assert chart["chart"]["axis_config"]["categories"] == [span.label for span in TREND[1:]]


def test_buttons_keep_the_periods_the_filters_and_the_day():
    asked = intents.Why(
        WhyQuestion(quarter(2024, 1), quarter(2024, 2), filters=(Filter("region", ("EMEA",)),)), AS_OF
    )
    lines = asked_next(message(real_drop(filters=(("region", ("EMEA",)),)), asked))

    assert [*lines] == ["Challenge this", "By product", "By lead source"]
    for line in lines.values():
        assert "2024-Q1 vs 2024-Q2" in line
        assert 'region = "EMEA"' in line
        assert line.endswith("asof 2024-07-20")
    assert "challenge" in lines["Challenge this"]


def test_what_was_challenged_is_not_offered_again():
    asked = intents.Why(WhyQuestion(challenge=True))

    assert "Challenge this" not in asked_next(message(why(), asked))


def test_the_wider_periods_that_show_a_change_are_the_first_button_and_ask_exactly_that():
    asked = intents.Why(WhyQuestion(by="region", filters=(Filter("product", ("Core",)),)), AS_OF)
    shown, quiet = wider(), wider("year", "-0.01", Verdict.NOISE, "0.9")
    lines = asked_next(message(why(by="region", wider=(shown, quiet)), asked))

    assert [*lines][:2] == ["Over longer periods", "Challenge this"]
    assert "Against a year before" not in lines
    again = intents.parse_line(lines["Over longer periods"], {"product": [("Core", "Core")]}, AS_OF)
    assert isinstance(again, intents.Why)
    assert [period.end for period in (again.question.before, again.question.after) if period] == [
        period.end for period in shown.periods
    ]
    assert (again.question.by, again.question.filters) == ("region", asked.question.filters)


def test_a_running_period_offers_the_same_days_and_nothing_that_is_refused_too():
    days = tuple(Period(date(y, 1, 1), date(y, 7, 20), f"{y}-01-01 to {y}-07-20") for y in (2023, 2024))
    blocks = message(why(Verdict.TOO_FEW, None, None, None, parts=(), trend=(), same_days=days))

    assert asked_next(blocks) == {
        "The same days so far": "/why 2023-01-01 to 2023-07-20 vs 2024-01-01 to 2024-07-20"
    }


def test_a_check_that_shows_the_opposite_is_marked_so_in_the_table():
    runs = (run("longer", False, against=True), run("later_start", False))
    table, *_ = of_kind(message(why(runs=runs)), "data_table")

    assert [row[-1] for row in rows(table)[1:]] == ["shows the opposite", "does not show it"]


def test_periods_that_cannot_be_compared_have_neither_parts_nor_a_challenge():
    blocks = message(why(Verdict.TOO_FEW, None, None, None, parts=(), trend=()))

    assert of_kind(blocks, "data_table") == []
    assert "Challenge this" not in asked_next(blocks)


# ---------------------------------------------------------------- watch


def test_one_thing_watched_is_told_month_by_month_the_latest_first():
    last = (
        month("2024-05", "0.12", 88, ("0.24", "0.53"), signal="shock_low"),
        month("2024-06", "0.5", 20, None, incomplete="running"),
    )
    (table,) = of_kind(message(watch(watched("shock", last=last, since="2024-05"))), "data_table")

    assert rows(table)[:4] == [
        ["Month", "Win %", "Usual range", "Deals", "Mark"],
        ["2024-06", "50.0 %", "—", "20", "still running"],
        ["2024-05", "12.0 %", "24.0 % to 53.0 %", "88", "below its range"],
        ["2024-04", "40.0 %", "29.0 % to 57.0 %", "105", "—"],
    ]


def test_several_things_watched_have_a_row_each_and_the_first_signal_its_months():
    blocks = message(watch(watched(), shocked(), drifting()), intents.Watch(WatchQuestion("region")))
    (table,), (chart,), (box,) = (
        of_kind(blocks, kind) for kind in ("data_table", "data_visualization", "container")
    )

    assert [row[:3] for row in rows(table)[1:]] == [
        ["Everything", "stable", "—"],
        ["Europe", "left its range", "2024-05"],
        ["APAC", "drifting", "2024-05"],
    ]
    assert chart["title"] == "Europe by month, and its usual range"
    assert box["title"]["text"] == "Europe month by month"
    assert limits.check(blocks) == []


def test_months_that_made_the_baseline_are_drawn_without_a_range():
    made = [month(f"2023-{n:02d}", "0.4", limits=None) for n in (1, 2)]
    one = replace(watched(), months=(*made, *watched().months[2:]))
    (chart,) = of_kind(message(watch(one)), "data_visualization")

    assert [series["name"] for series in chart["chart"]["series"]] == ["Win %"]
    assert chart["title"] == "The win rate month by month"


def test_an_incomplete_month_is_not_on_the_chart():
    (chart,) = of_kind(message(watch(shocked())), "data_visualization")

    assert "2024-06" not in chart["chart"]["axis_config"]["categories"]


def test_from_a_watch_one_asks_why_with_the_same_filters():
    asked = intents.Watch(WatchQuestion("region", (Filter("product", ("Core",)),)))
    lines = asked_next(message(watch(watched(), shocked()), asked))

    assert lines["Why did it change?"] == '/why by region where product = "Core"'
    assert "By region" not in lines


# ---------------------------------------------------------------- what if


def test_the_sums_of_a_what_if_show_only_what_is_known():
    (table,) = of_kind(message(whatif()), "data_table")

    assert rows(table)[1] == ["Change of the won amount", "-$412k", "-$690k to -$121k"]
    assert of_kind(message(whatif(None, figures=())), "data_table") == []


# ---------------------------------------------------------------- always


@FITTING
@given(random.whys() | random.watches() | random.whatifs())
def test_every_answer_always_fits(answer):
    blocks = message(answer)

    assert limits.check(blocks) == []
    assert limits.check(fallback.plain(blocks)) == []


@pytest.mark.parametrize("answer", [why(), real_drop(), watch(), watch(watched(), shocked()), whatif()])
def test_every_button_asks_something_that_is_understood(answer):
    vocabulary = {"industry": [("EdTech", "EdTech")], "region": [("Europe", "Europe")]}

    for line in asked_next(message(answer)).values():
        assert intents.describe(intents.parse_line(line, vocabulary, AS_OF))
