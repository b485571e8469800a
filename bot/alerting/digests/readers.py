"""People, what they chose and the clock in; who is to be told at their hour now, and under which key, out."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from analytics.generation import PersonRow
from bot.alerting.outbox import Recipient
from bot.alerting.preferences import Preferences
from bot.audience import Role
from bot.settings import Settings

DAY = timedelta(days=1)
NEWS = timedelta(days=7)  #: numbers as old as this tell of another week
WEEK_DAYS = 2  #: a digest of the week comes on the first of its working days, else on the second
MONTH_DAYS = 5  #: one of the month within so many working days of the next, and not with the week's

Kind = Literal["week", "day", "month"]

#: What each role is told at its hour.
TOLD: Mapping[Role, tuple[Kind, ...]] = {
    Role.REP: ("week", "day"),
    Role.MANAGER: ("week", "day"),
    Role.CRO: ("week", "month"),
    Role.OPS: ("week",),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may be told at their hour."""

    person_id: str  # an email address where the CRM knows nobody
    name: str
    email: str
    role: Role
    chosen: Preferences
    zone: str
    days: frozenset[int]  # working days, Monday is 0
    at: time
    until: time  # later on the same day nobody is told

    @property
    def recipient(self) -> Recipient:
        """The reader as an address."""
        return Recipient(self.person_id, self.name, self.email, self.role)


@dataclass(frozen=True, slots=True)
class Due:
    """One digest that is due to one reader. `key` is of its slot, and never comes twice."""

    kind: Kind
    key: str
    reader: Reader
    day: date  # the reader's
    not_after: datetime  # old news after that


def readers(
    people: Sequence[PersonRow],
    settings: Settings,
    chosen: Mapping[str, Preferences],
    linked: Collection[str] = (),
) -> list[Reader]:
    """Everybody who may be told: the people of the CRM, and those whom only the settings name.

    Who has no address, and is linked to nobody in Slack, could never be told: no letter a day dies for that.

    Args:
        linked: ids of people whom ops linked to a Slack user.
    """
    by_email = given(settings)
    known = {(person.email or "").lower() for person in people}
    own = [
        (
            p.person_id,
            p.name or p.person_id,
            p.email or "",
            by_email.get((p.email or "").lower(), Role(p.role)),
        )
        for p in people
        if p.email or p.person_id in linked
    ]
    named = [(email, email, email, role) for email, role in by_email.items() if email not in known]
    return [
        reader(*one, settings=settings, chosen=chosen.get(one[0], Preferences())) for one in (*own, *named)
    ]


def given(settings: Settings) -> dict[str, Role]:
    """Roles that the settings give, by email; they go before the CRM's."""
    return dict.fromkeys(settings.ops_emails, Role.OPS) | dict.fromkeys(settings.cro_emails, Role.CRO)


def reader(
    person_id: str, name: str, email: str, role: Role, *, settings: Settings, chosen: Preferences
) -> Reader:
    """A person with their hour: what they chose, else the team's."""
    hours = chosen.hours(settings)
    at = chosen.digest_at or settings.digest_at
    until = hours.end if at < hours.end else time.max
    return Reader(person_id, name, email, role, chosen, hours.zone, hours.days, at, until)


def due(reader: Reader, as_of: date, now: datetime, workspace: str) -> Iterator[Due]:
    """What is due to a reader now, done or not: the week before the day, which it stands for.

    A day has one digest however the clocks are changed, since its key is the local date; what was missed
    while nothing ran is not made up for, since the next digest tells of all that is still open.

    Args:
        as_of: the day of the newest numbers.
    """
    local = now.astimezone(ZoneInfo(reader.zone))
    today = local.date()
    is_time = local.weekday() in reader.days and reader.at <= local.time() < reader.until
    if not is_time or today - as_of >= NEWS or reader.chosen.digest == "off":
        return
    for kind, last in _kinds(reader, today):
        if kind == "month" and as_of < today.replace(day=1) - DAY:
            continue  # the numbers do not know the whole month yet
        key = f"{workspace}:{kind}:{_name(kind, today)}:{reader.person_id}"
        yield Due(kind, key, reader, today, _midnight(last + DAY, reader.zone))


def _kinds(reader: Reader, today: date) -> Iterator[tuple[Kind, date]]:
    """The kinds whose time this day is, each with the last day on which it is news."""
    week, month = week_days(reader.days, today), month_days(reader.days, today)
    month = [day for day in month if day not in week_days(reader.days, day)] or month
    ends = {"week": (week, week[-1]), "day": ([today], today), "month": (month, month[-1])}
    for kind in TOLD[reader.role]:
        days, last = ends[kind]
        if today in days and not (kind == "day" and reader.chosen.digest == "weekly"):
            yield kind, last


def week_days(days: frozenset[int], today: date) -> list[date]:
    """The days of this week on which a digest of the week may come.

    >>> [day.isoformat() for day in week_days(frozenset(range(5)), date(2024, 7, 24))]
    ['2024-07-22', '2024-07-23']
    """
    monday = today - today.weekday() * DAY
    return [monday + day * DAY for day in sorted(days)[:WEEK_DAYS]]


def month_days(days: frozenset[int], today: date) -> list[date]:
    """The days of this month on which the report of the last one may come.

    >>> [day.day for day in month_days(frozenset(range(5)), date(2024, 6, 20))]
    [3, 4, 5, 6, 7]
    """
    all_days = (today.replace(day=1) + n * DAY for n in range(7 * MONTH_DAYS))
    return [day for day in all_days if day.weekday() in days][:MONTH_DAYS]


def _name(kind: Kind, today: date) -> str:
    year, week, _ = today.isocalendar()
    return {"day": today.isoformat(), "week": f"{year}-W{week:02}", "month": f"{today:%Y-%m}"}[kind]


def _midnight(day: date, zone: str) -> datetime:
    """When a local day begins, in UTC."""
    return datetime.combine(day, time.min, ZoneInfo(zone)).astimezone(UTC)
