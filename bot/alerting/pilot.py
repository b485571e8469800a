"""The pilot: for the first weeks a reviewer sees alerts before their readers; who that is, and until when."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.generation import PersonRow
from bot.alerting.outbox import Recipient
from bot.audience import NotForThisRole, Role, Viewer
from bot.memory.engine import insert
from bot.memory.tables import agreements
from bot.refusals import refusal
from bot.settings import Settings

NAME = "pilot"  #: of the agreement


@dataclass(frozen=True, slots=True)
class Pilot:
    """When it began, for how long it was planned, and when somebody went live before that."""

    began: datetime
    days: int
    live: datetime | None = None
    by: str = ""  # who went live: person_id, or an email

    @property
    def until(self) -> datetime:
        """Its end, planned or real."""
        planned = self.began + timedelta(days=self.days)
        return planned if self.live is None else min(self.live, planned)

    def is_on(self, now: datetime) -> bool:
        """Are alerts reviewed at this moment?"""
        return now < self.until


async def of(connection: AsyncConnection, settings: Settings) -> Pilot | None:
    """The pilot as it was agreed on; None before the first generation was judged.

    Its length is the setting of today: a pilot that drags on can be cut short, or go on.
    """
    row = (await connection.execute(select(agreements).where(_ours(settings)))).first()
    if row is None:
        return None
    terms = json.loads(row.terms)
    live = datetime.fromisoformat(terms["live"]) if terms.get("live") else None
    return Pilot(row.at, settings.pilot_days, live, terms.get("by", ""))


async def begin(tx: AsyncConnection, settings: Settings, now: datetime) -> None:
    """The first generation is judged: the pilot begins, if there is to be one; once."""
    if settings.pilot_days:
        row = {"workspace": settings.workspace, "name": NAME, "terms": "{}", "author": "", "at": now}
        await tx.execute(insert(tx, agreements).values(row).on_conflict_do_nothing())


async def go_live(tx: AsyncConnection, settings: Settings, viewer: Viewer, now: datetime) -> bool:
    """End the pilot before its time; False when there is none that is on.

    Raises:
        NotForThisRole: the viewer is neither ops nor the CRO.
    """
    if not viewer.runs_coach:
        raise NotForThisRole(refusal("pilot_for_ops"))
    found = await of(tx, settings)
    if found is None or not found.is_on(now):
        return False
    terms = json.dumps({"live": now.isoformat(), "by": viewer.key})
    await tx.execute(update(agreements).where(_ours(settings)).values(terms=terms))
    return True


async def at_work(
    connection: AsyncConnection, settings: Settings, people: Mapping[str, PersonRow], now: datetime
) -> tuple[Recipient, ...]:
    """Who reviews alerts at this moment; () when none is to be reviewed, or there is nobody to do it."""
    found = await of(connection, settings)
    is_on = settings.pilot_days > 0 if found is None else found.is_on(now)
    return reviewers(settings, people) if is_on else ()


def reviewers(settings: Settings, people: Mapping[str, PersonRow]) -> tuple[Recipient, ...]:
    """Who is to review: those named in the settings, else the CRO, else ops; () when there is nobody.

    Ops see no deals, so they review only where nobody else can.
    """
    for emails, role in (
        (settings.reviewer_emails, ""),
        (settings.cro_emails, Role.CRO),
        (settings.ops_emails, Role.OPS),
    ):
        if found := _people(emails, role, people):
            return found
    return ()


def _people(emails: tuple[str, ...], role: str, people: Mapping[str, PersonRow]) -> tuple[Recipient, ...]:
    """Those with one of the emails or the role; who is not in the CRM goes by the email."""
    by_email = {(one.email or "").lower(): one for one in people.values() if one.email}
    named = {one: by_email.get(one) for one in emails}
    found = {one.person_id: _recipient(one) for one in people.values() if role and one.role == role}
    for email, person in named.items():
        one = _recipient(person) if person else Recipient(email, email, email, "reviewer")
        found[one.person_id] = one
    return tuple(found[key] for key in sorted(found))


def _recipient(person: PersonRow) -> Recipient:
    return Recipient(person.person_id, person.name or person.person_id, person.email or "", "reviewer")


def is_reviewer(viewer: Viewer, settings: Settings, people: Mapping[str, PersonRow]) -> bool:
    """Does this viewer review alerts? Who is not in the CRM is known by the email."""
    return any(
        viewer.person_id == one.person_id or viewer.name == one.email for one in reviewers(settings, people)
    )


def _ours(settings: Settings) -> ColumnElement[bool]:
    return and_(agreements.c.workspace == settings.workspace, agreements.c.name == NAME)
