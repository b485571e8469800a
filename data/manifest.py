"""What a load says about itself: its id, and what readers of its tables must know of the whole."""

import hashlib
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data import history, schema
from data.build import Build, Input, row_count
from data.rows import content_hash


def of(build: Build, folder: Path) -> dict[str, Any]:
    """The manifest of tables that lie built in `folder`, as `data.tables.Tables` describes it."""
    counts = {name: row_count(folder / f"{name}.parquet") for name in schema.TABLES}
    deals = pq.read_table(folder / "deals.parquet", columns=["currency", "stage", "outcome"])
    events = pq.read_table(folder / "deal_events.parquet", columns=["deal_id", "kind", "new", "origin"])
    open_deals = deals.filter(pc.equal(deals["outcome"], "open"))
    open_stages = [s for s in open_deals["stage"].unique().to_pylist() if s]
    currencies = pc.value_counts(deals["currency"].drop_null()).to_pylist()
    main = max(currencies, key=lambda c: c["counts"])["values"] if currencies else build.profile.currency
    stages = history.stage_order(events, open_stages, build.profile)
    if not stages and open_stages:
        build.notes.append("stages: nothing tells their order; name them in a profile to get stage numbers")
    return {
        "loaded_on": build.loaded_on.isoformat(),
        "currency": main,
        "stages": stages,
        "profile": build.profile.name,
        "sources": [_source(each) for each in build.inputs],
        "counts": counts,
        "has_events": pc.sum(pc.equal(events["origin"], "crm")).as_py() not in (None, 0),
        "has_activities": counts["activities"] > 0,
    }


def _source(each: Input) -> dict[str, Any]:
    report = each.report
    return {
        "file": report.file,
        "sha256": each.source.sha256,
        "table": report.table,
        "profile": report.profile,
        "read": report.rows_read,
        "kept": report.rows_kept,
        "rejected": report.rows_rejected,
        "dropped": dict(report.dropped),
    }


def load_id(inputs: Iterable[Input], folder: Path, loaded_on: date) -> str:
    """A hash of what was loaded: the day, the sources, how they were mapped, and the tables they and the past
    made. The same file on a later day is news: nothing had changed until then.
    """
    digest = hashlib.sha256(f"{loaded_on}\n".encode())
    for table, sha, profile in sorted((e.match.table, e.source.sha256, e.match.profile.name) for e in inputs):
        digest.update(f"{table} {sha} {profile}\n".encode())
    for name in schema.TABLES:
        with pq.ParquetFile(folder / f"{name}.parquet") as file:
            for batch in file.iter_batches():
                digest.update(content_hash(pa.table(batch)).tobytes())
    return digest.hexdigest()[:16]
