"""What will be won in a period: the likely range, what is won already, and the quota, on one scale."""

from collections.abc import Sequence

from analytics.facts import Fact, Pipeline
from bot import figures
from bot.figures import Style
from bot.narrator.claims import label
from bot.narrator.words import Words
from bot.pictures.canvas import BAND, BODY, DOWN, INK, MARGIN, RULE, UP, WIDTH, Canvas, sheet
from bot.pictures.scale import Scale, value

BAR, AXIS, LINE = 46.0, 14.0, 24.0


def draw(facts: Pipeline, words: Words) -> bytes:
    """A bar from nothing: won so far, then the range within which the period likely ends."""
    known = facts.figures
    told = [(key, fact) for key, metric in ROWS if (fact := known.get(metric)) and fact.value is not None]
    canvas = sheet(words, BAR + AXIS + LINE * len(told) + 26)
    scale = Scale(0.0, _furthest([fact for _, fact in told]), MARGIN, WIDTH - MARGIN)
    _bar(canvas, canvas.y + 8, dict(told), scale)
    top = canvas.y + 8 + BAR + AXIS
    for index, (key, fact) in enumerate(told):
        _row(canvas, top + index * LINE + 12, key, fact)
    return canvas.png()


#: What is told, and the figure that tells it.
ROWS = (
    ("won", "won_amount"),
    ("range", "forecast_amount"),
    ("median", "forecast_median"),
    ("quota", "quota"),
)


def _furthest(facts: Sequence[Fact]) -> float:
    """A little beyond the largest amount drawn."""
    ends = [float(each) for fact in facts for each in (fact.value, fact.high) if each is not None]
    return max(*ends, 1.0) * 1.06


def _bar(canvas: Canvas, top: float, told: dict[str, Fact], scale: Scale) -> None:
    """Dark is won, pale is likely; the middle a line, the quota a dashed one."""
    tall = BAR - 14
    canvas.box(scale.start, top + 7, scale.end - scale.start, tall, "#f4f6f9")
    forecast = told["range"]
    if forecast.low is not None and forecast.high is not None:
        left, right = scale.at(float(forecast.low)), scale.at(float(forecast.high))
        canvas.box(left, top + 7, right - left, tall, BAND, edgecolor=UP, linewidth=1.0)
    won = value(told.get("won"))
    if won is not None:
        canvas.box(scale.start, top + 7, scale.at(won) - scale.start, tall, UP)
    for key, colour, look in (("median", INK, {}), ("quota", DOWN, {"linestyle": (0, (3, 2))})):
        if (amount := value(told.get(key))) is not None:
            canvas.line((scale.at(amount),) * 2, (top, top + BAR), colour, 2.2, **look)


def _row(canvas: Canvas, y: float, key: str, fact: Fact) -> None:
    _sign(canvas, y, key)
    room = (WIDTH - 2 * MARGIN) / 2
    canvas.write(MARGIN + 22, y, label(f"picture.{key}").text, BODY, within=room - 22)
    shown = figures.text(fact, Style.SHORT_RANGE if key == "range" else Style.SHORT)
    canvas.write(WIDTH - MARGIN, y, shown, BODY, bold=True, align="right", within=room)
    canvas.line((MARGIN, WIDTH - MARGIN), (y + LINE / 2, y + LINE / 2), RULE, 0.6)


def _sign(canvas: Canvas, y: float, key: str) -> None:
    """How the row looks in the bar."""
    if key in ("won", "range"):
        look = {"edgecolor": UP, "linewidth": 1.0} if key == "range" else {}
        canvas.box(MARGIN, y - 6, 12, 12, UP if key == "won" else BAND, **look)
        return
    look = {"linestyle": (0, (3, 2))} if key == "quota" else {}
    canvas.line((MARGIN + 6, MARGIN + 6), (y - 7, y + 7), DOWN if key == "quota" else INK, 2.2, **look)
