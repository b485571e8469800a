"""The log of every alert that was considered: what happened to it, why, to whom, and when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.facts import Finding
from analytics.questions import EVERYONE, Scope
from bot.memory.tables import alert_log as table
from bot.memory.tables import outbox


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
    INHIBITED = "inhibited"  # another rule counts for the same deal
    AWAITS = "awaits_review"  # another rule of the same deal waits for a reviewer
    FIRST_RUN = "first_run"  # it was over the line before the rule was switched on
    SILENT = "silent"
    REVIEW = "review"  # no reviewer looked at it in time
    WITHHELD = "withheld"
    UNSENT = "unsent"  # written for its reader, and not in Slack yet
    DUPLICATE = "duplicate"  # this person has a message of it
    EXPIRED = "expired"


WEEK = timedelta(days=7)
#: What somebody answered.
ANSWERS = (What.ACKNOWLEDGED, What.ACTED, What.SNOOZED, What.DISMISSED, What.NOT_USEFUL, What.USEFUL)
FIRST = (What.TOLD, What.ESCALATED, What.SILENT, *ANSWERS)  #: what a reader of the log looks for
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
    due: datetime | None = None  # of what is told: when it goes out; None once Slack has it


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


async def newest(tx: AsyncConnection, workspace: str, key: str) -> int:
    """Id of the last row about an alert."""
    mine = and_(table.c.workspace == workspace, table.c.alert_key == key)
    return int((await tx.execute(select(func.max(table.c.id)).where(mine))).scalar_one())


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
    but: Collection[What] = (),
) -> list[Entry]:
    """What happened: first what was told, and what people answered, then the rest; each newest first.

    Args:
        scope: only alerts whose owner may be seen; everything for who sees everyone.
        about: a deal, rep, segment, or rule; "" for all.
        levels: of alerts; None for all.
        without: alerts to which this ever happened are left out.
        but: rows that tell of this are left out.
    """
    which = _which(workspace, scope, about, since, levels, without, but)
    told_first = case((table.c.what.in_(FIRST), 0), else_=1)
    asked = select(table, _unsent().label("due")).where(which)
    rows = await connection.execute(asked.order_by(told_first, table.c.id.desc()).limit(limit))
    return [
        Entry(**{name: getattr(row, name) for name in _FIELDS} | {"what": What(row.what)}) for row in rows
    ]


async def total(
    connection: AsyncConnection,
    workspace: str,
    *,
    scope: Scope = EVERYONE,
    about: str = "",
    since: datetime | None = None,
    levels: Collection[str] | None = None,
    without: Collection[What] = (),
    but: Collection[What] = (),
) -> int:
    """How many things happened; arguments as of `read`."""
    which = _which(workspace, scope, about, since, levels, without, but)
    return int(await connection.scalar(select(func.count()).select_from(table).where(which)) or 0)


def _which(
    workspace: str,
    scope: Scope,
    about: str,
    since: datetime | None,
    levels: Collection[str] | None,
    without: Collection[What],
    but: Collection[What],
) -> ColumnElement[bool]:
    which = [_seen(workspace, scope), *_about(about), *([table.c.at >= since] if since else [])]
    hidden = _untold(workspace, without) if without else []
    return and_(*which, *_of_levels(levels), *hidden, *([table.c.what.not_in(sorted(but))] if but else []))


def _unsent() -> ScalarSelect[datetime]:
    """When the message of a row goes out; null once Slack has it, or where there is none."""
    theirs = and_(outbox.c.alert_key == table.c.alert_key, outbox.c.recipient_id == table.c.person_id)
    waits = and_(theirs, outbox.c.kind == "post", outbox.c.status.in_(("pending", "sending", "parked")))
    told = table.c.what.in_((What.TOLD, What.ESCALATED))
    return select(func.min(outbox.c.next_at)).where(waits, told).correlate(table).scalar_subquery()


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
    """How often what happened for which reason; reasons in people's own words are not told apart.

    What Slack does not have yet counts as told for the reason `Why.UNSENT`.
    """
    which = _which(workspace, scope, about, since, levels, without, ())
    reason = case((_unsent().is_not(None), str(Why.UNSENT)), else_=table.c.reason).label("reason")
    each = select(table.c.what, reason).where(which).subquery()
    grouped = select(each.c.what, each.c.reason, func.count().label("number"))
    found: dict[tuple[What, str], int] = {}
    for row in await connection.execute(grouped.group_by(each.c.what, each.c.reason)):
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
    """Leaves out alerts to which any of these ever happened."""
    other = table.alias("other")
    ever = and_(other.c.workspace == workspace, other.c.what.in_(sorted(without)))
    return [table.c.alert_key.not_in(select(other.c.alert_key).where(ever))]


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
