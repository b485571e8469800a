"""A clock one can turn, findings in a line, and a courier between memory and the playground."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import or_, select

from analytics.facts import Ending, Fact, Finding, Unit
from analytics.generation import PersonRow
from bot.alerting import outbox
from bot.alerting.delivery import Courier, posting
from bot.alerting.desk import Desk
from bot.alerting.outbox import Message, Recipient
from bot.alerting.standing import Standing, State
from bot.memory import Memory
from bot.memory.tables import outbox as rows
from bot.playground import Playground
from bot.settings import Settings
from bot.settings import load as load_settings

MONDAY = datetime(2024, 7, 22, 10, tzinfo=UTC)  #: in everybody's working time
PEOPLE = {
    person.person_id: person
    for person in (
        PersonRow("rep_1", "Priya", "priya@example.com", "rep", "mgr_1", None),
        PersonRow("rep_2", "Carla", "carla@example.com", "rep", "mgr_1", None),
        PersonRow("mgr_1", "Dana", "dana@example.com", "manager", None, None),
    )
}
PRIYA = Recipient("rep_1", "Priya", "priya@example.com")
DANA = Recipient("mgr_1", "Dana", "dana@example.com", "manager")


@dataclass
class Clock:
    """A wall clock that moves when told."""

    time: datetime = datetime(2024, 7, 20, 10, tzinfo=UTC)

    def now(self) -> datetime:
        """The moment it shows."""
        return self.time

    def seconds(self) -> float:
        """The same, for the playground."""
        return self.time.timestamp()

    def turn(self, **by: float) -> None:
        """Move it: `turn(minutes=2)`."""
        self.time += timedelta(**by)


def finding(
    deal_id: str = "D1", *, amount: int = 90_000, owner: str = "rep_1", rule: str = "stalled", **changed
) -> Finding:
    """A deal in Demo without activity for 20 days, as of 2024-07-22 unless told otherwise."""
    as_of = changed.pop("as_of", MONDAY.date())
    figures = {
        "amount": fact("amount", deal_id, amount, Unit.MONEY, as_of),
        "days_since_activity": fact("days_since_activity", deal_id, 20, Unit.DAYS, as_of),
    }
    usual = {"level": "P1", "subject": "deal", "manager_id": "mgr_1", "causes": ("days_since_activity",)}
    names = {"deal": f"Deal {deal_id}", "account": "", "stage": "Demo", "owner": owner, "next_step": ""}
    known = {"rule": rule, "subject_id": deal_id, "owner_id": owner, "names": names, "figures": figures}
    return Finding(**({"as_of": as_of, "generation": f"g-{as_of}"} | usual | known | changed))


def end_of(told: Finding, reason: str = "activity", day: date | None = None) -> Ending:
    """Why a finding holds no more."""
    day = day or told.as_of
    return Ending(
        subject_id=told.subject_id, reason=reason, names={}, figures={}, as_of=day, generation=f"g-{day}"
    )


def plain(found: Finding, recipient: Recipient, standing: Standing) -> tuple[str, list[dict]]:
    """An alert in a few words, as one person sees it."""
    so_far = {
        State.RESOLVED: f"over: {standing.ending.reason if standing.ending else ''}",
        State.ACTED: f"{standing.by} did {standing.acted}",
    }
    said = so_far.get(standing.state, str(standing.state)) + (" escalated" if standing.escalated else "")
    return f"{found.level} {found.subject_id} for {recipient.role}: {said}", []


def desk(now: datetime = MONDAY, **changed) -> Desk:
    """Priya and Carla report to Dana; nobody reviews, and no lot is drawn."""
    given = {name: changed.pop(name) for name in [*changed] if name in Settings.model_fields}
    settings = load_settings(**({"pilot_days": 0, "silent_share": 0} | given))
    usual = {"workspace": settings.workspace, "render": plain, "people": PEOPLE, "now": now}
    usual["settings"] = settings
    return Desk(**(usual | changed))


def fact(metric: str, deal_id: str, value: int, unit: Unit, as_of: date) -> Fact:
    """One figure of a deal."""
    return Fact(
        id=f"{metric}/deal={deal_id}",
        metric=metric,
        value=Decimal(value),
        unit=unit,
        entity=f"deal={deal_id}",
        period="",
        as_of=as_of,
        generation=f"g-{as_of}",
    )


def post(key: str = "a1", *, to: Recipient = PRIYA, **changed) -> Message:
    """A message to Priya."""
    usual = {"dedup_key": key, "workspace": "main", "kind": "post", "recipient": to, "text": f"about {key}"}
    return Message(**(usual | changed))


@dataclass
class Office:
    """Memory, a local Slack, and the courier between them, on one clock."""

    memory: Memory
    slack: Playground
    courier: Courier
    clock: Clock

    async def write(self, *messages: Message) -> list[bool]:
        """Put messages into the outbox."""
        async with self.memory.write() as tx:
            return [await outbox.enqueue(tx, message, self.clock.now()) for message in messages]

    async def turns(self, number: int = 1, **apart: float) -> None:
        """So many turns of the courier, with time passing after each."""
        for _ in range(number):
            await self.courier.turn()
            self.clock.turn(**apart)

    async def is_busy(self) -> bool:
        """Is there anything to be delivered now?"""
        waits = (rows.c.status == "pending") & (rows.c.next_at <= self.clock.now())
        due = or_(rows.c.status == "sending", waits)
        async with self.memory.read() as connection:
            return (await connection.execute(select(rows.c.id).where(due).limit(1))).first() is not None

    async def statuses(self) -> dict[str, str]:
        """Status of every row, by key."""
        async with self.memory.read() as connection:
            found = await connection.execute(select(rows.c.dedup_key, rows.c.status).order_by(rows.c.id))
            return {row.dedup_key: row.status for row in found}

    async def status(self) -> outbox.Status:
        """The outbox as the status page shows it."""
        async with self.memory.read() as connection:
            return await outbox.status(connection, "main")

    def read_by(self, person: str) -> list[str]:
        """Texts a person sees, oldest first."""
        return [message.text for message in self.slack.sees(person)]


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[Office]:
    """An office in a folder of its own."""
    clock = Clock()
    url = f"sqlite+aiosqlite:///{folder / 'memory.sqlite'}"
    async with Memory.open(url, now=clock.now) as memory, Playground(clock=clock.seconds) as slack:
        yield Office(memory, slack, courier(memory, slack, clock), clock)


def courier(memory: Memory, slack: Playground, clock: Clock, owner: str = "one") -> Courier:
    """A process that delivers."""
    reads = AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
    posts = posting(reads, timedelta(seconds=1))
    return Courier(memory, posts=posts, reads=reads, workspace="main", owner=owner, now=clock.now)
