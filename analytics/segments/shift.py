"""The model of a change: how each cell won before, and how that shifted, for all cells or for some.

    logit(before) = level of the cell,  logit(after) = level of the cell + overall shift + shifts of segments

A cell's level is the sum of main effects plus a deviation of its own, which is shrunk the more, the less the
cells deviate and the fewer deals it has: with many deals the test compares a cell with itself only
(Cochran-Mantel-Haenszel), with one deal per cell it is a plain logistic regression. Wobble, a scatter of
the cells' shifts beyond chance, makes every shift as much less certain.

Source: penalised quasi-likelihood, Breslow and Clayton 1993; score test of Cox and Hinkley 1974.
"""

import math
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, log_ndtr, logit

from analytics.segments.cells import Cells, Floats

ROUNDS = 12  #: Newton steps at most; four are usual
LEAST_SPREAD = 0.05  #: variance of cells' own deviations (logits) that is always reckoned with: 5 points
MOST_SPREAD = 4.0
ENOUGH_CELLS = 16  #: degrees of freedom below which wobble cannot be told from segments
TELLING = 1.0  #: information of a cell's shift below which it says nothing of wobble
MOST_WOBBLE, HALVINGS = 1.0, 30
RIDGE = 1e-6
LONGEST = 2.0  #: Newton step (logits) at most
SETTLED = 1e-5  #: a Newton step (logits) after which nothing moves any more


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Indicator columns, one row per cell: of what sets a cell's level, and of what shifts it."""

    levels: Floats
    shifts: Floats  # the first column is the overall shift


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """How much each cell tells: information of both periods and of the later one, after wobble.

    A cell's own deviation takes a share of its evidence for itself; `kept` is what it leaves.
    """

    both: Floats
    after: Floats
    held: Floats  # what wobble leaves of the later period's evidence
    spread: float

    @property
    def kept(self) -> Floats:
        """Share of the evidence that a cell's own deviation leaves to the columns."""
        return np.asarray(1.0 / (1.0 + self.spread * self.both))

    @property
    def sides(self) -> tuple[Floats, Floats, Floats]:
        """Weights for the information of two level columns, of a level and a shift, of two shifts."""
        later = self.after * self.kept
        return self.both * self.kept, later, later * (1.0 + self.spread * (self.both - self.after))

    def scores(self, residual: Floats, later: Floats, own: Floats) -> tuple[Floats, Floats, Floats]:
        """Scores of a level and of a shift, and the pull on the cells' own deviations.

        Args:
            residual: wins beyond those expected, of both periods together.
            later: those of the later period.
            own: the deviations so far.
        """
        pull = residual * self.spread - own
        return residual - self.both * self.kept * pull, later - self.after * self.kept * pull, pull

    def own_step(self, pull: Floats, on_level: Floats, on_shift: Floats) -> Floats:
        """How the own deviations move when the columns' logits do."""
        return np.asarray(self.kept * (pull - self.spread * (self.both * on_level + self.after * on_shift)))


@dataclass(frozen=True, slots=True, eq=False)
class Shift:
    """The model fitted to cells.

    The scores and `weights` are what one more column would be tested with: summed over its cells.
    """

    design: Design
    gamma: Floats  # of the level columns
    beta: Floats  # of the shift columns
    own: Floats  # each cell's deviation from its main effects
    wobble: float  # variance of the cells' own shifts
    weights: Weights
    level_score: Floats
    shift_score: Floats
    pull: Floats  # on the own deviations: none once fitted
    inverse: Floats  # of the information of all columns, levels first
    freedom: float = math.inf  # degrees of freedom that the wobble was estimated with

    @property
    def level(self) -> Floats:
        """Logit of each cell's rate before."""
        return np.asarray(self.design.levels @ self.gamma + self.own)

    @property
    def later(self) -> Floats:
        """Logit of each cell's rate after."""
        return np.asarray(self.level + self.design.shifts @ self.beta)

    @property
    def rates(self) -> tuple[Floats, Floats]:
        """Fitted win rate of each cell, before and after."""
        return expit(self.level), expit(self.later)

    @property
    def errors(self) -> Floats:
        """Standard error of each shift."""
        return np.sqrt(np.diag(self.inverse)[self.gamma.size :])

    def log_p(self, z: Floats) -> Floats:
        """Log of the two-sided p of standardised shifts: normal, or Student's where wobble was estimated.

        Source: Abramowitz and Stegun 26.7.8, the normal quantile that matches one of Student's t.
        """
        size = np.abs(z) * (1 - 1 / (4 * self.freedom)) / np.sqrt(1 + z**2 / (2 * self.freedom))
        return np.asarray(math.log(2) + log_ndtr(-size))


def main_effects(cells: Cells) -> Floats:
    """One column for all cells, and one per value of each dimension but its first."""
    columns = [np.ones((len(cells.codes), 1))]
    for place, values in enumerate(cells.values):
        columns.append((cells.codes[:, place, None] == np.arange(1, len(values))).astype(float))
    return np.hstack(columns)


def fit(cells: Cells, design: Design, near: Shift | None = None) -> Shift:
    """The model with these columns.

    Args:
        near: a fit with the same or fewer columns, to start from; its spread of the levels is kept.
    """
    start = near or _first(cells, design)
    plain = _solved(cells, design, start, start.weights.spread, 0.0)
    wobble, freedom = _wobble(plain)
    if not wobble:
        return plain
    return replace(_solved(cells, design, plain, start.weights.spread, wobble), freedom=freedom)


def _first(cells: Cells, design: Design) -> Shift:
    """Main effects alone, with the spread of the cells about them."""
    before = cells.rates[0] if 0 < cells.rates[0] < 1 else 0.5
    gamma, beta = np.zeros(design.levels.shape[1]), np.zeros(design.shifts.shape[1])
    gamma[0] = logit(before)
    start = _at(cells, design, gamma, beta, np.zeros(len(cells.codes)), 0.0, 0.0)
    plain = _solved(cells, design, start, 0.0, 0.0)
    information = plain.weights.both
    freedom = max(1 - (gamma.size + 1) / max(len(cells.codes), 1), 0.0)
    excess = float((plain.level_score**2 - information * freedom).sum())
    spread = excess / max(float((information**2).sum()), 1e-9)
    return _solved(cells, design, plain, float(np.clip(spread, LEAST_SPREAD, MOST_SPREAD)), 0.0)


def _solved(cells: Cells, design: Design, start: Shift, spread: float, wobble: float) -> Shift:
    """Newton's steps from `start` until nothing moves."""
    gamma, beta, own = _padded(start.gamma, design.levels), _padded(start.beta, design.shifts), start.own
    for _ in range(ROUNDS):
        now = _at(cells, design, gamma, beta, own, spread, wobble)
        gradient = np.concatenate((design.levels.T @ now.level_score, design.shifts.T @ now.shift_score))
        step = now.inverse @ (gradient - RIDGE * np.concatenate((gamma, beta)))
        change, moved = np.split(np.clip(step, -LONGEST, LONGEST), [gamma.size])
        on_level, on_shift = design.levels @ change, design.shifts @ moved
        own = own + now.weights.own_step(now.pull, on_level, on_shift)
        gamma, beta = gamma + change, beta + moved
        if np.abs(step).max() < SETTLED:
            break
    return now


def _at(
    cells: Cells, design: Design, gamma: Floats, beta: Floats, own: Floats, spread: float, wobble: float
) -> Shift:
    """The model with these coefficients: its scores and weights."""
    level = design.levels @ gamma + own
    p0, p1 = expit(level), expit(level + design.shifts @ beta)
    (n0, n1), (won0, won1) = cells.n, cells.won
    after = n1 * p1 * (1 - p1)
    held = 1.0 / (1.0 + wobble * after)
    weights = Weights(n0 * p0 * (1 - p0) + after * held, after * held, held, spread)
    later = (won1 - n1 * p1) * held
    level_score, shift_score, pull = weights.scores(won0 - n0 * p0 + later, later, own)
    inverse = np.asarray(np.linalg.inv(_information(design, weights)), float)
    return Shift(design, gamma, beta, own, wobble, weights, level_score, shift_score, pull, inverse)


def _padded(values: Floats, columns: Floats) -> Floats:
    """The coefficients, with zeros for columns that came later."""
    return np.concatenate((values, np.zeros(columns.shape[1] - values.size)))


def _information(design: Design, weights: Weights) -> Floats:
    """Information of all columns, levels first."""
    levels, shifts = design.levels, design.shifts
    level, cross, shift = weights.sides
    corner = levels.T @ (cross[:, None] * shifts)
    full = np.block(
        [[levels.T @ (level[:, None] * levels), corner], [corner.T, shifts.T @ (shift[:, None] * shifts)]]
    )
    full[np.diag_indices_from(full)] += RIDGE
    return full


def _wobble(plain: Shift) -> tuple[float, float]:
    """Variance of the cells' own shifts beyond chance, and on how many degrees of freedom it rests.

    0 where there are too few cells to tell. With wobble, a cell's squared score exceeds its information by
    the square of the latter times the wobble: that many standardised squares add up to their number.

    Source: the method of moments of Paule and Mandel 1982.
    """
    shift_weight = plain.weights.sides[2]
    telling = shift_weight >= TELLING
    freedom = float(telling.sum()) - plain.beta.size
    if freedom < ENOUGH_CELLS:
        return 0.0, math.inf
    weight, square = shift_weight[telling], plain.shift_score[telling] ** 2
    if float((square / weight).sum()) <= freedom:
        return 0.0, math.inf
    low, high = 0.0, MOST_WOBBLE
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        excess = float((square / (weight * (1 + middle * weight))).sum()) > freedom
        low, high = (middle, high) if excess else (low, middle)
    return high, freedom
