"""Masked text in, the numbers it tells in words out: seventy deals, one in four, twice, third of nine."""

import re
from collections.abc import Iterator
from decimal import Decimal

from analytics.facts import Unit
from bot.narrator.check.quantity import BOUND, COUNTS, UNIT, UNITS, Quantity

_WORDS = re.findall(
    r"\w+",
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
)

_TENS = re.findall(r"\w+", "twenty thirty forty fifty sixty seventy eighty ninety")

_VALUES = {word: value for value, word in enumerate(_WORDS)}
_VALUES |= {word: 10 * value for value, word in enumerate(_TENS, 2)}

_LARGE = {"dozen": 12, "hundred": 100, "thousand": 1000, "million": 10**6, "billion": 10**9}

_PARTS = {
    "half": 2,
    "third": 3,
    "thirds": 3,
    "quarter": 4,
    "quarters": 4,
    "fourth": 4,
    "fifth": 5,
    "fifths": 5,
    "tenth": 10,
    "tenths": 10,
}

_TIMES = {
    "twice": 2,
    "double": 2,
    "doubled": 2,
    "doubles": 2,
    "doubling": 2,
    "triple": 3,
    "tripled": 3,
    "thrice": 3,
    "quadrupled": 4,
    "halved": 2,
    "twofold": 2,
    "threefold": 3,
    "tenfold": 10,
}

_ORDINALS = {
    word: rank
    for rank, word in enumerate(
        ["second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"], 2
    )
}

_ORDINAL = "|".join(_ORDINALS)

_CARDINAL = "|".join(sorted((*_VALUES, *_LARGE), key=len, reverse=True))

_WORDED = re.compile(
    rf"\b(?:{_CARDINAL})(?:[\s-](?:and\s)?(?:{_CARDINAL}))*\b(?P<unit>{UNIT})?", re.IGNORECASE
)

_SHARE = re.compile(
    r"\b(?:(?P<top>one|two|three|a|\d+)[\s-](?P<part>half|thirds?|quarters?|fourth|fifths?"
    r"|tenths?)\b(?=\s+of\b)"
    r"|(?P<half>half)(?=\s+(?:of|the|our|all)\b))",
    re.IGNORECASE,
)

_ONE_IN = re.compile(
    rf"\b(?P<top>\d+|{_CARDINAL}) (?:in|out of(?: every)?) (?:every )?(?P<of>\d+|{_CARDINAL})\b(?! days"
    rf"| months| years| weeks| past)",
    re.IGNORECASE,
)

_MULTIPLE = re.compile(
    rf"\b(?:{'|'.join(_TIMES)})\b|\b(?:{_CARDINAL})(?:[\s-]times\b|-?fold\b)", re.IGNORECASE
)

_RANK = re.compile(
    rf"\b(?P<word>{'|'.join(_ORDINALS)})\b(?=[\s-](?:of|best|highest|worst|lowest|largest|place|in|among"
    rf"|biggest))"
    r"|#(?P<number>\d+)\b|\bno\. ?(?P<no>\d+)\b|\brank(?:s|ed|ing)?(?: as)?(?: number)? (?P<rank>\d+)\b"
    r"|\b(?:ranks?|ranked|finish\w*|comes|came|placed?|sits|is|was) (?:in )?"
    rf"(?P<placed>first|{_ORDINAL})\b"
    r"|\bnumber (?P<first>one|two|three)\b",
    re.IGNORECASE,
)

HAS_WORDS = re.compile(rf"\b(?:{_CARDINAL}|{'|'.join((*_PARTS, *_TIMES, *_ORDINALS))})\b", re.IGNORECASE)


def worded(text: str) -> Iterator[Quantity]:
    """Numbers written out, `sixty-four deals`; "one" only where it counts something."""
    for found in _WORDED.finditer(text):
        value = _cardinal(found[0][: len(found[0]) - len(found["unit"] or "")])
        if value == 1 and not found["unit"] and not _COUNTED.match(text[found.end() :]):
            continue
        unit = next((unit for unit in UNITS if found[unit.name]), None)
        bound = BOUND.search(text[max(0, found.start() - 24) : found.start()])
        yield Quantity(
            found.start(),
            found.end(),
            Decimal(value),
            Decimal(1),
            (unit,) if unit else COUNTS,
            bound=str(bound.lastgroup) if bound else "",
            kind="word",
        )


_COUNTED = re.compile(r"\s+(?:deals?|reps?|regions?|opportunit)", re.IGNORECASE)


def _cardinal(words: str) -> int:
    total = current = 0
    for word in re.split(r"[\s-]+", words.casefold().strip()):
        if word in _LARGE:
            current = max(current, 1) * _LARGE[word]
            if _LARGE[word] >= 1000:
                total, current = total + current, 0
        else:
            current += _VALUES.get(word, 0)
    return total + current


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _cardinal(word)


def shares(text: str) -> Iterator[Quantity]:
    """Parts of a whole as rates: `two thirds of`, `half the deals`."""
    for found in _SHARE.finditer(text):
        part = _PARTS[(found["part"] or "half").casefold()]
        top = {"a": 1}.get((found["top"] or "a").casefold()) or _number(found["top"])
        yield _fraction(found, top, part, "share")


def one_in(text: str) -> Iterator[Quantity]:
    """Small parts as rates: `one in four`, `3 out of every 5`."""
    for found in _ONE_IN.finditer(text):
        top, of = _number(found["top"]), _number(found["of"])
        if 0 < top < of <= 20:
            yield _fraction(found, top, of, "one in")


def _fraction(found: re.Match[str], top: int, of: int, kind: str) -> Quantity:
    value = Decimal(100 * top) / of
    return Quantity(found.start(), found.end(), value, Decimal(1), (Unit.FRACTION,), bound="about", kind=kind)


def multiples(text: str) -> Iterator[Quantity]:
    """How many times as much: `twice`, `three times`, `tenfold`."""
    for found in _MULTIPLE.finditer(text):
        word = found[0].casefold()
        value = _TIMES.get(word) or _cardinal(re.split(r"[\s-]|fold", word)[0])
        yield Quantity(
            found.start(), found.end(), Decimal(value), Decimal(1), (Unit.NUMBER,), kind="multiple"
        )


def ranks(text: str) -> Iterator[Quantity]:
    """Places among others: `third of nine`, `#2`, `ranks first`."""
    for found in _RANK.finditer(text):
        digits = found["number"] or found["no"] or found["rank"]
        value = (
            int(digits) if digits else _ORDINALS.get((found["word"] or found["placed"] or "").casefold(), 1)
        )
        yield Quantity(found.start(), found.end(), Decimal(value), Decimal(1), (Unit.COUNT,), kind="rank")
