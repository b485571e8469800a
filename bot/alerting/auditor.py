"""What should have been told and was not: memory at a moment in, what is wrong with delivery out. Reads only.

Nothing here delivers anything: a message that is late still goes its own way, and people look at the rest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.facts import Fact, Unit
from bot.alerting import book, outbox
from bot.alerting.outbox import Letter
from bot.alerting.standing import State
from bot.memory.engine import insert
from bot.memory.tables import alerts, slots
from bot.memory.tables import outbox as messages
from bot.narrator.claims import Claim, listed, say

OVERDUE = timedelta(minutes=10)  #: ten times a lease: what is later than that did not just wait for its turn
TRIES = 3  #: of a piece of scheduled work, after which its failure is told
SHOWN = 3  #: examples in one sentence
SEEN = "audit:seen"  #: slots of this name say when a piece of work was first seen to be due

Due = Mapping[str, Sequence[str]]  #: job -> keys of slots that may be due, done or not


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: `audit.<what>` is its sentence, `keys` are what it is about."""

    what: str
    keys: tuple[str, ...] = ()

    def sentence(self, day: date) -> Claim:
        """What ops read of it."""
        return say(
            f"audit.{self.what}", count=_count(len(self.keys), day), examples=listed(self.keys[:SHOWN])
        )


async def audit(tx: AsyncConnection, workspace: str, due: Due, now: datetime) -> list[Fault]:
    """What is wrong with delivery at this moment; [] when all is well.

    Writes down only which due work it saw first when, to tell late work from new.
    """
    late = now - OVERDUE
    found = {
        "unwritten": await _unwritten(tx, workspace),
        "waiting": await outbox.overdue(tx, workspace, late),
        "parked": await _parked(tx, workspace),
        "sweep": [workspace] if await book.is_anything_due(tx, workspace, late) else [],
        "failing": await _failing(tx, late),
        "undone": await _undone(tx, due, now),
    }
    return [Fault(what, tuple(keys)) for what, keys in found.items() if keys]


def undelivered(letters: Sequence[Letter], day: date) -> Claim:
    """What ops are told of dead letters: how many, and why the last of them."""
    last = letters[-1]
    return say("audit.letters", count=_count(len(letters), day), person=last.recipient_id, said=last.said)


async def _unwritten(connection: AsyncConnection, workspace: str) -> list[str]:
    """Alerts that count as told, of which no message was written, or only such as were cancelled."""
    of_it = and_(messages.c.alert_key == alerts.c.key, messages.c.kind == "post")
    written = select(messages.c.id).where(of_it, messages.c.status != "cancelled").exists()
    told = and_(
        alerts.c.workspace == workspace,
        alerts.c.state == State.TOLD,
        alerts.c.resolved_on.is_(None),
        alerts.c.until.is_(None),  # snoozed before anybody saw it
    )
    return list(await connection.scalars(select(alerts.c.key).where(told, ~written).order_by(alerts.c.key)))


async def _parked(connection: AsyncConnection, workspace: str) -> list[str]:
    """Messages that wait for the workspace to take our token again."""
    parked = and_(messages.c.workspace == workspace, messages.c.status == "parked")
    rows = select(messages.c.dedup_key).where(parked).order_by(messages.c.id)
    return list(await connection.scalars(rows))


async def _failing(connection: AsyncConnection, late: datetime) -> list[str]:
    """Work that failed again and again, or whose process vanished and nobody took it over."""
    again = and_(slots.c.state == "failed", slots.c.attempts >= TRIES)
    vanished = and_(slots.c.state == "running", slots.c.lease_until < late)
    rows = select(slots.c.job, slots.c.slot_key).where(or_(again, vanished))
    found = await connection.execute(rows.order_by(slots.c.job, slots.c.slot_key))
    return [f"{row.job} {row.slot_key}" for row in found]


async def _undone(tx: AsyncConnection, due: Due, now: datetime) -> list[str]:
    """Work that has been due for long, and that nobody even began: a digest nobody got."""
    late: list[str] = []
    for job, keys in due.items():
        begun = set(await tx.scalars(select(slots.c.slot_key).where(slots.c.job == job)))
        for key in set(keys) - begun:
            since = await _first_seen(tx, f"{job} {key}", now)
            late += [f"{job} {key}"] if since <= now - OVERDUE else []
    return sorted(late)


async def _first_seen(tx: AsyncConnection, name: str, now: datetime) -> datetime:
    """When an audit saw this first."""
    new = insert(tx, slots).values(
        job=SEEN, slot_key=name, state="done", owner="", lease_until=now, attempts=1
    )
    await tx.execute(new.on_conflict_do_nothing())
    mine = and_(slots.c.job == SEEN, slots.c.slot_key == name)
    since: datetime = (await tx.execute(select(slots.c.lease_until).where(mine))).scalar_one()
    return since


def _count(number: int, day: date) -> Fact:
    return Fact(
        id="messages/all",
        metric="messages",
        value=Decimal(number),
        unit=Unit.COUNT,
        entity="all",
        period="",
        as_of=day,
        generation="",
    )
