"""What is watched, as a message: what left its range, its months or segments, and where to ask on."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from analytics.facts import Month, Watch, Watched
from analytics.questions import WhyQuestion
from bot import figures, intents, names
from bot.blocks import chart, common
from bot.blocks.common import Block, Row
from bot.narrator.claims import label, say
from bot.narrator.watch import name, shown_first, usual
from bot.narrator.words import Words

#: Rows of each table: together they stay below the characters that a message may hold in tables.
MONTHS_MOST, SEGMENTS_MOST = 24, 25


def answer(facts: Watch, words: Words, asked: intents.Watch) -> list[Block]:
    """The whole message. `asked` gives the buttons their filters and day."""
    middle = [*_course(facts), *_segments(facts), *_months(facts)]
    return common.framed(words, middle, common.buttons(_next(asked)))


def _course(facts: Watch) -> list[Block]:
    """The complete months of what is told month by month, with the usual range where all of them have one."""
    months = [m for one in shown_first(facts) for m in one.months if not m.incomplete][-chart.POINTS_MOST :]
    series = {"rate": [figures.number(month.win_rate) for month in months]}
    if all(month.low and month.high for month in months):
        series |= {
            "low": [figures.number(month.low) for month in months if month.low],
            "high": [figures.number(month.high) for month in months if month.high],
        }
    title = names.clean(_about(facts, "chart" if "low" in series else "months"), chart.TITLE_MOST)
    named = {label(f"watch_chart.{key}").text: values for key, values in series.items()}
    return chart.lines(title, [month.label for month in months], named)


def _about(facts: Watch, sentence: str) -> str:
    """The title of what is told month by month."""
    return " ".join(say(f"watch.{sentence}", name=name(one)).text for one in shown_first(facts))


def _head(columns: Sequence[str]) -> Row:
    return common.head(columns, "watch_column")


def _segments(facts: Watch) -> list[Block]:
    """A row for each thing watched; none for one alone."""
    if len(facts.watched) < 2:
        return []
    held = any(one.trailing for one in facts.watched)
    columns = _head(("name", "state", "since", "latest", "usual", "change", *(("lately",) if held else ())))
    rows = [[*_segment(one), *(_lately(one) if held else ())] for one in facts.watched[:SEGMENTS_MOST]]
    return common.data_table(label("watch_caption.segments").text, columns, rows)


def _segment(one: Watched) -> Row:
    latest = _latest(one)
    return [
        common.text_cell(name(one).text if one.where else label("watch_row.everything").text),
        common.text_cell(label(f"watch_state.{one.state}").text),
        common.name_cell(one.since),
        common.fact_cell(latest.win_rate) if latest else common.name_cell(""),
        common.text_cell(_usual(latest)),
        common.fact_cell(one.change) if one.change else common.name_cell(""),
    ]


def _lately(one: Watched) -> Row:
    """Its last half year, which is held against the floor."""
    return [common.fact_cell(one.trailing) if one.trailing else common.name_cell("")]


def _latest(one: Watched) -> Month | None:
    """The last complete month."""
    return next((month for month in reversed(one.months) if not month.incomplete), None)


def _usual(month: Month | None) -> str:
    limits = usual(month) if month else None
    return limits.text if limits else names.NAMELESS


def _months(facts: Watch) -> list[Block]:
    """What is told month by month, the latest first."""
    columns = _head(("month", "rate", "usual", "deals", "mark"))
    rows = [_month(month) for one in shown_first(facts) for month in reversed(one.months)][:MONTHS_MOST]
    table = common.data_table if len(facts.watched) < 2 else common.folded
    return table(_about(facts, "months"), columns, rows)


def _month(month: Month) -> Row:
    return [
        common.name_cell(month.label),
        common.fact_cell(month.win_rate),
        common.text_cell(_usual(month)),
        common.count_cell(month.win_rate),
        common.text_cell(_mark(month)),
    ]


def _mark(month: Month) -> str:
    if month.incomplete:
        return label(f"mark.{month.incomplete}").text
    return label(f"watch_mark.{month.signal}").text if month.signal else names.NAMELESS


def _next(asked: intents.Watch) -> Iterator[tuple[str, str, str]]:
    """Why it changed, and the same cut another way."""
    question = asked.question
    why = intents.Why(WhyQuestion(by=question.dimension, filters=question.filters), asked.as_of)
    yield "ask.why", label("watch_button.why").text, intents.describe(why)
    for dimension in ("region", "lead_source", None):
        if dimension != question.dimension:
            line = intents.describe(replace(asked, question=replace(question, dimension=dimension)))
            yield f"ask.{dimension or 'alone'}", label(f"watch_button.{dimension or 'alone'}").text, line
