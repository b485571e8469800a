"""A data folder and memory -> what is known of the CRM's feed today, for the rules that tell ops."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import pyarrow.parquet as pq
from sqlalchemy import Row

from analytics import intake, store
from analytics.alerts.sources import Source
from analytics.generation import QualityRow
from analytics.store import Generation
from data import schema, tables
from data.tables import DamagedTables, NoTables, Tables

REFRESH = "refresh"  #: the job that makes numbers of a load
WEEK = timedelta(days=7)

Failures = Sequence[Row[tuple[str, str, int, str]]]


def looked_at(
    home: Path, now: Generation, today: date, working: Collection[int], failures: Failures
) -> Source:
    """What is known of the feed. A load that cannot be read is a refresh that failed.

    Args:
        now: the newest generation.
        today: the local day.
        working: weekdays on which something is expected, Monday is 0.
        failures: of jobs, as `slots.failures` gives them.
    """
    before = _scorecard(home, now)
    try:
        loaded = tables.whole(tables.current(home))
    except NoTables as problem:
        failed = int(isinstance(problem, DamagedTables))
        return Source(today=today, failed_refreshes=failed, before=before)
    return Source(
        today=today,
        loaded_on=loaded.loaded_on,
        failed_refreshes=_failed(loaded, now, failures),
        lost=lost(home, loaded),
        before=before,
        pauses=intake.pauses(loaded, frozenset(working)),
    )


def _failed(loaded: Tables, now: Generation, failures: Failures) -> int:
    """How often numbers of this load could not be made; none once they are there."""
    load_id = str(loaded.manifest["load_id"])
    mine = [row for row in failures if row.job == REFRESH and row.slot_key.partition(":")[0] == load_id]
    return 0 if now.load_id == load_id else sum(row.attempts for row in mine)


def _scorecard(home: Path, now: Generation) -> tuple[QualityRow, ...]:
    """The scorecard of a week ago: of the first numbers since then, else of the last ones before."""
    earlier = [one for one in store.kept(home) if one.as_of < now.as_of]
    lately = [one for one in earlier if one.as_of >= now.as_of - WEEK]
    return tuple((lately[0] if lately else earlier[-1]).quality()) if earlier else ()


def lost(home: Path, loaded: Tables) -> Mapping[str, tuple[str, ...]]:
    """Columns, by table, that hold nothing any more and did in one of the earlier loads that are kept."""
    filled = _filled(loaded.folder)
    earlier = [_filled(one.folder) for one in _earlier(home, loaded)]
    found = {
        table: tuple(sorted({column for one in earlier for column in one[table]} - columns))
        for table, columns in filled.items()
    }
    return {table: columns for table, columns in found.items() if columns}


def _earlier(home: Path, loaded: Tables) -> list[Tables]:
    """The loads before this one that can still be read, the last one first."""
    found: list[Tables] = []
    seen = {loaded.folder.name}
    last = loaded
    while (name := str(last.manifest.get("previous") or "")) and name not in seen:
        seen.add(name)
        if not tables.is_whole(home / "tables" / name):
            break
        last = tables.at(home / "tables" / name)
        found.append(last)
    return found


@lru_cache(maxsize=8)
def _filled(folder: Path) -> Mapping[str, frozenset[str]]:
    """The columns of each table that hold anything."""
    return {name: _columns(folder / f"{name}.parquet") for name in schema.TABLES}


def _columns(path: Path) -> frozenset[str]:
    found = pq.read_metadata(path)
    groups = [found.row_group(place) for place in range(found.num_row_groups)]
    columns = [group.column(place) for group in groups for place in range(group.num_columns)]
    return frozenset(one.path_in_schema for one in columns if not _is_empty(one))


def _is_empty(column: pq.ColumnChunkMetaData) -> bool:
    """Is there nothing in it? What a file does not tell is taken for something."""
    told = column.statistics
    return told is not None and told.has_null_count and told.null_count == column.num_values
