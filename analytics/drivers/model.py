"""What any win-probability model can be asked: odds, reasons that add up to them, and why odds moved."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from analytics.drivers import features, shapley
from analytics.drivers.features import GROUPS, Columns, Floats
from analytics.drivers.shapley import sigmoid
from analytics.verdict import Z95

CHUNK = 8_192  #: deals scored at a time: 64 sets of groups of so many fit into a processor's cache


@dataclass(frozen=True, slots=True)
class Reasons:
    """Odds of deals and what each group of features adds to the base rate, in the order of `GROUPS`.

    `base + parts.sum(axis=1)` is `odds`, exactly. `low` and `high` enclose the deal's true chance in about
    95 of 100 cases; they are wide where few deals were like it.
    """

    base: float
    odds: Floats
    low: Floats
    high: Floats
    parts: Floats


class Fitted(Protocol):
    """A function from features to log-odds that knows what happens when a group of features is replaced."""

    @property
    def base(self) -> float:
        """Share won in the training window: the odds of a deal of which nothing is known."""

    def sets(self, table: Columns, start: Columns | None) -> Floats:
        """Log-odds with each set of groups taken from `table`, the rest from `start` (None: nothing known).

        One row per deal, one column per row of `shapley.COALITIONS`.
        """

    def logits(self, table: Columns) -> Floats:
        """Log-odds of each deal: the last column of `sets`."""

    def explained(self, table: Columns) -> tuple[Floats, Floats]:
        """`sets` with nothing known to start from, and the standard error of each deal's log-odds."""


@dataclass(frozen=True, slots=True)
class Model:
    """A fitted model. Frames are landmarks frames, or mappings of their columns to lists."""

    fitted: Fitted
    horizon: int  # days within which a deal is won or not
    kind: str  # "additive", "pairs" or "boosting"

    def odds(self, frame: Any) -> Floats:
        """The chance of each deal to be won within the horizon."""
        return sigmoid(self.fitted.logits(features.columns(frame)))

    def reasons(self, frame: Any) -> Reasons:
        """Odds with range, and the parts that add up to their difference from the base rate."""
        table, base = features.columns(frame), self.fitted.base
        found = [self._explained(part) for part in _chunks(table)]
        parts = np.vstack([np.zeros((0, len(GROUPS))), *(one[0] for one in found)])
        logits = np.concatenate([np.zeros(0), *(one[1] for one in found)])
        far = Z95 * np.concatenate([np.zeros(0), *(one[2] for one in found)])
        return Reasons(base, sigmoid(logits), sigmoid(logits - far), sigmoid(logits + far), parts)

    def _explained(self, table: Columns) -> tuple[Floats, Floats, Floats]:
        sets, spread = self.fitted.explained(table)
        return shapley.parts(sigmoid(sets)), sets[:, -1], spread

    def move(self, before: Any, after: Any) -> tuple[float, float, Floats]:
        """Odds of one deal in two states, and what each group of features adds to the difference, exactly."""
        sets = sigmoid(self.fitted.sets(features.columns(after), features.columns(before)))
        return float(sets[0, 0]), float(sets[0, -1]), shapley.parts(sets)[0]


def _chunks(table: Columns) -> Iterator[Columns]:
    for first in range(0, features.size(table), CHUNK):
        yield features.rows(table, slice(first, first + CHUNK))
