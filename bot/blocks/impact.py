"""Whether the alerts help, and what followed the plays, as messages."""

from analytics.facts import Effect, Followed, Impact, Plays
from bot import figures, intents
from bot.blocks import chart, common
from bot.blocks.common import Block, Button, Row
from bot.narrator.claims import label
from bot.narrator.impact import has_arms, name
from bot.narrator.words import Words

ARMS = ("outcome", "told", "told_deals", "silent", "silent_deals", "difference", "range")
PLAYS = ("play", "logged", "after_14", "range", "counted", "after_30", "won", "verdict")


def answer(facts: Impact, words: Words, *, brief: bool = False) -> list[Block]:
    """Both arms beside each other, and how the range narrowed week by week; the words alone where `brief`."""
    if brief or (facts.effects and not has_arms(facts)):
        return common.framed(words, (), common.buttons(_next("plays", "log")))
    rows = [_arms(one) for one in facts.effects]
    table = common.data_table(label("impact_caption.arms").text, common.head(ARMS, "impact_column"), rows)
    return common.framed(words, [*table, *_course(facts)], common.buttons(_next("plays", "log")))


def _arms(one: Effect) -> Row:
    return [
        common.text_cell(label(f"impact_outcome.{one.outcome}").text),
        common.fact_cell(one.told),
        common.count_cell(one.told),
        common.fact_cell(one.silent),
        common.count_cell(one.silent),
        common.fact_cell(one.difference),
        common.range_cell(one.difference),
    ]


def _course(facts: Impact) -> list[Block]:
    """The difference as it was known at the end of each week, between the ends of its range."""
    series: dict[str, list[int | float | None]] = {"difference": [], "low": [], "high": []}
    for _, difference in facts.course:
        low, high = figures.bounds(difference) or (None, None)
        values = {"difference": figures.number(difference), "low": low, "high": high}
        for key, value in values.items():
            series[key].append(value)
    places = [figures.text(day) for day, _ in facts.course]
    named = {label(f"impact_chart.{key}").text: values for key, values in series.items()}
    return chart.lines(label("impact_caption.course").text, places, named)


def plays(facts: Plays, words: Words) -> list[Block]:
    """What followed each play, beside the alerts on which nothing was logged."""
    rows = [_followed(row) for row in facts.rows]
    if rows and facts.nothing_logged.value is not None:
        rows.append(_nothing_logged(facts))
    table = common.data_table(label("plays_caption.rows").text, common.head(PLAYS, "plays_column"), rows)
    return common.framed(words, table, common.buttons(_next("impact", "log")))


def _followed(row: Followed) -> Row:
    return [
        common.text_cell(name(row).text),
        common.fact_cell(row.logged),
        common.fact_cell(row.after_14),
        common.range_cell(row.after_14),
        common.count_cell(row.after_14),
        common.fact_cell(row.after_30),
        common.fact_cell(row.won),
        common.name_cell(row.after_14.verdict or ""),
    ]


def _nothing_logged(facts: Plays) -> Row:
    rate, empty = facts.nothing_logged, common.name_cell("")
    return [
        common.text_cell(label("plays_row.nothing_logged").text),
        empty,
        common.fact_cell(rate),
        common.range_cell(rate),
        common.count_cell(rate),
        empty,
        empty,
        empty,
    ]


def _next(*pages: str) -> list[Button]:
    lines = {
        "plays": intents.describe(intents.PlaysPage()),
        "impact": intents.describe(intents.Impact()),
        "log": intents.describe(intents.AlertLog()),
    }
    return [(f"ask.{page}", label(f"impact_button.{page}").text, lines[page]) for page in pages]
