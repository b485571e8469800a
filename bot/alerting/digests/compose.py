"""A digest that is due in; its one message out, and what it tells of; none where nothing is worth one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from analytics import answers
from analytics.generation import PersonRow
from analytics.store import Generation
from bot import audience, language, past
from bot.alerting import experiment, rulebook
from bot.alerting.digests import company, items, readers
from bot.alerting.digests.facts import Agenda, Item, Monday, TeamMonday
from bot.alerting.digests.items import For
from bot.alerting.digests.readers import Due, Reader
from bot.alerting.digests.scorecard import scorecard
from bot.alerting.digests.telling import Told
from bot.alerting.outbox import Blocks, Message
from bot.audience import Role, Viewer
from bot.blocks import digest as drawn
from bot.language import Reading
from bot.memory import Memory
from bot.memory import readers as memory
from bot.narrator import digest as narrator
from bot.narrator.words import Words
from bot.settings import Settings

#: What a message is made of: its words, how they are drawn, and the alerts it tells of.
Draft = tuple[Words, Callable[[Words], Blocks], Sequence[Item]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What digests are made from, at one moment."""

    home: Path
    memory: Memory
    generation: Generation
    settings: Settings
    now: datetime

    @property
    def workspace(self) -> str:
        """Its name in memory."""
        return self.settings.workspace


@dataclass(frozen=True, slots=True)
class Digest:
    """A message, and what it tells of, which is no news to its reader any more."""

    message: Message
    items: Sequence[Item]


async def compose(desk: Desk, due: Due, told: Told) -> Digest | None:
    """The digest that is due; None on a day without anything new, or where the reader has nothing to read."""
    with language.using(await _reading(desk, due.reader)):
        return await _composed(desk, due, told)


async def _reading(desk: Desk, reader: Reader) -> Reading:
    default = desk.settings.language
    async with desk.memory.read() as connection:
        known = await memory.readings(connection, desk.workspace, default)
    return known.get(reader.person_id) or language.reading("", default=default)


async def _composed(desk: Desk, due: Due, told: Told) -> Digest | None:
    draft = await DRAFTS[due.kind](desk, due.reader)
    if draft is None:
        return None
    words, draw, of = draft
    recipient = due.reader.recipient
    words = await told(words, recipient)
    return Digest(
        Message(
            dedup_key=dedup_key(desk.workspace, due),
            workspace=desk.workspace,
            kind="post",
            recipient=recipient,
            text=words.text,
            blocks=draw(words),
            not_after=due.not_after,
        ),
        of,
    )


def dedup_key(workspace: str, due: Due) -> str:
    """One digest for a person and local day, of whatever kind."""
    return f"digest:{workspace}:{due.reader.person_id}:{due.day.isoformat()}"


def viewer(desk: Desk, reader: Reader) -> Viewer:
    """What a reader may see: by the settings, else by the CRM."""
    people = desk.generation.people()
    person = next((one for one in people if one.person_id == reader.person_id), None)
    if person is None:
        return audience.appointed(reader.email, reader.role)
    return audience.viewer(person, people, readers.given(desk.settings))


async def opened(desk: Desk, reader: Reader, *, weekly: bool) -> Agenda:
    """What is open for a reader."""
    wanted = For(
        workspace=desk.workspace,
        person_id=reader.person_id,
        name=reader.name,
        role=reader.role,
        scope=viewer(desk, reader).scope,
        chosen=reader.chosen,
    )
    async with desk.memory.read() as connection:
        return await items.agenda(connection, desk.generation, wanted, desk.now, weekly=weekly)


async def day(desk: Desk, reader: Reader) -> Draft | None:
    """The list of the day, if anything on it is new; a manager without reports has none."""
    answer = await opened(desk, reader, weekly=False)
    return agenda(answer) if answer.new else None


async def week(desk: Desk, reader: Reader) -> Draft | None:
    """The week: a rep's list, a manager's team, everything for the CRO, the data for ops."""
    if reader.role is Role.MANAGER:
        return await team(desk, reader)
    answer = await opened(desk, reader, weekly=True)
    return await monday(desk, answer) if reader.role is Role.CRO else agenda(answer)


async def month(desk: Desk, _: Reader) -> Draft:
    """The month's segments."""
    answer = await asyncio.to_thread(company.month_report, desk.generation)
    return narrator.month(answer), lambda words: drawn.month(answer, words), ()


async def team(desk: Desk, reader: Reader) -> Draft | None:
    """A team's week; None of somebody to whom no rep reports."""
    if not reports_to(desk.generation.people(), reader.person_id):
        return None
    now = desk.generation
    async with desk.memory.read() as connection:
        lines = await rulebook.stalled_from(connection, desk.workspace, desk.settings)
    before = await asyncio.to_thread(past.week_before, desk.home, now)
    found = await asyncio.to_thread(answers.team_week, before, now, reader.person_id, lines)
    if found is None:
        return None
    open_now = await opened(desk, reader, weekly=True)
    answer = TeamMonday(agenda=open_now, week=found, as_of=now.as_of, generation=now.id)
    return narrator.team(answer), lambda words: drawn.team(answer, words), open_now.items


async def monday(desk: Desk, open_now: Agenda) -> Draft:
    """The week of all deals as a message."""
    answer = await week_of_all(desk, open_now)
    return narrator.monday(answer), lambda words: drawn.monday(answer, words), open_now.items


async def week_of_all(desk: Desk, open_now: Agenda) -> Monday:
    """The week of all deals."""
    now = desk.generation
    async with desk.memory.read() as connection:
        score = await scorecard(connection, now, desk.workspace, desk.now)
        impact = await experiment.found(connection, desk.settings, now, sees_all=True)
    return Monday(
        agenda=open_now,
        figures=await asyncio.to_thread(company.week_figures, now),
        pipeline=await asyncio.to_thread(company.pipeline, now),
        watched=await asyncio.to_thread(company.watched, now),
        fresh=company.fresh(now),
        scorecard=score,
        impact=impact,
        as_of=now.as_of,
        generation=now.id,
    )


def agenda(answer: Agenda) -> Draft:
    """A list as a message."""
    return narrator.agenda(answer), lambda words: drawn.agenda(answer, words), answer.items


def reports_to(people: Sequence[PersonRow], manager_id: str) -> bool:
    """Does any rep report to this person?"""
    return any(one.manager_id == manager_id and one.role == Role.REP for one in people)


DRAFTS: dict[str, Callable[[Desk, Reader], Awaitable[Draft | None]]] = {
    "day": day,
    "week": week,
    "month": month,
}
