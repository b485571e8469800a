"""The periods named in a question about a change -> the two that it compares, the earlier one first."""

import re
from collections.abc import Sequence
from datetime import date

from analytics.questions import Period, month, quarter
from bot.intents import periods
from bot.intents.days import ONE_DAY
from bot.intents.grammar import Parsed, tokens
from bot.intents.misunderstood import BadDay, TooMuch
from bot.narrator import ours
from bot.refusals import refusal

_MONTHS_TO_DATE = {"y": 12, "q": 3, "m": 1}

Pair = tuple[Period, Period]


def compared(parts: Sequence[Parsed], today: date) -> Pair | None:
    """Two periods, or one and the one before it; None when none is named.

    Raises:
        TooMuch: more than two are named.
        BadDay: one has no end or is none at all, or the two share a day.
    """
    match parts:
        case []:
            return None
        case [only]:
            found = _alone(only, today)
        case [one, other]:
            found = _one(one, _year_of(other, one, today)), _one(other, _year_of(one, other, today))
            if found[0] == found[1]:  # `Q1 2023 vs Q1`
                found = _one(one, today), _one(other, today)
        case _:
            raise TooMuch(refusal("two_periods"))
    return _apart(*sorted(found, key=_start))


def previous(period: Period) -> Period:
    """The period before, of the same kind; of one that runs up to today, the same days a unit earlier.

    >>> previous(quarter(2024, 1)).label, previous(month(2024, 3)).label
    ('2023-Q4', '2024-02')
    """
    start, end = _start(period), period.end
    assert end
    if to_date := re.match("([yqm])td", period.label):
        months = _MONTHS_TO_DATE[to_date[1]]
        return _days(periods.months_before(start, months), periods.months_before(end, months))
    if months := _whole_months(period):
        return _calendar(periods.months_before(start, months), months)
    return _days(start - (end - start) - ONE_DAY, start - ONE_DAY)


def _alone(part: Parsed, today: date) -> Pair:
    """`Q1 to Q2` is two periods, as days from one to another are one; else the one before comes with it."""
    words = list(tokens(part))
    if part.data == "range" and not {words[0].type, words[-1].type} & {"DAY", "ALL_TIME"}:
        periods.period(part, today)  # refuses what has not begun, or ends before it starts
        return periods.ends(words, today)
    found = _one(part, today)
    return previous(found), found


def _one(part: Parsed, today: date) -> Period:
    """One period, with a first and a last day."""
    found = periods.period(part, today)
    if found.start is None or found.end is None:
        raise BadDay(refusal("no_ends", period=ours.said(found.label)))
    return found


def _year_of(dated: Parsed, bare: Parsed, today: date) -> date:
    """The day that `Q1` in `Q1 vs Q2 2023` is seen from: the last of that year."""
    named = [word for word in tokens(dated) if word.type.startswith("CALENDAR")]
    if periods.is_bare(list(tokens(bare))[-1]) and named and not periods.is_bare(named[-1]):
        return min(today, date(_start(periods.period(dated, today)).year, 12, 31))
    return today


def _apart(before: Period, after: Period) -> Pair:
    """The two, if they share no day."""
    assert before.end
    if before.end < _start(after):
        return before, after
    if (before.start, before.end) == (after.start, after.end):
        raise BadDay(
            refusal("with_itself", period=ours.said(after.label)),
            [f"/why {after.label}"],
        )
    raise BadDay(
        refusal("overlap", before=ours.said(before.label), after=ours.said(after.label)),
        [f"/why {previous(one).label} vs {one.label}" for one in (after, before)],
    )


def _start(period: Period) -> date:
    assert period.start
    return period.start


def _whole_months(period: Period) -> int:
    """How many calendar months the period is made of; 0 when it begins or ends within one."""
    assert period.end
    start, after = _start(period), period.end + ONE_DAY
    whole = start.day == 1 and after.day == 1
    return (after.year - start.year) * 12 + after.month - start.month if whole else 0


def _calendar(start: date, months: int) -> Period:
    """So many whole months, by the name of their month, quarter, half-year or year if they have one."""
    end = periods.months_before(start, -months) - ONE_DAY
    number, left = divmod(start.month - 1, months)
    named = {1: month, 3: quarter, 6: periods.half}.get(months) if not left else None
    if named:
        return named(start.year, number + 1)
    return periods.year(start.year) if (months, left) == (12, 0) else _days(start, end)


def _days(start: date, end: date) -> Period:
    return Period(start, end, f"{start} to {end}")
