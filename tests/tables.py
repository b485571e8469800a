"""A few visible rows -> a loaded folder of canonical Parquet tables, as `data.load` would have written it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.schema import TABLES, Column, Type
from data.tables import Tables, at

Row = Mapping[str, Any]

STAGES = ("Qualified", "Demo", "Proposal", "Negotiation")
ARROW = {Type.TEXT: pa.string(), Type.DATE: pa.date32(), Type.MONEY: pa.int64(), Type.INTEGER: pa.int64()}


def tables(
    folder: Path,
    *,
    deals: Sequence[Row] = (),
    events: Sequence[Row] = (),
    activities: Sequence[Row] = (),
    people: Sequence[Row] = (),
    quotas: Sequence[Row] = (),
    stages: Sequence[str] = STAGES,
    loaded_on: date | str = "2024-06-30",
    load_id: str = "load-1",
    currency: str = "USD",
) -> Tables:
    """Write the rows under `folder/tables/<load_id>`, make it the current load, and return it.

    A deal needs nothing: it is D00001, D00002, ..., open, created on 2024-01-01, 10,000 USD, owned by rep_1.
    Money is given in whole units as `amount` or in cents as `amount_cents`; a day as a date or ISO text;
    an event's `sequence` is its place in the list, its origin "crm". Any other column left out is null.
    """
    loaded: dict[str, Sequence[Row]] = {
        "deals": [_deal(number, row) for number, row in enumerate(deals, start=1)],
        "deal_events": [{"sequence": place, "origin": "crm"} | dict(row) for place, row in enumerate(events)],
        "activities": list(activities),
        "people": [{"role": "rep"} | dict(row) for row in people],
        "quotas": list(quotas),
    }
    target = folder / "tables" / load_id
    target.mkdir(parents=True, exist_ok=True)
    for name, rows in loaded.items():
        pq.write_table(_arrow(TABLES[name].columns, rows), target / f"{name}.parquet")
    manifest = {
        "load_id": load_id,
        "loaded_on": str(loaded_on),
        "currency": currency,
        "stages": list(stages),
        "sources": [],
        "counts": {name: len(rows) for name, rows in loaded.items()},
        "has_events": bool(events),
        "has_activities": bool(activities),
    }
    (target / "load.json").write_text(json.dumps(manifest))
    (folder / "tables" / "CURRENT").write_text(load_id)
    return at(target)


def rows(loaded: Tables, name: str) -> list[dict[str, Any]]:
    """The rows of one canonical table, keyed by stored column."""
    return list(pq.read_table(loaded.path(name)).to_pylist())


def _deal(number: int, row: Row) -> dict[str, Any]:
    usual = {
        "deal_id": f"D{number:05d}",
        "created_date": "2024-01-01",
        "outcome": "open",
        "rep_id": "rep_1",
        "amount": 10_000,
        "currency": "USD",
    }
    return usual | dict(row)


def _arrow(columns: Iterable[Column], written: Sequence[Row]) -> pa.Table:
    return pa.table({c.stored: pa.array([_value(row, c) for row in written], ARROW[c.type]) for c in columns})


def _value(row: Row, column: Column) -> Any:
    if column.type is Type.MONEY:
        amount = row.get(column.name)
        return row.get(column.stored, None if amount is None else round(amount * 100))
    value = row.get(column.name)
    return date.fromisoformat(value) if column.type is Type.DATE and isinstance(value, str) else value
