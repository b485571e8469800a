"""Who reads a channel and what an answer is about -> the deals that all of them may see, or why none."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from analytics.questions import EVERYONE, NOBODY, Scope
from bot.audience import Viewer
from bot.sharing.refusals import NotShared


@dataclass(frozen=True, slots=True)
class Reader:
    """A person who reads a channel; without a viewer they are a guest, a stranger or nobody in the CRM."""

    slack_user: str
    viewer: Viewer | None


@dataclass(frozen=True, slots=True)
class Room:
    """A channel as it was at one moment: `members` are the ids of all in it, apps included."""

    channel: str
    name: str
    members: frozenset[str]
    readers: tuple[Reader, ...]
    apps: int = 0  # other than ours
    is_public: bool = False  # whoever is in the workspace can look into it

    @property
    def users(self) -> list[str]:
        """The Slack users who read here."""
        return [reader.slack_user for reader in self.readers]


@dataclass(frozen=True, slots=True)
class Subject:
    """What an answer is about, as far as it decides who may see it."""

    scope: Scope | None = None  # whose deals, for the one who asked; None: nobody's
    is_whole: bool = False  # about one deal or one person: there is no narrower answer
    for_ops: bool = False  # a page for ops and the CRO


class Sees(StrEnum):
    """How much of an answer a reader may see."""

    ALL = "all"
    SOME = "some"
    NONE = "none"


def sees(viewer: Viewer | None, subject: Subject) -> Sees:
    """How much of what an answer is about this reader may see."""
    if viewer is None or (subject.for_ops and not viewer.runs_coach):
        return Sees.NONE
    if subject.scope is None:
        return Sees.ALL
    left = both(viewer.scope, subject.scope)
    if left == _bare(subject.scope):
        return Sees.ALL
    return Sees.SOME if is_anybodys(left) and not subject.is_whole else Sees.NONE


def allowed(room: Room, sharer: Viewer, subject: Subject) -> Scope:
    """The deals the answer is about that the sharer and every reader may see.

    Raises:
        NotShared: somebody may see nothing, or no deal may be seen by all; names who is in the way.
    """
    known = [reader.viewer for reader in room.readers if reader.viewer is not None]
    if len(known) < len(room.readers):
        raise NotShared("stranger", [one.slack_user for one in room.readers if one.viewer is None])
    if subject.scope is None:
        if blind := _who(room, subject, Sees.NONE):
            raise NotShared("role", blind)
        return NOBODY
    left = common([sharer.scope, subject.scope, *(viewer.scope for viewer in known)])
    if not is_anybodys(left) or (subject.is_whole and left != _bare(subject.scope)):
        blind = _who(room, subject, Sees.NONE) or _who(room, subject, Sees.SOME)
        raise NotShared("whole" if subject.is_whole else "apart", blind)
    return left


def common(scopes: Iterable[Scope]) -> Scope:
    """The deals that all of these scopes hold; without a label.

    >>> a, b = Scope(rep_ids=frozenset({"r1", "r2"})), Scope(rep_ids=frozenset({"r2", "r3"}))
    >>> sorted(common([a, EVERYONE, b]).rep_ids), is_anybodys(common([a, NOBODY]))
    (['r2'], False)
    """
    left = EVERYONE
    for scope in scopes:
        left = both(left, scope)
    return left


def both(one: Scope, other: Scope) -> Scope:
    """The deals that both scopes hold; without a label."""
    if one.everyone:
        return _bare(other)
    return _bare(one) if other.everyone else Scope(rep_ids=one.rep_ids & other.rep_ids, label="")


def is_anybodys(scope: Scope) -> bool:
    """Does the scope hold anybody's deals?"""
    return scope.everyone or bool(scope.rep_ids)


def by_sight(room: Room, subject: Subject) -> dict[Sees, list[str]]:
    """The Slack users of a room by how much of the answer each may see."""
    return {much: _who(room, subject, much) for much in Sees}


def _who(room: Room, subject: Subject, much: Sees) -> list[str]:
    return [*_those(room, subject, much)]


def _those(room: Room, subject: Subject, much: Sees) -> Iterator[str]:
    for reader in room.readers:
        if sees(reader.viewer, subject) is much:
            yield reader.slack_user


def _bare(scope: Scope) -> Scope:
    return Scope(everyone=scope.everyone, rep_ids=scope.rep_ids, label="")
