"""Days as whole numbers since 1970-01-01, the way Arrow stores them, and the calendar of a quarter."""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_EPOCH = date(1970, 1, 1)


def number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def day(count: int) -> date:
    """The day so many days after 1970-01-01."""
    return _EPOCH + timedelta(days=int(count))


def weekday(days: Ints) -> Ints:
    """0 for Monday to 6 for Sunday."""
    return (days + _EPOCH.weekday()) % 7


def workday(days: Ints) -> Ints:
    """The same days, with Saturdays and Sundays moved to the Monday after: the order of days is kept."""
    return days + np.where(weekday(days) > 4, 7 - weekday(days), 0)


def quarter_start(as_of: date, back: int = 0) -> date:
    """First day of the quarter that lies `back` quarters before the one `as_of` is in.

    >>> quarter_start(date(2024, 6, 28), back=2)
    datetime.date(2023, 10, 1)
    """
    quarters = as_of.year * 4 + (as_of.month - 1) // 3 - back
    return date(quarters // 4, quarters % 4 * 3 + 1, 1)


def quarter_label(start: date) -> str:
    """`2024-Q1` for the quarter that begins on `start`."""
    return f"{start.year}-Q{(start.month + 2) // 3}"
