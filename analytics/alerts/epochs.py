"""Deals day by day and where a rule holds -> its epochs: when each began, how long it held, how it ended."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.alerts.replay import Replay

Ints = NDArray[np.int64]
Strings = NDArray[np.str_]
Truths = NDArray[np.bool_]

#: How an epoch ends, the first that fits; "over": it had not ended by the last day.
ENDINGS = (
    "won",
    "lost",
    "owner_changed",
    "moved",
    "activity",
    "date_moved",
    "amount_fell",
    "passed",
    "over",
)


@dataclass(frozen=True, slots=True)
class Epochs:
    """Times in which a rule held for a deal without a break, by deal, then day."""

    row: Ints  # of the replay: the first day on which it held
    end: Ints  # the first day on which it no longer held; the day after the last one for "over"
    ending: Strings  # one of ENDINGS

    def __len__(self) -> int:
        """How many."""
        return len(self.row)

    def of(self, chosen: Truths) -> "Epochs":
        """Some of them."""
        return Epochs(self.row[chosen], self.end[chosen], self.ending[chosen])


def epochs(replay: Replay, holds: Truths) -> Epochs:
    """Every epoch in which a rule holds, those of the replay's first day included."""
    goes_on = follows(replay)
    first = np.flatnonzero(holds & ~(goes_on & np.roll(holds, 1)))
    stops = np.append(np.flatnonzero(~holds | ~goes_on), len(replay))
    after = stops[np.searchsorted(stops, first, side="right")]
    return _ended(replay, first, after)


def follows(replay: Replay) -> Truths:
    """Is a row the same deal one day after the row before it?"""
    found = np.zeros(len(replay), np.bool_)
    found[1:] = np.diff(replay.deal) == 0
    return found


def _ended(replay: Replay, first: Ints, after: Ints) -> Epochs:
    """The epochs that begin at rows `first` and are over at rows `after`, if these are of the same deal."""
    fates, deal = replay.fates, replay.deal[first]
    later = np.minimum(after, max(len(replay) - 1, 0))
    is_same = (after < len(replay)) & (replay.deal[later] == deal)
    end = np.where(is_same, replay.day[later], fates.end[deal])
    outcome = np.where(fates.outcome[deal] == "open", "over", fates.outcome[deal])
    ending = np.where(is_same, _changed(replay, first, later), outcome)
    return Epochs(first, end, np.asarray(ending, np.str_))


def _changed(replay: Replay, then: Ints, now: Ints) -> Strings:
    """What is first to have changed between two days of a deal."""
    columns, day = replay.board.columns, replay.day
    stage, rep = (replay.dimensions[name].codes for name in ("stage", "rep"))
    touched = day - np.nan_to_num(columns["days_since_activity"], nan=np.inf)
    due, amount = day - columns["days_overdue"], columns["amount"]
    changes = [
        rep[now] != rep[then],
        stage[now] != stage[then],
        touched[now] > touched[then],
        due[now] > due[then],
        amount[now] < amount[then],
    ]
    return np.select(changes, ["owner_changed", "moved", "activity", "date_moved", "amount_fell"], "passed")
