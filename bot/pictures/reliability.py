"""How often deals were won that were given such odds, against odds that keep their promise."""

from collections.abc import Sequence
from typing import Any

from analytics.facts import Bin, ModelCard
from bot import figures
from bot.figures import Style
from bot.narrator.claims import label
from bot.narrator.words import Words
from bot.pictures.canvas import FAINT, MARGIN, NEUTRAL, PAPER, RULE, SMALL, UP, WIDTH, Canvas, sheet
from bot.pictures.scale import Scale, ends, tick, value

LEFT, SIDE = 40.0, 270.0  #: points left of the square, and its side
STRIP, AXIS, LEGEND = 46.0, 38.0, 60.0
TICKS = ("0", "0.25", "0.5", "0.75", "1")


def draw(facts: ModelCard, words: Words) -> bytes:
    """A square from 0 to 1 on both sides, and below it how many deals each point stands for."""
    canvas = sheet(words, 26 + SIDE + AXIS + STRIP + LEGEND)
    bins = [one for one in facts.bins if None not in (one.predicted.value, one.observed.value)]
    top = canvas.y + 24
    across = Scale(0.0, 1.0, MARGIN + LEFT, MARGIN + LEFT + SIDE)
    up = Scale(0.0, 1.0, top + SIDE, top)
    _axes(canvas, bins[0], across, up)
    for one in bins:
        _point(canvas, one, across, up)
    _strip(canvas, bins, across, top + SIDE + AXIS)
    _legend(canvas, top + SIDE + AXIS + STRIP + 8)
    return canvas.png()


def _axes(canvas: Canvas, like: Bin, across: Scale, up: Scale) -> None:
    canvas.write(MARGIN, up.end - 14, label("picture.observed").text, SMALL, colour=FAINT)
    for at in TICKS:
        x, y = across.at(float(at)), up.at(float(at))
        canvas.line((x, x), (up.start, up.end))
        canvas.line((across.start, across.end), (y, y))
        shown = tick(like.observed, at)
        canvas.write(across.start - 5, y, shown, SMALL, colour=FAINT, align="right", within=LEFT)
        canvas.write(x, up.start + 11, shown, SMALL, colour=FAINT, align="center", within=50)
    canvas.line((across.start, across.end), (up.start, up.end), FAINT, 1.4, linestyle=(0, (4, 3)))
    name = label("picture.predicted").text
    canvas.write(across.end, up.start + 25, name, SMALL, colour=FAINT, align="right", within=SIDE)


def _point(canvas: Canvas, one: Bin, across: Scale, up: Scale) -> None:
    """A dot with the range chance allows; hollow where the perfect line is beyond it."""
    x = across.at(value(one.predicted) or 0.0)
    if bounds := ends(one.observed):
        low, high = map(up.at, bounds)
        canvas.line((x, x), (low, high), UP, 1.6)
        for end in (low, high):
            canvas.line((x - 3, x + 3), (end, end), UP, 1.6)
    look: dict[str, Any] = {} if holds(one) else {"markerfacecolor": PAPER, "markeredgewidth": 2.0}
    canvas.dot(x, up.at(value(one.observed) or 0.0), UP, 8, **look)


def holds(one: Bin) -> bool:
    """Does the range of what happened hold the odds that were given?"""
    bounds, given = ends(one.observed), value(one.predicted)
    return bounds is None or given is None or bounds[0] <= given <= bounds[1]


def _strip(canvas: Canvas, bins: Sequence[Bin], across: Scale, top: float) -> None:
    """A bar for each point: how many deals it stands for, the smallest and the largest in figures."""
    counts = [one.observed.n or 0 for one in bins]
    tall = Scale(0.0, float(max(counts)) or 1.0, top + STRIP - 2, top + 14)
    canvas.line((across.start, across.end), (tall.start, tall.start), RULE)
    for one, number in zip(bins, counts, strict=True):
        x, y = across.at(value(one.predicted) or 0.0), tall.at(float(number))
        canvas.box(x - 5, y, 10, tall.start - y, NEUTRAL)
    biggest = bins[counts.index(max(counts))]
    x = min(max(across.at(value(biggest.predicted) or 0.0), across.start + 40), across.end - 40)
    canvas.write(x, top + 6, figures.text(biggest.observed, Style.DEALS), SMALL, align="center", within=80)


def _legend(canvas: Canvas, top: float) -> None:
    canvas.line((MARGIN, WIDTH - MARGIN), (top, top))
    canvas.line((MARGIN, MARGIN + 14), (top + 14, top + 14), FAINT, 1.4, linestyle=(0, (4, 3)))
    canvas.dot(MARGIN + 7, top + 31, UP, 7, markerfacecolor=PAPER, markeredgewidth=2.0)
    canvas.line((MARGIN + 127, MARGIN + 127), (top + 8, top + 20), UP, 1.6)
    canvas.box(MARGIN + 2, top + 43, 10, 10, NEUTRAL)
    for x, y, key in ((19, 14, "ideal"), (135, 14, "whisker"), (19, 31, "beyond"), (19, 48, "count")):
        canvas.write(MARGIN + x, top + y, label(f"picture.{key}").text, SMALL, colour=FAINT)
