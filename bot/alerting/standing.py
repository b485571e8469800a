"""How an alert stands: its states, and what its one message shows of it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from analytics.facts import Ending, Finding


class State(StrEnum):
    """The life of an alert.

    review -> told -> acknowledged -> acted -> resolved is the usual way; `review` is the pilot's.
    """

    HELD = "held"  # not told: over budget, snoozed, unwanted or inhibited; `reason` says which
    SILENT = "silent"  # in the share that nobody is told of
    REVIEW = "review"  # waits for the pilot's reviewer
    WITHHELD = "withheld"  # the reviewer held it back
    DIGEST = "digest"  # told in digests only
    TOLD = "told"
    ACKNOWLEDGED = "acknowledged"
    ACTED = "acted"
    DISMISSED = "dismissed"
    RESOLVED = "resolved"  # the deal is no longer over the line
    EXPIRED = "expired"  # nobody acted for too long


OPEN = frozenset(State) - {State.RESOLVED, State.EXPIRED}  #: `resolved_on` is null
SEEN = frozenset({State.TOLD, State.ACKNOWLEDGED, State.ACTED, State.DISMISSED})  #: has a message in Slack
ANSWERED = SEEN - {State.TOLD}  #: somebody did something about it
UNTOLD = frozenset({State.HELD, State.DIGEST})  #: may still be told, or told otherwise, at the next look
HIDDEN = frozenset({State.SILENT, State.REVIEW, State.WITHHELD})  #: its owner must not learn of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A row of memory: an alert, and the finding it was first told with."""

    key: str
    state: State
    finding: Finding
    reason: str = ""  # why held, dismissed or resolved
    silent: bool = False
    version: int = 0  # of the rule
    opened_on: date
    told_on: date | None = None
    resolved_on: date | None = None
    until: datetime | None = None  # end of the owner's snooze; when the reviewer is overdue
    escalate_at: datetime | None = None
    acted_by: str = ""  # person_id
    acted_at: datetime | None = None
    acted: str = ""

    @property
    def id(self) -> tuple[str, str]:
        """What there is at most one open alert of: rule and subject."""
        return self.finding.rule, self.finding.subject_id

    @property
    def is_open(self) -> bool:
        """Does it still hold?"""
        return self.state in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the message of an alert shows beside its facts, to one reader."""

    key: str  # what its buttons carry
    state: State = State.TOLD
    by: str = ""  # name of who acknowledged, acted or dismissed
    acted: str = ""  # what was logged: a play's text, or own words
    reason: str = ""  # of a dismissal, or of the reviewer who held it back
    until: datetime | None = None  # end of this reader's snooze, in their zone
    escalated: bool = False  # the manager was told since nobody answered
    ending: Ending | None = None  # once resolved
    matches: int = 0  # deals the rule matches now
    told: int = 0  # alerts of this level the reader had this week, this one included
    budget: int = 0  # how many they may have; 0: no budget
