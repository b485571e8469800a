"""A person's click -> what it changes: alerts, silences and logged actions, each click in one transaction.

A key or an id that a button carries proves nothing: `Inquiry.deal` and `lifecycle` check the rights anew.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.facts import DealCard, Finding
from analytics.store import Generation
from bot import clock, language
from bot.alerting import book, interventions, lifecycle, outbox
from bot.alerting.desk import Desk
from bot.alerting.face import render
from bot.alerting.interventions import Action
from bot.alerting.outbox import Message, Recipient
from bot.alerting.standing import HIDDEN
from bot.audience import Viewer
from bot.blocks import actions as blocks
from bot.coach import Inquiry
from bot.narrator import actions as narrator
from bot.refusals import refusal
from data.mendable import Mendable


class NobodyToAsk(Mendable):
    """The CRM knows no manager of who asks."""

    def __init__(self) -> None:
        super().__init__(refusal("no_manager"))


@dataclass(frozen=True, slots=True)
class Counter:
    """Where one click is dealt with: a transaction, who clicked, and who is told what."""

    tx: AsyncConnection
    viewer: Viewer
    desk: Desk

    @property
    def workspace(self) -> str:
        """Whose memory it is."""
        return self.desk.workspace


@asynccontextmanager
async def counter(inquiry: Inquiry) -> AsyncIterator[Counter]:
    """A transaction for one click: kept whole when the block ends, or not at all."""
    coach = inquiry.coach
    people = {person.person_id: person for person in inquiry.generation.people()}
    async with coach.remembering() as memory, memory.write() as tx:
        now = memory.now()
        desk = await Desk.of(tx, settings=coach.settings, people=people, render=render, now=now)
        yield Counter(tx, inquiry.viewer, replace(desk, owner_of=owner_in(inquiry.generation)))


def owner_in(generation: Generation) -> Callable[[Finding], str]:
    """Whose a finding is by these numbers; whose it was, of a deal that is gone and of what is no deal."""

    def owner(finding: Finding) -> str:
        deal = generation.deal(finding.subject_id) if finding.subject == "deal" else None
        return deal.rep_id if deal else finding.owner_id

    return owner


async def deal_of(inquiry: Inquiry, key: str) -> str:
    """The deal that an alert is about.

    Raises:
        NoSuchAlert: there is none that anybody was told of, or it is about no deal.
    """
    coach = inquiry.coach
    async with coach.remembering() as memory, memory.write() as tx:
        alert = await book.find(tx, coach.settings.workspace, key)
    if alert is None or alert.finding.subject != "deal" or alert.state in HIDDEN:
        raise lifecycle.NoSuchAlert
    return alert.finding.subject_id


async def logged(at: Counter, action: Action) -> bool:
    """Keep what was done, and answer the deal's alerts with it; False when it was kept before.

    Raises:
        NoSuchAlert: it names an alert that is not about this deal.
    """
    if action.alert_key:
        alert = await book.find(at.tx, at.workspace, action.alert_key)
        if alert is None or alert.finding.subject_id != action.deal_id or alert.state in HIDDEN:
            raise lifecycle.NoSuchAlert
    is_new = await interventions.keep(at.tx, at.workspace, action, at.desk.now)
    if is_new:
        await lifecycle.act_on(at.tx, action.deal_id, at.viewer, action.what, at.desk)
    return is_new


async def hushed(at: Counter, deal_id: str, days: int) -> date:
    """The person hears nothing unasked about a deal for so many days; the day on which that ends."""
    until = await lifecycle.snooze_subject(at.tx, deal_id, at.viewer, days, at.desk)
    return at.desk.hours(at.viewer.person_id).local_day(until)


async def asked_manager(at: Counter, deal: DealCard) -> tuple[str, bool]:
    """Ask the person's manager to help with a deal, once a day; the manager's name, and is it new?

    Raises:
        NobodyToAsk: the CRM knows no manager.
    """
    manager = _manager(at, deal.owner_id)
    message = _call(at, deal, manager)
    return manager.name, await outbox.enqueue(at.tx, message, at.desk.now)


def _manager(at: Counter, owner_id: str) -> Recipient:
    me = at.desk.people.get(at.viewer.person_id)
    manager = at.desk.people.get(me.manager_id or "") if me else None
    if manager is None or manager.person_id == at.viewer.person_id:
        raise NobodyToAsk
    if not at.desk.may_see(manager.person_id, owner_id):
        raise NobodyToAsk
    name = at.desk.name(manager.person_id)
    return Recipient(manager.person_id, name, manager.email or "", "manager")


def _call(at: Counter, deal: DealCard, manager: Recipient) -> Message:
    with language.using(at.desk.reading(manager.person_id)):
        words = narrator.call(deal, at.viewer.name)
        drawn = blocks.call(deal, words)
    day = clock.local_day(at.desk.now, at.desk.settings.zone)
    return Message(
        dedup_key=f"help:{at.workspace}:{deal.deal_id}:{at.viewer.person_id}:{day}",
        workspace=at.workspace,
        kind="post",
        recipient=manager,
        text=words.text,
        blocks=drawn,
        due=at.desk.hours(manager.person_id).next_open(at.desk.now),
    )
