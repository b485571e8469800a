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
from analytics.drivers.features import Floats, Ints
from analytics.drivers.shapley import logit, sigmoid
from analytics.drivers.threads import single_thread
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
    "learning_rate": 0.1,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 60,
    "l2_regularization": 5.0,
}
MOST_ROUNDS = 200


@dataclass(frozen=True, slots=True)
class Calibration:
    """Log-odds as they come out of fold -> log-odds that happen as often as they say: `shift + slope x`.

    Source: Platt 1999, as in CalibratedClassifierCV(method="sigmoid", ensemble=False). It is straight in
    log-odds, so that what adds up before adds up after; isotonic steps would not, and hurt on small data.
    """

    shift: float
    slope: float


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Snapshots, the log-odds that models of the best strength gave them which saw none of their deal."""

    window: Window
    logits: Floats
    strength: float


def fitted(
    kind: Kind, window: Window, used: Sequence[str], plain: HeldBack | None = None
) -> Additive | Boosted:
    """A candidate, fitted and calibrated on a window.

    Args:
        plain: `held_back` of the same window and features, to make it once for all candidates.

    Raises:
        ValueError: everything in the window ended the same way.
    """
    with single_thread():
        plain = plain or held_back(window, used)
        if kind == "boosting":
            return _boosted(window, used, _additive(window, used, (), plain))
        pairs = chosen_pairs(plain, used) if kind == "pairs" else ()
        held = held_back(window, used, pairs, (plain.strength,)) if pairs else plain
        return _additive(window, used, pairs, held)


def _additive(
    window: Window, used: Sequence[str], pairs: Sequence[tuple[str, str]], held: HeldBack
) -> Additive:
    learned = learn(window, used, pairs)
    (intercept, weights), *_ = logistic(learned.columns, window, (held.strength,))
    adjusted = calibration(held.logits, held.window)
    return built(learned, window, intercept, weights, held.strength, adjusted.shift, adjusted.slope)


def held_back(
    window: Window,
    used: Sequence[str],
    pairs: Sequence[tuple[str, str]] = (),
    strengths: Sequence[float] = STRENGTHS,
) -> HeldBack:
    """What the additive model says of deals it has not seen, at the best of these strengths."""
    trial = _trial(window)
    tried = np.zeros((len(strengths), len(trial)))
    for rest, held in _folds(trial):
        inner = trial.rows(rest)
        learned = learn(inner, used, pairs)
        unseen = learned.design.columns(features.rows(trial.table, held))
        for place, (intercept, weights) in enumerate(logistic(learned.columns, inner, strengths)):
            tried[place, held] = intercept + unseen @ weights
    losses = [measures.log_loss(trial.y, sigmoid(one), trial.weight) for one in tried]
    best = int(np.argmin(losses))
    return HeldBack(trial, tried[best], strengths[best])


def _trial(window: Window) -> Window:
    """The window, or a part of its deals when it is large."""
    if len(window) <= TRIED_ON:
        return window
    share = int(np.ceil(len(window) / TRIED_ON))
    return window.rows(window.deal % share == 0)


def _folds(window: Window) -> Iterator[tuple[Any, Any]]:
    """Masks of the deals to learn from and of those held back."""
    for fold in range(FOLDS):
        held = window.fold == fold
        if held.any() and 0 < window.y[~held].mean() < 1:
            yield ~held, held


def logistic(columns: Floats, window: Window, strengths: Sequence[float]) -> Iterator[tuple[float, Floats]]:
    """Intercept and weights of the penalised fit of each strength, each starting from the one before."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(solver="newton-cholesky", max_iter=100, warm_start=True)
    for strength in strengths:
        if not columns.shape[1]:
            yield logit(window.base), np.zeros(0)
            continue
        model.set_params(C=strength).fit(columns, window.y, sample_weight=window.weight)
        yield float(model.intercept_[0]), np.array(model.coef_[0], float)


def calibration(logits: Floats, window: Window) -> Calibration:
    """How far log-odds from out of fold must be stretched and shifted; a slope below zero is none at all."""
    ((shift, slope),) = logistic(logits[:, None], window, (1e6,))
    if np.ptp(logits) == 0 or slope[0] <= 0:
        return Calibration(logit(window.base), 0.0)
    return Calibration(shift, float(slope[0]))


def chosen_pairs(held: HeldBack, used: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """The few pairs of features that explain what the additive model leaves, out of fold.

    Source: a score test of each pair's cells on out-of-fold residuals, Bonferroni over all pairs.
    """
    window = held.window
    residual = window.weight * (window.y - sigmoid(held.logits))
    table = designs.usual_amounts(window.table).filled(window.table)
    coders = {name: designs.coder(table, name) for name in used}
    codes = {name: coder.codes(table) for name, coder in coders.items()}
    scored = []
    for first, second in designs.possible_pairs(used):
        cell = terms.crossed(codes[first], codes[second], coders[second].width)
        scored.append((_surprise(cell, window.deal, residual), (first, second)))
    best = sorted((p, pair) for p, pair in scored if p * len(scored) <= PAIR_LEVEL)
    return tuple(pair for _, pair in best[:MOST_PAIRS])


def _surprise(cell: Ints, deal: Ints, residual: Floats) -> float:
    """p of "in no cell of the pair is more or less won than the model says", one deal counted as one."""
    from scipy.special import chdtrc

    cells = designs.filled_cells(cell)
    if len(cells) < 2:
        return 1.0
    place = np.full(cells[-1] + 2, -1)
    place[cells] = np.arange(len(cells))
    cell = place[np.minimum(cell, cells[-1] + 1)]
    inside = cell >= 0
    excess = np.bincount(cell[inside], residual[inside], len(cells))
    spread = _clustered(deal[inside], cell[inside], residual[inside], len(cells))
    return float(chdtrc(len(cells), float((excess**2 / np.maximum(spread, 1e-12)).sum())))


def _clustered(deal: Ints, cell: Ints, residual: Floats, width: int) -> Floats:
    """Variance of each cell's sum of residuals, where those of one deal go together."""
    keys, place = np.unique(deal * width + cell, return_inverse=True)
    sums = np.bincount(place, residual)
    return np.asarray(np.bincount((keys % width).astype(np.int64), sums**2, width), float)


def _boosted(window: Window, used: Sequence[str], unsure: Additive) -> Boosted:
    """Boosting on numbers and shrunken rates; held-back deals say when to stop, and calibrate it.

    One part of the deals is held back, once: to take turns costs twice the time and changes log loss by less
    than 0.001 on the sample.

    An additive model goes with it, for how unsure each deal's odds are.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier as Trees

    trial = _trial(window)
    rest, held = next(_folds(trial))
    inner, kept = trial.rows(rest), trial.rows(held)
    coded = learn_plainly(inner, used)
    unseen = coded.design.columns(kept.table)
    first = Trees(**BOOSTING, max_iter=MOST_ROUNDS, early_stopping=True, n_iter_no_change=10, random_state=0)
    given = {"X_val": unseen, "y_val": kept.y, "sample_weight_val": kept.weight}
    first.fit(coded.columns, inner.y, inner.weight, **given)
    adjusted = calibration(first.decision_function(unseen), kept)
    coded = learn_plainly(window, used)
    trees = Trees(**BOOSTING, max_iter=max(first.n_iter_, 5), early_stopping=False, random_state=0)
    trees.fit(coded.columns, window.y, window.weight)
    return Boosted.of(trees, coded.design, window, unsure, adjusted.shift, adjusted.slope)
