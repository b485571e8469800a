"""When deals are opened, and how many: exactly as many closed ones as were asked for, and the open book."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from data.sample import days, draws, market
from data.sample.company import Company
from data.sample.days import Bools, Ints

CHUNK = 50_000  #: deals drawn at a time; part of what a seed means
_OPEN_SHARE = 0.14  #: open deals per closed one, about
_OLD, _RECENT = 2, 3  #: places of random numbers; 0 and 1 belong to the company


@dataclass(frozen=True, slots=True)
class Told:
    """Open deals that are made to cross the line of the stalled rule on the last day: which and whose."""

    at: Ints
    reps: Ints


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some deals in order of creation: place of their random numbers, how many came before, days opened."""

    place: tuple[int, int]
    before: int
    created: Ints
    told: Told


@dataclass(frozen=True, slots=True)
class Intake:
    """Days on which the deals are opened, so long ago that all are closed, or recent."""

    old: Ints
    recent: Ints
    told: Told

    @property
    def deals(self) -> int:
        """All deals, closed and open."""
        return len(self.old) + len(self.recent)


def plan(closed: int, as_of: date, company: Company, seed: int) -> Intake:
    """Spreads deals over the history so that `closed` of them are closed on `as_of`."""
    last = days.number(as_of)
    calendar = np.arange(last - market.HISTORY_DAYS + 1, last + 1)
    weights = _weights(calendar, seed)
    is_recent = calendar > last - market.LONGEST_CYCLE - 2
    recent_count = round(closed * (1 + _OPEN_SHARE) * int(weights[is_recent].sum()) / int(weights.sum()))
    recent = _spread(calendar[is_recent], weights[is_recent], recent_count)
    is_open = still_open(recent, last, seed)
    old_count = closed - int(np.count_nonzero(~is_open))
    old = _spread(calendar[~is_recent], weights[~is_recent], old_count)
    return Intake(old, recent, _told(recent, is_open, last, company))


def _weights(calendar: Ints, seed: int) -> Ints:
    """How busy each day is: fewer deals at weekends, slowly more over the years, and some noise."""
    rng = draws.stream(seed, 1, 1)
    working = np.where(days.weekday(calendar) > 4, 8, 100)
    growth = 100 + 25 * np.arange(len(calendar)) // len(calendar)
    return working * growth * draws.whole(rng.random(len(calendar)), 60, 140)


def _spread(calendar: Ints, weights: Ints, count: int) -> Ints:
    """`count` days, sorted, as often as the weights say. Whole numbers throughout."""
    ends = np.cumsum(weights) * count // int(weights.sum())
    return np.repeat(calendar, np.diff(ends, prepend=0))


def still_open(recent: Ints, last: int, seed: int) -> Bools:
    """Which of the recent deals close after the last day. Draws the same cycles as the deals will."""
    closes = [
        spans(draws.stream(seed, _RECENT, turn), recent[start : start + CHUNK])[1]
        for turn, start in enumerate(range(0, len(recent), CHUNK))
    ]
    return np.concatenate(closes) > last if closes else np.zeros(0, dtype=np.bool_)


def spans(rng: np.random.Generator, created: Ints) -> tuple[Bools, Ints]:
    """The first draws of every deal: is it one that gets stuck, and on which day will it close?"""
    is_stuck = rng.random(len(created)) < market.STUCK_SHARE
    where = rng.random(len(created))
    usual, slow = draws.quantile(market.CYCLE_DAYS, where), draws.quantile(market.STUCK_CYCLE_DAYS, where)
    return is_stuck, days.workday(created + np.where(is_stuck, slow, usual))


def _told(recent: Ints, is_open: Bools, last: int, company: Company) -> Told:
    """A few open deals, evenly picked among those 45 to 90 days old, one team after the other."""
    fits = np.flatnonzero(is_open & (recent >= last - 90) & (recent <= last - 45))
    turns = np.arange(min(market.TOLD, len(fits)))
    places = fits[(turns * 2 + 1) * len(fits) // (2 * max(1, len(turns)))]
    reps = (turns % company.teams) + company.teams * (turns + 1)
    return Told(places, reps % len(company.rep_ids))


def chunks(intake: Intake) -> Iterator[Chunk]:
    """All deals in order of creation, a chunk at a time."""
    nobody = Told(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    for turn, start in enumerate(range(0, len(intake.old), CHUNK)):
        yield Chunk((_OLD, turn), start, intake.old[start : start + CHUNK], nobody)
    for turn, start in enumerate(range(0, len(intake.recent), CHUNK)):
        here = (intake.told.at >= start) & (intake.told.at < start + CHUNK)
        told = Told(intake.told.at[here] - start, intake.told.reps[here])
        yield Chunk((_RECENT, turn), len(intake.old) + start, intake.recent[start : start + CHUNK], told)
