"""The one reader of the clock. Everything else is given a moment or a day."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)  # noqa: TID251


def today(zone: str) -> date:
    """The calendar day it is now in an IANA time zone."""
    return local_day(now(), zone)


def local_day(moment: datetime, zone: str) -> date:
    """The calendar day of a moment in an IANA time zone.

    >>> local_day(datetime(2024, 3, 30, 23, 30, tzinfo=UTC), "Europe/Berlin")
    datetime.date(2024, 3, 31)
    """
    return moment.astimezone(ZoneInfo(zone)).date()
