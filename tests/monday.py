"""A manager's Monday, acted out: a small CRM, our bot and its jobs, a local Slack, a clock that is turned.

`python -m tests.monday` prints what everybody sees; `--pictures FOLDER` also draws it, a picture a scene.
"""

import asyncio
import io
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import time_machine
import typer
from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

from bot import jobs, schedule, terminal
from bot import settings as config
from bot import work as working
from bot.coach import Coach
from bot.memory import Memory
from bot.playground import Message, Playground
from tests.face import workspace
from tests.tables import tables

PEOPLE = [
    {"person_id": "ana", "name": "Ana Lindqvist", "email": "ana@example.com", "role": "cro"},
    {"person_id": "dana", "name": "Dana Weber", "email": "dana@example.com", "role": "manager"},
    *(
        {
            "person_id": name.lower(),
            "name": f"{name} {last}",
            "email": f"{name.lower()}@example.com",
            "manager_id": "dana",
        }
        for name, last in (("Priya", "Shah"), ("Carla", "Rossi"), ("Omar", "Haddad"))
    ),
]
#: Rich's own drawing, without the typeface that it would fetch from the network.
PAPER = re.sub(r"@font-face \{\{.*?\}\}\n", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
FRIDAY = datetime(2024, 7, 19, 9, tzinfo=UTC)

#: id, owner, name, amount, stage, days since the last touch on the Friday, pushes, expected close.
DEALS = (
    ("D03560", "priya", "Fleet renewal", 92_439, "Proposal", 15, 0, "2024-08-30"),
    ("D03571", "priya", "Warehouse", 31_000, "Demo", 22, 0, "2024-09-13"),
    ("D03580", "carla", "Clinic rollout", 64_200, "Negotiation", 3, 2, "2024-08-16"),
    ("D03592", "carla", "Branch pilot", 18_500, "Demo", 6, 0, "2024-07-12"),
    ("D03604", "omar", "Campus licence", 57_900, "Proposal", 2, 0, "2024-09-27"),
    ("D03615", "omar", "Press line", 24_000, "Demo", 30, 0, "2024-08-23"),
)


@dataclass(frozen=True)
class Scene:
    """What one person sees at a moment, and how that came."""

    name: str
    caption: str
    blocks: list[dict]


def load(home: Path, day: str, *, moved: str = "") -> None:
    """The CRM as exported on a day; the deal `moved` went on to Negotiation the day before."""
    deals, events, calls = [], [], []
    for deal_id, owner, name, amount, stage, idle, pushes, due in DEALS:
        known = {"deal_id": deal_id, "rep_id": owner, "name": name, "amount": amount, "deal_type": "new"}
        at = "Negotiation" if deal_id == moved else stage
        deals.append(
            known | {"stage": at, "close_date": due, "next_step": "" if idle > 14 else "Call on Friday"}
        )
        events.append({"deal_id": deal_id, "date": "2024-06-03", "kind": "stage", "new": stage})
        if deal_id == moved:
            events.append(
                {"deal_id": deal_id, "date": "2024-07-23", "kind": "stage", "old": stage, "new": at}
            )
        events += [
            {"deal_id": deal_id, "date": f"2024-06-{10 * n:02}", "kind": "close_date"}
            | {"old": f"2024-0{5 + n}-01", "new": f"2024-0{6 + n}-01"}
            for n in range(1, pushes + 1)
        ]
        touched = FRIDAY.toordinal() - idle
        calls.append(
            {"deal_id": deal_id, "date": datetime.fromordinal(touched).date().isoformat(), "kind": "call"}
        )
    tables(
        home,
        deals=deals,
        events=events,
        activities=calls,
        people=PEOPLE,
        loaded_on=day,
        load_id=f"load-{day}",
    )


@dataclass
class Stage:
    """The bot, its jobs and Slack; `at` turns the clock and lets everything happen that is due."""

    slack: Playground
    work: jobs.Work
    clock: time_machine.Traveller

    async def at(self, moment: datetime) -> None:
        """It is this moment; jobs and deliveries run."""
        self.clock.move_to(moment)
        for job in jobs.JOBS:
            await schedule.tick(self.work, job)
        for _ in range(4):
            await schedule.deliver(self.work)
            self.clock.shift(2)
        await self.slack.idle(0.05)

    def seen(self, person: str) -> list[Message]:
        """What the bot has told somebody, oldest first, replies in threads left out."""
        return [one for one in self.slack.sees(person) if one.by_bot and not one.thread_ts]

    def last(self, person: str, word: str) -> Message:
        """The newest message to somebody whose blocks or text say a word."""
        return [one for one in self.seen(person) if word in one.text + str(one.blocks)][-1]


@asynccontextmanager
async def staged(home: Path) -> AsyncIterator[Stage]:
    """Everything in place on the Thursday before, when the first numbers were judged."""
    with time_machine.travel(datetime(2024, 7, 18, 7, tzinfo=UTC), tick=True) as clock:
        load(home, "2024-07-18")
        settings = config.load(home=home, pilot_days=0, silent_share=0)
        async with Memory.open(settings.memory_url) as memory:
            coach = Coach(settings, memory)
            people = [_person(one) for one in PEOPLE]
            async with workspace(coach, people) as slack:
                work = working.assembled(coach.settings, memory)
                stage = Stage(slack, replace(work), clock)
                await stage.at(datetime(2024, 7, 18, 9, tzinfo=UTC))
                yield stage


def _person(row: dict):
    from analytics.generation import PersonRow

    role = row.get("role", "rep")
    return PersonRow(row["person_id"], row["name"], row["email"], role, row.get("manager_id"), None)


async def acted(home: Path) -> list[Scene]:
    """The scenes of the Monday, from Friday's alert to Wednesday's end."""
    scenes: list[Scene] = []

    def show(name: str, caption: str, message: Message) -> None:
        scenes.append(Scene(name, caption, [*message.blocks]))

    async with staged(home) as stage:
        load(home, "2024-07-19")
        await stage.at(FRIDAY)
        show("1-owner", "Friday 9:00. Priya is told", stage.last("priya", "$92,439"))
        await stage.at(datetime(2024, 7, 22, 8, 1, tzinfo=UTC))
        show("2-digest", "Monday 8:00. Dana's digest", stage.seen("dana")[-1])
        await stage.at(datetime(2024, 7, 22, 9, 5, tzinfo=UTC))
        alert = stage.last("dana", "$92,439")
        show("3-alert", "Monday 9:05. Priya has not answered within a working day: Dana is told", alert)
        await stage.slack.click(alert, "alert.ack", "dana")
        await stage.at(datetime(2024, 7, 22, 9, 10, tzinfo=UTC))
        show("4-acknowledged", "Dana clicks I've got it", stage.last("dana", "$92,439"))
        await stage.slack.click(stage.last("dana", "$92,439"), "alert.log", "dana")
        modal = stage.slack.modal("dana")
        scenes.append(Scene("5-log", "Dana clicks Log action", modal["blocks"]))
        await stage.slack.submit("dana", {"own": "exec call booked for Tuesday"})
        await stage.at(datetime(2024, 7, 22, 9, 20, tzinfo=UTC))
        show("6-handled", "The same message in Priya's and Dana's Slack", stage.last("priya", "$92,439"))
        card = await stage.slack.command("/deal D03580", "dana")
        said = await stage.slack.click(card.messages[0], "deal.snooze", "dana")
        told = [{"type": "section", "text": {"type": "mrkdwn", "text": said.text}}]
        scenes.append(Scene("7-snoozed", "Dana types /deal D03580 and clicks Snooze a week", told))
        load(home, "2024-07-24", moved="D03560")
        await stage.at(datetime(2024, 7, 24, 9, tzinfo=UTC))
        show("8-resolved", "Wednesday 9:00. The deal has moved", stage.last("dana", "$92,439"))
    return scenes


def draw(scenes: list[Scene], console: Console) -> None:
    """The scenes as text."""
    for scene in scenes:
        console.rule(scene.caption, style="cyan", align="left")
        terminal.show(scene.blocks, console)


def main(pictures: Path | None = None) -> None:
    """Act it out and print it."""
    with tempfile.TemporaryDirectory() as folder:
        scenes = asyncio.run(acted(Path(folder)))
    draw(scenes, Console(width=92))
    for scene in scenes if pictures else ():
        paper = Console(width=92, record=True, file=io.StringIO())
        terminal.show(scene.blocks, paper)
        paper.save_svg(str(pictures / f"{scene.name}.svg"), title=scene.caption, code_format=PAPER)


if __name__ == "__main__":
    typer.run(main)
