"""What time alone changes about alerts: snoozes end, reviews are overdue, and the manager is told.

A sweep takes every alert with something due, in the caller's transaction. Several for one manager are one
message.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerting import book, economy, lifecycle, log, messages
from bot.alerting.desk import Desk
from bot.alerting.log import What, Why
from bot.alerting.outbox import Recipient
from bot.alerting.standing import Alert, State


async def sweep(tx: AsyncConnection, desk: Desk) -> int:
    """Do what is due now; returns how many alerts it was about."""
    due = await book.due(tx, desk.workspace, desk.now)
    for alert in due:
        if alert.state is State.REVIEW:
            await lifecycle.overdue(tx, alert, desk)
        elif _is_past(alert.until, desk):
            await lifecycle.wake(tx, alert, desk)
    waiting = [one for one in due if _is_past(one.escalate_at, desk) and not one.until]
    for manager_id, theirs in _by_manager(waiting, desk):
        await _escalate(tx, manager_id, theirs, desk)
    return len(due)


def _is_past(moment: datetime | None, desk: Desk) -> bool:
    return moment is not None and moment <= desk.now


def _by_manager(alerts: Iterable[Alert], desk: Desk) -> list[tuple[str, list[Alert]]]:
    """Alerts by the manager their owner has today, the biggest first."""
    found: dict[str, list[Alert]] = {}
    for alert in sorted(alerts, key=lambda one: economy.loudest_first(one.finding)):
        owner = desk.people.get(alert.finding.owner_id)
        manager = (owner.manager_id if owner else None) or alert.finding.manager_id
        found.setdefault(manager, []).append(alert)
    return sorted(found.items())


async def _escalate(tx: AsyncConnection, manager_id: str, alerts: Sequence[Alert], desk: Desk) -> None:
    """Tell one manager, as far as their week has room."""
    recipient = desk.person(alerts[0].finding, manager_id)
    recipient = replace(recipient, role="manager")
    used = (await log.told_lately(tx, desk.workspace, desk.now)).get((manager_id, False), 0)
    telling: list[Alert] = []
    for alert in alerts:
        if not desk.may_see(manager_id, alert.finding.owner_id):
            await book.change(tx, replace(alert, escalate_at=None))
            continue
        if later := await _later(tx, alert, manager_id, desk):
            await book.change(tx, replace(alert, escalate_at=later))
            continue
        await book.change(tx, replace(alert, escalate_at=None))
        reason = await _against(tx, alert, manager_id, used + len(telling), desk)
        if reason:
            row = (alert.key, alert.finding, What.SUPPRESSED)
            await log.write(tx, desk.workspace, *row, at=desk.now, reason=reason, person_id=manager_id)
        else:
            telling.append(replace(alert, escalate_at=None))
    if telling:
        await _tell(tx, telling, recipient, desk)


async def _later(tx: AsyncConnection, alert: Alert, manager_id: str, desk: Desk) -> datetime | None:
    """When to look again: the manager snoozed the deal, or the owner could not even read it yet."""
    if snoozed := desk.snoozed_until(manager_id, alert.finding):
        return snoozed
    if await messages.is_undelivered(tx, alert.key, alert.finding.owner_id):
        return lifecycle.escalation(alert.finding.owner_id, desk)
    return None


async def _against(tx: AsyncConnection, alert: Alert, manager_id: str, used: int, desk: Desk) -> Why | None:
    """Why a manager is not told of an alert by a message."""
    found = alert.finding
    if await messages.has(tx, alert.key, manager_id):
        return Why.DUPLICATE
    if not desk.chosen(manager_id).wants(found.level, economy.amount(found)):
        return Why.PREFERENCE
    return Why.MANAGER_BUDGET if used >= desk.settings.manager_per_week else None


async def _tell(tx: AsyncConnection, alerts: Sequence[Alert], recipient: Recipient, desk: Desk) -> None:
    """One message: of the alert itself, or about several; the owner's thread says that it was passed on."""
    due = desk.hours(recipient.person_id).next_open(desk.now)
    if len(alerts) == 1:
        key = await messages.post(tx, alerts[0], recipient, desk, due=due, escalated=True)
    else:
        key = await messages.post_several(tx, alerts, recipient, desk, due=due)
    for alert in alerts:
        row = (alert.key, alert.finding, What.ESCALATED)
        who = recipient.person_id
        number = await log.write(tx, desk.workspace, *row, at=desk.now, reason=key, person_id=who)
        await messages.edit(tx, alert, desk, What.ESCALATED, number, by=recipient.name, but={key})
