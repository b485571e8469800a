"""A text in, its sentences out, each with the names, periods, days and quantities that it says."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial

from bot.narrator.check import lexicon, periods
from bot.narrator.check.known import Key, Known
from bot.narrator.check.quantities import quantities
from bot.narrator.check.quantity import Quantity

#: Phrases of ours with numbers that are no figures of an answer.
_TERMS = re.compile(
    r"\b95 % (?:range|interval)|\bP[123]\b|\bin six months\b|\bover six months\b|\bsix months\b(?= %)"
    r"|\b(?:in|over) two years\b|\bhalf a year\b|\bmiddle half\b|\bover the last four quarters\b"
    r"|\bevery four weeks\b|\bin 30 days\b|\btwo (?:parts|alone)\b|\bone at a time\b|\b(?:no|that|each) one\b"
    r"|\bno single one\b|\bone place\b|\bat one time\b|\bone (?:next step|thing|of)\b|\bBoth\b(?= ways)",
    re.IGNORECASE,
)
_ID = re.compile(r"(?<![\w-])(?:[A-Z]{1,4}-?\d{3,}|[a-z]{1,9}_\d+|[A-Za-z]+\d+(?:-\d+)?)(?![\w-])")
_WORD = re.compile(r"\w+")
_ENDS = re.compile(r"(?<=[.!?])(?<!\bvs\.)(?<!\bno\.)(?<!\bca\.)(?<!\bapprox\.)\s+(?=\S)|\s*\n\s*")
_BULLET = re.compile(r"^\s*(?:[-*•–]|\d+[.)])\s+")
MASK = "¤"


@dataclass(frozen=True, slots=True)
class Mention:
    """A name, the whole, a period or a day as it is said."""

    start: int
    end: int
    key: Key | None = None  # of a name, empty for the whole; None for a period, a day, an id
    span: periods.Span | None = None
    day: date | None = None
    is_id: bool = False  # a code nobody knows


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence with all that was read in it; positions are its own."""

    text: str
    bare: str  # names, periods, days and ids masked, so that no name is taken for a word
    mentions: tuple[Mention, ...]
    quantities: tuple[Quantity, ...]
    starts_anew: bool  # a bullet: nothing carries over

    @property
    def entities(self) -> list[Mention]:
        """The names and the whole."""
        return [one for one in self.mentions if one.key is not None]

    @property
    def spans(self) -> list[Mention]:
        """The periods."""
        return [one for one in self.mentions if one.span]

    def said(self, start: int, end: int) -> str:
        """The words of a place."""
        return self.text[start:end].strip()


def sentences(text: str, known: Known) -> Iterator[Sentence]:
    """The sentences of a text, read one by one."""
    for line in html.unescape(text).split("\n"):
        bullet = _BULLET.match(line)
        line = line[bullet.end() :] if bullet else line
        for number, part in enumerate(_parts(line, known)):
            if part.strip():
                yield _read(part, known, starts_anew=not number)


def _parts(line: str, known: Known) -> list[str]:
    """A line cut at full stops that belong to no name."""
    taken = list(_names(line, known))
    cuts = [found for found in _ENDS.finditer(line) if not _is_within(found.start(), taken)]
    starts, ends = [0, *(cut.end() for cut in cuts)], [*(cut.start() for cut in cuts), len(line)]
    return [line[start:end] for start, end in zip(starts, ends, strict=True)]


def _is_within(place: int, taken: list[Mention]) -> bool:
    return any(one.start < place < one.end for one in taken)


def _read(text: str, known: Known, *, starts_anew: bool) -> Sentence:
    found = list(_names(text, known))
    bare = _masked(text, found)
    for read in (_days, partial(_periods, known=known), _ids):
        more = list(read(bare))
        found += more
        bare = _masked(bare, more)
    terms = [Mention(*term.span()) for term in _TERMS.finditer(bare)]
    counted = quantities(_masked(bare, terms))
    found += [Mention(*whole.span(), key=frozenset()) for whole in lexicon.WHOLE.finditer(bare)]
    ordered = sorted(found, key=lambda one: one.start)
    return Sentence(text, bare, tuple(ordered), tuple(counted), starts_anew)


def _masked(text: str, taken: list[Mention]) -> str:
    for one in taken:
        text = f"{text[: one.start]}{MASK * (one.end - one.start)}{text[one.end :]}"
    return text


def _names(text: str, known: Known) -> Iterator[Mention]:
    """The longest name that starts at each word."""
    reached = 0
    for word in _WORD.finditer(text):
        if word.start() < reached:
            continue
        for name in known.by_first_word.get(word[0].casefold(), ()):
            start = word.start() - re.search(r"\w", name).start()  # type: ignore[union-attr]
            end = start + len(name)
            if (
                start >= reached
                and _is_said(name, text[max(start, 0) : end])
                and not text[end : end + 1].isalnum()
            ):
                yield Mention(start, end, key=known.aliases.get(name))
                reached = end
                break


def _is_said(name: str, words: str) -> bool:
    """As it is written, or in small letters where it is no common word."""
    return name == words or (len(name) > 3 and " " in name and name.casefold() == words.casefold())


def _days(text: str) -> Iterator[Mention]:
    for found in periods.DAY.finditer(text):
        yield Mention(*found.span(), day=periods.day(found[0]) or date.min)


def _periods(text: str, known: Known) -> Iterator[Mention]:
    for found in periods.PERIOD.finditer(text):
        yield Mention(*found.span(), span=periods.span(found[0], known.today) or (date.max, date.max))


def _ids(text: str) -> Iterator[Mention]:
    for found in _ID.finditer(text):
        if MASK not in found[0]:
            yield Mention(*found.span(), is_id=True)
