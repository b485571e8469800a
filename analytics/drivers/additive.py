"""An additive model of log-odds: scored with numpy alone, kept as JSON, its reasons exact."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.drivers.design import Design, Learned
from analytics.drivers.features import Columns, Floats
from analytics.drivers.shapley import COALITIONS, logit, sigmoid
from analytics.drivers.terms import Names
from analytics.drivers.window import Window

#: Prior variance of a weight for how unsure it is, at least: a strong penalty may suit odds on average and
#: still hide one true effect, so ranges do not lean on it. Source: coverage 0.92 instead of 0.84.
UNSURE = 0.2


@dataclass(frozen=True, slots=True)
class Additive:
    """Weights of a design's columns, calibrated.

    Log-odds are those of the base rate plus, for each group, its columns' weighted sum beyond `centres`.
    `covariance` is of intercept and weights; `scales` turn each term's own doubt into log-odds.
    """

    design: Design
    base: float
    weights: Floats
    centres: Floats
    covariance: Floats
    scales: Floats

    def groups(self, table: Columns) -> Floats:
        """Log-odds that each group adds to the base rate's: one row per deal."""
        return self._grouped(self.design.columns(table))

    def _grouped(self, columns: Floats) -> Floats:
        by_group = self.design.shares * self.weights[:, None]
        return np.asarray(columns @ by_group - self.centres, float)

    def logits(self, table: Columns) -> Floats:
        """Log-odds of each deal."""
        return np.asarray(logit(self.base) + self.groups(table).sum(axis=1), float)

    def sets(self, table: Columns, start: Columns | None) -> Floats:
        """Log-odds with each set of groups taken from `table`, the rest from `start`."""
        own = self.groups(table)
        other = np.zeros_like(own) if start is None else self.groups(start)
        start_at = logit(self.base) + other.sum(axis=1, keepdims=True)
        return np.asarray(start_at + (own - other) @ COALITIONS.T, float)

    def explained(self, table: Columns) -> tuple[Floats, Floats]:
        """Log-odds with each set of groups known, and their standard error, wide for values never seen."""
        columns = self.design.columns(table)
        sets = logit(self.base) + self._grouped(columns) @ COALITIONS.T
        whole = np.column_stack([np.ones(len(columns)), columns])
        of_weights = ((whole @ self.covariance) * whole).sum(axis=1)
        return sets, np.sqrt(np.maximum(of_weights + self.design.doubts(table) @ self.scales, 0.0))

    def to_json(self) -> dict[str, Any]:
        """The model as plain values."""
        arrays = ("weights", "centres", "covariance", "scales")
        kept = {name: getattr(self, name).tolist() for name in arrays}
        return {"design": self.design.to_json(), "base": self.base} | kept

    @staticmethod
    def from_json(kept: Mapping[str, Any]) -> "Additive":
        """The model that `to_json` wrote."""
        size = len(kept["weights"])
        return Additive(
            design=Design.from_json(kept["design"]),
            base=kept["base"],
            weights=np.array(kept["weights"], float),
            centres=np.array(kept["centres"], float),
            covariance=np.array(kept["covariance"], float).reshape(size + 1, size + 1),
            scales=np.array(kept["scales"], float),
        )


def built(
    learned: Learned,
    window: Window,
    intercept: float,
    weights: Floats,
    strength: float,
    shift: float,
    slope: float,
) -> Additive:
    """The calibrated model of a penalised fit.

    Source of the covariance: the inverse curvature of the penalised likelihood (delta method); the window's
    weights sum to its number of deals, so several snapshots of one deal claim no more than that deal knows.
    """
    design, base = learned.design, window.base
    calibrated = slope * weights
    columns = learned.columns @ (design.shares * calibrated[:, None])
    return Additive(
        design=design,
        base=base,
        weights=calibrated,
        centres=_centres(columns, window, shift + slope * intercept - logit(base)),
        covariance=slope**2 * _covariance(learned.columns, window, intercept, weights, max(strength, UNSURE))
        + _of_base(base, window, len(weights)),
        scales=_scales(design, calibrated),
    )


def _centres(groups: Floats, window: Window, offset: float) -> Floats:
    """What each group adds on average; the rest of the way to the base rate is shared by how much they vary.

    With these taken away a deal of average groups has the base rate's log-odds exactly.
    """
    mean = np.average(groups, axis=0, weights=window.weight)
    varies = np.average((groups - mean) ** 2, axis=0, weights=window.weight)
    share = varies / varies.sum() if varies.sum() else np.full(len(mean), 1 / len(mean))
    return np.asarray(mean - (offset + mean.sum()) * share)


def _covariance(
    columns: Floats, window: Window, intercept: float, weights: Floats, strength: float
) -> Floats:
    chance = sigmoid(intercept + columns @ weights)
    whole = np.column_stack([np.ones(len(columns)), columns])
    curvature = (whole * (window.weight * chance * (1 - chance))[:, None]).T @ whole
    penalty = np.append(0.0, np.full(len(weights), 1 / strength))
    return np.asarray(np.linalg.inv(curvature + np.diag(penalty)))


def _of_base(base: float, window: Window, width: int) -> Floats:
    """How unsure the base rate itself is, in the intercept's place."""
    found = np.zeros((width + 1, width + 1))
    found[0, 0] = 1 / max(window.weight.sum() * base * (1 - base), 1e-9)
    return found


def _scales(design: Design, weights: Floats) -> Floats:
    """Per term: the variance among its known values, which an unseen one may have, or the squared weight."""
    starts, found = design.starts, []
    for term, first, end in zip(design.terms, starts, starts[1:], strict=False):
        of = weights[first:end]
        found.append(float(np.mean(of**2)) if isinstance(term, Names) else float((of**2).sum()))
    return np.array(found, float)
