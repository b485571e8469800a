"""A load -> the models of the week, and what they say of every open deal: tables `model` and `scores`.

Models learn what was known on the Monday before, so they stay the same all week, whatever happens since; the
same lessons give the same models, which are taken over from an earlier generation that holds them.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from analytics import closing, drivers, forecast, landmarks, timeline
from analytics.closing import Timing
from analytics.drivers import training
from analytics.engine import Engine
from analytics.generation import ScoreRow
from analytics.incremental import Base
from analytics.store import CorruptGeneration, Generation

if TYPE_CHECKING:
    import pandas as pd

VERSION = "1"  #: of what is made of the same lessons

#: Closed and open deals as a forecast is tested on them; those logged after the fact left out.
DEALS = """
    SELECT deal_id, deal_type, outcome, created_day,
        CASE WHEN outcome <> 'open' THEN close_day END AS close_day,
        CASE WHEN in_main_currency = 1 THEN amount_cents / 100.0 END AS amount
    FROM state WHERE backdated = 0 ORDER BY deal_id"""

#: Columns of a landmarks frame that are no feature.
FATE = ("deal_id", "day", "outcome", "days_left")


@dataclass(frozen=True, slots=True)
class Lessons:
    """What there is to learn from by a day: snapshots, deals, and the open book of past days."""

    day: int
    snapshots: "pd.DataFrame"
    deals: "pd.DataFrame"
    books: Mapping[int, "pd.DataFrame"]

    def digest(self) -> str:
        """The same for the same lessons."""
        from pandas.util import hash_pandas_object

        told = hashlib.sha256(f"{VERSION} {training.VERSION} {self.day}".encode())
        for frame in (self.snapshots, self.deals, *self.books.values()):
            told.update(hash_pandas_object(frame, index=False).to_numpy().tobytes())
        return told.hexdigest()[:12]


def monday(day: date) -> date:
    """The day whose knowledge the models of a day are made from."""
    return day - timedelta(days=day.weekday())


def lessons(engine: Engine) -> Lessons:
    """What a surveyed engine's deals teach by its day."""
    timeline.follow(engine)
    deals, day = engine.frame(DEALS), engine.as_of.toordinal()
    first = int(deals["created_day"].min()) if len(deals) else day
    past = forecast.past_days(first, day)
    books = {each: landmarks.on_day(engine, each) for each in past}
    return Lessons(day, landmarks.training(engine), deals, books)


def model(engine: Engine, earlier: Sequence[Generation], base: Base | None = None) -> dict[str, str]:
    """Rows of table `model`: learned anew, or those of an earlier generation that learned the same.

    Args:
        earlier: generations that may hold such models, the last one first.
        base: what a refresh builds upon; its models are taken when none of the changed deals teaches anything
            else of the days before Monday.
    """
    day = monday(engine.as_of)
    is_same_week = base is not None and monday(base.as_of) == day
    if base and is_same_week and _is_sound(*earlier[:1]) and _is_same_past(engine, base, day):
        return earlier[0].models()
    with engine.beside(as_of=day) as past:
        timeline.survey(past)
        known = lessons(past)
    digest = known.digest()
    same = (one.models() for one in earlier if one.model().get("id") == digest and _is_sound(one))
    return next(same, None) or _learned(known, digest)


def scores(engine: Engine, deals: pa.Table, rows: Mapping[str, str]) -> Iterator[ScoreRow]:
    """What the models say of deals that are open on a surveyed engine's day, in order of ids.

    Args:
        deals: one column, deal_id.
        rows: of table `model`.
    """
    with engine.beside() as aside, timeline.surveyed(aside, timeline.feeds(engine)):
        aside.narrow(deals)
        timeline.follow(aside)
        frame = landmarks.scoring(aside)
    return scored(frame, rows)


def scored(frame: "pd.DataFrame", rows: Mapping[str, str]) -> Iterator[ScoreRow]:
    """What the models say of the deals of a landmarks frame, in its order."""
    told = zip(frame.to_dict("records"), _odds(frame, rows), *_curves(frame, rows), strict=True)
    for row, odds, won, lost in told:
        yield ScoreRow._make((row["deal_id"], row["rep"], *odds, _features(row), won, lost))


def history(rows: Mapping[str, str], last: Generation | None) -> list[dict[str, str]]:
    """A line per retrain, the earlier ones first: `day`, `id` and what it `change`d, as a code."""
    before = last.model() if last else {}
    lines: list[dict[str, str]] = before.get("history", [])
    learned, card = json.loads(rows["id"]), json.loads(rows["card"])
    if before.get("id") == learned:
        return lines
    day = date.fromordinal(card["as_of_day"]).isoformat()
    return [*lines, {"day": day, "id": learned, "change": drivers.changed(before.get("card"), card)}]


def _is_sound(generation: Generation | None = None) -> bool:
    """Does the generation hold models that can be used again? A damaged one is learned anew."""
    try:
        rows = generation.models() if generation else {}
        return "id" in rows and ("fitted" not in rows or bool(drivers.unpacked(json.loads(rows["fitted"]))))
    except (drivers.DamagedModel, CorruptGeneration, ValueError):
        return False


def _is_same_past(engine: Engine, base: Base, day: date) -> bool:
    """Do the changed deals teach the same by a day in both loads?"""
    digests = []
    for load in (base.tables, engine.tables):
        with engine.beside(load, day) as past:
            past.narrow(base.changed)
            timeline.survey(past)
            digests.append(lessons(past).digest())
    return digests[0] == digests[1]


def _learned(known: Lessons, digest: str) -> dict[str, str]:
    trained = drivers.train(known.snapshots, known.day)
    told: dict[str, Any] = {
        "id": digest,
        "card": trained.card,
        "effects": trained.effects,
        "timing": closing.fit(known.snapshots, known.day).to_json(),
        "forecast": forecast.study(known.snapshots, known.books, known.deals, known.day),
    }
    if trained.model is not None:
        told["fitted"] = drivers.packed(trained.model)
    return {key: json.dumps(value) for key, value in told.items()}


def _features(row: Mapping[str, Any]) -> str:
    """A deal as the model saw it, nan as null."""
    return json.dumps(
        {name: None if value != value else value for name, value in row.items() if name not in FATE}
    )


def _odds(frame: "pd.DataFrame", rows: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    """Odds, range, base rate, risk and reasons of each deal; nothing while the model is silent."""
    if not len(frame) or not json.loads(rows["card"])["speaks"]:
        yield from ((None,) * 6 for _ in range(len(frame)))
        return
    found = _unpacked(rows["fitted"]).reasons(frame)
    for odds, low, high, parts in zip(found.odds, found.low, found.high, found.parts, strict=True):
        reasons = dict(zip(drivers.GROUPS, map(float, parts), strict=True))
        risk = drivers.risk(float(odds), found.base)
        yield float(odds), float(low), float(high), found.base, risk, json.dumps(reasons)


@lru_cache(maxsize=2)
def _unpacked(fitted: str) -> drivers.Model:
    """The model of a row, the same object as long as the row is the same."""
    return drivers.unpacked(json.loads(fitted))


def _curves(frame: "pd.DataFrame", rows: Mapping[str, str]) -> tuple[list[str | None], list[str | None]]:
    """Chances to be won, and lost, by each horizon, as JSON; none where no more than age tells the time."""
    timing = Timing.from_json(json.loads(rows["timing"]))
    if timing.kind != "snapshots":
        return [None] * len(frame), [None] * len(frame)
    won, lost = timing.curves(frame)
    return _texts(won), _texts(lost)


def _texts(curves: Any) -> list[str | None]:
    return [None if np.isnan(curve).any() else json.dumps(np.round(curve, 6).tolist()) for curve in curves]
