"""A generation -> how each rep keeps the open deals and closes them, and where that differs beyond chance."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from analytics import verdict
from analytics.answers import believed
from analytics.answers.kinds import kind
from analytics.answers.remember import remembered
from analytics.facts import Verdict
from analytics.generation import DealRow
from analytics.questions import ALL_TIME, EVERYONE, BreakdownQuestion
from analytics.stall import Thresholds, idle_days
from analytics.store import Generation

#: People below whom a figure of all of them would tell of single ones. Source: k = 5, OWASP LLM02.
FEWEST_PEOPLE = 5

Kept = bool | None  # None: nobody knows


@dataclass(frozen=True, slots=True)
class Judged:
    """One rep's deals that are as they should be, of those that can be told; and the verdict on it."""

    name: str
    good: int
    deals: int
    better: bool  # than everybody's deals together
    verdict: Verdict | None
    doubt: float  # adjusted p


def is_active(_: Generation, deal: DealRow, thresholds: Thresholds) -> Kept:
    """Was anything done lately, as the alerts count it?"""
    idle = idle_days(deal)
    return None if idle is None else idle <= thresholds.inactive_days


def is_on_time(generation: Generation, deal: DealRow, _: Thresholds) -> Kept:
    """Does its expected close date lie ahead?"""
    return None if deal.close_day is None else deal.close_day >= generation.as_of.toordinal()


def is_on_pace(generation: Generation, deal: DealRow, _: Thresholds) -> Kept:
    """Is it in its stage for no longer than nearly all won deals were?"""
    clock = believed.clock(generation, deal.stage, deal.deal_type) if deal.stage else None
    return None if clock is None or deal.days_in_stage is None else deal.days_in_stage <= clock.stalled


#: Habits by name. A comparison of each pays for all of them.
OF_OPEN_DEALS: Mapping[str, Callable[[Generation, DealRow, Thresholds], Kept]] = {
    "active": is_active,
    "on_pace": is_on_pace,
    "on_time": is_on_time,
}
HABITS = (*OF_OPEN_DEALS, "won")

Counts = Mapping[str, tuple[int, int]]  # rep -> as they should be, all that can be told


@remembered
def habits(generation: Generation, thresholds: Thresholds) -> Mapping[str, tuple[Judged, ...]]:
    """The habits of every rep with any deal, luck taken into account, the surest first.

    Each rep's share is tested against everybody else's deals and corrected for the number of reps and of
    habits. Without five people nobody is compared, and the answer is empty.
    """
    open_deals = generation.open_deals()
    counted: dict[str, Counts] = {
        name: _counted((deal.rep_id, holds(generation, deal, thresholds)) for deal in open_deals)
        for name, holds in OF_OPEN_DEALS.items()
    }
    counted["won"] = _closed(generation)
    found: dict[str, list[Judged]] = defaultdict(list)
    for name, counts in counted.items():
        for rep_id, judged in _judged(name, counts):
            found[rep_id].append(judged)
    return {rep_id: tuple(sorted(mine, key=lambda one: one.doubt)) for rep_id, mine in found.items()}


def _counted(told: Iterable[tuple[str, Kept]]) -> Counts:
    found: dict[str, tuple[int, int]] = {}
    for rep_id, is_good in told:
        if is_good is not None:
            good, deals = found.get(rep_id, (0, 0))
            found[rep_id] = (good + is_good, deals + 1)
    return found


def _closed(generation: Generation) -> Counts:
    """Won and closed deals of each rep, of the main kind of business."""
    business = kind(generation, BreakdownQuestion(("rep",), (), ALL_TIME))
    rows = generation.cells(("rep",), business.filters, ALL_TIME, business.deal_type, EVERYONE)
    return {row.values[0]: (row.won, row.deals) for row in rows}


def _judged(name: str, counts: Counts) -> Iterable[tuple[str, Judged]]:
    if len(counts) < FEWEST_PEOPLE:
        return
    good, deals = zip(*counts.values(), strict=True)
    every = [True] * len(counts)
    level = verdict.ALPHA / len(HABITS)
    judged = verdict.judge(good, deals, complete=every, single=every, level=level)
    usual = sum(good) / sum(deals)
    for place, rep_id in enumerate(counts):
        better = good[place] > usual * deals[place]
        doubt = float(judged.adjusted[place])
        yield rep_id, Judged(name, good[place], deals[place], better, judged.cells[place], doubt)
