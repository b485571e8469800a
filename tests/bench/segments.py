"""Planted drops in tables of counts, and how many of them each finder names exactly.

    python -m tests.bench.segments [--wise-pizza PYTHON] [--cases 200] [--seed 100000]

A case has 240 cells of four dimensions, three planted drops of 6 to 18 points (one-way or two-way, 2 to 40 %
of the deals), a mix that shifts, and a shift of everything on top. A drop is detectable when its expected z,
knowing where it is, reaches 2.8: power 80 % at p 0.05. It is findable at 4.35: the same power after paying
for the 111 segments searched. A null case has the shifts and no drop; an uneven one also a wobble of every
cell's own.
"""

import argparse
import json
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit, logit

from analytics import segments

DIMENSIONS = ("region", "industry", "product", "lead_source")
SIZES = (4, 5, 3, 4)
DEALS = (2_500, 20_000, 200_000)
DETECTABLE, FINDABLE = 2.8, 4.35  #: expected z
WOBBLE = 0.02  #: standard deviation of a cell's own change in uneven null cases, as a fraction
Where = frozenset[tuple[str, str]]
Finder = Callable[[pd.DataFrame, pd.DataFrame], set[Where]]


@dataclass(frozen=True)
class Case:
    """Two periods, and what was planted: each drop with its expected z."""

    before: pd.DataFrame
    after: pd.DataFrame
    planted: dict[Where, float]


def case(
    seed: int,
    deals: int,
    drops: int = 3,
    wobble: float = 0.0,
    interaction: float = 0.15,
    probability: bool = False,
) -> Case:
    """One case, the same for the same arguments."""
    rng = np.random.default_rng([seed, deals, drops, round(wobble * 1000)])
    codes = np.array(list(np.ndindex(*SIZES)))
    mains = [rng.normal(0, 0.25, size) for size in SIZES]
    level = logit(0.42) + sum(main[codes[:, d]] for d, main in enumerate(mains))
    level = level + rng.normal(0, interaction, len(codes))
    share = _shares(rng, codes)
    later = share * np.exp(rng.normal(0, 0.25, len(codes)))
    later /= later.sum()
    p0, p1 = expit(level), expit(level + rng.normal(0, 0.12))
    chosen = list(_chosen(rng, codes, later, drops))
    for inside, _ in chosen:
        size = rng.uniform(0.06, 0.18)
        if probability:
            p1 = np.where(inside, p1 - size, p1)
        else:
            mean = np.average(p1[inside], weights=later[inside])
            p1 = np.where(inside, expit(logit(p1) + logit(max(mean - size, 0.02)) - logit(mean)), p1)
    p1 = np.clip(p1 + rng.normal(0, wobble, len(codes)) if wobble else p1, 0.01, 0.99)
    n0, n1 = rng.multinomial(deals, share), rng.multinomial(deals, later)
    won0, won1 = rng.binomial(n0, p0), rng.binomial(n1, p1)
    planted = {where: 0.0 for _, where in chosen}
    for inside, where in chosen:
        planted[where] = _expected_z(inside, share * deals, later * deals, p0, p1, level)
    return Case(_frame(codes, n0, won0), _frame(codes, n1, won1), planted)


def _shares(rng: np.random.Generator, codes: NDArray[np.int64]) -> NDArray[np.float64]:
    share = np.exp(rng.normal(0, 0.3, len(codes)))
    for d, size in enumerate(SIZES):
        share = share * np.exp(rng.normal(0, 0.3, size))[codes[:, d]]
    return np.asarray(share / share.sum())


def _chosen(
    rng: np.random.Generator, codes: NDArray[np.int64], share: NDArray[np.float64], drops: int
) -> Iterator[tuple[NDArray[np.bool_], Where]]:
    """Segments of one or two dimensions, 2 to 40 % of the deals, none inside another."""
    taken: list[Where] = []
    while len(taken) < drops:
        dimensions = sorted(rng.choice(len(SIZES), size=rng.integers(1, 3), replace=False).tolist())
        values = {d: int(rng.integers(SIZES[d])) for d in dimensions}
        inside = np.logical_and.reduce([codes[:, d] == v for d, v in values.items()])
        where = frozenset((DIMENSIONS[d], f"{DIMENSIONS[d]} {v}") for d, v in values.items())
        if 0.02 <= share[inside].sum() <= 0.4 and not any(where <= t or t <= where for t in taken):
            taken.append(where)
            yield inside, where


def _expected_z(
    inside: NDArray[np.bool_],
    n0: NDArray[np.float64],
    n1: NDArray[np.float64],
    p0: NDArray[np.float64],
    p1: NDArray[np.float64],
    level: NDArray[np.float64],
) -> float:
    """The z that the segment's own change, against the rest's, has on average."""
    i0, i1 = n0 * p0 * (1 - p0), n1 * p1 * (1 - p1)
    weight = i0 * i1 / (i0 + i1)
    moved = logit(p1) - level
    gap = np.average(moved[inside], weights=weight[inside]) - np.average(
        moved[~inside], weights=weight[~inside]
    )
    return float(abs(gap) * np.sqrt(1 / (1 / weight[inside].sum() + 1 / weight[~inside].sum())))


def _frame(codes: NDArray[np.int64], n: NDArray[np.int64], won: NDArray[np.int64]) -> pd.DataFrame:
    named = {d: [f"{d} {v}" for v in codes[:, place]] for place, d in enumerate(DIMENSIONS)}
    return pd.DataFrame(named | {"n": n, "won": won})


def ours(before: pd.DataFrame, after: pd.DataFrame) -> set[Where]:
    """The segments we name."""
    return {frozenset(s.where.items()) for s in segments.find(before, after, DIMENSIONS)}


PIZZA = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
import pandas as pd
from wise_pizza import explain_changes_in_average
for line in sys.stdin:
    before, after, most = json.loads(line)
    before, after = pd.DataFrame(before), pd.DataFrame(after)
    dims = [c for c in before.columns if c not in ("n", "won")]
    started = time.perf_counter()
    found = explain_changes_in_average(
        before, after, dims=dims, total_name="won", size_name="n",
        max_segments=most, max_depth=2, how="totals", verbose=0,
    )
    took = time.perf_counter() - started
    named = [{k: str(v) for k, v in s["segment"].items()} for s in found.segments]
    print("@@" + json.dumps([named, took]), flush=True)
"""


@dataclass
class Pizza:
    """wise-pizza in an interpreter of its own, for its requirements are not ours."""

    python: str
    most: int

    def __post_init__(self) -> None:
        """Start it."""
        self.seconds: list[float] = []
        self.process = subprocess.Popen(
            [self.python, "-c", PIZZA],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __call__(self, before: pd.DataFrame, after: pd.DataFrame) -> set[Where]:
        """The segments it names."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(
            json.dumps([before.to_dict("list"), after.to_dict("list"), self.most]) + "\n"
        )
        self.process.stdin.flush()
        answer = next((line for line in self.process.stdout if line.startswith("@@")), None)
        if answer is None:
            raise RuntimeError(f"{self.python!r} ended: is wise-pizza installed there?")
        found, took = json.loads(answer[2:])
        self.seconds.append(took)
        return {frozenset((d, str(v)) for d, v in segment.items() if d in DIMENSIONS) for segment in found}


@dataclass(frozen=True)
class Score:
    """How a finder did over many cases."""

    recall: float  # of the detectable drops, how many are named exactly
    findable: float  # of the findable ones
    precision: float  # of the segments named, how many are planted
    alarms: float  # share of null cases with anything named
    uneven: float  # the same, with a wobble in every cell
    ms: float  # median, per case with drops


def score(
    finder: Finder, seeds: Sequence[int], deals: int, nulls: Sequence[int], uneven: Sequence[int]
) -> Score:
    """The finder on planted and on null cases."""
    hits: list[tuple[float, bool]] = []
    named: list[bool] = []
    took: list[float] = []
    for seed in seeds:
        given = case(seed, deals)
        began = time.perf_counter()
        found = finder(given.before, given.after)
        took.append(time.perf_counter() - began)
        hits.extend((z, where in found) for where, z in given.planted.items())
        named.extend(where in given.planted for where in found)
    return Score(
        recall=_share(hit for z, hit in hits if z >= DETECTABLE),
        findable=_share(hit for z, hit in hits if z >= FINDABLE),
        precision=_share(named),
        alarms=_share(_alarms(finder, (case(seed, deals, 0) for seed in nulls))),
        uneven=_share(_alarms(finder, (case(seed, deals, 0, WOBBLE) for seed in uneven))),
        ms=1000 * float(np.median(took)),
    )


def _alarms(finder: Finder, cases: Iterable[Case]) -> list[bool]:
    return [bool(finder(each.before, each.after)) for each in cases]


def _share(told: Iterable[bool]) -> float:
    seen = list(told)
    return float(np.mean(seen)) if seen else float("nan")


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description="Planted drops, and how many each finder names exactly.")
    asked.add_argument("--wise-pizza", metavar="PYTHON", help="interpreter that has wise-pizza")
    asked.add_argument("--cases", type=int, default=200)
    asked.add_argument("--nulls", type=int, default=400)
    asked.add_argument("--pizza-cases", type=int, default=30)
    asked.add_argument("--seed", type=int, default=100_000)
    asked.add_argument("--deals", type=int, nargs="*", default=DEALS)
    given = asked.parse_args()
    print(f"{'finder':14s}" + "".join(f"{name:>11s}" for name in ("n", *COLUMNS)))
    for deals in given.deals:
        nulls = range(given.seed, given.seed + given.nulls)
        show("ours", deals, score(ours, range(given.seed, given.seed + given.cases), deals, nulls, nulls))
        if not given.wise_pizza:
            print("wise-pizza not installed: give --wise-pizza PYTHON")
            continue
        for most in (3, 5, 10):
            few = range(given.seed, given.seed + given.pizza_cases)
            pizza = Pizza(given.wise_pizza, most)
            show(f"wise-pizza {most}", deals, score(pizza, few, deals, few[:5], ()))


COLUMNS = ("recall", "findable", "precision", "alarms", "uneven", "ms")


def show(name: str, deals: int, got: Score) -> None:
    """One line of the table."""
    figures = [f"{getattr(got, column):11.3f}" for column in COLUMNS]
    print(f"{name:14s}{deals:11d}" + "".join(figures), flush=True)


if __name__ == "__main__":
    main()
