"""What was asked: the text of a command in, an intent out, or a misunderstanding that helps.

The grammar is bot/intents.lark. Values the data knows come in as a vocabulary; nothing is read or remembered.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from itertools import islice

from bot import spelling
from bot.intents import asked, coach, commands
from bot.intents.asked import FORMS
from bot.intents.commands import COMMANDS, Command
from bot.intents.days import asof
from bot.intents.grammar import Parsed, read, said, tokens
from bot.intents.intent import (
    AlertLog,
    AlertsPage,
    Asked,
    Backtest,
    Changes,
    Counted,
    Deal,
    Drivers,
    Funnel,
    Glossary,
    Help,
    Impact,
    Intent,
    MapPerson,
    ModelPage,
    Pilot,
    Pipeline,
    PlaysPage,
    QualityPage,
    Recheck,
    RepPage,
    RulesPage,
    SetupPage,
    SharesPage,
    Status,
    Sums,
    Watch,
    WeekPage,
    WhatIf,
    Why,
    WinRate,
)
from bot.intents.lines import describe
from bot.intents.misunderstood import Ambiguous, BadDay, NotUnderstood, TooMuch, UnknownWord
from bot.intents.vocabulary import Known, Vocabulary, known
from bot.intents.words import clean, echo
from bot.refusals import refusal

__all__ = [
    "COMMANDS",
    "LIMIT",
    "AlertLog",
    "AlertsPage",
    "Ambiguous",
    "Asked",
    "Backtest",
    "BadDay",
    "Changes",
    "Command",
    "Counted",
    "Deal",
    "Drivers",
    "Funnel",
    "Glossary",
    "Help",
    "Impact",
    "Intent",
    "MapPerson",
    "ModelPage",
    "NotUnderstood",
    "Pilot",
    "Pipeline",
    "PlaysPage",
    "QualityPage",
    "Recheck",
    "RepPage",
    "RulesPage",
    "SetupPage",
    "SharesPage",
    "Status",
    "Sums",
    "TooMuch",
    "UnknownWord",
    "Vocabulary",
    "Watch",
    "WeekPage",
    "WhatIf",
    "Why",
    "WinRate",
    "describe",
    "examples",
    "parse",
    "parse_line",
]

LIMIT = 1000  #: characters of a question, and of the line that describes it

_BY_NAME = {command.name: command for command in COMMANDS}


def parse_line(line: str, vocabulary: Vocabulary, today: date) -> Intent:
    """What a whole line asks: `/winrate region by quarter`, with or without its slash.

    Raises:
        NotUnderstood: as `parse`.
    """
    return parse(*_split(line.strip()), vocabulary, today)


def parse(command: str, text: str, vocabulary: Vocabulary, today: date) -> Intent:
    """What the text after a command asks.

    Args:
        vocabulary: by dimension, the values that the reader may name, each with its label.
        today: the day the numbers are of; relative periods are relative to it, or to the text's `asof`.

    Raises:
        NotUnderstood: with commands that work in this data as suggestions.
    """
    values = known(vocabulary)
    form, read_as = _prepared(command, text[:LIMIT], values)
    try:
        if len(text) > LIMIT:
            raise TooMuch(refusal("too_long", most=spelling.digits(Decimal(LIMIT))))
        return _intent(form, read_as, values, today)
    except NotUnderstood as error:
        suggestions = _suggestions(error.lines(form, read_as), form, values, today)
        raise type(error)(error.sentence, suggestions) from None


def examples(command: Command, vocabulary: Vocabulary, today: date) -> list[str]:
    """Lines to try with a command, all of which work in this data."""
    values = known(vocabulary)
    return [line for line in commands.examples(command, values) if _works(line, values, today)]


def _suggestions(corrected: Sequence[str], form: str, values: Known, today: date) -> list[str]:
    """Two to four lines that work: the corrected ones; else, or to make up the two, examples."""
    working = [line for line in dict.fromkeys(corrected) if _works(line, values, today)][:4]
    command = _BY_NAME.get(form.partition(" ")[0])
    fitting = (line for line in commands.examples(command, values) if line not in working)
    room = max(0, 2 - len(working)) if working else 3
    return working + list(islice((line for line in fitting if _works(line, values, today)), room))


def _split(line: str) -> tuple[str, str]:
    """The command of a line, and what follows it."""
    name, _, text = line.partition(" ")
    return f"/{name.lower().removeprefix('/')}", text


def _prepared(command: str, text: str, values: Known) -> tuple[str, str]:
    """The command, with the page of it that takes a question, and the text as the grammar reads it."""
    text = clean(text)
    first, _, rest = text.partition(" ")
    if f"{command} {first.lower()}" in FORMS:
        command, text = f"{command} {first.lower()}", rest
    return command, values.mark(text) if command in FORMS else text


def _intent(form: str, text: str, values: Known, today: date) -> Intent:
    if form not in _READERS:
        raise UnknownWord(refusal("no_command", word=echo(form), commands=", ".join(_BY_NAME)))
    intent = _READERS[form](form, text, values, today)
    if len(describe(intent)) > LIMIT:
        raise TooMuch(refusal("too_many_values"))
    return intent


def _question(form: str, text: str, values: Known, today: date) -> Intent:
    tree = read(text, "question")
    return _help(form) if _has("HELP", tree) else asked.question(form, tree, text, values, today)


def _deal(form: str, text: str, _: Known, today: date) -> Intent:
    tree = read(text, "deal")
    if _has("HELP", tree):
        return _help(form)
    ids = [said([token], text) for token in tokens(tree) if token.type == "DEAL_ID"]
    deal_id = "".join(ids).removeprefix("#")
    if not deal_id:
        raise UnknownWord(refusal("which_deal"))
    return (Changes if _has("CHANGES", tree) else Deal)(deal_id, asof(tree, today))


def _coach(_: str, text: str, __: Known, today: date) -> Intent:
    tree = read(text, "coach")
    return coach.page(tree, text, [command.topic for command in COMMANDS], asof(tree, today))


def _help(form: str) -> Help:
    """The page about a command."""
    return Help(form.partition(" ")[0].removeprefix("/"))


def _has(kind: str, tree: Parsed) -> bool:
    return any(token.type == kind for token in tokens(tree))


def _works(line: str, values: Known, today: date) -> bool:
    """Can the line be suggested: is it understood, and harmless between two backticks?"""
    try:
        _intent(*_prepared(*_split(line), values), values, today)
    except NotUnderstood:
        return False
    return not set("<>&`") & set(line)


_READERS: dict[str, Callable[[str, str, Known, date], Intent]] = {
    **dict.fromkeys(FORMS, _question),
    "/deal": _deal,
    "/coach": _coach,
}
