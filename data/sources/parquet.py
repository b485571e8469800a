"""A Parquet file -> batches of texts, as a CSV file of the same rows would give."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.errors import SourceTooLarge, UnreadableSource
from data.sources import files
from data.sources.batch import Batch

BATCH_ROWS = 50_000


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """A Parquet file and what its columns are called."""

    path: Path
    sha256: str
    stamp: tuple[int, int, int]
    header: tuple[str, ...]
    notes: tuple[str, ...] = ()
    encoding: str = "parquet"
    delimiter: str = ""

    def batches(self, size: int = BATCH_ROWS) -> Iterator[Batch]:
        """The rows in order, `size` at a time; the first is row 2, as under a header."""
        first = 2
        try:
            with pq.ParquetFile(self.path) as file:
                for piece in file.iter_batches(size, columns=list(self.header)):
                    rows = np.arange(first, first + piece.num_rows, dtype=np.int64)
                    yield Batch(rows, {name: _texts(piece.column(name)) for name in self.header})
                    first += piece.num_rows
        except (pa.ArrowInvalid, OSError) as error:
            raise UnreadableSource(_damaged(self.path)) from error


def open_parquet(path: Path, limits: files.SizeLimits) -> ParquetFile:
    """Find a Parquet file's columns; nested ones are left out.

    Raises:
        UnreadableSource: it breaks off or is damaged.
    """
    stamp = files.stamp(path)
    try:
        with pq.ParquetFile(path) as file:
            fields = list(file.schema_arrow)
            unpacked = sum(file.metadata.row_group(i).total_byte_size for i in range(file.num_row_groups))
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableSource(_damaged(path)) from error
    if unpacked > limits.largest_bytes:
        raise SourceTooLarge(f"{path.name!r} is larger than the limit of {limits.largest_bytes:,} bytes.")
    nested = [f.name for f in fields if pa.types.is_nested(f.type)]
    notes = (f"nested columns left out: {', '.join(nested)}",) if nested else ()
    header = tuple(f.name for f in fields if f.name not in nested)
    with path.open("rb") as raw:
        digest = hashlib.file_digest(raw, "sha256").hexdigest()
    return ParquetFile(path, digest, stamp, header, notes)


def _damaged(path: Path) -> str:
    return f"{path.name!r} is not a whole Parquet file. Export it again."


def _texts(values: pa.Array) -> pa.Array:
    """Any plain column as text; times with a zone in UTC, and marked so."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _texts(values.dictionary_decode())
    if pa.types.is_timestamp(kind):
        return pc.strftime(
            values.cast(pa.timestamp("us", kind.tz)).cast(pa.timestamp("us")), "%Y-%m-%dT%H:%M:%S"
        )
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array([None] * len(values), pa.string())
    return values.cast(pa.string())
