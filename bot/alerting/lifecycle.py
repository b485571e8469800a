"""The life of an alert: told once, silent while it lasts, edited when it ends.

First decide (pure), then act: `decide` says what to do, `apply` writes all of it in the caller's transaction.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from pydantic import TypeAdapter
from sqlalchemy import and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.facts import Ending, StalledDeal
from analytics.generation import PersonRow
from bot.alerting import outbox
from bot.alerting.outbox import Blocks, Message, Recipient
from bot.memory.engine import insert
from bot.memory.tables import alerts

WEEK = timedelta(days=7)
STALLED_DEAL = TypeAdapter(StalledDeal)


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that is open: told, or held back. `deal` is what was known when it began."""

    key: str
    state: str  # told, held
    deal: StalledDeal


@dataclass(frozen=True, slots=True)
class Open:
    """Tell the owner and the manager."""

    key: str
    deal: StalledDeal


@dataclass(frozen=True, slots=True)
class Hold:
    """Say nothing yet, and keep why."""

    key: str
    deal: StalledDeal
    reason: str = "budget"


@dataclass(frozen=True, slots=True)
class Resolve:
    """The deal is no longer over the line: edit what was told."""

    alert: Alert
    ending: Ending


Decision = Open | Hold | Resolve


class Render(Protocol):
    """How an alert looks to one person; `ending` is None while the deal is stalled."""

    def __call__(self, deal: StalledDeal, recipient: Recipient, ending: Ending | None) -> tuple[str, Blocks]:
        """The notification text and the blocks."""
        ...


def decide(
    open_alerts: Sequence[Alert],
    stalled_now: Sequence[StalledDeal],
    *,
    told_this_week: Mapping[str, int],
    budget: int,
    ending: Callable[[StalledDeal], Ending],
    name: Callable[[StalledDeal], str],
) -> list[Decision]:
    """What a generation changes about the alerts: what ended, what is new and worth telling, what must wait.

    An open alert of a deal that is still stalled under the same owner says nothing more. What was held is
    told as soon as there is room.

    Args:
        told_this_week: alerts told in the last seven days, by owner.
        budget: alerts an owner may get in seven days; the biggest amounts go first.
        ending: why a deal is no longer the alert that was told.
        name: the key of a new alert.

    Returns:
        Endings first, then the rest by amount. Empty when nothing changed.
    """
    owners = {deal.deal_id: deal.owner_id for deal in stalled_now}
    lasting = {a.deal.deal_id: a for a in open_alerts if owners.get(a.deal.deal_id) == a.deal.owner_id}
    ended = [a for a in open_alerts if lasting.get(a.deal.deal_id) is not a]
    untold = [d for d in stalled_now if d.deal_id not in lasting or lasting[d.deal_id].state == "held"]
    used = dict(told_this_week)
    decisions: list[Decision] = [Resolve(alert, ending(alert.deal)) for alert in ended]
    for deal in sorted(untold, key=_biggest_first):
        held = lasting.get(deal.deal_id)
        if used.get(deal.owner_id, 0) < budget:
            used[deal.owner_id] = used.get(deal.owner_id, 0) + 1
            decisions.append(Open(held.key if held else name(deal), deal))
        elif held is None:
            decisions.append(Hold(name(deal), deal))
    return decisions


def _biggest_first(deal: StalledDeal) -> tuple[Any, str]:
    return -(deal.figures["amount"].value or 0), deal.deal_id


def namer(workspace: str, taken: Collection[str]) -> Callable[[StalledDeal], str]:
    """Keys `workspace:rule:deal:epoch`, where the epoch is the day on which the deal first was over the line.

    A deal that comes back on the very day its last alert began gets a second key of that day.
    """

    def name(deal: StalledDeal) -> str:
        first = f"{workspace}:{deal.rule}:{deal.deal_id}:{deal.as_of.isoformat()}"
        again = (f"{first}.{turn}" for turn in range(2, len(taken) + 3))
        return next(key for key in (first, *again) if key not in taken)

    return name


async def open_alerts(tx: AsyncConnection, workspace: str, rule: str) -> list[Alert]:
    """Alerts of a rule that are told or held, by key."""
    mine = and_(alerts.c.workspace == workspace, alerts.c.rule == rule, alerts.c.state != "resolved")
    rows = await tx.execute(select(alerts).where(mine).order_by(alerts.c.key))
    return [Alert(row.key, row.state, STALLED_DEAL.validate_json(row.facts)) for row in rows]


async def told_this_week(tx: AsyncConnection, workspace: str, as_of: date) -> dict[str, int]:
    """Alerts told in the seven days up to `as_of`, by owner."""
    lately = and_(alerts.c.workspace == workspace, alerts.c.told_on > as_of - WEEK, alerts.c.told_on <= as_of)
    counted = select(alerts.c.owner_id, func.count().label("told")).where(lately)
    return {row.owner_id: row.told for row in await tx.execute(counted.group_by(alerts.c.owner_id))}


async def newest_day(tx: AsyncConnection, workspace: str) -> date:
    """The last day on which any alert began, was told or ended."""
    here = alerts.c.workspace == workspace
    days = [func.max(day) for day in (alerts.c.opened_on, alerts.c.told_on, alerts.c.resolved_on)]
    found = (await tx.execute(select(*days).where(here))).one()
    return max((day for day in found if day), default=date.min)


async def keys_of_day(tx: AsyncConnection, workspace: str, as_of: date) -> set[str]:
    """Keys of alerts that began on a day."""
    that_day = and_(alerts.c.workspace == workspace, alerts.c.opened_on == as_of)
    return set(await tx.scalars(select(alerts.c.key).where(that_day)))


@dataclass(frozen=True, slots=True)
class Desk:
    """What is needed to act on decisions: for whom, how it looks, who is who, and when it is."""

    workspace: str
    render: Render
    people: Mapping[str, PersonRow]
    now: datetime

    def recipients(self, deal: StalledDeal) -> list[Recipient]:
        """The owner and the manager; one person who is both is told once."""
        manager = [] if deal.manager_id in ("", deal.owner_id) else [self.person(deal, deal.manager_id)]
        return [self.person(deal, deal.owner_id), *manager]

    def person(self, deal: StalledDeal, person_id: str, email: str = "") -> Recipient:
        """A person as a recipient of this deal's alert."""
        known = self.people.get(person_id)
        role = "owner" if person_id == deal.owner_id else "manager"
        name = (known.name if known else None) or person_id
        return Recipient(person_id, name, (known.email if known else None) or email, role)


async def apply(tx: AsyncConnection, decisions: Iterable[Decision], desk: Desk) -> int:
    """Write alerts and messages of all decisions; returns how many messages.

    All of it stands or falls with the caller's transaction.
    """
    written = 0
    for decision in decisions:
        match decision:
            case Open(key, deal):
                written += await _open(tx, key, deal, desk)
            case Hold(key, deal, reason):
                await _write_alert(tx, key, deal, desk, state="held", reason=reason, told_on=None)
            case Resolve(alert, ending):
                written += await _resolve(tx, alert, ending, desk)
    return written


async def _open(tx: AsyncConnection, key: str, deal: StalledDeal, desk: Desk) -> int:
    await _write_alert(tx, key, deal, desk, state="told", reason="", told_on=deal.as_of)
    for recipient in desk.recipients(deal):
        text, blocks = desk.render(deal, recipient, None)
        dedup_key = f"{key}:{recipient.person_id}:told"
        await outbox.enqueue(tx, _message(desk, key, dedup_key, recipient, text, blocks), desk.now)
    return len(desk.recipients(deal))


async def _write_alert(
    tx: AsyncConnection,
    key: str,
    deal: StalledDeal,
    desk: Desk,
    *,
    state: str,
    reason: str,
    told_on: date | None,
) -> None:
    """A new alert, or a held one that is told now with today's facts."""
    changing = {
        "state": state,
        "reason": reason,
        "facts": STALLED_DEAL.dump_json(deal).decode(),
        "told_on": told_on,
        "generation": deal.generation,
    }
    row = insert(tx, alerts).values(
        key=key,
        workspace=desk.workspace,
        rule=deal.rule,
        deal_id=deal.deal_id,
        owner_id=deal.owner_id,
        opened_on=deal.as_of,
        **changing,
    )
    await tx.execute(row.on_conflict_do_update(index_elements=[alerts.c.key], set_=changing))


async def _resolve(tx: AsyncConnection, alert: Alert, ending: Ending, desk: Desk) -> int:
    """Close the alert; who saw it sees how it ended, who did not is spared."""
    closed = {"state": "resolved", "reason": ending.reason, "resolved_on": ending.as_of}
    await tx.execute(update(alerts).where(alerts.c.key == alert.key).values(**closed))
    await outbox.cancel_untold(tx, alert.key, f"no longer stalled: {ending.reason}")
    told = await outbox.told(tx, alert.key)
    for post_key, person_id, email in told:
        recipient = desk.person(alert.deal, person_id, email)
        text, blocks = desk.render(alert.deal, recipient, ending)
        dedup_key = f"{alert.key}:{person_id}:resolved"
        message = _message(desk, alert.key, dedup_key, recipient, text, blocks, edits=post_key)
        await outbox.enqueue(tx, message, desk.now)
    return len(told)


def _message(
    desk: Desk, key: str, dedup_key: str, recipient: Recipient, text: str, blocks: Blocks, edits: str = ""
) -> Message:
    return Message(
        dedup_key=dedup_key,
        workspace=desk.workspace,
        alert_key=key,
        kind="update" if edits else "post",
        chain=edits,
        recipient=recipient,
        text=text,
        blocks=blocks,
    )
