"""The terminal twin: the same blocks that Slack gets, drawn with rich."""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich.bar import Bar
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from bot.doctor import Finding
    from bot.intents.free import Back, Polite, Unclear
    from data.report import Report

Block = Mapping[str, Any]

HEIGHTS = "▁▂▃▄▅▆▇█"


def show(blocks: Sequence[Block], console: Console) -> None:
    """Draw a message."""
    for block in blocks:
        for part in DRAWERS.get(block["type"], nothing)(block):
            console.print(part)


def ask_back(meant: "Back | Polite | Unclear", console: Console) -> None:
    """Draw a question back, or a polite word, with lines to type next."""
    from bot.intents.free import Back, Polite
    from bot.narrator.claims import say

    match meant:
        case Back(sentence, options):
            pass
        case Polite(code, options):
            sentence = say(f"limit.{code}").text
        case _:
            sentence, options = meant.sentence or say("chat.unclear").text, meant.options
    console.print(Text(sentence))
    for _, line in options or (("", "/coach help"),):
        console.print(Text(f"  {line}"))


def said(sentence: str, **slots: str) -> str:
    """What only a terminal says; the slots come from blocks, so they are cleaned already."""
    from bot.narrator.claims import Claim, say

    return say(f"terminal.{sentence}", **{slot: Claim(slot, text) for slot, text in slots.items()}).text


def words(text: str) -> str:
    """mrkdwn as a person reads it.

    >>> words("*Noise.* R&amp;D is `alike`")
    'Noise. R&D is alike'
    """
    return html.unescape(re.sub(r"[*`]", "", text))


def nothing(_: Block) -> Iterator[RenderableType]:
    """What a terminal has no use for."""
    return iter(())


def header(block: Block) -> Iterator[RenderableType]:
    """The first line."""
    yield Text(f"\n{words(block['text']['text'])}", style="bold")


def section(block: Block) -> Iterator[RenderableType]:
    """A paragraph, or fields in two columns."""
    if "text" in block:
        yield Text(words(block["text"]["text"]))
    if "fields" in block:
        grid = Table.grid(padding=(0, 4))
        texts = [Text(words(field["text"])) for field in block["fields"]]
        for left in range(0, len(texts), 2):
            grid.add_row(*texts[left : left + 2])
        yield grid


def context(block: Block) -> Iterator[RenderableType]:
    """The small print."""
    yield Text(" ".join(words(element.get("text", "")) for element in block["elements"]), style="dim")


def actions(block: Block) -> Iterator[RenderableType]:
    """What one can ask next, as the command behind each button; and what only a click in Slack can do."""
    asks = [one["value"] for one in block["elements"] if one.get("value", "").startswith("/")]
    does = [_label(one) for one in block["elements"] if not one.get("value", "").startswith("/")]
    if asks:
        yield Text(said("next", lines="   ".join(asks)), style="cyan")
    if does:
        yield Text("   ".join(f"[{words(one)}]" for one in does if one), style="cyan")


def _label(element: Block) -> str:
    """What stands on a button or a list to choose from; "" on the thumbs."""
    shown = element.get("placeholder") or element.get("text") or {}
    return str(shown.get("text", ""))


def typed(block: Block) -> Iterator[RenderableType]:
    """A field of a modal, empty or with what stands in it."""
    field = block["element"]
    chosen = field.get("initial_option", {}).get("text", {}).get("text", "")
    shown = field.get("initial_value") or field.get("initial_date") or chosen or _label(field)
    yield Text(f"{words(block['label']['text'])}: ", style="bold").append(f"[{words(shown)}]", style="cyan")


def table(block: Block) -> Iterator[RenderableType]:
    """A table; columns of numbers to the right."""
    first, *rows = block["rows"]
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for index, cell in enumerate(first):
        numeric = any(row[index]["type"] == "raw_number" for row in rows)
        drawn.add_column(Text(words(cell["text"])), justify="right" if numeric else "left")
    for row in rows:
        drawn.add_row(*(Text(words(cell["text"])) for cell in row))
    yield Padding(drawn, (1, 0, 1, 2))


def chart(block: Block) -> Iterator[RenderableType]:
    """Bars, or a line for each series."""
    drawn = course(block["chart"]) if block["chart"]["type"] == "line" else bars(block["chart"])
    yield Padding(Group(Text(words(block["title"]), style="dim"), drawn), (0, 0, 1, 2))


def course(drawn: Mapping[str, Any]) -> RenderableType:
    """Every series as a line of blocks, all on one scale, and below them where they begin and end."""
    series = drawn["series"]
    values = [point["value"] for one in series for point in one["data"]]
    low, high = min(values), max(values)
    grid = Table(box=None, show_header=False, pad_edge=False)
    for one in series:
        heights = (_height(point["value"], low, high) for point in one["data"])
        grid.add_row(Text(words(one["name"])), Text("".join(heights), style="blue"))
    places = drawn["axis_config"]["categories"]
    grid.add_row("", Text(said("from_to", first=places[0], last=places[-1]), style="dim"))
    return grid


def _height(value: float, low: float, high: float) -> str:
    share = (value - low) / (high - low) if high > low else 0.5
    return HEIGHTS[round(share * (len(HEIGHTS) - 1))]


def bars(drawn: Mapping[str, Any]) -> RenderableType:
    """Every series as bars from zero, all on one scale."""
    grid = Table(box=None, show_header=False, pad_edge=False)
    grid.add_column()
    grid.add_column(width=40)
    series = drawn.get("series", ())
    longest = max((point["value"] for one in series for point in one["data"]), default=0) or 1
    for one in series:
        named = f" / {one['name']}" if len(series) > 1 else ""
        for point in one["data"]:
            label = Text(words(point["label"] + named))
            grid.add_row(label, Bar(longest, 0, point["value"], color="blue"))
    return grid


def image(block: Block) -> Iterator[RenderableType]:
    """What a picture shows, in words; a terminal draws none."""
    yield Text(said("picture", alt=block["alt_text"]), style="dim")


def container(block: Block) -> Iterator[RenderableType]:
    """What Slack would fold away, unfolded."""
    yield Text(words(block["title"]["text"]), style="bold dim")
    for child in block["child_blocks"]:
        yield from DRAWERS.get(child["type"], nothing)(child)


DRAWERS: dict[str, Callable[[Block], Iterator[RenderableType]]] = {
    "header": header,
    "section": section,
    "context": context,
    "actions": actions,
    "input": typed,
    "data_table": table,
    "table": table,
    "data_visualization": chart,
    "container": container,
    "image": image,
}


def show_findings(findings: "Sequence[Finding]", console: Console) -> None:
    """The doctor's list, each failure with its remedy."""
    marks = {True: ("ok", "green"), False: ("FAILS", "red"), None: ("-", "dim")}
    drawn = Table(box=None, show_header=False, pad_edge=False)
    for finding in findings:
        mark, style = marks[finding.ok]
        found = Text(finding.found)
        if finding.remedy:
            found.append(f"\n{finding.remedy}", style="cyan")
        drawn.add_row(Text(mark, style=style), Text(finding.check, style="bold"), found)
    console.print(drawn)


def show_load(report: "Report", console: Console) -> None:
    """What was taken from each file and what was not."""
    for line in report.sentences():
        console.print(Text(line))
