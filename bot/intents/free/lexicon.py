"""prompts/free_text.yaml -> phrases by what they are about, and the pattern that finds them in a text."""

import re
from collections.abc import Mapping
from functools import cache

from bot.intents.grammar import parser
from prompts import files

FILLER = "filler"
_END = re.compile(r"(?![\w'%-])")

#: Terminals of the grammar, by what they are to a rule.
_GRAMMAR = {
    "period": (
        *("DAY", "CALENDAR_QUARTER", "CALENDAR_HALF", "CALENDAR_MONTH", "CALENDAR_YEAR"),
        *("THIS", "LAST", "NEXT", "ROLLING", "TO_DATE", "ALL_TIME"),
    ),
    "people": ("REP",),
    "dimension": (
        *("REGION", "INDUSTRY", "PRODUCT", "LEAD_SOURCE", "DEAL_TYPE", "STAGE", "TEAM"),
        *("AMOUNT_BAND", "QUARTER", "MONTH"),
    ),
    "floor": ("FLOOR",),
    "amount": ("BY_AMOUNT",),
    "mine": ("MINE",),
    "versus": ("VERSUS",),
    "not": ("NOT",),
    "created": ("CREATED",),
    "separator": ("SEPARATOR",),
    "joint": (
        *("AMOUNT", "EVERY_TYPE", "CHALLENGE", "ALL", "BY", "FROM", "AND", "OR", "COMPARED"),
        *("_SINCE", "_AFTER", "_UNTIL", "_BEFORE", "_BETWEEN", "_TO", "_IS"),
    ),
}


def phrases(listed: str) -> list[str]:
    """The phrases of a list with commas."""
    return [phrase.strip() for phrase in listed.split(",")]


@cache
def concepts() -> Mapping[str, str]:
    """What each phrase is about; `filler` may be dropped."""
    content = files.free_text()
    listed = {**content["concepts"], FILLER: content["filler"]}
    return {phrase: concept for concept, words in listed.items() for phrase in phrases(words)}


@cache
def read_as() -> Mapping[str, str]:
    """What the grammar reads for every phrase of a concept, where that is not the phrase itself."""
    written: Mapping[str, str] = files.free_text()["read_as"]
    return written


def phrase_at(text: str, place: int) -> str:
    """The longest phrase that begins at a place of a folded text, "" when none does.

    Looked up at each end of a word: a pattern of all the phrases would take as long to make as an answer.
    """
    known, ends = concepts(), _END.finditer(text, place + 1, place + _longest() + 1)
    found = [text[place : end.start()] for end in ends if text[place : end.start()] in known]
    return found[-1] if found else ""


@cache
def _longest() -> int:
    return max(map(len, concepts()))


@cache
def grammar_words() -> Mapping[str, re.Pattern[str]]:
    """What the grammar reads, by kind, as patterns taken from the grammar itself."""
    written = {terminal.name: terminal.pattern.to_regexp() for terminal in parser().terminals}
    found = {kind: "|".join(written[name] for name in names) for kind, names in _GRAMMAR.items()}
    found = {"asof": f"(?:{written['_ASOF']}) (?:{written['DAY']})", **found}
    return {kind: re.compile(pattern) for kind, pattern in found.items()}


@cache
def rewrites() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Short forms, and the words that say the same."""
    written: Mapping[str, str] = files.free_text()["rewrites"]
    return _any(written, before=r"(?<![\w'-])"), written


@cache
def as_is() -> frozenset[str]:
    """Real words that are never taken for a misspelt one of ours."""
    return frozenset(phrases(files.free_text()["as_is"]))


@cache
def everyday() -> frozenset[str]:
    """Values that are everyday words too."""
    return frozenset(phrases(files.free_text()["everyday"]))


@cache
def words() -> frozenset[str]:
    """Every word of a phrase."""
    return frozenset(word for known in concepts() for word in known.split(" "))


@cache
def spellings() -> tuple[str, ...]:
    """Words of ours that a misspelt word may stand for: few, so that real words are not taken for them."""
    from bot.intents.naming import KEYWORDS

    words = {
        *phrases(files.free_text()["mended"]),
        *(word for known in KEYWORDS for word in known.split(" ")),
    }
    return tuple(sorted(word for word in words if len(word) > 3 and word.isalpha()))


def _any(listed: Mapping[str, str], before: str = "") -> re.Pattern[str]:
    longest = "|".join(re.escape(known) for known in sorted(listed, key=len, reverse=True))
    return re.compile(rf"{before}(?:{longest})(?![\w'%-])")
