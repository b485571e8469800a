"""What is watched, month by month, against its usual range; several as small charts, signals first."""

from collections.abc import Sequence
from itertools import pairwise

from analytics.facts import Month, Watch, Watched
from bot import figures
from bot.narrator.claims import label, say
from bot.narrator.watch import ODD, SIGNALS, name, odd
from bot.narrator.words import Words, count
from bot.pictures.canvas import BAND, BODY, DOWN, FAINT, INK, MARGIN, PAPER, SMALL, UP, WIDTH, Canvas, sheet
from bot.pictures.scale import Scale, value

PANELS_MOST = 6
MONTHS_MOST = 24
ALONE, AMONG = 190.0, 62.0  #: points of height for the lines of one chart, or of one among several
HEAD, AXIS, GAP = 22.0, 16.0, 14.0
LEGEND = 59.0
RIGHT = 46.0  #: points for the ends of the usual range

#: How a signal is drawn: its shape tells it without colour.
MARKERS = {
    "shock_low": ("v", DOWN),
    "drift_low": ("v", DOWN),
    "floor": ("D", DOWN),
    "shock_high": ("^", UP),
    "drift_high": ("^", UP),
    "odd": ("s", FAINT),
}


def draw(facts: Watch, words: Words) -> bytes:
    """A chart for each thing watched."""
    shown = chosen(facts.watched)
    tall = ALONE if len(shown) == 1 else AMONG
    panel = HEAD + tall + AXIS + GAP
    left_out = len(facts.watched) - len(shown)
    canvas = sheet(words, panel * len(shown) + LEGEND + (20 if left_out else 0))
    for index, one in enumerate(shown):
        _panel(canvas, canvas.y + index * panel, one, tall)
    below = canvas.y + panel * len(shown)
    if left_out:
        more = say("picture.more", others=count(facts, "others", left_out))
        canvas.write(MARGIN, below + 6, more.text, SMALL, colour=FAINT, within=WIDTH - 2 * MARGIN)
    _legend(canvas, below + (20 if left_out else 0))
    return canvas.png()


def chosen(watched: Sequence[Watched]) -> list[Watched]:
    """Those that are drawn: with signals first, then with odd months, otherwise in the answer's order."""
    return sorted(watched, key=lambda one: (one.state not in SIGNALS, not odd(one)))[:PANELS_MOST]


def _panel(canvas: Canvas, top: float, one: Watched, tall: float) -> None:
    state = label(f"watch_state.{one.state}")
    title = say("picture.level", name=name(one) if one.where else label("watch_row.everything"), state=state)
    canvas.write(MARGIN, top + 9, title.text, BODY, bold=True, within=WIDTH - 2 * MARGIN)
    months = one.months[-MONTHS_MOST:]
    across = Scale(-0.5, max(len(months) - 0.5, 0.5), MARGIN, WIDTH - MARGIN - RIGHT)
    up = Scale.over(_reach(months), top + HEAD + tall, top + HEAD)
    _band(canvas, months, across, up)
    _rates(canvas, months, across, up)
    _months(canvas, months, across, top + HEAD + tall + AXIS / 2 + 3)


def _reach(months: Sequence[Month]) -> list[float]:
    facts = [fact for month in months for fact in month.facts()]
    return [known for fact in facts if (known := value(fact)) is not None]


def _band(canvas: Canvas, months: Sequence[Month], across: Scale, up: Scale) -> None:
    """The usual range of each month, and in figures that of the last one."""
    limited = [month for month in months if _limits(month)]
    for place, month in enumerate(months):
        if limits := _limits(month):
            low, high = map(up.at, limits)
            left, right = across.at(place - 0.5), across.at(place + 0.5)
            canvas.box(left, high, right - left, low - high, BAND, antialiased=False)
    if limited:
        _ends(canvas, limited[-1], up)


def _ends(canvas: Canvas, month: Month, up: Scale) -> None:
    for fact in (month.high, month.low):
        if fact and (known := value(fact)) is not None:
            x = WIDTH - MARGIN
            canvas.write(
                x, up.at(known), figures.text(fact), SMALL, colour=FAINT, align="right", within=RIGHT - 4
            )


def _limits(month: Month) -> tuple[float, float] | None:
    low, high = value(month.low), value(month.high)
    return None if low is None or high is None else (low, high)


def _rates(canvas: Canvas, months: Sequence[Month], across: Scale, up: Scale) -> None:
    """A line through the months that follow each other; each month a dot, a signal a shape with its rate."""
    places = [
        (place, month, up.at(rate))
        for place, month in enumerate(months)
        if (rate := value(month.win_rate)) is not None
    ]
    for (left, earlier, start), (right, later, end) in pairwise(places):
        if right == left + 1 and not (earlier.incomplete or later.incomplete):
            canvas.line((across.at(left), across.at(right)), (start, end), INK, 1.4)
    for place, month, y in places:
        _dot(canvas, across.at(place), y, month)
    _told(canvas, [(across.at(place), y, month) for place, month, y in places if month.signal], across)


def _dot(canvas: Canvas, x: float, y: float, month: Month) -> None:
    if month.incomplete:
        canvas.dot(x, y, FAINT, 6, markerfacecolor=PAPER, markeredgewidth=1.2)
    elif month.signal:
        marker, colour = MARKERS.get(month.signal, ("s", DOWN))
        canvas.dot(x, y, colour, 7 if month.signal == ODD else 9, marker)
    else:
        canvas.dot(x, y, INK, 4)


def _told(canvas: Canvas, signals: Sequence[tuple[float, float, Month]], across: Scale) -> None:
    """The rate beside the first month out of range; a drift is a matter of all its months."""
    for x, y, month in [each for each in signals if not each[2].signal.startswith("drift")][:1]:
        left = x > (across.start + across.end) / 2
        look = {"align": "right" if left else "left", "within": 90.0}
        rate = figures.text(month.win_rate)
        canvas.write(x - 8 if left else x + 8, y, rate, SMALL, bold=True, **look)  # type: ignore[arg-type]


def _months(canvas: Canvas, months: Sequence[Month], across: Scale, y: float) -> None:
    """The first and the last month by name."""
    if not months:
        return
    room = (across.end - across.start) / 2 - 4
    canvas.write(across.start, y, months[0].label, SMALL, colour=FAINT, within=room)
    if len(months) > 1:
        canvas.write(across.end, y, months[-1].label, SMALL, colour=FAINT, align="right", within=room)


def _legend(canvas: Canvas, top: float) -> None:
    canvas.line((MARGIN, WIDTH - MARGIN), (top, top))
    canvas.box(MARGIN, top + 9, 12, 9, BAND)
    canvas.dot(MARGIN + 112, top + 14, FAINT, 6, markerfacecolor=PAPER, markeredgewidth=1.2)
    canvas.dot(MARGIN + 6, top + 31, DOWN, 8, "v")
    canvas.dot(MARGIN + 112, top + 31, UP, 8, "^")
    canvas.dot(MARGIN + 222, top + 31, DOWN, 7, "D")
    canvas.dot(MARGIN + 6, top + 48, FAINT, 7, "s")
    for x, y, key in (
        (17.0, 14.0, "usual"),
        (121.0, 14.0, "hollow"),
        (17.0, 31.0, "unusual_low"),
        (121.0, 31.0, "unusual_high"),
        (231.0, 31.0, "floor"),
        (17.0, 48.0, "odd"),
    ):
        canvas.write(MARGIN + x, top + y, label(f"picture.{key}").text, SMALL, colour=FAINT)
