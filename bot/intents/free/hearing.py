"""A text in the reader's own words -> its pieces, each with what it is about; no piece is lost."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.intents.free import lexicon, order, spelling
from bot.intents.free.pieces import SILENT, Piece
from bot.intents.vocabulary import Known
from bot.intents.words import clean, fold, quoted, unquoted

_CONTRACTED = re.compile(r"\b(what|who|how|where|when|that|it|there|here)'?s\b", re.IGNORECASE)
_SHORT = {"n't": " not", "'re": " are", "'ll": " will", "'ve": " have", "'d": " would", "'m": " am"}
_ENDINGS = re.compile(r"(?<=[a-z])(n't|'re|'ll|'ve|'d|'m)\b", re.IGNORECASE)
_POSSESSIVE = re.compile(r"(?<=\w)'s\b|(?<=s)'(?= |$)", re.IGNORECASE)
_NEGATED = re.compile(
    r"!=|<>|(?:^|(?<=[ ,;=:(/|&+]))[!~¬]+(?=[\w\"'])|:(?:no_\w+|x|heavy_minus_sign|-1|thumbsdown):",
    re.IGNORECASE,
)
_IDLE = re.compile(
    r"<@[A-Za-z0-9]+(?:\|[^>]*)?>|:[a-z_+-]+:|[?!()*~…—]|:(?= |$)|\.+(?= |$)|,(?= *$)", re.IGNORECASE
)
_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
_WORD = re.compile(r'[^ ,;&+/|=:<>"]+|[^ ]')
#: Where a value stands, so that an everyday word is one: `type new`, `new vs renewal`, `new deals`.
_BEFORE_VALUE = re.compile(r"(?:\b(?:type|is|vs|or|and|for|in|only|region|industry|product|stage)|[=,]) $")
_AFTER_VALUE = re.compile(r" (?:deals?|business|opps|vs|or)\b")
_MAYBE_NAME = re.compile(r"\b(?:in|for|from|by|of|with|about|vs|and|or) $")
_OVER = re.compile(r"(?:last|previous|prior|past)\b|[qmy]td$|(?:year|quarter|month)[ -]to", re.IGNORECASE)
_THIS_WEEK = re.compile(r"(?:this|current) week|(?:last|past) (?:7|seven) days", re.IGNORECASE)
_DEAL = re.compile(
    r"#?(?:[a-z]{1,6}[-_]?\d{3,}|(?=[a-z0-9]*\d)(?=\d*[a-z])[a-z0-9]{15}(?:[a-z0-9]{3})?)(?![\w'-])"
)


class Spot(NamedTuple):
    """A word where it stands."""

    text: str
    start: int
    end: int

    @property
    def word(self) -> str:
        """The word as it is written."""
        return self.text[self.start : self.end]

    @property
    def is_capital(self) -> bool:
        """Is it written like a name, within a sentence?"""
        return self.start > 0 and self.word != self.word.lower() and self.text != self.text.upper()

    @property
    def is_name(self) -> bool:
        """Can a word that may otherwise be dropped be a name here: `in IT`, `for Will`?"""
        if len(self.word) > 1 and self.word.isupper() and self.text != self.text.upper():
            return True
        return self.word != self.word.lower() and bool(_MAYBE_NAME.search(self.text[: self.start].lower()))

    @property
    def is_place_of_value(self) -> bool:
        """Does a value stand here: after a dimension or a preposition, or before deals?"""
        before, after = self.text[: self.start].lower(), self.text[self.end :].lower()
        return bool(_BEFORE_VALUE.search(before) or _AFTER_VALUE.match(after) or not before.strip())


@dataclass(frozen=True, slots=True)
class Heard:
    """The pieces of a text, in order."""

    pieces: tuple[Piece, ...]

    @property
    def kinds(self) -> frozenset[str]:
        """All that was said, manners too, and what the periods tell: see `_told_by_periods`."""
        return frozenset({piece.kind for piece in self.pieces} | _told_by_periods(self.pieces))

    @property
    def about(self) -> frozenset[str]:
        """All that it is about."""
        return self.kinds - SILENT

    def said(self, kinds: frozenset[str]) -> str:
        """The pieces of some kinds, as text for the grammar."""
        return " ".join(piece.text for piece in self.pieces if piece.kind in kinds).strip(" ,;&+/|")

    def each(self, kind: str) -> list[str]:
        """The different pieces of one kind."""
        return list(dict.fromkeys(piece.text for piece in self.pieces if piece.kind == kind))


def _told_by_periods(pieces: Sequence[Piece]) -> set[str]:
    """`past` of one that is over or up to today, `this_week`, and `two_periods` that are compared."""
    periods = [piece.text for piece in pieces if piece.kind == "period"]
    kinds = [piece.kind for piece in pieces if piece.kind != lexicon.FILLER]
    told = {
        "past": any(map(_OVER.match, periods)),
        "this_week": bool(periods) and all(map(_THIS_WEEK.fullmatch, periods)),
        "two_periods": ("period", "versus", "period") in zip(kinds, kinds[1:], kinds[2:], strict=False),
    }
    return {kind for kind, holds in told.items() if holds}


def plain(text: str) -> str:
    """The text in whole words: no contractions, no signs for `not`, no idle punctuation.

    >>> plain("What's Priya's win rate?!"), plain("win rate !EMEA")
    ('What is Priya win rate', 'win rate not EMEA')
    """
    text = _CONTRACTED.sub(r"\1 is", _NEGATED.sub(" not ", clean(text)))
    text = _ENDINGS.sub(lambda found: _SHORT[found[1].lower()], text)
    return " ".join(_POSSESSIVE.sub("", _IDLE.sub(" ", text)).split())


def hear(text: str, known: Known) -> Heard:
    """The pieces of a plain text."""
    parts = list(_parts(known.mark(text)))
    spelt = "".join(part if part.startswith('"') else spelling.mended(part, known) for part in parts)
    return Heard(order.in_order(tuple(_whole_names(tuple(_pieces(spelt, known)), known))))


def _whole_names(pieces: Iterable[Piece], known: Known) -> Iterable[Piece]:
    """The pieces, with a person's last name mended if the first name before it leaves only one person."""
    whole: list[Piece] = []
    for piece in pieces:
        person = _person(whole[-1], piece, known) if whole else ""
        whole[-1:] = [Piece(quoted(person), "person")] if person else [*whole[-1:], piece]
    return whole


def _person(first: Piece, last: Piece, known: Known) -> str:
    """The id of the one person whose first name is known and whose last name has a slip in it, or ""."""
    if not first.kind == last.kind == "person" or known.named(last.text):
        return ""
    people = [one for one in known.named(first.text, "rep") if spelling.is_name(last.text, one.label)]
    return people[0].value if len(people) == 1 else ""


def _parts(text: str) -> Iterator[str]:
    """What is between quotes, and what is in them, in order."""
    end = 0
    for found in _QUOTED.finditer(text):
        yield from (text[end : found.start()], found.group())
        end = found.end()
    yield text[end:]


def _pieces(text: str, known: Known) -> Iterator[Piece]:
    folded, place, leading = fold(text), 0, True
    while place < len(text):
        if text[place] == " ":
            place += 1
            continue
        end, kind = _longest(folded, place, leading=leading)
        word = _QUOTED.match(text, place) or _WORD.match(text, place)
        if word and word.end() >= end:
            kind = kind if word.end() == end else ""
            end = word.end()
            piece = _named(Spot(text, place, end), kind, known)
        else:
            hidden = _hides_name(text, place, end, known)
            piece = Piece(text[place:end], "doubtful" if hidden else kind)
        yield piece._replace(text=lexicon.read_as().get(piece.kind, piece.text))
        leading = leading and piece.kind in SILENT
        place = end


def _hides_name(text: str, start: int, end: int, known: Known) -> bool:
    """Is a word of a phrase written as a name: `show IT by quarter`, `for Will`?"""
    spots = [Spot(text, found.start(), found.end()) for found in _WORD.finditer(text, start, end)]
    named = [spot.word for spot in spots if spot.is_capital and len(spot.word) > 1]
    shouted = any(word.isupper() and fold(word) in lexicon.everyday() for word in named)
    return shouted or any(map(known.named, named))


def _longest(folded: str, place: int, *, leading: bool) -> tuple[int, str]:
    """Where the longest of our phrases and of the grammar's words from here ends, and what it is about."""
    end, kind = place, ""
    if said := lexicon.phrase_at(folded, place):
        end, kind = place + len(said), lexicon.concepts()[said]
    if kind == "and_then" and not leading:
        kind = "joint" if said == "and" else "unknown"
    if (deal := _DEAL.match(folded, place)) and deal.end() > end:
        end, kind = deal.end(), "deal"
    for name, pattern in lexicon.grammar_words().items():
        if (found := pattern.match(folded, place)) and found.end() > end:
            end, kind = found.end(), name
    return end, kind


def _named(spot: Spot, kind: str, known: Known) -> Piece:
    """One word: a value if it can be nothing else, else what the lexicon or the grammar takes it for.

    A value that is spelt like a word of ours only counts where its capitals show it; else it is doubtful.
    """
    word = spot.word
    base = unquoted(word)
    found = known.named(base) or known.named(base := spelling.singular(base))
    if not found:
        return Piece(word, _unnamed(spot, kind, known))
    exact = spot.is_capital and any(base in (one.value, one.label, *one.label.split(" ")) for one in found)
    if not exact and fold(base) in lexicon.everyday() and not spot.is_place_of_value:
        return Piece(word, "doubtful")
    if not kind or kind == "deal" or exact:
        person = all(one.dimension == "rep" for one in found)
        return Piece(quoted(base) if word.startswith('"') else base, "person" if person else "value")
    whole = any(fold(base) in (fold(one.value), fold(one.label)) for one in found)
    return Piece(word, "doubtful" if whole else kind)


def _unnamed(spot: Spot, kind: str, known: Known) -> str:
    """What a word is about that is no value: a name that we don't know, or what it looks like."""
    if kind in ("filler", "pronoun") and spot.is_name:
        return "unknown"
    if kind:
        return kind
    return "person" if spot.word.isalpha() and known.near(spot.word, "rep") else "unknown"
