"""One written value -> a day or an amount, and what a column's values tell about how it is written.

A parser returns the value or raises ValueError with the reason a reader sees in the rejects file.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Literal

#: Texts that mean "nothing here", compared in lower case. `NA` is not one: it is North America.
EMPTY = ("", "-", "--", "?", "nan", "nat", "null", "none", "n/a", "#n/a", "unknown", "undefined", "(blank)")
#: `NA` in a column of dates or numbers can only mean "nothing here".
EMPTY_VALUE = (*EMPTY, "na", "(none)", "<na>")

LARGEST_AMOUNT = 10**12  #: in whole units of currency; more is a typing error
CENTS = Decimal("0.01")
CURRENCY = re.compile("[A-Z]{3}")  #: a code. Source: ISO 4217


class DateOrder(StrEnum):
    """Which part of `03/04/2024` is the month."""

    DMY = "dmy"
    MDY = "mdy"
    MIXED = "mixed"


Decimals = Literal[".", ",", "mixed"]

_CLOCK = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp][Mm])?"
_ZONE = r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})([-/.])(?P<month>\d{{1,2}})\2(?P<day>\d{{1,2}})(?:[T ]\s*{_CLOCK}{_ZONE})?$"
)
_YEAR_LAST = re.compile(
    rf"(?P<first>\d{{1,2}})(?P<mark>[/.-])(?P<second_part>\d{{1,2}})(?P=mark)(?P<year>\d{{4}}|\d{{2}})"
    rf"(?:,?[T ]\s*{_CLOCK}{_ZONE})?$"
)
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})$")
_EPOCH = re.compile(r"\d{12,13}(?:\.0)?$")
_NAMED = ("%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%y")
_MONEY = re.compile(
    r"(?P<open>\(?)\s*(?P<sign>[-+]?)\s*(?:[A-Z]{0,3}[$€£¥₹]|[A-Z]{3}|)\s*(?P<inner>[-+]?)"
    r"(?P<digits>\d[\d.,'\u2019\u00a0\u202f ]*|[.,]\d+)(?P<power>[eE][-+]?\d{1,2})?"
    r"\s*(?:[$€£¥₹]|[A-Z]{3}|)\s*(?P<close>\)?)$"
)
_SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "₹": "INR"}


def moment(text: str, order: DateOrder | None = None) -> datetime:
    """The moment a text names, in UTC when it tells its zone; a bare day is its midnight.

    >>> moment("2024-03-01T23:30:00-05:00").isoformat()
    '2024-03-02T04:30:00'
    >>> moment("03/04/2024", DateOrder.DMY).date().isoformat()
    '2024-04-03'

    Raises:
        ValueError: the reason, for the rejects file.
    """
    if len(text) == 10 and text[4] == "-":
        return _plausible(datetime.combine(_calendar(text), datetime.min.time()))
    if _EPOCH.match(text):
        return _plausible(
            datetime.fromtimestamp(int(text[:13].split(".")[0]) / 1000, UTC).replace(tzinfo=None)
        )
    if found := _YEAR_FIRST.match(text) or _COMPACT.match(text):
        return _plausible(_assembled(found, int(found["month"]), int(found["day"])))
    if found := _YEAR_LAST.match(text):
        month, day = _month_and_day(found, order)
        return _plausible(_assembled(found, month, day))
    return _plausible(_named(text))


def _calendar(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("no such day in the calendar") from None


def _plausible(when: datetime) -> datetime:
    if not 1970 <= when.year <= 2100:
        raise ValueError(f"the year {when.year} is impossible")
    return when


def _month_and_day(found: re.Match[str], order: DateOrder | None) -> tuple[int, int]:
    first, second = int(found["first"]), int(found["second_part"])
    told = _told_order(found)
    if told is None and order is DateOrder.MIXED:
        raise ValueError("day and month cannot be told apart: the column has both orders")
    if told is None or order is not DateOrder.MIXED:
        told = DateOrder.DMY if found["mark"] == "." else order
    return (second, first) if told is DateOrder.DMY else (first, second)


def _assembled(found: re.Match[str], month: int, day: int) -> datetime:
    parts = found.groupdict()
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    hour = int(parts.get("hour") or 0)
    if parts.get("half"):
        hour = hour % 12 + (12 if parts["half"].lower() == "pm" else 0)
    try:
        clock = time(hour, int(parts.get("minute") or 0), int(parts.get("second") or 0))
        when = datetime.combine(date(year, month, day), clock)
    except ValueError:
        raise ValueError("no such day in the calendar") from None
    return when - _offset(parts.get("zone"))


def _offset(zone: str | None) -> timedelta:
    if not zone or zone[0] not in "+-":
        return timedelta()
    size = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    return -size if zone[0] == "-" else size


def _named(text: str) -> datetime:
    for pattern in _NAMED:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - a day, no zone
        except ValueError:
            continue
    raise ValueError("not a date")


def _told_order(found: re.Match[str]) -> DateOrder | None:
    if found["mark"] == "." or int(found["first"]) > 12:
        return DateOrder.DMY
    return DateOrder.MDY if int(found["second_part"]) > 12 else None


def date_evidence(texts: Iterable[str]) -> Counter[str]:
    """How many texts can only be `dmy`, only `mdy`, or are `either`; other texts tell nothing.

    >>> sorted(date_evidence(["13/01/2024", "01/13/2024", "01/02/2024", "2024-01-01"]).items())
    [('dmy', 1), ('either', 1), ('mdy', 1)]
    """
    found = (_YEAR_LAST.match(text) for text in texts)
    return Counter(str(_told_order(match) or "either") for match in found if match)


def cents(text: str, decimals: Decimals = ".") -> int:
    """An amount of money in whole cents.

    >>> cents("$1,234.50"), cents("1.234,50", ","), cents("12,5", ",")
    (123450, 123450, 1250)

    Raises:
        ValueError: the reason, for the rejects file.
    """
    found = _MONEY.match(text.upper())
    if not found:
        raise ValueError(_not_money(text))
    mark = _decimal_mark(found["digits"], decimals)
    number = Decimal(_plain(found["digits"], mark) + (found["power"] or ""))
    if number > LARGEST_AMOUNT:
        raise ValueError("absurdly large")
    if (number and "-" in (found["sign"], found["inner"])) or found["open"]:
        raise ValueError("negative")
    return int((number.quantize(CENTS, ROUND_HALF_UP) * 100).to_integral_value())


def _not_money(text: str) -> str:
    if text.endswith("%"):
        return "a percentage where an amount belongs"
    return "not a finite number" if text.lower().strip("+-").startswith("inf") else "not a number"


def _plain(digits: str, mark: str) -> str:
    whole, _, fraction = digits.strip().rpartition(mark) if mark and mark in digits else (digits, "", "")
    if re.search(r"\D", fraction):
        raise ValueError("not a number")
    grouped = re.split(r"[.,'\u2019\u00a0\u202f ]", whole.strip())
    if len(grouped) > 1 and any(len(group) not in (2, 3) for group in grouped[1:]):
        raise ValueError("not a number")
    return ("".join(grouped) or "0") + (f".{fraction}" if fraction else "")


def _decimal_mark(digits: str, decimals: Decimals) -> str:
    if decimals != "mixed":
        return decimals
    told = _told_mark(digits.strip())
    if told == "either":
        raise ValueError("the column writes decimals both with a point and with a comma")
    return told or "."


def _told_mark(digits: str) -> str | None:
    """The decimal mark a number gives away: `.`, `,`, `either`, or None without a mark."""
    marks = [c for c in digits if c in ".,"]
    if not marks:
        return None
    if len(set(marks)) == 2:
        return marks[-1]
    if len(marks) > 1:
        return "," if marks[0] == "." else "."
    return "either" if len(digits) - digits.rindex(marks[0]) == 4 else marks[0]


def decimal_evidence(texts: Iterable[str]) -> Counter[str]:
    """How many amounts can only be read with a decimal `.`, only with `,`, or `either`.

    >>> sorted(decimal_evidence(["1.234,50", "12,5", "1,234", "7"]).items())
    [(',', 2), ('either', 1)]
    """
    found = (_MONEY.match(text.upper()) for text in texts)
    marks = (_told_mark(match["digits"].strip()) for match in found if match)
    return Counter(mark for mark in marks if mark)


def currency_of(text: str) -> str | None:
    """The currency whose sign stands in an amount, if one does: `€ 12` -> EUR."""
    return next((code for sign, code in _SYMBOLS.items() if sign in text), None)


def currency(text: str) -> str:
    """The code of a currency, from its code in any case or its sign.

    A code goes with every amount to where it is read, and to the language model, so no other text is taken.

    >>> currency("eur"), currency("£")
    ('EUR', 'GBP')

    Raises:
        ValueError: the reason, for the rejects file.
    """
    code = _SYMBOLS.get(text, text.upper())
    if not CURRENCY.fullmatch(code):
        raise ValueError("not a currency code such as EUR")
    return code
