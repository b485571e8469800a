"""What one generation holds: a row type per table, from which the builder and the readers take its shape.

Days are proleptic ordinals (`date.toordinal()`), months integers like 202403, money whole cents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from types import NoneType
from typing import NamedTuple, get_args, get_type_hints

SCHEMA_VERSION = 1

#: Dimensions that are a column of a deal; `month` and `quarter` come from the close.
SEGMENTS = (
    "amount_band",
    "deal_type",
    "industry",
    "lead_source",
    "product",
    "region",
    "rep",
    "stage",
    "team",
)

#: The pairs of dimensions in the cube, in its order: everything, each dimension alone, each two.
PAIRS = sorted([("", ""), *((segment, "") for segment in SEGMENTS), *combinations(SEGMENTS, 2)])


class DealRow(NamedTuple):
    """One deal as it was known on the day of the generation."""

    deal_id: str
    name: str | None
    account: str | None
    outcome: str  # open, won, lost
    stage: str | None
    stage_number: int | None  # from 1; None for a stage outside the open stages in order
    amount_cents: int | None
    in_main_currency: int  # 0 or 1
    currency: str | None
    created_day: int
    close_day: int | None  # expected while open, actual once closed
    close_month: int | None  # closed deals only
    rep_id: str
    team: str
    region: str
    industry: str
    product: str
    lead_source: str
    deal_type: str
    amount_band: str
    age_days: int | None  # open deals only
    cycle_days: int | None  # closed deals only
    stage_since_day: int | None
    days_in_stage: int | None  # open deals only
    last_activity_day: int | None
    days_since_activity: int | None  # open deals only
    push_count: int | None  # None: no history of close dates
    next_step: str | None
    updated_day: int | None
    momentum_percentile: float | None  # open deals: stage number per day, among those in the same stage
    backdated: int  # 1: closed within a day of being created, so outside cycle statistics
    history: str  # "events" or "dates"


class CubeRow(NamedTuple):
    """Closed deals of a pair of segments, a kind of business and a month of closing.

    One-way rows leave the second dimension empty, the overall rows both.
    """

    dimension_1: str
    value_1: str
    dimension_2: str
    value_2: str
    deal_type: str
    close_month: int
    deals: int
    won: int
    amount_cents: int  # main currency only
    won_amount_cents: int


class CycleRow(NamedTuple):
    """Closed deals of a segment that took `days` from created to closed; backdated ones left out."""

    dimension: str
    value: str
    deal_type: str
    days: int
    won: int
    lost: int


class AgeRow(NamedTuple):
    """Deals that closed at an age of `days`, and open deals that are that old."""

    deal_type: str
    days: int
    won: int
    lost: int
    open: int


class ClockRow(NamedTuple):
    """Visits of won deals to a stage that took `days`."""

    stage: str
    deal_type: str
    days: int
    deals: int


class PersonRow(NamedTuple):
    """A person of the CRM."""

    person_id: str
    name: str | None
    email: str | None
    role: str
    manager_id: str | None
    team: str | None


class QualityRow(NamedTuple):
    """One line of the data scorecard."""

    check_name: str
    table_name: str
    level: str
    failing: int
    total: int


class MetaRow(NamedTuple):
    """One thing known about the generation itself."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Layout:
    """A table of the generation: row type, primary key, indexed columns, and whether it lies in key order."""

    row: type[tuple[object, ...]]
    key: tuple[str, ...]
    indexes: tuple[str, ...] = ()
    clustered: bool = False

    @property
    def types(self) -> Mapping[str, type]:
        """Type of each column, in order."""
        return {name: _plain(hint) for name, hint in get_type_hints(self.row).items()}

    @property
    def required(self) -> frozenset[str]:
        """Columns that are never null."""
        return frozenset(n for n, hint in get_type_hints(self.row).items() if NoneType not in get_args(hint))


LAYOUT: Mapping[str, Layout] = {
    "meta": Layout(MetaRow, ("key",)),
    "deals": Layout(DealRow, ("deal_id",), ("rep_id",)),
    "cube": Layout(CubeRow, ("dimension_1", "dimension_2", "value_1", "value_2", "deal_type", "close_month")),
    "cycles": Layout(CycleRow, ("dimension", "value", "deal_type", "days"), clustered=True),
    "ages": Layout(AgeRow, ("deal_type", "days"), clustered=True),
    "stage_clock": Layout(ClockRow, ("stage", "deal_type", "days"), clustered=True),
    "people": Layout(PersonRow, ("person_id",)),
    "quality": Layout(QualityRow, ("check_name", "table_name")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Meta:
    """What a generation says about itself."""

    generation: str
    as_of: date
    load_id: str
    schema_version: int
    currency: str
    stages: tuple[str, ...]
    main_deal_type: str  # the kind of business with most closed deals; "" when none closed
    deal_types: Mapping[str, int]  # closed deals by kind
    first_close_day: date | None
    last_created_day: date | None
    has_events: bool
    has_activities: bool
    deals: int
    closed: int
    won: int
    open: int
    checksum: str


def column(dimension: str) -> str:
    """The column of `deals` that holds a segment dimension."""
    return "rep_id" if dimension == "rep" else dimension


def _plain(hint: type) -> type:
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    return kinds[0] if kinds else hint
