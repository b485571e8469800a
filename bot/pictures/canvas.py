"""A sheet of paper as wide as a phone: everything is placed in points from its top left corner.

One point is one pixel of a phone 360 pixels wide, so a size of 12 reads as 12 there. The PNG has three pixels
for each. Text is measured before it is placed, and cut or wrapped to the room there is.
"""

from bisect import bisect_right
from functools import lru_cache
from io import BytesIO
from typing import Any, Literal

from matplotlib import rc_context
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from bot.narrator.words import Words

WIDTH = 360.0  #: points
MARGIN = 16.0
PIXELS = 3  #: of the PNG for a point
TITLE, BODY, SMALL = 17.0, 12.5, 10.5  #: sizes of type

# Blue and vermilion are told apart by every kind of colour vision. Source: Okabe and Ito (2008).
INK, FAINT, RULE, PAPER = "#1f2933", "#5f6b7a", "#d5dbe3", "#ffffff"
UP, DOWN, NEUTRAL, BAND = "#0072b2", "#d55e00", "#c3cad3", "#e3ecf5"

TRUE_TYPE = 42  #: how a PDF embeds the typeface: whole letters, not drawings of them

Align = Literal["left", "center", "right"]


class Canvas:
    """Owns one figure; `y` is where the next thing below may begin.

    Args:
        width: as a phone's, unless it is a page for something larger.
        pixels: of the PNG for a point.
    """

    def __init__(self, height: float, width: float = WIDTH, pixels: int = PIXELS) -> None:
        self.height, self.width = height, width
        self.y = MARGIN
        self.figure = Figure(figsize=(width / 72, height / 72), dpi=72 * pixels, facecolor=PAPER)
        self._canvas = FigureCanvasAgg(self.figure)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        size: float = BODY,
        *,
        colour: str = INK,
        bold: bool = False,
        align: Align = "left",
        within: float | None = None,
    ) -> None:
        """One line whose middle is at `y`, cut to the points it may take."""
        shown = cut(text, size, bold, within) if within is not None else drawable(text)
        self.figure.text(
            x / self.width,
            1 - y / self.height,
            shown,
            fontproperties=_font(size, bold),
            color=colour,
            ha=align,
            va="center_baseline",
            parse_math=False,  # a dollar is a dollar
        )

    def line(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        colour: str = RULE,
        width: float = 1.0,
        **look: Any,
    ) -> None:
        """A straight line."""
        xs, ys = [one / self.width for one in x], [1 - one / self.height for one in y]
        self.figure.add_artist(Line2D(xs, ys, color=colour, linewidth=width, **look))

    def box(self, left: float, top: float, width: float, height: float, colour: str, **look: Any) -> None:
        """A filled rectangle."""
        corner = (left / self.width, 1 - (top + height) / self.height)
        size = (width / self.width, height / self.height)
        look = {"edgecolor": "none", **look}
        self.figure.add_artist(Rectangle(corner, *size, facecolor=colour, **look))

    def dot(self, x: float, y: float, colour: str, size: float = 8.0, marker: str = "o", **look: Any) -> None:
        """A marker, `size` points across."""
        look = {"markeredgecolor": colour, "markerfacecolor": colour, **look}
        place = ([x / self.width], [1 - y / self.height])
        self.figure.add_artist(Line2D(*place, marker=marker, markersize=size, linestyle="none", **look))

    def png(self) -> bytes:
        """The picture; the same drawing gives the same bytes."""
        out = BytesIO()
        self._canvas.print_png(out, metadata={"Software": None})
        return out.getvalue()

    def pdf(self, title: str) -> bytes:
        """The same as one vector page, its typeface embedded: its text can be searched and copied.

        The same drawing gives the same bytes: the page does not say when it was made.
        """
        out = BytesIO()
        told = {"Title": title, "Creator": None, "Producer": None, "CreationDate": None}
        dpi = self.figure.dpi
        with rc_context({"pdf.fonttype": TRUE_TYPE}):
            FigureCanvasPdf(self.figure).print_pdf(out, metadata=told)
        self.figure.dpi = dpi  # which printing a PDF takes down to its own
        return out.getvalue()


def sheet(words: Words, room: float) -> Canvas:
    """A canvas with the verdict on top, the last line at the bottom, and `room` points in between."""
    first, rest = _sentences(words.verdict)
    title = wrapped(first, TITLE, bold=True, most=4)
    below = wrapped(rest, BODY, most=5) if rest else []
    last = wrapped(words.context, SMALL, most=3)
    head = len(title) * TITLE * 1.25 + len(below) * BODY * 1.35 + 14
    foot = len(last) * SMALL * 1.35 + 10
    canvas = Canvas(MARGIN + head + room + foot + MARGIN)
    _paragraph(canvas, MARGIN, title, TITLE, 1.25, INK, bold=True)
    _paragraph(canvas, MARGIN + len(title) * TITLE * 1.25 + 4, below, BODY, 1.35, FAINT)
    _paragraph(canvas, canvas.height - MARGIN - foot + 10, last, SMALL, 1.35, FAINT)
    canvas.y = MARGIN + head
    return canvas


def _sentences(text: str) -> tuple[str, str]:
    """The first sentence, with the next one if it is a single word, and the rest.

    >>> _sentences("Stable. Nothing moved. Look again.")
    ('Stable. Nothing moved.', 'Look again.')
    """
    first, _, rest = text.partition(". ")
    if rest and " " not in first:
        second, _, rest = rest.partition(". ")
        first = f"{first}. {second}"
    return (f"{first.rstrip('.')}.", rest)


def _paragraph(
    canvas: Canvas, top: float, lines: list[str], size: float, leading: float, colour: str, bold: bool = False
) -> None:
    for index, line in enumerate(lines):
        canvas.write(MARGIN, top + (index + 0.5) * size * leading, line, size, colour=colour, bold=bold)


def wrapped(
    text: str, size: float, *, bold: bool = False, most: int, within: float = WIDTH - 2 * MARGIN
) -> list[str]:
    """The text in at most so many lines, broken between words; what is left over ends in an ellipsis."""
    lines = [""]
    words = drawable(text).split(" ")  # a figure keeps its unit: "92 Tsd.\xa0$"
    for index, word in enumerate(words):
        longer = f"{lines[-1]} {word}".strip()
        if width(longer, size, bold) <= within:
            lines[-1] = longer
        elif len(lines) == most:
            lines[-1] = cut(" ".join([lines[-1], *words[index:]]), size, bold, within)
            break
        else:
            lines.append(word)
    return [cut(line, size, bold, within) for line in lines if line]


def cut(text: str, size: float, bold: bool, within: float) -> str:
    """The text, or as much of it as fits before an ellipsis."""
    shown = drawable(text)
    if width(shown, size, bold) <= within:
        return shown
    fit = bisect_right(range(len(shown)), within, key=lambda n: width(f"{shown[:n]}…", size, bold))
    return f"{shown[: max(fit - 1, 0)].rstrip()}…"


@lru_cache(maxsize=4096)
def width(text: str, size: float, bold: bool = False) -> float:
    """How many points a line of text takes."""
    font = get_font(findfont(_font(size, bold)))
    font.set_size(size, 72 * PIXELS)
    font.set_text(text, 0.0)
    return float(font.get_width_height()[0]) / 64 / PIXELS


def drawable(text: str) -> str:
    """The text with a box for each character that the typeface lacks."""
    known = _characters()
    return "".join(character if ord(character) in known else "□" for character in text)


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    bold, plain = (get_font(findfont(_font(BODY, weight))).get_charmap() for weight in (True, False))
    return frozenset(bold) & frozenset(plain)


@lru_cache(maxsize=64)
def _font(size: float, bold: bool) -> FontProperties:
    return FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal", size=size)
