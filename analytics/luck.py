"""Won and closed deals per group -> what may be believed of a group's true rate, luck taken into account."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaln, logsumexp

Floats = NDArray[np.float64]

#: Standard deviations between true rates that are thought of, in units of the largest one possible.
SPREADS = np.concatenate(([0.002], np.arange(0.01, 0.5, 0.01)))
_RATES = np.linspace(0.0, 1.0, 2_001)


@dataclass(frozen=True, slots=True)
class Belief:
    """What is believed of one group's rate: a mixture of beta distributions."""

    weights: Floats
    above: Floats  # first and second parameter of each beta
    beside: Floats

    def below(self, rate: float) -> float:
        """The chance that the true rate lies below `rate`."""
        if rate <= 0 or rate >= 1:
            return float(rate >= 1)
        return float(self.weights @ betainc(self.above, self.beside, rate))

    def interval(self, share: float = 0.95) -> tuple[float, float]:
        """The middle `share` of what is believed."""
        course = betainc(self.above[:, None], self.beside[:, None], _RATES).T @ self.weights
        low, high = np.interp([(1 - share) / 2, (1 + share) / 2], course, _RATES)
        return float(low), float(high)


def belief(won: ArrayLike, n: ArrayLike, group: int) -> Belief | None:
    """What to believe of one of several groups; None when no deal closed, or all ended the same way.

    Each spread between true rates is thought as likely as any other until the groups' own counts have spoken,
    so the range of a rate also tells how little is known of the spread.

    Source: beta-binomial hierarchy with a flat prior on the standard deviation, Gelman 2006.

    >>> found = belief([450, 550, 500], [1000, 1000, 1000], 0)
    >>> [round(end, 2) for end in found.interval()] if found else None
    [0.42, 0.49]
    """
    own, count = np.asarray(won, float), np.asarray(n, float)
    total = count.sum()
    if not 0 < own.sum() < total:
        return None
    rate = own.sum() / total
    strength = 1 / SPREADS**2 - 1
    above, beside = strength * rate, strength * (1 - rate)
    likely = betaln(own + above[:, None], count - own + beside[:, None]) - betaln(above, beside)[:, None]
    weights = likely.sum(axis=1)
    return Belief(
        np.exp(weights - logsumexp(weights)), above + own[group], beside + count[group] - own[group]
    )
