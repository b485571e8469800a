"""Simulated landmarks frames: deals whose true chance is known, seen every four weeks of their lives."""

import numpy as np
import pandas as pd

REGIONS = ("APAC", "Europe", "LATAM", "North America")
SOURCES = ("Inbound", "Outbound", "Partner", "Referral")
STAGES = ("Qualified", "Demo", "Proposal", "Negotiation")
FIRST_DAY = 738_000
EVERY = 28


def frame(
    deals=2000,
    *,
    seed=0,
    signal=1.0,
    days=800,
    reps=20,
    base=-0.8,
    pair=0.0,
    zombies=0.0,
    feeds=True,
    as_of_day=None,
):
    """A landmarks frame and the true chance of each row to be won in the end.

    Args:
        signal: scales every effect; 0: nothing is associated with winning.
        pair: log-odds that APAC gains by Referral, and loses elsewhere, beyond what the two add.
        zombies: share of the lost deals that nobody ever closes.
        feeds: False leaves activities, pushes and stage history out.
    """
    rng = np.random.default_rng(seed)
    as_of = FIRST_DAY + days if as_of_day is None else as_of_day
    life = _lives(rng, deals, days, reps, signal, base, pair, zombies)
    deal, day = _seen(rng, life, as_of)
    found = life.loc[deal].reset_index(drop=True)
    found["day"], found["age_days"] = day, (day - found["created"]).astype(float)
    _move(rng, found, feeds)
    closed = found["close"] <= as_of
    found["outcome"] = np.where(closed, np.where(found["won"], "won", "lost"), "open")
    found["days_left"] = np.minimum(found["close"], as_of) - found["day"]
    return found.drop(columns=["created", "close", "won", "chance"]), found["chance"].to_numpy()


def _lives(rng, deals, days, reps, signal, base, pair, zombies):
    pick = lambda values: rng.choice(np.array(values, object), deals)  # noqa: E731
    rep_effect = rng.normal(0, 0.5, reps)
    rep = rng.integers(0, reps, deals)
    life = pd.DataFrame({"deal_id": [f"D{n:06d}" for n in range(deals)]})
    life["rep"] = np.array([f"rep_{n:02d}" for n in range(reps)], object)[rep]
    life["team"] = np.array(["East", "West"], object)[rep % 2]
    life["region"], life["lead_source"] = pick(REGIONS), pick(SOURCES)
    life["industry"], life["product"] = pick(("Finance", "Retail")), pick(("Core", "Pro"))
    life["deal_type"] = "new"
    life["amount"] = np.exp(rng.normal(9.5, 1.0, deals)).round()
    by_source = life["lead_source"].map({"Referral": 0.7, "Outbound": -0.5}).fillna(0.0).to_numpy(float)
    by_amount = -0.4 * np.abs(np.log(life["amount"].to_numpy()) - 9.5)
    together = np.where(life["region"] == "APAC", 1, -1) * np.where(life["lead_source"] == "Referral", 1, -1)
    logit = base + signal * (by_source + rep_effect[rep] + by_amount) + pair * together
    life["chance"] = 1 / (1 + np.exp(-logit))
    life["won"] = rng.random(deals) < life["chance"]
    life["created"] = FIRST_DAY + rng.integers(-100, days, deals)
    life["close"] = life["created"] + np.clip(np.exp(rng.normal(4.2, 0.5, deals)), 8, 170).astype(int)
    forgotten = ~life["won"] & (rng.random(deals) < zombies)
    life.loc[forgotten, "close"] += 10_000
    return life


def _seen(rng, life, as_of):
    """Every four weeks from a day that the end of the deal has no part in."""
    first = life["created"].to_numpy() + rng.integers(0, EVERY, len(life))
    end = np.minimum(life["close"].to_numpy(), as_of)
    count = np.clip((end - first + EVERY - 1) // EVERY, 0, 40)
    deal = np.repeat(np.arange(len(life)), count)
    turn = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    day = first[deal] + EVERY * turn
    kept = day >= FIRST_DAY
    return deal[kept], day[kept]


def _move(rng, found, feeds):
    """What happens on the way; it says nothing of the end."""
    size, age = len(found), found["age_days"].to_numpy()
    stage = np.minimum((age / 30 + rng.random(size)).astype(int), 3)
    found["stage"] = np.array(STAGES, object)[stage]
    found["stage_number"] = stage + 1.0
    found["days_in_stage"] = np.floor(rng.random(size) * np.minimum(age, 40))
    found["days_to_due"] = 60 - age + rng.integers(-20, 20, size)
    found["push_count"] = (age // 50).astype(float)
    found["days_since_activity"] = np.floor(rng.exponential(6, size))
    found["activities_30d"] = rng.poisson(3, size).astype(float)
    if not feeds:
        for name in ("days_in_stage", "push_count", "days_since_activity", "activities_30d"):
            found[name] = np.nan
