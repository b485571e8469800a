"""The canonical tables: what each column is called, its type, unit, meaning and allowed values.

This is their only definition. A `money` column is stored as whole cents under `<name>_cents`,
a `date` as a day without a zone, everything else as text or integer; missing is null, never "" or NaN.
"""

from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """How a column is stored in Parquet."""

    TEXT = "text"
    DATE = "date"
    MONEY = "money"
    INTEGER = "integer"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a canonical table."""

    name: str
    type: Type
    meaning: str
    required: bool = False
    allowed: tuple[str, ...] = ()

    @property
    def stored(self) -> str:
        """The column's name in the Parquet file."""
        return f"{self.name}_cents" if self.type is Type.MONEY else self.name


@dataclass(frozen=True, slots=True)
class Table:
    """One canonical table and the columns that tell its rows apart."""

    name: str
    meaning: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError when there is none."""
        return next(c for c in self.columns if c.name == name)

    @property
    def required(self) -> tuple[str, ...]:
        """Names of the columns a source must bring."""
        return tuple(c.name for c in self.columns if c.required)


OUTCOMES = ("open", "won", "lost")
ROLES = ("rep", "manager", "cro", "ops")
EVENT_KINDS = ("stage", "amount", "close_date", "owner")
EVENT_ORIGINS = ("crm", "snapshot")

DEALS = Table(
    "deals",
    "One row per opportunity, as the CRM shows it on the day of the load.",
    ("deal_id",),
    (
        Column("deal_id", Type.TEXT, "the CRM's id", required=True),
        Column("name", Type.TEXT, "what the CRM calls the deal"),
        Column("account", Type.TEXT, "the customer"),
        Column("amount", Type.MONEY, "value in `currency`"),
        Column("currency", Type.TEXT, "ISO 4217 code"),
        Column("stage", Type.TEXT, "the CRM's stage now (for a closed deal: its last one)"),
        Column("outcome", Type.TEXT, "open, or how it ended", required=True, allowed=OUTCOMES),
        Column("created_date", Type.DATE, "day the deal was opened", required=True),
        Column("close_date", Type.DATE, "expected while open, actual once closed"),
        Column("rep_id", Type.TEXT, "owner: `people.person_id`", required=True),
        Column("region", Type.TEXT, "sales region"),
        Column("industry", Type.TEXT, "customer's industry"),
        Column("product", Type.TEXT, "product sold"),
        Column("lead_source", Type.TEXT, "where the lead came from"),
        Column("deal_type", Type.TEXT, "kind of business: new, expansion, renewal, ..."),
        Column("next_step", Type.TEXT, "what the rep means to do next"),
        Column("updated_date", Type.DATE, "day of the last change in the CRM"),
        Column("last_activity_date", Type.DATE, "day of the last activity, where the CRM only tells that"),
        Column("stage_entered_date", Type.DATE, "day the present stage was entered"),
    ),
)
DEAL_EVENTS = Table(
    "deal_events",
    "One row per change of a deal's stage, amount, expected close date or owner.",
    ("deal_id", "date", "kind", "sequence"),
    (
        Column("deal_id", Type.TEXT, "the deal", required=True),
        Column("date", Type.DATE, "day of the change", required=True),
        Column("sequence", Type.INTEGER, "order within the day, from 0"),
        Column("kind", Type.TEXT, "what changed", required=True, allowed=EVENT_KINDS),
        Column("old", Type.TEXT, "value before: stage, cents, ISO date or person_id"),
        Column("new", Type.TEXT, "value after, written the same way"),
        Column("origin", Type.TEXT, "told by the CRM, or seen between two loads", allowed=EVENT_ORIGINS),
    ),
)
ACTIVITIES = Table(
    "activities",
    "One row per call, mail, meeting or other touch on a deal.",
    ("deal_id", "date", "kind"),
    (
        Column("deal_id", Type.TEXT, "the deal", required=True),
        Column("date", Type.DATE, "day it happened", required=True),
        Column("kind", Type.TEXT, "call, email, meeting, note, ..."),
        Column("rep_id", Type.TEXT, "who did it"),
    ),
)
PEOPLE = Table(
    "people",
    "One row per person who may ask or be told.",
    ("person_id",),
    (
        Column("person_id", Type.TEXT, "the CRM's id of the user", required=True),
        Column("name", Type.TEXT, "display name"),
        Column("email", Type.TEXT, "how Slack users are matched"),
        Column("role", Type.TEXT, "what they may see", required=True, allowed=ROLES),
        Column("manager_id", Type.TEXT, "person_id of the manager"),
        Column("team", Type.TEXT, "name of the team; default: the manager's name"),
    ),
)
QUOTAS = Table(
    "quotas",
    "One row per person and period.",
    ("person_id", "period"),
    (
        Column("person_id", Type.TEXT, "whose quota", required=True),
        Column("period", Type.TEXT, "quarter, as 2024-Q1", required=True),
        Column("amount", Type.MONEY, "to be won in the period"),
    ),
)
TABLES = {t.name: t for t in (DEALS, DEAL_EVENTS, ACTIVITIES, PEOPLE, QUOTAS)}
