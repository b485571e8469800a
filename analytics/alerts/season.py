"""Open deals day by day and rules -> when each rule came over its line, and who would have been told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analytics.alerts import alike, judge
from analytics.alerts.alike import Contrast
from analytics.alerts.epochs import Epochs, epochs
from analytics.alerts.ration import NEVER, Economy, Offers, told
from analytics.alerts.replay import Replay
from analytics.alerts.rules import Level, Rule

Ints = NDArray[np.int64]
Strings = NDArray[np.str_]
Truths = NDArray[np.bool_]

LOUDNESS = tuple(Level)

#: Conditions that say what a deal is, and not how it does: a deal that fails one is not comparable.
WHAT_IT_IS = ("amount",)


@dataclass(frozen=True, slots=True)
class Alerts:
    """Times that rules came over the line within the weeks, and what would have been done about each."""

    epochs: Epochs
    since: Ints  # the day on which each began
    owner: Strings
    manager: Strings  # "" for nobody
    inhibited: Truths  # a louder rule held for the deal
    told_on: Ints  # day of the message to the owner, NEVER without one
    reached_on: Ints  # day on which the manager was told, NEVER if not
    spared: Truths  # it was the manager's turn, and their week was full

    def __len__(self) -> int:
        """How many."""
        return len(self.epochs)


def joined(parts: Sequence[Alerts]) -> Alerts:
    """The alerts of several rules."""
    epochs = [part.epochs for part in parts]
    columns = (np.concatenate([getattr(one, name) for one in epochs]) for name in ("row", "end", "ending"))
    names = ("since", "owner", "manager", "inhibited", "told_on", "reached_on", "spared")
    others = (np.concatenate([getattr(part, name) for part in parts]) for name in names)
    return Alerts(Epochs(*columns), *others)


@dataclass(frozen=True)
class Season:
    """Weeks of the past from the Monday `start` to the day before `end` (ordinals), and rules to try on them.

    The replay begins days earlier, so that what was over the line before is known, and goes on to the day of
    the load.
    """

    days: Replay
    start: int
    end: int
    rules: tuple[Rule, ...]  # about deals, the loudest first
    managers: Mapping[str, str]  # of each rep, "" for nobody
    economy: Economy

    @cached_property
    def holds(self) -> Mapping[str, Truths]:
        """By rule, the rows for which it holds."""
        return {rule.id: judge.holding(rule, self.days.board) for rule in self.rules}

    @cached_property
    def alerts(self) -> Mapping[str, Alerts]:
        """By rule, what it would have told: all rules share the budgets."""
        louder, found = np.zeros(len(self.days), np.bool_), {}
        for rule in self.rules:
            found[rule.id] = self._untold(self.crossings(self.holds[rule.id]), louder)
            louder = louder | self.holds[rule.id]
        loud = {rule.id: found[rule.id] for rule in self.rules if rule.level is Level.P1}
        return found | self._told(loud)

    def crossings(self, holds: Truths) -> Epochs:
        """The epochs that began within the weeks."""
        found = epochs(self.days, holds)
        return found.of(self._within(found.row))

    def already(self, rule: Rule) -> int:
        """Deals over the line on the day before the weeks began, and still on their first day."""
        found = epochs(self.days, self.holds[rule.id])
        return int(((self.days.day[found.row] < self.start) & (found.end > self.start)).sum())

    def owners(self, rows: Ints) -> Strings:
        """The owner of each row's deal, on its day."""
        reps = self.days.dimensions["rep"]
        return np.asarray(reps.values[reps.codes[rows]], np.str_)

    def managers_of(self, owners: Iterable[str]) -> Strings:
        """The manager of each owner, "" for nobody."""
        return np.array([self.managers.get(str(owner), "") for owner in owners], dtype=np.str_)

    @cached_property
    def reps(self) -> Strings:
        """Who owned open deals in these weeks."""
        return np.unique(self.owners(np.flatnonzero(self._within(np.arange(len(self.days))))))

    def contrast(self, rules: Sequence[Rule]) -> Contrast | None:
        """Deals that came over the line of any of the rules, at the first time, against deals like them."""
        holds, like = np.zeros((2, len(self.days)), np.bool_)
        for rule in rules:
            holds |= self.holds[rule.id]
            like |= self._might(rule)
        return alike.contrast(self.days, self.first(self.crossings(holds)), like & ~holds)

    def first(self, found: Epochs) -> Ints:
        """The row on which each deal first came over the line."""
        _, place = np.unique(self.days.deal[found.row], return_index=True)
        return found.row[place]

    def _might(self, rule: Rule) -> Truths:
        """Rows that the rule is about: it may hold for such a deal, or not."""
        what_it_is = tuple(one for one in rule.every if one.metric in WHAT_IT_IS)
        return judge.holding(replace(rule, every=what_it_is, any_of=()), self.days.board)

    def _within(self, rows: Ints) -> Truths:
        return (self.days.day[rows] >= self.start) & (self.days.day[rows] < self.end)

    def _untold(self, found: Epochs, louder: Truths) -> Alerts:
        """Alerts that nobody was told of yet, those in the rows `louder` inhibited."""
        owner = self.owners(found.row)
        never, no = np.full(len(found), NEVER, np.int64), np.zeros(len(found), np.bool_)
        return Alerts(
            found,
            self.days.day[found.row],
            owner,
            self.managers_of(owner),
            louder[found.row],
            never,
            never,
            no,
        )

    def _told(self, loud: Mapping[str, Alerts]) -> dict[str, Alerts]:
        """The same alerts with who was told when; the bigger deal first, whichever the rule."""
        if not loud:
            return {}
        every = joined(list(loud.values()))
        amount, last = self.days.board.columns["amount"][every.epochs.row], self.end - 1
        person = np.where(every.inhibited, "", every.owner)
        offers = Offers(person, every.since, every.epochs.end, amount)
        told_on = told(offers, self.economy.p1_per_week, self.economy, last, waits=True)
        turn = np.array([self.economy.later(day) if day else NEVER for day in told_on.tolist()], np.int64)
        is_due = (turn != NEVER) & (turn < np.minimum(every.epochs.end, self.end))
        asked = Offers(np.where(is_due, every.manager, ""), turn, every.epochs.end, amount)
        reached_on = told(asked, self.economy.manager_per_week, self.economy, last, waits=False)
        spared = is_due & (every.manager != "") & (reached_on == NEVER)
        ends = np.cumsum([len(one) for one in loud.values()])[:-1]
        parts = zip(*(np.split(each, ends) for each in (told_on, reached_on, spared)), strict=True)
        return {
            each: replace(one, told_on=mine, reached_on=theirs, spared=full)
            for (each, one), (mine, theirs, full) in zip(loud.items(), parts, strict=True)
        }
