"""The open book of each load, kept by day; two of them in a row tell what changed in between."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

#: What is kept of an open deal. `created_date` tells two deals of the same id apart (another CRM, another
#: export), `stage_entered_date` dates a change of stage better than the day it was noticed.
SNAPSHOT = pa.schema(
    [
        ("deal_id", pa.string()),
        ("stage", pa.string()),
        ("amount_cents", pa.int64()),
        ("close_date", pa.date32()),
        ("rep_id", pa.string()),
        ("created_date", pa.date32()),
        ("stage_entered_date", pa.date32()),
    ]
)
KINDS = {"stage": "stage", "amount_cents": "amount", "close_date": "close_date", "rep_id": "owner"}
EVENTS = pa.schema(
    [("deal_id", pa.string()), ("instant", pa.int64()), *((n, pa.string()) for n in ("kind", "old", "new"))]
)
_DAY = 86_400


def of(deals: Path) -> pa.Table:
    """The open deals of a deals file, as a snapshot keeps them, ordered by id."""
    columns = [*SNAPSHOT.names, "outcome"]
    table = pq.read_table(deals, columns=columns, filters=pc.field("outcome") == "open")
    return table.select(SNAPSHOT.names).sort_by("deal_id").cast(SNAPSHOT)


def days(home: Path, until: date) -> list[tuple[date, Path]]:
    """The snapshots of a data folder up to a day, that day included, oldest first."""
    found = [
        (date.fromisoformat(path.stem), path) for path in (home / "snapshots").glob("????-??-??.parquet")
    ]
    return sorted(pair for pair in found if pair[0] <= until)


def events(snapshots: Sequence[tuple[date, pa.Table | Path]], deals: pa.Table) -> pa.Table:
    """What changed between consecutive snapshots, and each deal's stage when it is first seen.

    Args:
        snapshots: oldest first.
        deals: a snapshot's columns and the outcome of the deals there are now; of others nothing is told.

    Returns:
        deal_id, instant (midnight of the day, in seconds), kind, old, new. A change is dated with the later
        snapshot, a change of stage with the day the CRM says it was entered, if that lies in between. What
        the row of a closed deal says otherwise than the last snapshot of it changed with the close.
        The same snapshots always give the same events.
    """
    pieces = list(_between(snapshots, _frame(deals)))
    return pa.concat_tables(pieces) if pieces else EVENTS.empty_table()


def _between(snapshots: Sequence[tuple[date, pa.Table | Path]], deals: pd.DataFrame) -> Iterator[pa.Table]:
    known = _seen(_frame(SNAPSHOT.empty_table()), date.min)
    before = None
    for day, snapshot in snapshots:
        now = _frame(pq.read_table(snapshot) if isinstance(snapshot, Path) else snapshot)
        now = _seen(now[now.index.isin(deals.index)], day)
        yield from _changes(known, now, before, day)
        known = pd.concat([known[~known.index.isin(now.index)], now])
        before = day
    if before:
        yield from _closings(known, deals[deals["outcome"] != "open"], before)


def _seen(snapshot: pd.DataFrame, day: date) -> pd.DataFrame:
    """The snapshot's deals with the day, as a number, on which they were seen."""
    return snapshot.assign(seen=pd.Series(_number(day), snapshot.index, pd.Int64Dtype()))


def _closings(known: pd.DataFrame, closed: pd.DataFrame, last: date) -> Iterator[pa.Table]:
    """Amounts and owners that came with the close: on its day, yet after a snapshot that knew otherwise."""
    closed = closed[closed.index.isin(known.index)]
    earlier = known.reindex(closed.index)
    after = earlier["seen"] + 1
    closing = closed["close_date"].fillna(after).clip(after, _number(last))
    for column in ("amount_cents", "rep_id"):
        old, new = earlier[column], closed[column]
        if (changed := _differs(old, new)).any():
            yield _event_table(KINDS[column], old[changed], new[changed], [int(d) for d in closing[changed]])


def _frame(table: pa.Table) -> pd.DataFrame:
    """A snapshot with days as integers, indexed by what makes a deal the same deal."""
    whole = table.cast(
        pa.schema([(f.name, pa.int32() if pa.types.is_date(f.type) else f.type) for f in table.schema])
    )
    frame: pd.DataFrame = whole.to_pandas(types_mapper=_nullable)
    return frame.set_index(["deal_id", "created_date"])


def _nullable(kind: pa.DataType) -> Any:
    return pd.Int64Dtype() if pa.types.is_integer(kind) else pd.StringDtype()


def _changes(known: pd.DataFrame, now: pd.DataFrame, before: date | None, day: date) -> Iterator[pa.Table]:
    earlier = known.reindex(now.index)
    is_new = ~now.index.isin(known.index)
    for column, kind in KINDS.items():
        old, new = earlier[column], now[column]
        changed = _differs(old, new)
        if kind != "stage":
            changed &= ~is_new
        if changed.any():
            entered = now["stage_entered_date"][changed] if kind == "stage" else None
            yield _event_table(
                kind, old[changed], new[changed], _dated(entered, int(changed.sum()), before, day)
            )


def _differs(old: Any, new: Any) -> Any:
    """Where a value is known now that was another one, or not known, before."""
    return new.notna() & new.ne(old).fillna(True).astype(bool)


def _dated(entered: Any, count: int, before: date | None, day: date) -> list[int]:
    """Day numbers of changes seen on `day`: the day entered where the CRM tells one since the last look."""
    latest = _number(day)
    if entered is None:
        return [latest] * count
    earliest = _number(before) if before else -(2**31)
    return [int(d) if not pd.isna(d) and earliest < d <= latest else latest for d in entered]


def _number(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _event_table(kind: str, old: Any, new: Any, dated: Sequence[int]) -> pa.Table:
    ids = new.index.get_level_values("deal_id")
    return pa.table(
        {
            "deal_id": pa.array(ids, pa.string(), from_pandas=True),
            "instant": pa.array([d * _DAY for d in dated], pa.int64()),
            "kind": pa.array([kind] * len(dated), pa.string()),
            "old": pa.array(_written(old, kind), pa.string()),
            "new": pa.array(_written(new, kind), pa.string()),
        },
        schema=EVENTS,
    )


def _written(values: Any, kind: str) -> list[str | None]:
    """Values as an event writes them: stage, cents, ISO date, person_id."""
    if kind == "close_date":
        epoch = date(1970, 1, 1).toordinal()
        return [None if pd.isna(v) else date.fromordinal(int(v) + epoch).isoformat() for v in values]
    return [None if pd.isna(v) else str(v) for v in values]
