"""Events from every source -> the deal_events table: in order, each with the value before it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data import schema
from data.mapping import Profile, plain
from data.rows import DAY, arrow_schema

SAMPLED_EVENTS = 200_000  #: stage events looked at to learn the order of stages
LEAST_PATHS = 10
EVENTS = pa.schema(
    [
        ("deal_id", pa.string()),
        ("instant", pa.int64()),
        ("sequence", pa.int64()),
        ("kind", pa.string()),
        ("old", pa.string()),
        ("new", pa.string()),
        ("origin", pa.string()),
    ]
)


def events(table: pa.Table, origin: str) -> pa.Table:
    """Events of one origin in the common form; columns a source does not have are null."""
    count = table.num_rows
    columns = []
    for field in EVENTS:
        if field.name == "origin":
            columns.append(pa.array([origin], pa.string()).take(pa.array(np.zeros(count, np.int8))))
        elif field.name in table.column_names:
            columns.append(table[field.name].cast(field.type))
        else:
            columns.append(pa.nulls(count, field.type))
    return pa.table(columns, schema=EVENTS)


def from_stored(table: pa.Table) -> pa.Table:
    """Rows of a deal_events file back in the common form."""
    instants = pc.multiply(table["date"].cast(pa.int32()).cast(pa.int64()), DAY)
    return pa.table([instants if n == "instant" else table[n] for n in EVENTS.names], schema=EVENTS)


def entered(deals: pa.Table) -> pa.Table:
    """A stage event for each deal that tells the day its present stage was entered."""
    known = deals.filter(pc.and_(deals["stage_entered_date"].is_valid(), deals["stage"].is_valid()))
    instants = pc.multiply(known["stage_entered_date"].cast(pa.int32()).cast(pa.int64()), DAY)
    kinds = pa.array(["stage"] * known.num_rows, pa.string())
    return events(
        pa.table({"deal_id": known["deal_id"], "instant": instants, "kind": kinds, "new": known["stage"]}),
        "crm",
    )


def without_told(table: pa.Table, told: pa.Table) -> pa.Table:
    """Events of deals that `told` has no event of that kind for."""
    pieces = []
    for kind in schema.EVENT_KINDS:
        some = table.filter(pc.equal(table["kind"], kind))
        known = told.filter(pc.equal(told["kind"], kind))["deal_id"].unique()
        pieces.append(some.filter(pc.invert(pc.is_in(some["deal_id"], value_set=known))))
    return pa.concat_tables(pieces)


def assembled(pieces: Sequence[pa.Table]) -> pa.Table:
    """One deal_events table: by deal and time, `sequence` counted anew, a missing `old` filled in."""
    table = pa.concat_tables(pieces).combine_chunks()
    deals = _codes(table["deal_id"])
    instants = table["instant"].to_numpy()
    days = instants // DAY
    given = table["sequence"].fill_null(0).to_numpy()
    order = np.lexsort((instants, given, days, deals))
    table, deals, days = table.take(pa.array(order)), deals[order], days[order]
    columns = {
        "deal_id": table["deal_id"],
        "date": pa.array(days.astype(np.int32)).cast(pa.date32()),
        "sequence": pa.array(_position(deals, days)),
        "kind": table["kind"],
        "old": _filled_old(table, deals),
        "new": table["new"],
        "origin": table["origin"],
    }
    return pa.table(columns, schema=arrow_schema(schema.DEAL_EVENTS))


def _codes(texts: Any) -> NDArray[np.int32]:
    codes: NDArray[np.int32] = (
        texts.combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    )
    return codes


def _position(deals: NDArray[np.int32], days: NDArray[np.int64]) -> NDArray[np.int64]:
    """Place of each row among the rows of its deal and day."""
    at = np.arange(len(deals))
    first = np.ones(len(deals), bool)
    first[1:] = (deals[1:] != deals[:-1]) | (days[1:] != days[:-1])
    return at - np.maximum.accumulate(np.where(first, at, 0)) if len(at) else at


def _filled_old(table: pa.Table, deals: NDArray[np.int32]) -> Any:
    """`old`, taken from the event before of the same deal and kind where the source does not tell it."""
    kinds = _codes(table["kind"])
    before = np.full(len(deals), -1, np.int64)
    for kind in np.unique(kinds):
        rows = np.flatnonzero(kinds == kind)
        same = deals[rows[1:]] == deals[rows[:-1]]
        before[rows[1:][same]] = rows[:-1][same]
    earlier = table["new"].combine_chunks().take(pa.array(before, mask=before < 0))
    return pc.coalesce(table["old"].combine_chunks(), earlier)


def true_closes(crm: pa.Table, profile: Profile) -> pa.Table:
    """deal_id, close_date: the day of the first event into a closed stage, for profiles that tell so."""
    stages = crm.filter(pc.equal(crm["kind"], "stage"))
    closed = [s for s in stages["new"].unique().to_pylist() if s and profile.is_closed_stage(s)]
    some = stages.filter(pc.is_in(stages["new"], value_set=pa.array(closed, pa.string())))
    first = some.group_by("deal_id").aggregate([("instant", "min")])
    days = pc.divide(first["instant_min"], DAY).cast(pa.int32()).cast(pa.date32())
    return pa.table({"deal_id": first["deal_id"], "close_date": days})


def stage_order(events_table: pa.Table, open_stages: Collection[str], profile: Profile) -> list[str]:
    """The open stages in order: the profile's, else as deals pass them, else as they are usually called.

    Empty when nothing tells: an order that is only guessed would make a momentum that means nothing.
    """
    if profile.stages and set(open_stages) <= set(profile.stages):
        return list(profile.stages)
    if labels := _pipeline_stages(profile, open_stages):
        return labels
    seen = _passing_order(events_table, profile)
    if seen and set(open_stages) <= set(seen):
        return seen
    usual = {plain(name): place for place, name in enumerate(profile.usual_stages)}
    if open_stages and all(plain(stage) in usual for stage in open_stages):
        return sorted(open_stages, key=lambda stage: usual[plain(stage)])
    return []


def _pipeline_stages(profile: Profile, open_stages: Collection[str]) -> list[str]:
    if len(profile.pipelines) != 1:
        return []
    (pipeline,) = profile.pipelines.values()
    labels = [label for label in pipeline.stages.values() if not profile.is_closed_stage(label)]
    return labels if set(open_stages) <= set(labels) else []


def _passing_order(table: pa.Table, profile: Profile) -> list[str]:
    """Stages by how far along a deal's path they are first met, on average.

    Only deals that passed through two stages or more tell; empty when fewer than `LEAST_PATHS` did.
    """
    told = pc.and_(pc.equal(table["kind"], "stage"), pc.equal(table["origin"], "crm"))
    stages = table.filter(told).slice(0, SAMPLED_EVENTS)
    closed = {s for s in stages["new"].unique().to_pylist() if s is None or profile.is_closed_stage(s)}
    paths: dict[str, dict[str, int]] = defaultdict(dict)
    for deal_id, stage in zip(stages["deal_id"].to_pylist(), stages["new"].to_pylist(), strict=True):
        if stage not in closed:
            paths[deal_id].setdefault(stage, len(paths[deal_id]))
    places: dict[str, list[int]] = defaultdict(list)
    for path in paths.values():
        for stage, place in path.items() if len(path) > 1 else ():
            places[stage].append(place)
    enough = sum(len(path) > 1 for path in paths.values()) >= LEAST_PATHS
    return sorted(places, key=lambda stage: sum(places[stage]) / len(places[stage])) if enough else []
