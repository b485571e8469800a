"""Win rates by month go in; how much they move by more than chance, and by month of the quarter, come out.

Both are kept with what the data leave open, for limits that trusted a lucky guess would alarm too often.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray
from scipy.special import fdtri

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Bools = NDArray[np.bool_]

POSITIONS = 3  #: months of a quarter
GRID = np.array([0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15]) / 100  #: wobbles thought possible, in win rate
USUAL = 0.03  #: the wobble that real teams show; larger ones are believed the less. Source: numbers.md part 3

#: Differences of four months in a row that tell most of their spread, and how much that is of what as many
#: independent ones would tell. Moving ranges (two months) tell 2/3. Source: Hall, Kay and Titterington 1990
DIFFERENCE = np.array([0.1942, 0.2809, 0.3832, -0.8582])
TOLD = 6 / 7
SHOCKED = 4.0  #: errors beyond which a difference tells of a shock, not of more wobble
SUPPORT = 0.95  #: F quantile beyond which the months of the quarter differ by more than chance


@dataclass(frozen=True, slots=True)
class Season:
    """What each month of the quarter adds to the win rate, and the standard error of that; zeros for none."""

    effects: Floats  # (3,)
    errors: Floats  # (3,)


@dataclass(frozen=True, slots=True)
class Wobble:
    """How much win rates move from month to month by more than chance, one row per series."""

    belief: Floats  # (series, GRID): probability of each wobble

    @property
    def squared(self) -> Floats:
        """Expected square of it, per series."""
        return np.asarray(self.belief @ GRID**2)

    def draw(self, rng: np.random.Generator, size: int) -> Floats:
        """(series, size): wobbles as likely as the data leave them."""
        reached = self.belief.cumsum(1)[:, :-1, None]
        return np.asarray(GRID[(reached < rng.random((len(self.belief), 1, size))).sum(1)])


def safe_rate(won: ArrayLike, n: ArrayLike) -> Floats:
    """Win rate, a little inside of 0 and 1, so that it has a variance (Jeffreys)."""
    return (np.asarray(won, float) + 0.5) / (np.asarray(n, float) + 1.0)


def season(n: Counts, won: Counts, position: Counts) -> Season:
    """Effect of the month of the quarter, shrunken; none unless the months differ by more than they wobble.

    Args:
        n, won: closed and won deals per month, in order.
        position: 0, 1 or 2, the month's place in its quarter.

    Source: F test of three groups on Laney-standardised rates; empirical Bayes by the method of moments.
    """
    none = Season(np.zeros(POSITIONS), np.zeros(POSITIONS))
    deals, wins = (np.bincount(position, c, POSITIONS) for c in (n, won))
    freedom = int((n > 0).sum()) - POSITIONS
    if deals.min() == 0 or freedom < 1:
        return none
    rates, whole = wins / deals, float(safe_rate(wins.sum(), deals.sum()))
    chance = whole * (1 - whole)
    within = float(((won - n * rates[position]) ** 2 / (chance * np.maximum(n, 1))).sum()) / freedom
    variance = chance * max(within, 1.0) / deals
    between = float(((rates - whole) ** 2 / variance).sum())
    if between / 2 <= fdtri(POSITIONS - 1, freedom, SUPPORT):
        return none
    kept = max(1 - (POSITIONS - 1) / between, 0.0)
    return Season(kept * (rates - whole), np.sqrt(kept * variance))


def wobble(n: Counts, rate: Floats) -> Wobble:
    """What the differences between near months leave possible; a lasting change hardly touches them.

    Args:
        n: (series, months) closed deals.
        rate: (series, months) win rates, the season taken out; anything where n is 0.

    Source: Laney 2002 takes sigma z from moving ranges; here from longer differences, and with a half-normal
    prior, as 12 months say little of a spread.
    """
    usual = safe_rate((rate * n).sum(1), n.sum(1))[:, None]
    near = len(DIFFERENCE)
    short = ((0, 0), (max(near - n.shape[1], 0), 0))
    deals, rates = (sliding_window_view(np.pad(c, short), near, axis=1) for c in (n, rate))
    chance = usual * (1 - usual) * (1 / np.maximum(deals, 1) @ DIFFERENCE**2)
    spread = chance[:, None, :] + GRID[None, :, None] ** 2
    out = np.minimum((rates @ DIFFERENCE)[:, None, :] ** 2 / spread, SHOCKED**2)
    told = np.where(deals.min(2)[:, None, :] > 0, -0.5 * (np.log(spread) + out), 0.0)
    weight = TOLD * told.sum(2) - 0.5 * (GRID / USUAL) ** 2 + np.log(np.gradient(GRID))
    weight = np.exp(weight - weight.max(1, keepdims=True))
    return Wobble(weight / weight.sum(1, keepdims=True))
