"""The table of Block Kit's limits: what is let through, and what Slack would refuse."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.limits import BLOCKS, check, check_text

DIVIDER = {"type": "divider"}


def raw(text: str) -> dict[str, Any]:
    return {"type": "raw_text", "text": text}


def number(value: float) -> dict[str, Any]:
    return {"type": "raw_number", "value": value, "text": f"{value} %"}


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def section(text: str = "x") -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": [*elements]}


def button(**changes: Any) -> dict[str, Any]:
    return {"type": "button", "action_id": "go", "text": plain("Go"), "value": "1"} | changes


def data_table(rows: list[Any], **changes: Any) -> dict[str, Any]:
    return {"type": "data_table", "caption": "Win rate by region", "rows": rows} | changes


def bars(
    series: dict[str, dict[str, float]], categories: list[str], title: str = "Win rate"
) -> dict[str, Any]:
    drawn = [
        {"name": name, "data": [{"label": label, "value": value} for label, value in points.items()]}
        for name, points in series.items()
    ]
    axes = {"categories": categories, "x_label": "Region", "y_label": "Win rate, %"}
    return {
        "type": "data_visualization",
        "title": title,
        "chart": {"type": "bar", "series": drawn, "axis_config": axes},
    }


def pie(*values: float) -> dict[str, Any]:
    segments = [{"label": f"part {n}", "value": value} for n, value in enumerate(values)]
    return {"type": "data_visualization", "title": "Parts", "chart": {"type": "pie", "segments": segments}}


def container(*children: dict[str, Any]) -> dict[str, Any]:
    return {"type": "container", "title": plain("Reps"), "is_collapsible": True, "child_blocks": [*children]}


TABLE = data_table([[raw("Region"), raw("Win %")], [raw("India"), number(45.7)]], page_size=10)
CHART = bars({"Win rate": {"India": 45.7, "APAC": 44.9}}, ["India", "APAC"])
FEEDBACK = {
    "type": "context_actions",
    "elements": [
        {
            "type": "feedback_buttons",
            "action_id": "useful",
            "positive_button": {"text": plain("Useful"), "value": "yes", "accessibility_label": "Useful"},
            "negative_button": {"text": plain("Not useful"), "value": "no"},
        }
    ],
}
SMALL_TABLE = {"type": "table", "rows": [[raw("Rep"), number(51.0)]], "column_settings": [{"align": "left"}]}


def test_an_answer_as_we_send_it_has_no_problems():
    header = {"type": "header", "text": plain("Win rate by region - all time")}
    context = {"type": "context", "elements": [{"type": "mrkdwn", "text": "n 5,000, as of 2024-07-20"}]}
    blocks = [header, section(), TABLE, CHART, container(SMALL_TABLE), actions(button()), FEEDBACK, context]
    assert check(blocks) == []


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        (section("x" * 3001), "must be less than 3001 characters [json-pointer:/blocks/0/text/text]"),
        (section(""), "must be more than 0 characters [json-pointer:/blocks/0/text/text]"),
        ({"type": "section"}, "must have one of: text, fields [json-pointer:/blocks/0]"),
        (
            {"type": "section", "fields": [plain("x")] * 11},
            "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
        ),
        (
            {"type": "section", "fields": [plain("x" * 2001)]},
            "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
        ),
        (
            {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
            "unsupported text type: mrkdwn [json-pointer:/blocks/0/text]",
        ),
        (
            {"type": "context", "elements": [plain("x")] * 11},
            "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
        ),
        (actions(*[button()] * 26), "no more than 25 items allowed [json-pointer:/blocks/0/elements]"),
        (
            actions(button(text=plain("x" * 76))),
            "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
        ),
        (
            actions(button(value="x" * 2001)),
            "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
        ),
        (
            actions(button(style="green")),
            "must be a valid enum value: danger, primary [json-pointer:/blocks/0/elements/0/style]",
        ),
        (
            actions(button(colour="green")),
            "invalid additional property: colour [json-pointer:/blocks/0/elements/0]",
        ),
        (
            {"type": "image", "image_url": "https://example.com/a.png"},
            "missing required field: alt_text [json-pointer:/blocks/0]",
        ),
        ({"type": "sparkle"}, "unsupported block type: sparkle [json-pointer:/blocks/0]"),
        ({}, "missing required field: type [json-pointer:/blocks/0]"),
        (
            {"type": "alert", "text": plain("x"), "level": "warning"},
            "unsupported block type on a message: alert [json-pointer:/blocks/0]",
        ),
        (
            container(*[DIVIDER] * 11),
            "no more than 10 items allowed [json-pointer:/blocks/0/child_blocks]",
        ),
        (
            container(TABLE),
            "unsupported container child type: data_table [json-pointer:/blocks/0/child_blocks/0]",
        ),
        (
            container(DIVIDER) | {"title": plain("x" * 151)},
            "must be less than 151 characters [json-pointer:/blocks/0/title/text]",
        ),
        (
            {"type": "table", "rows": [[raw("x")] * 21]},
            "no more than 20 items allowed [json-pointer:/blocks/0/rows/0]",
        ),
        (
            {"type": "table", "rows": [[raw("x")]] * 101},
            "no more than 100 items allowed [json-pointer:/blocks/0/rows]",
        ),
    ],
)
def test_a_block_over_a_limit_is_named_with_its_place(block, problem):
    assert check([block]) == [problem]


HEADER = [raw("Region"), raw("Win %")]
ROW = [raw("India"), number(45.7)]


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        (data_table([HEADER]), "no fewer than 2 items allowed [json-pointer:/blocks/0/rows]"),
        (data_table([HEADER] + [ROW] * 101), "no more than 101 items allowed [json-pointer:/blocks/0/rows]"),
        (data_table([HEADER, ROW[:1]]), "row has 1 cells, the header 2 [json-pointer:/blocks/0/rows/1]"),
        (
            data_table([HEADER, ROW], caption=""),
            "must be more than 0 characters [json-pointer:/blocks/0/caption]",
        ),
        (
            data_table([HEADER, ROW], page_size=0),
            "must be between 1 and 100 [json-pointer:/blocks/0/page_size]",
        ),
        (
            data_table([HEADER, [raw(""), number(1.0)]]),
            "must be more than 0 characters [json-pointer:/blocks/0/rows/1/0/text]",
        ),
        (
            data_table([HEADER, [raw("x"), {"type": "raw_number", "value": 1}]]),
            "missing required field: text [json-pointer:/blocks/0/rows/1/1]",
        ),
        (
            data_table([HEADER, [raw("x"), number(float("nan"))]]),
            "must be a finite number [json-pointer:/blocks/0/rows/1/1/value]",
        ),
        (
            data_table([[{"type": "rich_text", "elements": [{}]}, raw("x")], ROW]),
            "header cells cannot be rich_text [json-pointer:/blocks/0/rows/0/0]",
        ),
        (
            data_table([HEADER] + [[raw("x" * 200), number(1.0)]] * 50),
            "data_table blocks hold more than 10000 characters together [json-pointer:/blocks]",
        ),
    ],
)
def test_a_data_table_is_held_to_its_own_limits(table, problem):
    assert check([table]) == [problem]


@pytest.mark.parametrize(
    ("chart", "problem"),
    [
        (
            bars({"a": {"x": 1}}, ["x"], title="t" * 51),
            "must be less than 51 characters [json-pointer:/blocks/0/title]",
        ),
        (
            bars({str(n): {"x": n} for n in range(7)}, ["x"]),
            "no more than 6 items allowed [json-pointer:/blocks/0/chart/series]",
        ),
        (
            bars({"a": {"x": 1}, "b": {"x": 1, "y": 2}}, ["x", "y"]),
            "labels must match axis_config.categories [json-pointer:/blocks/0/chart/series/0/data]",
        ),
        (
            bars({"a": {"l" * 21: 1}}, ["l" * 21]),
            "must be less than 21 characters",
        ),
        (
            bars({"a": {str(n): n for n in range(21)}}, [str(n) for n in range(21)]),
            "no more than 20 items allowed [json-pointer:/blocks/0/chart/series/0/data]",
        ),
        (pie(1, 0), "must be greater than 0 [json-pointer:/blocks/0/chart/segments/1/value]"),
    ],
)
def test_a_chart_is_held_to_its_own_limits(chart, problem):
    assert check([chart])[0].startswith(problem)


def test_a_message_carries_fifty_blocks_and_a_home_tab_a_hundred():
    assert check([DIVIDER] * 50) == []
    assert check([DIVIDER] * 51) == ["no more than 50 items allowed [json-pointer:/blocks]"]
    assert check([DIVIDER] * 100, "home") == []


def test_a_message_carries_one_table_and_two_charts_containers_included():
    assert check([SMALL_TABLE, container(SMALL_TABLE)]) == [
        "no more than 1 table blocks allowed [json-pointer:/blocks]"
    ]
    assert check([CHART, CHART]) == []
    assert check([CHART] * 3) == ["no more than 2 data_visualization blocks allowed [json-pointer:/blocks]"]


def test_markdown_counts_over_the_whole_message():
    half = {"type": "markdown", "text": "x" * 6000}
    assert check([half, half]) == []
    assert check([half, half, {"type": "markdown", "text": "x"}]) == [
        "markdown blocks hold more than 12000 characters together [json-pointer:/blocks]"
    ]


def test_a_block_id_is_used_once():
    named = DIVIDER | {"block_id": "a"}
    assert check([named, named]) == ["block_id 'a' is used twice [json-pointer:/blocks/1/block_id]"]


def test_text_is_carried_up_to_forty_thousand_characters():
    assert check_text("x" * 40_000) == []
    assert check_text("x" * 40_001) == ["must be less than 40001 characters [json-pointer:/text]"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
almost_blocks = st.fixed_dictionaries(
    {"type": st.sampled_from(sorted(BLOCKS))},
    optional=dict.fromkeys(
        ("text", "fields", "elements", "rows", "caption", "title", "chart", "child_blocks", "tasks"),
        json_values,
    ),
)


@given(json_values | st.lists(almost_blocks | json_values, max_size=3))
def test_whatever_is_sent_it_never_fails_but_says_what_is_wrong(blocks):
    assert all("[json-pointer:/blocks" in problem for problem in check(blocks))
