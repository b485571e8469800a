"""A load and a span of days -> what rules ask for, of every deal on every day on which it was open.

Each day tells what was known on it. Limits and odds are those of a generation of before the span, which has
seen nothing of it; nothing here costs a refresh per day.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analytics import drivers, landmarks, timeline
from analytics.alerts.board import Board, percent_fallen, points_fallen
from analytics.alerts.clocks import Clocks
from analytics.engine import Engine, statement
from analytics.questions import AMOUNT_BANDS, NOT_SET
from analytics.store import Generation

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Strings = NDArray[np.str_]

WEEK = 7  #: days, with which what fell is compared
CHUNK = 300_000  #: deals and days read at a time, about

#: Metrics that no history tells: what the CRM shows today was not kept for the days before.
NEVER_KEPT = ("next_steps", "days_since_update")

#: Deals in their order, with what became of them and the day of the first change of their close date.
FATES = """
    SELECT
        s.deal_id,
        CAST(s.outcome AS VARCHAR) AS outcome,
        s.created_day AS first_day,
        CASE WHEN s.outcome = 'open' THEN r.as_of_day + 1 ELSE s.close_day END AS end_day,
        CASE WHEN s.outcome = 'open' THEN r.loaded_day END AS loaded_day,
        c.day AS changed_day
    FROM state s
    CROSS JOIN run r
    LEFT JOIN (SELECT deal_id, MIN(day) AS day FROM crm_changes WHERE kind = 'close_date' GROUP BY deal_id) c
        ON c.deal_id = s.deal_id
    WHERE s.backdated = 0
    ORDER BY s.deal_id"""


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of texts: each row is a place in `values`."""

    codes: Ints
    values: Strings

    def texts(self) -> Strings:
        """The text of each row."""
        return np.asarray(self.values[self.codes], np.str_)


@dataclass(frozen=True, slots=True)
class Fates:
    """Every deal by its id: what became of it, and on which day, as known on the last day.

    The end of an open deal is the day after the last one.
    """

    deal_ids: Strings
    outcome: Strings  # won, lost, open
    end: Ints


@dataclass(frozen=True, slots=True)
class Replay:
    """Open deals day by day: a row per deal and day, by deal, then day (an ordinal).

    `deal` is a place in `fates`. The board's metrics are nan where the day did not tell them.
    """

    fates: Fates
    deal: Ints
    day: Ints
    dimensions: Mapping[str, Coded]
    board: Board

    def __len__(self) -> int:
        """How many rows."""
        return len(self.day)


@dataclass(frozen=True, slots=True)
class _Part:
    """Some deals on all their days."""

    deal: Ints
    day: Ints
    numbers: Mapping[str, Floats]
    texts: Mapping[str, pa.DictionaryArray]
    odds: Floats


def replay(
    engine: Engine, first: int, last: int, known: Generation, filtered: Collection[str] = ()
) -> Replay:
    """Every deal on every day from `first` to `last` on which it was open; empty without deals.

    Args:
        engine: as of `last` or later; what became of the deals is told as of its day.
        known: a generation of `first` or before: its clocks and its model are what the days are judged by.
        filtered: dimensions that the filters of rules ask for.
    """
    if not engine.holds("state"):
        timeline.build(engine)
    found = engine.columns(FATES)
    ids = found["deal_id"].combine_chunks()
    begin, end = (found[name].to_numpy().astype(np.int64) for name in ("first_day", "end_day"))
    begin = np.maximum(begin, first)
    count = np.maximum(np.minimum(end, last + 1) - begin, 0)
    model, dated = _model(known), np.fmin(*(_floats(found[name]) for name in ("changed_day", "loaded_day")))
    parts = [_part(engine, ids, begin, count, some, model) for some in _portions(count)]
    for part in parts:
        _forget_due(part, dated)
    fates = Fates(_strings(ids), _strings(found["outcome"]), end)
    return _joined(fates, parts, Clocks(known.stage_clock()), filtered)


def _portions(count: Ints) -> Iterator[slice]:
    """Neighbouring deals, so many at a time that their days are about `CHUNK`."""
    turn = np.cumsum(count) // CHUNK
    edges = [0, *(np.flatnonzero(np.diff(turn)) + 1).tolist(), len(count)]
    return (slice(start, end) for start, end in pairwise(edges))


def _part(engine: Engine, ids: pa.Array, begin: Ints, count: Ints, some: slice, model: Any) -> _Part:
    deal = np.repeat(np.arange(some.start, some.stop), count[some])
    turn = np.arange(len(deal)) - np.repeat(np.cumsum(count[some]) - count[some], count[some])
    day = begin[deal] + turn
    pairs = {"deal_id": ids.take(pa.array(deal)), "day": pa.array(day.astype(np.int32))}
    with engine.given("pairs", pairs):
        told = engine.columns(statement("landmarks"))
    numbers = {name: _floats(told[name]) for name in landmarks.NUMBERS if name != "amount"}
    numbers["amount"] = _floats(told["amount_cents"]) / 100
    texts = {name: told[name].combine_chunks().dictionary_encode() for name in landmarks.TEXTS}
    return _Part(deal, day, numbers, texts, _odds(model, numbers, texts))


def _forget_due(part: _Part, dated: Floats) -> None:
    """Leave out close dates that only a later change tells: of deals that lived to see it, of no others."""
    part.numbers["days_to_due"][~(dated[part.deal] <= part.day)] = np.nan


def _floats(column: Any) -> Floats:
    return np.array(column.cast(pa.float64()).to_numpy(), np.float64)


def _strings(column: Any) -> Strings:
    return np.array(column.to_pylist(), dtype=np.str_)


def _model(known: Generation) -> Any:
    """The win-probability model that spoke then; None while it was silent."""
    rows = known.models()
    if "fitted" not in rows or not json.loads(rows["card"])["speaks"]:
        return None
    return drivers.unpacked(json.loads(rows["fitted"]))


def _odds(model: Any, numbers: Mapping[str, Floats], texts: Mapping[str, pa.DictionaryArray]) -> Floats:
    size = len(numbers["amount"])
    if model is None or not size:
        return np.full(size, np.nan)
    words = {name: _objects(column.dictionary)[_codes(column)] for name, column in texts.items()}
    return np.asarray(model.odds({**numbers, **words}), np.float64)


def _objects(column: pa.Array) -> NDArray[np.object_]:
    return np.array(column.to_pylist(), dtype=object)


def _codes(column: pa.DictionaryArray) -> Ints:
    return np.asarray(column.indices.to_numpy(zero_copy_only=False), np.int64)


def _joined(fates: Fates, parts: Sequence[_Part], clocks: Clocks, filtered: Collection[str]) -> Replay:
    deal = np.concatenate([np.zeros(0, np.int64), *(part.deal for part in parts)])
    day = np.concatenate([np.zeros(0, np.int64), *(part.day for part in parts)])
    numbers = {
        name: np.concatenate([np.zeros(0), *(part.numbers[name] for part in parts)])
        for name in landmarks.NUMBERS
    }
    odds = np.concatenate([np.zeros(0), *(part.odds for part in parts)])
    dimensions = {name: _coded([part.texts[name] for part in parts]) for name in landmarks.TEXTS}
    dimensions["amount_band"] = _bands(numbers["amount"])
    board = Board(
        _metrics(numbers, dimensions, odds, _week_before(deal, day), clocks),
        {name: dimensions[name].texts() for name in filtered},
    )
    return Replay(fates, deal, day, dimensions, board)


def _coded(parts: Sequence[pa.DictionaryArray]) -> Coded:
    whole = pa.chunked_array(parts, pa.dictionary(pa.int32(), pa.string())).unify_dictionaries()
    if not len(whole):
        return Coded(np.zeros(0, np.int64), np.array([NOT_SET]))
    codes = np.concatenate([_codes(chunk) for chunk in whole.chunks])
    return Coded(codes, _strings(whole.chunk(0).dictionary))


def _bands(amount: Floats) -> Coded:
    """The band of each amount, as `timeline.band_of`."""
    ends = [end for end, _ in AMOUNT_BANDS if end is not None]
    place = np.searchsorted(ends, amount, side="right")
    values = np.array([*(label for _, label in AMOUNT_BANDS), NOT_SET])
    return Coded(np.where(np.isnan(amount), len(AMOUNT_BANDS), place), values)


def _week_before(deal: Ints, day: Ints) -> Ints:
    """For each row the row of the same deal seven days earlier, -1 where there is none."""
    far = int(day.max(initial=0)) + WEEK + 1
    key = deal * far + day
    place = np.minimum(np.searchsorted(key, key - WEEK), max(len(key) - 1, 0))
    return np.where(key[place] == key - WEEK, place, -1) if len(key) else place


def _metrics(
    numbers: Mapping[str, Floats],
    dimensions: Mapping[str, Coded],
    odds: Floats,
    before: Ints,
    clocks: Clocks,
) -> dict[str, Floats]:
    """Every metric of `rules.METRICS` about a deal, as `board` makes it of a generation."""
    idle, stay, amount = numbers["days_since_activity"], numbers["days_in_stage"], numbers["amount"]
    return {
        "amount": amount,
        "days_since_activity": np.where(np.isnan(stay), idle, np.minimum(idle, stay)),
        "stage_percentile": _percentiles(dimensions, stay, clocks),
        "days_in_stage": stay,
        "win_probability_fall": points_fallen(_then(odds, before), odds),
        "amount_fall": percent_fallen(_then(amount, before), amount),
        "push_count": numbers["push_count"],
        "days_overdue": -numbers["days_to_due"],
        "age_days": numbers["age_days"],
        **{name: np.full(len(amount), np.nan) for name in NEVER_KEPT},
    }


def _then(values: Floats, before: Ints) -> Floats:
    """What a column was a week before."""
    return np.where(before < 0, np.nan, values[before]) if len(values) else values


def _percentiles(dimensions: Mapping[str, Coded], stay: Floats, clocks: Clocks) -> Floats:
    kinds, stages = dimensions["deal_type"], dimensions["stage"]
    cell, found = kinds.codes * len(stages.values) + stages.codes, np.full(len(stay), np.nan)
    for each in np.unique(cell):
        kind, stage = divmod(int(each), len(stages.values))
        clock = clocks.clock(str(kinds.values[kind]), str(stages.values[stage]))
        if clock and stages.values[stage] != NOT_SET:
            here = cell == each
            found[here] = clock.percentile(stay[here])
    return found
