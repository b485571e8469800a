"""A finished text, facts and names in; the numerals that none of them accounts for out."""

import re
import unicodedata
from collections.abc import Iterable

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
