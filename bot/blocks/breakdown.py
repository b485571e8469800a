"""A breakdown as a message: verdict, table, bars, bullets, and buttons for the next question."""

from collections.abc import Iterator
from dataclasses import replace

from analytics.facts import Breakdown, Cell
from analytics.questions import ALL_TIME
from bot import intents
from bot.blocks import chart, common
from bot.blocks.common import Block, Row
from bot.narrator.breakdown import elsewhere, shown_labels
from bot.narrator.claims import label, say
from bot.narrator.words import Words

PEOPLE = ("rep", "team")  #: dimensions whose rates are shown next to their luck-adjusted ones


def answer(facts: Breakdown, words: Words, asked: intents.WinRate) -> list[Block]:
    """The whole message. `asked` gives the buttons their filters, period and day."""
    return common.framed(words, [*_tables(facts), *chart.bars(facts)], common.buttons(_next(facts, asked)))


def _tables(facts: Breakdown) -> Iterator[Block]:
    """The native table, the rows that it cannot hold in a folded one, and a word on any that are left."""
    if not facts.dimensions:
        return
    columns = common.head(_columns(facts))
    shown, more = common.fitting(columns, [_row(facts, cell) for cell in facts.cells])
    yield from common.data_table(_caption(facts), columns, shown)
    below, left = common.fitting(columns, more, common.FOLDED_MOST)
    yield from common.folded(say("breakdown.more_rows").text, columns, below)
    if left:
        yield common.context(say("breakdown.left_out").text)


def _caption(facts: Breakdown) -> str:
    """What the table is called, for who hears it read."""
    return " / ".join(label(f"column.{dimension}").text for dimension in facts.dimensions)


def _columns(facts: Breakdown) -> list[str]:
    value = ["by_amount"] if facts.by_amount else []
    last = "shrunken" if _is_about_people(facts) else "impact"
    return [*facts.dimensions, *value, "win_rate", "range", "deals", last]


def _is_about_people(facts: Breakdown) -> bool:
    return any(dimension in PEOPLE for dimension in facts.dimensions)


def _row(facts: Breakdown, cell: Cell) -> Row:
    value = [cell.by_amount] if facts.by_amount else []
    last = cell.shrunken if _is_about_people(facts) else cell.impact
    return [
        *_names(cell),
        *map(common.fact_cell, [*value, cell.win_rate]),
        common.range_cell(cell.win_rate),
        *map(common.fact_cell, [cell.deals, last]),
    ]


def _names(cell: Cell) -> Iterator[common.Cell]:
    """The row's names; one that must not be compared says why."""
    *others, last = shown_labels(cell)
    yield from map(common.name_cell, others)
    if cell.incomplete:
        yield common.name_cell(f"{last} ({label(f'mark.{cell.incomplete}').text})")
    else:
        yield common.name_cell(last)


def _next(facts: Breakdown, asked: intents.WinRate) -> Iterator[tuple[str, str, str]]:
    """The same deals cut another way."""
    finer = {"quarter": "month"} if asked.question.period != ALL_TIME else {}
    for dimension in (finer.get(each, each) for each in elsewhere(facts)[:2]):
        question = replace(asked.question, dimensions=(dimension,))
        line = intents.describe(replace(asked, question=question))
        yield f"ask.{dimension}", label(f"button.{dimension}").text, line
