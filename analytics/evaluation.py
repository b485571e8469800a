"""Loaded tables and a day -> what a win-probability model is worth on them, tried on unseen quarters."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq

from analytics import drivers, landmarks, refresh
from analytics.engine import Engine
from data.mendable import Mendable
from data.tables import Tables, whole

STEPS = 2  #: looking at deals on past days; trying models on the quarters after

Progress = Callable[[str, int, int], None]
Card = dict[str, Any]


class TooFewDeals(Mendable):
    """Nothing can be learned, or nothing is left to test it on."""


def evaluate(tables: Tables, as_of: date, progress: Progress) -> Card:
    """The card of a model trained on what was known on a day; neither is kept.

    Returns:
        As `drivers.train`: `tried` has a row per base rate and candidate, `speaks` and `reason` the gate.

    Raises:
        TooFewDeals: no quarter has enough closed deals before and in it.
        DamagedTables, EngineError: the tables cannot be read.
    """
    whole(tables)
    progress("evaluation", 0, STEPS)
    with (
        TemporaryDirectory() as spill,
        Engine(tables, as_of, spill=Path(spill), memory=refresh.room(tables)) as engine,
    ):
        frame = landmarks.training(engine)
    progress("evaluation", 1, STEPS)
    card = drivers.train(frame, as_of.toordinal()).card
    progress("evaluation", STEPS, STEPS)
    if not card["tried"]:
        raise TooFewDeals(
            f"{frame['deal_id'].nunique():,} deals were seen while open: too few to learn from some "
            "quarters and be tried on later ones. Load more closed deals, at least some 500 over two years."
        )
    return card


def names(tables: Tables) -> dict[str, str]:
    """What everyone is called, by id."""
    people = pq.read_table(tables.path("people"), columns=["person_id", "name"])
    ids, called = (people[column].to_pylist() for column in ("person_id", "name"))
    return {person: name or person for person, name in zip(ids, called, strict=True)}
