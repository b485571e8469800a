"""HubSpot's `hs_date_entered_<stage>` columns -> one stage event per day entered."""

from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa


def stage_columns(
    header: Sequence[str], prefixes: Sequence[str], labels: Mapping[str, str]
) -> dict[str, str]:
    """Column of the file -> label of the stage it tells the entry of.

    >>> stage_columns(["dealname", "hs_date_entered_closedwon"], ("hs_date_entered_",), {"closedwon": "Won"})
    {'hs_date_entered_closedwon': 'Won'}
    """
    found = {}
    for column in header:
        prefix = next((p for p in prefixes if column.startswith(p)), None)
        if prefix:
            stage = column.removeprefix(prefix)
            found[column] = labels.get(stage, stage)
    return found


def stage_events(
    ids: pa.Array,
    texts: Mapping[str, pa.Array],
    labels: Mapping[str, str],
    moments: Callable[[pa.Array], pa.Array],
) -> pa.Table | None:
    """Events (deal_id, instant, kind, new) of the rows of one batch; None without any.

    `moments` turns texts into seconds since 1970; unreadable ones are null and left out.
    """
    pieces = []
    for column, label in labels.items():
        instants = moments(texts[column])
        piece = pa.table({"deal_id": ids, "instant": instants}).filter(instants.is_valid())
        if piece.num_rows:
            for name, text in (("kind", "stage"), ("new", label)):
                piece = piece.append_column(name, pa.array([text] * piece.num_rows, pa.string()))
            pieces.append(piece)
    return pa.concat_tables(pieces) if pieces else None
