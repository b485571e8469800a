"""What every source yields: rows as written, by column, with the numbers a person finds them by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Reject:
    """One row that cannot be used. `row` counts as a spreadsheet does: the header is row 1."""

    file: str
    row: int
    column: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a source: texts by column of the file, and what was met between them."""

    rows: NDArray[np.int64]
    columns: Mapping[str, pa.Array]
    rejects: list[Reject] = field(default_factory=list)
    footers: int = 0

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def read(self) -> int:
        """Rows met, those rejected at once and the totals rows included; blank rows are not rows."""
        return len(self.rows) + len(self.rejects) + self.footers
