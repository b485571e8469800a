"""Calls, mails and meetings: every few days while a deal is worked on, then silence."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from data.sample import days, draws, market
from data.sample.days import Bools, Ints
from data.sample.lives import Lives
from data.sample.paths import Values

KINDS = {"email": 0.5, "call": 0.3, "meeting": 0.2}

_USUAL_GAP, _LONG_GAP, _LONG_SHARE = (1, 10), (15, 22), 0.02  # days between touches; holidays are long
_SHORTEST_MEAN_GAP = 4  # no deal's gaps average less over its whole life, so the drawn ones suffice


@dataclass(frozen=True, slots=True)
class Touches:
    """Activities in order of deal and day, at most one a day per deal; codes are places in KINDS and reps.

    `last` is each deal's last day of activity (-1: none yet). `was_silent` says of each deal whether it
    ever went longer without one than the P1 rule allows, up to its close or the last day.
    """

    deal: Ints
    day: Ints
    kind: Ints
    rep: Ints
    last: Ints
    was_silent: Bools


def draw(rng: Generator, lives: Lives, owners: Values, last: int) -> Touches:
    """The activities of a chunk's deals, up to the last day."""
    deal, day = _days(rng, lives, last)
    kind = draws.pick(rng.random(len(deal)), list(KINDS.values()))
    latest = np.full(len(lives.created), -1, dtype=np.int64)
    latest[deal] = day  # in order of day, so the last one stays
    return Touches(deal, day, kind, _owner_then(deal, day, owners), latest, _silent(deal, day, lives, last))


def _days(rng: Generator, lives: Lives, last: int) -> tuple[Ints, Ints]:
    """Deals and days of all activities: more gaps than needed are drawn, the surplus is cut off."""
    span = np.minimum(lives.worked, last - lives.created)
    counts = span // _SHORTEST_MEAN_GAP + 5
    deal = np.repeat(np.arange(len(counts)), counts)
    elapsed = np.cumsum(_gaps(rng, len(deal)))
    starts = np.cumsum(counts) - counts
    before = np.concatenate([[0], elapsed])[starts]
    offset = elapsed - before[deal] - 1
    keep = offset <= span[deal]
    deal, offset = deal[keep], offset[keep]
    day = days.workday(lives.created[deal] + offset)
    return _unique(deal[day <= last], day[day <= last], lives, last)


def _gaps(rng: Generator, count: int) -> Ints:
    uniform = rng.random(count)
    usual = draws.whole(uniform / (1 - _LONG_SHARE), *_USUAL_GAP)
    long = draws.whole((uniform - (1 - _LONG_SHARE)) / _LONG_SHARE, *_LONG_GAP)
    return np.where(uniform < 1 - _LONG_SHARE, usual, long)


def _unique(deal: Ints, day: Ints, lives: Lives, last: int) -> tuple[Ints, Ints]:
    """One activity per deal and day; the told deals have their last one just as long ago as the rule asks."""
    crossing = last - market.SILENCE_DAYS - 1
    is_told = np.zeros(len(lives.created), dtype=np.bool_)
    is_told[lives.told] = True
    keep = ~is_told[deal] | (day < crossing)
    deal = np.concatenate([deal[keep], lives.told])
    day = np.concatenate([day[keep], np.full(len(lives.told), crossing)])
    order = np.lexsort((day, deal))
    deal, day = deal[order], day[order]
    first = np.ones(len(deal), dtype=np.bool_)
    first[1:] = (deal[1:] != deal[:-1]) | (day[1:] != day[:-1])
    return deal[first], day[first]


def _owner_then(deal: Ints, day: Ints, owners: Values) -> Ints:
    """Who owned the deal on the day: the first owner until the handover."""
    handover = np.full(len(owners.now), -1, dtype=np.int64)
    earlier = owners.now.copy()
    handover[owners.changes.deal] = owners.changes.day
    earlier[owners.changes.deal] = owners.changes.old
    return np.where(day < handover[deal], earlier[deal], owners.now[deal])


def _silent(deal: Ints, day: Ints, lives: Lives, last: int) -> Bools:
    """Which deals ever went too long without an activity, between two of them or at either end."""
    follows = np.zeros(len(deal), dtype=np.bool_)
    follows[1:] = deal[1:] == deal[:-1]
    previous = np.where(follows, np.roll(day, 1), lives.created[deal])
    silent = np.zeros(len(lives.created), dtype=np.bool_)
    silent[deal[day - previous > market.SILENCE_DAYS]] = True
    latest = lives.created.copy()
    latest[deal] = day
    return silent | (np.minimum(lives.close, last) - latest > market.SILENCE_DAYS)
