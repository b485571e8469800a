"""Tables and a day -> a checked, published generation: everything the store holds, in the order it is made.

The same tables and day give the same rows, made anew or upon the last generation; made anew, the same bytes,
apart from the generation's id.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from analytics import checks, incremental, landmarks, learning, publish, store, timeline
from analytics.engine import Engine, plain_errors, statement
from analytics.generation import LAYOUT, PAIRS, SCHEMA_VERSION, SEGMENTS
from analytics.incremental import Base
from analytics.store import CorruptGeneration, Generation
from data import quality
from data.tables import Tables, whole

if TYPE_CHECKING:
    from sqlite_utils import Database

Progress = Callable[[str, int, int], None]

#: The column of table `closed` that holds a dimension of the cube; "" is the whole.
COLUMNS = {"": "whole"} | {segment: segment for segment in SEGMENTS}

#: Few deals are open, so an index of them is small; one on every outcome would cost as much as one on reps.
OPEN_DEALS = "CREATE INDEX open_deals ON deals (deal_id) WHERE outcome = 'open'"


@dataclass(frozen=True, slots=True)
class Earlier:
    """Generations that may hold what would be learned again, the last one first, and whose place is taken."""

    last: Generation | None
    readable: Sequence[Generation]


def refresh(
    tables: Tables,
    home: Path,
    as_of: date,
    *,
    kind: Literal["current", "asof"] = "current",
    full: bool = False,
    progress: Progress | None = None,
    threads: int | None = None,
    memory: str | None = None,
) -> Path:
    """Build the generation of a load as of a day, check it, and publish it.

    `current` becomes what readers see; `asof` is a replay, kept aside and built once per load and day.
    A current one is made of the last one and the few deals that changed since, or anew when they are many, or
    when `full` asks for it.
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
                timeline.survey(engine)
                base = None if full or shelf.replays else incremental.base(home, engine)
                before = earlier(home, shelf.replays)
                before = replace(before, readable=()) if full else before
                build(engine, shelf.draft, name, progress or _silent, base, before)
            shelf.add(name)
        return shelf.path(name)


def room(tables: Tables) -> str:
    """Memory for the engine, the more, the more deals there are; what does not fit goes to the disk."""
    deals = pq.ParquetFile(tables.path("deals")).metadata.num_rows
    return f"{min(max(512, deals // 1_500), 2_000)}MB"


def build(
    engine: Engine,
    draft: Path,
    name: str,
    progress: Progress,
    base: Base | None,
    before: Earlier,
) -> None:
    """Fill a new file with every table of the generation called `name`, upon its base if any, and check it.

    Raises:
        CorruptGeneration: the tables contradict each other.
    """
    db = incremental.copied(base, draft) if base else _empty(draft)
    try:
        with db.atomic():
            following = _changed(db, engine, base) if base else _anew(db, engine)
            models = _models(db, engine, base, before)
            for place, table in enumerate(chain(following, _whole(db, engine), models), start=1):
                progress(table, place, len(LAYOUT))
            progress("checks", len(LAYOUT), len(LAYOUT))
            _insert(db, "meta", _meta(engine, name, checks.checksum(db.conn)).items())
        if not base:
            _finish(db)
    except sqlite3.IntegrityError as problem:
        raise CorruptGeneration(
            f"The loaded tables contradict themselves, nothing was published: {problem}."
        ) from problem
    finally:
        db.close()
    if found := checks.problems(draft, engine.as_of.toordinal()):
        raise CorruptGeneration(f"The new generation contradicts itself, nothing was published: {found[0]}.")


def texts() -> dict[str, list[str]]:
    """The statements that fill each table which follows the deals.

    They read what the engine tells of single deals (the timeline, `closed`, changes, activities), so that a
    few deals give their own part of a table. What is true of all deals together belongs into `feeds`.
    """
    return {
        "deals": [statement("deals")],
        "cube": [cube(*pair) for pair in PAIRS],
        "cycles": [cycles(dimension) for dimension in COLUMNS],
        **{table: [statement(table)] for table in ("ages", "stage_clock", "stage_moves", "due")},
        "landmarks": [landmarks.ends()],
    }


def prepare(engine: Engine) -> None:
    """Make what the statements of `texts` read."""
    timeline.follow(engine)
    engine.make("closed", statement("closed"), coded=("stage",))
    landmarks.follow(engine)


def _anew(db: "Database", engine: Engine) -> Iterator[str]:
    """Fill the tables that follow the deals, each named before it is filled."""
    prepare(engine)
    for table, statements in texts().items():
        yield table
        for batch in engine.all_batches(statements):
            _insert(db, table, batch)


def _changed(db: "Database", engine: Engine, base: Base) -> Iterator[str]:
    """Bring the same tables up to date in the copy of a base, each named before."""
    feeds = timeline.feeds(engine)
    with (
        engine.beside(base.tables, base.as_of) as before,
        engine.beside() as now,
        timeline.surveyed(before, feeds),
        timeline.surveyed(now, feeds),
    ):
        for each in (before, now):
            each.narrow(base.changed)
            prepare(each)
        for table, statements in texts().items():
            yield table
            old, new = before.all_batches(statements), now.all_batches(statements)
            incremental.replace(db.conn, table, chain.from_iterable(old), chain.from_iterable(new))
    incremental.rank(db.conn)


def _whole(db: "Database", engine: Engine) -> Iterator[str]:
    """Fill the other tables, each named before it is filled."""
    for table in ("people", "quotas"):
        yield table
        _insert(db, table, engine.rows(statement(table)))
    yield "quality"
    with plain_errors():
        scorecard = quality.checks(engine.tables, engine.as_of)
    _insert(db, "quality", ((c.check, c.table, c.level, c.failing, c.total) for c in scorecard))


def earlier(home: Path, is_replay: bool) -> Earlier:
    """The generations of a data folder; a replay is nobody's successor."""
    kept = store.kept(home)[::-1]
    return Earlier(None if is_replay or not kept else kept[0], (*kept, *store.replays(home)))


def _models(db: "Database", engine: Engine, base: Base | None, before: Earlier) -> Iterator[str]:
    """Fill the tables that are learned, each named before it is filled."""
    yield "model"
    rows = learning.model(engine, before.readable, base)
    lines = learning.history(rows, before.last)
    _insert(db, "model", [*rows.items(), ("history", json.dumps(lines))])
    yield "scores"
    still_open = [
        row[0] for row in db.conn.execute("SELECT deal_id FROM deals WHERE outcome = 'open' ORDER BY 1")
    ]
    _insert(db, "scores", learning.scores(engine, pa.table({"deal_id": still_open}), rows))


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


def _meta(engine: Engine, name: str, checksum: str) -> dict[str, str]:
    ((deals, closed, won, first_close, last_created),) = engine.rows(statement("totals"))
    kinds = dict(engine.rows(statement("closed_types")))
    feeds = timeline.feeds(engine)
    manifest = engine.tables.manifest
    return {
        "generation": name,
        "as_of": engine.as_of.isoformat(),
        "load_id": manifest["load_id"],
        "schema_version": str(SCHEMA_VERSION),
        "code": incremental.code(),
        "currency": manifest["currency"] or "",
        "stages": json.dumps(manifest["stages"]),
        "main_deal_type": next(iter(kinds), ""),
        "deal_types": json.dumps(kinds),
        "first_close_day": _iso(first_close),
        "last_created_day": _iso(last_created),
        "feeds": json.dumps(feeds),
        "has_events": str(feeds["stages"]),
        "has_activities": str(feeds["activities"]),
        "deals": str(deals),
        "closed": str(closed),
        "won": str(won),
        "open": str(deals - closed),
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


def _insert(db: "Database", table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    places = ", ".join("?" * len(LAYOUT[table].types))
    db.conn.executemany(f"INSERT INTO {table} VALUES ({places})", rows)


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
