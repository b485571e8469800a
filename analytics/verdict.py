"""Is a difference real? Won and closed deals per cell go in; intervals, p values and verdicts come out.

Signal survives the correction for all cells looked at, a Hint only appears before it, Noise is what chance
does. Everything is vectorised over cells; `won` and `n` are arrays with one entry per cell.
(`scipy.stats` takes two seconds to import, so only `scipy.special` is used.)
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, gammaln

from analytics.facts import Verdict

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

ALPHA = 0.05  #: share of true nothings that may be called something
FEWEST = 5  #: closed deals below which a cell is neither shown alone nor tested
Z95 = 1.959963984540054  #: normal quantile of a two-sided 95 % interval
Z80 = 0.8416212335729143  #: normal quantile of 80 % power
_TIE = 1e-7  # log probabilities this close are equally likely, as in R's fisher.test


@dataclass(frozen=True, slots=True)
class Spread:
    """Standard deviation of the rates seen, and the one that equal groups of these sizes show by chance."""

    observed: float
    expected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the tests say of one breakdown.

    One entry per cell; `p` and `adjusted` are NaN where nothing was tested, `cells` None where a period
    must not be compared.
    """

    p: Floats
    adjusted: Floats
    cells: tuple[Verdict | None, ...]
    verdict: Verdict
    omnibus: float | None  # p of "all tested cells are alike"; None when there is nothing to compare
    tested: int  # cells that took part
    typical: float | None  # closed deals of the middle one of them
    widest_gap: float | None  # largest minus smallest rate among the tested cells
    detectable_gap: float | None  # what two typical tested cells could show
    spread: Spread | None


@dataclass(frozen=True, slots=True)
class Prior:
    """What is believed of a group before its own deals are counted: `rate`, worth `strength` deals.

    An infinite strength means the groups spread no more than chance alone makes them.
    """

    rate: float
    strength: float

    def shrink(self, won: ArrayLike, n: ArrayLike) -> Floats:
        """Each group's win rate, pulled towards `rate` the more, the fewer deals it has.

        >>> Prior(0.5, 10.0).shrink([8, 80], [10, 100]).round(3).tolist()
        [0.65, 0.773]
        """
        own, count = np.asarray(won, float), np.asarray(n, float)
        if math.isinf(self.strength):
            return np.full(own.shape, self.rate)
        weight = count + self.strength
        believed = np.full(own.shape, self.rate)  # of a group without a deal
        np.divide(own + self.strength * self.rate, weight, out=believed, where=weight > 0)
        return believed


def wilson(won: ArrayLike, n: ArrayLike, z: float = Z95) -> tuple[Floats, Floats]:
    """Low and high end of the Wilson score interval of won / n; 0 to 1 where n is 0.

    Source: Wilson 1927; keeps its 95 % also for few deals and for rates near 0 or 1.

    >>> low, high = wilson([2263], [5000])
    >>> round(float(low[0]), 3), round(float(high[0]), 3)
    (0.439, 0.466)
    """
    count = np.asarray(n, float)
    safe = np.maximum(count, 1.0)
    rate = np.asarray(won, float) / safe
    middle = (rate + z * z / (2 * safe)) / (1 + z * z / safe)
    half = z / (1 + z * z / safe) * np.sqrt(rate * (1 - rate) / safe + z * z / (4 * safe * safe))
    low = np.where(count > 0, np.maximum(middle - half, 0.0), 0.0)
    high = np.where(count > 0, np.minimum(middle + half, 1.0), 1.0)
    return low, high


def fisher(won: ArrayLike, n: ArrayLike, total_won: int, total: int) -> Floats:
    """Two-sided exact p of each cell against all other deals: `total_won` of `total`, the cell included.

    Sums the hypergeometric probabilities no larger than the observed one. Counts so far out that they add
    nothing (ten standard deviations beyond the observed one) are not visited, so a million deals cost
    no more than a few thousand.
    """
    x, size = np.asarray(won, np.int64), np.asarray(n, np.int64)
    if not x.size:
        return np.zeros(0)
    first, last = _reach(x, size, total_won, total)
    length = last - first + 1
    starts = np.concatenate(([0], np.cumsum(length)[:-1]))
    cell = np.repeat(np.arange(x.size), length)
    counts = np.arange(length.sum()) - np.repeat(starts - first, length)
    weight = _log_hypergeometric(counts, size[cell], total_won, total)
    observed = weight[starts + x - first]
    as_rare = np.where(weight <= observed[cell] + _TIE, np.exp(weight), 0.0)
    return np.asarray(np.minimum(np.add.reduceat(as_rare, starts), 1.0))


def _reach(x: Counts, size: Counts, total_won: int, total: int) -> tuple[Counts, Counts]:
    """First and last count of wins worth visiting, per cell."""
    mean = size * (total_won / total)
    spread = np.sqrt(mean * (1 - total_won / total) * (total - size) / max(total - 1, 1))
    reach = np.abs(x - mean) + 10 * spread + 10
    fewest, most = np.maximum(0, size + total_won - total), np.minimum(size, total_won)
    first = np.maximum(fewest, np.floor(mean - reach).astype(np.int64))
    last = np.minimum(most, np.ceil(mean + reach).astype(np.int64))
    return first, last


def _log_hypergeometric(won: Counts, size: Counts, total_won: int, total: int) -> Floats:
    """Log probability of `won` wins in a cell of `size` drawn from `total_won` wins among `total` deals."""
    inside = _log_choose(total_won, won) + _log_choose(total - total_won, size - won)
    return inside - _log_choose(total, size)


def _log_choose(n: int, k: Counts) -> Floats:
    return np.asarray(gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0), float)


def pearson(won: ArrayLike, n: ArrayLike) -> float:
    """Pearson's chi-square of "all cells win at one rate"; 0 when every deal ended the same way."""
    own, count = np.asarray(won, float), np.asarray(n, float)
    rate = own.sum() / count.sum()
    if rate in (0.0, 1.0):
        return 0.0
    return float(((own - count * rate) ** 2 / count).sum() / (rate * (1 - rate)))


def omnibus(won: ArrayLike, n: ArrayLike) -> float | None:
    """p of "all cells win at one rate"; None for fewer than two cells.

    Two cells: Fisher's exact test. More: chi-square where Cochran's rule lets it (no expected count under 1,
    at most a fifth under 5), else Simes' p over the exact tests of the cells, which needs no large counts.
    """
    own, count = np.asarray(won, np.int64), np.asarray(n, np.int64)
    total_won, total = int(own.sum()), int(count.sum())
    if own.size < 2:
        return None
    if own.size == 2:
        return float(fisher(own[:1], count[:1], total_won, total)[0])
    expected = np.outer([total_won, total - total_won], count / total)
    if expected.min() >= 1 and (expected < 5).mean() <= 0.2:
        return float(chdtrc(own.size - 1, pearson(own, count)))
    return float(benjamini_hochberg(fisher(own, count, total_won, total)).min())


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """p values adjusted so that calling all of them up to q wrong at most a share q of the time.

    Source: Benjamini and Hochberg 1995.

    >>> benjamini_hochberg([0.01, 0.04, 0.03, 0.5]).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    raw = np.asarray(p, float)
    order = np.argsort(raw)
    scaled = raw[order] * raw.size / np.arange(1, raw.size + 1)
    adjusted = np.empty_like(raw)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted


def verdicts(p: ArrayLike, level: float = ALPHA) -> list[Verdict]:
    """The verdict of each of several tests, corrected for their number.

    >>> [str(verdict) for verdict in verdicts([0.001, 0.04, 0.6])]
    ['Signal', 'Hint', 'Noise']
    """
    raw = np.asarray(p, float)
    return [_one(float(a), float(b), level) for a, b in zip(raw, benjamini_hochberg(raw), strict=True)]


def _one(p: float, adjusted: float, level: float) -> Verdict:
    if adjusted <= level:
        return Verdict.SIGNAL
    return Verdict.HINT if p <= ALPHA else Verdict.NOISE


#: What a verdict becomes where all cells together show nothing.
ONE_STEP_DOWN = {Verdict.SIGNAL: Verdict.HINT, Verdict.HINT: Verdict.NOISE}


def alpha(dimensions: int, available: int) -> float:
    """Level at which an adjusted p is a Signal: 0.05 for one dimension, less for a pair.

    Anyone may cross a dimension with any other, so a pair pays for all it could have been crossed with:
    0.05 / (available - 1). With 11 dimensions in the data that is 0.005.

    >>> alpha(1, 11), alpha(2, 11)
    (0.05, 0.005)
    """
    return ALPHA if dimensions < 2 else ALPHA / max(available - 1, 1)


def detectable_gap(rate: float, n: float) -> float | None:
    """Smallest true gap that two cells of `n` deals each would show in 80 of 100 cases, at p 0.05 two-sided.

    None when all deals ended the same way: then nothing is known of how rates vary.

    >>> round(detectable_gap(0.4526, 1250), 3)
    0.056
    """
    if rate in (0.0, 1.0):
        return None
    return min((Z95 + Z80) * math.sqrt(2 * rate * (1 - rate) / n), 1.0)


def spread(won: ArrayLike, n: ArrayLike) -> Spread | None:
    """How far the groups' rates scatter, beside what luck alone does; None for fewer than two groups.

    >>> seen = spread([50, 50], [100, 100])
    >>> (seen.observed, round(seen.expected, 3)) if seen else None
    (0.0, 0.05)
    """
    own, count = np.asarray(won, float), np.asarray(n, float)
    if own.size < 2:
        return None
    rate = own.sum() / count.sum()
    by_chance = math.sqrt(rate * (1 - rate) * float((1 / count).mean()))
    return Spread(float((own / count).std(ddof=1)), by_chance)


def prior(won: ArrayLike, n: ArrayLike) -> Prior:
    """The beta prior that fits how the groups spread, by the method of moments.

    The correlation within groups is what Pearson's chi-square has beyond its degrees of freedom; none left
    means that equal groups would spread as much by luck, and every group is shrunk to the overall rate.
    Groups without a deal say nothing.

    Source: beta-binomial moment estimate, Kleinman 1973.
    """
    own, count = np.asarray(won, float), np.asarray(n, float)
    own, count = own[count > 0], count[count > 0]
    total, freedom = float(count.sum()), own.size - 1
    if not total:
        return Prior(0.0, math.inf)
    rate = float(own.sum()) / total
    room = total - float((count**2).sum()) / total - freedom
    excess = pearson(own, count) - freedom
    if room <= 0 or excess <= 0:
        return Prior(rate, math.inf)
    correlation = min(excess / room, 1.0)
    return Prior(rate, (1 - correlation) / correlation)


def judge(
    won: ArrayLike, n: ArrayLike, *, complete: Sequence[bool], single: Sequence[bool], level: float = ALPHA
) -> Judgement:
    """Tests every cell against all other complete ones, corrects for the number tested, gives the verdicts.

    Where the one test that all cells are alike shows nothing, each verdict falls a step. By the cells' own
    tests alone 4.7 % of breakdowns of shuffled outcomes call a Signal, too near the 5 % we promise, and of
    twenty cells one is a Hint by chance.

    Args:
        won, n: won and closed deals per cell.
        complete: False for a period that must not be compared; it takes no part in any test.
        single: False for a cell that stands for pooled groups; it is compared with, never judged.
        level: adjusted p up to which a cell is a Signal; see `alpha`.
    """
    own, count = np.asarray(won, np.int64), np.asarray(n, np.int64)
    whole, alone = np.asarray(complete, bool), np.asarray(single, bool)
    tested = whole & alone & (count >= FEWEST)
    p, adjusted = np.full(own.size, np.nan), np.full(own.size, np.nan)
    cells: list[Verdict | None] = [Verdict.TOO_FEW if small else None for small in whole & ~tested]
    comparable = bool(tested.any()) and int((whole & (count > 0)).sum()) > 1
    overall = omnibus(own[whole & (count > 0)], count[whole & (count > 0)]) if comparable else None
    if overall is not None:
        p[tested] = fisher(own[tested], count[tested], int(own[whole].sum()), int(count[whole].sum()))
        adjusted[tested] = benjamini_hochberg(p[tested])
        for place, judged in zip(np.flatnonzero(tested), verdicts(p[tested], level), strict=True):
            cells[place] = judged if overall <= ALPHA else ONE_STEP_DOWN.get(judged, judged)
    return Judgement(
        p=p,
        adjusted=adjusted,
        cells=tuple(cells),
        verdict=strongest(cells, overall),
        omnibus=overall,
        tested=int(tested.sum()),
        typical=float(np.median(count[tested])) if tested.any() else None,
        widest_gap=_widest_gap(own[tested], count[tested]),
        detectable_gap=_smallest_gap(own[tested], count[tested]),
        spread=spread(own[tested], count[tested]),
    )


def strongest(cells: Sequence[Verdict | None], overall: float | None) -> Verdict:
    """As strong as the strongest cell, and at least a Hint when all cells together are unlike.

    Args:
        overall: p of the one test of all cells; None when there was none.
    """
    if overall is None:
        return Verdict.TOO_FEW
    if Verdict.SIGNAL in cells:
        return Verdict.SIGNAL
    return Verdict.HINT if Verdict.HINT in cells or overall <= ALPHA else Verdict.NOISE


def _widest_gap(won: Counts, n: Counts) -> float | None:
    rates = won / n
    return float(rates.max() - rates.min()) if n.size > 1 else None


def _smallest_gap(won: Counts, n: Counts) -> float | None:
    """What two cells of the median size would show, at the rate of all of them."""
    return detectable_gap(float(won.sum() / n.sum()), float(np.median(n))) if n.size > 1 else None
