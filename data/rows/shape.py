"""What rows look like on their way from a file to a canonical table."""

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from data import schema
from data.mapping import Match
from data.schema import Type

STORED = {Type.TEXT: pa.string(), Type.DATE: pa.date32(), Type.MONEY: pa.int64(), Type.INTEGER: pa.int64()}
DAY = 86_400  #: seconds
#: Where a row came from, and one number for what it says.
ORIGIN = [("source", pa.int16()), ("row", pa.int64()), ("hash", pa.uint64())]
EVENT_ROWS = pa.schema(
    [
        ("deal_id", pa.string()),
        ("instant", pa.int64()),
        ("sequence", pa.int64()),
        ("kind", pa.string()),
        ("old", pa.string()),
        ("new", pa.string()),
    ]
)
STATE_ROWS = pa.schema(
    [
        ("deal_id", pa.string()),
        ("instant", pa.int64()),
        ("stage", pa.string()),
        ("amount_cents", pa.int64()),
        ("close_date", pa.int32()),
    ]
)


def arrow_schema(table: schema.Table) -> pa.Schema:
    """The Parquet schema of a canonical table."""
    return pa.schema([(column.stored, STORED[column.type]) for column in table.columns])


def row_schema(match: Match) -> pa.Schema:
    """What `convert` yields for files of this layout: the columns, then where each row came from."""
    if match.layout.shape == "states":
        columns = STATE_ROWS
    else:
        columns = EVENT_ROWS if match.table == "deal_events" else arrow_schema(match.layout.canonical)
    return pa.schema([*columns, *ORIGIN])


def content_hash(table: pa.Table) -> NDArray[np.uint64]:
    """One number per row; rows of the same content have the same."""
    whole = [column.cast(pa.int32()) if pa.types.is_date(column.type) else column for column in table.columns]
    frame = pa.table(whole, names=table.column_names).to_pandas()
    hashed: NDArray[np.uint64] = pd.util.hash_pandas_object(frame, index=False).to_numpy()
    return hashed
