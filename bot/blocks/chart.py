"""Rates as Slack's native bar or line chart, where they fit into one; else no chart."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from analytics.facts import Breakdown, Cell, Fact
from bot import figures, names
from bot.narrator.breakdown import headline, shown_labels
from bot.narrator.claims import label

POINTS_MOST = 20
SERIES_MOST = 6
LABEL_MOST = 20
TITLE_MOST = 50


def bars(answer: Breakdown) -> list[dict[str, Any]]:
    """One bar for each cell of complete periods; for two dimensions a colour for each value of the second.

    None when there are too many bars, when a rate is unknown, when a pair is missing (no bar is not zero), or
    when two labels look alike once they are cut.
    """
    complete = [cell for cell in answer.cells if not cell.incomplete]
    shown = complete[-POINTS_MOST:] if _is_over_time(answer) else complete
    if not answer.dimensions or len(shown) < 2 or any(_height(cell) is None for cell in shown):
        return []
    categories = _values(shown, 0)
    series = _values(shown, 1) if len(answer.dimensions) == 2 else [_measure()]
    grid = {_place(cell, _measure()): _height(cell) for cell in shown}
    if len(grid) != len(shown) or not _fits(categories, series, grid):
        return []
    return [_block(answer, categories, series, grid)]


def _is_over_time(answer: Breakdown) -> bool:
    return answer.dimensions in (("month",), ("quarter",))


def _measure() -> str:
    return _label(label("measure.win_rate").text)


def _height(cell: Cell) -> int | float | None:
    return figures.number(cell.win_rate)


def _label(name: str) -> str:
    return names.clean(name, LABEL_MOST)


def _values(cells: Sequence[Cell], position: int) -> list[str]:
    return list(dict.fromkeys(_label(shown_labels(cell)[position]) for cell in cells))


def _place(cell: Cell, only: str) -> tuple[str, str]:
    """Which category and which series a cell stands in."""
    first, *rest = shown_labels(cell)
    return _label(first), _label(rest[0]) if rest else only


def _fits(categories: Sequence[str], series: Sequence[str], grid: dict[tuple[str, str], Any]) -> bool:
    whole = len(grid) == len(categories) * len(series)
    return whole and len(categories) <= POINTS_MOST and len(series) <= SERIES_MOST


def _block(
    answer: Breakdown, categories: list[str], series: list[str], grid: dict[tuple[str, str], Any]
) -> dict[str, Any]:
    drawn = [
        {"name": name, "data": [{"label": each, "value": grid[each, name]} for each in categories]}
        for name in series
    ]
    axes = {
        "categories": categories,
        "x_label": label(f"column.{answer.dimensions[0]}").text,
        "y_label": label("column.win_rate").text,
    }
    chart = {"type": "bar", "series": drawn, "axis_config": axes}
    said = names.clean(headline(answer).text)
    title = said if len(said) <= TITLE_MOST else axes["y_label"]  # a day cut short misleads
    return {"type": "data_visualization", "title": title, "chart": chart}


def course(title: str, points: Sequence[tuple[str | Fact, Fact]], measure: str = "") -> list[dict[str, Any]]:
    """A line through known rates in order of time, each named by its period or day; the last that fit.

    `measure` names the line, where the title says more than that.

    None for fewer than two points, or when two have the same name.
    """
    named = [(figures.text(at) if isinstance(at, Fact) else at, figures.number(rate)) for at, rate in points]
    return lines(title, [at for at, _ in named], {measure or title: [rate for _, rate in named]})


def lines(
    title: str, places: Sequence[str], series: Mapping[str, Sequence[int | float | None]]
) -> list[dict[str, Any]]:
    """A line for each series over the same places in order of time; the last places that fit.

    None for fewer than two places, when two look alike, or when a value is unknown.
    """
    shown = [_label(place) for place in places[-POINTS_MOST:]]
    drawn = {_label(name): values[-POINTS_MOST:] for name, values in series.items()}
    if len(shown) < 2 or len(set(shown)) < len(shown) or None in chain(*drawn.values()):
        return []
    lines = [
        {
            "name": name,
            "data": [{"label": at, "value": value} for at, value in zip(shown, values, strict=True)],
        }
        for name, values in drawn.items()
    ]
    axes = {"categories": shown, "y_label": next(iter(drawn))}
    chart = {"type": "line", "series": lines, "axis_config": axes}
    return [{"type": "data_visualization", "title": title, "chart": chart}]
