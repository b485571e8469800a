"""Pairs of values as a grid: how often each wins, and whether that is more than the two alone would say."""

from collections.abc import Iterable, Sequence

from analytics.facts import Drivers, Pair, Verdict
from bot import figures
from bot.figures import Style
from bot.narrator.claims import label, say
from bot.narrator.words import Words, count
from bot.pictures.canvas import (
    BODY,
    DOWN,
    FAINT,
    INK,
    MARGIN,
    PAPER,
    RULE,
    SMALL,
    UP,
    WIDTH,
    Canvas,
    drawable,
    sheet,
    wrapped,
)
from bot.pictures.scale import value

ROWS_MOST, COLUMNS_MOST = 12, 5
NAME, ROW, HEAD, LEGEND = 84.0, 40.0, 40.0, 79.0  #: points: width of the rows' names, heights
PALE = "#eef1f5"  #: within noise


def draw(facts: Drivers, words: Words) -> bytes:
    """A row for each value of the first dimension, a column for each of the second."""
    rows, columns = _values(facts.pairs, 0, ROWS_MOST), _values(facts.pairs, 1, COLUMNS_MOST)
    drawn = [pair for pair in facts.pairs if pair.values[0] in rows and pair.values[1] in columns]
    left_out = len(facts.pairs) - len(drawn)
    canvas = sheet(words, HEAD + ROW * len(rows) + LEGEND + (18 if left_out else 0))
    wide = (WIDTH - 2 * MARGIN - NAME) / len(columns)
    top = canvas.y + HEAD
    for index, name in enumerate(columns):
        _head(canvas, MARGIN + NAME + index * wide, canvas.y, name, wide)
    for index, name in enumerate(rows):
        _side(canvas, top + index * ROW, name)
    for pair in drawn:
        row, column = rows.index(pair.values[0]), columns.index(pair.values[1])
        _cell(canvas, MARGIN + NAME + column * wide, top + row * ROW, wide, pair)
    below = top + ROW * len(rows) + 10
    _legend(canvas, below)
    if left_out:
        more = say("picture.more", others=count(facts, "others", left_out))
        canvas.write(MARGIN, below + LEGEND - 4, more.text, SMALL, colour=FAINT, within=WIDTH - 2 * MARGIN)
    return canvas.png()


def _values(pairs: Iterable[Pair], position: int, most: int) -> list[str]:
    return list(dict.fromkeys(pair.values[position] for pair in pairs))[:most]


def _head(canvas: Canvas, left: float, top: float, name: str, wide: float) -> None:
    for index, line in enumerate(wrapped(name, SMALL, most=2, within=wide - 4)):
        canvas.write(left + wide / 2, top + 11 + index * 14, line, SMALL, align="center")


def _side(canvas: Canvas, top: float, name: str) -> None:
    lines: Sequence[str] = wrapped(name, SMALL, most=2, within=NAME - 6)
    for index, line in enumerate(lines):
        canvas.write(MARGIN, top + ROW / 2 + (index - (len(lines) - 1) / 2) * 14, line, SMALL)


def _cell(canvas: Canvas, left: float, top: float, wide: float, pair: Pair) -> None:
    """Dark with an arrow where the pair really goes beyond its two parts, pale where that is noise."""
    way, colour = looks(pair)
    ink = PAPER if colour != PALE else INK
    canvas.box(left + 1.5, top + 1.5, wide - 3, ROW - 3, colour)
    middle, shown = left + wide / 2, figures.text(pair.win_rate, Style.ROUGH)
    rate = f"{drawable(way)} {shown}" if way else shown
    canvas.write(middle, top + 13, rate, BODY, colour=ink, bold=bool(way), align="center", within=wide - 4)
    deals = figures.text(pair.win_rate, Style.COUNT)
    canvas.write(middle, top + 28, deals, 9.0, colour=ink if way else FAINT, align="center", within=wide - 4)


def looks(pair: Pair) -> tuple[str, str]:
    """The arrow and the colour of a cell; no arrow and a pale one while it is within noise."""
    effect = value(pair.effect)
    if effect is None or pair.effect.verdict is not Verdict.SIGNAL:
        return "", PALE
    return ("▲", UP) if effect > 0 else ("▼", DOWN)


def _legend(canvas: Canvas, top: float) -> None:
    canvas.line((MARGIN, WIDTH - MARGIN), (top - 4, top - 4), RULE)
    for index, (colour, key) in enumerate(((UP, "above"), (DOWN, "below"), (PALE, "within"))):
        y = top + 9 + index * 17
        canvas.box(MARGIN, y - 5, 10, 10, colour)
        canvas.write(MARGIN + 16, y, label(f"picture.{key}").text, SMALL, colour=FAINT)
    canvas.write(MARGIN, top + 60, label("picture.small").text, SMALL, colour=FAINT)
