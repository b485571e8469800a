"""The terminal twin: what Slack draws, in characters."""

import io

from rich.console import Console

from bot import terminal


def drawn(*blocks):
    """What a terminal of 80 columns shows, line by line."""
    console = Console(width=80, record=True, file=io.StringIO())
    terminal.show(blocks, console)
    return [line.rstrip() for line in console.export_text().splitlines() if line.strip()]


def chart(kind, **series):
    places = ["2024-01", "2024-02", "2024-03"]
    return {
        "type": "data_visualization",
        "title": "Win rate",
        "chart": {
            "type": kind,
            "series": [
                {
                    "name": name,
                    "data": [{"label": at, "value": v} for at, v in zip(places, values, strict=True)],
                }
                for name, values in series.items()
            ],
            "axis_config": {"categories": places},
        },
    }


def test_lines_share_one_scale_and_say_where_they_begin_and_end():
    assert drawn(chart("line", rate=[10, 80, 45], low=[10, 10, 10])) == [
        "  Win rate",
        "  rate  ▁█▅",
        "  low   ▁▁▁",
        "        2024-01 to 2024-03",
    ]


def test_a_line_that_never_moves_is_drawn_in_the_middle():
    assert drawn(chart("line", rate=[20, 20, 20]))[1] == "  rate  ▅▅▅"


def test_bars_begin_at_zero():
    _, *bars = drawn(chart("bar", rate=[20, 40, 10]))
    assert [bar.count("█") for bar in bars] == [20, 40, 10]


def test_a_picture_is_a_line_that_says_how_to_save_it():
    assert drawn({"type": "image", "alt_text": "It dropped.", "title": {"text": "Why"}}) == [
        "Picture: It dropped. (save it: --picture FILE.png)"
    ]


def test_an_unknown_block_is_left_out():
    assert drawn({"type": "divider"}) == []
