"""Outcomes dealt out anew, for counting false alarms: nothing that is then found is true."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.sample import draws


def shuffle_outcomes(outcome: NDArray[Any], deal_type: NDArray[Any], seed: int) -> NDArray[Any]:
    """The outcomes, permuted among the closed deals of each type; open deals stay open.

    Args:
        outcome: `open`, `won` or `lost`, one per deal.
        deal_type: aligned with it; base rates differ by type, so types are not mixed.
        seed: another permutation for each.

    >>> shuffle_outcomes(np.array(["won", "open", "lost"]), np.array(["new", "new", "renewal"]), 1).tolist()
    ['won', 'open', 'lost']
    """
    rng, dealt = draws.stream(seed, 4), outcome.copy()
    keys = rng.random(len(outcome))
    for kind in np.unique(deal_type):
        closed = np.flatnonzero((deal_type == kind) & (outcome != "open"))
        dealt[closed] = outcome[closed[np.argsort(keys[closed], kind="stable")]]
    return dealt
