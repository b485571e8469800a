"""Who is asking and what they may see. A viewer comes from the signed request, never from its words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from analytics.generation import PersonRow
from analytics.questions import EVERYONE, NOBODY, Scope
from bot.refusals import refusal
from data.mendable import Mendable


class Role(StrEnum):
    """What kind of answers a person gets."""

    REP = "rep"
    MANAGER = "manager"
    CRO = "cro"
    OPS = "ops"


#: How Slack marks users who are no full members of the workspace.
OUTSIDERS = ("is_restricted", "is_ultra_restricted", "is_stranger")

Whose = Literal["mine", "team", "all"]

#: Whose deals all the deals are that a role sees.
WIDEST: Mapping[Role, Whose] = {Role.REP: "mine", Role.MANAGER: "team", Role.CRO: "all"}


class AudienceError(Mendable):
    """The tree: UnknownViewer, Outsider, UnknownPerson, NotForThisRole. Each is a sentence for the reader."""


class UnknownViewer(AudienceError):
    """This Slack user is nobody in the CRM."""

    def __init__(self, who: str) -> None:
        super().__init__(refusal("unknown_viewer", who=who))


class Outsider(AudienceError):
    """A guest, somebody of another organisation, or a question asked where such people read."""

    def __init__(self, where: str = "") -> None:
        super().__init__(where or refusal("outsider"))


class UnknownPerson(AudienceError):
    """Words that mean nobody in the CRM, or several people."""

    def __init__(self, words: str) -> None:
        super().__init__(refusal("unknown_person", words=repr(words)))


class NotForThisRole(AudienceError):
    """A page this role does not see."""


@dataclass(frozen=True, slots=True)
class Viewer:
    """One person who asks, and whose deals they may see."""

    person_id: str
    name: str
    role: Role
    scope: Scope

    @property
    def sees_deals(self) -> bool:
        """Ops see health pages, not deals."""
        return self.scope.everyone or bool(self.scope.rep_ids)

    @property
    def runs_coach(self) -> bool:
        """Ops and the CRO see the pages about rules and data, and change what the coach does."""
        return self.role in (Role.OPS, Role.CRO)

    @property
    def counted(self) -> Scope:
        """Whose alerts are counted for them: ops see counts of all deals, and none of the deals."""
        return EVERYONE if self.role is Role.OPS else self.scope

    @property
    def key(self) -> str:
        """What they go by in memory: the id in the CRM, else the email that the settings name."""
        return self.person_id or self.name


#: The person at the terminal holds the data files already.
OPERATOR = Viewer("", "the terminal", Role.CRO, EVERYONE)


def reports(people: Sequence[PersonRow], manager_id: str) -> frozenset[str]:
    """Everyone below a manager, at any depth, and the manager. Cycles in the data end the walk."""
    found = {manager_id}
    while below := {p.person_id for p in people if p.manager_id in found} - found:
        found |= below
    return frozenset(found)


def viewer(person: PersonRow, people: Sequence[PersonRow], roles: Mapping[str, Role] | None = None) -> Viewer:
    """A person's viewer: a rep sees own deals, a manager the team's, the CRO all, ops none.

    Args:
        roles: by email, from the settings; goes before the CRM's role.
    """
    role = (roles or {}).get((person.email or "").lower(), Role(person.role))
    scopes = {
        Role.REP: lambda: own(person.person_id),
        Role.MANAGER: lambda: Scope(rep_ids=reports(people, person.person_id), label="your team's deals"),
        Role.CRO: lambda: EVERYONE,
        Role.OPS: lambda: NOBODY,
    }
    return Viewer(person.person_id, person.name or person.person_id, role, scopes[role]())


def own(person_id: str) -> Scope:
    """A person's own deals."""
    return Scope(rep_ids=frozenset({person_id}), label="your deals")


def share(viewer: Viewer, whose: Whose, scope: Scope) -> tuple[Whose, Scope]:
    """Which of the deals in a viewer's scope are meant, and whose they are: never more than there are.

    Raises:
        NotForThisRole: "mine", of somebody who is nobody in the CRM.
    """
    if whose != "mine":
        return WIDEST.get(viewer.role, whose), scope
    if not viewer.person_id:
        raise NotForThisRole(refusal("no_own_deals"))
    return "mine", own(viewer.person_id)


def appointed(email: str, role: Role) -> Viewer:
    """Someone outside the CRM whom the settings make CRO or ops."""
    return Viewer("", email, role, EVERYONE if role is Role.CRO else NOBODY)


def by_email(people: Sequence[PersonRow], email: str) -> PersonRow | None:
    """The one person with this email address; None when nobody or more than one has it."""
    found = [p for p in people if email and (p.email or "").lower() == email.lower()]
    return found[0] if len(found) == 1 else None


def by_words(people: Sequence[PersonRow], words: str) -> PersonRow | None:
    """The one person meant by an id, an email or a name, in any case; None when that is not clear."""
    wanted = words.strip().lower()
    if not wanted:
        return None
    found = [p for p in people if wanted in (str(field).lower() for field in (p.person_id, p.email, p.name))]
    found = found or [p for p in people if wanted in (p.name or "").lower().split()]
    return found[0] if len(found) == 1 else None
