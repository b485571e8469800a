"""One deal's rows as they are now -> what a refresh would say of it, without a look at any other deal.

What is true of all deals together (which histories there are, the stages in order, who is in which team) is
taken from a generation, and so are the open deals among which its momentum is ranked.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import Any

import pyarrow as pa

from analytics import landmarks, learning, timeline
from analytics.engine import Engine, statement
from analytics.generation import DealRow, ScoreRow
from analytics.store import Generation
from data import schema
from data.rows import arrow_schema
from data.tables import Tables

Row = Mapping[str, Any]

PEERS = ("stage_number", "age_days", "deals")  #: open deals of a generation, counted


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
    with alone(generation, deal, events, activities, as_of=as_of) as engine:
        return _row(engine)


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
        found, frame = _row(engine), landmarks.scoring(engine)
    return found, next(learning.scored(frame, generation.models()), None)


@contextmanager
def alone(
    generation: Generation,
    deal: Row,
    events: Sequence[Row] = (),
    activities: Sequence[Row] = (),
    *,
    as_of: date | None = None,
) -> Iterator[Engine]:
    """An engine that sees only this deal, its timeline made: what is read from one is read of this deal.

    It is one engine for all deals of a generation and a day: while it is used, other threads wait.
    """
    engine, turn = _prepared(generation, as_of or generation.as_of)
    rows = {"deals": [deal], "deal_events": events, "activities": activities}
    with turn, engine.brief({name: _table(name, told) for name, told in rows.items()}):
        timeline.follow(engine, _others(generation, str(deal["deal_id"])))
        yield engine


@lru_cache(maxsize=2)
def _prepared(generation: Generation, day: date) -> tuple[Engine, AbstractContextManager[Any]]:
    """An engine that knows what is true of all deals of a generation, and sees none; and whose turn it is."""
    manifest = {
        "load_id": generation.load_id,
        "loaded_on": day.isoformat(),
        "currency": generation.currency,
        "stages": list(generation.stages),
    }
    rows: dict[str, Sequence[Row]] = {"people": [person._asdict() for person in generation.people()]}
    brought = {name: _table(name, rows.get(name, ())) for name in schema.TABLES}
    spill = Path(tempfile.gettempdir())
    engine = Engine(Tables(spill, manifest), day, spill=spill, threads=1, brought=brought)
    engine.bring("feeds", pa.table(timeline.known(generation.meta.feeds)))
    engine.bring("peers", pa.table(_columns(generation.peers())))
    return engine, RLock()


def _table(name: str, rows: Sequence[Row]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=arrow_schema(schema.TABLES[name]))


def _columns(peers: Sequence[tuple[int, int, int]]) -> dict[str, pa.Array]:
    values = list(zip(*peers, strict=True)) or [()] * len(PEERS)
    return {name: pa.array(value, pa.int32()) for name, value in zip(PEERS, values, strict=True)}


def _others(generation: Generation, deal_id: str) -> str:
    """The statement that counts the open deals of a generation but for one, by stage and age."""
    everyone, former = f"SELECT {', '.join(PEERS)} FROM peers", generation.deal(deal_id)
    if former is None or former.outcome != "open" or former.stage_number is None:
        return everyone
    return f"{everyone} UNION ALL SELECT {former.stage_number}, {former.age_days}, -1"


def _row(engine: Engine) -> DealRow:
    return DealRow(*engine.rows(statement("deals"))[0])
