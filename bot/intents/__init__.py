"""What was asked: the text of a command in, an intent out, or a misunderstanding that helps.

The grammar is bot/intents.lark. Values the data knows come in as a vocabulary; nothing is read or remembered.
"""

from collections.abc import Sequence
from datetime import date
from itertools import islice

from bot.intents import coach, periods, winrate
from bot.intents.commands import COMMANDS, Command, examples
from bot.intents.grammar import Parsed, read, said, tokens
from bot.intents.intent import (
    Deal,
    Glossary,
    Help,
    Intent,
    MapPerson,
    QualityPage,
    Status,
    WinRate,
    describe,
)
from bot.intents.misunderstood import Ambiguous, BadDay, NotUnderstood, TooMuch, UnknownWord
from bot.intents.vocabulary import Known, Vocabulary, known
from bot.intents.words import clean, echo

__all__ = [
    "COMMANDS",
    "LIMIT",
    "Ambiguous",
    "BadDay",
    "Command",
    "Deal",
    "Glossary",
    "Help",
    "Intent",
    "MapPerson",
    "NotUnderstood",
    "QualityPage",
    "Status",
    "TooMuch",
    "UnknownWord",
    "Vocabulary",
    "WinRate",
    "describe",
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
    name, _, text = line.strip().partition(" ")
    return parse(f"/{name.lower().removeprefix('/')}", text, vocabulary, today)


def parse(command: str, text: str, vocabulary: Vocabulary, today: date) -> Intent:
    """What the text after a command asks.

    Args:
        vocabulary: by dimension, the values that the reader may name, each with its label.
        today: the day the numbers are of; relative periods are relative to it, or to the text's `asof`.

    Raises:
        NotUnderstood: with commands that work in this data as suggestions.
    """
    values = known(vocabulary)
    read_as = _prepared(command, text[:LIMIT], values)
    try:
        if len(text) > LIMIT:
            raise TooMuch(f"That is longer than {LIMIT:,} characters; ask for less at once.")
        return _intent(command, read_as, values, today)
    except NotUnderstood as error:
        suggestions = _suggestions(error.lines(command, read_as), command, values, today)
        raise type(error)(error.sentence, suggestions) from None


def _suggestions(corrected: Sequence[str], command: str, values: Known, today: date) -> list[str]:
    """Two to four lines that work: the corrected ones; else, or to make up the two, examples."""
    working = [line for line in dict.fromkeys(corrected) if _works(line, values, today)][:4]
    fitting = (line for line in examples(_BY_NAME.get(command), values) if line not in working)
    room = max(0, 2 - len(working)) if working else 3
    return working + list(islice((line for line in fitting if _works(line, values, today)), room))


def _prepared(command: str, text: str, values: Known) -> str:
    """The text as the grammar reads it."""
    return values.mark(clean(text)) if command == "/winrate" else clean(text)


def _intent(command: str, text: str, values: Known, today: date) -> Intent:
    if command not in _BY_NAME:
        raise UnknownWord(f"I don't know the command {echo(command)}; I answer {', '.join(_BY_NAME)}.")
    intent = _READERS[command](text, values, today)
    if len(describe(intent)) > LIMIT:
        raise TooMuch("That names more values than one question can hold; ask for fewer at once.")
    return intent


def _winrate(text: str, values: Known, today: date) -> WinRate | Help:
    tree = read(text, "winrate")
    return Help("winrate") if _is_help(tree) else winrate.question(tree, text, values, today)


def _deal(text: str, _: Known, today: date) -> Deal | Help:
    tree = read(text, "deal")
    if _is_help(tree):
        return Help("deal")
    ids = [said([token], text) for token in tokens(tree) if token.type == "DEAL_ID"]
    deal_id = "".join(ids).removeprefix("#")
    if not deal_id:
        raise UnknownWord("Which deal? Write its id after the command.")
    return Deal(deal_id, periods.asof(tree, today))


def _coach(text: str, _: Known, __: date) -> Intent:
    return coach.page(read(text, "coach"), text, [command.topic for command in COMMANDS])


def _is_help(tree: Parsed) -> bool:
    return any(token.type == "HELP" for token in tokens(tree))


def _works(line: str, values: Known, today: date) -> bool:
    """Can the line be suggested: is it understood, and harmless between two backticks?"""
    command, _, text = line.partition(" ")
    try:
        _intent(command, _prepared(command, text, values), values, today)
    except NotUnderstood:
        return False
    return not set("<>&`") & set(line)


_READERS = {"/winrate": _winrate, "/deal": _deal, "/coach": _coach}
