"""What is needed to act on alerts: for whom, how it looks, who is who, who chose what, and when it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.facts import Finding
from analytics.generation import PersonRow
from bot import audience, language
from bot.alerting import experiment, pilot, preferences, silences
from bot.alerting.calendar import Hours
from bot.alerting.digests.readers import given
from bot.alerting.outbox import Blocks, Recipient
from bot.alerting.preferences import Preferences
from bot.alerting.silences import Silence
from bot.alerting.standing import Standing, State
from bot.language import Reading
from bot.memory import readers
from bot.memory.engine import alone
from bot.settings import Settings

BLIND = "blind_reviewer"  #: the role of a reviewer who may not open what an alert is about


class Render(Protocol):
    """How an alert looks to one person."""

    def __call__(self, finding: Finding, recipient: Recipient, standing: Standing) -> tuple[str, Blocks]:
        """The notification text and the blocks.

        `recipient.role` is owner, manager, cro, ops, or reviewer (`BLIND` without links): who lets it
        through in the pilot. While `standing.state` is review or withheld the reader is always a reviewer.
        """
        ...


def as_found(finding: Finding) -> str:
    """Whose it was when it was found, where nobody knows better."""
    return finding.owner_id


def nobody_silent(_: str) -> bool:
    """The lot without an experiment: all are told."""
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One moment's view of who is told what; `Desk.of` builds it from memory."""

    workspace: str
    render: Render
    people: Mapping[str, PersonRow]
    now: datetime
    settings: Settings
    preferences: Mapping[str, Preferences] = field(default_factory=dict)
    readings: Mapping[str, Reading] = field(default_factory=dict)  # of whom Slack told us
    silences: tuple[Silence, ...] = ()
    reviewers: tuple[Recipient, ...] = ()  # who sees alerts first; (): no pilot is on
    is_silent: Callable[[str], bool] = nobody_silent  # by subject_id, as drawn
    owner_of: Callable[[Finding], str] = as_found  # whose it is today: a deal may have changed hands since

    @classmethod
    async def of(
        cls,
        tx: AsyncConnection,
        *,
        settings: Settings,
        people: Mapping[str, PersonRow],
        render: Render,
        now: datetime,
    ) -> "Desk":
        """The desk as memory has it at this moment: one transaction at a time has it, until its end.

        Args:
            people: of the current generation, by id.
            render: `bot.work.render`.
        """
        workspace = settings.workspace
        await alone(tx, workspace)
        terms = await experiment.agreed(tx, workspace)
        return cls(
            workspace=workspace,
            render=render,
            people=people,
            now=now,
            settings=settings,
            preferences=await preferences.everyone(tx, workspace),
            readings=await readers.readings(tx, workspace, settings.language),
            silences=await silences.current(tx, workspace, now),
            reviewers=await pilot.at_work(tx, settings, people, now),
            is_silent=experiment.lot(workspace, terms if terms and terms.ended is None else None),
        )

    def chosen(self, person_id: str) -> Preferences:
        """What a person chose, or the defaults."""
        return self.preferences.get(person_id, Preferences())

    def reading(self, person_id: str) -> Reading:
        """How a person reads: what they are told is rendered within `language.using` it."""
        return self.readings.get(person_id) or language.reading("", default=self.settings.language)

    def hours(self, person_id: str) -> Hours:
        """When a person may be told."""
        return self.chosen(person_id).hours(self.settings)

    def may_see(self, person_id: str, owner_id: str) -> bool:
        """May a person see somebody's deals, by today's rights? Who is not in the CRM was named by ops."""
        known = self.people.get(person_id)
        if known is None or not owner_id:
            return True
        everybody = list(self.people.values())
        return audience.viewer(known, everybody, given(self.settings)).scope.allows(owner_id)

    def may_read(self, person_id: str, finding: Finding) -> bool:
        """May a person be shown what becomes of an alert? Who reviews alerts is shown all of them."""
        reviews = (one.person_id for one in pilot.reviewers(self.settings, self.people))
        return self.may_see(person_id, finding.owner_id) or person_id in reviews

    def snoozed_until(self, person_id: str, finding: Finding) -> datetime | None:
        """When a person may hear of this finding again; None: now."""
        return silences.until(self.silences, person_id, finding.rule, finding.subject_id, self.now)

    def name(self, person_id: str) -> str:
        """A person's name, else their id."""
        known = self.people.get(person_id)
        return (known.name if known else None) or person_id

    def person(
        self, finding: Finding, person_id: str, state: State = State.TOLD, email: str = ""
    ) -> Recipient:
        """A person as a recipient of this finding: as its owner, the manager, or why else they are told."""
        known = self.people.get(person_id)
        outside = person_id if "@" in person_id else ""  # named in the settings only
        address = (known.email if known else None) or email or outside
        return Recipient(person_id, self.name(person_id), address, self._role(finding, person_id, state))

    def _role(self, finding: Finding, person_id: str, state: State) -> str:
        if state in (State.REVIEW, State.WITHHELD):
            return self._reviewer(finding, person_id)
        owner = self.people.get(finding.owner_id)
        if person_id == finding.owner_id:
            return "owner"
        if person_id in (finding.manager_id, (owner.manager_id if owner else None) or finding.manager_id):
            return "manager"  # then, or today
        others = {"rate": "cro", "driver": "cro", "data": "ops"}
        return others.get(finding.level) or self._reviewer(finding, person_id)

    def _reviewer(self, finding: Finding, person_id: str) -> str:
        """As a reviewer; one who could not open what it is about is shown no way there."""
        known, appointed = self.people.get(person_id), given(self.settings)
        if known is None:
            seer = audience.appointed(person_id, appointed.get(person_id, audience.Role.OPS))
        else:
            seer = audience.viewer(known, list(self.people.values()), appointed)
        opens = seer.scope.allows(finding.owner_id) if finding.owner_id else seer.sees_deals
        return "reviewer" if opens else BLIND

    def with_role(self, role: str) -> list[str]:
        """Ids of the people with a role, by the settings or the CRM; an email where the CRM knows nobody."""
        given = self.settings.cro_emails if role == "cro" else self.settings.ops_emails
        by_email = {(one.email or "").lower(): one.person_id for one in self.people.values()}
        in_crm = [one.person_id for one in self.people.values() if one.role == role]
        return sorted({*in_crm, *(by_email.get(email, email) for email in given)})
