"""Which rows of a table stay when several have the same key."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Choice:
    """The rows to keep, what was dropped, and the rows rejected with their reasons."""

    keep: NDArray[np.bool_]
    dropped: Counter[str]
    rejected: dict[int, str]


def choose(table: pa.Table, key: Sequence[str], *, may_repeat: bool = False) -> Choice:
    """Keep one row per key.

    Exact repeats are dropped. Of rows that contradict each other the one with the newest
    `updated_date` stays; where that does not decide, all of them are rejected.
    Where a key may repeat (activities, events) only exact repeats are dropped.

    Args:
        table: the key's columns, `hash`, and for deals `updated_date` and `outcome`.
    """
    keys = _codes(table, key)
    frame = pd.DataFrame({"key": keys, "hash": table["hash"].to_numpy()})
    repeated = frame.duplicated().to_numpy()
    keep: NDArray[np.bool_] = ~repeated
    dropped = Counter(duplicates=int(repeated.sum()))
    if may_repeat:
        return Choice(keep, +dropped, {})
    rest = np.flatnonzero(keep)
    clashing = rest[frame["key"].iloc[rest].duplicated(keep=False).to_numpy()]
    if not len(clashing):
        return Choice(keep, +dropped, {})
    rejected, older = _settle(table, frame["key"].to_numpy(), clashing)
    keep[[*rejected, *older]] = False
    dropped["older versions"] = len(older)
    return Choice(keep, +dropped, rejected)


def _codes(table: pa.Table, key: Sequence[str]) -> NDArray[np.int64]:
    """One number per distinct key."""
    codes = [
        table[name].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
        for name in key
    ]
    if len(codes) == 1:
        return np.asarray(codes[0], np.int64)
    grouped: Any = pd.DataFrame(dict(enumerate(codes))).groupby(
        list(range(len(codes))), dropna=False, sort=False
    )
    return np.asarray(grouped.ngroup(), np.int64)


def _settle(
    table: pa.Table, keys: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[dict[int, str], list[int]]:
    """Rows to reject with their reason, and rows that a newer one replaces."""
    some = table.take(pa.array(rows))
    has_days = "updated_date" in some.column_names
    days = (
        some["updated_date"].cast(pa.int32()).fill_null(-1).to_numpy() if has_days else np.full(len(rows), -1)
    )
    outcomes = some["outcome"].to_pylist() if "outcome" in some.column_names else [""] * len(rows)
    frame = pd.DataFrame({"row": rows, "key": keys[rows], "day": days, "outcome": outcomes})
    rejected: dict[int, str] = {}
    older: list[int] = []
    for _, group in frame.groupby("key"):
        newest = group[group["day"] == group["day"].max()]
        if len(newest) == 1:
            older += group["row"][group["day"] < group["day"].max()].tolist()
        else:
            told = (
                "two outcomes for one id" if group["outcome"].nunique() > 1 else "one id, different contents"
            )
            rejected |= dict.fromkeys(group["row"].tolist(), told)
    return rejected, older
