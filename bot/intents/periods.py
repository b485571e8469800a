"""Words for days and periods -> `date` and `Period`. `today` is the day the numbers are of.

Rolling periods are whole days before today: on 2024-07-20 the last 90 days are 2024-04-21 to 2024-07-19.
A day's month comes first only where it can't be anything else; `03/04/2024` is asked back.
"""

import re
from collections.abc import Callable
from datetime import date, timedelta

from lark import Token, Tree

from analytics.questions import ALL_TIME, Period, month, quarter
from bot.intents.grammar import place, tokens
from bot.intents.misunderstood import Ambiguous, BadDay
from bot.intents.words import echo

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ONE_DAY = timedelta(days=1)
FURTHEST_DAYS = 50 * 366  #: rolling periods go back this far
_UNIT_DAYS = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
_UNIT_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def day(token: Token, today: date) -> date:
    """The day meant by a DAY token.

    Raises:
        Ambiguous: month and day could be either way round.
        BadDay: there is no such day.
    """
    if token in ("today", "yesterday"):
        return today if token == "today" else today - ONE_DAY
    numbers = [int(n) for n in re.findall(r"\d+", token)]
    named = _month_number(token)
    if named:
        return _date(token, numbers[1], named, numbers[0])
    if len(numbers) == 1:
        return _date(token, numbers[0] // 10_000, numbers[0] // 100 % 100, numbers[0] % 100)
    if numbers[0] > 31:
        return _date(token, *numbers)
    return _numbered(token, *numbers)


def asof(tree: Tree[Token], today: date) -> date | None:
    """The past day that a command is about, if it names one.

    Raises:
        BadDay: it lies after today, or there are two.
    """
    days = {day(words, today) for found in tree.find_data("asof") for words in tokens(found)}
    if len(days) > 1:
        raise BadDay("I can go back to one day at a time; keep one `asof`.")
    if days and max(days) > today:
        raise BadDay(f"{max(days)} lies ahead: the numbers are of {today}. Take that day or an earlier one.")
    return max(days, default=None)


def _numbered(token: Token, first: int, second: int, year: int) -> date:
    """A day of which it is not said whether day or month comes first; with dots, the day does."""
    if "." in token or first > 12 or first == second:
        return _date(token, year, second, first)
    if second > 12:
        return _date(token, year, first, second)
    readings = [_date(token, year, second, first), _date(token, year, first, second)]
    raise Ambiguous(
        f"{echo(token)} could be {readings[0]} or {readings[1]}: which day do you mean?",
        [str(reading) for reading in readings],
        place([token]),
    )


def _date(token: Token, year: int, number: int, day_of_month: int) -> date:
    try:
        return date(year, number, day_of_month)
    except ValueError:
        raise BadDay(f"There is no day {echo(token)}; write it like 2024-01-15.") from None


def _month_number(text: str) -> int | None:
    """The month named in the text."""
    found = re.search("|".join(MONTHS), text)
    return MONTHS.index(found.group()) + 1 if found else None


def period(tree: Tree[Token], today: date) -> Period:
    """The period meant by one of the grammar's period rules.

    Raises:
        Ambiguous, BadDay: as `day`, or it has not begun, or ends before it starts.
    """
    found = _RULES[str(tree.data)](list(tokens(tree)), today)
    if found.start and found.start > today:
        raise BadDay(f"{found.label} has not begun: the numbers are of {today}.")
    if found.start and found.end and found.end < found.start:
        raise BadDay(f"{found.label} ends before it starts; put the earlier day first.")
    return found


def _span(words: list[Token], today: date) -> Period:
    """The last word's own period; `quarter = Q1` has the dimension before it."""
    return _SPANS[words[-1].type](words[-1], today)


def _range(words: list[Token], today: date) -> Period:
    """From the first day of one span to the last day of another, the first one seen from the second."""
    first, last = words[0], words[-1]
    end = _span([last], today)
    start = _span([first], end.start or today if first.type.startswith("CALENDAR") else today)
    return _between(start.start, end.end)


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
        raise BadDay(f"{echo(words[0])} is no period I can show: take 1 day to 50 years, or all time.")
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
        raise BadDay(f"The {name} before {end + ONE_DAY} begin on {start}; leave out the days in brackets.")
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
        case _:
            return _year(today.year)


def _last(unit: str, today: date) -> Period:
    start = _this(unit, today).start
    assert start
    return _this(unit, start - ONE_DAY)


def _year(number: int) -> Period:
    return Period(date(number, 1, 1), date(number, 12, 31), str(number))


def _named_day(token: Token, today: date) -> Period:
    found = day(token, today)
    return Period(found, found, f"{found} to {found}")


def _named_month(token: Token, today: date) -> Period:
    """`2024-03`, `march 2024`; without a year the latest that has begun."""
    name = _month_number(token)
    numbers = [int(n) for n in re.findall(r"\d+", token)]
    number = name or numbers[1]
    if not 1 <= number <= 12:
        raise BadDay(f"There is no month {echo(token)}; write it like 2024-03.")
    return month(numbers[0] if numbers else today.year - (number > today.month), number)


def _named_quarter(token: Token, today: date) -> Period:
    """`2024-q1`, `q1 2024`, `q1'24`; without a year the latest that has begun."""
    number = int(token[token.index("q") + 1])
    year = re.sub(r"q\d|\D", "", token)
    if not year:
        return quarter(today.year - (3 * number - 2 > today.month), number)
    return quarter(int(year) if len(year) == 4 else 2000 + int(year), number)


_SPANS: dict[str, Callable[[Token, date], Period]] = {
    "DAY": _named_day,
    "CALENDAR_MONTH": _named_month,
    "CALENDAR_QUARTER": _named_quarter,
    "CALENDAR_YEAR": lambda token, _: _year(int(token)),
    "THIS": lambda token, today: _this(token.split(" ")[1], today),
    "LAST": lambda token, today: _last(token.split(" ")[1], today),
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
