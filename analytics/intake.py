"""A load -> what stopped coming in: new deals, those of a lead source, activities; pauses rarer than chance.

Counts per working day are overdispersed (batches, holidays), so the chance of an empty day is taken from a
negative binomial, and never below what was seen. A pause is allowed as long as stable feeds like these show
one at least once a year, all of them together, or as long as one that was seen before.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from data.tables import Tables

YEAR = 260  #: working days looked back on, and for which false alarms are counted
LATELY = 65  #: the last quarter of them: what comes in more slowly by now may pause for longer
FEWEST = 60  #: working days before a feed has a usual pace
FALSE_A_YEAR = 1.0  #: false alarms of stable feeds in a year, all of them together
MOST_SOURCES = 12  #: lead sources looked at: those with most deals
WORKING = frozenset(range(5))  #: Monday to Friday
EPOCH = date(1970, 1, 1).toordinal()

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pause:
    """A feed in which nothing new came on the last working days up to the load."""

    feed: str  # "deals", "lead_source=Inbound", "activities"
    quiet: int  # working days without anything new
    allowed: int  # so many of them chance explains
    last: date  # the last working day with something
    usual: float  # things per working day before that


def pauses(tables: Tables, working: frozenset[int] = WORKING) -> tuple[Pause, ...]:
    """The feeds in which nothing new came on the last working days.

    The day of the load counts only when something came on it: it may not be over. What comes at a weekend
    counts for the working day before. A feed without a usual pace is left out, and so are lead sources when
    no deals come in at all.

    Args:
        working: weekdays on which something is expected, Monday is 0.

    Returns:
        Deals first, then lead sources, then activities; empty when all run, or nothing is known of them.
    """
    return _pauses(tables.folder, tables.loaded_on, working)


@lru_cache(maxsize=4)
def _pauses(folder: Path, loaded_on: date, working: frozenset[int]) -> tuple[Pause, ...]:
    feeds = dict(_feeds(folder))
    found = [
        Pause(name, quiet, allowed, date.fromordinal(last), usual)
        for name, days in feeds.items()
        if (counted := _counted(days, loaded_on, working))
        and (seen := paused(counted[1], FALSE_A_YEAR / len(feeds)))
        for quiet, allowed, usual in [seen]
        for last in [int(counted[0][-1 - quiet])]
    ]
    none_at_all = any(pause.feed == "deals" for pause in found)
    return tuple(pause for pause in found if not (none_at_all and pause.feed.startswith("lead_source=")))


def _feeds(folder: Path) -> Iterator[tuple[str, Counts]]:
    """Each feed with the day of everything in it, as ordinals."""
    deals = pq.read_table(folder / "deals.parquet", columns=["created_date", "lead_source"])
    yield "deals", _ordinals(deals["created_date"])
    sources = pc.value_counts(deals["lead_source"].drop_null()).to_pylist()
    for one in sorted(sources, key=lambda one: -one["counts"])[:MOST_SOURCES] if len(sources) > 1 else ():
        own = deals.filter(pc.equal(deals["lead_source"], one["values"]))
        yield f"lead_source={one['values']}", _ordinals(own["created_date"])
    yield "activities", _ordinals(pq.read_table(folder / "activities.parquet", columns=["date"])["date"])


def _ordinals(days: pa.ChunkedArray) -> Counts:
    return np.asarray(days.drop_null().cast(pa.int32()).to_numpy(), np.int64) + EPOCH


def _counted(days: Counts, loaded_on: date, working: frozenset[int]) -> tuple[Counts, Counts] | None:
    """The working days since the feed began, and how much came on each; None without any."""
    last = loaded_on.toordinal()
    days = days[days <= last]
    if not days.size or not working:
        return None
    calendar = np.arange(days.min(), last + 1)
    works = np.isin((calendar - 1) % 7, list(working))  # ordinal 1 was a Monday
    place = np.maximum(np.cumsum(works) - 1, 0)
    counts = np.bincount(place[days - calendar[0]], minlength=int(works.sum()))
    at = calendar[works]
    is_over = len(at) > 0 and (at[-1] < last or counts[-1] > 0)
    end = len(at) if is_over else len(at) - 1
    return (at[:end], counts[:end]) if end > 0 else None


def paused(counts: Counts, budget: float) -> tuple[int, int, float] | None:
    """The pause at the end of a feed: working days quiet, those that chance allows, what was usual a day.

    Args:
        counts: what came in on each working day, in order.
        budget: false alarms a year that this feed may give.

    Returns:
        None without a pause, or with too short a history to know.

    >>> paused(np.array([3, 5, 4, 6] * 20 + [0, 0, 0]), budget=1.0)
    (3, 1, 4.5)
    """
    some = np.flatnonzero(counts)
    quiet = len(counts) - int(some[-1]) - 1 if some.size else 0
    before = counts[: len(counts) - quiet][-YEAR:]
    if not quiet or len(before) < FEWEST:
        return None
    allowed = max(_by_chance(_empty(before), budget), _longest(before))
    return quiet, allowed, float(before.mean())


def _empty(counts: Counts) -> float:
    """The chance of a day on which nothing comes: as seen, or by the pace of the year or of lately."""
    seen = (float((counts == 0).sum()) + 0.5) / (len(counts) + 1)
    return max(seen, *(_of_zero(part) for part in (counts, counts[-LATELY:])))


def _of_zero(counts: Counts) -> float:
    """The negative binomial's chance of zero, by the method of moments; Poisson's where nothing clumps."""
    mean, variance = float(counts.mean()), float(counts.var(ddof=1))
    if variance <= mean:
        return math.exp(-mean)
    size = mean**2 / (variance - mean) if mean else 1.0
    return float((1 + mean / size) ** -size)


def _by_chance(empty: float, budget: float) -> int:
    """The longest pause that comes more often than the budget when each day is empty with this chance.

    Pauses of at least k days begin on `YEAR x (1 - empty) x empty^k` days of a year.
    """
    begin = YEAR * (1 - empty)
    if begin <= budget:
        return YEAR
    return max(math.floor(math.log(budget / begin) / math.log(empty)), 0)


def _longest(counts: Counts) -> int:
    """The longest row of empty days.

    >>> _longest(np.array([1, 0, 0, 2, 0, 3]))
    2
    """
    return max((len(list(run)) for empty, run in groupby(counts == 0) if empty), default=0)
