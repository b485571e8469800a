"""A week on one page of 16 by 9, for a board: the verdict, four figures, the win rate's course, the deals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import hypot

from analytics.facts import Month
from bot import figures
from bot.narrator.claims import label
from bot.pictures.canvas import BAND, FAINT, INK, PAPER, RULE, UP, Canvas, width, wrapped
from bot.pictures.control import MARKERS
from bot.pictures.scale import Scale, tick, value

WIDE, TALL = 960.0, 540.0  #: points, a slide's own size. Source: PowerPoint's 13.33 by 7.5 inches
SIDE = 48.0
ROOM = WIDE - 2 * SIDE
PIXELS = 2  #: of the PNG for a point: 1920 by 1080

EYEBROW, TEXT, FIGURE, NOTE = 12.0, 13.0, 28.0, 11.0  #: sizes of type
SIZES = (25.0, 21.0, 17.0, 15.0)  #: of the verdict: two lines of the larger, three of the smaller
TILES, LOWER, FOOT = 158.0, 266.0, 508.0  #: where the figures, the two halves and the footer begin
CHART, LIST = (SIDE, 470.0), (524.0, WIDE - SIDE)  #: from and to, across
WIDER = 1.8  #: than tall is a rate, by so much
HEAD, FACT = 10.0, 11.5  #: sizes of type: of the deals' heads, of their figures
FIGURES = (62.0, 52.0, 78.0)  #: width of each figure of a deal, at least
APART = 10.0  #: at least, between two of them
ROW = 37.0
GAP = 22.0
STEPS = tuple(map(Decimal, ("0.02", "0.05", "0.1", "0.2", "0.25", "0.5")))  #: between lines of the chart
LINES_MOST = 5


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure, what it is, and what to know about it."""

    name: str
    figure: str
    note: str


@dataclass(frozen=True, slots=True)
class Deal:
    """One open deal: what it is called, whose it is and where it stands, its figures."""

    name: str
    about: str
    figures: Sequence[str]


@dataclass(frozen=True, slots=True)
class Page:
    """What the page says, in words that are done; the course is drawn from its facts."""

    title: str
    verdict: str
    below: Sequence[str]  # what else is to be said, a line each
    tiles: Sequence[Tile]
    course: Sequence[Month]
    columns: Sequence[str]  # heads of the deals: what it is, and of its figures
    deals: Sequence[Deal]
    footer: str


def draw(page: Page) -> Canvas:
    """The page; ask it for its PDF and its PNG."""
    canvas = Canvas(TALL, WIDE, PIXELS)
    _top(canvas, page)
    room = (ROOM + GAP) / max(len(page.tiles), 1) - GAP
    for index, tile in enumerate(page.tiles):
        _tile(canvas, SIDE + index * (room + GAP), tile, room)
    _course(canvas, page.course)
    _deals(canvas, page)
    canvas.line((SIDE, WIDE - SIDE), (FOOT, FOOT), RULE, 0.8)
    canvas.write(SIDE, FOOT + 14, page.footer, 9.5, colour=FAINT, within=WIDE - 2 * SIDE)
    return canvas


def _top(canvas: Canvas, page: Page) -> None:
    """The title in small, then the verdict: as large as fits into two lines."""
    canvas.box(0, 0, WIDE, 6, UP)
    canvas.write(SIDE, 38, page.title, EYEBROW, colour=FAINT, bold=True, within=WIDE - 2 * SIDE)
    size, lines = next(fit for fit in map(_fitted, SIZES, (page.verdict,) * len(SIZES)) if fit)
    for index, line in enumerate(lines):
        canvas.write(SIDE, 67 + index * size * 1.22, line, size, bold=True)
    top = 70 + len(lines) * size * 1.22
    left = int((TILES - 12 - top) / (TEXT * 1.4)) + 1
    said = [line for each in page.below for line in wrapped(each, TEXT, most=2, within=ROOM)]
    for index, line in enumerate(said[: min(left, 2)]):
        canvas.write(SIDE, top + index * TEXT * 1.4, line, TEXT, colour=FAINT)


def _fitted(size: float, text: str) -> tuple[float, list[str]] | None:
    """The verdict in lines of this size; None where it would have to be cut, unless nothing is smaller."""
    most = 2 if size > SIZES[-2] else 3
    lines = wrapped(text, size, bold=True, most=most, within=ROOM)
    whole = wrapped(text, size, bold=True, most=most + 1, within=ROOM)
    return (size, lines) if len(whole) <= most or size == SIZES[-1] else None


def _tile(canvas: Canvas, left: float, tile: Tile, room: float) -> None:
    canvas.line((left, left + room), (TILES, TILES), INK, 1.2)
    canvas.write(left, TILES + 17, tile.name, NOTE, colour=FAINT, within=room)
    size = next((s for s in (FIGURE, 23.0, 18.0) if width(tile.figure, s, True) <= room), 15.0)
    canvas.write(left, TILES + 43, tile.figure, size, bold=True, within=room)
    for index, line in enumerate(wrapped(tile.note, NOTE, most=2, within=room)):
        canvas.write(left, TILES + 67 + index * 14, line, NOTE, colour=FAINT)


def _course(canvas: Canvas, months: Sequence[Month]) -> None:
    """The win rate month by month in its usual range, on lines that name the rate."""
    shown = [month for month in months if month.win_rate.value is not None]
    left, right = CHART
    named = "chart" if any(month.low for month in shown) else "chart_plain"
    title = label(f"board_part.{named if shown else 'no_chart'}").text
    canvas.write(left, LOWER + 8, title, TEXT, bold=True, within=right - left)
    if not shown:
        return
    up = Scale.over(_reach(shown), FOOT - 46, LOWER + 34)
    across = Scale(-0.6, len(shown) - 0.4, left + 38, right)
    _lines_across(canvas, shown, across, up)
    _band(canvas, shown, across, up)
    _rates(canvas, shown, across, up)
    _names(canvas, shown, across)


def _reach(months: Sequence[Month]) -> list[float]:
    known = (value(fact) for month in months for fact in (month.win_rate, month.low, month.high))
    return [each for each in known if each is not None]


def _lines_across(canvas: Canvas, months: Sequence[Month], across: Scale, up: Scale) -> None:
    """At round rates, four to seven of them."""
    like = months[0].win_rate
    span = Decimal(str(up.high - up.low))
    step = next((s for s in STEPS if span / s <= LINES_MOST), STEPS[-1])
    at = (Decimal(str(up.low)) // step + 1) * step if up.low > 0 else Decimal(0)
    while at <= Decimal(str(up.high)):
        y = up.at(float(at))
        canvas.line((across.start, across.end), (y, y), RULE, 0.6)
        canvas.write(across.start - 6, y, tick(like, str(at)), 10, colour=FAINT, align="right")
        at += step


def _band(canvas: Canvas, months: Sequence[Month], across: Scale, up: Scale) -> None:
    for place, month in enumerate(months):
        low, high = value(month.low), value(month.high)
        if low is not None and high is not None:
            left, right = across.at(place - 0.5), across.at(place + 0.5)
            top, bottom = up.at(high), up.at(low)
            canvas.box(left, top, right - left, bottom - top, BAND, antialiased=False)


def _rates(canvas: Canvas, months: Sequence[Month], across: Scale, up: Scale) -> None:
    places = [
        (across.at(place), up.at(float(month.win_rate.value or 0)), month)
        for place, month in enumerate(months)
    ]
    for (x, y, one), (other_x, other_y, other) in pairwise(places):
        look = {"linestyle": (0, (2, 2))} if one.incomplete or other.incomplete else {}
        canvas.line((x, other_x), (y, other_y), INK, 1.8, **look)
    for x, y, month in places:
        if month.incomplete:
            canvas.dot(x, y, INK, 6, markerfacecolor=PAPER, markeredgewidth=1.4)
        elif month.signal in MARKERS:
            canvas.dot(x, y, MARKERS[month.signal][1], 10, MARKERS[month.signal][0])
        else:
            canvas.dot(x, y, INK, 5)
    for x, y, month in _told(places):
        right, down = _free(places, (x, y))
        canvas.write(x + right, y + down, figures.text(month.win_rate), 10.5, bold=True, align="center")


#: Where a rate may stand beside its month, the nearest first: right and down, in points.
BESIDE = ((0, -13), (0, 14), (-28, 0), (28, 0), (-24, -11), (24, -11), (-24, 12), (24, 12))


def _free(places: Sequence[tuple[float, float, Month]], at: tuple[float, float]) -> tuple[float, float]:
    """The place beside a month that is farthest from the line, within the chart."""
    points = [(x, y) for x, y, _ in places]
    joined = [
        (x + (other_x - x) * share, y + (other_y - y) * share)
        for (x, y), (other_x, other_y) in pairwise(points)
        for share in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    ]

    def room(beside: tuple[float, float]) -> float:
        x, y = at[0] + beside[0], at[1] + beside[1]
        if not (LOWER + 28 <= y <= FOOT - 46 and x <= CHART[1] - 18):
            return -1.0
        near = min(hypot((x - over) / WIDER, y - below) for over, below in joined)
        return min(near, 11.0)

    return max(BESIDE, key=room)


def _told(places: Sequence[tuple[float, float, Month]]) -> Iterator[tuple[float, float, Month]]:
    """The months whose rate is written beside them: the last complete one, and a sudden one before it."""
    complete = [each for each in places if not each[2].incomplete]
    yield from complete[-1:]
    sudden = [each for each in complete[:-1] if each[2].signal.startswith(("shock", "floor"))]
    yield from (each for each in sudden[-1:] if each[0] < complete[-1][0] - 48)


def _names(canvas: Canvas, months: Sequence[Month], across: Scale) -> None:
    """Every third month by name, counted from the last; below them what the looks mean."""
    y = FOOT - 34
    for place in range(len(months) - 1, -1, -3):
        canvas.write(across.at(place), y, months[place].label, 10, colour=FAINT, align="center")
    below, left = FOOT - 14, across.start
    for key in _looks(months):
        if key == "usual":
            canvas.box(left, below - 5, 13, 10, BAND)
        elif key == "hollow":
            canvas.dot(left + 6, below, INK, 6, markerfacecolor=PAPER, markeredgewidth=1.4)
        else:
            marker, colour = MARKERS[_SIGNS[key]]
            canvas.dot(left + 6, below, colour, 8, marker)
        text = label(f"picture.{key}").text
        canvas.write(left + 19, below, text, 10, colour=FAINT)
        left += 19 + width(text, 10) + 16


#: What the legend says of a shape -> a signal that has it.
_SIGNS = {"unusual_low": "shock_low", "unusual_high": "shock_high", "floor": "floor", "odd": "odd"}


def _looks(months: Sequence[Month]) -> list[str]:
    """What of the legend is on this chart."""
    drawn = {MARKERS[month.signal] for month in months if month.signal in MARKERS and not month.incomplete}
    shapes = [key for key, signal in _SIGNS.items() if MARKERS[signal] in drawn]
    band = ["usual"] if any(month.low and month.high for month in months) else []
    hollow = ["hollow"] if any(month.incomplete for month in months) else []
    return [*band, *hollow, *shapes][:4]


def _deals(canvas: Canvas, page: Page) -> None:
    """Two lines for each deal; its figures to the right."""
    left, right = LIST
    canvas.write(left, LOWER + 8, label("board_part.deals").text, TEXT, bold=True, within=right - left)
    if not page.deals:
        canvas.write(left, LOWER + 40, label("board_part.no_deals").text, TEXT, colour=FAINT)
        return
    what, *heads = page.columns
    rooms = _rooms(heads, page.deals)
    canvas.write(left, LOWER + 34, what, HEAD, colour=FAINT, within=100)
    _figures(canvas, heads, rooms, LOWER + 34, HEAD, FAINT)
    for index, deal in enumerate(page.deals):
        _deal(canvas, deal, rooms, LOWER + 46 + index * ROW)


def _rooms(heads: Sequence[str], deals: Sequence[Deal]) -> list[float]:
    """The width of each figure: that of the longest one, as the reader's language spells it."""
    columns = zip(*(deal.figures for deal in deals), strict=True)
    return [
        max(least, APART + width(head, HEAD), *(APART + width(text, FACT) for text in texts))
        for least, head, texts in zip(FIGURES, heads, columns, strict=True)
    ]


def _deal(canvas: Canvas, deal: Deal, rooms: Sequence[float], top: float) -> None:
    left, right = LIST
    room = right - left - sum(rooms) - 8
    canvas.line((left, right), (top, top), RULE, 0.8)
    canvas.write(left, top + 13, deal.name, 11.5, bold=True, within=room)
    canvas.write(left, top + 27, deal.about, 10, colour=FAINT, within=room)
    _figures(canvas, deal.figures, rooms, top + ROW / 2 + 1, FACT, INK)


def _figures(
    canvas: Canvas, texts: Sequence[str], rooms: Sequence[float], y: float, size: float, colour: str
) -> None:
    """Side by side, each to the right edge of its column."""
    x = LIST[1] - sum(rooms)
    for text, room in zip(texts, rooms, strict=True):
        x += room
        canvas.write(x, y, text, size, colour=colour, align="right", within=room - 4)
