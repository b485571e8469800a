"""The few Block Kit blocks that every answer is made of. Plain text in, JSON out, within Slack's limits.

Text that Slack reads as markup is escaped here, at the edge, and marked `verbatim`, so that nothing in it
becomes a link, a mention or a channel.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from analytics.facts import Fact
from bot import figures, names
from bot.figures import Style
from bot.narrator import ours
from bot.narrator.claims import label, say
from bot.narrator.words import Words

Block = dict[str, Any]
Cell = dict[str, Any]
Row = list[Cell]
Button = tuple[str, str, str]  #: its action id, what stands on it, and what it sends: a line or a key

HEADER_MOST = 150
SECTION_MOST = 3000
FIELD_MOST = 2000
FIELDS_MOST = 10
BUTTON_MOST = 75
VALUE_MOST = 2000
ROWS_MOST = 100  #: below the head of a data_table
FOLDED_MOST = 99  #: below the head of a table
CHARACTERS_MOST = 9_500  #: of all cells of a table; Slack refuses more than 10,000
PAGE = 10  #: rows shown before the reader turns the page


def header(text: str) -> Block:
    """The first line of a message."""
    return {"type": "header", "text": _plain(text, HEADER_MOST)}


def paragraph(text: str, *, lead: bool = False) -> Block:
    """A text; `lead` sets its first sentence in bold."""
    return {
        "type": "section",
        "text": _markup(_emphasised(text) if lead else names.escape(text), SECTION_MOST),
    }


def entry(name: str, text: str) -> Block:
    """A name in bold, and what is to be said of it."""
    return {"type": "section", "text": _markup(f"*{names.escape(name)}*\n{names.escape(text)}", SECTION_MOST)}


def bullets(lines: Iterable[str]) -> list[Block]:
    """A list with one line each, in as few blocks as it fits into; none for no lines."""
    blocks: list[str] = []
    for line in (f"• {names.escape(line)}" for line in lines):
        joined = f"{blocks[-1]}\n{line}" if blocks else line
        if blocks and len(joined) <= SECTION_MOST:
            blocks[-1] = joined
        else:
            blocks.append(line)
    return [{"type": "section", "text": _markup(text, SECTION_MOST)} for text in blocks]


def fields(pairs: Iterable[tuple[str, str]]) -> list[Block]:
    """Labelled values side by side; empty values are left out."""
    shown = [
        _markup(f"*{names.escape(name)}*\n{names.escape(names.clean(value))}", FIELD_MOST)
        for name, value in pairs
        if value
    ]
    return [{"type": "section", "fields": shown[:FIELDS_MOST]}] if shown else []


def context(text: str) -> Block:
    """Small print, in one line."""
    return {"type": "context", "elements": [_plain(text, SECTION_MOST)]}


def image(file_id: str, title: str, alt: str) -> Block:
    """A picture that was uploaded to Slack, and the words for who cannot see it."""
    shown = {"title": _plain(title, FIELD_MOST), "alt_text": _cut(alt, FIELD_MOST)}
    return {"type": "image", "slack_file": {"id": file_id}, **shown}


def buttons(asked: Iterable[Button]) -> list[Block]:
    """A row of buttons."""
    elements = [
        {"type": "button", "action_id": action, "text": _plain(text, BUTTON_MOST), "value": line}
        for action, text, line in asked
        if len(line) <= VALUE_MOST
    ]
    return [{"type": "actions", "elements": elements}] if elements else []


def playbook(words: Words, links: Mapping[str, str]) -> list[Block]:
    """A button to the team's own document about the play that the words tell; none without one.

    Args:
        links: addresses by id of a play, as the settings hold them.
    """
    told = [play for play in words.plays if any(line.endswith(play.text) for line in words.lines)]
    known = [links[play.id] for play in told[:1] if play.id in links]
    return [{"type": "actions", "elements": [_document(link)]} for link in known]


def plays(told: Iterable[tuple[str, str]]) -> list[Block]:
    """Plays, each with a button to the team's own document where it has one; the others as a list.

    Args:
        told: the text of each, and the address or "".
    """
    known = [*told]
    linked = [{**paragraph(text), "accessory": _document(link)} for text, link in known if link]
    return [*linked, *bullets(text for text, link in known if not link)]


def _document(link: str) -> Block:
    text = _plain(label("button.playbook").text, BUTTON_MOST)
    return {"type": "button", "action_id": "playbook", "text": text, "url": link}


def framed(words: Words, middle: Sequence[Block] = (), after: Sequence[Block] = ()) -> list[Block]:
    """An answer: any warning, one-line header, the verdict, what is in the middle, bullets, the last line."""
    warning = [paragraph(words.warning)] if words.warning else []
    top = [*warning, header(words.headline), paragraph(words.verdict, lead=True)]
    return [*top, *middle, *bullets(words.lines), *after, context(words.context)]


def text_cell(text: str) -> Cell:
    """A cell of plain text."""
    return {"type": "raw_text", "text": text}


def name_cell(name: str) -> Cell:
    """A cell with a name from the CRM."""
    return text_cell(names.clean(ours.said(name)))


def fact_cell(fact: Fact, style: Style = Style.PLAIN) -> Cell:
    """A fact as it is read, with its number behind it so that the column sorts."""
    number, shown = figures.number(fact), figures.text(fact, style)
    return text_cell(shown) if number is None else {"type": "raw_number", "value": number, "text": shown}


def known_cell(fact: Fact | None, style: Style = Style.PLAIN) -> Cell:
    """The same; a dash where nobody knows it, so that a column of unknowns is quiet."""
    return name_cell("") if fact is None or fact.value is None else fact_cell(fact, style)


def count_cell(fact: Fact) -> Cell:
    """How many deals a fact rests on, sorted as a number."""
    shown = figures.text(fact, Style.COUNT)
    return text_cell(shown) if fact.n is None else {"type": "raw_number", "value": fact.n, "text": shown}


def range_cell(fact: Fact) -> Cell:
    """The range in which a fact may lie."""
    return text_cell(figures.text(fact, Style.RANGE))


def head(columns: Iterable[str], section: str = "column") -> Row:
    """The first row of a table, from the names of its columns; `section` is that of their labels."""
    return [text_cell(label(f"{section}.{column}").text) for column in columns]


def fitting(columns: Row, rows: Sequence[Row], most: int = ROWS_MOST) -> tuple[Sequence[Row], Sequence[Row]]:
    """The rows that one table carries below its head, and those left over."""
    sizes = accumulate((_size(row) for row in rows), initial=_size(columns))
    fit = min(sum(size <= CHARACTERS_MOST for size in sizes) - 1, most)
    return rows[:fit], rows[fit:]


def data_table(caption: str, columns: Row, rows: Sequence[Row]) -> list[Block]:
    """The native table: sorted and paged in the reader's client; a word on rows that do not fit.

    None without rows.
    """
    if not rows:
        return []
    shown, left = fitting(columns, rows)
    table = {"type": "data_table", "caption": caption, "rows": [columns, *shown], "page_size": PAGE}
    return [{**table, "row_header_column_index": 0}, *_left_out(left)]


def folded(title: str, columns: Row, rows: Sequence[Row]) -> list[Block]:
    """A table that the reader unfolds, and a word on rows that do not fit. None without rows."""
    shown, left = fitting(columns, rows, FOLDED_MOST)
    table = [{"type": "table", "rows": [columns, *shown]}] if rows else []
    return unfolding(title, [*table, *_left_out(left)])


def _left_out(rows: Sequence[Row]) -> list[Block]:
    return [context(say("breakdown.left_out").text)] if rows else []


def unfolding(title: str, blocks: Sequence[Block]) -> list[Block]:
    """Blocks that the reader unfolds. None without blocks."""
    if not blocks:
        return []
    box = {"type": "container", "title": _plain(title, HEADER_MOST), "child_blocks": [*blocks]}
    return [{**box, "is_collapsible": True, "default_collapsed": True}]


def _size(row: Row) -> int:
    return sum(len(cell["text"]) for cell in row)


def _emphasised(text: str) -> str:
    """The first sentence in bold. Our names hold no asterisk (bot/names.py)."""
    first, stop, rest = text.partition(". ")
    return f"*{names.escape(first + stop.strip())}* {names.escape(rest)}".rstrip()


def _plain(text: str, most: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": _cut(text, most), "emoji": False}


def _markup(text: str, most: int) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": _cut(text, most), "verbatim": True}


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
