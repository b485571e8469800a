"""Masked text in, the quantities it states out: value, how finely it is told, unit, sign, bounds."""

import re
from dataclasses import replace
from decimal import Decimal

from analytics.facts import Unit
from bot.narrator.check.number_words import HAS_WORDS, multiples, one_in, ranks, shares, worded
from bot.narrator.check.quantity import BOUND, COUNTS, UNIT, UNITS, Quantity

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?|\.\d+"

_SCALES = {"k": 3, "thousand": 3, "m": 6, "mn": 6, "million": 6, "b": 9, "bn": 9, "billion": 9}

_QUANTITY = re.compile(
    rf"""(?P<sign>(?<![\w\d])[+\-−–](?=[\d.$€£¥₹A-Z]))?
    (?P<money>[$€£¥₹]|(?<![A-Za-z])(?:USD|EUR|GBP|JPY|INR)\s?)?(?P<inner>[-−+](?=\d))?
    (?<![\w.])(?P<number>{_NUMBER})
    (?P<scale>\s?(?:k|m|mn|bn?|thousand|million|billion)\b)?
    (?:(?P<ordinal>(?:st|nd|rd|th)\b)|{UNIT})?
    (?P<coin>\s(?:dollars|euros|pounds|USD|EUR|GBP)\b)?
    (?P<rate>\s?(?:a|per|each|/)\s?day\b)?""",
    re.VERBOSE | re.IGNORECASE,
)

_JOINT = re.compile(r"\s?[-–—]\s?|\sto\s|\sand\s")

_P_VALUE = re.compile(r"\bp\s?(?:-?value)?\s?(?:of|is|=|<|&lt;|≤|was|:)?\s*$", re.IGNORECASE)

_SCORE_OF = re.compile(r"\s?/\s?100\b")

_BARE = (*COUNTS, Unit.FRACTION, Unit.POINTS, Unit.DAYS)


def quantities(text: str) -> list[Quantity]:
    """Every quantity of a text whose names, days and periods are masked, in order."""
    if not any(character.isdigit() for character in text) and not HAS_WORDS.search(text):
        return []
    special = [*ranks(text), *one_in(text), *shares(text), *multiples(text)]
    rest = _blanked(text, special)
    figures = _ranged(text, [_read(text, found) for found in _QUANTITY.finditer(rest)])
    in_words = worded(_blanked(rest, figures))
    return sorted((*special, *figures, *in_words), key=lambda one: one.start)


def _blanked(text: str, taken: list[Quantity]) -> str:
    for one in taken:
        text = text[: one.start] + "¤" * (one.end - one.start) + text[one.end :]
    return text


def _read(text: str, found: re.Match[str]) -> Quantity:
    digits = found["number"].replace(",", "")
    decimals = len(digits.partition(".")[2])
    power = _SCALES.get((found["scale"] or "").strip().casefold(), 0)
    before = text[: found.start()]
    bound = (
        None
        if re.search(
            r"(?:%|percent|\d[kmb]?|million|days?|points)\s(?:over|within)\s$", before, re.IGNORECASE
        )
        else BOUND.search(before[-24:])
    )
    value, step = Decimal(digits).scaleb(power), Decimal(1).scaleb(power - decimals)
    if found["bps"]:
        value, step = value / 100, step / 100
    sign = (found["sign"] or found["inner"] or "").replace("−", "-").replace("–", "-")
    if before.endswith("(") and text[found.end() : found.end() + 1] == ")" and not sign and _is_change(found):
        sign = "?"
    return Quantity(
        start=found.start(),
        end=found.end(),
        value=value,
        step=step,
        units=_units(found, before, text[found.end() :]),
        sign=sign,
        bound=str(bound.lastgroup) if bound else "",
        kind="rank" if found["ordinal"] else "amount",
    )


def _is_change(found: re.Match[str]) -> bool:
    """May it be a loss when it stands alone in brackets, as accountants write it?"""
    return bool(found["POINTS"] or found["money"])


def _units(found: re.Match[str], before: str, after: str) -> tuple[Unit, ...]:
    if found["money"] or found["coin"]:
        return (Unit.MONEY_PER_DAY,) if found["rate"] else (Unit.MONEY,)
    if _P_VALUE.search(before[-12:]):
        return (Unit.PROBABILITY,)
    for unit in UNITS:
        if found[unit.name]:
            return (unit, Unit.NUMBER) if unit is Unit.DAYS else (unit,)
    if _SCORE_OF.match(after):
        return (Unit.SCORE,)
    if re.search(r"\bday\s$", before, re.IGNORECASE):
        return (Unit.DAYS,)
    return (*COUNTS, Unit.MONEY) if found["scale"] and not _NOUN.match(after) else COUNTS


_NOUN = re.compile(
    r"\s+(?:\w+\s)?(?:deals?|opportunit\w+|reps?|rows?|calls?|customers?|leads?)\b", re.IGNORECASE
)


def _ranged(text: str, found: list[Quantity]) -> list[Quantity]:
    """The same, two that are joined told apart as the ends of a range, with one unit for both."""
    said = list(found)
    for index in range(len(said) - 1):
        low, high = said[index], said[index + 1]
        joint = text[low.end : high.start]
        sign = high.sign
        if not joint and high.sign == "-":  # 43.9-46.6: the minus is the joint
            joint, sign = "-", ""
        is_pair = joint.strip() == "and" and not re.search(
            r"between\s$", text[max(0, low.start - 8) : low.start]
        )
        if not _JOINT.fullmatch(joint) or is_pair or low.kind != "amount" or low.top:
            continue
        units = high.units if low.units == COUNTS else low.units
        if COUNTS not in (low.units, high.units) and low.units != high.units:
            continue
        if units != high.units and high.units == COUNTS:
            high = replace(high, units=units)
        said[index] = replace(low, units=units, top=1)
        said[index + 1] = replace(high, sign=sign, top=2, start=high.start + (sign != high.sign))
    return _inherited(text, said)


def _inherited(text: str, said: list[Quantity]) -> list[Quantity]:
    """A bare number may have the unit of the one before it: "APAC won 45.7 %, Europe 45.6"."""
    for index, one in enumerate(said):
        if (one.units == COUNTS and one.step < 1) or (one.units == COUNTS and _ends(text, one.end)):
            earlier = [other.units for other in said[:index] if other.units != COUNTS]
            said[index] = replace(one, units=(*COUNTS, *(earlier[-1] if earlier else _BARE[3:])))
    return said


def _ends(text: str, end: int) -> bool:
    """Does nothing follow that would say what is counted?"""
    return not re.match(r"\s+[A-Za-z]", text[end : end + 3])
