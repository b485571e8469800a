"""An engine -> deals as they were known on days on which they were open, with how they had ended by its day.

What a frame tells of a day is what `timeline` tells of it, and never anything that was learned later; the
days themselves are chosen without looking at how long a deal lived, lest quick deals are seen too often.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from analytics import timeline
from analytics.engine import Engine, statement
from analytics.generation import AGE_BANDS

if TYPE_CHECKING:
    import pandas as pd

#: Days between two snapshots of a deal: four weeks keep neighbours unlike, and give quick deals one too.
EVERY = 28
TEXTS = (
    "deal_type",
    "stage",
    "rep",
    "team",
    "region",
    "industry",
    "product",
    "lead_source",
)
NUMBERS = (
    "age_days",
    "days_in_stage",
    "days_since_activity",
    "activities_30d",
    "push_count",
    "amount",
    "stage_number",
    "days_to_due",
)
#: One row per deal and day (its ordinal). `TEXTS` are "Not set" and `NUMBERS` nan where nobody knows.
COLUMNS = ("deal_id", "day", *TEXTS, *NUMBERS, "outcome", "days_left")

#: Source: Fowler, Noll and Vo 1991 (FNV-1a, 64 bits); Steele, Lea and Flood 2014 (splitmix64).
FNV_START, FNV_PRIME = np.uint64(0xCBF29CE484222325), np.uint64(0x100000001B3)
SPLITMIX = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)

#: Open spans of deals, as deal_id, first day and the day after the last one; those logged after the fact,
#: closed within a day of being created, left out.
SPANS = """
    SELECT
        deal_id,
        created_day AS first_day,
        CASE WHEN outcome = 'open' THEN as_of_day ELSE close_day END AS end_day
    FROM state CROSS JOIN run
    WHERE backdated = 0 AND created_day < CASE WHEN outcome = 'open' THEN as_of_day ELSE close_day END
    ORDER BY deal_id"""
OPEN_ON = """
    SELECT deal_id, $day AS day FROM state
    WHERE created_day <= $day AND backdated = 0 AND (outcome = 'open' OR close_day > $day)"""

Days = NDArray[np.int64]
Hashes = NDArray[np.uint64]


def training(engine: Engine, *, most: int = 200_000) -> "pd.DataFrame":
    """Snapshots of deals to learn from, about `most` of them at most.

    A deal is looked at every four weeks of its life from a day on that only its id decides, up to its close
    or the day before the engine's. So each day on which deals were open has the same chance to be in,
    whatever came of them. Beyond `most`, whole deals are left out, chosen by their id.

    Returns:
        `COLUMNS`, one row per deal and day in that order; `days_left` is at least 1. Empty without deals.
    """
    _build(engine)
    spans = _spans(engine)
    order = np.argsort(spans.tickets, kind="stable")
    chosen = np.zeros(len(order), np.bool_)
    chosen[order] = np.cumsum(spans.count[order]) <= most
    return _frame(engine, spans.pairs(chosen))


def on_day(engine: Engine, day: int) -> "pd.DataFrame":
    """Every deal that was open on a day (an ordinal) not after the engine's, as it was known then.

    Returns:
        `COLUMNS`, one row per deal, by id; outcome and days left as known on the engine's day. Deals that
        turned out to be logged after the fact are left out.
    """
    _build(engine)
    found = engine.columns(OPEN_ON.replace("$day", str(day)))
    return _frame(engine, dict(zip(found.column_names, found.columns, strict=True)))


def scoring(engine: Engine) -> "pd.DataFrame":
    """The open deals on the engine's own day: `COLUMNS`, one row per deal, by id; `days_left` is 0."""
    return on_day(engine, engine.as_of.toordinal())


def ends() -> str:
    """The statement that counts how the deals of table `snapshots` ended, by stage and band of age."""
    bands = " ".join(
        f"ELSE {place}" if end is None else f"WHEN age_days < {end} THEN {place}"
        for place, (end, _) in enumerate(AGE_BANDS)
    )
    return statement("landmark_ends", age_bands=bands)


def follow(engine: Engine) -> None:
    """Make table `snapshots` of a share of the deals that the engine sees, for the statement of `ends`.

    Which deals are in it only their ids and the number of all deals decide (`feeds.one_in`).
    """
    spans = _spans(engine)
    one_in = np.uint64(timeline.feeds(engine)["one_in"] or 1)
    with engine.given("pairs", spans.pairs(spans.tickets % one_in == 0)):
        engine.make("snapshots", statement("landmarks"))


@dataclass(frozen=True, slots=True)
class Spans:
    """Deals with the days to look at each: every `EVERY` days from `start` on, `count` times.

    `tickets` are as good as drawn by lot, and always the same for an id.
    """

    deal_ids: pa.Array
    tickets: Hashes
    start: Days
    count: Days

    def pairs(self, chosen: NDArray[np.bool_]) -> dict[str, pa.Array]:
        """Columns deal_id and day of the chosen deals' snapshots, by deal and day."""
        count = np.where(chosen, self.count, 0)
        deal = np.repeat(np.arange(len(count)), count)
        turn = np.arange(len(deal)) - np.repeat(np.cumsum(count) - count, count)
        days = (self.start[deal] + EVERY * turn).astype(np.int32)
        return {"deal_id": self.deal_ids.take(pa.array(deal)), "day": pa.array(days)}


def spans_of(deal_ids: pa.Array, first: Days, end: Days) -> Spans:
    """When to look at deals that were open from `first` to the day before `end`.

    The first look comes up to `EVERY` days after `first`, as the id decides; a deal gone by then has none.

    >>> found = spans_of(pa.array(["D1", "D2"]), np.array([0, 0]), np.array([56, 1]))
    >>> found.count.tolist(), found.pairs(found.count > 0)["deal_id"].to_pylist()
    ([2, 0], ['D1', 'D1'])
    """
    mixed = hashes(deal_ids)
    start = first + (mixed % np.uint64(EVERY)).astype(np.int64)
    return Spans(
        deal_ids, mixed // np.uint64(EVERY), start, np.maximum((end - start + EVERY - 1) // EVERY, 0)
    )


def hashes(texts: pa.Array) -> Hashes:
    """A number per text, the same on any machine and in any run: FNV-1a, finished as in splitmix64.

    >>> len(set(hashes(pa.array(["D1", "D2", "1D", ""])).tolist()))
    4
    """
    wide = texts.cast(pa.large_binary())
    offsets = np.frombuffer(wide.buffers()[1] or b"", np.int64)[wide.offset : wide.offset + len(wide) + 1]
    octets = np.frombuffer(wide.buffers()[2] or b"", np.uint8)
    lengths = np.diff(offsets)
    found = np.full(len(wide), FNV_START, np.uint64)
    for place in range(int(lengths.max(initial=0))):
        there = lengths > place
        found[there] = (found[there] ^ octets[offsets[:-1][there] + place]) * FNV_PRIME
    for shift, factor in SPLITMIX:
        found = (found ^ (found >> shift)) * factor
    return np.asarray(found ^ (found >> np.uint64(31)), np.uint64)


def _spans(engine: Engine) -> Spans:
    found = engine.columns(SPANS)
    first, end = (found[name].to_numpy().astype(np.int64) for name in ("first_day", "end_day"))
    return spans_of(found["deal_id"].combine_chunks(), first, end)


def _build(engine: Engine) -> None:
    if not engine.holds("state"):
        timeline.build(engine)


def _frame(engine: Engine, pairs: Mapping[str, pa.Array]) -> "pd.DataFrame":
    with engine.given("pairs", pairs):
        frame = engine.frame(statement("landmarks"))
    frame["amount"] = frame.pop("amount_cents") / 100
    texts = dict.fromkeys(("deal_id", *TEXTS, "outcome"), "str")
    numbers = dict.fromkeys(NUMBERS, "float64") | dict.fromkeys(("day", "days_left"), "int64")
    wanted, found = texts | numbers, dict(frame.dtypes)
    other = {name: kind for name, kind in wanted.items() if found[name] != kind}  # each cast costs a row dear
    return frame.astype(other)[list(COLUMNS)]
