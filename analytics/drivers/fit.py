"""A training window -> a candidate: additive, the same with pairs, or boosting, calibrated out of fold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from analytics.drivers import design as designs
from analytics.drivers import features, measures, terms
from analytics.drivers.additive import Additive, built
from analytics.drivers.boosted import Boosted
from analytics.drivers.design import learn, learn_plainly
from analytics.drivers.features import Floats
from analytics.drivers.shapley import logit, sigmoid
from analytics.drivers.window import FOLDS, Window

Kind = Literal["additive", "pairs", "boosting"]

#: Candidates, the most explainable first: a later one must be better by more than noise.
CANDIDATES: tuple[Kind, ...] = ("additive", "pairs", "boosting")

#: Strengths tried: the prior variance of a weight in log-odds. From "hardly any effect" to "anything goes".
STRENGTHS = (0.03, 0.2, 1.0)
MOST_PAIRS = 4
PAIR_LEVEL = 0.01  #: p of a pair after paying for every pair looked at
TRIED_ON = 24_000  #: snapshots on which strengths and pairs are chosen, whole deals; for time
BOOSTING: dict[str, Any] = {
    "learning_rate": 0.06,
    "max_iter": 300,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 60,
    "l2_regularization": 5.0,
    "n_iter_no_change": 15,
}


@dataclass(frozen=True, slots=True)
class Calibration:
    """Log-odds as they come out of fold -> log-odds that happen as often as they say: `shift + slope x`.

    Source: Platt 1999, as in CalibratedClassifierCV(method="sigmoid", ensemble=False). It is straight in
    log-odds, so that what adds up before adds up after; isotonic steps would not, and hurt on small data.
    """

    shift: float
    slope: float


def fitted(kind: Kind, window: Window, used: Sequence[str]) -> Additive | Boosted:
    """A candidate, fitted and calibrated on a window.

    Raises:
        ValueError: everything in the window ended the same way.
    """
    if kind == "boosting":
        return _boosted(window, used)
    pairs = chosen_pairs(window, used) if kind == "pairs" else ()
    return _additive(window, used, pairs)


def _additive(window: Window, used: Sequence[str], pairs: Sequence[tuple[str, str]]) -> Additive:
    trial = _trial(window)
    tried = out_of_fold(trial, used, pairs, STRENGTHS)
    losses = [measures.log_loss(trial.y, sigmoid(one), trial.weight) for one in tried]
    best = int(np.argmin(losses))
    learned = learn(window, used, pairs)
    intercept, weights = logistic(learned.columns, window, STRENGTHS[best])
    adjusted = calibration(tried[best], trial)
    return built(learned, window, intercept, weights, STRENGTHS[best], adjusted.shift, adjusted.slope)


def _plain(window: Window, used: Sequence[str]) -> Additive:
    """The additive model of a middling strength, for how unsure odds are."""
    learned = learn(window, used)
    intercept, weights = logistic(learned.columns, window, STRENGTHS[1])
    return built(learned, window, intercept, weights, STRENGTHS[1], 0.0, 1.0)


def _trial(window: Window) -> Window:
    """The window, or a part of its deals when it is large."""
    if len(window) <= TRIED_ON:
        return window
    share = int(np.ceil(len(window) / TRIED_ON))
    return window.rows(window.deal % share == 0)


def out_of_fold(
    window: Window, used: Sequence[str], pairs: Sequence[tuple[str, str]], strengths: Sequence[float]
) -> Floats:
    """Log-odds of each snapshot from models that saw no snapshot of its deal: one row per strength."""
    found = np.full((len(strengths), len(window)), 0.0)
    for rest, held in _folds(window):
        inner = window.rows(rest)
        learned = learn(inner, used, pairs)
        unseen = learned.design.columns(features.rows(window.table, held))
        for place, strength in enumerate(strengths):
            intercept, weights = logistic(learned.columns, inner, strength)
            found[place, held] = intercept + unseen @ weights
    return found


def _folds(window: Window) -> Iterator[tuple[Any, Any]]:
    """Masks of the deals to learn from and of those held back."""
    for fold in range(FOLDS):
        held = window.fold == fold
        if held.any() and 0 < window.y[~held].mean() < 1:
            yield ~held, held


def logistic(columns: Floats, window: Window, strength: float) -> tuple[float, Floats]:
    """Intercept and weights of the penalised fit."""
    from sklearn.linear_model import LogisticRegression

    if not columns.shape[1]:
        return logit(window.base), np.zeros(0)
    model = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=100)
    model.fit(columns, window.y, sample_weight=window.weight)
    return float(model.intercept_[0]), np.asarray(model.coef_[0], float)


def calibration(logits: Floats, window: Window) -> Calibration:
    """How far log-odds from out of fold must be stretched and shifted; a slope below zero is none at all."""
    shift, slope = logistic(logits[:, None], window, 1e6)
    if np.ptp(logits) == 0 or slope[0] <= 0:
        return Calibration(logit(window.base), 0.0)
    return Calibration(shift, float(slope[0]))


def chosen_pairs(window: Window, used: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The few pairs of features that explain what the additive model leaves, out of fold.

    Source: a score test of each pair's cells on out-of-fold residuals, Bonferroni over all pairs.
    """
    trial = _trial(window)
    logits = out_of_fold(trial, used, (), STRENGTHS[1:2])[0]
    chance = sigmoid(logits)
    table = designs.usual_amounts(trial.table).filled(trial.table)
    possible = list(designs.possible_pairs(used))
    scored = [(_surprise(trial, table, chance, pair), pair) for pair in possible]
    best = sorted((p, pair) for p, pair in scored if p * len(possible) <= PAIR_LEVEL)
    return tuple(pair for _, pair in best[:MOST_PAIRS])


def _surprise(window: Window, table: Any, chance: Floats, pair: tuple[str, str]) -> float:
    """p of "in no cell of the pair is more or less won than the model says", one deal counted as one."""
    from scipy.special import chdtrc

    cross = designs.crossing(table, *pair)
    if cross.width < 2:
        return 1.0
    codes = terms.crossed(cross.first.codes(table), cross.second.codes(table), cross.second.width)
    inside = np.isin(codes, cross.cells)
    cell = np.searchsorted(cross.cells, codes[inside])
    y, p, weight = window.y[inside], chance[inside], window.weight[inside]
    excess = np.bincount(cell, weight * (y - p), cross.width)
    spread = _clustered(window.deal[inside], cell, weight * (y - p), cross.width)
    return float(chdtrc(cross.width, float((excess**2 / np.maximum(spread, 1e-12)).sum())))


def _clustered(deal: Any, cell: Any, residual: Floats, width: int) -> Floats:
    """Variance of each cell's sum of residuals, where those of one deal go together."""
    keys, place = np.unique(deal * width + cell, return_inverse=True)
    sums = np.bincount(place, residual)
    return np.asarray(np.bincount((keys % width).astype(np.int64), sums**2, width), float)


def _boosted(window: Window, used: Sequence[str]) -> Boosted:
    """Boosting on numbers and shrunken rates, stopped when held-back deals gain no more.

    An additive model goes with it, for how unsure each deal's odds are.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier as Trees

    trial = _trial(window)
    logits, rounds = np.zeros(len(trial)), []
    for rest, held in _folds(trial):
        inner = trial.rows(rest)
        coded = learn_plainly(inner, used)
        unseen = coded.design.columns(features.rows(trial.table, held))
        model = Trees(**BOOSTING, early_stopping=True, random_state=0)
        kept = trial.rows(held)
        model.fit(
            coded.columns,
            inner.y,
            inner.weight,
            X_val=unseen,
            y_val=kept.y,
            sample_weight_val=kept.weight,
        )
        rounds.append(model.n_iter_)
        logits[held] = model.decision_function(unseen)
    coded = learn_plainly(window, used)
    settings = BOOSTING | {"max_iter": max(int(np.median(rounds)), 5), "n_iter_no_change": 10}
    model = Trees(**settings, early_stopping=False, random_state=0)
    model.fit(coded.columns, window.y, window.weight)
    adjusted = calibration(logits, trial)
    return Boosted.of(model, coded.design, window, _plain(window, used), adjusted.shift, adjusted.slope)
