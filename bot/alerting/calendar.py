"""When a person may be told: time zone, working days and quiet hours -> moments. Pure, and safe in DST."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Hours:
    """A person's working time. `days` are weekdays, Monday is 0; quiet from `end` until `start`."""

    zone: str = "UTC"
    days: frozenset[int] = frozenset(range(5))
    start: time = time(8)
    end: time = time(18)

    def local_day(self, moment: datetime) -> date:
        """The calendar day it is for this person."""
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def next_open(self, moment: datetime) -> datetime:
        """The moment itself in working time, else when it begins.

        >>> Hours().next_open(datetime(2024, 7, 20, 10, tzinfo=UTC)).isoformat()  # a Saturday
        '2024-07-22T08:00:00+00:00'
        """
        return next(self._spans(moment, self.start, self.end))[0]

    def after(self, moment: datetime, wait: timedelta) -> datetime:
        """When so much time has passed since a moment, days off not counted; then the next working time.

        >>> Hours().after(datetime(2024, 7, 19, 10, tzinfo=UTC), timedelta(hours=24)).isoformat()  # a Friday
        '2024-07-22T10:00:00+00:00'
        """
        for first, last in self._spans(moment, time.min, None):
            if wait < last - first:
                return self.next_open(first + wait)
            wait -= last - first
        raise AssertionError("working days have no end")

    def _spans(self, since: datetime, start: time, end: time | None) -> Iterator[tuple[datetime, datetime]]:
        """The time between `start` and `end` (None: midnight) of each working day from a moment on, in UTC.

        A local time that a change of the clock skips is the moment right after the change.
        """
        day = self.local_day(since)
        while True:
            last = self._at(day, end) if end else self._at(day + DAY, time.min)
            first = max(self._at(day, start), since)
            if day.weekday() in self.days and first < last:
                yield first, last
            day += DAY

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(UTC)
