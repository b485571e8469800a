"""Words for a period -> a `Period`. `today` is the day the numbers are of.

Rolling periods are whole days before today: on 2024-07-20 the last 90 days are 2024-04-21 to 2024-07-19.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

from lark import Token, Tree

from analytics.questions import ALL_TIME, Period, month, quarter
from bot import spelling
from bot.intents.days import ONE_DAY, day, month_number
from bot.intents.grammar import tokens
from bot.intents.misunderstood import BadDay
from bot.intents.words import echo
from bot.narrator import ours
from bot.refusals import refusal

EXAMPLE = "2024-03"  #: how to write one

FURTHEST_DAYS = 50 * 366  #: rolling periods go back this far
_UNIT_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
_UNIT_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def period(tree: Tree[Token], today: date, *, ahead: bool = False) -> Period:
    """The period meant by one of the grammar's period rules.

    Args:
        ahead: it may lie in the future, and one without a year is the next that has not ended.

    Raises:
        Ambiguous, BadDay: as `day`, or it has not begun, or ends before it starts.
    """
    words = list(tokens(tree))
    found = _RULES[str(tree.data)](words, today)
    if ahead and is_bare(words[-1]) and found.end and found.end < today:
        found = _RULES[str(tree.data)](words, months_before(today, -12))
    if not ahead and found.start and found.start > today:
        raise BadDay(refusal("not_begun", period=ours.said(found.label), today=spelling.day(today)))
    if found.start and found.end and found.end < found.start:
        raise BadDay(refusal("ends_first", period=ours.said(found.label)))
    return found


def is_bare(word: Token) -> bool:
    """Is it a month, quarter or half-year without its year?"""
    number = re.fullmatch(r"\D*(\d?)", word)
    return word.type.startswith("CALENDAR") and number is not None


def _span(words: list[Token], today: date) -> Period:
    """The last word's own period; `quarter = Q1` has the dimension before it."""
    return _SPANS[words[-1].type](words[-1], today)


def _range(words: list[Token], today: date) -> Period:
    """From the first day of one span to the last day of another."""
    first, last = ends(words, today)
    return _between(first.start, last.end)


def ends(words: list[Token], today: date) -> tuple[Period, Period]:
    """The two spans of a range, the first one seen from the second."""
    first, last = words[0], words[-1]
    end = _span([last], today)
    return _span([first], end.start or today if first.type.startswith("CALENDAR") else today), end


def _between(start: date | None, end: date | None) -> Period:
    if start and end:
        return Period(start, end, f"{start} to {end}")
    if start:
        return Period(start, None, f"since {start}")
    return Period(None, end, f"until {end}") if end else ALL_TIME


def _since(words: list[Token], today: date) -> Period:
    return since(_span(words, today))


def since(span: Period) -> Period:
    """Everything from the first day of a span on."""
    return _between(span.start, None)


def _after(words: list[Token], today: date) -> Period:
    end = _span(words, today).end
    return _between(end and end + ONE_DAY, None)


def _until(words: list[Token], today: date) -> Period:
    return _between(None, _span(words, today).end)


def _before(words: list[Token], today: date) -> Period:
    start = _span(words, today).start
    return _between(None, start and start - ONE_DAY)


def _rolling(words: list[Token], today: date) -> Period:
    """The last so many units before today, or before the day after the end that a label writes out."""
    count, unit = re.findall(r"\d+|[a-z]+", words[0].removesuffix("s"))[1:]
    if len(words) == 3:
        today = day(words[2], today) + ONE_DAY
    if not 0 < int(count) * _UNIT_DAYS[unit] <= FURTHEST_DAYS:
        raise BadDay(
            refusal("no_period", word=echo(words[0]), least=ours.said("1 day"), most=ours.said("50 years"))
        )
    if unit in _UNIT_MONTHS:
        start = months_before(today, int(count) * _UNIT_MONTHS[unit])
    else:
        start = today - int(count) * timedelta(days=_UNIT_DAYS[unit])
    plural = "" if int(count) == 1 else "s"
    return _written(words, f"last {int(count)} {unit}{plural}", start, today - ONE_DAY, today)


def _to_date(words: list[Token], today: date) -> Period:
    """From the first day of the running year, quarter or month to today."""
    end = day(words[2], today) if len(words) == 3 else today
    start = _this({"y": "year", "q": "quarter", "m": "month"}[words[0][0]], end).start
    assert start
    return _written(words, f"{words[0][0]}td", start, end, today)


def _written(words: list[Token], name: str, start: date, end: date, today: date) -> Period:
    """A relative period with its days in the label; days already written out must be the same."""
    if len(words) == 3 and day(words[1], today) != start:
        before, begin = spelling.day(end + ONE_DAY), spelling.day(start)
        raise BadDay(refusal("begins_otherwise", period=ours.said(name), day=before, start=begin))
    return Period(start, end, f"{name} ({start} to {end})")


def months_before(today: date, months: int) -> date:
    """The same day so many months earlier, or that month's last day.

    >>> months_before(date(2024, 8, 31), 6)
    datetime.date(2024, 2, 29)
    """
    number = today.year * 12 + today.month - 1 - months
    whole = month(number // 12, number % 12 + 1)
    assert whole.start
    assert whole.end
    return whole.start.replace(day=min(today.day, whole.end.day))


def _this(unit: str, today: date) -> Period:
    """The week, month, quarter or year that a day lies in."""
    match unit:
        case "week":
            monday = today - timedelta(days=today.weekday())
            return _between(monday, monday + timedelta(days=6))
        case "month":
            return month(today.year, today.month)
        case "quarter":
            return quarter(today.year, (today.month + 2) // 3)
        case "half":
            return half(today.year, (today.month + 5) // 6)
        case _:
            return year(today.year)


def _last(unit: str, today: date) -> Period:
    start = _this(unit, today).start
    assert start
    return _this(unit, start - ONE_DAY)


def _next(unit: str, today: date) -> Period:
    end = _this(unit, today).end
    assert end
    return _this(unit, end + ONE_DAY)


def _unit(token: Token) -> str:
    """The unit of `this quarter`, `last half-year`."""
    return re.split("[ -]", token)[1]


def year(number: int) -> Period:
    """A calendar year, labelled `2024`."""
    return Period(date(number, 1, 1), date(number, 12, 31), str(number))


def half(of_year: int, number: int) -> Period:
    """Half a calendar year, labelled `2024-H1`."""
    first, last = quarter(of_year, 2 * number - 1), quarter(of_year, 2 * number)
    return Period(first.start, last.end, f"{of_year}-H{number}")


def _named_day(token: Token, today: date) -> Period:
    found = day(token, today)
    return Period(found, found, f"{found} to {found}")


def _named_month(token: Token, today: date) -> Period:
    """`2024-03`, `march 2024`; without a year the latest that has begun."""
    name = month_number(token)
    numbers = [int(n) for n in re.findall(r"\d+", token)]
    number = name or numbers[1]
    if not 1 <= number <= 12:
        raise BadDay(refusal("no_month", word=echo(token), example=EXAMPLE))
    return month(numbers[0] if numbers else today.year - (number > today.month), number)


def _named_quarter(token: Token, today: date) -> Period:
    """`2024-q1`, `q1 2024`, `q1'24`; without a year the latest that has begun."""
    number, named = _numbered(token, "q")
    return quarter(named or today.year - (3 * number - 2 > today.month), number)


def _named_half(token: Token, today: date) -> Period:
    """`2024-h1`, `h1 2024`; without a year the latest that has begun."""
    number, named = _numbered(token, "h")
    return half(named or today.year - (6 * number - 5 > today.month), number)


def _numbered(token: Token, letter: str) -> tuple[int, int]:
    """The number after the letter, and the year, 0 when there is none."""
    number = int(token[token.index(letter) + 1])
    named = re.sub(rf"{letter}\d|\D", "", token)
    return number, int(named or 0) + (2000 if len(named) == 2 else 0)


_SPANS: dict[str, Callable[[Token, date], Period]] = {
    "DAY": _named_day,
    "CALENDAR_MONTH": _named_month,
    "CALENDAR_QUARTER": _named_quarter,
    "CALENDAR_HALF": _named_half,
    "CALENDAR_YEAR": lambda token, _: year(int(token)),
    "THIS": lambda token, today: _this(_unit(token), today),
    "LAST": lambda token, today: _last(_unit(token), today),
    "NEXT": lambda token, today: _next(_unit(token), today),
    "ALL_TIME": lambda *_: ALL_TIME,
}
_RULES: dict[str, Callable[[list[Token], date], Period]] = {
    "span": _span,
    "range": _range,
    "since": _since,
    "after": _after,
    "until": _until,
    "before": _before,
    "rolling": _rolling,
    "to_date": _to_date,
}
