"""The page with what became of every alert: counts and reasons as words, then a table, the newest first."""

from bot.alerting.log import Entry
from bot.blocks import common
from bot.blocks.common import Block, Row
from bot.narrator import alert, alert_log
from bot.narrator.alert_log import Logged
from bot.narrator.claims import say
from bot.narrator.words import Words, count

COLUMNS = ("day", "subject", "rule", "what", "why", "who")


def page(found: Logged, words: Words) -> list[Block]:
    """What happened to alerts, one row for each thing."""
    columns = common.head(COLUMNS, "alert_log_column")
    rows, _ = common.fitting(columns, [_row(one, found) for one in found.entries])
    shown, total = count(found, "shown", len(rows)), count(found, "total", found.total)
    caption = say("alert_log.shown", shown=shown, total=total)
    table = common.data_table(caption.text, columns, rows)
    return common.framed(words, table)


def _row(entry: Entry, found: Logged) -> Row:
    person = entry.person_id or entry.owner_id  # whose it is, where nobody did anything
    who = found.names.get(person, person)
    return [
        common.text_cell(entry.day.isoformat()),
        common.name_cell(entry.subject_id),
        common.text_cell(alert.rule_name(entry.rule).text),
        common.text_cell(alert_log.what(entry).text),
        (common.text_cell if entry.due else common.name_cell)(alert_log.why(entry)),
        common.name_cell(who),
    ]
