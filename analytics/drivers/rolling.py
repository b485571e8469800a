"""Snapshots -> what each candidate would have said of quarters it had not seen, beside two base rates.

Rolling origin: at the start of a quarter a candidate learns from what was known by then and gives the odds of
deals looked at in that quarter; none of these deals is among those it learned from.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from analytics import verdict
from analytics.drivers import features, fit, measures
from analytics.drivers.design import usual_amounts
from analytics.drivers.features import TEXTS, Columns, Floats, Ints
from analytics.drivers.fit import Kind
from analytics.drivers.shapley import sigmoid
from analytics.drivers.texts import Texts, joined
from analytics.drivers.window import Snapshots, Window, fully_followed, known_on

#: Quarters tried, at most. Source: a year and a quarter; what was true before may not be any more.
MOST_ORIGINS = 5
FEWEST_KNOWN = 200  #: deals whose end must be known before a candidate is fitted
FEWEST_UNSEEN = 60  #: deals that a quarter must hold to be a test
FEWEST_OF_EACH = 20  #: won and not won snapshots in a training window
MOST_SNAPSHOTS = 24_000  #: for the evaluation, whole deals; for time

BASES = ("base_rate", "base_rate_at_stage")


@dataclass(frozen=True, slots=True)
class Origin:
    """A day on which candidates were fitted, and the quarter after it that they were tried on."""

    day: int
    known: Window
    unseen: Window


@dataclass(frozen=True, slots=True)
class Trial:
    """All unseen snapshots, and the chance that each candidate and each base rate gave them."""

    texts: Mapping[str, Texts]
    origin: Ints
    deal: Ints
    day: Ints
    y: Floats
    weight: Floats
    chances: Mapping[str, Floats]

    @property
    def deals(self) -> int:
        """How many unseen deals."""
        return len(np.unique(self.deal))

    @property
    def candidates(self) -> tuple[str, ...]:
        """The models tried, most explainable first."""
        return tuple(name for name in self.chances if name not in BASES)


def origins(seen: Snapshots, as_of_day: int, within: int) -> list[Origin]:
    """The last quarters that have enough deals before and in them, oldest first."""
    found: list[Origin] = []
    for first, end in _quarters(seen, as_of_day - within):
        known = known_on(seen, first, within)
        unseen = _others(fully_followed(seen, first, end, as_of_day, within), known)
        if is_enough(known) and unseen.deals >= FEWEST_UNSEEN:
            found.append(Origin(first, known, unseen))
    return found[-MOST_ORIGINS:]


def _quarters(seen: Snapshots, last: int) -> Iterator[tuple[int, int]]:
    """First day of each quarter from the first snapshot to `last`, and of the one after it."""
    if not len(seen):
        return
    day = date.fromordinal(int(seen.day.min()))
    year, quarter = day.year, (day.month - 1) // 3
    while (first := date(year, 3 * quarter + 1, 1).toordinal()) <= last:
        year, quarter = (year + 1, 0) if quarter == 3 else (year, quarter + 1)
        yield first, date(year, 3 * quarter + 1, 1).toordinal()


def _others(unseen: Window, known: Window) -> Window:
    """The deals that are not among the known ones; together they weigh as many as they are."""
    kept = unseen.rows(~np.isin(unseen.deal, known.deal))
    scale = kept.deals / len(kept) if len(kept) else 1.0
    return Window(kept.table, kept.deal, kept.fold, kept.day, kept.y, kept.weight * scale)


def is_enough(known: Window) -> bool:
    """Are enough deals known, won and not, to fit anything?"""
    won = int(known.y.sum())
    return known.deals >= FEWEST_KNOWN and min(won, len(known) - won) >= FEWEST_OF_EACH


def sampled(seen: Snapshots, most: int = MOST_SNAPSHOTS) -> Snapshots:
    """The snapshots, or those of a share of the deals when there are too many."""
    share = int(np.ceil(len(seen) / most)) if len(seen) else 1
    return seen if share == 1 else seen.rows(seen.deal % share == 0)


def trial(found: Sequence[Origin], candidates: Sequence[Kind]) -> Trial:
    """What each candidate says of each origin's unseen deals.

    Raises:
        ValueError: there is no origin.
    """
    if not found:
        raise ValueError("There is no quarter to try a model on.")
    said = [_said(origin, candidates) for origin in found]
    unseen = [origin.unseen for origin in found]
    return Trial(
        texts={n: joined([one.table[n] for one in unseen]) for n in TEXTS},
        origin=np.concatenate([np.full(len(one.unseen), one.day) for one in found]),
        deal=np.concatenate([one.deal for one in unseen]),
        day=np.concatenate([one.day for one in unseen]),
        y=np.concatenate([one.y for one in unseen]),
        weight=np.concatenate([one.weight for one in unseen]),
        chances={name: np.concatenate([one[name] for one in said]) for name in said[0]},
    )


def _said(origin: Origin, candidates: Sequence[Kind]) -> dict[str, Floats]:
    known, unseen = origin.known, origin.unseen
    said = {
        "base_rate": by_kind(known, unseen.table),
        "base_rate_at_stage": by_age_and_stage(known, unseen.table),
    }
    used = features.usable(usual_amounts(known.table).filled(known.table)).features
    plain = fit.held_back(known, used)
    for kind in candidates:
        said[kind] = sigmoid(fit.fitted(kind, known, used, plain).logits(unseen.table))
    return said


def by_kind(known: Window, table: Columns) -> Floats:
    """The share won of known deals of the same kind of business, shrunken towards the whole's."""
    kinds = known.table["deal_type"].distinct()
    of_known, asked = (each["deal_type"].places(kinds) for each in (known.table, table))
    n = np.bincount(of_known, known.weight, len(kinds))
    won = np.bincount(of_known, known.weight * known.y, len(kinds))
    rates = np.append(verdict.prior(won, n).shrink(won, n), known.base)  # the last one: a kind never seen
    return np.asarray(rates[asked], float)


def by_age_and_stage(known: Window, table: Columns) -> Floats:
    """The share won of known deals of the same kind, stage and age band, shrunken towards the kind's.

    Kinds of business win differently, and a base rate never pools them: to know that much earns no place.
    """
    kinds = known.table["deal_type"].distinct()
    of_known, asked = (each["deal_type"].places(kinds) for each in (known.table, table))
    found = by_kind(known, table)
    for kind in range(len(kinds)):
        inside = asked == kind
        found[inside] = _of_one_kind(known.rows(of_known == kind), features.rows(table, inside))
    return found


def _of_one_kind(known: Window, table: Columns) -> Floats:
    cuts = np.quantile(known.table["age_days"], (0.2, 0.4, 0.6, 0.8))
    stages = known.table["stage"].distinct()
    of_known, count = _cells(known.table, stages, cuts)
    n = np.bincount(of_known, known.weight, count)
    won = np.bincount(of_known, known.weight * known.y, count)
    rates = verdict.prior(won, n).shrink(won, n)
    return np.asarray(rates[_cells(table, stages, cuts)[0]], float)


def _cells(table: Columns, stages: Sequence[str], cuts: Floats) -> tuple[Ints, int]:
    stage = table["stage"].places(stages) + 1
    band = np.searchsorted(cuts, np.asarray(table["age_days"], float), side="right")
    return stage * (len(cuts) + 1) + band, (len(stages) + 1) * (len(cuts) + 1)


def table(tried: Trial) -> list[dict[str, Any]]:
    """One row per base rate and candidate: log loss, Brier score, AUC, calibration error and its floor."""
    floor = measures.ece_floor(tried.deals)
    return [
        {
            "name": name,
            "log_loss": measures.log_loss(tried.y, chance, tried.weight),
            "brier": measures.brier(tried.y, chance, tried.weight),
            "auc": measures.auc(tried.y, chance, tried.weight),
            "ece": measures.ece(tried.y, chance, tried.weight),
            "ece_floor": floor,
            "deals": tried.deals,
            "snapshots": len(tried.y),
            "quarters": len(np.unique(tried.origin)),
        }
        for name, chance in tried.chances.items()
    ]
