"""A team's own months go in; limits that keep its false alarms within one budget come out, and what they see.

Stable teams with the same deals a month are simulated. Their wobble and season are drawn from what the data
leave possible, so an estimate that is wrong is paid for; the usual rate is estimated anew in each.
"""

from dataclasses import dataclass

import numpy as np

from analytics.watch.chart import Before, Course, Limits, follow
from analytics.watch.wobble import Counts, Floats, Season, Wobble

PROMISED = 0.10  #: chance of any false alarm in 24 months, over both charts: of everything, and again of all
#: its segments together
BUDGET = 0.09  #: what the limits aim at: teams that wobble more than their history shows need the rest
SHARES = {"shock": 0.12, "down": 0.84, "up": 0.04}  #: of the budget; most for the drop one must not miss
FEWEST_ERRORS = 3.0  #: a shock is never less than three standard errors
PATHS = 600  #: simulated teams per series
TAIL = 0.1  #: share of them that the tail is fitted to
MONTHS_TO_SEE = 6
POWER = 0.8
DROPS = np.arange(2, 16) / 100  #: lasting drops tried; who needs a larger one has too few deals a month


@dataclass(frozen=True, slots=True)
class Plan:
    """What is simulated: the months before, the deals of those watched, the usual rate and its movements."""

    before_n: Counts  # (series,)
    before_months: Counts  # (series,)
    n: Counts  # (series, HORIZON)
    position: Counts  # (series, HORIZON): month of the quarter
    usual: Floats  # (series,)
    wobble: Wobble
    season: Season


def simulate(plan: Plan, rng: np.random.Generator) -> Limits:
    """Limits that a stable team like this exceeds anywhere, in any series, within 24 months: in `BUDGET`."""
    course = _paths(plan, plan.n, np.zeros(len(plan.n)), rng)
    level = 1 - (1 - BUDGET) ** (1 / len(plan.n))
    return Limits(
        shock=np.maximum(np.sqrt(beyond((course.out**2).max(2), level * SHARES["shock"])), FEWEST_ERRORS),
        down=beyond(course.down.max(2), level * SHARES["down"]),
        up=beyond(course.up.max(2), level * SHARES["up"]),
    )


def beyond(highest: Floats, level: float) -> Floats:
    """The value that a row of `highest` exceeds with probability `level`, its tail taken as exponential.

    That is the tail of a CUSUM of log likelihood ratios (Siegmund 1985), and of a normal error squared.
    """
    kept = max(int(TAIL * highest.shape[1]), 1)
    rising = np.sort(highest, axis=1)
    start, share = rising[:, -kept - 1], kept / highest.shape[1]
    scale = (rising[:, -kept:] - start[:, None]).mean(1)
    return np.asarray(start + scale * np.log(share / min(level, share)))


def detectable(plan: Plan, limits: Limits, rng: np.random.Generator) -> float | None:
    """The smallest lasting drop of a single series that is seen within six months in 80 of 100 cases.

    Args:
        plan: of this series alone, with every month known as the months before.
        limits: of this series.

    Returns:
        A fraction; None when not even a drop of 15 points is seen so often.
    """
    tried = len(DROPS)
    wide = Plan(
        before_n=plan.before_n.repeat(tried),
        before_months=plan.before_months.repeat(tried),
        n=plan.n.repeat(tried, axis=0),
        position=plan.position.repeat(tried, axis=0),
        usual=plan.usual.repeat(tried),
        wobble=Wobble(plan.wobble.belief.repeat(tried, axis=0)),
        season=plan.season,
    )
    course = _paths(wide, wide.n, DROPS, rng)
    seen = (course.down > limits.down[0]) | (course.out < -limits.shock[0])
    return _reached(seen.any(2).mean(1))


def _reached(power: Floats) -> float | None:
    """The drop at which the power passes 80 %, straight between those tried."""
    rising = np.maximum.accumulate(power)
    if rising[-1] < POWER:
        return None
    return float(np.interp(POWER, np.concatenate(([0.0], rising)), np.concatenate(([0.0], DROPS))))


def _paths(plan: Plan, n: Counts, drop: Floats, rng: np.random.Generator) -> Course:
    """Charts of simulated teams whose rate falls by `drop` (one per series) when watching begins."""
    size = (len(n), PATHS)
    wobble = plan.wobble.draw(rng, PATHS)
    lately = np.maximum(plan.before_months, 1)[:, None]
    before = plan.usual[:, None] + wobble / np.sqrt(lately) * rng.standard_normal(size)
    turn = plan.season.errors * rng.standard_normal((PATHS, 3))
    rate = (plan.usual - drop)[:, None, None] + turn.T[plan.position].transpose(0, 2, 1)
    rate = rate + wobble[:, :, None] * rng.standard_normal((*size, n.shape[1]))
    won = rng.binomial(n[:, None, :], _inside(rate)).astype(float)
    start = Before(
        plan.before_n,
        rng.binomial(plan.before_n[:, None], _inside(before)).astype(float),
        plan.before_months,
    )
    return follow(start, n, won, plan.wobble.squared)


def _inside(rate: Floats) -> Floats:
    return np.asarray(np.clip(rate, 0.002, 0.998))
