"""Months of each series -> the record that is watched, and the plans for simulating teams like it."""

from dataclasses import dataclass

import numpy as np

from analytics.watch.chart import HORIZON, Before
from analytics.watch.limits import MONTHS_TO_SEE, Plan
from analytics.watch.wobble import POSITIONS, Counts, Floats, Season, Wobble, safe_rate, season, wobble

BASELINE = 12  #: months with a deal before a series is watched. Source: numbers.md part 3


@dataclass(frozen=True, slots=True)
class Record:
    """The months that count, with the season taken out of the wins."""

    n: Counts  # (series, months)
    won: Floats
    position: Counts  # (months,)
    season: Season
    wobble: Wobble
    start: Counts  # (series,): first watched month; beyond the last one without a baseline

    @property
    def length(self) -> int:
        return int(self.n.shape[1])

    @property
    def ready(self) -> Counts:
        """The series that have a baseline."""
        return np.flatnonzero(self.start <= self.length)

    def part(self, rows: slice) -> "Record":
        """The same for some of the series."""
        own = Wobble(self.wobble.belief[rows])
        return Record(self.n[rows], self.won[rows], self.position, self.season, own, self.start[rows])


def record(n: Counts, won: Counts, first_position: int) -> Record:
    position = (first_position + np.arange(n.shape[1])) % POSITIONS
    turn = season(n[0], won[0], position)
    level = won - n * turn.effects[position]
    enough = (n > 0).cumsum(1) >= BASELINE
    known = np.where(enough.any(1), enough.argmax(1) + 1, n.shape[1] + 1)
    start = np.maximum(known, n.shape[1] - HORIZON)
    return Record(n, level, position, turn, wobble(n, level / np.maximum(n, 1)), start)


def watched(of: Record) -> tuple[Before, Counts, Floats]:
    """The months before, and those watched, of each series with a baseline; no deals after the last month."""
    n, won = of.n[of.ready], of.won[of.ready]
    at = of.start[of.ready, None] + np.arange(HORIZON)
    inside, place = at < of.length, np.minimum(at, of.length - 1)
    earlier = np.arange(of.length) < of.start[of.ready, None]
    before = Before((n * earlier).sum(1), (won * earlier).sum(1)[:, None], ((n > 0) & earlier).sum(1))
    months, wins = (np.where(inside, np.take_along_axis(c, place, 1), 0) for c in (n, won))
    return before, months, wins


def plan(of: Record) -> Plan:
    """24 months like those watched; where they are not over yet, like the last year's."""
    before, _, _ = watched(of)
    at = of.start[of.ready, None] + np.arange(HORIZON)
    lately = of.length - BASELINE + (at - of.length) % BASELINE
    n = of.n[of.ready]
    return Plan(
        before_n=before.n,
        before_months=before.months,
        n=np.take_along_axis(n, np.where(at < of.length, at, lately), 1),
        position=(of.position[0] + at) % POSITIONS,
        usual=safe_rate(of.won[of.ready].sum(1), n.sum(1)),
        wobble=Wobble(of.wobble.belief[of.ready]),
        season=of.season,
    )


def ahead(of: Record) -> Plan:
    """The next months of the first series, after all that is known of it."""
    n, months = of.n[:1], np.arange(MONTHS_TO_SEE)
    return Plan(
        before_n=n.sum(1),
        before_months=(n > 0).sum(1),
        n=np.full((1, len(months)), round(float(np.median(n[0, -BASELINE:])))),
        position=(of.position[-1:, None] + 1 + months) % POSITIONS,
        usual=safe_rate(of.won[:1].sum(1), n.sum(1)),
        wobble=Wobble(of.wobble.belief[:1]),
        season=of.season,
    )
