"""Cells of two periods -> every segment that may be tested, with the cells in each."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from analytics.segments.cells import Cells, Codes, Floats
from analytics.verdict import FEWEST

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Every segment that may be tested, as columns of a sparse matrix with one row per cell."""

    wheres: Sequence[tuple[tuple[int, int], ...]]  # dimension and value of each, as codes
    members: "csr_matrix"  # transposed: one row per candidate
    cost: Floats  # log of how many tests each one's p pays for

    def column(self, place: int) -> Floats:
        """1 for the cells of a candidate, 0 for the others."""
        return np.asarray(self.members[[place]].toarray()[0])

    def named(self, place: int, cells: Cells) -> dict[str, str]:
        """What a candidate is called."""
        return {cells.dimensions[d]: cells.values[d][value] for d, value in self.wheres[place]}


def candidates(cells: Cells, max_depth: int, among: Sequence[str] = ()) -> Candidates:
    """Every value of a dimension and every combination of up to `max_depth` of them that may be tested.

    Only dimensions `among` those named, when any is.

    Left out are those with too few deals, those that are everything, and those with the same deals as a
    simpler one. Each depth has an equal share of the error, so that the many pairs do not drown the few
    plain values: one-way first, then drill down.
    """
    from scipy.sparse import csr_matrix  # a tenth of a second, which only a search should pay

    kept: list[tuple[tuple[int, int], ...]] = []
    rows: list[Codes] = []
    known: set[bytes] = set()
    for wide in range(1, max_depth + 1):
        for where, inside in _segments(cells, wide, among or cells.dimensions):
            key = inside.tobytes()
            if key not in known:
                known.add(key)
                kept.append(where)
                rows.append(inside)
    lengths = np.array([len(where) for where in kept], np.int64)
    per_depth = np.bincount(lengths, minlength=max_depth + 1)
    depths = max(int((per_depth > 0).sum()), 1)
    pointers = np.concatenate(([0], np.cumsum([row.size for row in rows]))).astype(np.int64)
    inside = np.concatenate(rows) if rows else np.zeros(0, np.int64)
    shape = (len(kept), len(cells.codes))
    members = csr_matrix((np.ones(inside.size), inside, pointers), shape=shape)
    return Candidates(kept, members, np.log(per_depth[lengths] * depths))


def _segments(
    cells: Cells, wide: int, among: Sequence[str]
) -> Iterator[tuple[tuple[tuple[int, int], ...], Codes]]:
    """Segments of so many dimensions that have enough deals inside and outside, with the cells in each."""
    telling = (cells.n[0] > 0) | (cells.n[1] > 0)
    total = tuple(float(n.sum()) for n in cells.n)
    sizes = [len(values) for values in cells.values]
    places = [place for place, name in enumerate(cells.dimensions) if name in among]
    for dimensions in combinations(places, wide):
        shape = tuple(sizes[d] for d in dimensions)
        if min(shape) < 2:
            continue
        keys = np.ravel_multi_index(tuple(cells.codes[:, d] for d in dimensions), shape)
        deals = [np.bincount(keys, n, math.prod(shape)) for n in cells.n]
        enough = np.logical_and.reduce(
            [(n >= FEWEST) & (n <= whole - FEWEST) for n, whole in zip(deals, total, strict=True)]
        )
        order = np.argsort(keys, kind="stable")
        starts = np.searchsorted(keys[order], np.arange(math.prod(shape) + 1))
        for group in np.flatnonzero(enough):
            values = np.unravel_index(int(group), shape)
            inside = np.sort(order[starts[group] : starts[group + 1]])
            yield (
                tuple((d, int(v)) for d, v in zip(dimensions, values, strict=True)),
                inside[telling[inside]],
            )
