"""A made-up business whose truth is known -> its deals, and frames as `analytics.landmarks` makes them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

FIRST = 738_000  #: 2021-07-28, the day of the first deal
QUICK, SLOW = "Quick", "Slow"  #: stages, with the daily chance to be decided and the share of won
PACE = {QUICK: (0.05, 0.6), SLOW: (0.01, 0.2)}
UNKNOWN = ("days_in_stage", "days_since_activity", "activities_30d", "push_count", "days_to_due")


def history(
    days: int = 720, *, per_day: int = 2, seed: int = 1, tilt: dict[int, float] | None = None
) -> pd.DataFrame:
    """Deals as `forecast.study` takes them; half are Quick from the start and stay so, the others Slow.

    `tilt` adds to the logit of winning in a quarter of 91 days, counted from 0.
    """
    rng = np.random.default_rng(seed)
    created = FIRST + np.repeat(np.arange(days), per_day)
    stage = rng.choice([QUICK, SLOW], len(created))
    hazard, share = np.array([PACE[name] for name in stage]).T
    life = rng.geometric(hazard)
    quarter = (created + life - FIRST) // 91
    moved = np.array([(tilt or {}).get(int(number), 0.0) for number in quarter])
    chance = 1 / (1 + (1 - share) / share * np.exp(-moved))
    return pd.DataFrame(
        {
            "deal_id": [f"D{number:05d}" for number in range(len(created))],
            "deal_type": "new",
            "stage": stage,
            "outcome": np.where(rng.random(len(created)) < chance, "won", "lost"),
            "created_day": created,
            "close_day": created + life,
            "amount": rng.integers(1, 30, len(created)) * 1_000.0,
        }
    )


def known(deals: pd.DataFrame, as_of_day: int) -> pd.DataFrame:
    """The deals created by the day; those that closed later are open."""
    found = deals[deals["created_day"] <= as_of_day].copy()
    found.loc[found["close_day"] > as_of_day, "outcome"] = "open"
    return found


def seen(deals: pd.DataFrame, days: Sequence[int], as_of_day: int) -> pd.DataFrame:
    """A snapshot of every deal open on each of the days, with its outcome as known on `as_of_day`."""
    frames = [_on(known(deals, as_of_day), day, as_of_day) for day in days]
    return pd.concat(frames, ignore_index=True)


def _on(deals: pd.DataFrame, day: int, as_of_day: int) -> pd.DataFrame:
    there = deals[(deals["created_day"] <= day) & (deals["close_day"] > day)]
    ends = np.where(there["outcome"] == "open", as_of_day, there["close_day"])
    columns = {
        "deal_id": there["deal_id"],
        "day": day,
        "deal_type": there["deal_type"],
        "stage": there["stage"],
    }
    clocks = {"age_days": day - there["created_day"].astype(float)} | dict.fromkeys(UNKNOWN, np.nan)
    ended = {"outcome": there["outcome"], "days_left": ends - day, "amount": there["amount"]}
    return pd.DataFrame(columns | clocks | ended)
