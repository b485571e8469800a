"""A quantity and a fact in; whether the one is the value, the direction and the kind of the other out."""

import re
from decimal import ROUND_HALF_UP, Context, Decimal

from analytics.facts import Unit
from bot import figures
from bot.narrator.check import lexicon, metrics
from bot.narrator.check.known import Known, Reading
from bot.narrator.check.quantity import Quantity
from bot.narrator.check.sentences import Sentence

_CLOSE = Decimal("0.06")  #: how far a rounded sum of money, or one told with "about", may lie from the fact

_ROUNDING = Context(prec=60, rounding=ROUND_HALF_UP)  # as in bot/figures.py
_AHEAD = Decimal("0.15")  #: how far above "over 24 %" a fact may lie


def near(quantity: Quantity, known: Known) -> list[Reading]:
    """The readings of its units within a fifth of its size, or within its last digit."""
    room = max(quantity.step, quantity.value * Decimal("0.2"))
    return [
        reading
        for unit in dict.fromkeys(quantity.units)
        for reading in known.near(unit, quantity.value - room, quantity.value + room)
    ]


def is_value(quantity: Quantity, reading: Reading) -> bool:
    """Is the reading what the quantity says, as finely and within the bounds as it says it?"""
    size = abs(reading.shown)
    if quantity.kind == "multiple":
        return size == quantity.value and bool(re.search(r"coverage|multiple|ratio", reading.fact.metric))
    if quantity.kind in ("one in", "share"):
        return abs(size - quantity.value) <= Decimal("1.5")
    if reading.unit is Unit.PROBABILITY and quantity.value == Decimal("0.001"):
        return size <= Decimal("0.0015")
    if quantity.bound and not _is_limit(reading):
        return _is_bounded(quantity, size)
    return _is_rounded(quantity, size, reading)


def _is_limit(reading: Reading) -> bool:
    return bool(metrics.LIMITS.search(reading.fact.metric))


def _is_bounded(quantity: Quantity, size: Decimal) -> bool:
    """`over 24 %` is false at 24.0, and of 60 it says too little."""
    value, off = quantity.value, size - quantity.value
    if quantity.bound in ("from", "to") and size == value:
        return True
    if quantity.bound in ("over", "just_over", "from"):
        return 0 < off <= max(value * (_AHEAD if quantity.bound == "over" else _CLOSE), quantity.step)
    if quantity.bound in ("under", "nearly", "to"):
        return 0 < -off <= max(value * (_AHEAD if quantity.bound == "under" else _CLOSE), quantity.step)
    return _is_close(quantity, size)


def _is_close(quantity: Quantity, size: Decimal) -> bool:
    whole = quantity.value if quantity.units[0] is Unit.COUNT else size
    half = quantity.step / 2 if quantity.units[0] is not Unit.COUNT else Decimal(0)
    return abs(size - quantity.value) <= max(half, whole * Decimal("0.03"))


def _is_rounded(quantity: Quantity, size: Decimal, reading: Reading) -> bool:
    step = quantity.step
    if (size / step).quantize(Decimal(1), context=_ROUNDING) * step != quantity.value:
        return False
    if reading.unit is Unit.COUNT and step == 1 and size == size.to_integral_value():
        return size == quantity.value
    is_money = reading.unit in (Unit.MONEY, Unit.MONEY_PER_DAY)
    if step > 1 and is_money and abs(size - quantity.value) > size * _CLOSE:
        return figures.text(reading.fact, figures.Style.SHORT).endswith("k")
    return True


def why_none(quantity: Quantity, known: Known) -> str:
    """Another unit of the same number, or a number nobody knows."""
    room = quantity.step / 2
    others = (unit for unit in Unit if unit not in quantity.units)
    same = any(known.near(unit, quantity.value - room, quantity.value + room) for unit in others)
    return "unit" if same and quantity.value else "number"


def has_sign(quantity: Quantity, reading: Reading, sentence: Sentence) -> bool:
    """Does the quantity go the way of the reading, by its sign and the words around it?"""
    if not reading.shown:
        return True
    way = _way(quantity, sentence)
    falls = reading.shown < 0
    if quantity.sign in ("+", "-") and (quantity.sign == "-") != falls:
        return False
    if reading.role in ("low", "high") or not metrics.is_signed(reading.fact):
        return quantity.sign != "+" or reading.role != "value" or metrics.is_signed(reading.fact)
    if way:
        return metrics.is_along(way, reading.fact, reading.shown)
    return not falls or quantity.sign in ("-", "?")


_AFTER = re.compile(
    r"^\s*(?:lower|higher|below|above|behind|ahead|less|more|fewer|better|worse|down|up|faster|slower"
    r"|longer|shorter|drop|decline|fall|rise|gain|increase|improvement|dip|decrease|loss|jump)\b",
    re.IGNORECASE,
)

_NOT_WAYS = re.compile(
    r"\b(?:more|less|fewer|lower|above|below|up|no|at)\s+(?:than|to|least|most)\s*$|\bmore\s*$", re.IGNORECASE
)

_NOUNS = {
    "drop": "down",
    "decline": "down",
    "fall": "down",
    "dip": "down",
    "decrease": "down",
    "loss": "down",
    "rise": "up",
    "gain": "up",
    "increase": "up",
    "jump": "up",
    "improvement": "better",
}


def _way(quantity: Quantity, sentence: Sentence) -> str:
    """The direction a quantity is said to have: by the word after it, else by the last one before it."""
    after = sentence.bare[quantity.end : quantity.end + 40]
    if found := _AFTER.match(after):
        return _direction(found[0])
    begins = max((other.end for other in sentence.quantities if other.end <= quantity.start), default=0)
    before = _last_clause(sentence.bare[begins : quantity.start])
    if quantity.bound:
        before = _NOT_WAYS.sub(
            "", re.sub(r"(?:over|under|above|below|up to|more than|less than|fewer than)\s*$", "", before)
        )
    ways = [str(found.lastgroup) for found in lexicon.WAY.finditer(f"{before}1 points")]
    if ways:
        return ways[-1]
    noun = re.findall(
        r"\b(loss|decline|drop|fall|dip|decrease|rise|increase|gain|improvement|jump)\b",
        before,
        re.IGNORECASE,
    )
    return _direction(noun[-1]) if noun else ""


def _direction(word: str) -> str:
    word = word.strip().casefold()
    found = lexicon.WAY.search(word)
    return _NOUNS.get(word) or (str(found.lastgroup) if found else "")


def _last_clause(words: str) -> str:
    return re.split(r"[;:.]\s|,\s(?=range\b)|\(", words)[-1]


def _is_told_as_it_is(quantity: Quantity, reading: Reading, sentence: Sentence) -> bool:
    """Is a change of days told with its way, and a number of days without one?"""
    if metrics.is_signed(reading.fact):
        return bool(quantity.sign or _way(quantity, sentence) or _CHANGE.search(sentence.bare))
    return not _AFTER.match(sentence.bare[quantity.end : quantity.end + 40])


_CHANGE = re.compile(r"\b(?:chang|differ|gap|shift|mov)", re.IGNORECASE)


def is_kind(quantity: Quantity, reading: Reading, sentence: Sentence) -> bool:
    """An end of a range is told as one, a value as a value, and a change as a change."""
    if (
        reading.role == "value"
        and reading.unit is Unit.DAYS
        and not _is_told_as_it_is(quantity, reading, sentence)
    ):
        return False
    if reading.role == "value":
        return quantity.top == 0 or reading.unit is not Unit.POINTS
    if reading.role in ("low", "high"):
        return quantity.top == (1 if reading.role == "low" else 2) or (
            quantity.top > 0 and reading.shown < 0 and not quantity.sign
        )
    after = sentence.bare[quantity.end :]
    return not re.match(
        r"\s+(?:regions|reps|industries|quarters|months|cells|products|stages|teams|points|checks|won"
        r"|wins|lost)\b",
        after,
    )
