"""Cumulative chances at `HORIZONS` in; days until decided, chances by a date, rescaled curves out."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]

#: Days after the snapshot at which a curve is told: weeks for three months, then wider.
HORIZONS = (*range(7, 99, 7), 112, 126, 140, 154, 168, 182, 210, 240, 270, 300, 330, 365)

SHARES = (0.1, 0.25, 0.5, 0.75, 0.9)


def won_by(curve: ArrayLike, days: float) -> Floats:
    """The chance to be won within so many days, straight between horizons and flat beyond the last.

    Args:
        curve: cumulative chances at `HORIZONS` in the last axis, one deal or many.

    >>> float(won_by([0.07 * place for place in range(1, len(HORIZONS) + 1)], 3.5).round(3))
    0.035
    """
    chances = np.asarray(curve, float)
    weights = np.zeros(chances.shape[-1])
    place = int(np.searchsorted(HORIZONS, days))
    if days <= 0:
        return np.zeros(chances.shape[:-1])
    if place >= len(HORIZONS):
        return chances[..., -1]
    start = HORIZONS[place - 1] if place else 0
    share = (days - start) / (HORIZONS[place] - start)
    weights[place] = share
    if place:
        weights[place - 1] = 1 - share
    return np.asarray(chances @ weights)


def remaining(won: ArrayLike, lost: ArrayLike, shares: Sequence[float] = SHARES) -> Floats:
    """Days until so large a share of deals like it are decided, either way.

    Returns:
        One row per deal, one column per share; nan where the last horizon comes first, or nothing is known.
    """
    decided = np.atleast_2d(np.asarray(won, float) + np.asarray(lost, float))
    decided = np.concatenate([np.zeros((len(decided), 1)), decided], axis=1)
    return np.stack([_crossing(decided, share) for share in shares], axis=1)


def _crossing(decided: Floats, share: float) -> Floats:
    """The day on which each curve reaches the share."""
    days, rows = np.array((0, *HORIZONS), float), np.arange(len(decided))
    reached = decided >= share
    after = reached.argmax(axis=1)
    before = np.maximum(after - 1, 0)
    low, high = decided[rows, before], decided[rows, after]
    with np.errstate(invalid="ignore", divide="ignore"):
        crossing = days[before] + (share - low) / (high - low) * (days[after] - days[before])
    return np.where(reached.any(axis=1), crossing, np.nan)


def anchored(won: ArrayLike, lost: ArrayLike, odds: ArrayLike) -> tuple[Floats, Floats]:
    """The same curves, rescaled so that the chance to win by the last horizon is `odds`, exactly.

    The share decided by then stays as it was, unless the odds exceed it. A deal that was never to be won
    (lost) gets its chance in step with all that is decided.

    Args:
        odds: calibrated chance to win, one per deal; nan leaves the deal's curves alone.
    """
    wins, losses = np.atleast_2d(np.asarray(won, float)), np.atleast_2d(np.asarray(lost, float))
    target = np.asarray(odds, float).reshape(-1)
    decided = wins + losses
    rest = np.maximum(decided[:, -1] - target, 0.0)
    keep = np.isnan(target)[:, None]
    return (
        np.where(keep, wins, _scaled(wins, decided, target)),
        np.where(keep, losses, _scaled(losses, decided, rest)),
    )


def _scaled(curve: Floats, instead: Floats, end: Floats) -> Floats:
    """The curve, or where it stays at zero the other one, stretched to end where told."""
    shape = np.where(curve[:, -1:] > 0, curve, instead)
    shape = np.where(shape[:, -1:] > 0, shape, np.asarray(HORIZONS) / HORIZONS[-1])
    stretched = np.asarray(shape / shape[:, -1:] * end[:, None])
    stretched[:, -1] = end
    return stretched
