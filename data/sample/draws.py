"""Random draws that come out the same on every platform.

Only uniform numbers are drawn, and they are turned into values by comparison, integer arithmetic and
tables of whole numbers: no vectorised logarithm whose last bit depends on the processor.
"""

import math
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
from numpy.random import Generator, Philox, SeedSequence

from data.sample.days import Floats, Ints


def stream(seed: int, *place: int) -> Generator:
    """The random numbers that belong to one place (a part of the run, a chunk) under a seed."""
    return Generator(Philox(SeedSequence((seed, *place))))


def pick(uniform: Floats, shares: Sequence[float]) -> Ints:
    """Turns uniform numbers into codes 0, 1, ... that occur in these shares (which add up to 1)."""
    return np.searchsorted(np.cumsum(shares)[:-1], uniform, side="right").astype(np.int64)


def whole(uniform: Floats, low: int, high: int) -> Ints:
    """Turns uniform numbers into whole numbers from `low` to `high`, both included."""
    return low + np.floor(uniform * (high - low + 1)).astype(np.int64)


def lognormal(median: float, sigma: float, low: int, high: int, steps: int = 1024) -> Ints:
    """The quantiles of a lognormal cut off below `low` and above `high`: `steps` + 1 whole numbers."""
    normal = NormalDist(math.log(median), sigma)
    first, last = normal.cdf(math.log(low)), normal.cdf(math.log(high))
    inner = (normal.inv_cdf(first + (last - first) * step / steps) for step in range(1, steps))
    return np.array([low, *(round(math.exp(value)) for value in inner), high], dtype=np.int64)


def quantile(table: Ints, uniform: Floats) -> Ints:
    """Turns uniform numbers into whole numbers distributed as the table says."""
    place = uniform * (len(table) - 1)
    step = np.floor(place).astype(np.int64)
    width = table[step + 1] - table[step]
    return table[step] + np.floor((place - step) * width).astype(np.int64)
