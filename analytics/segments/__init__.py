"""Closed deals of two periods, counted per cell, go in; the few segments that changed on their own come out.

BadCells    counts that no closed deals can have
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from analytics.segments import search as searching
from analytics.segments import shift
from analytics.segments.candidates import candidates
from analytics.segments.cells import BadCells, Cells, Counted, of_frames, of_rows
from analytics.segments.search import Search, Segment
from analytics.segments.shift import Shift
from analytics.verdict import ALPHA

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BadCells",
    "Cells",
    "Counted",
    "Search",
    "Segment",
    "Shift",
    "find",
    "found",
    "of_frames",
    "of_rows",
    "over",
]


def find(
    before: "pd.DataFrame",
    after: "pd.DataFrame",
    dimensions: Sequence[str],
    max_depth: int = 2,
    alpha: float = ALPHA,
) -> list[Segment]:
    """The few segments whose win rate changed more, or less, than the rest's; strongest evidence first.

    Args:
        before, after: one row per cell: a column for each dimension, `n` closed deals, `won` of them. Rows
            of the same cell are added up; a cell may be missing in one of the two.
        dimensions: the columns to search.
        max_depth: how many dimensions a segment may combine.
        alpha: how often something may be found when nothing but the overall rate and the mix changed.

    Returns:
        Empty when nothing stands out, or when there are not enough deals to tell.

    Raises:
        BadCells: a column is missing, a count is negative or no whole number, more won than closed.
    """
    return found(over(of_frames(before, after, dimensions), max_depth, alpha))


def over(cells: Cells, max_depth: int = 2, alpha: float = ALPHA, among: Sequence[str] = ()) -> Search:
    """A search of these cells, ready to be run; only dimensions `among` those named, when any is."""
    if not isinstance(max_depth, int) or max_depth < 1 or not 0 < alpha < 1:
        raise BadCells(f"Depth {max_depth!r} and alpha {alpha!r} make no search: use 1 or more, and 0 to 1.")
    depth = min(max_depth, len(cells.dimensions))
    return Search(cells, candidates(cells, depth, among), shift.main_effects(cells), math.log(alpha))


def found(search: Search) -> list[Segment]:
    """What a search finds."""
    if not len(search.candidates.wheres) or not all(n.sum() for n in search.cells.n):
        return []
    return searching.described(search, searching.stepwise(search))
