"""How deals move: changes of stage, amount, expected close date and owner, as far as the last day tells."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from data.sample import days, draws, market
from data.sample.days import Bools, Floats, Ints
from data.sample.lives import Lives

NONE = -1  #: in `old`: nothing was there before

_USUAL_WEIGHTS = np.array([0.30, 0.25, 0.20, 0.25])  # of the time worked, by stage
_STUCK_WEIGHTS = np.array([0.20, 0.15, 1.20, 0.20])
_WON_FROM = (0.00, 0.03, 0.07, 0.90)  # last stage of won deals; a few skip stages, as in any CRM
_LOST_IN = (0.38, 0.30, 0.12, 0.20)
_STUCK_LOST_IN = (0.00, 0.00, 0.90, 0.10)
_STUCK_WON_FROM = (0.00, 0.00, 0.00, 1.00)
_AMOUNT_CHANGES = (0.70, 0.23, 0.07)  # none, one, two
_PUSHES, _PUSH_CHANCE = 6, 0.85  # at most so many; a rep who does not push leaves the date in the past
_HANDOVER_SHARE = 0.03


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes of one kind, with values as stage codes, cents, days or rep codes.

    `deal` is a place in the chunk. A deal's changes stand in order of time.
    """

    deal: Ints
    day: Ints
    old: Ints
    new: Ints


@dataclass(frozen=True, slots=True)
class Stages:
    """The stage each deal is in on the last day, since when, and how long it was in the dead stage.

    `dead_days` is -1 for a deal that has not come out of that stage, or never was in it.
    """

    changes: Changes
    now: Ints
    since: Ints
    dead_days: Ints


def stages(rng: Generator, lives: Lives, last: int) -> Stages:
    """Each deal's way through the stages."""
    depth = _depths(rng, lives)
    entered = _entries(rng, lives, depth)
    _let_told_move_late(lives, depth, entered)
    seen = (np.arange(len(market.STAGES)) < depth[:, None]) & (entered <= last)
    deal, code = np.nonzero(seen)
    now = seen.sum(axis=1) - 1
    return Stages(
        Changes(deal, entered[deal, code], code - 1, code),
        now,
        entered[np.arange(len(now)), now],
        _days_in_dead_stage(lives, depth, entered),
    )


def _depths(rng: Generator, lives: Lives) -> Ints:
    """In which stage, from 1, each deal will be at its end."""
    uniform, depth = rng.random(len(lives.created)), np.ones(len(lives.created), dtype=np.int64)
    for is_won, is_stuck, shares in (
        (True, False, _WON_FROM),
        (False, False, _LOST_IN),
        (True, True, _STUCK_WON_FROM),
        (False, True, _STUCK_LOST_IN),
    ):
        here = (lives.is_won == is_won) & (lives.is_stuck == is_stuck)
        depth[here] = draws.pick(uniform[here], shares) + 1
    return depth


def _entries(rng: Generator, lives: Lives, depth: Ints) -> Ints:
    """Days on which each stage is entered: one row per deal, one column per stage, later ones meaningless.

    The time worked is divided among the stages; each takes at least a day.
    """
    base = np.where(lives.is_stuck[:, None], _STUCK_WEIGHTS, _USUAL_WEIGHTS)
    weights = base * (0.5 + rng.random(base.shape))
    steps = np.arange(base.shape[1])
    ends = np.cumsum(np.where(steps < depth[:, None], weights, 0.0), axis=1)
    starts = np.concatenate([np.zeros((len(depth), 1)), ends[:, :-1]], axis=1) / ends[:, -1:]
    free = np.maximum(lives.worked - depth, 0)[:, None]
    offsets = steps + np.floor(starts * free).astype(np.int64)
    entered = lives.created[:, None] + offsets
    return np.concatenate([lives.created[:, None], days.workday(entered[:, 1:])], axis=1)


def _let_told_move_late(lives: Lives, depth: Ints, entered: Ints) -> None:
    """The told deals entered their stage just before they went silent, so that they are not slow as well."""
    for turn, deal in enumerate(lives.told):
        stage = 1 + turn % (len(market.STAGES) - 1)
        steps = np.arange(1, stage + 1)
        offsets = (lives.worked[deal] - 2 - turn % 3) * steps // stage
        entered[deal, steps] = days.workday(lives.created[deal] + offsets)
        depth[deal] = stage + 1


def _days_in_dead_stage(lives: Lives, depth: Ints, entered: Ints) -> Ints:
    dead = market.STAGES.index(market.DEAD_STAGE)
    left = np.where(depth > dead + 1, entered[:, dead + 1], lives.close)
    return np.where((depth > dead) & ~lives.is_open, left - entered[:, dead], -1)


@dataclass(frozen=True, slots=True)
class Values:
    """The value of each deal on the last day, and the changes that led to it."""

    changes: Changes
    now: Ints


def amounts(rng: Generator, lives: Lives, last: int) -> Values:
    """Amounts in cents, in steps of ten dollars; who wins does not depend on them or their changes."""
    count = len(lives.created)
    now = _dollars(draws.quantile(market.AMOUNTS, rng.random(count)))
    now[lives.told] = _dollars(draws.whole(rng.random(len(lives.told)), 60_000, 180_000))
    changes = draws.pick(rng.random(count), _AMOUNT_CHANGES)
    changes[lives.told] = 0
    moments = np.sort(rng.random((count, 2)), axis=1)
    blocks = []
    for turn in range(2):
        day = _moment(lives, moments[:, turn])
        factor = draws.whole(rng.random(count), 75, 135)
        new = _dollars(np.clip(now // 100 * factor // 100, 2_000, 250_000))
        blocks.append(_apply((changes > turn) & (day <= last), day, now, new))
    return Values(_joined(blocks), now)


def _dollars(whole: Ints) -> Ints:
    """Cents of so many dollars, rounded down to tens of dollars."""
    return whole // 10 * 1_000


def _moment(lives: Lives, uniform: Floats) -> Ints:
    """A day within the time a deal is worked on."""
    return days.workday(lives.created + np.floor(uniform * lives.worked).astype(np.int64))


def _apply(where: Bools, day: Ints, now: Ints, new: Ints) -> Changes:
    """Writes `new` into `now` where it is due and different, and tells the changes."""
    deal = np.flatnonzero(where & (new != now))
    changes = Changes(deal, day[deal], now[deal], new[deal])
    now[deal] = new[deal]
    return changes


def _joined(blocks: list[Changes]) -> Changes:
    return Changes(
        np.concatenate([block.deal for block in blocks]),
        np.concatenate([block.day for block in blocks]),
        np.concatenate([block.old for block in blocks]),
        np.concatenate([block.new for block in blocks]),
    )


def close_dates(rng: Generator, lives: Lives, last: int) -> Values:
    """Expected close dates: pushed as they come near, or left in the past; the actual one at the close."""
    count = len(lives.created)
    now = days.workday(lives.created + draws.quantile(market.PLANNED_DAYS, rng.random(count)))
    pushes, blocks = np.ones(count, dtype=np.bool_), []
    for _ in range(_PUSHES):
        day = days.workday(now - draws.whole(rng.random(count), 0, 3))
        pushes &= (rng.random(count) < _PUSH_CHANCE) & (day < lives.close) & (day <= last)
        new = days.workday(day + draws.whole(rng.random(count), 14, 60))
        blocks.append(_apply(pushes, day, now, new))
    blocks.append(_apply(~lives.is_open, lives.close, now, lives.close))
    return Values(_joined(blocks), now)


def owners(rng: Generator, lives: Lives, last: int, shares: Floats) -> Values:
    """Who owned each deal first, and the few handovers to the rep who closes it."""
    count = len(lives.created)
    hands_over = rng.random(count) < _HANDOVER_SHARE
    hands_over[lives.told] = False
    now = np.where(hands_over, draws.pick(rng.random(count), shares.tolist()), lives.rep)
    day = _moment(lives, rng.random(count))
    return Values(_apply(hands_over & (day <= last), day, now, lives.rep), now)
