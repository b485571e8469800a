"""What a trial and a window say of a model, as plain values: the model card, in numbers."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from analytics import verdict
from analytics.drivers import measures
from analytics.drivers.effects import CUTS, bands
from analytics.drivers.features import SILENT, TEXTS, Columns, Floats
from analytics.drivers.rolling import Trial
from analytics.drivers.texts import Texts
from analytics.drivers.window import Snapshots, Window, known_on

FEWEST_TO_FIT = 50  #: unseen deals below which nothing is said of how odds fit a segment
CLEAR = 0.2  #: odds up to this, or from one minus this, are clear; a deal that ends otherwise is a surprise
FEWEST_CLEAR = 30  #: deals with clear odds below which no rate of surprises is given
RECENT = 90  #: days of snapshots compared with the training window for drift
#: Source: population stability index above 0.25 is the customary alarm in credit scoring (Siddiqi 2006);
#: three times what chance gives keeps small data quiet.
DRIFT, TIMES_CHANCE = 0.25, 3.0


def of_window(window: Window) -> dict[str, Any]:
    """What the model was made from."""
    if not len(window):
        return {"trained_on": 0, "snapshots": 0, "window_start": None, "window_end": None, "base": None}
    low, high = verdict.wilson(window.base * window.deals, window.deals)
    return {
        "trained_on": window.deals,
        "snapshots": len(window),
        "window_start": int(window.day.min()),
        "window_end": int(window.day.max()),
        "base": {"rate": window.base, "low": float(low), "high": float(high), "n": window.deals},
    }


def of_trial(tried: Trial, name: str) -> dict[str, Any]:
    """How the candidate did on unseen deals: reliability, segments, surprises."""
    chance = tried.chances[name]
    return {
        "test_deals": tried.deals,
        "test_start": int(tried.day.min()),
        "test_end": int(tried.day.max()),
        "bins": list(_bins(tried, chance)),
        "segments": _segments(tried, chance),
        "surprise": _surprise(tried, chance),
    }


def _bins(tried: Trial, chance: Floats) -> Iterator[dict[str, Any]]:
    """The reliability curve, from low to high odds; `n` unseen deals in each."""
    of = measures.bins(chance, tried.weight)
    for number in np.unique(of):
        yield _observed(tried, chance, of == number)


def _observed(tried: Trial, chance: Floats, chosen: Any) -> dict[str, Any]:
    weight = tried.weight[chosen]
    rate = float(np.average(tried.y[chosen], weights=weight))
    deals = len(np.unique(tried.deal[chosen]))
    low, high = verdict.wilson(rate * deals, deals)
    predicted = float(np.average(chance[chosen], weights=weight))
    return {"predicted": predicted, "observed": rate, "low": float(low), "high": float(high), "n": deals}


def _segments(tried: Trial, chance: Floats) -> list[dict[str, Any]]:
    """Odds and outcomes in each segment; `fits` None where deals are too few to say."""
    found, p = [], []
    for dimension in TEXTS:
        values = tried.texts[dimension]
        for value in values.distinct():
            chosen = values.places((value,)) == 0
            one = {"dimension": dimension, "value": value, "fits": None} | _observed(tried, chance, chosen)
            found.append(one)
            p.append(_misfit(tried, chance, chosen) if one["n"] >= FEWEST_TO_FIT else None)
    tested = [place for place, raw in enumerate(p) if raw is not None]
    adjusted = verdict.benjamini_hochberg([raw for raw in p if raw is not None])
    for place, worth in zip(tested, adjusted.tolist(), strict=True):
        found[place]["fits"] = worth > verdict.ALPHA
    dimensions = [one["dimension"] for one in found]
    return [one for one in found if dimensions.count(one["dimension"]) > 1]


def _misfit(tried: Trial, chance: Floats, chosen: Any) -> float:
    """p of "the odds are right on average here", deals counted whole."""
    _, place = np.unique(tried.deal[chosen], return_inverse=True)
    sums = np.bincount(place, (tried.weight * (tried.y - chance))[chosen])
    spread = float((sums**2).sum())
    return math.erfc(abs(float(sums.sum())) / math.sqrt(2 * spread)) if spread else 1.0


def _surprise(tried: Trial, chance: Floats) -> dict[str, Any]:
    """Of the last quarter's deals with clear odds, how many ended otherwise, and how many should have."""
    last = tried.origin == tried.origin.max()
    clear = last & ((chance <= CLEAR) | (chance >= 1 - CLEAR))
    deals = len(np.unique(tried.deal[clear]))
    if deals < FEWEST_CLEAR:
        return {"rate": None, "expected": None, "low": None, "high": None, "n": deals}
    weight, odds = tried.weight[clear], chance[clear]
    rate = float(np.average((odds > 0.5) != (tried.y[clear] > 0.5), weights=weight))
    low, high = verdict.wilson(rate * deals, deals)
    expected = float(np.average(np.minimum(odds, 1 - odds), weights=weight))
    return {"rate": rate, "expected": expected, "low": float(low), "high": float(high), "n": deals}


def drifted(seen: Snapshots, as_of_day: int, within: int, used: Sequence[str]) -> list[str]:
    """Features whose values lately differ from those that the model learned from."""
    recent = seen.rows((seen.day >= as_of_day - RECENT) & (seen.day < as_of_day))
    known = known_on(seen, as_of_day, within)
    before = known.rows(known.day < as_of_day - RECENT)
    deals = (len(np.unique(recent.deal)), before.deals)
    if min(deals) < FEWEST_TO_FIT:
        return []
    judged = [name for name in used if name in CUTS or name in TEXTS]
    return [name for name in judged if _has_moved(before.table, recent.table, name, deals)]


def _has_moved(before: Columns, recent: Columns, name: str, deals: tuple[int, int]) -> bool:
    old, new = _told(before, name), _told(recent, name)
    if not len(old) or not len(new):
        return False
    values = sorted({*old.distinct(), *new.distinct()})
    first = np.bincount(old.places(values), minlength=len(values)) / len(old)
    then = np.bincount(new.places(values), minlength=len(values)) / len(new)
    first, then = np.maximum(first, 1e-4), np.maximum(then, 1e-4)
    index = float(((then - first) * np.log(then / first)).sum())
    by_chance = (len(values) - 1) * sum(1 / n for n in deals)
    return index > DRIFT and index > TIMES_CHANCE * by_chance


def _told(table: Columns, name: str) -> Texts:
    """The bands of a feature, without those where its absence means nothing."""
    found = bands(table, name)
    return found[found.places(("unknown",)) < 0] if name in SILENT else found


def changed(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> str:
    """What a retrain changed, as a code for the card's changelog."""
    if before is None:
        return "first"
    if before["id"] == now["id"]:
        return ""
    if before["speaks"] != now["speaks"]:
        return "opened" if now["speaks"] else "closed"
    return "kind_changed" if before["chosen"] != now["chosen"] else "new_data"
