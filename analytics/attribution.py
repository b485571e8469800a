"""Two periods of counts per cell go in; the parts of the change of the win rate come out, adding up exactly.

Within one dimension each value's part is split in two: its share of the deals moved (mix), its rate moved
(rate). Across dimensions the change is shared out among the mix of each, their interaction, the overall
shift, the shifts of segments found and a rest, by Shapley's value: no part depends on an order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import factorial

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, expit, logit

from analytics.segments import Cells, Shift
from analytics.segments.cells import Floats
from analytics.verdict import Z95

MOST_MIXES = 4  #: dimensions whose mix is a part of its own; that of the others is in the interaction
DRAWS = 200  #: of the bootstrap behind the intervals
ROOM = 600_000  #: draws times cells at most; with more cells fewer draws are made, but never under 40
SEED = 20240720


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """The parts of each value of a dimension in the change of the whole rate; all of them add up to it."""

    mix: Floats
    rate: Floats


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a change, as a fraction with its 95 % interval.

    `kind` is "mix" (of `name`, a dimension), "interaction", "overall", "segment" (`name` is its place among
    those found, from "0") or "rest".
    """

    kind: str
    name: str
    effect: float
    low: float
    high: float


def within(n_before: ArrayLike, won_before: ArrayLike, n_after: ArrayLike, won_after: ArrayLike) -> Split:
    """Mix and rate effect of each value of one dimension.

    mix = (share after - before) x (its mean rate - the whole's mean rate); rate = (rate after - before) x
    its mean share. Mean is of the two periods, so neither is the base. A value without deals in a period
    has the rate of the other one there. Draws may be stacked in front: the values are the last axis.

    Source: Kitagawa 1955.

    >>> parts = within([50, 50], [30, 10], [30, 70], [18, 14])
    >>> parts.mix.round(3).tolist(), parts.rate.round(3).tolist()
    ([-0.048, -0.032], [0.0, 0.0])
    """
    n0, won0, n1, won1 = (np.asarray(c, float) for c in (n_before, won_before, n_after, won_after))
    share0, share1 = _shares(n0), _shares(n1)
    rate0, rate1 = won0 / np.maximum(n0, 1), won1 / np.maximum(n1, 1)
    rate0, rate1 = np.where(n0 > 0, rate0, rate1), np.where(n1 > 0, rate1, rate0)
    whole = ((share0 * rate0 + share1 * rate1).sum(axis=-1) / 2)[..., None]
    mix = (share1 - share0) * ((rate0 + rate1) / 2 - whole)
    return Split(mix, (rate1 - rate0) * (share0 + share1) / 2)


def mix_of(cells: Cells, dimension: str) -> float:
    """What the mix of one dimension alone did to the rate."""
    codes = cells.codes[:, cells.dimensions.index(dimension)]
    counts = (np.bincount(codes, c) for c in (cells.n[0], cells.won[0], cells.n[1], cells.won[1]))
    return float(within(*counts).mix.sum())


def across(cells: Cells, fitted: Shift, first: Sequence[str] = ()) -> tuple[Part, ...]:
    """The change from `before` to `after` as parts that add up to it, biggest first.

    Args:
        fitted: the model of these cells; its shifts are the overall one and those of the segments found.
        first: dimensions whose mix must be a part of its own.

    Intervals come from a parametric bootstrap: deals drawn anew in each cell, won at the fitted rates, and
    the model moved by one step. The same cells give the same intervals.
    """
    mixes = _mixes(cells, first)
    observed = cells.rates[1] - cells.rates[0]
    level, shifts = fitted.level[None], fitted.beta[None]
    effects = _shapley(cells, mixes, fitted, (cells.n[0][None], cells.n[1][None]), level, shifts)[0]
    spread = _bootstrap(cells, mixes, fitted).std(axis=0, ddof=1)
    rest = observed - float(effects.sum())
    kinds = [*(("mix", d) for d in mixes), ("interaction", ""), ("overall", "")]
    kinds += [("segment", str(place)) for place in range(fitted.beta.size - 1)]
    parts = [
        Part(kind, name, float(effect), float(effect - Z95 * error), float(effect + Z95 * error))
        for (kind, name), effect, error in zip([*kinds, ("rest", "")], [*effects, rest], spread, strict=True)
    ]
    return tuple(sorted(parts, key=lambda part: -abs(part.effect)))


def _mixes(cells: Cells, first: Sequence[str]) -> list[str]:
    """The dimensions with the largest mix effects, those asked for in front."""
    sizes = {
        d: abs(mix_of(cells, d)) for d, v in zip(cells.dimensions, cells.values, strict=True) if len(v) > 1
    }
    asked = [d for d in first if d in sizes]
    others = sorted((d for d in sizes if d not in asked), key=lambda d: (-sizes[d], d))
    return [*asked, *others][:MOST_MIXES]


def _shares(n: Floats) -> Floats:
    return np.asarray(n / np.maximum(n.sum(axis=-1, keepdims=True), 1e-300))


def _shapley(
    cells: Cells, mixes: Sequence[str], fitted: Shift, n: tuple[Floats, Floats], level: Floats, beta: Floats
) -> Floats:
    """Shapley values, one row per draw: of each mix, their interaction, and each shift.

    The mixes move the weights of the cells, the shifts move their rates. A rate moves along the logit from
    `level` in proportion to its shifts (Aumann and Shapley 1974), so that the shifts' parts of a rate simply
    add up; then only the order of the mixes has to be averaged over, which 2 to their number sets do.
    """
    theta = beta @ fitted.design.shifts.T
    before = expit(level)
    moved = expit(level + theta) - before
    slope = np.where(np.abs(theta) > 1e-6, moved / np.where(theta == 0, 1.0, theta), before * (1 - before))
    start, end = _shares(n[0]), _shares(n[1])
    ratios = [_ratio(cells, d, start, end) for d in mixes]
    shifts = fitted.design.shifts

    def value(weight: Floats) -> tuple[Floats, Floats, Floats]:
        return (weight * before).sum(-1), (weight * moved).sum(-1), ((weight * slope) @ shifts) * beta

    values = [value(_reweighed(start, ratios, chosen)) for chosen in range(2 ** len(mixes))]
    return _shared_out(values, value(end), len(mixes))


def _reweighed(start: Floats, ratios: Sequence[Floats], chosen: int) -> Floats:
    """The cells' weights when the mixes in a set (its bits) are those of the later period."""
    weight = start
    for place, ratio in enumerate(ratios):
        if chosen >> place & 1:
            weight = weight * ratio
    return _shares(weight)


def _ratio(cells: Cells, dimension: str, start: Floats, end: Floats) -> Floats:
    """How the share of each cell's value grew; 1 for a value that is new, which the interaction takes in."""
    place = cells.dimensions.index(dimension)
    belongs = (cells.codes[:, place, None] == np.arange(len(cells.values[place]))).astype(float)
    before, after = start @ belongs, end @ belongs
    grown = np.where(before > 0, after / np.where(before > 0, before, 1.0), 1.0)
    return np.asarray(grown[:, cells.codes[:, place]])


def _shared_out(
    values: Sequence[tuple[Floats, Floats, Floats]], end: tuple[Floats, Floats, Floats], mixes: int
) -> Floats:
    """Shapley values from what each set of mixes is worth at the rates before, and with each shift."""
    whole = values[-1]
    of_mixes = []
    for place in range(mixes):
        effect = np.zeros_like(whole[0])
        for chosen in range(2**mixes):
            if not chosen >> place & 1:
                size, joined = chosen.bit_count(), values[chosen | 1 << place]
                plain = np.exp(betaln(size + 1, mixes - size))
                later = np.exp(betaln(size + 2, mixes - size))
                effect = (
                    effect + plain * (joined[0] - values[chosen][0]) + later * (joined[1] - values[chosen][1])
                )
        of_mixes.append(effect)
    interaction = end[0] - whole[0] + (end[1] - whole[1]) / 2
    shifts = (end[2] - whole[2]) / 2
    for chosen, (_, _, shifted) in enumerate(values):
        size = chosen.bit_count()
        shifts = shifts + shifted * (factorial(size) * factorial(mixes - size) / factorial(mixes + 1))
    return np.column_stack([*of_mixes, interaction, shifts])


def _bootstrap(cells: Cells, mixes: Sequence[str], fitted: Shift) -> Floats:
    """The parts, rest included, in as many redrawn pairs of periods: one row each."""
    draws = int(np.clip(ROOM // max(len(cells.codes), 1), 40, DRAWS))
    rng = np.random.default_rng([SEED, len(cells.codes), *(int(n.sum()) for n in (*cells.n, *cells.won))])
    p0, p1 = fitted.rates
    if fitted.wobble:
        p1 = expit(logit(p1) + rng.normal(0, fitted.wobble**0.5, (draws, p1.size)))
    n0, n1 = (rng.poisson(n, (draws, n.size)).astype(float) for n in cells.n)
    won0, won1 = rng.binomial(n0.astype(np.int64), p0), rng.binomial(n1.astype(np.int64), p1)
    level, beta = _refitted(fitted, won0 - n0 * fitted.rates[0], won1 - n1 * fitted.rates[1])
    effects = _shapley(cells, mixes, fitted, (n0, n1), level, beta)
    change = (_shares(n1) * won1 / np.maximum(n1, 1)).sum(-1) - (_shares(n0) * won0 / np.maximum(n0, 1)).sum(
        -1
    )
    return np.column_stack([effects, change - effects.sum(axis=1)])


def _refitted(fitted: Shift, noise0: Floats, noise1: Floats) -> tuple[Floats, Floats]:
    """Levels and shifts after one Newton step towards the redrawn wins."""
    design, weights = fitted.design, fitted.weights
    later = noise1 * weights.held
    level_score, shift_score, pull = weights.scores(noise0 + later, later, np.zeros(fitted.own.size))
    score = np.hstack((level_score @ design.levels, shift_score @ design.shifts))
    moved, shifted = np.split(score @ fitted.inverse, [fitted.gamma.size], axis=1)
    own = weights.own_step(pull, moved @ design.levels.T, shifted @ design.shifts.T)
    return fitted.level + moved @ design.levels.T + own, fitted.beta + shifted
