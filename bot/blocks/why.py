"""Why a win rate changed, as a message: whether it did, its course, its parts, and ways to doubt it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from analytics.facts import Part, Run, Segment, Why
from analytics.questions import Period
from bot import figures, intents
from bot.blocks import chart, common
from bot.blocks.common import Block, Row
from bot.figures import Style
from bot.narrator.claims import label, say
from bot.narrator.doubts import run_name
from bot.narrator.why import course, part_name, segment_name, shown_wider, worth_a_look
from bot.narrator.words import Words

#: Rows of each table: together they stay below the characters that a message may hold in tables.
ROWS_MOST, PARTS_MOST, RUNS_MOST = 20, 12, 12


def answer(facts: Why, words: Words, asked: intents.Why) -> list[Block]:
    """The whole message. `asked` gives the buttons their periods, filters and day."""
    middle = [*_course(facts), *_runs(facts.runs), *_rows(facts), *_parts(facts)]
    return common.framed(words, middle, common.buttons(_next(facts, asked)))


def _course(facts: Why) -> list[Block]:
    """The win rate of every period that may be compared, with the range chance allows."""
    spans = course(facts)
    ranges = [figures.bounds(span.win_rate) or (None, None) for span in spans]
    series = {
        label("why_chart.rate").text: [figures.number(span.win_rate) for span in spans],
        label("why_chart.low").text: [low for low, _ in ranges],
        label("why_chart.high").text: [high for _, high in ranges],
    }
    return chart.lines(label("why_chart.title").text, [span.label for span in spans], series)


def _table(caption: str, columns: Sequence[str], rows: Sequence[Row]) -> list[Block]:
    head = common.head(columns, "why_column")
    return common.data_table(label(f"why_caption.{caption}").text, head, rows)


def _runs(runs: Sequence[Run]) -> list[Block]:
    """The same question asked other ways, and whether the finding holds."""
    return _table("runs", ("check", "change", "range", "holds"), [_run(run) for run in runs[:RUNS_MOST]])


def _run(run: Run) -> Row:
    return [
        common.text_cell(run_name(run).text),
        common.fact_cell(run.change),
        common.text_cell(figures.text(run.change, Style.BARE_RANGE)),
        common.text_cell(label(f"why_holds.{'against' if run.against else _HOLDS[run.holds]}").text),
    ]


_HOLDS = {True: "yes", False: "no", None: "unknown"}


def _rows(facts: Why) -> list[Block]:
    """The segments that really moved and their rivals, against the rest; then the dimension asked for."""
    told = (*facts.found, *facts.rivals)
    found = [_found(segment) for segment in told[:ROWS_MOST]]
    rows = [_segment(segment) for segment in facts.rows[:ROWS_MOST]]
    columns = ("segment", "before", "after", "deals", "change", "range", "mix", "rate")
    return [
        *_table("found", ("segment", "before", "after", "deals", "excess", "range"), found),
        *_table("segments", columns, rows),
    ]


def _found(segment: Segment) -> Row:
    """What it did against the rest; a rival is not tested against it."""
    excess = segment.excess
    return [
        *_course_of(segment),
        common.fact_cell(excess) if excess else common.name_cell(""),
        common.text_cell(figures.text(excess, Style.BARE_RANGE)) if excess else common.name_cell(""),
    ]


def _course_of(segment: Segment) -> Row:
    return [
        common.text_cell(segment_name(segment).text),
        *map(common.fact_cell, (segment.before, segment.after)),
        common.count_cell(segment.after),
    ]


def _segment(segment: Segment) -> Row:
    effects = (segment.mix, segment.rate)
    return [
        *_course_of(segment),
        common.fact_cell(segment.change),
        common.text_cell(figures.text(segment.change, Style.BARE_RANGE)),
        *(common.fact_cell(effect) if effect else common.text_cell(figures.unknown()) for effect in effects),
    ]


def _parts(facts: Why) -> list[Block]:
    """The parts, and below them the change that they add up to."""
    if not facts.parts or facts.change.value is None:
        return []
    parts = [_part(part) for part in facts.parts[:PARTS_MOST]]
    whole = [
        common.text_cell(say("why.adds_up").text),
        common.fact_cell(facts.change),
        common.text_cell(figures.text(facts.change, Style.BARE_RANGE)),
    ]
    return _table("parts", ("part", "effect", "range"), [*parts, whole])


def _part(part: Part) -> Row:
    return [
        common.text_cell(part_name(part).text),
        common.fact_cell(part.effect),
        common.text_cell(figures.text(part.effect, Style.BARE_RANGE)),
    ]


def _next(facts: Why, asked: intents.Why) -> Iterator[tuple[str, str, str]]:
    """Other periods that show more, doubt, or the same change cut another way."""
    question = asked.question
    for name, (before, after) in _other_periods(facts):
        pair = replace(question, before=before, after=after, challenge=False)
        yield f"ask.{name}", label(f"why_button.{name}").text, intents.describe(replace(asked, question=pair))
    if facts.same_days:
        return
    if not question.challenge and facts.change.value is not None:
        line = intents.describe(replace(asked, question=replace(question, challenge=True)))
        yield "ask.challenge", label("why_button.challenge").text, line
    for dimension in worth_a_look(facts):
        line = intents.describe(replace(asked, question=replace(question, by=dimension, challenge=False)))
        yield f"ask.{dimension}", say("why.by", dimension=label(f"dimension.{dimension}")).text, line


def _other_periods(facts: Why) -> Iterator[tuple[str, tuple[Period, Period]]]:
    """The pairs that show a change where this one does not, or that can be compared where it cannot."""
    yield from ((one.kind, one.periods) for one in shown_wider(facts))
    if facts.same_days:
        yield "same_days", facts.same_days
