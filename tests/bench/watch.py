"""False alarms and sight of the watch on simulated teams: `python -m tests.bench.watch [TEAMS]`.

A stable team has a history of 12 + 24 months and alarms when any of the 24 carries a signal; an odd month is
none. One team in ten may alarm in everything, and one in ten in its segments: 19 of 100 in either. A drop of
8 points is seen when one of its first six months carries a signal downwards, judged at the end of the sixth.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from rich.console import Console
from rich.table import Table

from analytics.watch import Watching, watch
from analytics.watch.wobble import Counts

RATE, DROP, SEEN_WITHIN = 0.45, 0.08, 6
SEASON = np.array([-0.06, -0.03, 0.09])  #: 39, 42, 54 %: month one, two, three of a quarter


@dataclass(frozen=True, slots=True)
class Team:
    """A kind of simulated team."""

    deals: int  # a month, in all
    wobble: float = 0.0  # standard deviation of the month's true rate
    seasonal: bool = False
    segments: int = 0  # equal parts that are watched too

    def months(self, length: int, rng: Generator, drop_at: int | None = None) -> tuple[Counts, Counts]:
        """Closed and won deals: everything first, then the segments."""
        rate = RATE + self.wobble * rng.standard_normal(length)
        rate += SEASON[np.arange(length) % 3] * self.seasonal
        rate[drop_at if drop_at is not None else length :] -= DROP
        parts = max(self.segments, 1)
        n = np.full((parts, length), self.deals // parts)
        won = rng.binomial(n, np.clip(rate, 0, 1))
        if not self.segments:
            return n, won
        return np.vstack([n.sum(0), n]), np.vstack([won.sum(0), won])


def alarms(team: Team, rng: Generator) -> bool:
    """Does a stable team get any signal in 24 months?"""
    return any(month.alarm for one in _watched(team, 36, rng).series for month in one.months)


def alarms_as_it_goes(team: Team, rng: Generator) -> bool:
    """The same, asked at the end of each month: does its last month ever carry a signal?"""
    n, won = team.months(36, rng)
    asked = (watch(n[:, :now], won[:, :now], 0) for now in range(13, 37))
    return any(one.months[-1].alarm for seen in asked for one in seen.series)


def sees(team: Team, history: int, rng: Generator) -> bool:
    """Is a lasting drop after so many months seen in everything within six?"""
    seen = _watched(team, history + SEEN_WITHIN, rng, history)
    return any(month.signal.endswith("low") for month in seen.series[0].months[history:])


def _watched(team: Team, length: int, rng: Generator, drop_at: int | None = None) -> Watching:
    return watch(*team.months(length, rng, drop_at), 0)


def share(happens: Iterator[bool]) -> float:
    """How often it happens."""
    return float(np.mean(list(happens)))


def stable_teams() -> Iterator[Team]:
    """Those whose false alarms are counted."""
    for deals in (20, 50, 100, 200, 500):
        yield from (Team(deals, wobble) for wobble in (0.0, 0.03))
    yield from (Team(100, wobble, seasonal=True) for wobble in (0.0, 0.03))
    yield from (Team(500, wobble, seasonal=True) for wobble in (0.0, 0.03))
    yield from (Team(500, wobble, segments=5) for wobble in (0.0, 0.03))


def main(arguments: Sequence[str]) -> None:
    """Measure and print."""
    teams = int(arguments[0]) if arguments else 1000
    drawn = Table("team", "figure", "aim", title=f"watch, {teams} simulated teams each")
    rng = np.random.default_rng(20261121)
    began = time.perf_counter()
    for team in stable_teams():
        found = share(alarms(team, rng) for _ in range(teams))
        aim = "<= 19 %" if team.segments else "<= 10 %"
        drawn.add_row(f"stable: {_told(team)}", f"false alarm in 24 months {100 * found:.1f} %", aim)
    for team in (Team(100, 0.0), Team(100, 0.03)):
        found = share(alarms_as_it_goes(team, rng) for _ in range(teams // 10))
        drawn.add_row(f"stable, asked monthly: {_told(team)}", f"{100 * found:.1f} %", "<= 10 %")
    for team in (Team(100), Team(100, 0.03), Team(100, seasonal=True), Team(100, segments=5)):
        for history in (18, 24, 36):
            found = share(sees(team, history, rng) for _ in range(teams))
            aim = ">= 80 %" if team == Team(100) and history > 18 else ""
            drawn.add_row(
                f"drop of 8 points: {_told(team)}, after {history} months", f"seen {100 * found:.1f} %", aim
            )
    drawn.add_row("all of this took", f"{time.perf_counter() - began:.0f} s", "")
    Console(width=130).print(drawn)


def _told(team: Team) -> str:
    parts = [f"{team.deals} deals a month"]
    parts += [f"wobble {100 * team.wobble:.0f} points"] * bool(team.wobble)
    parts += ["season of the quarter"] * team.seasonal
    parts += [f"{team.segments} segments watched too"] * bool(team.segments)
    return ", ".join(parts)


if __name__ == "__main__":
    main(sys.argv[1:])
