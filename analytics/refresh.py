"""Tables and a day -> a checked, published generation: everything the store holds, in the order it is made.

The same tables and day give the same rows and bytes, apart from the generation's id.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from analytics import checks, publish, timeline
from analytics.engine import Engine, plain_errors, statement
from analytics.generation import LAYOUT, PAIRS, SCHEMA_VERSION, SEGMENTS
from analytics.store import CorruptGeneration
from data import quality
from data.tables import Tables, whole

if TYPE_CHECKING:
    from sqlite_utils import Database

Progress = Callable[[str, int, int], None]
Batches = Iterable[Iterable[tuple[Any, ...]]]

#: The column of table `closed` that holds a dimension of the cube; "" is the whole.
COLUMNS = {"": "whole"} | {segment: segment for segment in SEGMENTS}

#: Few deals are open, so an index of them is small; one on every outcome would cost as much as one on reps.
OPEN_DEALS = "CREATE INDEX open_deals ON deals (deal_id) WHERE outcome = 'open'"


def refresh(
    tables: Tables,
    home: Path,
    as_of: date,
    *,
    kind: Literal["current", "asof"] = "current",
    progress: Progress | None = None,
    threads: int | None = None,
    memory: str | None = None,
) -> Path:
    """Build the generation of a load as of a day, check it, and publish it.

    `current` becomes what readers see; `asof` is a replay, kept aside and built once per load and day.
    `progress` is told each table, its place and how many there are. `memory` is the engine's share, as "1GB";
    left out, it grows with the deals.

    Returns:
        The generation's file.

    Raises:
        StoreNotWritable: the disk is full or read-only; the last good generation is untouched.
        CorruptGeneration: the result contradicts itself, and was thrown away.
        DamagedTables, EngineError: the tables cannot be read.
    """
    whole(tables)
    shelf = publish.replays(home) if kind == "asof" else publish.current(home)
    with shelf.alone():
        name = shelf.name(as_of, tables.manifest["load_id"])
        if not shelf.path(name).exists():
            share = memory or room(tables)
            with Engine(tables, as_of, spill=shelf.spill, threads=threads, memory=share) as engine:
                build(engine, tables, shelf.draft, name, as_of, progress or _silent)
            shelf.add(name)
        return shelf.path(name)


def room(tables: Tables) -> str:
    """Memory for the engine: enough for two million deals, and the more, the more there are."""
    deals = pq.ParquetFile(tables.path("deals")).metadata.num_rows
    return f"{max(512, deals // 4_000)}MB"


def build(engine: Engine, tables: Tables, draft: Path, name: str, as_of: date, progress: Progress) -> None:
    """Fill a new file with every table of the generation called `name`, and check it.

    Raises:
        CorruptGeneration: the tables contradict each other.
    """
    db = _empty(draft)
    try:
        with db.atomic():
            for place, (table, batches) in enumerate(contents(engine, tables, as_of), start=1):
                progress(table, place, len(LAYOUT))
                _insert(db, table, batches)
            progress("checks", len(LAYOUT), len(LAYOUT))
            _insert(db, "meta", [_meta(engine, tables, name, as_of, checks.checksum(db.conn)).items()])
        _finish(db)
    except sqlite3.IntegrityError as problem:
        raise CorruptGeneration(
            f"The loaded tables contradict themselves, nothing was published: {problem}."
        ) from problem
    finally:
        db.close()
    if found := checks.problems(draft, as_of.toordinal()):
        raise CorruptGeneration(f"The new generation contradicts itself, nothing was published: {found[0]}.")


def contents(engine: Engine, tables: Tables, as_of: date) -> Iterator[tuple[str, Batches]]:
    """Every table of a generation but `meta`, with its rows in the order of its key."""
    with plain_errors():
        scorecard = [(c.check, c.table, c.level, c.failing, c.total) for c in quality.checks(tables, as_of)]
    pa.default_memory_pool().release_unused()  # the scorecard's: 350 MB at a million deals
    yield "quality", [scorecard]
    timeline.build(engine)
    yield "deals", engine.batches(statement("deals"))
    engine.make("closed", statement("closed"), coded=("stage",))
    yield "cube", engine.all_batches(cube(*pair) for pair in PAIRS)
    yield "cycles", engine.all_batches(map(cycles, COLUMNS))
    for table in ("ages", "stage_clock", "people"):
        yield table, engine.batches(statement(table))


def cube(first: str, second: str) -> str:
    """The statement that counts closed deals by a pair of dimensions; "" stands for none."""
    keys = dict.fromkeys((COLUMNS[first], COLUMNS[second], "deal_type", "close_month"))
    return statement(
        "cube",
        dimension_1=first,
        column_1=COLUMNS[first],
        dimension_2=second,
        column_2=COLUMNS[second],
        keys=", ".join(keys),
    )


def cycles(dimension: str) -> str:
    """The statement that counts sales cycles by their length for a dimension; "" stands for none."""
    keys = ", ".join(dict.fromkeys((COLUMNS[dimension], "deal_type", "cycle_days")))
    return statement("cycles", dimension=dimension, column=COLUMNS[dimension], keys=keys)


def _meta(engine: Engine, tables: Tables, name: str, as_of: date, checksum: str) -> Mapping[str, str]:
    ((deals, closed, won, still_open, first_close, last_created, changes, activities),) = engine.rows(
        statement("totals")
    )
    kinds = dict(engine.rows(statement("closed_types")))
    return {
        "generation": name,
        "as_of": as_of.isoformat(),
        "load_id": tables.manifest["load_id"],
        "schema_version": str(SCHEMA_VERSION),
        "currency": tables.manifest["currency"] or "",
        "stages": json.dumps(tables.manifest["stages"]),
        "main_deal_type": next(iter(kinds), ""),
        "deal_types": json.dumps(kinds),
        "first_close_day": _iso(first_close),
        "last_created_day": _iso(last_created),
        "has_events": str(changes),
        "has_activities": str(activities),
        "deals": str(deals),
        "closed": str(closed),
        "won": str(won),
        "open": str(still_open),
        "checksum": checksum,
    }


def _empty(draft: Path) -> "Database":
    """A file with the tables of a generation, and no journal: until it is synced and named it is nothing."""
    from sqlite_utils import Database  # loads pandas: a second that readers need not wait

    db = Database(draft, execute_plugins=False)
    for setting in ("journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY"):
        db.conn.execute(f"PRAGMA {setting}")
    for name, layout in LAYOUT.items():
        text = db.create_table_sql(
            name, dict(layout.types), pk=layout.key, not_null=layout.required, strict=True
        )
        db.conn.execute(text.rstrip("\n ;") + (", WITHOUT ROWID" if layout.clustered else ""))
    return db


def _insert(db: "Database", table: str, batches: Batches) -> None:
    places = ", ".join("?" * len(LAYOUT[table].types))
    for batch in batches:
        db.conn.executemany(f"INSERT INTO {table} VALUES ({places})", batch)


def _finish(db: "Database") -> None:
    for name, layout in LAYOUT.items():
        for column in layout.indexes:
            db.table(name).create_index([column])
    db.conn.execute(OPEN_DEALS)
    db.conn.execute("PRAGMA analysis_limit = 1000")
    db.conn.execute("ANALYZE")


def _iso(day: int | None) -> str:
    return "" if day is None else date.fromordinal(day).isoformat()


def _silent(table: str, done: int, total: int) -> None:
    """No one watches."""
