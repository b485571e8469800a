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
