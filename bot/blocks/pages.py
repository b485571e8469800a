"""Pages about ourselves: what can be asked, what the words mean, how the data and the system are doing."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from analytics.facts import Quality, QualityLine
from analytics.glossary import Entry
from bot.blocks import common
from bot.blocks.common import Block, Row
from bot.narrator.claims import label, say
from bot.narrator.quality import check_name
from bot.narrator.words import Words

MOST = 48  #: entries of a page; a message holds 50 blocks


class Command(Protocol):
    """What the help page says of a command."""

    @property
    def name(self) -> str: ...
    @property
    def usage(self) -> str: ...
    @property
    def help(self) -> str: ...


def quality(scorecard: Quality, words: Words) -> list[Block]:
    """The data scorecard, every check in a row, the worst first."""
    columns = common.head(("check", "table", "level", "failing", "total"))
    worst_first = sorted(scorecard.lines, key=lambda line: _LEVELS.index(line.level))
    shown, _ = common.fitting(columns, [_check(line) for line in worst_first])
    return common.framed(words, common.data_table(words.headline, columns, shown))


_LEVELS = ("bad", "warn", "ok")


def _check(line: QualityLine) -> Row:
    return [
        common.text_cell(check_name(line).text),
        common.name_cell(line.table),
        common.text_cell(label(f"level.{line.level}").text),
        common.fact_cell(line.failing),
        common.fact_cell(line.total),
    ]


def help(commands: Iterable[tuple[Command, Sequence[str]]]) -> list[Block]:
    """What can be asked, with examples to copy."""
    top = [common.header(say("page.help").text), common.paragraph(say("page.help_lead").text)]
    return [*top, *(block for command, lines in commands for block in _command(command, lines))]


def _command(command: Command, lines: Sequence[str]) -> list[Block]:
    return [common.entry(f"{command.name} {command.usage}", command.help), *common.bullets(lines)]


def glossary(entries: Iterable[Entry]) -> list[Block]:
    """What the metrics mean, how they are computed, and the trap in each."""
    return [common.header(say("page.glossary").text), *_entries(entries)]


def contents(entries: Iterable[Entry]) -> list[Block]:
    """The glossary in one line for each metric."""
    lines = common.bullets(f"{one.title}: {one.meaning}" for one in entries)
    return [common.header(say("page.glossary").text), common.paragraph(say("page.ask_term").text), *lines]


def nearest(term: str, entries: Sequence[Entry]) -> list[Block]:
    """That there is no such term, and those that it may be a misspelling of; else what there is."""
    missing = common.paragraph(say("page.no_term", term=term).text, lead=True)
    if not entries:
        return [common.header(say("page.glossary").text), missing]
    near = common.paragraph(say("page.near_terms").text)
    return [common.header(say("page.glossary").text), missing, near, *_entries(entries)]


def _entries(entries: Iterable[Entry]) -> list[Block]:
    parts = [common.entry(one.title, f"{one.meaning} {one.formula}. {one.trap}") for one in entries]
    return parts[:MOST]


def status(findings: Iterable[str]) -> list[Block]:
    """How the system is doing, one line for each thing looked at."""
    return [common.header(say("page.status").text), *common.bullets(findings)]
