"""What followed alerts and actions: read from the newest numbers, written to memory, read for the proof."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.alerts.rules import Level, Subject
from analytics.impact import Done, Then, Unanswered, after, moves
from analytics.store import Generation
from bot.memory.tables import actions, alerts

KEPT = timedelta(days=400)  #: older alerts are not followed. Source: ours, longer than a sales cycle
AFTER = {"after_14": 14, "after_30": 30}  #: days after an action. Source: issue 5
WAIT = timedelta(days=AFTER["after_14"])

Change = tuple[str, dict[str, object]]  #: the key of a row, and what is to be written there


async def watched(connection: AsyncConnection, workspace: str, as_of: date) -> Sequence[Row[Any]]:
    """Alerts on deals of which the end is not known, told or not, by key."""
    which = and_(
        alerts.c.workspace == workspace,
        alerts.c.subject == Subject.DEAL,
        alerts.c.outcome == "",
        alerts.c.opened_on > as_of - KEPT,
        alerts.c.opened_on <= as_of,
    )
    return (await connection.execute(select(alerts).where(which).order_by(alerts.c.key))).all()


async def undecided(connection: AsyncConnection, workspace: str, as_of: date) -> Sequence[Row[Any]]:
    """Actions whose 14 or 30 days are over, and of which nobody wrote down yet what followed."""
    over = [
        and_(actions.c[name] == "", actions.c.done_on <= as_of - timedelta(days=days))
        for name, days in AFTER.items()
    ]
    which = and_(actions.c.workspace == workspace, or_(*over))
    return (await connection.execute(select(actions).where(which).order_by(actions.c.key))).all()


def of_alerts(rows: Iterable[Row[Any]], generation: Generation) -> Iterator[Change]:
    """The first move since each alert began, and how its deal ended, where either is new."""
    for alert in rows:
        deal = generation.deal(alert.subject_id)
        if deal is None:
            continue
        followed = moves(_then(alert), deal, generation.as_of)
        moved_on = alert.moved_on or min(followed.values(), default=None)
        outcome = "" if deal.outcome == "open" else deal.outcome
        if outcome or moved_on != alert.moved_on:
            yield alert.key, {"moved_on": moved_on, "outcome": outcome}


def _then(alert: Row[Any]) -> Then:
    """The deal as the alert told it; alerts of older versions tell no next step."""
    told = json.loads(alert.facts)
    names = told.get("names", told)
    return Then(alert.opened_on, names.get("stage", ""), names.get("next_step"))


def of_actions(rows: Iterable[Row[Any]], generation: Generation) -> Iterator[Change]:
    """What followed each action, for the terms that are over and of which it is not told yet."""
    as_of = generation.as_of
    for action in rows:
        then = Then(action.done_on, action.stage, action.next_step)
        deal = generation.deal(action.deal_id)
        over = {name: days for name, days in AFTER.items() if action.done_on <= as_of - timedelta(days=days)}
        told = {name: after(then, deal, days, as_of) for name, days in over.items()}
        yield action.key, {name: outcome for name, outcome in told.items() if not getattr(action, name)}


async def write(
    tx: AsyncConnection, alert_changes: Iterable[Change], action_changes: Iterable[Change]
) -> None:
    """Write it down."""
    for table, changes in ((alerts, alert_changes), (actions, action_changes)):
        for key, values in changes:
            await tx.execute(update(table).where(table.c.key == key).values(**values))


async def done(connection: AsyncConnection, workspace: str) -> list[Done]:
    """Every action that was ever logged, with what followed."""
    columns = [actions.c[name] for name in Done.__dataclass_fields__]
    found = select(*columns).where(actions.c.workspace == workspace).order_by(actions.c.id)
    return [Done(**row._mapping) for row in await connection.execute(found)]


async def unanswered(connection: AsyncConnection, workspace: str, as_of: date) -> list[Unanswered]:
    """P1 alerts that were told at once, 14 days ago or longer, and on which nobody logged anything."""
    logged = select(actions.c.alert_key).where(actions.c.workspace == workspace)
    which = and_(
        alerts.c.workspace == workspace,
        alerts.c.subject == Subject.DEAL,
        alerts.c.level == Level.P1,
        alerts.c.told_on == alerts.c.opened_on,
        alerts.c.told_on <= as_of - WAIT,
        alerts.c.acted == "",
        alerts.c.key.not_in(logged),
    )
    columns = (alerts.c.owner_id, alerts.c.opened_on, alerts.c.moved_on)
    rows = await connection.execute(select(*columns).where(which))
    return [
        Unanswered(row.owner_id, row.moved_on is not None and row.moved_on <= row.opened_on + WAIT)
        for row in rows
    ]
