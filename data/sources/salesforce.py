"""Salesforce's own ways: ids of 15 characters, and histories that tell states instead of changes."""

import pandas as pd
import pyarrow as pa

_SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
STATE_KINDS = {"stage": "stage", "amount_cents": "amount", "close_date": "close_date"}


def long_id(text: str) -> str:
    """The 18-character form of an id, as reports give 15 and the API gives 18; other texts stay.

    >>> long_id("0065f00000AbCdE")
    '0065f00000AbCdEAAV'
    """
    if len(text) != 15 or not (text.isascii() and text.isalnum()):
        return text
    chunks = (text[0:5], text[5:10], text[10:15])
    return text + "".join(
        _SUFFIX[sum(1 << i for i, c in enumerate(chunk) if c.isupper())] for chunk in chunks
    )


def changes(states: pa.Table) -> pa.Table:
    """OpportunityHistory rows, each a whole state -> what changed between one and the next.

    Args:
        states: deal_id, instant, stage, amount_cents, close_date (days since 1970) in file order.

    Returns:
        deal_id, instant, kind, old, new; the first state of a deal is a change from nothing.
    """
    wanted = states.select(["deal_id", "instant", *STATE_KINDS])
    frame = wanted.to_pandas(types_mapper=_nullable).sort_values(["deal_id", "instant"], kind="stable")
    same_deal = frame["deal_id"].eq(frame["deal_id"].shift()).fillna(False).astype(bool)
    pieces = []
    for column, kind in STATE_KINDS.items():
        before = frame[column].shift().where(same_deal)
        changed = (frame[column].ne(before).fillna(True) & frame[column].notna()).astype(bool)
        pieces.append(
            pd.DataFrame(
                {
                    "deal_id": frame["deal_id"][changed],
                    "instant": frame["instant"][changed],
                    "kind": kind,
                    "old": _written(before[changed], kind),
                    "new": _written(frame[column][changed], kind),
                }
            )
        )
    schema = pa.schema(
        [
            ("deal_id", pa.string()),
            ("instant", pa.int64()),
            *((n, pa.string()) for n in ("kind", "old", "new")),
        ]
    )
    return pa.Table.from_pandas(pd.concat(pieces), schema, preserve_index=False)


def _nullable(kind: pa.DataType) -> object:
    return pd.Int64Dtype() if pa.types.is_integer(kind) else pd.StringDtype()


def _written(values: "pd.Series[object]", kind: str) -> "pd.Series[object]":
    """Values as an event writes them: stage, cents, ISO date."""
    if kind != "close_date":
        return values.astype("string")
    days = pd.to_datetime(values.astype("Int64"), unit="D", origin="unix")
    return days.dt.strftime("%Y-%m-%d").astype("string")
