"""An answer that was doubted, as a message: whether it holds, the other ways to ask, what was said."""

from collections.abc import Sequence

from analytics.evidence import Way
from analytics.facts import Fact
from bot.blocks import common
from bot.blocks.common import Block, Cell, Row
from bot.narrator import recheck as narrator
from bot.narrator.claims import label
from bot.narrator.recheck import Recheck


def answer(checked: Recheck) -> list[Block]:
    """The whole message."""
    return [
        common.header(narrator.headline(checked).text),
        common.paragraph(narrator.verdict(checked).text, lead=True),
        *_ways(checked),
        *common.bullets(claim.text for claim in narrator.lines(checked)),
        common.context(checked.words.context),
    ]


def counted_again(blocks: Sequence[Block], checked: Recheck) -> list[Block]:
    """An answer that holds its own other ways already, with the recount below its verdict."""
    place = next(i for i, block in enumerate(blocks) if block["type"] == "section") + 1
    below = common.paragraph(narrator.recount(checked).text)
    return [*blocks[:place], below, *blocks[place:]]


def _ways(checked: Recheck) -> list[Block]:
    seen = ("rate", "all") if checked.finding and checked.finding.cell else ("gap", "noticed")
    columns = [_word(f"way_column.{name}") for name in ("way", "period", *seen, "verdict", "holds")]
    return common.data_table(label("way_caption.ways").text, columns, [_way(way) for way in checked.ways])


def _way(way: Way) -> Row:
    there = _word(f"sums_verdict.{way.verdict.name.lower()}") if way.verdict else common.name_cell("")
    return [
        _word(f"way.{way.name}"),
        common.name_cell(way.period),
        *map(_figure, (way.rate, way.against)),
        there,
        _word(f"way_holds.{_holds(way)}"),
    ]


def _holds(way: Way) -> str:
    """Whether it shows the same; where it does not, whether it points the same way."""
    if way.holds:
        return "yes"
    if way.same_side is None:
        return "unknown" if way.holds is None else "no"
    if way.holds is None:
        return "untested" if way.same_side else "against"
    return "same_side" if way.same_side else "other_side"


def _figure(fact: Fact | None) -> Cell:
    return common.fact_cell(fact) if fact else common.name_cell("")


def _word(label_id: str) -> Cell:
    return common.text_cell(label(label_id).text)
