"""A quarter acted out: a load each night, our jobs and courier, a local Slack, people who answer at random.

`Play` turns the clock and lets everything happen that is due; `tests/ledger.py` measures what people got.
"""

import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random

import time_machine
from sqlalchemy import func, select

from analytics import publish, store
from bot import jobs, schedule
from bot import settings as config
from bot import work as working
from bot.alerting import clicks, lifecycle, preferences
from bot.alerting.interventions import Action
from bot.alerting.preferences import Preferences
from bot.coach import Coach
from bot.demo import members
from bot.jobs import AUDIT, Work
from bot.memory import Memory
from bot.memory.tables import outbox
from bot.playground import Message, Playground
from bot.settings import Settings
from data.mendable import Mendable
from tests.dated import History, switch

DAY = timedelta(days=1)
LOADED_AT = time(5)
#: When we look in, in UTC: the load is there, digests of three zones, and through the working day.
MOMENTS = (time(5, 10), time(8, 1), time(9, 30), time(12, 1), time(15), time(17, 30), time(20), time(23, 10))
ZONES = ("America/New_York", "Asia/Tokyo", "Europe/Berlin")

#: What somebody does with an alert they have not answered, each time they look at it.
ANSWERS = {"ack": 0.12, "log": 0.10, "snooze": 0.08, "not_useful": 0.05, "dismiss": 0.04, "nothing": 0.61}

FINAL = ("log", "not_useful", "dismiss", "pass", "hold")  #: after these nobody answers the same again


@dataclass(frozen=True, slots=True)
class Recorded:
    """The numbers of each day, made once by the real refresh: the load, its generation, the week before."""

    folder: Path
    history: History
    days: tuple[date, ...]

    @property
    def home(self) -> Path:
        """Where the loads lie."""
        return self.folder / "home"

    def load(self, day: date) -> str:
        """The id of the load of a day."""
        return f"load-{day.isoformat()}"

    def generation(self, day: date) -> Path | None:
        """The file of the numbers of a day, if they were kept."""
        return next(iter((self.folder / "gens").glob(f"g*-{day.isoformat()}.sqlite")), None)

    def week_before(self, day: date) -> Path | None:
        """The replay of seven days before, by the load of the day, if it was kept."""
        path = self.folder / "gens" / f"{store.replay_name(day - 7 * DAY, self.load(day))}.sqlite"
        return path if path.exists() else None


def place(recorded: Recorded, home: Path, day: date) -> None:
    """The load of a day arrives in a data folder; with its numbers, if they were made before."""
    load_id = recorded.load(day)
    loads = home / "tables"
    loads.mkdir(parents=True, exist_ok=True)
    if not (loads / load_id).exists():
        (loads / load_id).symlink_to(recorded.home / "tables" / load_id)
    switch(home, load_id)
    made, before = recorded.generation(day), recorded.week_before(day)
    shelf = publish.current(home)
    if made is not None and not shelf.path(made.stem).exists():
        with shelf.alone():
            shutil.copyfile(made, shelf.draft)
            shelf.add(made.stem)
    if before is not None:
        (store.folder(home) / "asof").mkdir(parents=True, exist_ok=True)
        shutil.copyfile(before, store.folder(home) / "asof" / before.name)


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes wrong when: nights without a load, of an older load, times at which the machine is off."""

    no_load: frozenset[date] = frozenset()
    rolled_back: Mapping[date, date] = field(default_factory=dict)  # night -> day whose load is put back
    off: tuple[tuple[datetime, datetime], ...] = ()
    changes: Mapping[date, Callable[["Play"], Awaitable[None]]] = field(default_factory=dict)

    def is_off(self, moment: datetime) -> bool:
        """Does nothing run at this moment?"""
        return any(start <= moment < end for start, end in self.off)


@dataclass
class Play:
    """The bot, its jobs, Slack, and the people, at one moment of a turned clock."""

    slack: Playground
    work: Work
    coach: Coach
    clock: time_machine.Traveller
    rng: Random
    recorded: Recorded
    seen: list[tuple[datetime, str]] = field(default_factory=list)  # what people did, when
    done: dict[str, str] = field(default_factory=dict)  # message -> last answer

    @property
    def memory(self) -> Memory:
        """Where alerts are."""
        return self.work.memory

    def set(self, **changed: object) -> None:
        """Another setting from now on, as after a restart."""
        settings = self.work.settings.model_copy(update=changed)
        self.work, self.coach.settings = replace(self.work, settings=settings), settings

    async def at(self, moment: datetime, *, answers: bool = True) -> None:
        """It is this moment: jobs and deliveries run, and some people look."""
        self.clock.move_to(moment)
        for job in (one for one in jobs.JOBS if one is not AUDIT):
            await schedule.tick(self.work, job)
        await self.deliver()  # which goes on all the time; so nothing is late by the leaps of our clock
        if answers:
            await self.answer()
            await self.deliver()
        await schedule.tick(self.work, AUDIT)

    async def deliver(self) -> None:
        """Everything that may go out now does; a lane takes a message a second."""
        while await self._waiting():
            if not await self.work.courier.turn():
                self.clock.shift(1)

    async def _waiting(self) -> int:
        ready = (outbox.c.status == "pending") & (outbox.c.next_at <= self.work.now())
        first = select(func.min(outbox.c.id)).where(outbox.c.status.in_(("pending", "sending", "parked")))
        async with self.memory.read() as connection:
            heads = first.group_by(outbox.c.chain)
            found = select(func.count()).where(ready, outbox.c.id.in_(heads))
            return int(await connection.scalar(found) or 0)

    # ------------------------------------------------------------ people

    async def answer(self) -> None:
        """Everybody may look at alerts that wait for an answer, and do what they like."""
        for person in [one for one in self.slack.workspace.people.values() if one.name != "dealcoach"]:
            for message in self.slack.direct(person.name).messages:
                buttons = waiting(message) if message.by_bot and message.ts not in self.done else {}
                if buttons and self.rng.random() < 0.25:
                    await self._one(person.name, message, buttons)

    async def _one(self, name: str, message: Message, buttons: Mapping[str, str]) -> None:
        choices = {one: share for one, share in ANSWERS.items() if one in (*buttons, "nothing")}
        if set(buttons) & {"pass", "hold"}:
            choices = {"pass": 0.5, "hold": 0.2, "nothing": 0.3}
        [choice] = self.rng.choices([*choices], [*choices.values()])
        if choice == "nothing":
            return
        try:
            await self.act(name, choice, buttons[choice])
        except Mendable as refused:
            self.seen.append((self.work.now(), f"{name}: {choice} refused: {type(refused).__name__}"))
        else:
            self.seen.append((self.work.now(), f"{name}: {choice}"))
            if choice in FINAL:
                self.done[message.ts] = choice

    async def act(self, name: str, choice: str, key: str) -> None:
        """What the listener of a button does, for one person."""
        user = self.slack.workspace.person(name).id
        inquiry = await self.coach.asked_by(user, self.work.courier.reads)
        async with clicks.counter(inquiry) as at:
            match choice:
                case "ack":
                    await lifecycle.acknowledge(at.tx, key, at.viewer, at.desk)
                case "log":
                    alert = await lifecycle.book.find(at.tx, at.workspace, key)
                    await clicks.logged(at, self._action(key, alert.finding.subject_id, at.viewer.person_id))
                case "snooze":
                    days = self.rng.choice((1, 7, 30))
                    await lifecycle.snooze(at.tx, key, at.viewer, days, at.desk)
                case "not_useful":
                    await lifecycle.useful(at.tx, key, at.viewer, False, at.desk, "no news")
                case "dismiss":
                    await lifecycle.dismiss(at.tx, key, at.viewer, "in hand", at.desk)
                case "pass":
                    await lifecycle.release(at.tx, key, at.viewer, at.desk)
                case "hold":
                    await lifecycle.withhold(at.tx, key, at.viewer, "Already in hand", at.desk)

    def _action(self, key: str, deal_id: str, person_id: str) -> Action:
        now = self.work.now()
        return Action(
            key=f"{key}:{now.isoformat()}",
            deal_id=deal_id,
            alert_key=key,
            what="Called the buyer",
            done_on=now.date(),
            person_id=person_id,
        )

    async def choose(self, share: float = 0.25) -> None:
        """Some people live elsewhere."""
        async with self.memory.write() as tx:
            for person in store.current(self.work.home).people():
                if self.rng.random() < share:
                    chosen = Preferences(zone=self.rng.choice(ZONES))
                    await preferences.keep(tx, self.work.workspace, person.person_id, chosen, self.work.now())


def waiting(message: Message) -> Mapping[str, str]:
    """The buttons of an alert's message by what they do, each with the key it carries."""
    found: dict[str, str] = {}
    for block in message.blocks:
        for element in block.get("elements", ()) if block["type"] == "actions" else ():
            kind, _, what = str(element.get("action_id", "")).partition(".")
            if kind in ("alert", "review"):
                key = element.get("value") or str(block.get("block_id", "")).partition(":")[2]
                found[what] = key
    return found


@asynccontextmanager
async def staged(recorded: Recorded, home: Path, *, seed: int = 1, **settings: object) -> AsyncIterator[Play]:
    """Everything in place on the eve of the first day."""
    first = recorded.days[0]
    eve = datetime.combine(first, LOADED_AT, UTC)
    with time_machine.travel(eve, tick=True) as clock:
        place(recorded, home, first)
        known: Settings = config.load(home=home, **settings)
        people = people_of(recorded)
        async with Memory.open(known.memory_url) as memory, Playground(members(people)) as slack:
            told = config.load(
                slack_bot_token=slack.bot_token,
                slack_app_token=slack.app_token,
                slack_api_url=slack.api_url,
                home=home,
                **settings,
            )
            play = Play(
                slack, working.assembled(told, memory), Coach(told, memory), clock, Random(seed), recorded
            )
            yield play


def people_of(recorded: Recorded):
    """Everybody who ever was in the CRM."""
    return store.opened(recorded.generation(recorded.days[0])).people()


async def acted(play: Play, plan: Plan = Plan(), moments: tuple[time, ...] = MOMENTS) -> None:
    """All days, one after the other."""
    await play.choose()
    for day in play.recorded.days:
        if day in plan.rolled_back:
            place(play.recorded, play.work.home, plan.rolled_back[day])
        elif day not in plan.no_load:
            place(play.recorded, play.work.home, day)
        if day in plan.changes:
            await plan.changes[day](play)
        for moment in _moments(day, moments):
            if not plan.is_off(moment):
                await play.at(moment, answers=day.weekday() < 5)


def _moments(day: date, moments: tuple[time, ...]) -> Iterator[datetime]:
    chosen = moments if day.weekday() < 5 else (moments[0], moments[len(moments) // 2])
    return (datetime.combine(day, at, UTC) for at in chosen)


def record(
    folder: Path,
    history: History,
    days: tuple[date, ...],
    progress: Callable[[str], None] = lambda _: None,
    without: frozenset[date] = frozenset(),
) -> Recorded:
    """Make the load and the numbers of each day, by the real refresh; what is there already is kept.

    `without` are days on which nothing is loaded.
    """
    from analytics import refresh
    from bot import past
    from data import tables

    recorded, previous = Recorded(folder, history, days), None
    (folder / "gens").mkdir(parents=True, exist_ok=True)
    for day in (one for one in days if one not in without):
        load_id = history.write(recorded.home, day, previous)
        previous = load_id
        if recorded.generation(day) is None:
            switch(recorded.home, load_id)
            refresh.refresh(tables.current(recorded.home), recorded.home, day)
            now = store.current(recorded.home)
            before = past.week_before(recorded.home, now)
            if before.id.startswith("asof"):
                shutil.copyfile(before.path, folder / "gens" / before.path.name)
            shutil.copyfile(now.path, folder / "gens" / now.path.name)
            progress(f"{now.id} compared with {before.id}")
    return recorded


def dumped(found: Mapping[str, object]) -> str:
    """Figures as JSON, for a report."""
    return json.dumps(found, indent=1, default=str)
