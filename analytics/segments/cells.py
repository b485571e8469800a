"""Two frames of counts, one per period, become aligned arrays: one entry per cell that has a deal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from analytics.questions import NOT_SET
from data.mendable import Mendable

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
Counted = tuple[tuple[str, ...], int, int]  #: values of a cell, closed deals, won ones


class BadCells(Mendable):
    """Counts that no closed deals can have. The message says which, and what is needed."""


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Closed deals and won ones of two periods, aligned: one entry per cell with a deal in either.

    `codes` has a row per cell and a column per dimension, pointing into `values`.
    """

    dimensions: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    codes: Codes
    n: tuple[Floats, Floats]
    won: tuple[Floats, Floats]

    @property
    def rates(self) -> tuple[float, float]:
        """Win rate of each period, 0 where it has no deal."""
        before, after = (float(w.sum() / max(n.sum(), 1.0)) for w, n in zip(self.won, self.n, strict=True))
        return before, after

    def inside(self, where: Mapping[str, str]) -> NDArray[np.bool_]:
        """Which cells lie in a segment; none where a value does not occur."""
        chosen = np.ones(len(self.codes), bool)
        for dimension, value in where.items():
            place = self.dimensions.index(dimension)
            known = self.values[place]
            chosen &= self.codes[:, place] == (known.index(value) if value in known else -1)
        return chosen


def of_rows(dimensions: Sequence[str], before: Iterable[Counted], after: Iterable[Counted]) -> Cells:
    """Cells from rows of (values, closed deals, won); rows of the same cell are added up."""
    sums: dict[tuple[str, ...], list[int]] = {}
    for period, rows in enumerate((before, after)):
        for values, n, won in rows:
            counts = sums.setdefault(values, [0, 0, 0, 0])
            counts[2 * period] += n
            counts[2 * period + 1] += won
    kept = sorted((values, counts) for values, counts in sums.items() if counts[0] + counts[2])
    known = tuple(tuple(sorted({values[d] for values, _ in kept})) for d in range(len(dimensions)))
    places = [{value: code for code, value in enumerate(each)} for each in known]
    codes = [[place[value] for place, value in zip(places, values, strict=True)] for values, _ in kept]
    n0, w0, n1, w1 = np.array([counts for _, counts in kept], float).reshape(-1, 4).T
    shape = (len(kept), len(dimensions))
    return Cells(tuple(dimensions), known, np.array(codes, np.int64).reshape(shape), (n0, n1), (w0, w1))


def of_frames(before: "pd.DataFrame", after: "pd.DataFrame", dimensions: Sequence[str]) -> Cells:
    """Cells from two frames with a column per dimension, `n` closed deals and `won` of them.

    A missing value of a dimension counts as "Not set".

    Raises:
        BadCells: a column is missing, or a count is no count.
    """
    if isinstance(dimensions, str) or not dimensions or len(set(dimensions)) < len(dimensions):
        raise BadCells(f"The dimensions {dimensions!r} cannot be searched: give a list that names each once.")
    return of_rows(dimensions, _rows("before", before, dimensions), _rows("after", after, dimensions))


def _rows(name: str, frame: "pd.DataFrame", dimensions: Sequence[str]) -> list[Counted]:
    missing = [column for column in (*dimensions, "n", "won") if column not in frame.columns]
    if missing:
        raise BadCells(
            f"The frame {name!r} has no column {missing[0]!r}: it needs {', '.join(dimensions)}, n and won."
        )
    n, won = _counts(name, frame, "n"), _counts(name, frame, "won")
    if (won > n).any():
        row = int(np.flatnonzero(won > n)[0])
        raise BadCells(f"Row {row} of the frame {name!r} has {won[row]} won of {n[row]} deals: count again.")
    values = [_texts(frame[d]) for d in dimensions]
    return list(zip(zip(*values, strict=True), n.tolist(), won.tolist(), strict=True))


def _counts(name: str, frame: "pd.DataFrame", column: str) -> Codes:
    try:
        given = frame[column].to_numpy(dtype=float, na_value=np.nan)
    except (TypeError, ValueError):
        given = np.full(len(frame), np.nan)
    bad = ~np.isfinite(given) | (given < 0) | (given != np.floor(given))
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        found: Any = frame[column].tolist()[row]
        raise BadCells(
            f"Row {row} of the frame {name!r} has {column} {found!r}: give a whole number, 0 or more."
        )
    return np.asarray(given, np.int64)


def _texts(column: "pd.Series[Any]") -> list[str]:
    texts: list[str] = column.astype(object).where(column.notna(), NOT_SET).map(str).tolist()
    return texts
