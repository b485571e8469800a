"""One batch of a source -> rows of a canonical table; none is lost: kept, rejected or dropped."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data.mapping import plain, present
from data.rows import deals, events
from data.rows.columns import plain_rows
from data.rows.shape import content_hash, row_schema
from data.rows.work import Reading, Work, as_mask, day_number, day_numbers
from data.sources.batch import Batch, Reject

#: What a row must tell to be kept. A deal without an owner is kept: the scorecard tells of it.
NEEDED = {
    "deals": ("deal_id", "outcome", "created_date"),
    "deal_events": ("deal_id", "instant", "kind"),
    "activities": ("deal_id", "date"),
    "people": ("person_id", "role"),
    "quotas": ("person_id", "period"),
}


@dataclass(slots=True)
class Converted:
    """One batch, converted: rows read = table + rejects + dropped."""

    table: pa.Table
    rejects: list[Reject]
    dropped: Counter[str]
    events: pa.Table | None = None


def convert(batch: Batch, reading: Reading) -> Converted:
    """Convert the rows of one batch; none is lost: each is in the table, rejected or dropped."""
    work = Work(batch, reading)
    _reject_nul(work)
    build = {"deals": deals.deals, "deal_events": events.events}.get(reading.match.table, plain_rows)
    (events.states if reading.match.layout.shape == "states" else build)(work)
    _reject_needed(work)
    left_out = _left_out(work)
    gone = _any(left_out.values(), len(batch))
    keep = ~gone
    keep[[*work.problems]] = False
    dropped = Counter({why: int(mask.sum()) for why, mask in left_out.items()} | {"totals": batch.footers})
    rejects = [*batch.rejects, *(_reject(work, row) for row in sorted(work.problems) if not gone[row])]
    return Converted(_kept(work, keep), rejects, +dropped, deals.stage_days(work, keep))


def _any(masks: Iterable[NDArray[np.bool_]], length: int) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = np.logical_or.reduce([np.zeros(length, bool), *masks])
    return found


def _reject(work: Work, row: int) -> Reject:
    column, value, reason = work.problems[row]
    return Reject(work.reading.file, int(work.batch.rows[row]), column, value[:200], reason)


def _reject_nul(work: Work) -> None:
    for header, texts in work.batch.columns.items():
        holds = pc.match_substring(texts, "\0").fill_null(False)
        work.reject(np.flatnonzero(holds.to_numpy(zero_copy_only=False)), header, texts, "holds a NUL byte")


def _reject_needed(work: Work) -> None:
    for column in NEEDED[work.reading.match.table]:
        if column in work.columns:
            name = "date" if column == "instant" else column
            work.reject_where(as_mask(work.columns[column].is_null()), name, "empty")


def _left_out(work: Work) -> dict[str, NDArray[np.bool_]]:
    """Rows that are no mistake and no row of ours either, by the word the report counts them under."""
    header, layout = work.batch.columns, work.reading.match.layout
    masks: dict[str, NDArray[np.bool_]] = {}
    for names, word, inverted in ((layout.skip_when, "deleted", False), (layout.only_when, "other", True)):
        for name, values in names.items():
            if (column := present([name], header)) is not None:
                wanted = pa.array([plain(value) for value in values])
                said = pa.array([plain(t) if t else "" for t in header[column].to_pylist()], pa.string())
                mask = as_mask(pc.is_in(said, value_set=wanted))
                masks[word] = masks.get(word, np.zeros(len(mask), bool)) | (mask ^ inverted)
    if work.reading.match.table == "activities":
        masks["planned"] = day_numbers(work.columns["date"]) > day_number(work.reading.loaded_on)
    taken = np.zeros(len(work.batch), bool)
    for word, mask in masks.items():
        masks[word] = mask & ~taken
        taken |= mask
    return masks


def _kept(work: Work, keep: NDArray[np.bool_]) -> pa.Table:
    layout = row_schema(work.reading.match)
    mask = pa.array(keep)
    names = [name for name in layout.names if name not in ("source", "row", "hash")]
    table = pa.table({name: work.columns[name].filter(mask) for name in names})
    sources = pa.array(np.full(table.num_rows, work.reading.source, np.int16))
    return pa.table(
        [*table.columns, sources, pa.array(work.batch.rows[keep]), pa.array(content_hash(table))],
        schema=layout,
    )
