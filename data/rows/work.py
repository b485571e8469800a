"""A batch of rows half converted: its texts, the columns finished so far, and the rows found wrong."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.formats import Formats
from data.mapping import Match
from data.sources.batch import Batch
from data.values import EMPTY, DateOrder

NEVER = -(2**31)  # a missing day, where days are compared as integers


@dataclass(frozen=True, slots=True)
class Reading:
    """How one file is read: its number among the sources, its columns, its formats, and the day."""

    source: int
    file: str
    match: Match
    formats: Formats
    loaded_on: date
    closes: pa.Table | None = None  # deal_id, close_date: the days on which deals truly closed


@dataclass(slots=True)
class Work:
    """A batch half converted: finished columns, and the first problem of each row that has one."""

    batch: Batch
    reading: Reading
    columns: dict[str, Any] = field(default_factory=dict)
    problems: dict[int, tuple[str, str, str]] = field(default_factory=dict)

    def texts(self, canonical: str) -> Any:
        """A column as cleaned text; the profile's default, or nulls, where the file has none."""
        header = self.reading.match.columns.get(canonical)
        if header is not None:
            return cleaned(self.batch.columns[header])
        default = self.reading.match.layout.defaults.get(canonical)
        return pa.array([default] * len(self.batch), pa.string())

    def reject(self, rows: Iterable[Any], column: str, texts: Any, reason: str) -> None:
        """Remember why rows cannot be kept; the first reason stays."""
        for row in rows:
            value = texts[int(row)].as_py() if texts is not None else ""
            self.problems.setdefault(int(row), (column, str(value if value is not None else ""), reason))

    def reject_where(self, mask: NDArray[np.bool_], column: str, reason: str) -> None:
        """Reject the rows of a mask, showing the column as it was written."""
        header = self.reading.match.columns.get(column)
        texts = self.batch.columns[header] if header is not None else None
        self.reject(np.flatnonzero(mask), header or column, texts, reason)

    def convert(self, name: str, texts: Any, parse: Callable[[str], object], kind: pa.DataType) -> Any:
        """Parse each distinct text once; texts that cannot be parsed reject their rows."""
        coded = texts.dictionary_encode()
        values, wrong = [], {}
        for code, text in enumerate(coded.dictionary.to_pylist()):
            try:
                values.append(parse(text))
            except ValueError as error:
                values.append(None)
                wrong[code] = str(error)
        codes = coded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        header = self.reading.match.columns.get(name, name)
        for row in np.flatnonzero(np.isin(codes, list(wrong))) if wrong else ():
            self.reject([int(row)], header, texts, wrong[int(codes[row])])
        return pa.array(values, kind).take(coded.indices)


def cleaned(texts: Any, empty: Sequence[str] = EMPTY) -> Any:
    """Texts without spaces around; those that mean "nothing here" become null."""
    trimmed = pc.utf8_trim_whitespace(texts)
    nothing = pc.is_in(pc.utf8_lower(trimmed), value_set=pa.array(empty))
    return pc.if_else(nothing, pa.scalar(None, pa.string()), trimmed)


def date_order(work: Work, name: str) -> DateOrder | None:
    """The order of day and month in a column, where its texts need one."""
    return work.reading.formats.orders.get(work.reading.match.columns.get(name, ""))


def as_mask(values: Any) -> NDArray[np.bool_]:
    """A boolean column as a mask; null is False."""
    mask: NDArray[np.bool_] = values.fill_null(False).to_numpy(zero_copy_only=False)
    return mask


def day_numbers(values: Any) -> NDArray[np.int32]:
    """Days since 1970-01-01; a missing day is `NEVER`."""
    days: NDArray[np.int32] = values.cast(pa.int32()).fill_null(NEVER).to_numpy(zero_copy_only=False)
    return days


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - date(1970, 1, 1).toordinal()
