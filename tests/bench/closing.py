"""How well closing times and forecasts hold on samples: `python -m tests.bench.closing [seeds]`.

Each test day is played as it was: learned from what an engine as of that day tells, judged by what the whole
history tells later. Days are half a year before the end, so that nearly every deal was decided since.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from analytics import closing, forecast, landmarks
from analytics.closing import ages
from analytics.engine import Engine
from data import load, sample, tables
from data.tables import Tables

LAST = date(2024, 6, 28)
DAYS = (date(2023, 6, 30), date(2023, 9, 30), date(2023, 12, 28))  #: for closing times
EVES = (date(2023, 9, 30), date(2023, 11, 15), date(2023, 12, 31), date(2024, 2, 15))  #: for forecasts
DEALS = """
    SELECT deal_id, deal_type, outcome, created_day, close_day,
           CASE WHEN in_main_currency = 1 THEN amount_cents / 100.0 END AS amount
    FROM state"""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known on a day: snapshots to learn from, every deal, and the open ones to score."""

    day: int
    snapshots: Any
    deals: Any
    now: Any
    frames: Mapping[int, Any]


def known(loaded: Tables, on: date, *, replays: bool = False) -> Known:
    """As an engine of that day tells it."""
    day = on.toordinal()
    with Engine(loaded, on, spill=Path(tempfile.gettempdir()), threads=1) as engine:
        snapshots, deals = landmarks.training(engine), engine.frame(DEALS)
        days = forecast.past_days(int(deals["created_day"].min()), day) if replays else ()
        frames = {past: landmarks.on_day(engine, past) for past in days}
        return Known(day, snapshots, deals, landmarks.scoring(engine), frames)


def timing_figures(then: Known, truth: Any) -> dict[str, float]:
    """Share of deals decided within P10 to P90, mean error of the median, Brier of won within 90 days."""
    later = truth.set_index("deal_id").loc[then.now["deal_id"]]
    left = np.where(later["outcome"] == "open", 999, later["close_day"] - then.day)
    began = time.perf_counter()
    timing = closing.fit(then.snapshots, then.day)
    took = time.perf_counter() - began
    won, lost = timing.curves(then.now)
    days = np.nan_to_num(closing.remaining(won, lost), nan=400)
    won_in_90 = ((later["outcome"] == "won") & (left <= 90)).to_numpy()
    by_age, _ = ages.curves(ages.tables(then.snapshots, then.day), then.now)
    closed = then.deals[then.deals["outcome"] != "open"]
    usual = (closed["close_day"] - closed["created_day"]).median()
    decided = left < 999
    return {
        "covered": float(np.mean((left >= days[:, 0]) & (left <= days[:, 4]))),
        "error": float(np.abs(left - days[:, 2])[decided].mean()),
        "usual_error": float(np.abs(left - np.maximum(usual - then.now["age_days"], 0))[decided].mean()),
        "brier": float(np.mean((closing.won_by(won, 90) - won_in_90) ** 2)),
        "age_brier": float(np.mean((closing.won_by(by_age, 90) - won_in_90) ** 2)),
        "fit_seconds": took,
    }


def forecast_figures(then: Known, truth: Any) -> dict[str, float]:
    """Did the amount won to the end of the quarter lie within the range told on the day?"""
    end = forecast.end_of(then.day)
    began = time.perf_counter()
    told = forecast.study(then.snapshots, then.frames, then.deals, then.day)
    took = time.perf_counter() - began
    won, _ = closing.fit(then.snapshots, then.day).curves(then.now)
    new = forecast.newcomers(told["new"], 0, end - then.day, dict.fromkeys(told["new"], 1.0))
    amounts = then.deals.set_index("deal_id").loc[then.now["deal_id"], "amount"]
    outlook = forecast.expect(
        amounts, closing.won_by(won, end - then.day), shock=told["shock"], spread=told["spread"], new=new
    )
    came = truth[(truth["outcome"] == "won") & (truth["close_day"] > then.day) & (truth["close_day"] <= end)]
    amount = float(came["amount"].sum())
    return {
        "hit": float(outlook.low <= amount <= outlook.high),
        "bias": outlook.mean / amount - 1,
        "width": (outlook.high - outlook.low) / outlook.mean,
        "replayed": float(told["tests"]),
        "replay_hits": float(told["hits"]),
        "shock": told["shock"],
        "study_seconds": took,
    }


def figures(seeds: Sequence[int], deals: int = 5_000) -> Iterator[tuple[str, dict[str, float]]]:
    """The figures of every seed and day."""
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            sample.write(home / "files", as_of=LAST, deals=deals, seed=seed)
            load.load(sorted((home / "files").glob("*.csv")), home, loaded_on=LAST)
            loaded = tables.current(home)
            truth = known(loaded, LAST).deals
            for day in DAYS:
                yield "closing", timing_figures(known(loaded, day), truth)
            for day in EVES:
                yield "forecast", forecast_figures(known(loaded, day, replays=True), truth)


def main(seeds: Sequence[int]) -> None:
    """Measure and print the means."""
    found = list(figures(seeds))
    for kind in ("closing", "forecast"):
        rows = [row for name, row in found if name == kind]
        print(kind, f"{len(rows)} days over {len(seeds)} seeds")
        for name in rows[0]:
            print(f"  {name:14s} {statistics.mean(row[name] for row in rows):.3f}")


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or range(1, 9))
