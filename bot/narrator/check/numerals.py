"""The second look at a finished text: does every numeral in it come from a fact or a given name?"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from analytics.facts import Fact
from bot import figures, names

#: Our own terms that hold a numeral.
TERMS = ("95 %", "P1", "P2", "P3")

_BEFORE, _AFTER = r"(?<![0-9])(?<![0-9][.,])", r"(?![0-9])(?![.,][0-9])"


def strays(text: str, facts: Iterable[Fact], given: Iterable[str]) -> list[str]:
    """Numerals that neither a fact nor a given name accounts for; empty for a true text.

    A numeral is any character with a numeric value in Unicode, so ⅓ and ３ count too.
    """
    known = {spelling for fact in facts for spelling in figures.spellings(fact)}
    known |= {shown for name in given for shown in (name, names.clean(name))}
    accounted = sorted({*known, *map(names.escape, known), *TERMS}, key=len, reverse=True)
    pattern = "|".join(re.escape(spelling) for spelling in accounted if _numerals(spelling))
    left = re.sub(f"{_BEFORE}(?:{pattern}){_AFTER}", " ", text) if pattern else text
    return _numerals(left)


def _numerals(text: str) -> list[str]:
    return [character for character in text if unicodedata.numeric(character, None) is not None]


def given(answer: Any) -> Iterator[str]:
    """Every name that an answer carries: labels, ids, stages, periods, the generation."""
    if isinstance(answer, Fact) or answer is None:
        return
    if isinstance(answer, str):
        yield answer
    elif is_dataclass(answer):
        for part in fields(answer):
            yield from given(getattr(answer, part.name))
    elif isinstance(answer, dict):
        yield from given(list(answer.values()))
    elif isinstance(answer, tuple | list):
        for part in answer:
            yield from given(part)
