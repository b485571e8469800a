"""The values that the data knows: which one is meant by a word, and which are near a misspelt one."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from analytics.questions import DIMENSIONS, EVERY_TYPE
from bot import names
from bot.intents.words import clean, fold, quoted

Vocabulary = Mapping[str, Sequence[tuple[str, str]]]
_PLAIN_WORD = re.compile(r"[\w'.-]+")
_WRITTEN_BARE = re.compile(r"[\w(#$€£].*[\w)%!?.+]")  # can stand in a sentence without quotes
_LIKE, _PART_OF = 75, 88  #: rapidfuzz's scores, 0 to 100, from which a word is like another, or a part of it
MOST_NEAR = 3


class Meaning(NamedTuple):
    """A value of a dimension that a word can stand for."""

    dimension: str
    value: str
    label: str

    @property
    def name(self) -> str:
        """The label, harmless to Slack."""
        return names.clean(self.label)

    @property
    def shown(self) -> str:
        """The label, with the id where that is not the label, to tell namesakes apart."""
        return self.name if self.label == self.value else f"{self.name} ({names.clean(self.value)})"


class Known:
    """Owns the index of one vocabulary: every value and label, and the parts of people's names."""

    def __init__(self, meanings: Sequence[Meaning]) -> None:
        self.meanings = meanings
        self._whole: dict[str, list[Meaning]] = defaultdict(list)
        self._parts: dict[str, list[Meaning]] = defaultdict(list)
        for meaning in meanings:
            for key in {key_of(meaning.value), key_of(meaning.label)}:
                self._whole[key].append(meaning)
            for key in set(key_of(meaning.label).split(" ")) if meaning.dimension == "rep" else ():
                self._parts[key].append(meaning)

    def named(self, text: str, dimension: str | None = None) -> list[Meaning]:
        """What the text can mean, in one dimension or any: a whole value, else part of a person's name."""
        if dimension == "deal_type" and fold(text) == EVERY_TYPE:
            return [Meaning(dimension, EVERY_TYPE, EVERY_TYPE)]
        for index in (self._whole, self._parts):
            found = [m for m in index.get(key_of(text), ()) if dimension in (None, m.dimension)]
            if found:
                return _exact(found, text)
        return []

    def near(self, text: str, dimension: str) -> list[Meaning]:
        """Up to three values of a dimension that the text may be a misspelling of, the nearest first."""
        choices = [(key, m) for key, m in self.spellings if m.dimension == dimension]
        found = nearest(text, [key for key, _ in choices])
        return list(dict.fromkeys(choices[place][1] for place in found))[:MOST_NEAR]

    def written(self, meaning: Meaning) -> str:
        """A value in quotes so that it means this and nothing else: by its label, if that is its own."""
        own = self.named(clean(meaning.label), meaning.dimension) == [meaning]
        return quoted(meaning.label if own else meaning.value)

    @cached_property
    def spellings(self) -> list[tuple[str, Meaning]]:
        """Every key with each of its meanings."""
        indexes = (self._whole, self._parts)
        return [(key, m) for index in indexes for key, meanings in index.items() for m in meanings]

    def mark(self, text: str) -> str:
        """The text with every known value of more than one plain word in double quotes.

        `text` is clean; what is in quotes already stays as it is.
        """
        parts, end = [], 0
        for found in self._unplain.finditer(fold(text)):
            same = text[found.start() : found.end()]
            parts += [text[end : found.start()], same if found["quoted"] else quoted(same)]
            end = found.end()
        return "".join(parts) + text[end:]

    @cached_property
    def _unplain(self) -> re.Pattern[str]:
        """Quoted text, or a known value that is not one plain word, the longest first."""
        values = [k for k in self._whole if _WRITTEN_BARE.fullmatch(k) and not _PLAIN_WORD.fullmatch(k)]
        longest = "|".join(re.escape(key) for key in sorted(values, key=len, reverse=True))
        known = rf"|(?<![^ ,=:(])(?:{longest})(?![^ ,=:)?!.])" if longest else ""
        return re.compile(rf'(?P<quoted>"(?:\\.|[^"\\])*"){known}')


def known(vocabulary: Vocabulary) -> Known:
    """The index of a vocabulary; made once while the values are the same."""
    return _known(tuple((d, tuple((v, label) for v, label in pairs)) for d, pairs in vocabulary.items()))


@lru_cache(maxsize=64)
def _known(frozen: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]) -> Known:
    meanings = [Meaning(d, v, label) for d, pairs in frozen if d in DIMENSIONS for v, label in pairs]
    return Known(list(dict.fromkeys(meanings)))


def key_of(text: str) -> str:
    """What two spellings of the same value have in common."""
    return fold(clean(text))


def nearest(text: str, choices: Sequence[str]) -> list[int]:
    """Places of a few choices, folded, that the text may be a misspelling of, the nearest first.

    >>> nearest("Eurpe", ["apac", "europe"]), nearest("north", ["north america"])
    ([1], [0])
    """
    # 60 ms of start-up: only loaded once something is misspelt.
    from rapidfuzz import fuzz, process

    key = key_of(text)
    longer = {place: choice for place, choice in enumerate(choices) if len(choice) > len(key)}
    found = len(key) > 2 and (
        process.extract(key, choices, scorer=fuzz.ratio, score_cutoff=_LIKE, limit=2 * MOST_NEAR)
        or process.extract(key, longer, scorer=fuzz.WRatio, score_cutoff=_PART_OF, limit=2 * MOST_NEAR)
    )
    return [place for _, _, place in found or ()]


def _exact(found: Iterable[Meaning], text: str) -> list[Meaning]:
    """Within each dimension only the values spelt exactly so, if there are any; ids before labels."""
    by_dimension: dict[str, list[Meaning]] = defaultdict(list)
    for meaning in found:
        by_dimension[meaning.dimension].append(meaning)
    kept: list[Meaning] = []
    for meanings in by_dimension.values():
        ids = [m for m in meanings if clean(m.value) == text]
        labels = [m for m in meanings if clean(m.label) == text]
        kept += ids or labels or meanings
    return kept
