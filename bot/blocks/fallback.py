"""The same message for a Slack that refuses some of its blocks: as little of it changed as has to be.

A table becomes text, a fold its title and what is in it, feedback two ordinary buttons; a chart goes away,
for whoever sends the message draws it (bot/pictures/chart.py).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot import names
from bot.blocks.limits import BLOCKS_MOST, Surface, types

SECTION_MOST = 3000
FENCE = "```"

#: Kinds of blocks that are not everywhere yet, so that we can say the same without them.
NEW = frozenset({"data_table", "table", "container", "data_visualization", "context_actions"})

#: How Slack says where in a message, or in a view, something is wrong.
POINTER = re.compile(r"\[json-pointer:(?:/view)?/blocks/(\d+)")
UNSUPPORTED = re.compile(r"unsupported(?: block)? type: (\w+)")

Block = dict[str, Any]


def refused(blocks: Sequence[Mapping[str, Any]], said: Iterable[str]) -> frozenset[str]:
    """The kinds of new blocks that Slack refused, by what it said; all that are there where it named none.

    >>> table = {"type": "data_table"}
    >>> sorted(refused([table, {"type": "container"}], ["unsupported type: table [json-pointer:/blocks/0]"]))
    ['data_table']
    """
    there = NEW & types(blocks)
    told = list(said)
    places = [int(place) for line in told for place in POINTER.findall(line)]
    named = {kind for line in told for kind in UNSUPPORTED.findall(line)}
    named |= {str(blocks[place]["type"]) for place in places if place < len(blocks)}
    return there & named or there


def plain(
    blocks: Sequence[Mapping[str, Any]], without: Collection[str] = NEW, surface: Surface = "message"
) -> list[Block]:
    """The message without these kinds of blocks; neighbouring texts are joined where it has too many."""
    return _fitting([simple for block in blocks for simple in _simple(block, without)], BLOCKS_MOST[surface])


def charts(blocks: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The native charts of a message."""
    return [block for block in blocks if block["type"] == "data_visualization"]


def _simple(block: Mapping[str, Any], without: Collection[str]) -> Iterator[Block]:
    kind = block["type"]
    inside = types(block.get("child_blocks", ()))
    if kind not in without and not inside & {*without}:
        yield dict(block)
    elif kind in ("data_table", "table"):
        yield from _table(block["rows"], block.get("caption", ""))
    elif kind == "container" and kind in without:
        yield {"type": "section", "text": block["title"]}
        yield from (simple for child in block["child_blocks"] for simple in _simple(child, NEW))
    elif kind == "container":
        yield {
            **block,
            "child_blocks": [s for child in block["child_blocks"] for s in _simple(child, without)],
        }
    elif kind == "context_actions":
        yield from _judgement(block["elements"])


def _judgement(elements: Sequence[Mapping[str, Any]]) -> Iterator[Block]:
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


def _table(rows: Sequence[Sequence[Mapping[str, Any]]], caption: str) -> Iterator[Block]:
    """Its caption, then columns in line, in as many sections as they need; numbers to the right."""
    widths = [max(len(row[column]["text"]) for row in rows) for column in range(len(rows[0]))]
    above, part = [names.escape(caption)] if caption else [], list[str]()
    for line in (_line(row, widths) for row in rows):
        if part and len(_fenced(above, [*part, line])) > SECTION_MOST:
            yield _section(_fenced(above, part))
            above, part = [], []
        part.append(line)
    yield _section(_fenced(above, part))


def _line(row: Sequence[Mapping[str, Any]], widths: Sequence[int]) -> str:
    padded = (
        cell["text"].rjust(width) if cell["type"] == "raw_number" else cell["text"].ljust(width)
        for cell, width in zip(row, widths, strict=True)
    )
    return names.escape("  ".join(padded).rstrip())


def _fenced(above: Sequence[str], lines: Sequence[str]) -> str:
    return "\n".join([*above, FENCE, *lines, FENCE])


def _section(text: str) -> Block:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _fitting(blocks: list[Block], most: int) -> list[Block]:
    """At most so many blocks: texts that follow each other share one, then texts from the end go."""
    joined: list[Block] = []
    over = len(blocks) - most
    for block in blocks:
        if over > 0 and joined and (both := _both(joined[-1], block)):
            joined[-1] = both
            over -= 1
        else:
            joined.append(block)
    while len(joined) > most:
        texts = [place for place, block in enumerate(joined[:-1]) if _is_text(block)]
        del joined[texts[-1] if texts else -1]
    return joined


def _both(one: Block, other: Block) -> Block | None:
    """Two texts as one; None where they are none, or too long together."""
    if not (_is_text(one) and _is_text(other)):
        return None
    text = f"{one['text']['text']}\n{other['text']['text']}"
    return _section(text) if len(text) <= SECTION_MOST else None


def _is_text(block: Block) -> bool:
    return block["type"] == "section" and {*block} == {"type", "text"} and block["text"]["type"] == "mrkdwn"
