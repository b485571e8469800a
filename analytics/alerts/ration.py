"""Alerts offered to people over days, and how many each may have in a week -> when each was told, if ever."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Strings = NDArray[np.str_]

WEEK = 7  #: days, in which a budget is counted
NEVER = 0  #: the day of what nobody was told


@dataclass(frozen=True, slots=True)
class Economy:
    """How much people are told. `working_days` are weekdays, Monday is 0."""

    p1_per_week: int = 3  # P1 that an owner is told
    manager_per_week: int = 5  # alerts that reach a manager
    escalate_after_hours: int = 24  # working hours without an answer until the manager is told
    working_days: frozenset[int] = frozenset(range(5))

    def is_working(self, day: int) -> bool:
        """Is anybody told on this day (an ordinal)?

        >>> Economy().is_working(739_065), Economy().is_working(739_066)  # a Friday and a Saturday of 2024
        (True, False)
        """
        return (day + 6) % WEEK in self.working_days

    def later(self, day: int) -> int:
        """The working day on which an alert told on `day` goes on to the manager, if nobody answers.

        >>> Economy().later(739_065) - 739_065  # from Friday to Monday
        3
        """
        for _ in range(-(-self.escalate_after_hours // 24)):
            day = self.next_working(day + 1)
        return day

    def next_working(self, day: int) -> int:
        """The day itself if anybody is told on it, else the next such day."""
        return next(each for each in range(day, day + WEEK) if self.is_working(each))


@dataclass(frozen=True, slots=True)
class Offers:
    """Alerts that a person may be told, one entry each; days are ordinals."""

    person: Strings  # "" for nobody
    since: Ints  # from which day on
    until: Ints  # the first day on which there is nothing to tell any more
    amount: Floats  # the biggest first; nan last


def told(offers: Offers, budget: int, economy: Economy, last: int, *, waits: bool) -> Ints:
    """The day on which each alert is told, `NEVER` for one that is not.

    A person is told at most `budget` alerts in seven days, on working days, the biggest first.

    Args:
        last: the last day that counts.
        waits: is what finds no room offered again the next day, as long as it holds?
    """
    found = np.full(len(offers.person), NEVER, np.int64)
    known: dict[str, list[int]] = defaultdict(list)
    biggest_first = np.argsort(-np.nan_to_num(offers.amount, nan=-1.0), kind="stable")
    first = np.array([economy.next_working(int(day)) for day in offers.since], np.int64)
    until = offers.until if waits else np.minimum(offers.until, first + 1)
    open_to = (offers.person != "") & (first <= last)
    for day in range(int(first[open_to].min(initial=last + 1)), last + 1):
        if economy.is_working(day):
            due = open_to & (first <= day) & (day < until) & (found == NEVER)
            for place in biggest_first[due[biggest_first]]:
                lately = known[offers.person[place]]
                if sum(day - WEEK < each for each in lately) < budget:
                    lately.append(day)
                    found[place] = day
    return found
