"""A change of the win rate as steps from before to after, each with the range chance allows."""

from collections.abc import Iterator

from analytics.facts import Fact, Part, Span, Why
from bot import figures
from bot.narrator.claims import label
from bot.narrator.why import part_name
from bot.narrator.words import Words
from bot.pictures.canvas import BODY, DOWN, FAINT, INK, MARGIN, NEUTRAL, RULE, SMALL, UP, WIDTH, Canvas, sheet
from bot.pictures.scale import Scale, ends, value

ROW, BAR = 43.0, 12.0  #: points
LEGEND = 44.0
VALUE = 92.0  #: points for the number at the end of a row's name


def draw(facts: Why, words: Words) -> bytes:
    """A row for the rate before, one for each part, one for the rate after."""
    canvas = sheet(words, ROW * (len(facts.parts) + 2) + LEGEND)
    levels = [*_levels(facts)]
    scale = Scale.over(_reach(facts, levels), MARGIN + 4, WIDTH - MARGIN - 4)
    top = canvas.y
    _rate(canvas, top, facts.before, scale)
    for index, (part, level) in enumerate(zip(facts.parts, levels, strict=True), start=1):
        _join(canvas, top + index * ROW, scale.at(level))
        _part(canvas, top + index * ROW, part, level, scale)
    last = top + (len(levels) + 1) * ROW
    _join(canvas, last, scale.at(value(facts.after.win_rate) or 0.0))
    _rate(canvas, last, facts.after, scale)
    _legend(canvas, last + ROW + 6)
    return canvas.png()


def _levels(facts: Why) -> Iterator[float]:
    """Where each part begins: at the rate before, then where the part above it ends."""
    level = value(facts.before.win_rate) or 0.0
    for part in facts.parts:
        yield level
        level += value(part.effect) or 0.0


def _reach(facts: Why, levels: list[float]) -> Iterator[float]:
    """Every place that something is drawn at."""
    for span in (facts.before, facts.after):
        yield from (value(span.win_rate) or 0.0, *(ends(span.win_rate) or ()))
    for part, level in zip(facts.parts, levels, strict=True):
        yield from (level + step for step in (0.0, value(part.effect) or 0.0, *(ends(part.effect) or ())))


def is_clear(effect: Fact) -> bool:
    """Does the range leave zero out?"""
    low, high = ends(effect) or (0.0, 0.0)
    return low > 0 or high < 0


def _middle(top: float) -> float:
    """Where a row's bar lies: its name stands above."""
    return top + 27


def _names(canvas: Canvas, top: float, name: str, number: str, *, bold: bool = False) -> None:
    canvas.write(MARGIN, top + 10, name, BODY, bold=bold, within=WIDTH - 2 * MARGIN - VALUE)
    canvas.write(WIDTH - MARGIN, top + 10, number, BODY, bold=bold, align="right", within=VALUE - 4)


def _rate(canvas: Canvas, top: float, span: Span, scale: Scale) -> None:
    """A dot: a bar would have to begin at zero."""
    _names(canvas, top, span.label, figures.text(span.win_rate), bold=True)
    _whisker(canvas, top, span.win_rate, 0.0, scale)
    canvas.dot(scale.at(value(span.win_rate) or 0.0), _middle(top), INK, 9)


def _part(canvas: Canvas, top: float, part: Part, level: float, scale: Scale) -> None:
    effect = value(part.effect) or 0.0
    _names(canvas, top, part_name(part).text, figures.text(part.effect))
    start, end = sorted((scale.at(level), scale.at(level + effect)))
    colour = UP if effect > 0 else DOWN
    look = {} if is_clear(part.effect) else {"edgecolor": FAINT, "linewidth": 0.8}
    canvas.box(
        start, _middle(top) - BAR / 2, max(end - start, 1.5), BAR, colour if not look else NEUTRAL, **look
    )
    _whisker(canvas, top, part.effect, level, scale)


def _whisker(canvas: Canvas, top: float, fact: Fact, level: float, scale: Scale) -> None:
    bounds = ends(fact)
    if bounds is None:
        return
    low, high = (scale.at(level + bound) for bound in bounds)
    y = _middle(top)
    canvas.line((low, high), (y, y), INK, 1.2)
    for end in (low, high):
        canvas.line((end, end), (y - 3.5, y + 3.5), INK, 1.2)


def _join(canvas: Canvas, top: float, x: float) -> None:
    """A thin line from the row above, so that the eye follows the steps."""
    canvas.line(
        (x, x), (_middle(top - ROW) + BAR / 2, _middle(top) - BAR / 2), RULE, 1.0, linestyle=(0, (2, 2))
    )


def _legend(canvas: Canvas, top: float) -> None:
    """What the looks mean; a part's look does not depend on colour alone."""
    canvas.line((MARGIN, WIDTH - MARGIN), (top - 6, top - 6))
    for index, (colour, key) in enumerate(((DOWN, "down"), (UP, "up"), (NEUTRAL, "noise"))):
        left = MARGIN + index * (WIDTH - 2 * MARGIN) / 3
        look = {"edgecolor": FAINT, "linewidth": 0.8} if key == "noise" else {}
        canvas.box(left, top + 3, 10, 10, colour, **look)
        canvas.write(left + 15, top + 8, label(f"picture.{key}").text, SMALL, colour=FAINT, within=90)
    canvas.line((MARGIN, MARGIN + 10), (top + 24, top + 24), INK, 1.2)
    canvas.write(
        MARGIN + 15, top + 24, label("picture.whisker").text, SMALL, colour=FAINT, within=WIDTH - 2 * MARGIN
    )
