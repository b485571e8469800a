"""Snapshots -> what each value of each feature goes with, in points of win probability, with a verdict.

What a deal is (owner, region, source, amount) is judged among deals alike in these: their first snapshot, one
row per deal. To hold the stage fixed as well would take out of it what it works through. How a deal moves
(stage, pace, activity) is judged among snapshots alike in everything else.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from analytics import verdict
from analytics.drivers import fit
from analytics.drivers.features import GROUP_OF, NUMBERS, Columns, Floats, Ints
from analytics.drivers.shapley import sigmoid
from analytics.drivers.texts import Texts
from analytics.drivers.window import Window
from analytics.facts import Verdict
from analytics.questions import AMOUNT_BANDS
from analytics.verdict import Z95

FEWEST_DEALS = 30  #: below it a value is no driver, only part of the rest
MOST_VALUES = 60  #: of one feature; those with fewer deals are part of the rest
LOOSE = 10.0  #: prior variance of a weight: keeps the fit finite and hides nothing
MOST_ROWS = 4_000  #: snapshots over which an effect is averaged
BLOCKS, FEWEST_IN_BLOCK = 4, 400  #: spans of time in which each sign is looked at, and deals of each
Z_FLIP = 2.576  #: both signs of a flip lie this clear of zero: 99 %, since every value could flip
REST = "\x00rest"
UNKNOWN = "unknown"  #: band of a number: says that a history is missing, not what drives winning
TWIN = {"activities_30d": "days_since_activity"}  #: no activity in 30 days is 30 days since the last one

WHAT_IT_IS = ("amount", "people", "segment")
#: Cuts of numbers that people talk in.
CUTS: Mapping[str, tuple[float, ...]] = {
    "age_days": (30, 60, 90, 120),
    "days_in_stage": (7, 30, 60),
    "days_to_due": (0, 30, 60),
    "push_count": (1, 2),
    "days_since_activity": (7, 15, 30),
    "activities_30d": (1, 3, 6),
    "amount": tuple(top for top, _ in AMOUNT_BANDS if top),
}


@dataclass(frozen=True, slots=True)
class Levels:
    """The values of one feature, the place of each row's among them, and deals of each."""

    feature: str
    values: tuple[str, ...]
    codes: Ints
    deals: Ints


@dataclass(frozen=True, slots=True)
class Estimate:
    """The effect of each level of a feature against the average deal, and its standard error."""

    effect: Floats
    error: Floats


def labels(feature: str) -> tuple[str, ...]:
    """The bands of a number in words; the last one is for a number nobody knows.

    >>> labels("days_since_activity")
    ('under 7 days', '7 to 14 days', '15 to 29 days', '30 days and more', 'unknown')
    """
    if feature == "amount":
        return (*(label for _, label in AMOUNT_BANDS), UNKNOWN)
    cuts = [int(cut) for cut in CUTS[feature]]
    unit = "" if feature in ("push_count", "activities_30d") else " days"
    first = "none" if cuts[0] == 1 else "overdue" if cuts[0] == 0 else f"under {cuts[0]}{unit}"
    inner = [_span(low, high - 1, unit) for low, high in pairwise(cuts)]
    return (first, *inner, f"{cuts[-1]}{unit} and more", UNKNOWN)


def _span(low: int, high: int, unit: str) -> str:
    return f"{low}{unit}" if low == high else f"{low} to {high}{unit}"


def effects(window: Window, used: Sequence[str]) -> list[dict[str, Any]]:
    """One entry per value that enough deals have: its effect, range, p, verdict, stability.

    Only the main kind of business: kinds are never pooled. Effects of one feature average to zero.

    Returns:
        Strongest help first. Empty when too few deals are known.
    """
    main = _main(window)
    judged = [name for name in used if (name in CUTS or name not in NUMBERS) and TWIN.get(name) not in used]
    is_first = _first_of_deal(main)
    found = [
        *_of(main.rows(is_first), [n for n in judged if GROUP_OF[n] in WHAT_IT_IS], WHAT_IT_IS),
        *_of(main, judged, ("stage", "pace", "activity")),
    ]
    if not found:
        return []
    p = np.array([math.erfc(abs(one["effect"]) / one["error"] / math.sqrt(2)) for one in found])
    for one, raw, paid in zip(found, p.tolist(), _paid(found, p).tolist(), strict=True):
        one["p"], one["p_adjusted"], one["verdict"] = raw, paid, str(_verdict(raw, paid))
    return sorted(found, key=lambda one: -one["effect"])


def _paid(found: Sequence[Mapping[str, Any]], p: Floats) -> Floats:
    """Each p after paying for all values, and for those of its own feature.

    The strong effects of one feature would otherwise buy chance findings in another: among 25 equal owners,
    say, which is where a wrong word hurts most.
    """
    paid = verdict.benjamini_hochberg(p)
    features = np.array([one["feature"] for one in found])
    for feature in set(features.tolist()):
        own = features == feature
        paid[own] = np.maximum(paid[own], verdict.benjamini_hochberg(p[own]))
    return paid


def _verdict(p: float, paid: float) -> Verdict:
    if paid <= verdict.ALPHA:
        return Verdict.SIGNAL
    return Verdict.HINT if p <= verdict.ALPHA else Verdict.NOISE


def _main(window: Window) -> Window:
    kinds = window.table["deal_type"]
    return window.rows(kinds.codes == kinds.count.argmax()) if len(window) else window


def _first_of_deal(window: Window) -> Any:
    order = np.lexsort((window.day, window.deal))
    _, place = np.unique(window.deal[order], return_index=True)
    found = np.zeros(len(window), bool)
    found[order[place]] = True
    return found


def _of(window: Window, judged: Sequence[str], groups: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The effects of features of some groups, among rows alike in all features judged."""
    if window.deals < FEWEST_IN_BLOCK or not 0 < window.y.mean() < 1:
        return
    levels = [found for name in judged if len((found := _levels(window, name)).values) > 1]
    shown = [one for one in levels if GROUP_OF[one.feature] in groups]
    if not shown:
        return
    whole = _estimates(window, levels)
    spans = [_estimates(window.rows(part), [_rows(one, part) for one in levels]) for part in _blocks(window)]
    for one in shown:
        for place, value in enumerate(one.values):
            known = whole[one.feature]
            is_no_value = value == REST or (value == UNKNOWN and one.feature in NUMBERS)
            if is_no_value or not known.error[place] > 0:
                continue
            error = max(float(known.error[place]), _least_error(window, int(one.deals[place])))
            yield {
                "feature": one.feature,
                "value": value,
                "group": GROUP_OF[one.feature],
                "effect": float(known.effect[place]),
                "error": error,
                "low": float(known.effect[place] - Z95 * error),
                "high": float(known.effect[place] + Z95 * error),
                "n": int(one.deals[place]),
            } | _steadiness([span[one.feature] for span in spans], place)


def _least_error(window: Window, deals: int) -> float:
    """How far the rate of so many deals of the whole strays from it by luck alone.

    The errors of a fit are those at the rates found, so a value that was unlucky would seem too sure of it.

    Source: a score test takes the variance under the null, Rao 1948; see `tests.bench.truth`.
    """
    base, others = window.base, max(window.deals - deals, 0)
    return math.sqrt(base * (1 - base) * others / (deals * window.deals))


def _levels(window: Window, feature: str) -> Levels:
    banded = bands(window.table, feature)
    names, codes = banded.names, banded.codes
    deals = _deals_of(window, codes, len(names))
    kept = np.flatnonzero(deals >= max(FEWEST_DEALS, np.sort(deals)[::-1][:MOST_VALUES][-1]))
    place = np.full(len(names), len(kept))
    place[kept] = np.arange(len(kept))
    chosen = tuple(names[code] for code in kept)
    rest = (REST,) if (place[codes] == len(kept)).any() else ()
    return Levels(feature, chosen + rest, place[codes], np.append(deals[kept], 0))


def _deals_of(window: Window, codes: Ints, count: int) -> Ints:
    pairs = np.unique(window.deal * count + codes)
    return np.bincount(pairs % count, minlength=count)


def _rows(levels: Levels, part: Any) -> Levels:
    return Levels(levels.feature, levels.values, levels.codes[part], levels.deals)


def _blocks(window: Window) -> list[Any]:
    """Masks of equal shares of the deals in order of time; none when they would be too few."""
    count = min(BLOCKS, window.deals // FEWEST_IN_BLOCK)
    if count < 2:
        return []
    deals, deal = np.unique(window.deal, return_inverse=True)
    first = np.full(len(deals), window.day.max())
    np.minimum.at(first, deal, window.day)
    cuts = np.quantile(first, np.arange(1, count) / count)
    block = np.searchsorted(cuts, first, side="right")[deal]
    return [block == number for number in range(count) if 0 < window.y[block == number].mean() < 1]


def _estimates(window: Window, levels: Sequence[Levels]) -> dict[str, Estimate]:
    """Effects of all features from one fit; errors by deal, so that snapshots of one deal go together.

    Source: average predicted chance if every deal had the value (partial dependence), delta method on the
    sandwich covariance clustered by deal.
    """
    columns = np.hstack([np.eye(len(one.values))[one.codes] for one in levels])
    ((intercept, weights),) = fit.logistic(columns, window, (LOOSE,))
    whole = np.column_stack([np.ones(len(columns)), columns])
    beta = np.append(intercept, weights)
    covariance = _sandwich(whole, window, sigmoid(whole @ beta))
    few = np.linspace(0, len(window) - 1, min(MOST_ROWS, len(window))).astype(int)
    found, start = {}, 1
    for one in levels:
        end = start + len(one.values)
        found[one.feature] = _effect(whole[few], window.weight[few], beta, covariance, (start, end))
        start = end
    return found


def _sandwich(whole: Floats, window: Window, chance: Floats) -> Floats:
    curvature = (whole * (window.weight * chance * (1 - chance))[:, None]).T @ whole
    penalty = np.append(0.0, np.full(whole.shape[1] - 1, 1 / LOOSE))
    bread = np.linalg.inv(curvature + np.diag(penalty))
    order = np.argsort(window.deal, kind="stable")
    scores = (whole * (window.weight * (window.y - chance))[:, None])[order]
    _, starts = np.unique(window.deal[order], return_index=True)
    by_deal = np.add.reduceat(scores, starts)
    spare = len(starts) / max(len(starts) - whole.shape[1], 1)
    return np.asarray(bread @ (by_deal.T @ by_deal) @ bread * spare)


def _effect(
    whole: Floats, weight: Floats, beta: Floats, covariance: Floats, place: tuple[int, int]
) -> Estimate:
    start, end = place
    others = whole.copy()
    others[:, start:end] = 0.0
    rest, share = others @ beta, weight / weight.sum()
    chance = sigmoid(rest[:, None] + beta[start:end])
    slope = share[:, None] * chance * (1 - chance)
    gradient = slope.T @ others
    gradient[:, start:end] += np.diag(slope.sum(axis=0))
    mean, mix = share @ chance, share @ whole[:, start:end]
    against = gradient - mix @ gradient
    variance = np.einsum("ij,jk,ik->i", against, covariance, against)
    return Estimate(mean - mix @ mean, np.sqrt(np.maximum(variance, 0.0)))


def _steadiness(spans: Sequence[Estimate], place: int) -> dict[str, bool]:
    """Is the sign the same in every span of time; did it turn, clear of zero before and after?"""
    signs = [span.effect[place] for span in spans]
    stable = len(signs) > 1 and (all(s > 0 for s in signs) or all(s < 0 for s in signs))
    clear = [s / span.error[place] for s, span in zip(signs, spans, strict=True) if span.error[place] > 0]
    flipped = len(clear) > 1 and any(z * clear[-1] < 0 and _is_clear(z, clear[-1]) for z in clear[:-1])
    return {"stable": bool(stable), "flipped": bool(flipped)}


def _is_clear(before: float, now: float) -> bool:
    return min(abs(before), abs(now)) > Z_FLIP


def bands(table: Columns, feature: str) -> Texts:
    """The band or category of each row."""
    if feature not in CUTS:
        return table[feature]  # type: ignore[no-any-return]
    given, cuts = table[feature], CUTS[feature]
    band = np.searchsorted(cuts, given, side="right")
    return Texts(labels(feature), np.where(np.isnan(given), len(cuts) + 1, band))
