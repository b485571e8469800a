"""Where tables live and statements run: Parquet in, integers made once, portable SQL, rows out.

The statements are the files in `analytics/sql`: plain SQL over integers that any engine runs unchanged. Only
this module knows that the engine is DuckDB.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, Protocol, Self

import duckdb
import numpy as np
import pyarrow as pa

from analytics.store import StoreError
from data.tables import Tables

SQL = Path(__file__).parent / "sql"
BATCH = 20_000

#: How the Parquet files become integers: days as ordinals, the order of changes as one number.
#: A change from a value to itself is none.
VIEWS = {
    "crm_deals": """
        SELECT deal_id, name, account, amount_cents, currency, stage, outcome,
               ordinal(created_date) AS created_day, ordinal(close_date) AS close_day,
               CAST(year(close_date) * 100 + month(close_date) AS INTEGER) AS close_month,
               rep_id, region, industry, product, lead_source, deal_type, next_step,
               ordinal(updated_date) AS updated_day, ordinal(last_activity_date) AS last_activity_day,
               ordinal(stage_entered_date) AS stage_entered_day
        FROM read_parquet('$deals')""",
    "crm_changes": """
        SELECT deal_id, kind, old, new, origin, ordinal(date) AS day,
               CAST(ordinal(date) AS BIGINT) * 1000000 + COALESCE(sequence, 0) AS moment,
               in_numbers(kind, old) AS old_number, in_numbers(kind, new) AS new_number
        FROM read_parquet('$deal_events')
        WHERE old IS DISTINCT FROM new""",
    "crm_activities": "SELECT deal_id, ordinal(date) AS day FROM read_parquet('$activities')",
    "crm_people": "SELECT person_id, name, email, role, manager_id, team FROM read_parquet('$people')",
}
MACROS = (
    "CREATE MACRO ordinal(day) AS CAST(day - DATE '0001-01-01' + 1 AS INTEGER)",
    """CREATE MACRO in_numbers(kind, value) AS CASE kind
        WHEN 'amount' THEN TRY_CAST(value AS BIGINT)
        WHEN 'close_date' THEN ordinal(TRY_CAST(value AS DATE)) END""",
)


#: The shape of the small tables that statements read besides the CRM's.
SETTINGS = {
    "run": pa.schema(
        {
            "as_of_day": pa.int32(),
            "loaded_day": pa.int32(),
            "currency": pa.string(),
            "stage_count": pa.int32(),
        }
    ),
    "stages": pa.schema({"stage": pa.string(), "number": pa.int32()}),
}


class EngineError(StoreError):
    """The tables cannot be read, or the work on them did not fit."""


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what a reader of the tables complains of into one sentence; a disk's own errors pass."""
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError) as problem:
        if isinstance(problem, OSError) and problem.errno:
            raise
        line = str(problem).partition("\n")[0]
        raise EngineError(
            f"The loaded tables cannot be worked on ({line}). "
            "If a file is damaged, load the CRM's files again; if memory or disk ran out, make room."
        ) from problem


class Runs(Protocol):
    """Anything that can keep a statement's rows as a table for the statements after it."""

    def make(self, name: str, text: str, *, coded: Collection[str] = ()) -> None:
        """Keep the rows of `text` as table `name`; `coded` columns hold few values again and again."""

    def drop(self, name: str) -> None:
        """Forget a table."""


class Engine:
    """An embedded database over one load, as of one day. Close it, or use it in `with`."""

    @plain_errors()
    def __init__(
        self, tables: Tables, as_of: date, *, spill: Path, threads: int | None = None, memory: str = "512MB"
    ) -> None:
        """Register the tables; nothing is read yet. What does not fit into `memory` goes to `spill`."""
        limits = {"memory_limit": memory, "temp_directory": str(spill), "threads": threads}
        self._duck = duckdb.connect(config={k: v for k, v in limits.items() if v is not None})
        self._duck.execute("SET enable_progress_bar = false")
        for macro in MACROS:
            self._duck.execute(macro)
        files = {path.stem: _quoted(path) for path in tables.folder.glob("*.parquet")}
        for name, text in VIEWS.items():
            self._duck.execute(f"CREATE VIEW {name} AS {Template(text).substitute(files)}")
        for name, rows in settings_of(tables, as_of).items():
            self._duck.register(name, pa.Table.from_pylist(rows, schema=SETTINGS[name]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget everything."""
        self._duck.close()

    @plain_errors()
    def make(self, name: str, text: str, *, coded: Collection[str] = ()) -> None:
        """Keep the rows of `text` as table `name`, `coded` columns as small integers with a dictionary."""
        self._duck.execute(f"CREATE TABLE {name} AS {text}")
        for column in coded:
            values = f"SELECT DISTINCT {column} FROM {name} WHERE {column} IS NOT NULL ORDER BY 1"
            self._duck.execute(f"CREATE TYPE {name}_{column} AS ENUM ({values})")
        if coded:
            types = ", ".join(f"CAST({column} AS {name}_{column}) AS {column}" for column in coded)
            self._duck.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * REPLACE ({types}) FROM {name}")

    def drop(self, name: str) -> None:
        """Forget a table that no later statement reads."""
        self._duck.execute(f"DROP TABLE {name}")

    @plain_errors()
    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """All rows of a statement that has few."""
        return list(self._duck.execute(text).fetchall())

    def batches(self, text: str) -> Iterator[Iterator[tuple[Any, ...]]]:
        """The rows of a statement that may have millions, some ten thousand at a time."""
        return self.all_batches([text])

    def all_batches(self, texts: Iterable[str]) -> Iterator[Iterator[tuple[Any, ...]]]:
        """The rows of one statement after the other. The engine works ahead while they are used."""
        ready = (batch for text in texts for batch in self._duck.sql(text).to_arrow_reader(BATCH))
        with plain_errors(), ThreadPoolExecutor(1) as ahead:
            coming = ahead.submit(next, ready, None)
            while (batch := coming.result()) is not None:
                coming = ahead.submit(next, ready, None)
                yield zip(*map(_values, batch.columns), strict=True)


def settings_of(tables: Tables, as_of: date) -> dict[str, list[dict[str, Any]]]:
    """The small tables that statements read besides the CRM's: the run, the stages in order."""
    stages = list(tables.manifest["stages"])
    run = {
        "as_of_day": as_of.toordinal(),
        "loaded_day": date.fromisoformat(tables.manifest["loaded_on"]).toordinal(),
        "currency": tables.manifest["currency"] or "",
        "stage_count": len(stages),
    }
    return {
        "run": [run],
        "stages": [{"stage": stage, "number": place} for place, stage in enumerate(stages, start=1)],
    }


@cache
def _file(name: str) -> Template:
    return Template((SQL / f"{name}.sql").read_text(encoding="utf-8"))


def statement(name: str, **parts: str) -> str:
    """The text of `analytics/sql/<name>.sql` with its $parts filled in."""
    return _file(name).substitute(parts)


def _quoted(path: Path) -> str:
    """A path as the inside of a SQL string in which `*`, `?` and `[` mean themselves."""
    return re.sub(r"([*?\[])", r"[\1]", str(path.absolute())).replace("'", "''")


def _values(column: pa.Array) -> list[Any]:
    """A column as Python values, missing ones None. (`to_pylist` takes five times as long.)"""
    if pa.types.is_dictionary(column.type):
        known = np.array([*column.dictionary.to_pylist(), None], dtype=object)
        codes = column.indices.fill_null(len(known) - 1)
        return list(known[codes.to_numpy(zero_copy_only=False)].tolist())
    if not column.null_count or pa.types.is_string(column.type):
        return list(column.to_numpy(zero_copy_only=False).tolist())
    values = column.fill_null(0).to_numpy(zero_copy_only=False).astype(object)
    values[column.is_null().to_numpy(zero_copy_only=False)] = None
    return list(values.tolist())
