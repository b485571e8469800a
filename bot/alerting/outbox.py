"""The outbox: messages written down before they are sent, and who may send which now.

Every function runs inside a transaction of `Memory`. The life of a row:

    pending -> sending -> sent          the usual way
    sending -> pending                  surely not delivered (or looked for and not found)
    sending -> sending                  nobody knows; when the lease ends, somebody looks
    pending -> parked -> pending        the workspace is down, and up again
    -> dead | cancelled                 refused for good | no longer worth telling

`attempts` grows with every turn and, with `owner`, tells one turn from another (the fence).
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.memory.engine import insert
from bot.memory.tables import alerts, outbox

EVENT_TYPE = "dealcoach_alert"  # of the metadata on every message
LONGEST_TEXT = 3_000  # characters kept of a text that was too long, as in a section block
NO_USER = "no Slack user"  # how the letter begins that had no address
UNFINISHED = ("pending", "sending", "parked")

Blocks = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person to tell, and as what."""

    person_id: str
    name: str
    email: str
    role: str = "owner"  # owner, manager


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What to say to whom. `chain` names the post an update edits; a post is its own."""

    dedup_key: str
    workspace: str
    kind: str  # post, update
    recipient: Recipient
    text: str
    blocks: Blocks | None = None
    chain: str = ""
    alert_key: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A row in our hands for one turn."""

    id: int
    dedup_key: str
    workspace: str
    kind: str
    chain: str
    recipient_id: str
    recipient_email: str
    text: str
    blocks: Blocks | None
    owner: str
    attempts: int
    first_attempt_at: datetime | None
    channel: str | None
    post_ts: str | None  # of the message an update edits


def mark(chain: str) -> str:
    """What a message carries in its metadata, to be found by. A hash: members can read it."""
    return hashlib.sha256(chain.encode()).hexdigest()[:32]


async def enqueue(tx: AsyncConnection, message: Message, now: datetime) -> bool:
    """Write a message down; False when one with this key was written before."""
    row = insert(tx, outbox).values(
        dedup_key=message.dedup_key,
        workspace=message.workspace,
        alert_key=message.alert_key,
        kind=message.kind,
        chain=message.chain or message.dedup_key,
        recipient_id=message.recipient.person_id,
        recipient_email=message.recipient.email,
        text=message.text,
        blocks=None if message.blocks is None else json.dumps(message.blocks),
        status="pending",
        attempts=0,
        owner="",
        next_at=now,
        last_error="",
        created_at=now,
    )
    return (await tx.execute(row.on_conflict_do_nothing().returning(outbox.c.id))).first() is not None


async def claim(
    tx: AsyncConnection, workspace: str, *, owner: str, now: datetime, lease: timedelta, limit: int
) -> list[Delivery]:
    """Take up to `limit` messages that are due: the oldest of each recipient, an update after its post."""
    due, rows = outbox.alias("due"), outbox.alias("rows")
    waits = and_(due.c.workspace == workspace, due.c.status == "pending", due.c.next_at <= now)
    heads = select(func.min(due.c.id)).where(waits, _first_in_chain(due)).group_by(due.c.recipient_id)
    ids = select(rows.c.id).where(rows.c.id.in_(heads), rows.c.status == "pending")
    return await _take(tx, _locked(ids, rows, limit), owner, now + lease)


async def claim_unknown(
    tx: AsyncConnection, workspace: str, *, owner: str, now: datetime, lease: timedelta, limit: int
) -> list[Delivery]:
    """Take messages whose sender did not come back before its lease ended: they may have arrived."""
    rows = outbox.alias("rows")
    over = and_(rows.c.workspace == workspace, rows.c.status == "sending", rows.c.next_at <= now)
    return await _take(tx, _locked(select(rows.c.id).where(over), rows, limit), owner, now + lease)


def _first_in_chain(row: FromClause) -> ColumnElement[bool]:
    """No earlier message of the same chain is still on its way."""
    earlier = outbox.alias("earlier")
    same = and_(earlier.c.chain == row.c.chain, earlier.c.id < row.c.id)
    return ~select(earlier.c.id).where(same, earlier.c.status.in_(UNFINISHED)).exists()


def _locked(ids: Select[tuple[int]], rows: FromClause, limit: int) -> Select[tuple[int]]:
    """The oldest rows that no other process is taking at this moment."""
    return ids.order_by(rows.c.id).limit(limit).with_for_update(skip_locked=True)


async def _take(tx: AsyncConnection, ids: Select[tuple[int]], owner: str, until: datetime) -> list[Delivery]:
    taken = await tx.execute(
        update(outbox)
        .where(outbox.c.id.in_(ids))
        .values(status="sending", owner=owner, next_at=until, attempts=outbox.c.attempts + 1)
        .returning(outbox)
    )
    found = [await _delivery(tx, row) for row in taken.all()]
    return sorted(found, key=lambda delivery: delivery.id)


async def _delivery(tx: AsyncConnection, row: Row[Any]) -> Delivery:
    """The row as a value; an update knows the channel and time stamp of its post."""
    channel, ts = row.channel, None
    if row.kind == "update":
        post = select(outbox.c.channel, outbox.c.ts).where(outbox.c.dedup_key == row.chain)
        channel, ts = (await tx.execute(post)).one()
    return Delivery(
        id=row.id,
        dedup_key=row.dedup_key,
        workspace=row.workspace,
        kind=row.kind,
        chain=row.chain,
        recipient_id=row.recipient_id,
        recipient_email=row.recipient_email,
        text=row.text,
        blocks=None if row.blocks is None else json.loads(row.blocks),
        owner=row.owner,
        attempts=row.attempts,
        first_attempt_at=row.first_attempt_at,
        channel=channel,
        post_ts=ts,
    )


async def fence(tx: AsyncConnection, row: Delivery, *, channel: str, now: datetime, lease: timedelta) -> bool:
    """Just before sending: is the row still ours? Then the lease starts anew and the attempt is on record."""
    first = row.first_attempt_at or now
    return await _change(tx, _ours(row), channel=channel, next_at=now + lease, first_attempt_at=first)


async def mark_sent(tx: AsyncConnection, row: Delivery, *, channel: str, ts: str, now: datetime) -> bool:
    """Slack has the message. True whoever holds the row by now, so this needs no fence."""
    not_over = and_(outbox.c.id == row.id, outbox.c.status.in_(UNFINISHED))
    return await _change(tx, not_over, status="sent", channel=channel, ts=ts, sent_at=now, last_error="")


async def put_back(tx: AsyncConnection, row: Delivery, *, due: datetime, said: str = "") -> bool:
    """It was surely not delivered: try again at `due`."""
    return await _change(tx, _ours(row), status="pending", next_at=due, last_error=said)


async def look_again(tx: AsyncConnection, row: Delivery, *, due: datetime, said: str) -> bool:
    """Nobody knows whether it arrived: keep it, and look at `due`."""
    return await _change(tx, _ours(row), next_at=due, last_error=said)


async def strip(tx: AsyncConnection, row: Delivery, *, now: datetime, said: str) -> bool:
    """Slack refused its form: once more as plain text, no longer than a section may be."""
    text = row.text[:LONGEST_TEXT]
    return await _change(
        tx, _ours(row), status="pending", next_at=now, blocks=None, text=text, last_error=said
    )


async def bury(tx: AsyncConnection, row: Delivery, said: str) -> bool:
    """It will never be delivered: a dead letter, shown on the status page."""
    return await _change(tx, _ours(row), status="dead", last_error=said)


async def drop(tx: AsyncConnection, row: Delivery, said: str) -> bool:
    """It is no longer worth telling."""
    return await _change(tx, _ours(row), status="cancelled", last_error=said)


async def pause(tx: AsyncConnection, row: Delivery, until: datetime) -> None:
    """Slack asked for a pause of this recipient's channel: nothing goes there before `until`."""
    waiting = and_(
        outbox.c.workspace == row.workspace,
        outbox.c.recipient_id == row.recipient_id,
        outbox.c.status == "pending",
        outbox.c.next_at < until,
    )
    await tx.execute(update(outbox).where(waiting).values(next_at=until))


async def park(tx: AsyncConnection, workspace: str, said: str) -> None:
    """The workspace is down: keep all its messages without trying them."""
    waiting = and_(outbox.c.workspace == workspace, outbox.c.status == "pending")
    await tx.execute(update(outbox).where(waiting).values(status="parked", last_error=said))


async def resume(tx: AsyncConnection, workspace: str) -> int:
    """The workspace is back: its parked messages are due again. Returns how many there were."""
    parked = and_(outbox.c.workspace == workspace, outbox.c.status == "parked")
    changed = await tx.execute(update(outbox).where(parked).values(status="pending").returning(outbox.c.id))
    return len(changed.all())


async def address(tx: AsyncConnection, workspace: str, recipient_id: str) -> int:
    """Somebody nobody knew in Slack is known now: what they were not told of open alerts is due again.

    Returns how many messages there were.
    """
    still_open = select(alerts.c.key).where(alerts.c.state != "resolved")
    theirs = and_(
        outbox.c.workspace == workspace,
        outbox.c.recipient_id == recipient_id,
        outbox.c.status == "dead",
        outbox.c.last_error.startswith(NO_USER, autoescape=True),
        outbox.c.alert_key.in_(still_open),
    )
    due = {"status": "pending", "next_at": outbox.c.created_at}
    changed = await tx.execute(update(outbox).where(theirs).values(**due).returning(outbox.c.id))
    return len(changed.all())


async def is_parked(connection: AsyncConnection, workspace: str) -> bool:
    """Does the workspace have messages that wait for it to come back?"""
    parked = and_(outbox.c.workspace == workspace, outbox.c.status == "parked")
    return (await connection.execute(select(outbox.c.id).where(parked).limit(1))).first() is not None


async def cancel_untold(tx: AsyncConnection, alert_key: str, said: str) -> None:
    """Drop the posts of an alert that nobody has seen yet."""
    untold = and_(
        outbox.c.alert_key == alert_key, outbox.c.kind == "post", outbox.c.status.in_(("pending", "parked"))
    )
    await tx.execute(update(outbox).where(untold).values(status="cancelled", last_error=said))


async def told(tx: AsyncConnection, alert_key: str) -> list[tuple[str, str, str]]:
    """Posts of an alert that somebody saw or may have seen: dedup_key, recipient_id, recipient_email."""
    columns = (outbox.c.dedup_key, outbox.c.recipient_id, outbox.c.recipient_email)
    posts = and_(outbox.c.alert_key == alert_key, outbox.c.kind == "post")
    seen = select(*columns).where(posts, outbox.c.status.in_(("sending", "sent")))
    rows = await tx.execute(seen.order_by(outbox.c.id))
    return [(row.dedup_key, row.recipient_id, row.recipient_email) for row in rows]


@dataclass(frozen=True, slots=True)
class Status:
    """The outbox for the status page: messages by status, the oldest unsent, and the dead letters."""

    counts: dict[str, int]
    oldest: datetime | None
    letters: tuple[str, ...]


async def status(connection: AsyncConnection, workspace: str) -> Status:
    """How delivery is doing in a workspace; the letters say why each was not delivered, newest first."""
    here = outbox.c.workspace == workspace
    by_status = select(outbox.c.status, func.count().label("number")).where(here).group_by(outbox.c.status)
    counts = {row.status: row.number for row in await connection.execute(by_status)}
    unsent = select(func.min(outbox.c.created_at)).where(here, outbox.c.status.in_(UNFINISHED))
    dead = select(outbox.c.last_error).where(here, outbox.c.status == "dead").order_by(outbox.c.id.desc())
    letters = await connection.scalars(dead.limit(20))
    return Status(counts, await connection.scalar(unsent), tuple(letters))


def _ours(row: Delivery) -> ColumnElement[bool]:
    return and_(
        outbox.c.id == row.id,
        outbox.c.status == "sending",
        outbox.c.owner == row.owner,
        outbox.c.attempts == row.attempts,
    )


async def _change(tx: AsyncConnection, which: ColumnElement[bool], **values: Any) -> bool:
    changed = await tx.execute(update(outbox).where(which).values(**values).returning(outbox.c.id))
    return changed.first() is not None
