"""Cells of two periods -> the few segments whose win rate changed more than the rest's did.

Stepwise and conditional: the segment with the strongest evidence is taken into the model, all others are
tested anew beside it, and whatever the later ones explain better is exchanged or dropped.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from analytics.segments import shift
from analytics.segments.candidates import Candidates
from analytics.segments.cells import Cells, Floats
from analytics.segments.shift import Design, Shift
from analytics.verdict import Z95

SMALLEST = 0.01  #: a change below one point is not reported, however certain
MOST = 12  #: segments at most
USUAL_SHIFT = 0.1  #: standard deviation (logits) of the overall shifts one expects: 2.5 points
NEEDED = 2.5  #: standard errors that a shift must be from none to stay when values are exchanged
LEAST_INFORMATION = 2.0  #: of a tested shift: about 16 deals a period at rates near one half


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment whose win rate changed differently from the rest's.

    `change` is its own excess, after minus before, beyond what the rest and the other segments found did; a
    fraction with its 95 % interval. `p` is corrected for all segments searched.
    """

    where: Mapping[str, str]
    change: float
    low: float
    high: float
    p: float
    n_before: int
    won_before: int
    n_after: int
    won_after: int


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """For each candidate: log of the corrected p, and its shift (logits) to first order.

    By `weighed` they are ranked: beside the p it counts how large an overall shift each leaves. One region
    that fell, and all others that rose while everything fell, are told apart by nothing else.
    """

    log_p: Floats
    shift: Floats
    weighed: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """One search: the cells, what may be named, and main effects."""

    cells: Cells
    candidates: Candidates
    base: Floats
    log_alpha: float

    def fitted(self, found: Sequence[int], near: Shift | None = None) -> Shift:
        """The model with the overall shift and those of some candidates."""
        columns = [self.candidates.column(place) for place in found]
        pairs = [c for c, place in zip(columns, found, strict=True) if len(self.candidates.wheres[place]) > 1]
        levels = np.column_stack([self.base, *pairs])
        shifts = np.column_stack([np.ones(len(self.base)), *columns])
        return shift.fit(self.cells, Design(levels, shifts), near)

    def evidence(self, fitted: Shift, beside: Sequence[int]) -> Evidence:
        """What each candidate would add to a fitted model: an efficient score test, own level allowed for."""
        members, design = self.candidates.members, fitted.design
        sides = fitted.weights.sides
        on_level, on_cross, on_shift = (w[:, None] for w in sides)
        level = members @ np.hstack((on_level * design.levels, on_cross * design.shifts))
        moved = members @ np.hstack((on_cross * design.levels, on_shift * design.shifts))
        own = members @ np.column_stack((*sides, fitted.level_score, fitted.shift_score))
        solved = moved @ fitted.inverse
        levels = own[:, 0] - np.einsum("ij,ij->i", level @ fitted.inverse, level)
        cross = own[:, 1] - np.einsum("ij,ij->i", solved, level)
        information = own[:, 2] - np.einsum("ij,ij->i", solved, moved)
        ratio = np.where(levels > 1e-6 * own[:, 0] + 1e-9, cross / np.maximum(levels, 1e-9), 0.0)
        score, weight = own[:, 4] - ratio * own[:, 3], information - ratio * cross
        taken = (solved - ratio[:, None] * (level @ fitted.inverse))[:, design.levels.shape[1]]
        testable = (weight >= LEAST_INFORMATION) & (weight > 1e-3 * own[:, 2])
        testable[list(beside)] = False
        weight = np.where(testable, weight, 1.0)
        log_p = fitted.log_p(score / np.sqrt(weight)) + self.candidates.cost
        log_p[~testable] = np.inf
        overall = fitted.beta[0] - taken * score / weight
        return Evidence(log_p, score / weight, log_p + overall**2 / (2 * USUAL_SHIFT**2))

    def strongest(self, found: Sequence[int], fitted: Shift) -> int | None:
        """The candidate that explains most beside those found, if its corrected p is small enough."""
        seen = self.evidence(fitted, found)
        certain = np.flatnonzero(seen.log_p <= self.log_alpha)
        for place in certain[np.argsort(seen.weighed[certain], kind="stable")]:
            if self._points(int(place), fitted, float(seen.shift[place])) >= SMALLEST:
                return int(place)
        return None

    def _points(self, place: int, fitted: Shift, shifted: float) -> float:
        """How large a shift is on the scale of rates."""
        return abs(_mean_gap(fitted.later, shifted, self.candidates.column(place) * self.cells.n[1]))


def stepwise(search: Search) -> list[int]:
    """The candidates found, in the order in which they were taken in."""
    found: list[int] = []
    nothing = fitted = search.fitted(found)
    seen: set[frozenset[int]] = set()
    while len(found) < MOST:
        best = search.strongest(found, fitted)
        if best is None:
            break
        found = _polished(search, [*found, best], nothing)
        if frozenset(found) in seen:
            break
        seen.add(frozenset(found))
        fitted = search.fitted(found, nothing)
    return _quieter(search, found, fitted, nothing)


def _polished(search: Search, found: list[int], nothing: Shift) -> list[int]:
    """Each one found held against all candidates again, beside the others: exchanged or dropped if beaten."""
    for place in list(found) if len(found) > 1 else ():
        others = [f for f in found if f != place]
        better = search.strongest(others, search.fitted(others, nothing))
        if better != place:
            found = others if better is None else [*others, better]
    return found


def _quieter(search: Search, found: list[int], fitted: Shift, nothing: Shift) -> list[int]:
    """The values of a dimension exchanged for its other ones, where these explain as much and leave less.

    That two of four regions fell and that the other two rose while everything fell is the same table; the
    one with the smaller overall shift is told.
    """
    single = {where[0]: place for place, where in enumerate(search.candidates.wheres) if len(where) == 1}
    for dimension, values in enumerate(search.cells.values):
        places = [single.get((dimension, value)) for value in range(len(values))]
        inside = [place for place in places if place in found]
        outside = [place for place in places if place is not None and place not in found]
        if not inside or len(outside) > len(inside) or len(inside) + len(outside) < len(values):
            continue
        other = [*(place for place in found if place not in inside), *outside]
        tried = search.fitted(other, nothing)
        clear = (np.abs(tried.beta) > NEEDED * tried.errors)[1:].all()
        if abs(tried.beta[0]) < abs(fitted.beta[0]) and clear and search.strongest(other, tried) is None:
            found, fitted = other, tried
    return found


def described(search: Search, found: Sequence[int]) -> list[Segment]:
    """The segments found, strongest first, each with its size beside the others."""
    fitted = search.fitted(found)
    named = [_described(search, fitted, place, at) for at, place in enumerate(found, start=1)]
    return sorted(named, key=lambda segment: (segment.p, -abs(segment.change), sorted(segment.where.items())))


def _described(search: Search, fitted: Shift, place: int, at: int) -> Segment:
    cells, inside = search.cells, search.candidates.column(place)
    beta = float(fitted.beta[at])
    change, error = _change(fitted, at, inside * cells.n[1])
    log_p = float(fitted.log_p(np.array(beta / fitted.errors[at])) + search.candidates.cost[place])
    n0, won0, n1, won1 = (int(inside @ c) for c in (cells.n[0], cells.won[0], cells.n[1], cells.won[1]))
    return Segment(
        where=search.candidates.named(place, cells),
        change=change,
        low=max(change - Z95 * error, -1.0),
        high=min(change + Z95 * error, 1.0),
        p=math.exp(min(log_p, 0.0)),
        n_before=n0,
        won_before=won0,
        n_after=n1,
        won_after=won1,
    )


def _change(fitted: Shift, at: int, deals: Floats) -> tuple[float, float]:
    """A segment's own change on the scale of rates, averaged over its deals, and its standard error.

    By the delta method: both the rate that came and the one that would have come without it are estimates.
    """
    came = expit(fitted.later)
    would = expit(fitted.later - fitted.beta[at])
    share = deals / deals.sum()
    steep, other = share * came * (1 - came), share * would * (1 - would)
    levels, shifts = (columns.T @ (steep - other) for columns in (fitted.design.levels, fitted.design.shifts))
    shifts[at] = steep @ fitted.design.shifts[:, at]
    gradient = np.concatenate((levels, shifts))
    return float(share @ (came - would)), math.sqrt(float(gradient @ fitted.inverse @ gradient))


def _mean_gap(still: Floats, shifted: float, deals: Floats) -> float:
    """How far the deals' rates move, on average, when their logits shift."""
    return float(deals @ (expit(still + shifted) - expit(still))) / float(deals.sum())
