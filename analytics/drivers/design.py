"""A training window -> the terms of an additive model, every aggregate of them taken inside that window."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics import verdict
from analytics.drivers import features, terms
from analytics.drivers.features import SEGMENT, SILENT, TEXTS, Columns, Floats, Ints, squeezed
from analytics.drivers.shapley import logit
from analytics.drivers.terms import Bands, Cross, Names, Plain, Ramps, Rates, Term
from analytics.drivers.texts import Texts
from analytics.drivers.window import FOLDS, Window

KNOTS = 6  #: at evenly spread shares of a number's values; a judgement, not tuned
SHRUNKEN = 5.0  #: shrunken rates stand this much steeper in their column, so that the penalty spares them
FEW = 12  #: categories of up to so many values get a column each, others their shrunken rate
FEWEST_OF_VALUE = 20  #: snapshots below which a value has no column of its own
FEWEST_OF_SEGMENT = 30  #: snapshots below which a segment's usual amount is everybody's


@dataclass(frozen=True, slots=True)
class Usual:
    """The usual amount, on the squeezed scale, of each segment; `overall` for small and unseen ones."""

    overall: float
    of: Mapping[str, float]

    def filled(self, table: Columns) -> dict[str, Any]:
        """The table with `amount_vs_usual`: how far a deal's amount lies from its segment's usual one."""
        segment = table[SEGMENT]
        usual = np.array([self.of.get(name, self.overall) for name in segment.names], float)
        return dict(table) | {"amount_vs_usual": squeezed(table["amount"]) - usual[segment.codes]}


def usual_amounts(table: Columns) -> Usual:
    """The median amount of each segment of the table."""
    amount = squeezed(table["amount"])
    known = ~np.isnan(amount)
    if not known.any():
        return Usual(0.0, {})
    segment, amount = table[SEGMENT][known], amount[known]
    medians = {
        segment.names[code]: float(np.median(amount[segment.codes == code]))
        for code in np.flatnonzero(segment.count >= FEWEST_OF_SEGMENT)
    }
    return Usual(float(np.median(amount)), medians)


@dataclass(frozen=True, slots=True)
class Design:
    """What a deal's features are turned into before they are weighed."""

    usual: Usual
    terms: tuple[Term, ...]

    def columns(self, table: Columns) -> Floats:
        """One row per deal, the terms' columns side by side."""
        filled = self.usual.filled(table)
        return np.column_stack(
            [np.zeros((features.size(table), 0)), *(t.columns(filled) for t in self.terms)]
        )

    def doubts(self, table: Columns) -> Floats:
        """One row per deal, one column per term: what the terms themselves are unsure of."""
        return np.column_stack([np.zeros((features.size(table), 0)), *(t.doubt(table) for t in self.terms)])

    @property
    def shares(self) -> Floats:
        """One row per column, one column per group: how much of it the group answers for."""
        of_terms = [np.tile(terms.shares(term), (term.width, 1)) for term in self.terms]
        return np.vstack([np.zeros((0, len(features.GROUPS))), *of_terms])

    @property
    def starts(self) -> list[int]:
        """The first column of each term, and one past the last."""
        return [0, *np.cumsum([term.width for term in self.terms]).tolist()]

    def to_json(self) -> dict[str, Any]:
        """The design as plain values."""
        return {"usual": asdict(self.usual), "terms": [terms.to_json(term) for term in self.terms]}

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> "Design":
        """The design that `to_json` wrote."""
        return Design(Usual(**kept["usual"]), tuple(terms.from_json(term) for term in kept["terms"]))


@dataclass(frozen=True, slots=True)
class Learned:
    """A design and the window's own columns, in which no deal's rate holds that deal's outcome."""

    design: Design
    columns: Floats


def learn(window: Window, used: Sequence[str], pairs: Sequence[tuple[str, str]] = ()) -> Learned:
    """The design of these features and pairs for a window.

    Categories of many values are encoded by their win rate; in the columns to train on, each fold's rates
    come from the other folds, and all snapshots of a deal are in one fold.
    """
    usual = usual_amounts(window.table)
    table = usual.filled(window.table)
    found = [_term(table, window, name) for name in used]
    kept = [term for term in found if term is not None and term.width]
    crosses = [cross for first, second in pairs if (cross := crossing(table, first, second)).width]
    return _learned(Design(usual, (*kept, *crosses)), table, window)


def learn_plainly(window: Window, used: Sequence[str]) -> Learned:
    """Numbers as they are and every category as its rate, for a model that finds shapes itself."""
    usual = usual_amounts(window.table)
    everything = np.ones(len(window), bool)
    found = [rates(name, window, everything) if name in TEXTS else Plain(name) for name in used]
    return _learned(Design(usual, tuple(found)), usual.filled(window.table), window)


def _learned(design: Design, table: Columns, window: Window) -> Learned:
    filled = [_cross_fitted(t, window) if isinstance(t, Rates) else t.columns(table) for t in design.terms]
    return Learned(design, np.column_stack([np.zeros((len(window), 0)), *filled]))


def _term(table: Columns, window: Window, name: str) -> Term | None:
    if name not in TEXTS:
        return ramps(name, table[name])
    if len(table[name].distinct()) > FEW:
        return rates(name, window, np.ones(len(window), bool))
    return names(name, table[name])


def ramps(name: str, values: NDArray[Any]) -> Ramps | None:
    """A number's term, None when it never varies here."""
    shape = squeezed(values)
    known = shape[~np.isnan(shape)]
    knots = np.unique(np.quantile(known, np.linspace(0.02, 0.98, KNOTS)).round(6)) if known.size else known
    missing = bool(known.size < shape.size) and name not in SILENT
    if knots.size < 2:
        if known.size and known.min() < known.max():
            knots = np.array([known.min(), known.max()])
        else:
            return None
    return Ramps(name, tuple(knots.tolist()), float(np.median(known)), missing)


def names(name: str, values: Texts) -> Names:
    """The term of a category of few values; rare ones share the average."""
    kept = np.flatnonzero(values.count >= FEWEST_OF_VALUE)
    return Names(name, tuple(sorted(values.names[code] for code in kept)))


def rates(name: str, window: Window, chosen: NDArray[np.bool_]) -> Rates:
    """The term of a category of many values, from the chosen snapshots.

    Source: rates shrunken by the beta-binomial prior of `analytics.verdict`, so that values which spread no
    more than by chance all count 0.
    """
    values = tuple(window.table[name].distinct())
    codes, weight = window.table[name].places(values)[chosen], window.weight[chosen]
    n = np.bincount(codes, weight, len(values))
    won = np.bincount(codes, weight * window.y[chosen], len(values))
    prior = verdict.prior(won, n)
    if not 0 < prior.rate < 1 or not np.isfinite(prior.strength):
        return Rates(name, values, (0.0,) * len(values), (0.0,) * len(values), 0.0)
    rate = np.clip(prior.shrink(won, n), 1e-4, 1 - 1e-4)
    spread = 1 / (rate * (1 - rate) * (n + prior.strength + 1))
    unseen = float(1 / (prior.rate * (1 - prior.rate) * (prior.strength + 1)))
    effects = SHRUNKEN * (np.log(rate / (1 - rate)) - logit(prior.rate))
    doubts = SHRUNKEN**2 * spread
    return Rates(name, values, tuple(effects.tolist()), tuple(doubts.tolist()), SHRUNKEN**2 * unseen)


def _cross_fitted(term: Rates, window: Window) -> Floats:
    found = np.zeros((len(window), 1))
    for fold in range(FOLDS):
        inside = window.fold == fold
        found[inside] = rates(term.feature, window, ~inside).columns(window.table)[inside]
    return found


def crossing(table: Columns, first: str, second: str) -> Cross:
    """The term of a pair: a cell for each combination with enough snapshots."""
    one, two = coder(table, first), coder(table, second)
    codes = terms.crossed(one.codes(table), two.codes(table), two.width)
    return Cross(one, two, tuple(filled_cells(codes).tolist()))


def filled_cells(codes: Ints) -> Ints:
    """The cells of a pair that enough snapshots are in, in order; a negative code is in none."""
    return np.flatnonzero(np.bincount(codes[codes >= 0]) >= FEWEST_OF_VALUE)


def coder(table: Columns, name: str) -> Names | Bands:
    """What tells the values of a feature apart in a pair."""
    if name in TEXTS:
        return names(name, table[name])
    known = table[name][~np.isnan(table[name])]
    return Bands(name, tuple(np.unique(np.quantile(known, (0.25, 0.5, 0.75))).tolist()))


def possible_pairs(used: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Every two features that may say more together than each alone."""
    alone = [name for name in used if name != "amount_vs_usual"]
    for place, first in enumerate(alone):
        for second in alone[place + 1 :]:
            yield first, second
