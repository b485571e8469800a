"""When a deal is stalled, wherever a card, a week, a play or an alert says so: the lines, and its silence."""

from dataclasses import dataclass, field
from decimal import Decimal

from analytics.generation import DealRow

STALLED = "stalled"  #: id of the rule that draws these lines


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The lines a deal must cross to be called stalled; each default with its unit and its source."""

    amount: Decimal = field(
        default=Decimal(50_000),
        metadata={
            "unit": "money",
            "source": "what a team calls a big deal; a setting, to be set from its own deals",
        },
    )
    inactive_days: int = field(
        default=14,
        metadata={
            "unit": "days",
            "source": "two working weeks; a setting, to be tried on last quarter first",
        },
    )


def idle_days(row: DealRow) -> int | None:
    """Days since anything was done, None when nobody knows.

    A move to another stage is a sign of life that no activity log shows.
    """
    if row.days_since_activity is None or row.days_in_stage is None:
        return row.days_since_activity
    return min(row.days_since_activity, row.days_in_stage)
