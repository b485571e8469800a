"""What each group of features adds to a chance, exactly: Shapley values over the 64 sets of groups."""

from math import factorial

import numpy as np

from analytics.drivers.features import GROUPS, Floats

_N = len(GROUPS)
#: One row per set of groups, the empty one first, all of them last: 1 where the group is in.
COALITIONS: Floats = ((np.arange(2**_N)[:, None] >> np.arange(_N)) & 1).astype(float)


def _weights() -> Floats:
    """What a set's value counts for in each group's part: added when the group is in, taken away when not."""
    sizes = COALITIONS.sum(axis=1).astype(int)
    joins = np.array([factorial(max(s - 1, 0)) * factorial(_N - s) / factorial(_N) for s in sizes])
    stays = np.array([factorial(s) * factorial(max(_N - s - 1, 0)) / factorial(_N) for s in sizes])
    return np.where(COALITIONS == 1, joins[:, None], -stays[:, None])


WEIGHTS = _weights()


def parts(values: Floats) -> Floats:
    """The part of each group, given the chance under each set of groups.

    Args:
        values: one row per deal, one column per row of `COALITIONS`.

    Returns:
        One row per deal, one column per group; a row sums to the last value minus the first.

    Source: Shapley 1953; all sets are visited, so nothing is approximated.
    """
    return values @ WEIGHTS


def sigmoid(logits: Floats) -> Floats:
    """Log-odds as chances, without overflow."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * np.asarray(logits, float))))


def logit(chance: float) -> float:
    """A chance as log-odds, kept finite."""
    safe = min(max(chance, 1e-9), 1 - 1e-9)
    return float(np.log(safe / (1 - safe)))
