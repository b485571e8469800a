"""Months of counts and limits go in; how far each month lies out, and what adds up, come out.

Two charts share one recursion. The p' chart looks at one month: its distance from the usual rate in standard
errors. The CUSUM adds months up: the log likelihood ratio of a lasting change of `DRIFT` against none. The
usual rate is of all months so far but the last `GUARD`, so that a change does not become usual before it is
seen. One month moves the CUSUM by no more than `CAPPED` errors: a drift takes two months, a crash is a shock.
"""

from dataclasses import dataclass

import numpy as np

from analytics.watch.wobble import Bools, Counts, Floats, safe_rate

HORIZON = 24  #: months watched, and for which the false alarms are counted
DRIFT = 0.06  #: change the CUSUM is sharpest at: a little under the eight points it must see, as the usual
#: rate is an estimate too (measured: power at eight points is highest there)
GUARD = 3  #: latest months that do not count as usual yet
CAPPED = 2.5  #: Source: the robust CUSUM, Lucas and Crosier 1982
FULL, OVER = 1.5, 0.5  #: of its limit, a drift's CUSUM goes no higher, and below that the drift is over


@dataclass(frozen=True, slots=True)
class Before:
    """The months before the watched ones: sums per series, `won` for each of its paths."""

    n: Counts  # (series,)
    won: Floats  # (series, paths)
    months: Counts  # (series,)


@dataclass(frozen=True, slots=True)
class Limits:
    """What each series must exceed: standard errors for a shock, log likelihood ratios for a drift."""

    shock: Floats  # (series,)
    down: Floats
    up: Floats


@dataclass(frozen=True, slots=True)
class Course:
    """What the charts show, each (series, paths, months watched)."""

    usual: Floats  # rate expected
    error: Floats  # standard error of the month's rate around it; infinite without a deal
    out: Floats  # distance in standard errors
    down: Floats  # CUSUM for a drop
    up: Floats  # and for a rise
    began: Counts  # first month of the drift that is on, -1 while none is; all -1 without limits


@dataclass(frozen=True, slots=True)
class _Drift:
    """One CUSUM as far as it has come, each (series, paths)."""

    sum: Floats
    since: Counts  # month after it was last zero
    on: Bools  # beyond its limit, and not over since

    def next(self, month: int, gain: Floats, limit: Floats | float) -> "_Drift":
        """With one more month. A sum beyond `FULL` limits would hide that the drift is over."""
        added = np.clip(self.sum + gain, 0.0, FULL * limit)
        since = np.where(added > 0, self.since, month + 1)
        return _Drift(added, since, (added > limit) | (self.on & (added > OVER * limit)))


def follow(before: Before, n: Counts, won: Floats, wobble: Floats, limits: Limits | None = None) -> Course:
    """The charts over the watched months.

    Args:
        n: (series, months) closed deals; 0 is no news.
        won: (series, paths, months), the season taken out.
        wobble: (series,) squared.
        limits: with them, a drift that is seen stops the usual rate from growing until it is over.
    """
    until = _Until.of(before, n, won)
    down = up = _Drift(*(np.zeros(won.shape[:2], kind) for kind in (float, np.int64, bool)))
    most = (limits.down[:, None], limits.up[:, None]) if limits else (np.inf, np.inf)
    began = np.full(won.shape[:2], -1)
    steps: list[tuple[Floats | Counts, ...]] = []
    for t in range(won.shape[2]):
        usual, error = until.expect(np.where(began < 0, max(t - GUARD, 0), began), n[:, None, t], wobble)
        out = np.where(n[:, None, t] > 0, won[:, :, t] / np.maximum(n[:, None, t], 1) - usual, 0.0) / error
        slope, capped = DRIFT / error, np.clip(out, -CAPPED, CAPPED)
        down = down.next(t, -capped * slope - slope**2 / 2, most[0])
        up = up.next(t, capped * slope - slope**2 / 2, most[1])
        began = np.where(down.on | up.on, _kept(began, np.where(down.on, down.since, up.since)), -1)
        steps.append((usual, error, out, down.sum, up.sum, began))
    return Course(*(np.stack(parts, axis=-1) for parts in zip(*steps, strict=True)))


def _kept(began: Counts, since: Counts) -> Counts:
    """A drift began when it did, whatever its sum does later."""
    return np.asarray(np.where(began >= 0, began, since))


@dataclass(frozen=True, slots=True)
class _Until:
    """Sums of everything before each watched month, from none of them to all."""

    n: Floats  # (series, 1, months + 1)
    months: Floats  # (series, 1, months + 1)
    won: Floats  # (series, paths, months + 1)

    @staticmethod
    def of(before: Before, n: Counts, won: Floats) -> "_Until":
        """`before` and the watched months added up."""
        deals, months = (_sums(b, c)[:, None, :] for b, c in ((before.n, n), (before.months, n > 0)))
        return _Until(deals, months, _sums(before.won, won))

    def expect(self, last: Counts, n: Counts, wobble: Floats) -> tuple[Floats, Floats]:
        """Usual rate of the months before `last`, and the error of a month of `n` deals around it."""
        deals, months = (np.maximum(_at(sums, last), 1) for sums in (self.n, self.months))
        usual = safe_rate(_at(self.won, last), deals)
        chance, some = usual * (1 - usual), np.maximum(n, 1)
        squared = chance * (1 / some + 1 / deals) + wobble[:, None] * (1 + 1 / months)
        return usual, np.where(n > 0, np.sqrt(squared), np.inf)


def _sums(before: Floats | Counts, count: Floats | Counts | Bools) -> Floats:
    return np.concatenate([before[..., None], count], axis=-1).cumsum(-1, dtype=float)


def _at(sums: Floats, month: Counts) -> Floats:
    return np.take_along_axis(sums, month[:, :, None], axis=-1)[:, :, 0]
