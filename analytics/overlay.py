"""One deal's rows as they are now -> what a refresh would say of it, without a look at any other deal.

What is true of all deals together (which histories there are, the stages in order, who is in which team) is
taken from a generation, and so are the open deals among which its momentum is ranked.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from analytics import landmarks, learning, timeline
from analytics.engine import Engine, statement
from analytics.generation import DealRow, ScoreRow
from analytics.store import Generation
from data import schema, tables
from data.rows import arrow_schema
from data.tables import Tables

Row = Mapping[str, Any]

#: Open deals in a deal's stage, itself as it is now among them.
PEERS = """
    WITH state AS (
        SELECT deal_id, outcome, stage_number, age_days FROM deals
        WHERE outcome = 'open' AND stage_number = :stage_number AND deal_id <> :deal_id
        UNION ALL SELECT :deal_id, 'open', :stage_number, :age_days
    )
    SELECT momentum_percentile FROM ({momentum}) ranked WHERE deal_id = :deal_id"""


def row(
    generation: Generation,
    deal: Row,
    events: Sequence[Row] = (),
    activities: Sequence[Row] = (),
    *,
    as_of: date | None = None,
) -> DealRow:
    """The deal as a refresh as of a day would write it; by default the day of the generation.

    Args:
        deal: a row of the canonical deals table; `events` and `activities` all of its rows of those tables.
            Columns are called as they are stored, days are dates, what is left out is unknown.
    """
    return told(generation, deal, events, activities, as_of=as_of)[0]


def told(
    generation: Generation,
    deal: Row,
    events: Sequence[Row] = (),
    activities: Sequence[Row] = (),
    *,
    as_of: date | None = None,
) -> tuple[DealRow, ScoreRow | None]:
    """The same with what the generation's models say of the deal; None when it is closed."""
    with alone(generation, deal, events, activities, as_of=as_of) as engine:
        found = DealRow(*engine.rows(statement("deals"))[0])
        frame = landmarks.scoring(engine)
    score = next(learning.scored(frame, generation.models()), None)
    return found._replace(momentum_percentile=_momentum(generation, found)), score


@contextmanager
def alone(
    generation: Generation,
    deal: Row,
    events: Sequence[Row] = (),
    activities: Sequence[Row] = (),
    *,
    as_of: date | None = None,
) -> Iterator[Engine]:
    """An engine that sees only this deal, its timeline made: what is read from one is read of this deal."""
    day = as_of or generation.as_of
    with TemporaryDirectory() as name:
        loaded = _load(Path(name), generation, day, deals=[deal], deal_events=events, activities=activities)
        with (
            Engine(loaded, day, spill=Path(name), threads=1) as engine,
            timeline.surveyed(engine, generation.meta.feeds),
        ):
            timeline.follow(engine)
            yield engine


def _load(folder: Path, generation: Generation, day: date, **rows: Sequence[Row]) -> Tables:
    """A load of these rows and the generation's people."""
    told: dict[str, Sequence[Row]] = {"people": [p._asdict() for p in generation.people()], **rows}
    for name, layout in schema.TABLES.items():
        table = pa.Table.from_pylist(list(told.get(name, ())), schema=arrow_schema(layout))
        pq.write_table(table, folder / f"{name}.parquet", compression="none")
    manifest = {
        "load_id": generation.load_id,
        "loaded_on": day.isoformat(),
        "currency": generation.currency,
        "stages": list(generation.stages),
    }
    (folder / "load.json").write_text(json.dumps(manifest))
    return tables.at(folder)


def _momentum(generation: Generation, deal: DealRow) -> float | None:
    if deal.outcome != "open" or deal.stage_number is None:
        return None
    address = f"file:{quote(str(generation.path.absolute()))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as file:
        found = file.execute(PEERS.format(momentum=statement("momentum")), deal._asdict()).fetchone()
    percentile: float | None = found[0]
    return percentile
