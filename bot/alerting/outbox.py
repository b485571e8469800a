"""The outbox: messages written down before they are sent, and who may send which now.

Every function runs inside a transaction of `Memory`. The life of a row:

    pending -> sending -> sent          the usual way
    sending -> pending                  surely not delivered (or looked for and not found)
    sending -> sending                  nobody knows; when the lease ends, somebody looks
    sending -> pending, no place        the channel refused it: to the recipient's direct messages
    pending -> parked -> pending        the workspace is down, and up again
    -> dead | cancelled                 refused for good | no longer worth telling

`attempts` grows with every turn and, with `owner`, tells one turn from another (the fence). A lane is where
messages queue: a channel, or one person's direct messages.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Select, and_, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alerting.standing import State
from bot.memory.engine import insert
from bot.memory.tables import alerts, outbox

EVENT_TYPE = "dealcoach_alert"  # of the metadata on every message
LONGEST_TEXT = 3_000  # characters kept of a text that was too long, as in a section block
NO_USER = "no Slack user"  # how the letter begins that had no address
UNFINISHED = ("pending", "sending", "parked")
NO_LEASE_IS_LONGER = timedelta(hours=1)
NOTICED = "told to ops"  # owner of a dead letter that somebody was told of
NOTICE = "notice:"  # how the key of a message begins that tells ops of others

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
    """What to say to whom. `chain` names the post that an update edits or a reply answers."""

    dedup_key: str
    workspace: str
    kind: str  # post, update, reply
    recipient: Recipient
    text: str
    blocks: Blocks | None = None
    chain: str = ""
    alert_key: str | None = None
    place: str = ""  # a channel; "": direct messages of the recipient
    due: datetime | None = None  # not before; None: now
    not_after: datetime | None = None  # old news after that


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
    place: str
    alert_key: str | None
    owner: str
    attempts: int
    first_attempt_at: datetime | None
    channel: str | None
    post_ts: str | None  # of the message that an update edits or a reply answers

    @property
    def mark(self) -> str:
        """What its message is found by; an edited message keeps that of its post."""
        return mark(self.dedup_key if self.kind == "reply" else self.chain)


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
        next_at=message.due or now,
        last_error="",
        created_at=now,
        place=message.place,
        not_after=message.not_after,
    )
    return (await tx.execute(row.on_conflict_do_nothing().returning(outbox.c.id))).first() is not None


async def claim(
    tx: AsyncConnection,
    workspace: str,
    *,
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    pace: timedelta = timedelta(0),
) -> list[Delivery]:
    """Take up to `limit` messages that are due: the oldest of each lane, an edit or a reply after its post.

    What is no longer worth telling is cancelled. Nothing is taken while the workspace is down.

    Args:
        pace: nothing of a lane in which any process began to send so lately.
    """
    await expire(tx, workspace, now)
    if await is_parked(tx, workspace):
        return []
    due, rows = outbox.alias("due"), outbox.alias("rows")
    waits = and_(due.c.workspace == workspace, due.c.status == "pending", due.c.next_at <= now)
    busy = _busy(workspace, now + lease - pace, now + lease)
    heads = select(func.min(due.c.id)).where(waits, _first_in_chain(due), _lane(due).not_in(busy))
    still = and_(rows.c.status == "pending", rows.c.next_at <= now)
    ids = select(rows.c.id).where(rows.c.id.in_(heads.group_by(_lane(due))), still)
    return await _take(tx, _locked(ids, rows, limit), owner, now + lease)


def _lane(row: FromClause) -> ColumnElement[str]:
    """The channel asked for, else whose direct messages."""
    return case((row.c.place != "", row.c.place), else_=row.c.recipient_id)


def _busy(workspace: str, since: datetime, until: datetime) -> Select[str]:
    """Lanes in which a lease began lately: of that kind are `next_at` of what is sending and was sent."""
    lately = and_(outbox.c.next_at > since, outbox.c.next_at <= until)
    tried = outbox.c.status.in_(("sending", "sent"))
    return select(_lane(outbox)).where(outbox.c.workspace == workspace, tried, lately)


async def expire(tx: AsyncConnection, workspace: str, now: datetime) -> None:
    """Cancel what waited until it was old news."""
    old = and_(
        outbox.c.workspace == workspace,
        outbox.c.status.in_(("pending", "parked")),
        outbox.c.not_after < now,
    )
    await tx.execute(update(outbox).where(in_order(old)).values(status="cancelled", last_error="old news"))


async def claim_unknown(
    tx: AsyncConnection, workspace: str, *, owner: str, now: datetime, lease: timedelta, limit: int
) -> list[Delivery]:
    """Take messages whose sender did not come back before its lease ended: they may have arrived."""
    rows = outbox.alias("rows")
    over = and_(rows.c.workspace == workspace, rows.c.status == "sending", rows.c.next_at <= now)
    return await _take(tx, _locked(select(rows.c.id).where(over), rows, limit), owner, now + lease)


def _first_in_chain(row: FromClause) -> ColumnElement[bool]:
    """Is what it follows settled: its post, and what came before of its kind?

    An edit never waits for what is said in the thread, which may be due next morning only; nor that for it.
    """
    earlier = outbox.alias("earlier")
    same = and_(earlier.c.chain == row.c.chain, earlier.c.id < row.c.id)
    follows = or_(earlier.c.kind == "post", earlier.c.kind == row.c.kind)
    return ~select(earlier.c.id).where(same, follows, earlier.c.status.in_(UNFINISHED)).exists()


def _locked(ids: Select[tuple[int]], rows: FromClause, limit: int) -> Select[tuple[int]]:
    """The oldest rows that no other process is taking at this moment."""
    return ids.order_by(rows.c.id).limit(limit).with_for_update(skip_locked=True)


async def _take(tx: AsyncConnection, ids: Select[tuple[int]], owner: str, until: datetime) -> list[Delivery]:
    chosen = ids.cte("chosen")  # looked for once, whatever plan the database makes
    taken = await tx.execute(
        update(outbox)
        .where(outbox.c.id.in_(select(chosen.c.id)))
        .values(status="sending", owner=owner, next_at=until, attempts=outbox.c.attempts + 1)
        .returning(outbox)
    )
    found = [await _delivery(tx, row) for row in taken.all()]
    return sorted(found, key=lambda delivery: delivery.id)


async def _delivery(tx: AsyncConnection, row: Row[Any]) -> Delivery:
    """The row as a value; an edit and a reply know the channel and time stamp of their post."""
    channel, ts = row.channel, None
    if row.kind != "post":
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
        place=row.place,
        alert_key=row.alert_key,
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


async def strip(
    tx: AsyncConnection, row: Delivery, *, blocks: Blocks | None, now: datetime, said: str
) -> bool:
    """Slack refused its form: once more with plainer blocks; without any, no longer than a section may be."""
    text = row.text if blocks else row.text[:LONGEST_TEXT]
    kept = json.dumps(blocks) if blocks else None
    return await _change(
        tx, _ours(row), status="pending", next_at=now, blocks=kept, text=text, last_error=said
    )


async def redirect(tx: AsyncConnection, row: Delivery, *, now: datetime, said: str) -> bool:
    """It cannot be told in the channel asked for: to the recipient's direct messages."""
    anew = {"place": "", "channel": None, "first_attempt_at": None}
    return await _change(tx, _ours(row), status="pending", next_at=now, last_error=said, **anew)


async def bury(tx: AsyncConnection, row: Delivery, said: str) -> bool:
    """It will never be delivered: a dead letter, shown on the status page."""
    return await _change(tx, _ours(row), status="dead", last_error=said, owner="")


async def drop(tx: AsyncConnection, row: Delivery, said: str) -> bool:
    """It is no longer worth telling."""
    return await _change(tx, _ours(row), status="cancelled", last_error=said)


async def pause(tx: AsyncConnection, row: Delivery, until: datetime) -> None:
    """Slack asked for a pause: nothing goes to this lane before `until`.

    Edits have one limit for the whole workspace, so all of them wait.
    """
    lane = _lane(outbox) == (row.place or row.recipient_id)
    waiting = and_(
        outbox.c.workspace == row.workspace,
        or_(lane, outbox.c.kind == "update") if row.kind == "update" else lane,
        outbox.c.status == "pending",
        outbox.c.next_at < until,
    )
    await tx.execute(update(outbox).where(in_order(waiting)).values(next_at=until))


async def park(tx: AsyncConnection, workspace: str, said: str) -> None:
    """The workspace is down: keep all its messages without trying them."""
    waiting = and_(outbox.c.workspace == workspace, outbox.c.status == "pending")
    await tx.execute(update(outbox).where(in_order(waiting)).values(status="parked", last_error=said))


async def resume(tx: AsyncConnection, workspace: str) -> int:
    """The workspace is back: its parked messages are due again. Returns how many there were."""
    parked = and_(outbox.c.workspace == workspace, outbox.c.status == "parked")
    return await _count(tx, parked, status="pending")


async def address(tx: AsyncConnection, workspace: str, recipient_id: str) -> int:
    """Somebody nobody knew in Slack is known now: what they were not told and still matters is due again.

    That is of alerts nobody answered yet, and what has its own end. Returns how many messages there were.
    """
    unanswered = select(alerts.c.key).where(alerts.c.state == State.TOLD)
    theirs = and_(
        outbox.c.workspace == workspace,
        outbox.c.recipient_id == recipient_id,
        outbox.c.status == "dead",
        outbox.c.last_error.startswith(NO_USER, autoescape=True),
        or_(outbox.c.alert_key.in_(unanswered), outbox.c.not_after.is_not(None)),
    )
    return await _count(tx, theirs, status="pending", owner="", next_at=outbox.c.created_at)


async def mend(tx: AsyncConnection, workspace: str, now: datetime, lease: timedelta, skew: timedelta) -> int:
    """The wall clock went back: what it wrote down ahead of its time must not wait until it has caught up.

    A lease that is longer than any starts anew; what was written or tried in the future is due.
    """
    here = outbox.c.workspace == workspace
    far = and_(here, outbox.c.status == "sending", outbox.c.next_at > now + NO_LEASE_IS_LONGER)
    ahead = or_(outbox.c.created_at > now + skew, outbox.c.first_attempt_at > now + skew)
    early = and_(here, outbox.c.status == "pending", outbox.c.next_at > now, ahead)
    return await _count(tx, far, next_at=now + lease) + await _count(tx, early, next_at=now)


async def is_parked(connection: AsyncConnection, workspace: str) -> bool:
    """Does the workspace have messages that wait for it to come back?"""
    parked = and_(outbox.c.workspace == workspace, outbox.c.status == "parked")
    return (await connection.execute(select(outbox.c.id).where(parked).limit(1))).first() is not None


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


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that was never delivered, to whom, and why."""

    id: int
    dedup_key: str
    recipient_id: str
    said: str


async def letters(connection: AsyncConnection, workspace: str) -> list[Letter]:
    """Dead letters that nobody was told of yet, oldest first."""
    columns = (outbox.c.id, outbox.c.dedup_key, outbox.c.recipient_id, outbox.c.last_error)
    dead = and_(
        outbox.c.workspace == workspace,
        outbox.c.status == "dead",
        outbox.c.owner != NOTICED,
        ~outbox.c.dedup_key.startswith(NOTICE, autoescape=True),
    )
    rows = await connection.execute(select(*columns).where(dead).order_by(outbox.c.id))
    return [Letter(*row) for row in rows]


async def noticed(tx: AsyncConnection, told: list[Letter]) -> None:
    """Somebody was told of these dead letters."""
    await _count(tx, outbox.c.id.in_([letter.id for letter in told]), owner=NOTICED)


async def overdue(connection: AsyncConnection, workspace: str, before: datetime) -> list[str]:
    """Keys of messages that should have gone out, or been looked for, by then; not what waits for a post."""
    late = and_(outbox.c.workspace == workspace, outbox.c.next_at < before)
    ready = and_(outbox.c.status == "pending", _first_in_chain(outbox))
    rows = select(outbox.c.dedup_key).where(late, or_(ready, outbox.c.status == "sending"))
    return list(await connection.scalars(rows.order_by(outbox.c.id)))


def in_order(which: ColumnElement[bool]) -> ColumnElement[bool]:
    """These rows, locked one after the other by id: two processes that change many never wait in a circle."""
    locked = select(outbox.c.id).where(which).order_by(outbox.c.id).with_for_update()
    return outbox.c.id.in_(select(locked.cte("locked").c.id))


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


async def _count(tx: AsyncConnection, which: ColumnElement[bool], **values: Any) -> int:
    """Change these rows; how many there were."""
    changed = await tx.execute(update(outbox).where(in_order(which)).values(**values).returning(outbox.c.id))
    return len(changed.all())
