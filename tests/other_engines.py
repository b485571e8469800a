"""The steps of a refresh on databases other than DuckDB, over the integers that DuckDB made at the door."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pyarrow as pa

from analytics.engine import SETTINGS, VIEWS, Engine

TYPES = {"VARCHAR": "TEXT"}
Row = tuple[Any, ...]


class Other:
    """A connection as Python's database interface knows them, and every statement that it was given."""

    def __init__(self, connection: Any, place: str, door: Engine) -> None:
        """Bring the tables over from the door; `place` is how a parameter is written."""
        self.connection, self.place = connection, place
        self.given_texts: list[str] = []
        for name in (*VIEWS, *SETTINGS):
            columns = {row[0]: TYPES.get(row[1], row[1]) for row in door.rows(f"DESCRIBE {name}")}
            self._fill(name, columns, door.rows(f"SELECT * FROM {name}"))

    def make(self, name: str, text: str, *, coded: Collection[str] = ()) -> None:
        """Keep the rows of `text` as table `name`."""
        self.given_texts.append(text)
        self.connection.execute(f"CREATE TABLE {name} AS {text}")

    def drop(self, name: str) -> None:
        """Forget a table."""
        self.connection.execute(f"DROP TABLE {name}")

    def rows(self, text: str) -> list[Row]:
        """All rows of a statement."""
        self.given_texts.append(text)
        return [tuple(map(_plain, row)) for row in self.connection.execute(text).fetchall()]

    def columns(self, text: str) -> pa.Table:
        """The rows of a statement by column: ids as texts, the rest whole numbers."""
        found = self.connection.execute(text)
        names = [told[0] for told in found.description]
        values = zip(*found.fetchall(), strict=True)
        kinds = [pa.string() if name.endswith("_id") else pa.int64() for name in names]
        arrays = list(values) or [()] * len(names)
        return pa.table([pa.array(v, k) for v, k in zip(arrays, kinds, strict=True)], names=names)

    @contextmanager
    def given(self, name: str, columns: Mapping[str, pa.Array]) -> Iterator[None]:
        """Let statements read the columns as table `name` for as long as the block lasts."""
        types = {n: "TEXT" if pa.types.is_string(column.type) else "INTEGER" for n, column in columns.items()}
        self._fill(name, types, list(zip(*(c.to_pylist() for c in columns.values()), strict=True)))
        yield
        self.drop(name)

    def _fill(self, name: str, columns: Mapping[str, str], rows: Sequence[Row]) -> None:
        types = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        self.connection.execute(f"CREATE TABLE {name} ({types})")
        places = ", ".join([self.place] * len(columns))
        self.connection.cursor().executemany(f"INSERT INTO {name} VALUES ({places})", rows)


class OnSpark:
    """The same on Spark, whose tables are views of frames."""

    def __init__(self, session: Any, door: Engine) -> None:
        """Bring the tables over from the door."""
        self.session = session
        for name in (*VIEWS, *SETTINGS):
            kinds = ((row[0], row[1]) for row in door.rows(f"DESCRIBE {name}"))
            shape = ", ".join(
                f"`{column}` {'STRING' if kind == 'VARCHAR' else kind}" for column, kind in kinds
            )
            self._keep(name, door.rows(f"SELECT * FROM {name}"), shape)

    def make(self, name: str, text: str, *, coded: Collection[str] = ()) -> None:
        """Keep the rows of `text` as table `name`."""
        self.session.sql(text).localCheckpoint().createOrReplaceTempView(name)

    def drop(self, name: str) -> None:
        """Forget a table."""
        self.session.catalog.dropTempView(name)

    def rows(self, text: str) -> list[Row]:
        """All rows of a statement."""
        return [tuple(map(_plain, row)) for row in self.session.sql(text).collect()]

    def columns(self, text: str) -> pa.Table:
        """The rows of a statement by column."""
        return self.session.sql(text).toArrow()

    @contextmanager
    def given(self, name: str, columns: Mapping[str, pa.Array]) -> Iterator[None]:
        """Let statements read the columns as table `name` for as long as the block lasts."""
        shape = ", ".join(
            f"{n} {'STRING' if pa.types.is_string(c.type) else 'INT'}" for n, c in columns.items()
        )
        self._keep(name, zip(*(c.to_pylist() for c in columns.values()), strict=True), shape)
        yield
        self.drop(name)

    def _keep(self, name: str, rows: Iterable[Row], shape: str) -> None:
        self.session.createDataFrame(list(rows), shape).createOrReplaceTempView(name)


def _plain(value: Any) -> Any:
    """A value as DuckDB gives it: another database divides in decimals."""
    return float(value) if isinstance(value, Decimal) else value
