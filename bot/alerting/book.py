"""The alerts in memory, read and written as `Alert`; every function runs in the caller's transaction."""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, Select, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.facts import Finding
from bot.alerting.standing import Alert, State
from bot.memory.engine import insert
from bot.memory.tables import alerts as table

FINDING = TypeAdapter(Finding)
FIRST_LAST = 500  #: rows of one statement: SQLite takes 32,766 values at once


async def open_alerts(
    tx: AsyncConnection, workspace: str, levels: Collection[str] | None = None
) -> list[Alert]:
    """Alerts that still hold, by key; locked until the transaction ends. `levels` None: all."""
    which = and_(_here(workspace, levels), table.c.resolved_on.is_(None))
    return await _read(tx, select(table).where(which).order_by(table.c.key).with_for_update())


async def spent(tx: AsyncConnection, workspace: str, levels: Collection[str]) -> list[Alert]:
    """Alerts that expired, and of which nobody knows that they are over."""
    expired = and_(table.c.state == State.EXPIRED, table.c.reason == "")
    return await _read(tx, select(table).where(_here(workspace, levels), expired).order_by(table.c.key))


async def find(tx: AsyncConnection, workspace: str, key: str) -> Alert | None:
    """The alert with this key, locked until the transaction ends."""
    mine = and_(table.c.workspace == workspace, table.c.key == key)
    return next(iter(await _read(tx, select(table).where(mine).with_for_update())), None)


async def some(tx: AsyncConnection, workspace: str, keys: Iterable[str]) -> list[Alert]:
    """The alerts with these keys, by key."""
    mine = and_(table.c.workspace == workspace, table.c.key.in_(list(keys)))
    return await _read(tx, select(table).where(mine).order_by(table.c.key).with_for_update())


async def of_subject(tx: AsyncConnection, workspace: str, subject_id: str) -> list[Alert]:
    """Open alerts about one subject, by key; locked until the transaction ends."""
    mine = and_(_here(workspace, None), table.c.subject_id == subject_id, table.c.resolved_on.is_(None))
    return await _read(tx, select(table).where(mine).order_by(table.c.key).with_for_update())


async def due(tx: AsyncConnection, workspace: str, now: datetime) -> list[Alert]:
    """Open alerts with something that is to happen by now: an escalation, the end of a snooze or review."""
    waiting = select(table).where(_is_due(workspace, now)).order_by(table.c.key)
    return await _read(tx, waiting.with_for_update())


async def is_anything_due(connection: AsyncConnection, workspace: str, now: datetime) -> bool:
    """Would `due` find anything?"""
    found = await connection.execute(select(table.c.key).where(_is_due(workspace, now)).limit(1))
    return found.first() is not None


def _is_due(workspace: str, now: datetime) -> ColumnElement[bool]:
    escalating = and_(table.c.state == State.TOLD, table.c.escalate_at <= now)
    waking = and_(table.c.state.in_([State.TOLD, State.REVIEW]), table.c.until <= now)
    return and_(table.c.workspace == workspace, table.c.resolved_on.is_(None), escalating | waking)


async def newest_day(tx: AsyncConnection, workspace: str) -> date:
    """The last day on which any alert began, was told or ended."""
    here = table.c.workspace == workspace
    days = [func.max(day) for day in (table.c.opened_on, table.c.told_on, table.c.resolved_on)]
    found = (await tx.execute(select(*days).where(here))).one()
    return max((day for day in found if day), default=date.min)


async def keys_of_day(tx: AsyncConnection, workspace: str, day: date) -> set[str]:
    """Keys of alerts that began on a day."""
    that_day = and_(table.c.workspace == workspace, table.c.opened_on == day)
    return set(await tx.scalars(select(table.c.key).where(that_day)))


def namer(workspace: str, taken: Collection[str]) -> Callable[[Finding], str]:
    """Keys `workspace:rule:subject:epoch`, where the epoch is the day on which it first was over the line.

    What comes back on the very day its last alert began gets a second key of that day.
    """

    def name(found: Finding) -> str:
        first = f"{workspace}:{found.rule}:{found.subject_id}:{found.as_of.isoformat()}"
        again = (f"{first}.{turn}" for turn in range(2, len(taken) + 3))
        return next(key for key in (first, *again) if key not in taken)

    return name


async def seasoned(tx: AsyncConnection, workspace: str) -> set[tuple[str, int]]:
    """Rules that any alert came of, with their version."""
    found = select(table.c.rule, table.c.version).where(table.c.workspace == workspace).distinct()
    return {(row.rule, row.version) for row in await tx.execute(found)}


async def matches(connection: AsyncConnection, workspace: str, rule: str) -> int:
    """How many subjects are over a rule's line, told or not."""
    mine = and_(table.c.workspace == workspace, table.c.rule == rule, table.c.resolved_on.is_(None))
    return int(await connection.scalar(select(func.count()).where(mine)) or 0)


async def write(tx: AsyncConnection, workspace: str, alerts: Iterable[Alert]) -> None:
    """Keep alerts as they are now, new or not."""
    rows = [_row(workspace, alert) for alert in alerts]
    for start in range(0, len(rows), FIRST_LAST):
        statement = insert(tx, table).values(rows[start : start + FIRST_LAST])
        fresh = {name: statement.excluded[name] for name in _CHANGING}
        await tx.execute(statement.on_conflict_do_update(index_elements=[table.c.key], set_=fresh))


async def change(tx: AsyncConnection, alert: Alert) -> None:
    """Keep how an alert stands now; its facts stay as they were told."""
    row = _row("", alert)
    standing = {name: row[name] for name in _CHANGING if name not in ("facts", "generation")}
    await tx.execute(update(table).where(table.c.key == alert.key).values(**standing))


def _here(workspace: str, levels: Collection[str] | None) -> ColumnElement[bool]:
    here = table.c.workspace == workspace
    return here if levels is None else and_(here, table.c.level.in_(sorted(levels)))


def _row(workspace: str, alert: Alert) -> dict[str, object]:
    found = alert.finding
    return {
        "key": alert.key,
        "workspace": workspace,
        "rule": found.rule,
        "version": alert.version,
        "level": found.level,
        "subject": found.subject,
        "subject_id": found.subject_id,
        "owner_id": found.owner_id,
        "state": alert.state,
        "reason": alert.reason,
        "facts": FINDING.dump_json(found).decode(),
        "opened_on": alert.opened_on,
        "told_on": alert.told_on,
        "resolved_on": alert.resolved_on,
        "generation": found.generation,
        "silent": int(alert.silent),
        "acted_by": alert.acted_by,
        "acted_at": alert.acted_at,
        "acted": alert.acted,
        "until": alert.until,
        "escalate_at": alert.escalate_at,
        "outcome": "",
    }


_CHANGING = (
    "version",
    "level",
    "state",
    "reason",
    "facts",
    "told_on",
    "resolved_on",
    "generation",
    "silent",
    "acted_by",
    "acted_at",
    "acted",
    "until",
    "escalate_at",
)


async def _read(tx: AsyncConnection, query: Select[tuple[object, ...]]) -> list[Alert]:
    return [_alert(row) for row in await tx.execute(query)]


def _alert(row: Row[tuple[object, ...]]) -> Alert:
    return Alert(
        key=row.key,
        state=State(row.state),
        finding=FINDING.validate_json(row.facts),
        reason=row.reason,
        silent=bool(row.silent),
        version=row.version,
        opened_on=row.opened_on,
        told_on=row.told_on,
        resolved_on=row.resolved_on,
        until=row.until,
        escalate_at=row.escalate_at,
        acted_by=row.acted_by,
        acted_at=row.acted_at,
        acted=row.acted,
    )
