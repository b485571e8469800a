"""The holdout's proof on simulated experiments: `python -m tests.bench.impact [RUNS]`.

Each week so many deals get their first alert, a share of them silent by lot; told ones move likelier by the
planted effect. At the end of every week somebody looks. A range keeps its promise when it holds the truth at
all of these looks; one that does not say anything yet holds it.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from analytics.impact import arms
from analytics.impact.arms import Arm, Bound, always, once, planned
from analytics.verdict import FEWEST

LOOKED_FOR = 0.1  #: the planned effect

Held = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Team:
    """A kind of simulated experiment."""

    deals: int  # with a first alert, a week
    rate: float  # at which silent deals move
    effect: float  # what telling adds
    weeks: int
    share: float = 0.15


@dataclass(frozen=True)
class Runs:
    """Many experiments of a team: arms of shape (runs, weeks)."""

    team: Team
    told: Arm
    silent: Arm

    @cached_property
    def told_anything(self) -> Held:
        """Was there a range at each look? As `arms.can_tell` says."""
        told, silent = self.told, self.silent
        fewer, total = np.minimum(told.n, silent.n), told.n + silent.n
        moved = told.moved + silent.moved
        return (fewer >= FEWEST) & (fewer * np.minimum(moved, total - moved) >= arms.LEAST_EXPECTED * total)

    def covers(self, bound: Bound) -> Held:
        """Does the range hold the planted effect at each look?"""
        return self._holds(self.team.effect, bound) | ~self.told_anything

    def shown(self, *, harm: bool = False) -> Held:
        """Does any look show that telling helps (or harms)?"""
        seen = self.told.moved / self.told.n - self.silent.moved / self.silent.n
        way = seen < 0 if harm else seen > 0
        return (self.told_anything & ~self._holds(0.0, always(LOOKED_FOR)) & way).any(axis=1)

    def undecided(self, week: int) -> float:
        """Share of experiments that say "not enough yet" or the like at the end of a week."""
        return float((self._holds(0.0, always(LOOKED_FOR)) | ~self.told_anything)[:, week - 1].mean())

    def _holds(self, difference: float, bound: Bound) -> Held:
        return arms.fits(self.told, self.silent, np.full(self.told.n.shape, difference), bound)


def simulated(team: Team, runs: int, seed: int) -> Runs:
    """So many experiments, the same for the same seed."""
    rng = np.random.default_rng(seed)
    told = rng.binomial(team.deals, 1 - team.share, (runs, team.weeks))
    pairs = ((told, team.rate + team.effect), (team.deals - told, team.rate))
    counted = [(rng.binomial(n, rate).cumsum(axis=1), n.cumsum(axis=1)) for n, rate in pairs]
    first, second = (Arm(moved, np.maximum(n, 1)) for moved, n in counted)  # type: ignore[arg-type]
    return Runs(team, first, second)


def teams() -> Iterator[Team]:
    """With the planned effect, and without any; even and uneven arms, rare and usual moves."""
    for share in (0.15, 0.05, 0.5):
        for rate, effect in ((0.4, 0.1), (0.4, 0.0), (0.1, 0.1), (0.03, 0.0), (0.85, 0.1)):
            yield Team(20, rate, effect, 156, share)


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    runs = int(arguments[0]) if arguments else 200
    drawn = Table(
        "experiment of 156 weeks, 20 deals each",
        "always, all looks",
        "usual, last look",
        "usual, all looks",
        "shown",
        "open after 26 / 156 weeks",
        title=f"impact, {runs} simulated experiments each; a range holds the planted effect in",
    )
    began = time.perf_counter()
    for number, team in enumerate(teams()):
        found = simulated(team, runs, seed=number)
        either = (found.shown() | found.shown(harm=True)).mean()
        drawn.add_row(
            f"{team.share:.0%} silent, {team.rate:.0%} move, effect {100 * team.effect:.0f} points",
            f"{found.covers(always(LOOKED_FOR)).all(axis=1).mean():.1%}",
            f"{found.covers(once)[:, -1].mean():.1%}",
            f"{found.covers(once).all(axis=1).mean():.1%}",
            f"{either:.1%}",
            f"{found.undecided(26):.0%} / {found.undecided(156):.0%}",
        )
    console = Console(width=150)
    console.print(drawn)
    console.print(f"Planned: {planned(LOOKED_FOR, 0.15):,} deals. Took {time.perf_counter() - began:.0f} s.")


if __name__ == "__main__":
    main(sys.argv[1:])
