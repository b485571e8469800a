"""Where tables live and statements run: Parquet in, integers made once, portable SQL, rows out.

The statements are the files in `analytics/sql`: plain SQL over integers that any engine runs unchanged. Only
this module knows that the engine is DuckDB.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date
from functools import cache
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Protocol, Self

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analytics.store import StoreError
from data.schema import TABLES
from data.tables import Tables, literal

if TYPE_CHECKING:
    import pandas as pd

SQL = Path(__file__).parent / "sql"
BATCH = 20_000
FIRST_YEAR = 1970  #: of table `quarters`

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
        FROM $deals""",
    "crm_changes": """
        SELECT deal_id, kind, old, new, origin, ordinal(date) AS day,
               CAST(year(date) * 10 + quarter(date) AS INTEGER) AS quarter,
               CAST(ordinal(date) AS BIGINT) * 1000000 + COALESCE(sequence, 0) AS moment,
               in_numbers(kind, old) AS old_number, in_numbers(kind, new) AS new_number
        FROM $deal_events
        WHERE old IS DISTINCT FROM new""",
    "crm_activities": "SELECT deal_id, ordinal(date) AS day FROM $activities",
    "crm_people": "SELECT person_id, name, email, role, manager_id, team FROM $people",
    "crm_quotas": "SELECT person_id, period, amount_cents FROM $quotas",
}
FOLLOWED = ("deals", "deal_events", "activities")  #: tables of a load whose rows are those of single deals
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
    "quarters": pa.schema({"quarter": pa.int32(), "first_day": pa.int32(), "end_day": pa.int32()}),
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

    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """All rows of a statement."""


class Engine:
    """An embedded database over one load, as of one day. Close it, or use it in `with`."""

    @plain_errors()
    def __init__(
        self,
        tables: Tables,
        as_of: date,
        *,
        spill: Path,
        threads: int | None = None,
        memory: str = "512MB",
        brought: Mapping[str, pa.Table] | None = None,
    ) -> None:
        """Register the tables; nothing is read yet. What does not fit into `memory` goes to `spill`.

        `brought` are tables themselves, by name, that count in place of their files.
        """
        self.tables, self.as_of = tables, as_of
        self._made: set[str] = set()
        self._is_brief = False
        self._limits: dict[str, Any] = {"spill": spill, "threads": threads, "memory": memory}
        limits = {"memory_limit": memory, "temp_directory": str(spill), "threads": threads}
        self._duck = duckdb.connect(config={k: v for k, v in limits.items() if v is not None})
        self._duck.execute("SET enable_progress_bar = false")
        for macro in MACROS:
            self._duck.execute(macro)
        self._look(**{name: self.bring(f"brought_{name}", rows) for name, rows in (brought or {}).items()})
        for name, told in settings_of(tables, as_of).items():
            self.bring(name, pa.Table.from_pylist(told, schema=SETTINGS[name]))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def beside(self, tables: Tables | None = None, as_of: date | None = None) -> "Engine":
        """Another engine within the same limits, over another load or day; by default the same."""
        return Engine(tables or self.tables, as_of or self.as_of, **self._limits)

    def close(self) -> None:
        """Forget everything."""
        self._duck.close()

    @plain_errors()
    def make(self, name: str, text: str, *, coded: Collection[str] = ()) -> None:
        """Keep the rows of `text` as table `name`, `coded` columns as small integers with a dictionary."""
        self._duck.execute(f"CREATE TABLE {name} AS {text}")
        self._made.add(name)
        if coded and not self._is_brief:
            self._code(name, coded)

    def _code(self, name: str, columns: Collection[str]) -> None:
        """Keep columns of texts as small integers; one without any text cannot be."""
        counts = ", ".join(f"count({column})" for column in columns)
        (known,) = self._duck.execute(f"SELECT {counts} FROM {name}").fetchall()
        coded = [column for column, count in zip(columns, known, strict=True) if count]
        for column in coded:
            values = f"SELECT DISTINCT {column} FROM {name} WHERE {column} IS NOT NULL ORDER BY 1"
            self._duck.execute(f"CREATE TYPE {name}_{column} AS ENUM ({values})")
        if coded:
            types = ", ".join(f"CAST({column} AS {name}_{column}) AS {column}" for column in coded)
            self._duck.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * REPLACE ({types}) FROM {name}")

    def drop(self, name: str) -> None:
        """Forget a table that no later statement reads."""
        self._duck.execute(f"DROP TABLE {name}")
        self._made.discard(name)

    @plain_errors()
    def rows(self, text: str) -> list[tuple[Any, ...]]:
        """All rows of a statement that has few."""
        return list(self._duck.execute(text).fetchall())

    @plain_errors()
    def arrays(self, text: str) -> dict[str, NDArray[Any]]:
        """The rows of a statement by column, without a copy in Python objects but for texts."""
        return dict(self._duck.execute(text).fetchnumpy())

    @plain_errors()
    def frame(self, text: str) -> "pd.DataFrame":
        """The rows of a statement, for what is learned from them."""
        return self._duck.execute(text).df()

    @plain_errors()
    def columns(self, text: str) -> pa.Table:
        """The rows of a statement by column, with no Python object per value."""
        return self._duck.sql(text).to_arrow_table()

    def bring(self, name: str, table: pa.Table) -> str:
        """Let statements read a table that lies in no file under this name."""
        self._duck.register(name, table)
        return name

    @contextmanager
    def given(self, name: str, columns: Mapping[str, Any]) -> Iterator[None]:
        """Let statements read the columns as table `name` for as long as the block lasts."""
        self.bring(name, pa.table(dict(columns)))
        try:
            yield
        finally:
            with plain_errors():
                self._duck.unregister(name)

    def holds(self, name: str) -> bool:
        """Was a table of this name made, and not dropped since?"""
        return name in self._made

    @contextmanager
    def brief(self, rows: Mapping[str, pa.Table]) -> Iterator[None]:
        """Let statements see these few rows of some tables; what is made in the block is forgotten after it.

        So one engine serves for many deals in turn: setting it up takes longer than a deal does.
        """
        made = set(self._made)
        self._duck.execute("PRAGMA disable_optimizer")  # for a row, a better plan takes longer than any plan
        self._duck.begin()
        try:
            self._is_brief = True
            self._keep(rows)
            yield
        finally:
            self._duck.rollback()
            self._duck.execute("PRAGMA enable_optimizer")
            self._made, self._is_brief = made, False

    @plain_errors()
    def _keep(self, rows: Mapping[str, pa.Table]) -> None:
        """Turn these rows into integers once, for there are few."""
        sources = {name: self.bring(f"brief_{name}", table) for name, table in rows.items()}
        for view, text in VIEWS.items():
            if sources.keys() >= set(Template(text).get_identifiers()):
                self._duck.execute(f"DROP VIEW {view}")
                self._duck.execute(f"CREATE TABLE {view} AS {Template(text).substitute(sources)}")
        for name in sources.values():
            self._duck.unregister(name)

    @plain_errors()
    def differing(self, before: Tables) -> pa.Table:
        """The deals of which another load tells anything else than this one, or one of the two nothing.

        Returns:
            One column, deal_id. Rows are compared by 64 bits each, summed up per deal.
        """
        marks = "SELECT deal_id, hash(r) AS mark, {} AS sign FROM {} r".format
        sums = (
            f"SELECT deal_id FROM ({marks(1, _file_of(self.tables, name))}"
            f" UNION ALL {marks(-1, _file_of(before, name))}) GROUP BY deal_id HAVING sum(mark * sign) <> 0"
            for name in FOLLOWED
        )
        return self._duck.sql(" UNION ".join(sums)).to_arrow_table()

    @plain_errors()
    def narrow(self, deals: pa.Table) -> None:
        """Let statements see only these deals (column deal_id), their changes and their activities."""
        self._duck.register("chosen", deals)
        for name in FOLLOWED:
            rows = f"SELECT * FROM {_file_of(self.tables, name)} SEMI JOIN chosen USING (deal_id)"
            self._duck.execute(f"CREATE TABLE few_{name} AS {rows}")
        self._look(**{name: f"few_{name}" for name in FOLLOWED})

    def _look(self, **other: str) -> None:
        """Make the views of the tables' files, or of what is given in place of a file."""
        sources = {name: _file_of(self.tables, name) for name in TABLES} | other
        for name, text in VIEWS.items():
            self._duck.execute(f"CREATE OR REPLACE VIEW {name} AS {Template(text).substitute(sources)}")

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
    """The small tables that statements read besides the CRM's: the run, stages and quarters in order."""
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
        "quarters": [_quarter(place) for place in range(4 * FIRST_YEAR, 4 * as_of.year + 4)],
    }


def _quarter(place: int) -> dict[str, int]:
    """A quarter, as 20241, with its first day and the day after its last; `place` counts them from year 0."""
    first, end = (date(at // 4, at % 4 * 3 + 1, 1).toordinal() for at in (place, place + 1))
    return {"quarter": place // 4 * 10 + place % 4 + 1, "first_day": first, "end_day": end}


@cache
def _file(name: str) -> Template:
    return Template((SQL / f"{name}.sql").read_text(encoding="utf-8"))


def statement(name: str, **parts: str) -> str:
    """The text of `analytics/sql/<name>.sql` with its $parts filled in."""
    return _file(name).substitute(parts)


def _file_of(tables: Tables, name: str) -> str:
    """A table of a load as statements name it."""
    return f"read_parquet('{literal(tables.path(name))}')"


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
