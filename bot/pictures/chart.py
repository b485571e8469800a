"""A native chart's block in, the same chart as a PNG out: for a Slack that refuses the block."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from bot import spelling
from bot.pictures import Picture
from bot.pictures.canvas import (
    BODY,
    DOWN,
    FAINT,
    INK,
    MARGIN,
    NEUTRAL,
    RULE,
    SMALL,
    TITLE,
    UP,
    WIDTH,
    Canvas,
    width,
    wrapped,
)
from bot.pictures.scale import Scale

ROW, GAP = 19.0, 8.0  #: points of height: of a bar, and between two categories
TALL = 190.0  #: of the lines
NAMED = 110.0  #: points for a category's name beside its bars
FIGURE = 62.0  #: points for a value

#: How each series looks; its marker and its line tell it without colour.
LOOKS: Sequence[tuple[str, str, Any]] = (
    (UP, "o", "solid"),
    (FAINT, "v", (0, (3, 2))),
    (FAINT, "^", (0, (3, 2))),
    (DOWN, "D", "solid"),
    (NEUTRAL, "s", (0, (1, 2))),
    (INK, "P", (0, (5, 2))),
)

Series = Mapping[str, Sequence[tuple[str, float]]]


def of(block: Mapping[str, Any]) -> Picture:
    """The chart of a `data_visualization` block, its title on top."""
    series = dict(_series(block["chart"]))
    draw = _bars if block["chart"]["type"] in ("bar", "pie") else _lines
    return Picture(draw(block["title"], series), block["title"], _said(block["title"], series))


def _series(chart: Mapping[str, Any]) -> Iterator[tuple[str, list[tuple[str, float]]]]:
    """Each series by its name: its points, label and value."""
    if "segments" in chart:
        yield "", [(one["label"], one["value"]) for one in chart["segments"]]
    for one in chart.get("series", ()):
        yield one["name"], [(point["label"], point["value"]) for point in one["data"]]


def _said(title: str, series: Series) -> str:
    """The chart for who cannot see it: every value under its name."""
    told = "; ".join(f"{name}: {_listed(points)}".removeprefix(": ") for name, points in series.items())
    return f"{title}. {told}"


def _listed(points: Sequence[tuple[str, float]]) -> str:
    return ", ".join(f"{label} {_spelled(value)}" for label, value in points)


def _spelled(value: float) -> str:
    """A value as the block has it, rounded where it was counted, as whoever reads writes numbers."""
    return spelling.digits(Decimal(str(value)))


def _begun(title: str, names: Sequence[str], room: float) -> Canvas:
    """A canvas with the title, the names of several series, and so much room below."""
    lines = wrapped(title, TITLE, bold=True, most=3)
    legend = names if len(names) > 1 else ()
    canvas = Canvas(2 * MARGIN + len(lines) * TITLE * 1.25 + 10 + len(legend) * ROW + room)
    for index, line in enumerate(lines):
        canvas.write(MARGIN, MARGIN + (index + 0.5) * TITLE * 1.25, line, TITLE, bold=True)
    canvas.y = MARGIN + len(lines) * TITLE * 1.25 + 10
    for place, name in enumerate(legend):
        _sign(canvas, MARGIN + 8, canvas.y + ROW / 2, place)
        canvas.write(MARGIN + 24, canvas.y + ROW / 2, name, BODY, within=WIDTH - 2 * MARGIN - 24)
        canvas.y += ROW
    return canvas


def _sign(canvas: Canvas, x: float, y: float, place: int) -> None:
    colour, marker, dashes = LOOKS[place % len(LOOKS)]
    canvas.line((x - 8, x + 8), (y, y), colour, 1.6, linestyle=dashes)
    canvas.dot(x, y, colour, 6, marker)


def _bars(title: str, series: Series) -> bytes:
    """A row for each value, its category beside it; the longest bar is the largest value."""
    names, points = list(series), list(series.values())
    categories = [label for label, _ in points[0]]
    high = max((abs(value) for row in points for _, value in row), default=0.0)
    tall = len(categories) * (len(names) * ROW + GAP)
    canvas = _begun(title, names, tall)
    across = Scale(0.0, high or 1.0, MARGIN + NAMED, WIDTH - MARGIN - FIGURE)
    for index, category in enumerate(categories):
        top = canvas.y + index * (len(names) * ROW + GAP)
        canvas.write(MARGIN, top + ROW / 2, category, BODY, within=NAMED - 8)
        for place, row in enumerate(points):
            _bar(canvas, top + place * ROW, row[index][1], across, place)
    return canvas.png()


def _bar(canvas: Canvas, top: float, value: float, across: Scale, place: int) -> None:
    colour, marker, _ = LOOKS[place % len(LOOKS)]
    end = across.at(abs(value))
    canvas.box(across.start, top + 3, max(end - across.start, 1.0), ROW - 6, colour if value >= 0 else DOWN)
    if place:
        canvas.dot(across.start - 6, top + ROW / 2, colour, 5, marker)
    shown = _spelled(value)
    canvas.write(WIDTH - MARGIN, top + ROW / 2, shown, SMALL, bold=True, align="right", within=FIGURE - 6)


def _lines(title: str, series: Series) -> bytes:
    """A line through each series; first and last category below, the ends of the scale beside them."""
    names, points = list(series), list(series.values())
    canvas = _begun(title, names, TALL + 22)
    known = [value for row in points for _, value in row]
    room = max(width(_spelled(end), SMALL) for end in (min(known), max(known))) + 8
    across = Scale(0.0, max(len(points[0]) - 1, 1), MARGIN + room, WIDTH - MARGIN - 8)
    up = Scale.over(known, canvas.y + TALL, canvas.y)
    for end in (min(known), max(known)):
        y = up.at(end)
        canvas.line((across.start, WIDTH - MARGIN), (y, y), RULE, 0.6)
        canvas.write(MARGIN + room - 6, y, _spelled(end), SMALL, colour=FAINT, align="right", within=room - 6)
    for place, row in enumerate(points):
        _line(canvas, [value for _, value in row], across, up, place)
    _ends(canvas, [label for label, _ in points[0]], canvas.y + TALL + 14)
    return canvas.png()


def _line(canvas: Canvas, values: Sequence[float], across: Scale, up: Scale, place: int) -> None:
    colour, marker, dashes = LOOKS[place % len(LOOKS)]
    at = [(across.at(index), up.at(value)) for index, value in enumerate(values)]
    for (left, start), (right, end) in pairwise(at):
        canvas.line((left, right), (start, end), colour, 1.6 if place == 0 else 1.0, linestyle=dashes)
    for x, y in at:
        canvas.dot(x, y, colour, 5 if place == 0 else 3.5, marker)


def _ends(canvas: Canvas, labels: Sequence[str], y: float) -> None:
    """The first and the last category."""
    half = (WIDTH - 2 * MARGIN) / 2
    canvas.write(MARGIN, y, labels[0], SMALL, colour=FAINT, within=half)
    canvas.write(WIDTH - MARGIN, y, labels[-1], SMALL, colour=FAINT, align="right", within=half)
