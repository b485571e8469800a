"""What dropping or shifting a segment would change, as a message: the verdict, the sums, where to ask on."""

from collections.abc import Iterator

from analytics.facts import Fact, WhatIf
from analytics.questions import Filter, WatchQuestion
from bot import figures, intents
from bot.blocks import common
from bot.blocks.common import Block, Row
from bot.figures import Style
from bot.narrator.claims import label
from bot.narrator.whatif import known
from bot.narrator.words import Words

#: Figures of the table, in this order.
SHOWN = (
    "change_amount",
    "change_win_rate",
    "capacity",
    "capacity_share",
    "won_amount",
    "deals",
    "open_deals",
    "per_day_segment",
    "per_day_to",
    "per_day_rest",
)


def answer(facts: WhatIf, words: Words, asked: intents.WhatIf) -> list[Block]:
    """The whole message. `asked` gives the buttons their segment and day."""
    head = common.head(("what", "value", "range"), "whatif_column")
    rows = [_row(metric, fact) for metric in SHOWN if (fact := known(facts, metric))]
    table = common.data_table(label("whatif_caption.sums").text, head, rows)
    return common.framed(words, table, common.buttons(_next(asked)))


def _row(metric: str, fact: Fact) -> Row:
    bounds = figures.bounds(fact)
    return [
        common.text_cell(label(f"whatif_row.{metric}").text),
        common.fact_cell(fact, Style.SHORT),
        common.text_cell(figures.text(fact, Style.SHORT_RANGE)) if bounds else common.name_cell(""),
    ]


def _next(asked: intents.WhatIf) -> Iterator[tuple[str, str, str]]:
    """Is the segment's win rate unusual?"""
    filters: tuple[Filter, ...] = asked.question.segment
    watch = intents.Watch(WatchQuestion(filters=filters), asked.as_of)
    yield "ask.watch", label("whatif_button.watch").text, intents.describe(watch)
