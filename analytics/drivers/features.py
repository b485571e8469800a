"""A landmarks frame -> the columns that odds are made of, and which of them this data can use."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.drivers.texts import Texts
from analytics.questions import NOT_SET

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Columns = Mapping[str, Any]  # an array of numbers, or Texts

#: What a person understands; every feature belongs to one. Pace: age, time in stage, pushes, days to due.
GROUPS = ("stage", "pace", "activity", "amount", "people", "segment")

#: Numbers with their group. All but `amount_vs_usual` are columns of a landmarks frame.
NUMBERS = {
    "age_days": "pace",
    "days_in_stage": "pace",
    "days_to_due": "pace",
    "push_count": "pace",
    "days_since_activity": "activity",
    "activities_30d": "activity",
    "amount": "amount",
    "amount_vs_usual": "amount",
}
#: Categories with their group.
TEXTS = {
    "stage": "stage",
    "rep": "people",
    "team": "people",
    "region": "segment",
    "industry": "segment",
    "product": "segment",
    "lead_source": "segment",
    "deal_type": "segment",
}
GROUP_OF = NUMBERS | TEXTS
SEGMENT = "segment"  #: deal type and product together: what a deal's amount is compared within

#: Numbers whose absence must not count: an expected close date that no event tells is known for open deals
#: today and for none in the past, so that its absence says how the deal ended.
SILENT = ("days_to_due",)

#: A number that the others explain to this share adds nothing but unsteady coefficients.
#: Source: variance inflation 1 / (1 - R2) of 20; the usual alarm is at 10, and the penalty bears that much.
EXPLAINED = 0.95


@dataclass(frozen=True, slots=True)
class Usable:
    """Features in use, those left out with the reason, and the variance inflation of the numbers in use."""

    features: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]
    inflation: Mapping[str, float]


def columns(frame: Any) -> dict[str, Any]:
    """The features of a landmarks frame, or of a mapping of lists, and the segment of each row."""
    found: dict[str, Any] = {n: Texts.of(np.atleast_1d(np.asarray(frame[n], dtype=object))) for n in TEXTS}
    found[SEGMENT] = found["deal_type"].beside(found["product"])
    for name in NUMBERS:
        if name != "amount_vs_usual":
            found[name] = np.atleast_1d(np.asarray(frame[name], dtype=float))
    return found


def rows(table: Columns, chosen: Any) -> dict[str, Any]:
    """Some rows of a table, by mask, place or span."""
    return {name: values[chosen] for name, values in table.items()}


def size(table: Columns) -> int:
    """How many rows a table has."""
    return len(next(iter(table.values())))


def squeezed(values: NDArray[Any]) -> Floats:
    """Numbers on a scale that is straight near zero and logarithmic beyond, for either sign."""
    return np.asarray(np.arcsinh(np.asarray(values, float)), float)


def usable(table: Columns) -> Usable:
    """What can be used of a table with `amount_vs_usual`.

    Left out are numbers nobody knows ("no_history"), whatever has one value ("one_value"), and whatever
    another feature says already ("collinear"): the team when each rep has one, a number others explain.
    """
    left_out = dict(_empty(table))
    texts = [name for name in TEXTS if name not in left_out]
    left_out |= dict.fromkeys(_repeated(table, texts), "collinear")
    inflation: dict[str, float] = {}
    kept: list[Floats] = []
    for name in NUMBERS:
        if name not in left_out:
            shape = _filled(table[name])
            share = _explained(shape, kept)
            if share > EXPLAINED:
                left_out[name] = "collinear"
            else:
                inflation[name] = 1 / (1 - share)
                kept.append(shape)
    used = tuple(name for name in GROUP_OF if name not in left_out)
    return Usable(used, tuple(left_out.items()), inflation)


def _empty(table: Columns) -> Iterable[tuple[str, str]]:
    for name in NUMBERS:
        known = table[name][~np.isnan(table[name])]
        if not known.size:
            yield name, "no_history"
        elif known.size == len(table[name]) and known.min() == known.max():
            yield name, "one_value"
    for name in TEXTS:
        values = table[name].distinct()
        if len(values) < 2:
            yield name, "one_value" if values and values[0] != NOT_SET else "no_history"


def _repeated(table: Columns, texts: Sequence[str]) -> Iterable[str]:
    """Categories that another one determines: the team given the rep, and copies under another name."""
    if {"rep", "team"} <= set(texts) and _determines(table, "rep", "team"):
        yield "team"
    for place, name in enumerate(texts):
        if any(_determines(table, one, name) and _determines(table, name, one) for one in texts[:place]):
            yield name


def _determines(table: Columns, fine: str, coarse: str) -> bool:
    return len(np.unique(table[fine].beside(table[coarse]).codes)) == len(np.unique(table[fine].codes))


def _filled(values: NDArray[Any]) -> Floats:
    shape = squeezed(values)
    return np.where(np.isnan(shape), np.nanmedian(shape), shape)


def _explained(values: Floats, others: Sequence[Floats]) -> float:
    """The share of a number's variance that the others explain linearly."""
    centred = values - values.mean()
    total = float(centred @ centred)
    if not others or not total:
        return 0.0
    basis = np.column_stack([other - other.mean() for other in others])
    fitted = basis @ np.linalg.lstsq(basis, centred, rcond=None)[0]
    return float(fitted @ fitted) / total
