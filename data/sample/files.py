"""CSV files with the canonical columns, written a chunk at a time."""

from collections.abc import Collection
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
from pyarrow import csv

from data.schema import TABLES

_PLAIN = csv.WriteOptions(quoting_style="none", quoting_header="none")


class Files:
    """Open CSV files of a folder, one per canonical table asked for; close by `with`."""

    def __init__(self, folder: Path, tables: Collection[str]) -> None:
        self._folder = folder
        self._wanted = [name for name in TABLES if name in tables]
        self._writers: dict[str, csv.CSVWriter] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def wants(self, table: str) -> bool:
        """Is this table to be written?"""
        return table in self._wanted

    def append(self, table: str, columns: dict[str, pa.Array]) -> None:
        """Adds rows to the file of a wanted table, columns in the order of the schema."""
        if not self.wants(table):
            return
        rows = pa.table({column.name: columns[column.name] for column in TABLES[table].columns})
        if table not in self._writers:
            writer = csv.CSVWriter(self._folder / f"{table}.csv", rows.schema, write_options=_PLAIN)
            self._writers[table] = self._stack.enter_context(writer)
        self._writers[table].write_table(rows)
