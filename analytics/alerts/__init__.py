"""What is worth telling: rules as data, two generations in, findings out; and why one no longer holds."""

from collections.abc import Sequence

from analytics.alerts import deals, flips, owners, rates
from analytics.alerts.deals import of_deal
from analytics.alerts.endings import ending, lasts
from analytics.alerts.rules import Rule
from analytics.facts import Finding
from analytics.store import Generation

__all__ = ["ending", "findings", "lasts", "of_deal"]


def findings(rules: Sequence[Rule], before: Generation | None, now: Generation) -> list[Finding]:
    """What holds now, compared with a week before; without that week nothing fell.

    Of the source itself `sources` tells, which needs more than a generation.

    Returns:
        Deals first, in the order of the rules and with the biggest amount first, then owners, segments and
        drivers.
    """
    return [
        *deals.found(rules, before, now),
        *owners.found(rules, before, now),
        *rates.rates(rules, before, now),
        *flips.flips(rules, before, now),
    ]
