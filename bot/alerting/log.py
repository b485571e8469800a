"""The log of every alert that was considered: what happened to it, why, to whom, and when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.facts import Finding
from analytics.questions import EVERYONE, Scope
from bot.alerting.standing import HIDDEN
from bot.memory.tables import alert_log as table
from bot.memory.tables import alerts


class What(StrEnum):
    """What can happen to an alert."""

    TOLD = "told"  # a post of its own; one row for each person
    ESCALATED = "escalated"  # the manager was told, since nobody answered; `reason`: key of the post
    DIGEST = "digest"  # told in digests only
    SUPPRESSED = "suppressed"  # not told; `reason` is a `Why`
    SILENT = "silent"  # not told by lot
    REVIEW = "review"  # shown to the pilot's reviewers
    RELEASED = "released"  # a reviewer let it through
    WITHHELD = "withheld"  # a reviewer held it back; `reason` in their words
    ACKNOWLEDGED = "acknowledged"
    ACTED = "acted"  # `reason`: what was logged
    SNOOZED = "snoozed"  # `reason`: for how many days
    WOKEN = "woken"  # the snooze is over
    DISMISSED = "dismissed"  # `reason` in their words
    USEFUL = "useful"
    NOT_USEFUL = "not_useful"  # `reason` in their words
    RESOLVED = "resolved"  # `reason`: of the Ending
    EXPIRED = "expired"  # nobody acted for too long


class Why(StrEnum):
    """Why an alert is not told, or not at once."""

    BUDGET = "budget"  # the owner had enough this week
    MANAGER_BUDGET = "manager_budget"  # the manager had
    QUIET_HOURS = "quiet_hours"  # told, when the reader's working time begins
    SNOOZED = "snoozed"
    PREFERENCE = "preference"  # the owner does not want such alerts
    INHIBITED = "inhibited"  # another rule told of the same deal
    FIRST_RUN = "first_run"  # it was over the line before the rule was switched on
    SILENT = "silent"
    REVIEW = "review"  # no reviewer looked at it in time
    WITHHELD = "withheld"
    DUPLICATE = "duplicate"  # this person has a message of it
    EXPIRED = "expired"


WEEK = timedelta(days=7)
TAKES_ROOM = (What.TOLD, What.SILENT, What.ESCALATED)  #: a budget counts these


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened to one alert."""

    id: int
    alert_key: str
    rule: str
    level: str
    subject: str
    subject_id: str
    owner_id: str
    what: What
    reason: str
    person_id: str  # who was told, or did it; "" nobody
    day: date  # of the numbers
    at: datetime


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that happens to an alert now, to be written down."""

    alert_key: str
    finding: Finding
    what: What
    at: datetime
    reason: str = ""
    person_id: str = ""


async def write(
    tx: AsyncConnection,
    workspace: str,
    key: str,
    finding: Finding,
    what: What,
    *,
    at: datetime,
    reason: str = "",
    person_id: str = "",
) -> int:
    """Write down what happened; returns the row's id, which no other row will have."""
    values = _values(workspace, Row(key, finding, what, at, reason, person_id))
    return int((await tx.execute(table.insert().values(values).returning(table.c.id))).scalar_one())


async def write_all(tx: AsyncConnection, workspace: str, rows: Sequence[Row]) -> None:
    """Write down many things at once."""
    if rows:
        await tx.execute(table.insert(), [_values(workspace, row) for row in rows])


def _values(workspace: str, row: Row) -> dict[str, object]:
    found = row.finding
    return {
        "workspace": workspace,
        "alert_key": row.alert_key,
        "rule": found.rule,
        "level": found.level,
        "subject": found.subject,
        "subject_id": found.subject_id,
        "owner_id": found.owner_id,
        "what": row.what,
        "reason": row.reason,
        "person_id": row.person_id,
        "day": found.as_of,
        "at": row.at,
    }


async def read(
    connection: AsyncConnection,
    workspace: str,
    *,
    scope: Scope = EVERYONE,
    about: str = "",
    since: datetime | None = None,
    limit: int = 200,
    levels: Collection[str] | None = None,
    without: Collection[What] = (),
) -> list[Entry]:
    """What happened, newest first.

    Args:
        scope: only alerts whose owner may be seen; everything for who sees everyone.
        about: a deal, rep, segment, or rule; "" for all.
        levels: of alerts; None for all.
        without: alerts to which this ever happened are left out.
    """
    which = [_seen(workspace, scope), *_about(about), *([table.c.at >= since] if since else [])]
    which += _of_levels(levels)
    if without:
        which += _untold(workspace, without)
    rows = await connection.execute(select(table).where(*which).order_by(table.c.id.desc()).limit(limit))
    return [
        Entry(**{name: getattr(row, name) for name in _FIELDS} | {"what": What(row.what)}) for row in rows
    ]


async def counts(
    connection: AsyncConnection,
    workspace: str,
    *,
    scope: Scope = EVERYONE,
    since: datetime,
    about: str = "",
    levels: Collection[str] | None = None,
    without: Collection[What] = (),
) -> dict[tuple[What, str], int]:
    """How often what happened for which reason; reasons in people's own words are not told apart."""
    which = and_(_seen(workspace, scope), table.c.at >= since, *_about(about), *_of_levels(levels))
    which = and_(which, *(_untold(workspace, without) if without else ()))
    grouped = select(table.c.what, table.c.reason, func.count().label("number")).where(which)
    found: dict[tuple[What, str], int] = {}
    for row in await connection.execute(grouped.group_by(table.c.what, table.c.reason)):
        code = row.reason if row.reason in _CODES else ""
        key = (What(row.what), code)
        found[key] = found.get(key, 0) + row.number
    return found


async def told_lately(
    connection: AsyncConnection, workspace: str, now: datetime
) -> dict[tuple[str, bool], int]:
    """Alerts of level P1 in the last seven days that a person had, or would have had but for the lot.

    Returns:
        By person and whether they own what it is about: budgets of owners and of managers are two.
    """
    owns = case((table.c.person_id == table.c.owner_id, 1), else_=0).label("owns")
    number = func.count(table.c.alert_key.distinct()).label("number")
    lately = and_(_counted(workspace, now), table.c.person_id != "")
    grouped = select(table.c.person_id, owns, number).where(lately).group_by(table.c.person_id, owns)
    return {(row.person_id, bool(row.owns)): row.number for row in await connection.execute(grouped)}


async def place_in_week(
    connection: AsyncConnection, workspace: str, key: str, person_id: str, now: datetime
) -> int:
    """The how-many-eth P1 of its week an alert is for a person, among those they own or among the others.

    What is silent takes room, but is not counted here: a gap in the numbers would tell of it.

    Its week is the seven days up to the moment it was told. One that is not in the log yet is being told now:
    the next after those of the week up to now.
    """
    mine = and_(_counted(workspace, None), table.c.person_id == person_id, table.c.what != What.SILENT)
    asked = select(table.c.id, table.c.at, table.c.owner_id).where(mine, table.c.alert_key == key)
    first = (await connection.execute(asked.order_by(table.c.id).limit(1))).first()
    owns = first is not None and first.owner_id == person_id
    same = table.c.owner_id == person_id if owns else table.c.owner_id != person_id
    upto = [table.c.id <= first.id] if first else []
    week = table.c.at > (first.at if first else now) - WEEK
    number = select(func.count(table.c.alert_key.distinct())).where(mine, same, week, *upto)
    return int(await connection.scalar(number) or 0) + (first is None)


def _counted(workspace: str, now: datetime | None) -> ColumnElement[bool]:
    """Rows that take room in somebody's week; `now` None: of any week."""
    loud = and_(table.c.workspace == workspace, table.c.level == "P1", table.c.what.in_(TAKES_ROOM))
    return loud if now is None else and_(loud, table.c.at > now - WEEK)


def _seen(workspace: str, scope: Scope) -> ColumnElement[bool]:
    here = table.c.workspace == workspace
    return here if scope.everyone else and_(here, table.c.owner_id.in_(sorted(scope.rep_ids)))


def _untold(workspace: str, without: Collection[What]) -> list[ColumnElement[bool]]:
    """Leaves out alerts to which any of these ever happened, and what they inhibited, which would tell."""
    other = table.alias("other")
    ever = and_(other.c.workspace == workspace, other.c.what.in_(sorted(without)))
    hidden = or_(alerts.c.silent == 1, alerts.c.state.in_(sorted(HIDDEN)))
    secret = select(alerts.c.subject_id).where(alerts.c.workspace == workspace, hidden)
    inhibited = and_(table.c.what == What.SUPPRESSED, table.c.reason == Why.INHIBITED)
    return [
        table.c.alert_key.not_in(select(other.c.alert_key).where(ever)),
        ~and_(inhibited, table.c.subject_id.in_(secret)),
    ]


def _of_levels(levels: Collection[str] | None) -> list[ColumnElement[bool]]:
    return [] if levels is None else [table.c.level.in_(sorted(levels))]


def _about(about: str) -> list[ColumnElement[bool]]:
    wanted = about.strip().lower()
    named = or_(func.lower(table.c.subject_id) == wanted, table.c.rule == wanted)
    return [named] if wanted else []


_FIELDS = tuple(Entry.__dataclass_fields__)
_CODES = frozenset(Why) | {
    "won",
    "lost",
    "gone",
    "owner_changed",
    "moved",
    "activity",
    "amount_fell",
    "line_moved",
    "passed",
}
