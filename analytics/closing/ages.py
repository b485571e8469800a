"""Snapshots in; how deals of each kind of business ended by age, and curves from age alone, out."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.closing.curves import HORIZONS
from analytics.spans import RiskTable

Floats = NDArray[np.float64]
Frame = Any

TABLE = ("days", "won", "lost", "open")


def tables(frame: Frame, as_of_day: int) -> Mapping[str, RiskTable]:
    """A risk table for each kind of business, each deal followed from its first snapshot on."""
    kinds = np.asarray(frame["deal_type"], str)
    lives = _lives(frame, as_of_day)
    return {
        str(kind): _table(*(column[kinds[lives[0]] == kind] for column in lives[1:]))
        for kind in np.unique(kinds)
    }


def _lives(frame: Frame, as_of_day: int) -> tuple[NDArray[np.int64], ...]:
    """Each deal once: place of its first snapshot, age then, age at the end, how it ended (-1: open)."""
    day, left = np.asarray(frame["day"], np.int64), np.asarray(frame["days_left"], np.int64)
    outcome = np.asarray(frame["outcome"], str)
    in_order = np.lexsort((day, np.asarray(frame["deal_id"], str)))
    _, places = np.unique(np.asarray(frame["deal_id"], str)[in_order], return_index=True)
    first = in_order[places]
    age, followed = np.asarray(frame["age_days"], np.int64)[first], as_of_day - day[first]
    ended = np.where(outcome == "won", 1, np.where(outcome == "lost", 0, -1))[first]
    ended = np.where(left[first] > followed, -1, ended)
    return first, age, age + np.minimum(left[first], followed), ended


def _table(entered: NDArray[np.int64], left: NDArray[np.int64], ended: NDArray[np.int64]) -> RiskTable:
    """A deal seen only from some age on was not at risk before: it is taken off the open ones at that age."""
    days = np.unique(np.concatenate([entered, left]))
    counts = (np.searchsorted(days, left[ended == kind]) for kind in (1, 0, -1))
    won, lost, still_open = (np.bincount(places, minlength=len(days)) for places in counts)
    return RiskTable(
        days, won, lost, still_open - np.bincount(np.searchsorted(days, entered), minlength=len(days))
    )


def curves(known: Mapping[str, RiskTable], frame: Frame) -> tuple[Floats, Floats]:
    """Cumulative chances to be won and lost at `HORIZONS`; nan for a kind of business with too few deals."""
    kinds, ages = np.asarray(frame["deal_type"], str), np.asarray(frame["age_days"], np.int64)
    won = np.full((len(ages), len(HORIZONS)), np.nan)
    lost = won.copy()
    for kind, age in sorted(set(zip(kinds.tolist(), ages.tolist(), strict=True))):
        table = known.get(kind)
        if table is not None and table.last_age is not None:
            here = (kinds == kind) & (ages == age)
            won[here], lost[here] = _course(table, min(age, table.last_age))
    return won, lost


def _course(table: RiskTable, age: int) -> tuple[Floats, Floats]:
    course = table.after(age)
    places = np.searchsorted(course.days, age + np.array(HORIZONS), side="right")
    won = np.concatenate([[0.0], np.cumsum(course.won)])[places]
    still = np.concatenate([[1.0], course.still])[places]
    return won, np.maximum(1 - still - won, 0.0)


def to_json(known: Mapping[str, RiskTable]) -> dict[str, Any]:
    """The tables as plain lists."""
    return {kind: {name: getattr(table, name).tolist() for name in TABLE} for kind, table in known.items()}


def from_json(kept: Mapping[str, Any]) -> Mapping[str, RiskTable]:
    """The tables that `to_json` wrote."""
    return {
        kind: RiskTable(*(np.array(columns[name], np.int64) for name in TABLE))
        for kind, columns in kept.items()
    }
