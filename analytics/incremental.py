"""The last generation and a load in which a few deals changed -> a copy of it, brought up to date.

A deal is done again when its rows differ between the two loads, or when the passing of days may tell
something new of it. What such deals gave to the last generation is taken away, what they give now is added;
all of it is whole numbers, so the result is what a full refresh gives, row for row.
"""

import shutil
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from analytics import store, timeline
from analytics.engine import MACROS, SQL, VIEWS, Engine, statement
from analytics.generation import LAYOUT
from data import tables
from data.tables import Tables

if TYPE_CHECKING:
    from sqlite_utils import Database

Rows = Iterable[tuple[Any, ...]]

#: Of the deals, beyond which starting anew is about as quick.
MOST = 0.2


@dataclass(frozen=True, slots=True)
class Base:
    """What to build upon: a generation's file, the load and day it was made of, and the deals to do again."""

    path: Path
    tables: Tables
    as_of: date
    changed: pa.Table  # one column, deal_id


def base(home: Path, engine: Engine) -> Base | None:
    """The current generation of a data folder, when a surveyed engine's differs from it in few deals only."""
    try:
        last = store.current(home)
        before = tables.whole(tables.at(engine.tables.folder.parent / last.load_id))
    except (store.StoreError, tables.NoTables):
        return None
    if not (_is_made_of(last, before) and _is_alike(last, before, engine)):
        return None
    changed = _changed(last, before, engine)
    return (
        Base(last.path, before, last.as_of, changed) if changed.num_rows <= MOST * last.meta.deals else None
    )


@cache
def code() -> str:
    """A digest of what turns a load's rows into a generation's: another release may count otherwise."""
    shapes = (repr(sorted(layout.types.items())) for layout in LAYOUT.values())
    statements = (path.read_text(encoding="utf-8") for path in sorted(SQL.glob("*.sql")))
    told = "\n".join((*VIEWS.values(), *MACROS, timeline.band_of("cents"), *shapes, *statements))
    return sha256(told.encode()).hexdigest()[:16]


def copied(base: Base, draft: Path) -> "Database":
    """A draft that holds what the base does, but for the tables that are made anew as a whole."""
    from sqlite_utils import Database  # loads pandas: a second that readers need not wait

    shutil.copyfile(base.path, draft)
    db = Database(draft, execute_plugins=False)
    for setting in ("journal_mode = OFF", "synchronous = OFF", "temp_store = MEMORY", "cache_size = -65536"):
        db.conn.execute(f"PRAGMA {setting}")
    with db.atomic():
        for name, layout in LAYOUT.items():
            if layout.kind == "whole":
                db.conn.execute(f"DELETE FROM {name}")
    return db


def replace(file: sqlite3.Connection, table: str, old: Rows, new: Rows) -> None:
    """Put what the changed deals give a table now in the place of what they gave it before."""
    if LAYOUT[table].kind == "deals":
        _replace_rows(file, table, old, new)
    else:
        _replace_counts(file, table, old, new)


def rank(file: sqlite3.Connection) -> None:
    """Rank the open deals by momentum anew: one that comes or goes moves all others of its stage."""
    file.execute("CREATE TEMP VIEW state AS SELECT * FROM main.deals")
    file.execute(
        f"UPDATE deals SET momentum_percentile = m.momentum_percentile FROM ({timeline.momentum()}) m"
        " WHERE m.deal_id = deals.deal_id AND m.momentum_percentile IS NOT deals.momentum_percentile"
    )
    file.execute("DROP VIEW temp.state")


def _is_made_of(last: store.Generation, before: Tables) -> bool:
    """Is this still the load that the generation was made of? It may have been written again since."""
    made = last.path.stat().st_mtime_ns
    return all(path.stat().st_mtime_ns <= made for path in before.folder.iterdir())


def _is_alike(last: store.Generation, before: Tables, engine: Engine) -> bool:
    """Do the two loads agree in all that matters to every deal?"""
    now, day, then = engine.tables.manifest, engine.as_of, last.as_of
    return (
        last.meta.code == code()
        and then <= day
        and (then >= before.loaded_on) == (day >= engine.tables.loaded_on)
        and list(last.stages) == now["stages"]
        and last.currency == (now["currency"] or "")
        and last.meta.feeds == timeline.feeds(engine)
        and {p.person_id: p.team for p in last.people()}
        == dict(engine.rows("SELECT person_id, team FROM crm_people"))
    )


def _changed(last: store.Generation, before: Tables, engine: Engine) -> pa.Table:
    changed = engine.differing(before)
    if last.as_of == engine.as_of:
        return changed
    aged = engine.columns(statement("aged", day=str(last.as_of.toordinal())))
    return pa.concat_tables([changed, aged.cast(changed.schema)]).group_by("deal_id").aggregate([])


def _replace_rows(file: sqlite3.Connection, table: str, old: Rows, new: Rows) -> None:
    layout = LAYOUT[table]
    rest = ", ".join(f"{name} = excluded.{name}" for name in layout.types if name not in layout.key)
    places = [list(layout.types).index(name) for name in layout.key]
    left: set[tuple[Any, ...]] = {tuple(row[place] for place in places) for row in old}

    def kept() -> Rows:
        for row in new:
            left.discard(tuple(row[place] for place in places))
            yield row

    file.executemany(_upsert(table, rest), kept())
    keys = " AND ".join(f"{name} = ?" for name in layout.key)
    file.executemany(f"DELETE FROM {table} WHERE {keys}", left)


def _replace_counts(file: sqlite3.Connection, table: str, old: Rows, new: Rows) -> None:
    layout = LAYOUT[table]
    counts = [name for name in layout.types if name not in layout.key]
    for rows, sign in ((new, "+"), (old, "-")):
        sums = ", ".join(f"{name} = {name} {sign} excluded.{name}" for name in counts)
        file.executemany(_upsert(table, sums), rows)
    file.execute(f"DELETE FROM {table} WHERE {' AND '.join(f'{name} = 0' for name in counts)}")


def _upsert(table: str, change: str) -> str:
    layout = LAYOUT[table]
    places = ", ".join("?" * len(layout.types))
    keys = ", ".join(layout.key)
    return f"INSERT INTO {table} VALUES ({places}) ON CONFLICT ({keys}) DO UPDATE SET {change}"
