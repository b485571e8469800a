"""The messages of alerts: an alert and its readers in, outbox rows out: one post each, edits, its thread."""

import html
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.facts import Ending
from bot import language
from bot.alerting import book, log, outbox
from bot.alerting.desk import Desk
from bot.alerting.log import What
from bot.alerting.outbox import Message, Recipient
from bot.alerting.standing import Alert, Standing, State
from bot.blocks import escalation as several
from bot.memory.tables import alert_log
from bot.memory.tables import outbox as table
from bot.narrator import alert as words

#: A post in one of these may be, or become, a message somebody reads.
ON_ITS_WAY = ("pending", "parked")
READ = ("sending", "sent")


@dataclass(frozen=True, slots=True)
class Post:
    """One person's message of an alert."""

    dedup_key: str
    person_id: str
    email: str
    status: str
    place: str  # a channel; "": direct messages


async def posts(tx: AsyncConnection, key: str) -> list[Post]:
    """The messages of an alert that somebody reads, or will; the oldest first."""
    which = and_(table.c.alert_key == key, table.c.kind == "post", table.c.status.in_(ON_ITS_WAY + READ))
    return await _posts(tx, which)


async def _posts(tx: AsyncConnection, which: ColumnElement[bool]) -> list[Post]:
    row = table.c
    columns = (row.dedup_key, row.recipient_id, row.recipient_email, row.status, row.place)
    return [Post(*found) for found in await tx.execute(select(*columns).where(which).order_by(row.id))]


async def post(
    tx: AsyncConnection,
    alert: Alert,
    recipient: Recipient,
    desk: Desk,
    *,
    due: datetime,
    escalated: bool = False,
) -> str:
    """Write the one message of an alert for one person; returns its key, "" when they have one."""
    key = await _unused(tx, f"{alert.key}:{recipient.person_id}:told")
    if not key:
        return ""
    standing = await _standing(tx, alert, recipient, desk, escalated=escalated)
    with language.using(desk.reading(recipient.person_id)):
        text, blocks = desk.render(alert.finding, recipient, standing)
    message = Message(
        dedup_key=key,
        workspace=desk.workspace,
        alert_key=alert.key,
        kind="post",
        recipient=recipient,
        text=text,
        blocks=blocks,
        place=desk.chosen(recipient.person_id).place,
        due=due,
    )
    await outbox.enqueue(tx, message, desk.now)
    return key


async def _unused(tx: AsyncConnection, key: str) -> str:
    """The key, with a number where it was cancelled before it was read; "" when it is in use."""
    mine = table.c.dedup_key.startswith(key, autoescape=True)
    rows = (await tx.execute(select(table.c.status).where(mine))).all()
    if any(row.status != "cancelled" for row in rows):
        return ""
    return f"{key}.{len(rows) + 1}" if rows else key


async def edit(
    tx: AsyncConnection,
    alert: Alert,
    desk: Desk,
    event: What,
    number: int,
    *,
    by: str = "",
    detail: str = "",
    ending: Ending | None = None,
    but: Collection[str] = (),
) -> int:
    """Every message of an alert shows how it stands now, and its thread what happened.

    Args:
        number: of the row in the log, which makes the keys.
        by: name of who did it.
        but: keys of posts that were written just now, and show it.
    """
    found = [one for one in await posts(tx, alert.key) if one.dedup_key not in but]
    escalated = bool(await _groups(tx, alert.key)) or await _was_escalated(tx, alert.key)
    for one in found:
        if not desk.may_read(one.person_id, alert.finding):
            continue  # they lost the team, or the role: what they read stays, no news is added
        recipient = desk.person(alert.finding, one.person_id, alert.state, one.email)
        standing = await _standing(tx, alert, recipient, desk, escalated=escalated, ending=ending)
        with language.using(desk.reading(one.person_id)):
            text, blocks = desk.render(alert.finding, recipient, standing)
            said = words.history(event, alert.finding, by, detail or _first_line(text))
        message = _about(one, alert.key, recipient, desk)
        await outbox.enqueue(
            tx, replace(message, dedup_key=f"{one.dedup_key}:{number}", text=text, blocks=blocks), desk.now
        )
        if not desk.snoozed_until(one.person_id, alert.finding):
            await _reply(tx, message, f"{one.dedup_key}:{number}:said", said, desk)
    return len(found) + await _edit_groups(tx, alert, desk, number, but)


def _first_line(text: str) -> str:
    return html.unescape(text.partition(". ")[0])


async def _reply(tx: AsyncConnection, message: Message, key: str, said: str, desk: Desk) -> None:
    due = desk.hours(message.recipient.person_id).next_open(desk.now)
    reply = replace(message, dedup_key=key, kind="reply", text=said, blocks=None, due=due)
    await outbox.enqueue(tx, reply, desk.now)


def _about(post: Post, alert_key: str | None, recipient: Recipient, desk: Desk) -> Message:
    """An edit of a post, without its words; it goes where the post went, whatever was chosen since."""
    return Message(
        dedup_key="",
        workspace=desk.workspace,
        alert_key=alert_key,
        kind="update",
        chain=post.dedup_key,
        recipient=recipient,
        text="",
        place=post.place,
    )


async def _standing(
    tx: AsyncConnection,
    alert: Alert,
    recipient: Recipient,
    desk: Desk,
    *,
    escalated: bool = False,
    ending: Ending | None = None,
) -> Standing:
    """What one reader sees of an alert; a reviewer never learns the lot."""
    told, budget = 0, _budget(alert, recipient, desk)
    if budget:
        told = await log.place_in_week(tx, desk.workspace, alert.key, recipient.person_id, desk.now)
    blind = alert.state is State.SILENT
    return Standing(
        key=alert.key,
        state=State.TOLD if blind else alert.state,
        by=desk.name(alert.acted_by) if alert.acted_by else "",
        acted=alert.acted,
        reason="" if blind else alert.reason,
        until=_snoozed(alert, recipient, desk),
        escalated=escalated,
        ending=ending,
        matches=await book.matches(tx, desk.workspace, alert.finding.rule),
        told=told,
        budget=budget,
    )


def _snoozed(alert: Alert, recipient: Recipient, desk: Desk) -> datetime | None:
    """When a reader's snooze ends, by the clock on their wall."""
    until = desk.snoozed_until(recipient.person_id, alert.finding)
    return until.astimezone(ZoneInfo(desk.hours(recipient.person_id).zone)) if until else None


def _budget(alert: Alert, recipient: Recipient, desk: Desk) -> int:
    """How many alerts of its level the reader may have in a week; 0: as many as there are."""
    if alert.finding.level != "P1":
        return 0
    per_week = {"owner": desk.settings.p1_per_week, "manager": desk.settings.manager_per_week}
    return per_week.get(recipient.role, 0)


async def cancel(tx: AsyncConnection, key: str, said: str) -> None:
    """Drop the posts of an alert that wait to be sent."""
    waiting = and_(table.c.alert_key == key, table.c.kind == "post", table.c.status.in_(ON_ITS_WAY))
    change = update(table).where(outbox.in_order(waiting))
    await tx.execute(change.values(status="cancelled", last_error=said))


async def hush(tx: AsyncConnection, key: str, person_id: str) -> bool:
    """Drop what waits to be sent to one person about an alert; True when a post was among it."""
    waiting = and_(
        table.c.alert_key == key,
        table.c.recipient_id == person_id,
        table.c.kind.in_(("post", "reply")),
        table.c.status.in_(ON_ITS_WAY),
    )
    change = update(table).where(outbox.in_order(waiting)).values(status="cancelled", last_error="snoozed")
    return "post" in set(await tx.scalars(change.returning(table.c.kind)))


async def hush_groups(tx: AsyncConnection, key: str, person_id: str) -> list[str]:
    """Drop the messages about several alerts that wait to be sent to one person, if this one is among them.

    Returns:
        Keys of all their alerts, this one included; empty when none waited.
    """
    groups = await _groups(tx, key)
    theirs = and_(table.c.dedup_key.in_(groups), table.c.recipient_id == person_id)
    waiting = outbox.in_order(and_(theirs, table.c.status.in_(ON_ITS_WAY)))
    change = update(table).where(waiting).values(status="cancelled")
    dropped = list(await tx.scalars(change.returning(table.c.dedup_key)))
    return sorted({member for group in dropped for member in await _members(tx, group)})


async def has(tx: AsyncConnection, key: str, person_id: str) -> bool:
    """Does a person have a message in which this alert is, or will they?"""
    own = any(one.person_id == person_id for one in await posts(tx, key))
    live = and_(table.c.dedup_key.in_(await _groups(tx, key)), table.c.recipient_id == person_id)
    return own or (await tx.execute(select(table.c.id).where(live).limit(1))).first() is not None


async def is_undelivered(tx: AsyncConnection, key: str, person_id: str) -> bool:
    """Does a person's message of an alert still wait to be sent?"""
    return any(p.person_id == person_id and p.status != "sent" for p in await posts(tx, key))


# ------------------------------------------------------------------ several alerts in one message


async def post_several(
    tx: AsyncConnection, alerts: Sequence[Alert], recipient: Recipient, desk: Desk, *, due: datetime
) -> str:
    """One message about several alerts that nobody answered; returns its key."""
    key = f"{desk.workspace}:escalation:{recipient.person_id}:{desk.now.isoformat()}"
    text, blocks = await _several(tx, alerts, recipient, desk)
    place = desk.chosen(recipient.person_id).place
    message = Message(
        dedup_key=key,
        workspace=desk.workspace,
        kind="post",
        recipient=recipient,
        text=text,
        blocks=blocks,
        place=place,
        due=due,
    )
    await outbox.enqueue(tx, message, desk.now)
    return key


async def _several(
    tx: AsyncConnection, alerts: Sequence[Alert], recipient: Recipient, desk: Desk
) -> tuple[str, outbox.Blocks]:
    lines = []
    with language.using(desk.reading(recipient.person_id)):
        for alert in alerts:
            standing = await _standing(tx, alert, recipient, desk, escalated=True)
            lines.append(html.unescape(desk.render(alert.finding, recipient, standing)[0]))
        return several.card([alert.finding for alert in alerts], lines)


async def _edit_groups(
    tx: AsyncConnection, alert: Alert, desk: Desk, number: int, but: Collection[str]
) -> int:
    """The messages about several alerts, one of which changed."""
    groups = [key for key in await _groups(tx, alert.key) if key not in but]
    for post in await _posts(tx, table.c.dedup_key.in_(groups)):
        recipient = desk.person(alert.finding, post.person_id, alert.state, post.email)
        members = await book.some(tx, desk.workspace, await _members(tx, post.dedup_key))
        current = [alert if one.key == alert.key else one for one in members]
        current = [one for one in current if desk.may_read(recipient.person_id, one.finding)]
        if not any(one.key == alert.key for one in current):
            continue
        text, blocks = await _several(tx, current, recipient, desk)
        message = replace(_about(post, None, recipient, desk), text=text, blocks=blocks)
        await outbox.enqueue(tx, replace(message, dedup_key=f"{post.dedup_key}:{number}"), desk.now)
    return len(groups)


async def _groups(tx: AsyncConnection, key: str) -> list[str]:
    """Keys of the messages about several alerts that one of them is in."""
    mine = and_(alert_log.c.alert_key == key, alert_log.c.what == What.ESCALATED)
    own = alert_log.c.reason.startswith(f"{key}:", autoescape=True)
    live = and_(table.c.dedup_key == alert_log.c.reason, table.c.status != "cancelled")
    found = select(alert_log.c.reason).where(mine, ~own, select(table.c.id).where(live).exists())
    return list(await tx.scalars(found.distinct()))


async def _members(tx: AsyncConnection, group: str) -> Iterable[str]:
    inside = and_(alert_log.c.reason == group, alert_log.c.what == What.ESCALATED)
    return await tx.scalars(select(alert_log.c.alert_key).where(inside).distinct())


async def _was_escalated(tx: AsyncConnection, key: str) -> bool:
    mine = and_(alert_log.c.alert_key == key, alert_log.c.what == What.ESCALATED)
    return (await tx.execute(select(alert_log.c.id).where(mine).limit(1))).first() is not None
