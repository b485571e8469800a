"""What is known of how we are set up: people, sources, roles; values without a word for a reader."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from analytics.facts import Fact, RuleTold, by_id

#: Why somebody is nobody in Slack; each has its sentence in prompts/claims/setup.yaml.
Why = Literal["no_email", "shared", "not_in_slack", "guest", "gone", "taken"]


@dataclass(frozen=True, slots=True)
class Someone:
    """Somebody who should be told: of the CRM, or named in the settings alone."""

    key: str  # person_id, else the email
    name: str
    email: str  # in small letters; "" when nobody knows it
    role: str  # rep, manager, cro, ops, reviewer
    in_crm: bool = True


@dataclass(frozen=True, slots=True)
class Member:
    """One account in Slack."""

    id: str
    name: str
    email: str  # in small letters; "" for bots, and without the scope for it
    kind: Literal["full", "guest", "bot", "gone"] = "full"
    locale: str = ""  # as Slack writes it: de-DE; "" not told
    zone: str = ""  # an IANA name; "" not told


@dataclass(frozen=True, slots=True)
class Missing:
    """Somebody who cannot be told, and why not."""

    someone: Someone
    why: Why


@dataclass(frozen=True, slots=True)
class Matched:
    """Who is who: people with their accounts, people without one, and accounts that are nobody in the CRM."""

    known: tuple[tuple[Someone, Member], ...] = ()
    missing: tuple[Missing, ...] = ()
    strangers: tuple[Member, ...] = ()
    guests: int = 0
    bots: int = 0

    def account(self, key: str) -> Member | None:
        """The account of a person; None when they have none."""
        return next((member for someone, member in self.known if someone.key == key), None)


@dataclass(frozen=True, slots=True)
class File:
    """One file of the load."""

    name: str
    holds: str  # the table it fills: deals, people, ...
    kept: Fact  # COUNT of rows
    rejected: Fact  # COUNT of rows


@dataclass(frozen=True, slots=True)
class Failed:
    """A job whose last try failed."""

    job: str
    attempts: Fact  # COUNT


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody with a role, and who says so."""

    role: str  # cro, ops, reviewer
    name: str
    source: Literal["crm", "settings", "default"]  # default: nobody was named, so it falls to them


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """How we are set up, as far as a page says it. `figures` are by the slot in which they are said."""

    as_of: date
    generation: str
    figures: Mapping[str, Fact] = field(default_factory=dict)
    slack: Literal["asked", "unconnected", "refused"] = "unconnected"  # who is there?
    files: tuple[File, ...] = ()
    feeds: tuple[str, ...] = ()  # what the source does not tell: events, activities
    is_old: bool = False  # is the load older than agreed?
    is_behind: bool = False  # are the numbers of an earlier load?
    lost: tuple[str, ...] = ()  # columns that hold nothing any more: deals.region
    failed: tuple[Failed, ...] = ()
    missing: tuple[Missing, ...] = ()
    holders: tuple[Holder, ...] = ()
    reviews: bool = False  # is there to be a pilot, in which somebody reviews?
    rules: tuple[RuleTold, ...] = ()

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        rows = [fact for one in self.files for fact in (one.kept, one.rejected)]
        lines = [line.threshold for rule in self.rules for line in rule.lines]
        return by_id(self.figures.values(), rows, (one.attempts for one in self.failed), lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Welcome:
    """What a first message says of the numbers: how often somebody is told at most."""

    as_of: date
    generation: str
    figures: Mapping[str, Fact]

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return by_id(self.figures.values())
