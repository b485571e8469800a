"""What one feature, or two, says of a deal, as columns that a logistic model weighs; numpy alone, JSON."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from analytics.drivers.features import GROUP_OF, GROUPS, Columns, Floats, Ints, size, squeezed


@dataclass(frozen=True, slots=True)
class Ramps:
    """A number as straight pieces between knots: each column climbs from 0 to 1 between two of them.

    A penalty on these weights punishes steep pieces, so the curve shrinks to a flat line; beyond the outer
    knots it stays level. A missing number counts as the usual one, and says so in a column of its own.
    """

    kind: ClassVar[str] = "ramps"
    feature: str
    knots: tuple[float, ...]
    usual: float
    tells_missing: bool

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.knots) - 1 + self.tells_missing

    def columns(self, table: Columns) -> Floats:
        """One row per deal."""
        given = squeezed(table[self.feature])
        missing = np.isnan(given)
        knots = np.array(self.knots)
        place = np.where(missing, self.usual, given)[:, None]
        ramps = np.clip((place - knots[:-1]) / np.diff(knots), 0.0, 1.0)
        return np.column_stack([ramps, missing]) if self.tells_missing else ramps

    def doubt(self, table: Columns) -> Floats:
        """Nothing beyond the doubt in the weights."""
        return np.zeros(size(table))


@dataclass(frozen=True, slots=True)
class Names:
    """A category of few values: a column for each. Any other value has none, and so counts as the average."""

    kind: ClassVar[str] = "names"
    feature: str
    values: tuple[str, ...]

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.values)

    def codes(self, table: Columns) -> Ints:
        """Which value each deal has, -1 for an unseen one."""
        return np.asarray(table[self.feature].places(self.values))

    def columns(self, table: Columns) -> Floats:
        """One row per deal."""
        return one_hot(self.codes(table), self.width)

    def doubt(self, table: Columns) -> Floats:
        """1 where the value was never seen: it may lie anywhere among the known ones."""
        return (self.codes(table) < 0).astype(float)


@dataclass(frozen=True, slots=True)
class Rates:
    """A category of many values: one column, its shrunken win rate in log-odds beyond the average's, scaled.

    `doubts` are the variances of `effects`; a value never seen gets 0, the pooled rate, and `unseen`.
    """

    kind: ClassVar[str] = "rates"
    feature: str
    values: tuple[str, ...]
    effects: tuple[float, ...]
    doubts: tuple[float, ...]
    unseen: float
    width: ClassVar[int] = 1

    def columns(self, table: Columns) -> Floats:
        """One row per deal."""
        return np.asarray(np.array([*self.effects, 0.0])[table[self.feature].places(self.values)][:, None])

    def doubt(self, table: Columns) -> Floats:
        """How unsure each deal's rate is."""
        return np.asarray(np.array([*self.doubts, self.unseen])[table[self.feature].places(self.values)])


@dataclass(frozen=True, slots=True)
class Bands:
    """A number cut into bands; a missing one is a band of its own."""

    kind: ClassVar[str] = "bands"
    feature: str
    cuts: tuple[float, ...]

    @property
    def width(self) -> int:
        """Number of bands, the missing one included."""
        return len(self.cuts) + 2

    def codes(self, table: Columns) -> Ints:
        """Which band each deal is in."""
        given = np.asarray(table[self.feature], float)
        return np.where(np.isnan(given), self.width - 1, np.searchsorted(self.cuts, given, side="right"))


@dataclass(frozen=True, slots=True)
class Cross:
    """Two features together: a column for each cell with enough deals, for what the two alone do not say."""

    kind: ClassVar[str] = "cross"
    first: Names | Bands
    second: Names | Bands
    cells: tuple[int, ...]

    @property
    def width(self) -> int:
        """Number of columns."""
        return len(self.cells)

    def columns(self, table: Columns) -> Floats:
        """One row per deal."""
        codes = crossed(self.first.codes(table), self.second.codes(table), self.second.width)
        place = np.full(self.first.width * self.second.width + 1, -1)
        place[list(self.cells)] = np.arange(self.width)
        return one_hot(place[codes], self.width)

    def doubt(self, table: Columns) -> Floats:
        """Nothing beyond the doubt in the weights."""
        return np.zeros(size(table))


@dataclass(frozen=True, slots=True)
class Plain:
    """A number as it is, missing ones nan; for trees only."""

    kind: ClassVar[str] = "plain"
    feature: str
    width: ClassVar[int] = 1

    def columns(self, table: Columns) -> Floats:
        """One row per deal."""
        return np.asarray(table[self.feature], float)[:, None]

    def doubt(self, table: Columns) -> Floats:
        """Nothing is known of it."""
        return np.zeros(size(table))


Term = Ramps | Names | Rates | Cross | Plain
KINDS: Mapping[str, Any] = {one.kind: one for one in (Ramps, Names, Rates, Bands, Cross, Plain)}


def one_hot(codes: Ints, width: int) -> Floats:
    """A 1 in the column of each code; a row of zeros for a negative one."""
    found = np.zeros((len(codes), width))
    seen = np.flatnonzero(codes >= 0)
    found[seen, codes[seen]] = 1.0
    return found


def crossed(first: Ints, second: Ints, width: int) -> Ints:
    """One code for two; -1 where either is unknown."""
    return np.where((first < 0) | (second < 0), -1, first * width + second)


def shares(term: Term) -> NDArray[np.float64]:
    """How much of the term each group of `GROUPS` answers for; a pair is halved between its two."""
    features = (term.first.feature, term.second.feature) if isinstance(term, Cross) else (term.feature,)
    found = np.zeros(len(GROUPS))
    for feature in features:
        found[GROUPS.index(GROUP_OF[feature])] += 1 / len(features)
    return found


def to_json(term: Term | Names | Bands) -> dict[str, Any]:
    """The term as plain values."""
    if isinstance(term, Cross):
        inner = {"first": to_json(term.first), "second": to_json(term.second), "cells": term.cells}
        return {"kind": term.kind} | inner
    return {"kind": term.kind} | asdict(term)


def from_json(kept: Mapping[str, Any]) -> Any:
    """The term that `to_json` wrote."""
    values = {name: _inner(value) for name, value in kept.items() if name != "kind"}
    return KINDS[kept["kind"]](**values)


def _inner(value: Any) -> Any:
    if isinstance(value, Mapping):
        return from_json(value)
    return tuple(value) if isinstance(value, list) else value
