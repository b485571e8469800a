"""What one generation holds: a row type per table, from which the builder and the readers take its shape.

Days are proleptic ordinals (`date.toordinal()`), months integers like 202403, money whole cents.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from types import NoneType
from typing import Literal, NamedTuple, get_args, get_type_hints

SCHEMA_VERSION = 2

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


#: Ages of open deals, in days: the end of each band, with its label. The first four hold one look at a deal.
AGE_BANDS: tuple[tuple[int | None, str], ...] = (
    (28, "under 4 weeks"),
    (56, "4 to 8 weeks"),
    (84, "8 to 12 weeks"),
    (112, "12 to 16 weeks"),
    (182, "16 to 26 weeks"),
    (364, "26 to 52 weeks"),
    (None, "a year and more"),
)


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


class FateRow(NamedTuple):
    """Snapshots of deals in a stage at an age: `days` later they were won, lost, or open when last seen.

    A deal that stays is in several snapshots, four weeks apart, each of which counts. For how sure one may
    be, it counts once: `deals` per stage and band of age, `stage_deals` per stage.
    """

    deal_type: str
    stage: str
    age_band: int  # place in `AGE_BANDS`
    days: int
    won: int
    lost: int
    open: int
    deals: int
    stage_deals: int


class MoveRow(NamedTuple):
    """Deals that first entered a stage in a quarter, by their owner as known on the day of the generation."""

    stage: str
    deal_type: str
    rep_id: str
    quarter: int  # 20241
    entered: int
    moved_on: int  # to a later stage, or won
    still_open: int  # and not moved on
    won_from: int  # it was the last stage
    lost_from: int
    lost_amount_cents: int  # main currency only, as last recorded


class DueRow(NamedTuple):
    """Deals that were expected to close in a quarter when it began, by their owner as known on the day."""

    rep_id: str
    deal_type: str
    quarter: int  # 20241
    due: int
    in_time: int  # closed, either way, by its end
    slipped: int  # not closed by its end, or in the running quarter expected later
    amount_cents: int  # main currency only, as last recorded
    slipped_amount_cents: int


class QuotaRow(NamedTuple):
    """What a person is to win in a quarter."""

    person_id: str
    period: str  # 2024-Q1
    amount_cents: int


class ScoreRow(NamedTuple):
    """What the models say of an open deal."""

    deal_id: str
    rep_id: str
    win_probability: float | None  # None while the model is silent
    low: float | None
    high: float | None
    base: float | None  # the odds of the usual open deal, from which the reasons start
    risk: str | None  # High, Medium, Low
    reasons: str | None  # JSON: by group of features, what it adds to `base`
    features: str  # JSON: the deal as the model saw it
    won_by: str | None  # JSON: chance to be won within each of `closing.HORIZONS` days
    lost_by: str | None


class ModelRow(NamedTuple):
    """One thing known about the models that made the scores."""

    key: str
    value: str  # JSON


class MetaRow(NamedTuple):
    """One thing known about the generation itself."""

    key: str
    value: str


@dataclass(frozen=True, slots=True)
class Layout:
    """A table of the generation: row type, primary key, indexed columns, and whether it lies in key order.

    `kind` says what a few changed deals do to it: its rows are those of single `deals`, told by `deal_id`,
    and are replaced; beside its key it holds `counts` of deals, so theirs are taken away and added; or it is
    read from other tables of the load and made anew as a `whole`.
    """

    row: type[tuple[object, ...]]
    key: tuple[str, ...]
    indexes: tuple[str, ...] = ()
    clustered: bool = False
    kind: Literal["deals", "counts", "whole"] = "whole"

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
    "deals": Layout(DealRow, ("deal_id",), ("rep_id",), kind="deals"),
    "cube": Layout(
        CubeRow,
        ("dimension_1", "dimension_2", "value_1", "value_2", "deal_type", "close_month"),
        kind="counts",
    ),
    "cycles": Layout(CycleRow, ("dimension", "value", "deal_type", "days"), clustered=True, kind="counts"),
    "ages": Layout(AgeRow, ("deal_type", "days"), clustered=True, kind="counts"),
    "stage_clock": Layout(ClockRow, ("stage", "deal_type", "days"), clustered=True, kind="counts"),
    "landmarks": Layout(FateRow, ("deal_type", "stage", "age_band", "days"), clustered=True, kind="counts"),
    "stage_moves": Layout(
        MoveRow, ("stage", "deal_type", "rep_id", "quarter"), clustered=True, kind="counts"
    ),
    "due": Layout(DueRow, ("rep_id", "deal_type", "quarter"), clustered=True, kind="counts"),
    "quotas": Layout(QuotaRow, ("person_id", "period"), clustered=True),
    "people": Layout(PersonRow, ("person_id",)),
    "scores": Layout(ScoreRow, ("deal_id",), ("rep_id",)),
    "model": Layout(ModelRow, ("key",)),
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
    feeds: Mapping[str, int | None]  # table `feeds` of the timeline: what is true of all deals together
    code: str  # a digest of what turned the load into the generation
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
