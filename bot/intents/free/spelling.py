"""A text with slips of the finger in, the same text with our own words spelt right out."""

import re
from functools import lru_cache

from bot.intents.free import lexicon
from bot.intents.vocabulary import Known
from bot.intents.words import fold

_ONE_SLIP, _TWO_SLIPS = 4, 8  #: letters from which so many slips of the finger are read over
_CACHED = 4096
_WORD = re.compile(r"[^ ,;&+/|=:<>]+")


def mended(text: str, known: Known) -> str:
    """The text with short forms written out and misspelt words of ours mended; it has no quotes."""
    pattern, written = lexicon.rewrites()
    parts, end = [], 0
    for found in pattern.finditer(fold(text)):
        parts += [text[end : found.start()], written[found.group()]]
        end = found.end()
    text = "".join(parts) + text[end:]
    return _WORD.sub(lambda found: _word(found.group(), known, first=not text[: found.start()].strip()), text)


def _word(word: str, known: Known, *, first: bool) -> str:
    """One word. A capital within a sentence may be a name, and a known value is one: both stay."""
    folded = fold(word)
    if (word != word.lower() and not first) or folded in lexicon.words() or is_value(word, known):
        return word
    if any(pattern.fullmatch(folded) for pattern in lexicon.grammar_words().values()):
        return word
    return corrected(folded) or word


def is_value(word: str, known: Known) -> bool:
    """Is it a known value, in the singular or the plural?"""
    return bool(known.named(word) or known.named(singular(word)))


def singular(word: str) -> str:
    """The word without its plural s."""
    return word[:-1] if len(word) > _ONE_SLIP and word[-1] in "sS" else word


@lru_cache(maxsize=_CACHED)
def corrected(word: str) -> str:
    """The word of ours that differs by a slip or two; "" when there is none, or several.

    >>> corrected("drvies"), corrected("closed"), corrected("pipelnie")
    ('drives', '', 'pipeline')
    """
    if len(word) < _ONE_SLIP or not word.isalpha() or word in lexicon.as_is():
        return ""
    # 60 ms of start-up: only loaded once something is misspelt.
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    slips = 1 if len(word) < _TWO_SLIPS else 2
    found = process.extract(word, lexicon.spellings(), scorer=OSA.distance, score_cutoff=slips, limit=4)
    near = [(slips, choice) for choice, slips, _ in found if _is_slip(word, choice, int(slips))]
    best = [choice for distance, choice in near if distance == min(near)[0]]
    return best[0] if best and len({lexicon.concepts().get(one, one) for one in best}) == 1 else ""


def is_name(word: str, name: str) -> bool:
    """Is the word one of a name's, but for a slip of the finger?"""
    from rapidfuzz.distance import OSA

    folded, parts = fold(word), fold(name).split(" ")
    near = [(part, OSA.distance(folded, part)) for part in parts if len(part) > _ONE_SLIP]
    return any(0 < slips <= 1 and _is_slip(folded, part, slips) for part, slips in near)


def _is_slip(word: str, choice: str, slips: int) -> bool:
    """Were letters left out, doubled or swapped? Another letter in place of one makes too many real words."""
    if word[0] != choice[0]:
        return False
    swapped = sorted(word) == sorted(choice)
    other = len(word) == len(choice) and not swapped
    return not other or (slips == 1 and len(word) >= _TWO_SLIPS)
