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
    @property
    def examples(self) -> Sequence[str]: ...


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


def help(commands: Iterable[Command]) -> list[Block]:
    """What can be asked, with examples to copy."""
    top = [common.header(say("page.help").text), common.paragraph(say("page.help_lead").text)]
    return [*top, *(block for command in commands for block in _command(command))]


def _command(command: Command) -> list[Block]:
    return [
        common.entry(f"{command.name} {command.usage}", command.help),
        *common.bullets(command.examples),
    ]


def glossary(entries: Iterable[Entry]) -> list[Block]:
    """What the metrics mean, how they are computed, and the trap in each."""
    parts = [common.entry(one.title, f"{one.meaning} {one.formula}. {one.trap}") for one in entries]
    return [common.header(say("page.glossary").text), *parts[:MOST]]


def status(findings: Iterable[str]) -> list[Block]:
    """How the system is doing, one line for each thing looked at."""
    return [common.header(say("page.status").text), *common.bullets(findings)]
