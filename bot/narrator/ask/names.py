"""The names that a viewer may use, found in their words: values, people, deals by id, name and account."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analytics import answers
from analytics.answers.remember import remembered
from analytics.questions import Scope
from bot import intents
from bot import names as shown
from bot.intents.vocabulary import Meaning, key_of
from bot.intents.words import fold

if TYPE_CHECKING:
    from analytics.store import Generation

#: Words of a question that are now and then a name too: that only where they are written as one.
ORDINARY = frozenset(
    re.findall(
        r"\w+",
        "all an and are be by closed deal deals did do for how in is it lost mark me my no none not of "
        "old on open or other our out per rate rep reps so the to us was we who why will win won you",
    )
)
#: Never read as a name alone: a question means the month.
_TIME = re.compile(
    "jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|"
    "aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?"
)
_SHOWN_OTHERWISE = re.compile(r"[^\w .,&'()-]")  # names with such characters are shown without them
_NUMBERED = re.compile(r"(?:#|\b(?:deal|opportunity|opp|id)\W{1,2})$")  # before a deal's id of digits only


@dataclass(frozen=True, slots=True)
class Named:
    """What a name stands for: values of dimensions, or deals, or a period that was spoken of before."""

    text: str = ""  # where it has several meanings
    meanings: tuple[Meaning, ...] = ()
    deals: tuple[str, ...] = ()
    period: str = ""

    @property
    def kind(self) -> str:
        """What a handle for it is called after."""
        if self.period:
            return "period"
        dimensions = {meaning.dimension for meaning in self.meanings}
        return "deal" if self.deals else dimensions.pop() if len(dimensions) == 1 else "value"


UNSEEN = Named()  #: a person of whom the viewer sees no deals


class Names:
    """Owns the index of what a viewer may name, and of who is to stay unnamed."""

    def __init__(self, found: Mapping[str, Named], parts: Mapping[str, Named]) -> None:
        """Index whole names, and parts of names that count only with their capital."""
        self.found = found
        self._parts = {key: named for key, named in parts.items() if key not in found}
        starts: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for key in (*found, *self._parts):
            if len(key) > 1 and (word := re.search(r"\w+", key)):
                starts[word[0]].append((word.start(), key))
        self._starts = {word: sorted(keys, key=lambda k: -len(k[1])) for word, keys in starts.items()}

    def spoken_in(self, text: str) -> Iterator[tuple[int, int, Named]]:
        """Where in a clean text names stand, and what they stand for: the longest, from left to right."""
        folded, end = fold(text), 0
        for word in re.finditer(r"\w+", folded):
            for before, key in self._starts.get(word[0], ()):
                start = word.start() - before
                stop = start + len(key)
                if start >= end and folded.startswith(key, start) and self._is_meant(key, text, start, stop):
                    yield start, stop, self.found.get(key) or self._parts[key]
                    end = stop
                    break

    def _is_meant(self, key: str, text: str, start: int, stop: int) -> bool:
        """Does a name stand there: not within a word, and not a word that means something else?"""
        if text[start : start + 1].isalnum() and text[max(start - 1, 0) : start].isalnum():
            return False
        if text[stop - 1 : stop].isalnum() and text[stop : stop + 1].isalnum():
            return False
        if key.isdigit():
            return bool(_NUMBERED.search(fold(text[:start])))
        if key in self._parts or key in ORDINARY:
            return text[start:stop] != text[start:stop].lower() and not _TIME.fullmatch(key)
        return not _TIME.fullmatch(key)


@remembered
def names(generation: "Generation", scope: Scope) -> Names:
    """The names in a generation, for a viewer with this scope."""
    known = intents.vocabulary.known(answers.vocabulary(generation, scope))
    deals = _deals(generation.deal_names(scope))
    people, parts = _people(generation)
    values = {key: meaning(key, known.named(key)) for key, _ in known.spellings}
    by_email = {
        key_of(person.email): Named(meanings=(meant,))
        for person in generation.people()
        for meant in known.meanings
        if person.email and meant[:2] == ("rep", person.person_id)
    }
    accounts = {word: Named(deals=tuple(ids)) for word, ids in _first_words(deals).items()}
    whole = {key: Named(deals=tuple(dict.fromkeys(ids))) for key, ids in deals.items()}
    return Names(people | whole | by_email | values, parts | accounts)


def meaning(text: str, meanings: Iterable[Meaning]) -> Named:
    """A value by what it is, however it is spelt; several by the text that can mean them all."""
    found = tuple(meanings)
    return Named(text if len(found) > 1 else "", found)


def _deals(rows: Iterable[tuple[str, str, str]]) -> Mapping[str, list[str]]:
    """By every id, name and account: the deals that it can mean."""
    found: dict[str, list[str]] = defaultdict(list)
    for deal_id, *texts in rows:
        for text in (deal_id, *texts):
            for key in _keys(text):
                found[key].append(deal_id)
    return found


def _keys(text: str) -> set[str]:
    """A name as it may be typed: as the CRM has it, and as we show it."""
    if not text:
        return set()
    spellings = {text, shown.clean(text)} if _SHOWN_OTHERWISE.search(text) else {text}
    return {key_of(spelling) for spelling in spellings}


def _first_words(deals: Mapping[str, list[str]]) -> Mapping[str, list[str]]:
    """By the first word of a longer name, as people shorten it: the deals that it can mean."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for key, ids in deals.items():
        first, _, rest = key.partition(" ")
        if rest and len(first) > 3 and first.isalpha():
            found[first] |= dict.fromkeys(ids)
    return {first: list(ids) for first, ids in found.items()}


def _people(generation: "Generation") -> tuple[dict[str, Named], dict[str, Named]]:
    """Everybody's whole names, ids and addresses; and the parts of their names."""
    people = generation.people()
    told = [text for p in people for text in (p.person_id, p.name or "", p.email or "")]
    parts = [part for p in people for part in (p.name or "").split()]
    return {key_of(text): UNSEEN for text in told if text}, {key_of(part): UNSEEN for part in parts}
