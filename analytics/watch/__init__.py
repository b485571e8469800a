"""Closed and won deals per month and series go in; what is unusual in each, and since when, comes out.

A Laney-scaled p' chart sees shocks, a Laney-scaled CUSUM sustained drift. Limits are simulated on the team's
own deals and wobble: over both charts at most one stable team in ten has a false alarm in 24 months. That is
the budget of everything, which is judged alike however it is cut; its segments together have another one.
Whoever asks by region, then by product, spends the second twice.
"""

from analytics.watch.judge import TRAILING, Change, Month, Seen, Trailing, Watching, watch
from analytics.watch.limits import PROMISED
from analytics.watch.record import BASELINE

__all__ = [
    "BASELINE",
    "PROMISED",
    "TRAILING",
    "Change",
    "Month",
    "Seen",
    "Trailing",
    "Watching",
    "watch",
]
