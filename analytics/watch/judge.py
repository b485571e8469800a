"""Months of each series -> its verdict: stable, shock, drift, below the floor, or no baseline yet."""

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from analytics import verdict
from analytics.facts import Verdict
from analytics.verdict import Z95
from analytics.watch import limits as limiting
from analytics.watch import record as recording
from analytics.watch.chart import Course, Limits, follow
from analytics.watch.record import Record
from analytics.watch.wobble import POSITIONS, Bools, Counts, Floats, safe_rate

MOST = 60  #: latest months that count; what was usual longer ago need not be
RECENT = 6  #: months for which a shock is told
TRAILING = 6  #: months over which a rate is held against its floor
SIGMAS = 3.0  #: half the band shown, in Laney-scaled standard errors. Source: Laney 2002
#: Everything is judged as when it is watched alone; its segments share a budget of their own.
EVERYTHING, SEGMENTS = slice(0, 1), slice(1, None)
ODD = "odd"  #: a month outside its band that the budget of false alarms does not call a signal

State = Literal["stable", "shock", "drift", "floor", "no_baseline"]


@dataclass(frozen=True, slots=True)
class Month:
    """What the charts say of a month: its three-sigma band, season taken in; None where it is not watched."""

    low: float | None = None
    high: float | None = None
    signal: str = ""  # "shock_low", "shock_high", "drift_low", "drift_high", "floor", "odd"

    @property
    def alarm(self) -> bool:
        """Is it a signal within the budget of false alarms? An odd month is not."""
        return self.signal not in ("", ODD)


@dataclass(frozen=True, slots=True)
class Change:
    """The win rate since a signal began minus the one before, with its 95 % interval."""

    points: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Trailing:
    """The win rate of the last half year, and what its distance from the floor is worth."""

    rate: float
    n: int
    low: float
    high: float
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One series, with one entry per month given."""

    months: tuple[Month, ...]
    state: State
    sigma: float  # Laney's sigma z in a typical month: 1 when only chance moves the rate
    usual: float | None = None  # win rate before the signal; None without a baseline
    usual_n: int = 0  # closed deals it rests on
    since: int | None = None  # place of the signal's first month
    change: Change | None = None
    trailing: Trailing | None = None  # only with a floor


@dataclass(frozen=True, slots=True)
class Watching:
    """Every series, and the smallest lasting drop that would be seen in the first."""

    series: tuple[Seen, ...]
    detectable: float | None  # None: too few deals a month, or no baseline


def watch(n: Counts, won: Counts, first_position: int, floor: float | None = None) -> Watching:
    """What is unusual in the months of each series.

    Args:
        n, won: (series, months) closed and won deals of complete months in a row; everything first, then its
            segments.
        first_position: the first month's place in its quarter, 0 to 2.
        floor: a win rate that the last half year must not undercut.
    """
    old = max(n.shape[1] - MOST, 0)
    record = recording.record(n[:, old:], won[:, old:], (first_position + old) % POSITIONS)
    series: list[Seen] = []
    smallest = None
    for rows in (EVERYTHING, SEGMENTS):
        part, rng = record.part(rows), _seeded(n[rows], won[rows])
        limits = limiting.simulate(recording.plan(part), rng) if part.ready.size else None
        series += _judged(part, limits, floor)
        if limits and rows is EVERYTHING:
            smallest = limiting.detectable(recording.ahead(part), limits, rng)
    return Watching(tuple(_of_all(one, old) for one in series), smallest)


def _seeded(n: Counts, won: Counts) -> np.random.Generator:
    """The same months always give the same answer."""
    return np.random.default_rng(zlib.crc32(n.tobytes() + won.tobytes()))


def _judged(record: Record, limits: Limits | None, floor: float | None) -> list[Seen]:
    """Each series against the limits of those that are ready, and its floor."""
    series = [_unwatched(record, row) for row in range(len(record.n))]
    for row, chart in zip(record.ready, _charts(record, limits) if limits else (), strict=True):
        series[row] = _seen(record, int(row), chart)
    return series if floor is None else _held(record, series, floor)


@dataclass(frozen=True, slots=True)
class _Chart:
    """The charts of one series with its shock limit, one entry per watched month."""

    usual: Floats
    error: Floats
    out: Floats
    falling: Bools
    began: Counts
    shock: float

    @staticmethod
    def of(course: Course, limits: Limits, place: int) -> "_Chart":
        """Of the only path of a series."""
        falling = course.down[place, 0] / limits.down[place] > course.up[place, 0] / limits.up[place]
        usual, error, out = course.usual[place, 0], course.error[place, 0], course.out[place, 0]
        return _Chart(usual, error, out, falling, course.began[place, 0], float(limits.shock[place]))

    def signals(self, watched: int) -> list[str]:
        """The signal of each watched month: a drift from the month it began."""
        found = [""] * watched
        for began, month in self._drifts(watched):
            for drifting in range(self._turn(began, month), month + 1):
                found[drifting] = "drift_low" if self.falling[month] else "drift_high"
        for month in range(watched):
            if not found[month]:
                found[month] = self._alone(float(self.out[month]))
        return found

    def _alone(self, out: float) -> str:
        """What so many standard errors are in a month that belongs to no drift."""
        if abs(out) > self.shock:
            return "shock_low" if out < 0 else "shock_high"
        return ODD if abs(out) > SIGMAS else ""

    def _drifts(self, watched: int) -> Iterator[tuple[int, int]]:
        """Where each drift's sum began, and its last month so far."""
        for month in range(watched):
            began = int(self.began[month])
            if began >= 0 and (month + 1 == watched or self.began[month + 1] != began):
                yield began, month

    def _turn(self, began: int, month: int) -> int:
        """The first month of the drift: the sum starts early, so the split that tells most, of two months on.

        Source: maximum likelihood of a change point with a free size.
        """
        weight = self.error[began : month + 1] ** -2.0
        gap = self.out[began : month + 1] * self.error[began : month + 1]
        gap = np.where(weight > 0, gap, 0.0)
        told = (weight * gap)[::-1].cumsum()[::-1] ** 2 / np.maximum(weight[::-1].cumsum()[::-1], 1e-12)
        return began + int(np.argmax(told[: max(len(told) - 1, 1)]))


def _charts(record: Record, limits: Limits) -> list[_Chart]:
    """Of each series with a baseline, in order."""
    before, n, won = recording.watched(record)
    course = follow(before, n, won[:, None, :], record.wobble.squared[record.ready], limits)
    return [_Chart.of(course, limits, place) for place in range(len(n))]


def _unwatched(record: Record, row: int) -> Seen:
    return Seen(months=(Month(),) * record.length, state="no_baseline", sigma=_sigma(record, row))


def _sigma(record: Record, row: int) -> float:
    """Laney's sigma z: standard deviation of a typical month's rate against that of chance alone."""
    rate = float(safe_rate(record.won[row].sum(), record.n[row].sum()))
    chance = rate * (1 - rate) / max(float(np.median(record.n[row])), 1.0)
    return math.sqrt(1 + float(record.wobble.squared[row]) / chance)


def _seen(record: Record, row: int, chart: _Chart) -> Seen:
    start = int(record.start[row])
    signals = [""] * start + chart.signals(record.length - start)
    state, since = _state(signals)
    known = record.length if since is None else since
    n, won = record.n[row, :known].sum(), record.won[row, :known].sum()
    return Seen(
        months=(*(Month() for _ in range(start)), *_limits(record, start, chart, signals)),
        state=state,
        sigma=_sigma(record, row),
        usual=float(won / n),
        usual_n=int(n),
        since=since,
        change=None if since is None else _change(record, row, since),
    )


def _state(signals: Sequence[str]) -> tuple[State, int | None]:
    """What the latest signals say of today, and the first month of it.

    A drift that is over is history: the months show it, the state does not.
    """
    if signals and signals[-1].startswith("drift"):
        since = len(signals)
        while since and signals[since - 1].startswith("drift"):
            since -= 1
        return "drift", since
    shocks = [place for place, signal in enumerate(signals) if signal.startswith("shock")]
    if shocks and shocks[-1] >= len(signals) - RECENT:
        return "shock", shocks[-1]
    return "stable", None


def _limits(record: Record, start: int, chart: _Chart, signals: Sequence[str]) -> Iterator[Month]:
    for month in range(start, record.length):
        place = month - start
        middle = chart.usual[place] + record.season.effects[record.position[month]]
        reach = SIGMAS * chart.error[place]
        yield Month(max(float(middle - reach), 0.0), min(float(middle + reach), 1.0), signals[month])


def _change(record: Record, row: int, since: int) -> Change:
    """Season and wobble taken in; a signal was picked for being large, so the size is a little flattered."""
    n, won, wobble = record.n[row], record.won[row], float(record.wobble.squared[row])
    usual, later = (_mean(n[part], won[part], wobble) for part in (slice(since), slice(since, None)))
    points, reach = later[0] - usual[0], Z95 * math.sqrt(usual[1] + later[1])
    return Change(points, points - reach, points + reach)


def _mean(n: Counts, won: Floats, wobble: float) -> tuple[float, float]:
    """Win rate over some months, and its variance."""
    deals, months = float(n.sum()), int((n > 0).sum())
    rate = float(safe_rate(won.sum(), n.sum()))
    return float(won.sum()) / deals, rate * (1 - rate) / deals + wobble / months


def _held(record: Record, series: Sequence[Seen], floor: float) -> list[Seen]:
    """The series, each with its last half year held against the floor, corrected for their number."""
    n, won = record.n[:, -TRAILING:].sum(1), record.won[:, -TRAILING:].sum(1)
    months = np.maximum((record.n[:, -TRAILING:] > 0).sum(1), 1)
    inflated = 1 + record.wobble.squared * n / (months * floor * (1 - floor))
    size = np.maximum(n, 1) / inflated
    z = np.where(n > 0, (won / np.maximum(n, 1) - floor) * np.sqrt(size / (floor * (1 - floor))), 0.0)
    judged = verdict.verdicts([math.erfc(abs(far) / math.sqrt(2)) for far in z])
    low, high = verdict.wilson(won / inflated, n / inflated)
    return [
        _against(one, Trailing(float(won[k] / n[k]), int(n[k]), float(low[k]), float(high[k]), said), floor)
        if n[k]
        else one
        for k, (one, said) in enumerate(zip(series, judged, strict=True))
    ]


def _against(one: Seen, trailing: Trailing, floor: float) -> Seen:
    """The series with its last half year; told as below the floor when that is a Signal."""
    if trailing.verdict is not Verdict.SIGNAL or trailing.rate >= floor:
        return replace(one, trailing=trailing)
    *earlier, last = one.months
    marked = replace(last, signal=last.signal if last.alarm else "floor")
    since = len(earlier)
    return replace(one, state="floor", since=since, change=None, trailing=trailing, months=(*earlier, marked))


def _of_all(one: Seen, old: int) -> Seen:
    """Places among all months given, the old ones too."""
    since = None if one.since is None else one.since + old
    return replace(one, months=(*(Month() for _ in range(old)), *one.months), since=since)
