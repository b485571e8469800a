"""The same message for a Slack that refuses the newer blocks: tables as text, no charts, nothing folded."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot import names

SECTION_MOST = 3000
BLOCKS_MOST = 50
FENCE = "```"


def plain(blocks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The message without `data_table`, `table`, `container`, `data_visualization` and `context_actions`."""
    return [simple for block in blocks for simple in _simple(block)][:BLOCKS_MOST]


def _simple(block: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    kind = block["type"]
    if kind in ("data_table", "table"):
        yield from _table(block["rows"])
    elif kind == "container":
        yield {"type": "section", "text": block["title"]}
        yield from plain(block["child_blocks"])
    elif kind == "context_actions":
        yield from _judgement(block["elements"])
    elif kind != "data_visualization":
        yield dict(block)


def _judgement(elements: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Feedback as two ordinary buttons."""
    names = ("positive_button", "negative_button")
    buttons = [
        {"type": "button", "action_id": f"{one['action_id']}.{name.partition('_')[0]}", **one[name]}
        for one in elements
        for name in names
        if name in one
    ]
    if buttons:
        yield {"type": "actions", "elements": buttons}


def _table(rows: Sequence[Sequence[Mapping[str, Any]]]) -> Iterator[dict[str, Any]]:
    """Columns in line, in as many sections as they need; numbers to the right."""
    widths = [max(len(row[column]["text"]) for row in rows) for column in range(len(rows[0]))]
    part: list[str] = []
    for line in (_line(row, widths) for row in rows):
        if part and len("\n".join([FENCE, *part, line, FENCE])) > SECTION_MOST:
            yield _section(part)
            part = []
        part.append(line)
    yield _section(part)


def _line(row: Sequence[Mapping[str, Any]], widths: Sequence[int]) -> str:
    padded = (
        cell["text"].rjust(width) if cell["type"] == "raw_number" else cell["text"].ljust(width)
        for cell, width in zip(row, widths, strict=True)
    )
    return names.escape("  ".join(padded).rstrip())


def _section(lines: Sequence[str]) -> dict[str, Any]:
    text = "\n".join([FENCE, *lines, FENCE])
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
