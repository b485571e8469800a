"""What can be asked of the numbers: a breakdown's dimensions, filters, period and scope, as values."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

#: Dimensions of a deal that a breakdown may use. `month` and `quarter` are of the close date.
DIMENSIONS = (
    "region",
    "industry",
    "product",
    "lead_source",
    "deal_type",
    "stage",
    "rep",
    "team",
    "amount_band",
    "quarter",
    "month",
)

#: Upper ends of the amount bands, in whole units of the main currency, with their labels.
AMOUNT_BANDS: tuple[tuple[int | None, str], ...] = (
    (10_000, "under 10k"),
    (25_000, "10k-25k"),
    (50_000, "25k-50k"),
    (100_000, "50k-100k"),
    (None, "100k and more"),
)

NOT_SET = "Not set"  #: the value of a dimension that the CRM leaves empty
EVERY_TYPE = "all"  #: asked for on purpose: kinds of business pooled


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `start` to `end`, both included, with the words the reader used for them.

    `None` is open: `Period(None, None, "all time")`.
    """

    start: date | None
    end: date | None
    label: str

    def holds(self, day: date) -> bool:
        """Does the day lie in the period?

        >>> Period(date(2024, 1, 1), date(2024, 3, 31), "2024-Q1").holds(date(2024, 3, 31))
        True
        """
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


ALL_TIME = Period(None, None, "all time")


def month(year: int, number: int) -> Period:
    """A calendar month, labelled `2024-03`."""
    start = date(year, number, 1)
    after = date(year + number // 12, number % 12 + 1, 1)
    return Period(start, after - timedelta(days=1), f"{year}-{number:02d}")


def quarter(year: int, number: int) -> Period:
    """A calendar quarter, labelled `2024-Q1`."""
    first, last = month(year, 3 * number - 2), month(year, 3 * number)
    return Period(first.start, last.end, f"{year}-Q{number}")


@dataclass(frozen=True, slots=True)
class Filter:
    """Only deals whose `dimension` is one of `values`."""

    dimension: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose deals the viewer may see. Comes from the signed request, never from its words."""

    everyone: bool = False
    rep_ids: frozenset[str] = frozenset()
    label: str = "no deals"

    def allows(self, rep_id: str) -> bool:
        """May a deal of this owner be shown?"""
        return self.everyone or rep_id in self.rep_ids


EVERYONE = Scope(everyone=True, label="all deals")
NOBODY = Scope()


@dataclass(frozen=True, slots=True)
class BreakdownQuestion:
    """Win rate by up to two dimensions.

    `deal_type` None means the main kind of business, and the answer says which it took.
    `by_amount` puts the win rate by value first; both are always there.
    """

    dimensions: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    period: Period = ALL_TIME
    by_amount: bool = False
    measure: Literal["win_rate"] = "win_rate"


@dataclass(frozen=True, slots=True)
class WhyQuestion:
    """Why did the win rate change from one period to another?

    Periods left out are the last two complete quarters. `by` None looks at every dimension.
    """

    before: Period | None = None
    after: Period | None = None
    by: str | None = None
    filters: tuple[Filter, ...] = ()
    created: bool = False  # periods are of the day of creation: cohorts compared at equal age
    challenge: bool = False  # run it again in other ways, and say whether the finding holds


@dataclass(frozen=True, slots=True)
class WatchQuestion:
    """Is the win rate unusual, month by month? With a dimension: each of its values too.

    `floor` is a win rate, as a fraction, that must not be undercut.
    """

    dimension: str | None = None
    filters: tuple[Filter, ...] = ()
    floor: float | None = None


@dataclass(frozen=True, slots=True)
class DriversQuestion:
    """What is associated with winning? Two dimensions ask for their interaction."""

    dimensions: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class PipelineQuestion:
    """What will be won in a period (default: the running quarter)? `whose` is "mine", "team" or "all"."""

    whose: Literal["mine", "team", "all"] = "all"
    period: Period | None = None
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class FunnelQuestion:
    """Where do deals leak? Deals that entered a stage in a period (default: the last four quarters)."""

    period: Period | None = None
    filters: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class WhatIfQuestion:
    """What if a segment were dropped, or its capacity worked on another?"""

    action: Literal["drop", "shift"]
    segment: tuple[Filter, ...]
    to: tuple[Filter, ...] = ()
    period: Period | None = None  # the past that the future is taken to be like; default: four quarters
