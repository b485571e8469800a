"""A breakdown as a message: verdict, table, bars, bullets, and buttons for the next question."""

from collections.abc import Iterator
from dataclasses import replace

from analytics.facts import Breakdown, Cell
from analytics.questions import ALL_TIME, WhyQuestion
from bot import intents
from bot.blocks import chart, common
from bot.blocks.common import Block, Row
from bot.intents.pairs import previous
from bot.narrator.breakdown import elsewhere, shown_labels
from bot.narrator.claims import label, ours, say
from bot.narrator.words import Words

PEOPLE = ("rep", "team")  #: dimensions whose rates are shown next to their luck-adjusted ones


def answer(facts: Breakdown, words: Words, asked: intents.WinRate) -> list[Block]:
    """The whole message. `asked` gives the buttons their filters, period and day."""
    middle = [*_tables(facts), *chart.bars(facts)]
    return common.framed(words, middle, [*_people(facts), *common.buttons(_next(facts, asked))])


def _tables(facts: Breakdown) -> Iterator[Block]:
    """The native table, the rows that it cannot hold in a folded one, and a word on any that are left."""
    if not facts.dimensions:
        return
    columns = _head(facts)
    shown, more = common.fitting(columns, [_row(facts, cell) for cell in facts.cells])
    yield from common.data_table(_caption(facts), columns, shown)
    room = 0 if facts.people else common.FOLDED_MOST  # a message holds one folded table
    below, left = common.fitting(columns, more, room)
    yield from common.folded(say("breakdown.more_rows").text, columns, below)
    if left:
        yield common.context(say("breakdown.left_out").text)


def _caption(facts: Breakdown) -> str:
    """What the table is called, for who hears it read."""
    return " / ".join(label(f"column.{dimension}").text for dimension in facts.dimensions)


def _people(facts: Breakdown) -> list[Block]:
    """The reps on their own, with luck taken out, for who unfolds them."""
    if not facts.people:
        return []
    by_name = sorted(
        facts.people.cells, key=lambda cell: (cell.pooled, shown_labels(cell))
    )  # nobody is ranked
    rows = [_row(facts.people, cell) for cell in by_name]
    return common.folded(label("caption.people").text, _head(facts.people), rows)


def _head(facts: Breakdown) -> Row:
    """The names of the columns; the rate of the period before stands after that of this one."""
    head = common.head(_columns(facts))
    if facts.before:
        said = say("breakdown.before_column", period=ours(facts.before.period))
        head.insert(len(facts.dimensions) + facts.by_amount + 1, common.text_cell(said.text))
    return head


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
        *_before(facts, cell),
        common.range_cell(cell.win_rate),
        *map(common.fact_cell, [cell.deals, last]),
    ]


def _before(facts: Breakdown, cell: Cell) -> list[common.Cell]:
    """The rate of the same row in the period before, where there is one beside it."""
    if not facts.before:
        return []
    then = next((one for one in facts.before.cells if one.values == cell.values), None)
    return [common.known_cell(then.win_rate if then else None)]


def _names(cell: Cell) -> Iterator[common.Cell]:
    """The row's names; one that must not be compared says why."""
    *others, last = shown_labels(cell)
    yield from map(common.name_cell, others)
    if cell.incomplete:
        yield common.name_cell(f"{last} ({label(f'mark.{cell.incomplete}').text})")
    else:
        yield common.name_cell(last)


def _next(facts: Breakdown, asked: intents.WinRate) -> Iterator[tuple[str, str, str]]:
    """The same deals cut another way, and why their rate changed."""
    finer = {"quarter": "month"} if asked.question.period != ALL_TIME else {}
    for dimension in (finer.get(each, each) for each in elsewhere(facts)[:2]):
        question = replace(asked.question, dimensions=(dimension,))
        line = intents.describe(replace(asked, question=question))
        yield f"ask.{dimension}", label(f"button.{dimension}").text, line
    if why := _why(asked):
        yield "ask.why", label("watch_button.why").text, intents.describe(why)


def _why(asked: intents.WinRate) -> intents.Why | None:
    """Why the rate changed from the period before; None for a time without one, and for one person's."""
    question, period = WhyQuestion(filters=asked.question.filters), asked.question.period
    if any(one.dimension == "rep" for one in asked.question.filters):
        return None
    if period == ALL_TIME:
        return intents.Why(question, asked.as_of)
    if period.start is None or period.end is None:
        return None
    return intents.Why(replace(question, before=previous(period), after=period), asked.as_of)
