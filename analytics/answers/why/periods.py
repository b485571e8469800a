"""Which two periods a question compares: those named, their neighbours, or the last complete quarters."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from analytics import questions
from analytics.answers.errors import AnswerError
from analytics.breakdown import Calendar
from analytics.questions import Period, WhyQuestion
from analytics.store import Generation

SEEN_DAYS = 90  #: age that the deals of a cohort must have reached before it is chosen unasked
TREND = 8  #: periods of the trend
DAY = timedelta(days=1)


class NoComparison(AnswerError):
    """Two periods that cannot be compared."""


def calendar(generation: Generation) -> Calendar:
    """What makes a period of this generation incomplete."""
    return Calendar(generation.as_of, generation.first_close_day, generation.last_created_day)


def compared(generation: Generation, question: WhyQuestion) -> tuple[Period, Period]:
    """The earlier and the later period.

    Raises:
        NoComparison: they share days, or there are no two complete quarters yet.
    """
    before, after = question.before, question.after
    if before is None and after is None:
        before, after = _usual(generation, question.created)
    elif before is None and after is not None:
        before = preceding(after)
    elif after is None and before is not None:
        after = following(before)
    assert before
    assert after
    if (after.start or date.min) <= (before.end or date.max) and (before.start or date.min) <= (
        after.end or date.max
    ):
        raise NoComparison(
            f"{before.label} and {after.label} share days. Name two periods that do not overlap."
        ).called("why_share", before=before.label, after=after.label)
    return (before, after) if (before.start or date.min) < (after.start or date.max) else (after, before)


def _usual(generation: Generation, created: bool) -> tuple[Period, Period]:
    """The last two quarters that may be compared; of creation, the last two whose deals are old enough."""
    known = list(quarters(generation.first_close_day, generation.as_of))
    if created:
        last = min(generation.as_of - SEEN_DAYS * DAY, generation.last_created_day or date.min)
        whole = [quarter for quarter in known if quarter.end and quarter.end <= last]
    else:
        days = calendar(generation)
        whole = [quarter for quarter in known if not days.incomplete(quarter)]
    if len(whole) < 2:
        raise NoComparison(
            "There are no two complete quarters to compare yet. Name two periods yourself."
        ).called("why_none")
    return whole[-2], whole[-1]


def quarters(first: date | None, last: date) -> Iterator[Period]:
    """The calendar quarters from that of one day to that of another."""
    if first is None:
        return
    found = questions.quarter(first.year, (first.month + 2) // 3)
    while found.start and found.start <= last:
        yield found
        found = following(found)


def trend(generation: Generation, after: Period) -> Sequence[Period]:
    """The quarters up to the later period, at most eight."""
    until = min(after.end or generation.as_of, generation.as_of)
    return list(quarters(generation.first_close_day, until))[-TREND:]


def preceding(period: Period) -> Period:
    """The period of the same length just before."""
    start, end = _bounds(period)
    months = _whole_months(start, end)
    return spanned(_moved(start, -months) if months else start - (end - start + DAY), start - DAY)


def following(period: Period) -> Period:
    """The period of the same length just after."""
    start, end = _bounds(period)
    months = _whole_months(start, end)
    return spanned(end + DAY, _moved(end + DAY, months) - DAY if months else end + (end - start + DAY))


def moved(period: Period, months: int) -> Period | None:
    """The period so many months later; None when it does not consist of whole months."""
    if period.start is None or period.end is None or not _whole_months(period.start, period.end):
        return None
    return spanned(_moved(period.start, months), _moved(period.end + DAY, months) - DAY)


def so_far(before: Period, after: Period, as_of: date) -> tuple[Period, Period] | None:
    """The days of a running period until today, after the same days of the earlier one; None if it is over.

    >>> [p.label for p in so_far(spanned(date(2025, 1, 1), date(2025, 12, 31)),
    ...                          spanned(date(2026, 1, 1), date(2026, 12, 31)), date(2026, 11, 21)) or ()]
    ['2025-01-01 to 2025-11-21', '2026-01-01 to 2026-11-21']
    """
    if before.start is None or before.end is None or after.start is None or after.end is None:
        return None
    if not after.start < as_of < after.end:
        return None
    until = before.start + (as_of - after.start)
    if before.start.day == after.start.day:  # the same day of the month: no leap day comes between
        months = 12 * (after.start.year - before.start.year) + after.start.month - before.start.month
        until = _moved(as_of, -months) + (as_of.day - 1) * DAY
    return spanned(before.start, min(until, before.end)), spanned(after.start, as_of)


def doubled(before: Period, after: Period) -> tuple[Period, Period] | None:
    """Two periods twice as long, ending where the later one ends; None unless they are neighbours."""
    if before.start is None or before.end is None or after.start is None or after.end is None:
        return None
    if before.end + DAY != after.start:
        return None
    later = spanned(before.start, after.end)
    return preceding(later), later


def spanned(start: date, end: date) -> Period:
    """The days from one to another, called as quarters or months where they are whole ones.

    >>> spanned(date(2024, 4, 1), date(2024, 6, 30)).label, spanned(date(2024, 2, 1), date(2024, 2, 29)).label
    ('2024-Q2', '2024-02')
    >>> spanned(date(2023, 10, 1), date(2024, 3, 31)).label
    '2023-Q4 to 2024-Q1'
    """
    for named in (_quarter, _month):
        first, last = named(start), named(end)
        if (first.start, last.end) == (start, end):
            return first if first == last else Period(start, end, f"{first.label} to {last.label}")
    return Period(start, end, f"{start} to {end}")


def _quarter(day: date) -> Period:
    return questions.quarter(day.year, (day.month + 2) // 3)


def _month(day: date) -> Period:
    return questions.month(day.year, day.month)


def _bounds(period: Period) -> tuple[date, date]:
    if period.start is None or period.end is None:
        raise NoComparison(
            f"{period.label!r} has no first or no last day. Name both periods to compare."
        ).called("why_ends", period=repr(period.label))
    return period.start, period.end


def _whole_months(start: date, end: date) -> int:
    """How many calendar months these days are; 0 when they are not whole ones."""
    after = end + DAY
    return 12 * (after.year - start.year) + after.month - start.month if start.day == after.day == 1 else 0


def _moved(day: date, months: int) -> date:
    """The first of a month, so many months later."""
    place = 12 * day.year + day.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)
