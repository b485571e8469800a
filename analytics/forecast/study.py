"""Past days and what followed in; how far forecasts were off then, and how often their range held, out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics import closing
from analytics.closing import Timing
from analytics.forecast.draws import Outlook, expect
from analytics.forecast.newcomers import LATELY, Newcomers, arrivals, newcomers
from analytics.questions import Period, quarter

Frame = Any
Floats = NDArray[np.float64]

MOST = 15_000  #: intervals fitted for a past day: a replay needs no more
USUAL_SHOCK, USUAL_SPREAD = (
    0.15,
    0.10,
)  #: what is believed before any replay, as if seen in `BELIEVED` of them
BELIEVED = 4
MIDDLE = 45  #: days from a quarter's first to its middle


@dataclass(frozen=True, slots=True)
class Replay:
    """A past day: what was to be expected then up to the end of its quarter, and what came."""

    day: int
    end: int
    amount: Floats  # open deals
    chance: Floats
    new: Newcomers
    won_open: float  # won from deals open on the day
    won_new: float  # won from deals created later

    @property
    def surprise(self) -> float:
        """Won less expected, of the open deals."""
        return self.won_open - float(self.amount @ self.chance)

    @property
    def luck(self) -> float:
        """Variance of what open deals bring, were each to win alone."""
        return float(self.amount**2 @ (self.chance * (1 - self.chance)))

    @property
    def lever(self) -> float:
        """What a logit more for all open deals brings, about."""
        return float(self.amount @ (self.chance * (1 - self.chance)))

    def outlook(self, shock: float, spread: float) -> Outlook:
        """What would have been told on the day."""
        return expect(self.amount, self.chance, shock=shock, spread=spread, new=self.new)


def quarter_of(day: int) -> Period:
    """The calendar quarter that holds a day."""
    at = date.fromordinal(day)
    return quarter(at.year, (at.month + 2) // 3)


def past_days(first_day: int, as_of_day: int) -> tuple[int, ...]:
    """The days to replay: eve and middle of every quarter that is over, but for the first half year.

    Args:
        first_day: when the first deal was created.
    """
    found, day = [], first_day + LATELY
    while (end := _end(quarter_of(day))) <= as_of_day:
        start = _start(quarter_of(day))
        found += [past for past in (start - 1, start + MIDDLE) if past >= first_day + LATELY]
        day = end + 1
    return tuple(found)


def study(snapshots: Frame, frames: Mapping[int, Frame], deals: Frame, as_of_day: int) -> dict[str, Any]:
    """What past quarters teach about forecasts, as JSON can hold it. Every replay knows only its own past.

    Args:
        snapshots: `landmarks.training`.
        frames: `landmarks.on_day` of each of `past_days`, by day.
        deals: every deal by the day: deal_id, deal_type, outcome, created_day, close_day, amount (whole
            units of the main currency as last known, else nan).

    Returns:
        `shock`, `spread`: for `expect`. `tests`, `hits`: quarters replayed from their first day, and how many
        ended within the 80 % range that the other replays would have given. `replays`: each with day, end,
        low, median, high, won. `new`: for `newcomers`.
    """
    timings = _timings(snapshots, sorted(frames))
    found = [_replay(timings[end_of(day)], frames[day], deals, day) for day in sorted(frames)]
    shock, spread = _shock(found), _spread(found)
    told = [_told(one, [other for other in found if other.end != one.end]) for one in found]
    whole = [one for one in told if _start(quarter_of(int(one["end"]))) == one["day"] + 1]
    return {
        "shock": shock,
        "spread": spread,
        "tests": len(whole),
        "hits": sum(one["low"] <= one["won"] <= one["high"] for one in whole),
        "replays": told,
        "new": arrivals(deals, as_of_day),
    }


def _timings(snapshots: Frame, days: Sequence[int]) -> Mapping[int, Timing]:
    """By end of the quarter: what was known of closing times on the first day replayed of it."""
    first = {end_of(day): day for day in reversed(days)}
    return {end: closing.fit(snapshots, day, most=MOST) for end, day in first.items()}


def _replay(timing: Timing, open_then: Frame, deals: Frame, day: int) -> Replay:
    end = end_of(day)
    later = deals[
        (np.asarray(deals["outcome"], str) == "won") & (np.asarray(deals["close_day"], float) > day)
    ]
    later = later[np.asarray(later["close_day"], float) <= end]
    known = deals.set_index("deal_id")["amount"]
    amount = _amounts(open_then, known)
    came = np.nan_to_num(np.asarray(later["amount"], float))
    was_there = np.isin(np.asarray(later["deal_id"], str), np.asarray(open_then["deal_id"], str))
    kinds = arrivals(deals, day)
    return Replay(
        day=day,
        end=end,
        amount=amount,
        chance=np.nan_to_num(closing.won_by(timing.curves(open_then)[0], end - day)),
        new=newcomers(kinds, 0, end - day, dict.fromkeys(kinds, 1.0)),
        won_open=float(came[was_there].sum()),
        won_new=float(came[~was_there].sum()),
    )


def _amounts(open_then: Frame, known: Any) -> Floats:
    """As they stood on the day; where the source tells no amounts of that day, as last known."""
    then, last = np.asarray(open_then["amount"], float), known.reindex(open_then["deal_id"]).to_numpy(float)
    return np.nan_to_num(np.where(np.isnan(then), last, then))


def _shock(replays: Sequence[Replay]) -> float:
    """Standard deviation of the common move of all logits that the surprises beyond luck call for."""
    beyond = sum(one.surprise**2 - one.luck for one in replays)
    levers = [one.lever**2 for one in replays]
    return _believed(beyond, levers, USUAL_SHOCK)


def _spread(replays: Sequence[Replay]) -> float:
    """The same for the number of newcomers, relative."""
    beyond = sum((one.won_new - one.new.amount) ** 2 - one.new.variance for one in replays)
    return _believed(beyond, [one.new.amount**2 for one in replays], USUAL_SPREAD)


def _believed(beyond: float, levers: Sequence[float], usual: float) -> float:
    """Moment estimate of a standard deviation, drawn to the usual one as by a few more replays."""
    if not levers or not sum(levers):
        return usual
    before = BELIEVED * sum(levers) / len(levers)
    return float(np.sqrt((max(beyond, 0.0) + usual**2 * before) / (sum(levers) + before)))


def _told(one: Replay, others: Sequence[Replay]) -> dict[str, float]:
    outlook = one.outlook(_shock(others), _spread(others))
    told = {"day": one.day, "end": one.end, "won": one.won_open + one.won_new}
    return told | {"low": outlook.low, "median": outlook.median, "high": outlook.high}


def end_of(day: int) -> int:
    """The last day of the quarter that a forecast made on the day is about."""
    return _end(quarter_of(day + 1))


def _start(period: Period) -> int:
    return period.start.toordinal() if period.start else 0


def _end(period: Period) -> int:
    return period.end.toordinal() if period.end else 0
