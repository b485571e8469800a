"""A cut of the closed deals -> what came in of it, how long it took, and how much that is per day."""

from dataclasses import dataclass

import numpy as np

from analytics import metrics, verdict
from analytics.answers.mint import Mint, money
from analytics.facts import Fact, Unit
from analytics.questions import Filter, Period, Scope
from analytics.spans import quantile
from analytics.store import CellRow, Generation

NONE = "no_closed_deals"


@dataclass(frozen=True, slots=True)
class Closed:
    """Closed deals: their counts and amounts, and the median days of those not logged after the fact.

    `open_deals` is how many of their kind were open on a day of the period.
    """

    counts: CellRow
    cycle: float | None
    open_deals: float | None
    currency: str

    @property
    def velocity(self) -> float | None:
        """Money won per day of a cycle."""
        counts = self.counts
        rate = metrics.win_rate(counts.won, counts.deals)
        if rate is None or self.cycle is None or self.open_deals is None:
            return None
        won_amount = counts.won_amount_cents / 100
        return metrics.sales_velocity(self.open_deals, rate, won_amount, counts.won, self.cycle)

    def figures(self, mint: Mint, of: str) -> dict[str, Fact]:
        """Win rate, won amount, median cycle and sales velocity."""
        counts = self.counts
        low, high = (float(end) if counts.deals else None for end in verdict.wilson(counts.won, counts.deals))
        rate = metrics.win_rate(counts.won, counts.deals)
        won = money(counts.won_amount_cents) if counts.deals else None
        return {
            "win_rate": mint.fact(
                "win_rate", rate, Unit.FRACTION, of, n=counts.deals, low=low, high=high, unknown=NONE
            ),
            "won_amount": mint.fact("won_amount", won, Unit.MONEY, of, currency=self.currency, unknown=NONE),
            **self.pace(mint, of),
        }

    def pace(self, mint: Mint, of: str) -> dict[str, Fact]:
        """Median cycle and sales velocity."""
        unit, reason = Unit.MONEY_PER_DAY, NONE if self.cycle is None else "none_won"
        return {
            "median_cycle": mint.fact("median_cycle", self.cycle, Unit.DAYS, of, unknown=NONE),
            "sales_velocity": mint.fact(
                "sales_velocity", self.velocity, unit, of, currency=self.currency, unknown=reason
            ),
        }


def closed(
    generation: Generation,
    filters: tuple[Filter, ...],
    period: Period,
    deal_type: str | None,
    scope: Scope,
) -> Closed:
    """The closed deals of a cut."""
    found = generation.cells((), filters, period, deal_type, scope)
    spans = generation.cycle_days(filters, period, deal_type, scope)
    days, deals = np.array(spans, np.int64).reshape(-1, 2).T
    return Closed(
        found[0] if found else CellRow((), 0, 0, 0, 0),
        quantile(days, deals, 0.5) if days.size else None,
        generation.average_open(filters, period, deal_type, scope),
        generation.currency,
    )
