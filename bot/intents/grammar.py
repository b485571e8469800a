"""Folded text -> a tree of bot/intents.lark, or a sentence about the word that does not fit."""

from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from bot.intents.misunderstood import BadDay, NotUnderstood, UnknownWord
from bot.intents.words import echo, fold, unquoted
from bot.refusals import refusal

Parsed = Tree[Token]


@cache
def parser() -> Lark:
    """The one parser, made from the grammar file when it is first needed."""
    grammar = files("bot").joinpath("intents.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", start=["question", "deal", "coach"], maybe_placeholders=False)


def read(text: str, start: str) -> Parsed:
    """The tree of a clean text after a command; `start` is the rule it begins with.

    Raises:
        NotUnderstood: a word is missing, or stands where it means nothing.
    """
    try:
        return parser().parse(fold(text), start=start)
    except UnexpectedInput as error:
        raise _misfit(error, text) from None


def said(words: Sequence[Token], text: str) -> str:
    """Words as the reader wrote them, with case and accents and without quotes."""
    first, last = place(words)
    return unquoted(text[first:last])


def place(words: Sequence[Token]) -> tuple[int, int]:
    """Where in the text some words stand."""
    first, last = words[0].start_pos, words[-1].end_pos
    assert first is not None
    assert last is not None
    return first, last


def tokens(tree: Parsed) -> Iterator[Token]:
    """The words of a tree, in order."""
    return (found for found in tree.scan_values(lambda value: isinstance(value, Token)))


def _misfit(error: UnexpectedInput, text: str) -> NotUnderstood:
    """The sentence for a word that the grammar does not allow where it stands."""
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    start = error.pos_in_stream or 0
    word = text[start:].split(" ")[0]
    found = "nothing" if at_end else echo(word)
    wanted = _wanted(error)
    if "DAY" in wanted:
        return BadDay(refusal("need_day", example="2024-01-15", found=found))
    if "WORD" in wanted and "FILLER" not in wanted:
        return UnknownWord(refusal("need_value", found=found))
    if at_end:
        return UnknownWord(refusal("needs_end"))
    sentence = refusal("no_sense", found=found)
    return UnknownWord(sentence, [""], (start, start + len(word)))


def _wanted(error: UnexpectedInput) -> set[str]:
    """Kinds of words that would have fitted."""
    match error:
        case UnexpectedToken():
            return set(error.expected)
        case UnexpectedCharacters():
            return set(error.allowed)
        case _:
            return set()
