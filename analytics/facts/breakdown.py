"""The answer to "win rate by ...": rows with rate, interval and verdict."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Optional

from analytics.facts.base import Fact, Note, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One row of a breakdown."""

    values: tuple[str, ...]  # one per dimension; ids for rep, labels otherwise
    labels: tuple[str, ...]  # what to show: people's names for rep
    deals: Fact  # closed deals, COUNT
    won: Fact  # COUNT
    win_rate: Fact  # FRACTION with Wilson interval, n, verdict
    shrunken: Fact  # FRACTION, empirical Bayes
    by_amount: Fact  # FRACTION
    share: Fact  # FRACTION of closed deals
    impact: Fact  # POINTS: (rate - overall) x share
    p_adjusted: Fact  # p after Benjamini-Hochberg over the cells shown
    cycle_gap: Fact | None = None  # DAYS, one dimension without filters only
    difference: Fact | None = None  # POINTS: win rate minus the overall one
    pooled: int = 0  # this row stands for so many small cells
    incomplete: str = ""  # "running", "first", "intake_ended": why a period must not be compared

    def facts(self) -> Iterator[Fact]:
        """Every fact of the row."""
        yield from (self.deals, self.won, self.win_rate, self.shrunken, self.by_amount)
        yield from (self.share, self.impact, self.p_adjusted)
        yield from (fact for fact in (self.cycle_gap, self.difference) if fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """The answer to a BreakdownQuestion."""

    dimensions: tuple[str, ...]
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    period: str
    by_amount: bool
    scope: str  # the scope's label
    deal_type: str  # kind of business shown; "" when the data knows only one or none
    cells: tuple[Cell, ...]  # best win rate first; periods in order of time
    overall: Cell
    verdict: Verdict
    p_value: Fact  # one test that all cells are alike
    widest_gap: Fact  # POINTS, largest minus smallest rate among complete cells
    detectable_gap: Fact  # POINTS two typical cells would need for 80 % power
    notes: tuple[Note, ...]
    as_of: date
    as_of_fact: Fact
    generation: str
    cell_count: Fact | None = None  # COUNT of the cells compared
    before: Optional["Breakdown"] = None  # the same in the period before, where one was named
    people: Optional["Breakdown"] = None  # the same deals by rep, where that was asked with another dimension
    crossed: Note | None = None  # "thin_cells": how thin both together would be

    def shown(self) -> Iterator[tuple[Fact, ...]]:
        """What is shown of it where it stands beside another answer, row by row."""
        for cell in (self.overall, *self.cells):
            yield cell.win_rate, cell.shrunken, cell.deals, *([cell.by_amount] if self.by_amount else [])

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        found = [*self.overall.facts(), self.p_value, self.widest_gap, self.detectable_gap, self.as_of_fact]
        found.extend([self.cell_count] if self.cell_count else [])
        for cell in self.cells:
            found.extend(cell.facts())
        for note in (*self.notes, *([self.crossed] if self.crossed else [])):
            found.extend(note.facts.values())
        for part in (self.before, self.people):
            found.extend(fact for cell in (part.shown() if part else ()) for fact in cell)
        return {fact.id: fact for fact in found}
