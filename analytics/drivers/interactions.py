"""Won and closed deals by two dimensions -> what each pair does beyond its parts, and whether any does."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc

from analytics import verdict
from analytics.drivers.features import Floats, Ints
from analytics.facts import Verdict

ROUNDS, CLOSE = 500, 1e-8
COPIES = 400  #: drawn where counts are too small for a chi-square; p is known to about a hundredth then
FEWEST = 60  #: closed deals below which nothing is said of pairs


Place = tuple[Ints, Ints]  # row and column of each cell


@dataclass(frozen=True, slots=True)
class Interaction:
    """One entry per cell given. `effect` and `rate` are shrunken towards what the two parts alone give.

    `usual` is what they give, `counted` what the cell won.
    """

    usual: Floats
    counted: Floats
    rate: Floats
    effect: Floats
    low: Floats
    high: Floats
    verdicts: tuple[Verdict, ...]
    p_value: float | None  # of "no pair does anything beyond its parts"; None when that cannot be told

    @property
    def verdict(self) -> Verdict:
        """As strong as the strongest pair, and at least a Hint where all of them together are unlike."""
        return verdict.strongest(self.verdicts, self.p_value)


def interaction(
    first: Sequence[str], second: Sequence[str], won: Sequence[int], n: Sequence[int], level: float
) -> Interaction | None:
    """What the cells show beyond the two dimensions alone.

    Args:
        first, second: each cell's values; a combination stands at most once.
        won, n: won and closed deals of each cell.
        level: adjusted p up to which a cell is a Signal.

    Returns:
        None with fewer than two values on either side, or too few deals.

    Source: the log-linear model without the three-way term, fitted by iterative proportional scaling; its
    odds ratios between cells are those of a logistic model with the two main effects.
    """
    rows, columns = sorted(set(first)), sorted(set(second))
    if min(len(rows), len(columns)) < 2 or sum(n) < FEWEST or not 0 < sum(won) < sum(n):
        return None
    place = (np.array([rows.index(v) for v in first]), np.array([columns.index(v) for v in second]))
    counts = np.zeros((len(rows), len(columns), 2))
    counts[place[0], place[1], 0] = won
    counts[place[0], place[1], 1] = np.asarray(n) - np.asarray(won)
    expected = scaled(counts[None])[0]
    return _judged(place, counts[place], expected[place], _omnibus(counts, expected), level)


def scaled(counts: Floats) -> Floats:
    """Counts with the same two-way margins and no interaction: tables of rows x columns x (won, lost)."""
    fitted = np.where(counts.sum(axis=3, keepdims=True) > 0, np.ones_like(counts), 0.0)
    for _ in range(ROUNDS):
        before = fitted
        for axis in (3, 2, 1):
            have, want = fitted.sum(axis=axis, keepdims=True), counts.sum(axis=axis, keepdims=True)
            fitted = fitted * np.divide(want, have, out=np.zeros_like(have), where=have > 0)
        if float(np.abs(fitted - before).max()) < CLOSE:
            break
    return np.asarray(fitted)


def _pearson(counts: Floats, expected: Floats) -> Floats:
    """Pearson's distance of each table from what is expected of it."""
    safe = np.where(expected > 0, expected, 1.0)
    return np.asarray(np.where(expected > 0, (counts - expected) ** 2 / safe, 0.0).sum(axis=(1, 2, 3)))


def _omnibus(counts: Floats, expected: Floats) -> float | None:
    seen = counts.sum(axis=2) > 0
    freedom = int(seen.sum()) - sum(counts.shape[:2]) + 1
    if freedom < 1:
        return None
    inside = expected[seen]
    distance = float(_pearson(counts[None], expected[None])[0])
    if inside.min() >= 1 and (inside < 5).mean() <= 0.2:
        return float(chdtrc(freedom, distance))
    return _simulated(counts, expected, distance)


def _simulated(counts: Floats, expected: Floats, distance: float) -> float:
    """The p of a distance among tables drawn without interaction. Source: parametric bootstrap."""
    n = counts.sum(axis=2)
    rate = np.divide(expected[..., 0], n, out=np.zeros_like(n), where=n > 0)
    rng = np.random.default_rng(int(counts.sum()))
    won = rng.binomial(n.astype(np.int64), np.clip(rate, 0, 1), (COPIES, *n.shape))
    drawn = np.stack([won, n - won], axis=3).astype(float)
    as_far = _pearson(drawn, scaled(drawn)) >= distance - 1e-9
    return float((1 + as_far.sum()) / (1 + COPIES))


def _judged(
    place: Place, counts: Floats, expected: Floats, p_value: float | None, level: float
) -> Interaction:
    n = counts.sum(axis=1)
    usual = np.divide(expected[:, 0], n, out=np.zeros(len(n)), where=n > 0)
    spread = np.sqrt(np.maximum(usual * (1 - usual), 1e-9) / np.maximum(n, 1))
    free = np.sqrt(_freedom(place, n * np.maximum(usual * (1 - usual), 1e-9)))
    own = np.divide(counts[:, 0], n, out=usual.copy(), where=n > 0)
    kept = _kept(own - usual, spread)
    effect, error = kept * (own - usual), np.sqrt(kept) * spread
    p = np.array([math.erfc(abs(z) / math.sqrt(2)) for z in (own - usual) / (spread * free)])
    return Interaction(
        usual=usual,
        counted=own,
        rate=usual + effect,
        effect=effect,
        low=effect - verdict.Z95 * error,
        high=effect + verdict.Z95 * error,
        verdicts=_verdicts(p, n, p_value, level),
        p_value=p_value,
    )


def _freedom(place: Place, weight: Floats) -> Floats:
    """The share of each cell's distance that the two parts leave free: one minus its leverage.

    Source: adjusted residuals, Haberman 1973. In a table of two by two a cell keeps about a quarter.
    """
    sides = [np.eye(int(side.max()) + 1)[side] for side in place]
    columns = np.hstack(sides) * np.sqrt(weight)[:, None]
    leverage = np.einsum("ij,jk,ik->i", columns, np.linalg.pinv(columns.T @ columns), columns)
    return np.asarray(np.maximum(1 - leverage, 1e-3), float)


def _kept(distance: Floats, spread: Floats) -> Floats:
    """How much of each cell's distance is believed. Source: empirical Bayes, Efron and Morris 1973."""
    true = float(np.average(distance**2 - spread**2, weights=1 / spread**2))
    return np.asarray(max(true, 0.0) / (max(true, 0.0) + spread**2))


def _verdicts(p: Floats, n: Floats, p_value: float | None, level: float) -> tuple[Verdict, ...]:
    tested = n >= verdict.FEWEST
    found = [Verdict.TOO_FEW] * len(p)
    for place, said in zip(np.flatnonzero(tested), verdict.verdicts(p[tested], level), strict=True):
        is_real = p_value is not None and p_value <= verdict.ALPHA
        found[place] = said if is_real else verdict.ONE_STEP_DOWN.get(said, said)
    return tuple(found)
