"""Words for a day -> a `date`. `today` is the day the numbers are of.

A day's month comes first only where it can't be anything else; `03/04/2024` is asked back.
"""

import re
from datetime import date, timedelta

from lark import Token, Tree

from bot import spelling
from bot.intents.grammar import place, tokens
from bot.intents.misunderstood import Ambiguous, BadDay
from bot.intents.words import echo
from bot.refusals import refusal

EXAMPLE = "2024-01-15"  #: how to write one

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ONE_DAY = timedelta(days=1)


def day(token: Token, today: date) -> date:
    """The day meant by a DAY token.

    Raises:
        Ambiguous: month and day could be either way round.
        BadDay: there is no such day.
    """
    if token in ("today", "yesterday"):
        return today if token == "today" else today - ONE_DAY
    numbers = [int(n) for n in re.findall(r"\d+", token)]
    named = month_number(token)
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
        raise BadDay(refusal("one_day"))
    if days and max(days) > today:
        raise BadDay(refusal("day_ahead", day=spelling.day(max(days)), today=spelling.day(today)))
    return max(days, default=None)


def _numbered(token: Token, first: int, second: int, year: int) -> date:
    """A day of which it is not said whether day or month comes first; with dots, the day does."""
    if "." in token or first > 12 or first == second:
        return _date(token, year, second, first)
    if second > 12:
        return _date(token, year, first, second)
    readings = [_date(token, year, second, first), _date(token, year, first, second)]
    first_day, second_day = map(spelling.day, readings)
    raise Ambiguous(
        refusal("two_days", word=echo(token), first=first_day, second=second_day),
        [str(reading) for reading in readings],
        place([token]),
    )


def _date(token: Token, year: int, number: int, day_of_month: int) -> date:
    try:
        return date(year, number, day_of_month)
    except ValueError:
        raise BadDay(refusal("no_day", word=echo(token), example=EXAMPLE)) from None


def month_number(text: str) -> int | None:
    """The month named in the text."""
    found = re.search("|".join(MONTHS), text)
    return MONTHS.index(found.group()) + 1 if found else None
