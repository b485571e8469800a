"""The looks of the pilot: the reminder of what waits, and the report."""

from analytics.facts import PilotReport, Reviewed, ToReview
from bot import intents
from bot.blocks import common
from bot.blocks.alert import REVIEW
from bot.blocks.common import Block, Button, Row
from bot.narrator import alert
from bot.narrator.claims import label
from bot.narrator.pilot import mostly
from bot.narrator.words import Words

REVIEWING = ("on", "nobody")


def _both(key: str) -> list[Button]:
    """To decide on an alert."""
    return [(f"review.{name}", label(f"alert_button.{name}").text, key) for name in REVIEW]


def reminder(waiting: ToReview, words: Words) -> list[Block]:
    """One line and two buttons for each alert that waits."""
    rows = [
        block
        for key, finding in waiting.findings.items()
        for block in (common.paragraph(alert.headline(finding).text), *common.buttons(_both(key)))
    ]
    return common.framed(words, middle=rows)


def report(facts: PilotReport, words: Words, *, may_end: bool) -> list[Block]:
    """Whether to go live; each rule in a row; a button to go live while the pilot is on."""
    columns = common.head(COLUMNS, "review_column")
    rows, _ = common.fitting(columns, [_row(one) for one in facts.rules])
    shown = rows if facts.passed.n else []  # a table of what nobody decided tells nothing
    table = common.data_table(label("review_caption.rules").text, columns, shown)
    asked = [("ask.rules", label("review_button.rules").text, intents.describe(intents.RulesPage()))]
    live = [("review.live", label("review_button.live").text, "live")]
    ends = may_end and facts.state in REVIEWING
    return common.framed(words, table, common.buttons([*(live if ends else []), *asked]))


COLUMNS = ("rule", "held", "decided", "waiting", "reason")


def _row(one: Reviewed) -> Row:
    why = mostly(one)
    return [
        common.text_cell(alert.rule_name(one.rule, one.title).text),
        common.known_cell(one.held),
        common.count_cell(one.held),
        common.fact_cell(one.waiting),
        common.name_cell(why.text if why else ""),
    ]
