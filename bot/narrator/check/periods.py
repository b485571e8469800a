"""Words for a stretch of time in, its first and last day out: `Q3 2024` and `2024-Q3` are the same."""

import re
from datetime import date, timedelta
from functools import lru_cache

Span = tuple[date, date]

ALL_TIME: Span = (date.min, date.max)

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"(?:20\d\d|'\d\d)"
_NTH = {"first": 1, "second": 2, "third": 3, "fourth": 4}

#: A day. ISO, `15 January 2024`, `Jan 15, 2024`.
DAY = re.compile(
    rf"\b(?:20\d\d-\d\d-\d\d|\d{{1,2}} {_MONTH} 20\d\d|{_MONTH} \d{{1,2}},? 20\d\d)\b", re.IGNORECASE
)

#: A month, quarter, half or year, with or without its year, or one told from today.
PERIOD = re.compile(
    rf"""\b(?:
      20\d\d[- ]?[QH][1-4] | 20\d\d-(?:0[1-9]|1[0-2])(?![-\d])
    | [QH][1-4](?:[ -]?{_YEAR})? | FY[ -]?(?:20)?\d\d
    | (?:first|second|third|fourth)\ quarter(?:\ of\ 20\d\d)?
    | {_MONTH}\ {_YEAR} | (?<=in\ ){_MONTH}\b | (?<=since\ ){_MONTH}\b
    | (?:last|this|next|previous|prior|current)\ (?:month|quarter|year)
    | the\ (?:month|quarter|year)\ before | (?:year|quarter)\ to\ date
    | all\ time
    | (?<![\d.,$€£¥₹])20[0-4]\d(?![\d%]|[.,]\d|[ -]
      (?:%|deals?|points?|days?|opportunit|reps?|rows?|dollars?|closed|open|k\b))
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_QUARTER = re.compile(rf"q([1-4])(?:[ -]?({_YEAR}))?|(20\d\d)[- ]?q([1-4])", re.IGNORECASE)
_HALF = re.compile(rf"h([12])(?:[ -]?({_YEAR}))?|(20\d\d)[- ]?h([12])", re.IGNORECASE)
_RELATIVE = re.compile(r"(last|this|next|previous|prior|current) (month|quarter|year)")


@lru_cache(maxsize=4096)
def span(words: str, today: date) -> Span | None:
    """The first and last day of a period as it is written; None for words that are no period.

    A quarter, half or month without its year is the last one that has begun by `today`.

    >>> span("Q1 2024", date(2024, 7, 20)) == span("2024-Q1", date(2024, 7, 20))
    True
    """
    said = " ".join(words.casefold().split())
    if " to " in said and not said.endswith("to date"):
        return _between(*said.split(" to ", 1), today=today)
    if said.startswith("since "):
        begun = span(said.removeprefix("since "), today)
        return (begun[0], date.max) if begun else None
    return next((found for read in _READERS if (found := read(said, today))), None)


def day(words: str) -> date | None:
    """The day written out; None where there is no such day."""
    numbers = [int(part) for part in re.findall(r"\d+", words)]
    named = re.search(r"[a-z]{3}", words.casefold())
    try:
        if named:
            return date(max(numbers), _MONTHS.index(named[0]) + 1, min(numbers))
        return date(*numbers) if len(numbers) == 3 else None
    except ValueError:
        return None


def _between(first: str, last: str, *, today: date) -> Span | None:
    start, end = span(first, today), span(last, today)
    return (start[0], end[1]) if start and end else None


def _whole_day(said: str, _: date) -> Span | None:
    found = day(said) if DAY.fullmatch(said) else None
    return (found, found) if found else None


def _quarter(said: str, today: date) -> Span | None:
    if named := re.fullmatch(r"(first|second|third|fourth) quarter(?: of (20\d\d))?", said):
        return _months(named[2], 3 * _NTH[named[1]] - 2, 3, today)
    if found := _QUARTER.fullmatch(said):
        return _months(found[2] or found[3], 3 * int(found[1] or found[4]) - 2, 3, today)
    return None


def _half(said: str, today: date) -> Span | None:
    if found := _HALF.fullmatch(said):
        return _months(found[2] or found[3], 6 * int(found[1] or found[4]) - 5, 6, today)
    return None


def _month(said: str, today: date) -> Span | None:
    if found := re.fullmatch(r"(20\d\d)-(\d\d)", said):
        return _months(found[1], int(found[2]), 1, today) if 1 <= int(found[2]) <= 12 else None
    if found := re.fullmatch(rf"({_MONTH})(?: ({_YEAR}))?", said):
        return _months(found[2], _MONTHS.index(found[1][:3]) + 1, 1, today)
    return None


def _year(said: str, today: date) -> Span | None:
    found = re.fullmatch(r"(?:fy[ -]?)?(20\d\d)|fy[ -]?(\d\d)", said)
    return _months(found[1] or found[2], 1, 12, today) if found else None


def _relative(said: str, today: date) -> Span | None:
    if said == "all time":
        return ALL_TIME
    if before := re.fullmatch(r"the (month|quarter|year) before", said):
        said = f"last {before[1]}"
    if to_date := re.fullmatch(r"(quarter|year) to date", said):
        said = f"this {to_date[1]}"
    if not (found := _RELATIVE.fullmatch(said)):
        return None
    length = {"month": 1, "quarter": 3, "year": 12}[found[2]]
    shift = {"this": 0, "current": 0, "next": 1}.get(found[1], -1)
    begun = (today.month - 1) // length * length + 1
    return _from_month(today.year, begun + shift * length, length)


_READERS = (_whole_day, _quarter, _half, _month, _year, _relative)


def _months(year: str | None, first: int, length: int, today: date) -> Span:
    if year:
        return _from_month(2000 + int(year.strip("'")) % 100, first, length)
    return _from_month(today.year if first <= today.month else today.year - 1, first, length)


def _from_month(year: int, first: int, length: int) -> Span:
    return _first_of(year, first), _first_of(year, first + length) - timedelta(days=1)


def _first_of(year: int, month: int) -> date:
    return date(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
