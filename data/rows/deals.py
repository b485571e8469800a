"""Rows of deals: how each ended, in which currency, and whether its days can be true."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data import schema
from data.mapping import plain, present, stage_labels
from data.rows.columns import known_words, text_column, utc_seconds, value_column
from data.rows.work import NEVER, Work, as_mask, cleaned, day_number, day_numbers
from data.sources import hubspot
from data.values import EMPTY_VALUE, currency, currency_of

YES = frozenset({"true", "1", "1.0", "yes", "y", "t"})


def deals(work: Work) -> None:
    """Every column of a deal, then what only a whole row can tell."""
    for column in schema.DEALS.columns:
        if column.name != "outcome":
            work.columns[column.stored] = value_column(work, column)
    work.columns["outcome"] = _outcome(work)
    if "currency" not in work.reading.match.columns:
        signs = work.convert("amount", work.texts("amount"), currency_of, pa.string())
        work.columns["currency"] = pc.coalesce(signs, pa.scalar(work.reading.match.profile.currency))
    else:
        work.columns["currency"] = work.convert("currency", work.texts("currency"), currency, pa.string())
    _take_true_closes(work)
    _check_days(work)


def _outcome(work: Work) -> Any:
    """A deal's outcome: from its own column, else from yes/no columns, else from its stage."""
    if "outcome" in work.reading.match.columns:
        return text_column(work, schema.DEALS.column("outcome"), work.texts("outcome"))
    told = work.reading.match.layout.outcome_from
    won, closed = _flag(work, told.won), _flag(work, told.closed)
    by_stage = _outcome_by_stage(work, told.stages)
    if won is None and closed is None:
        return pa.array(by_stage, pa.string())
    is_won = won if won is not None else by_stage == "won"
    is_closed = closed if closed is not None else (is_won | (by_stage == "lost"))
    return pa.array(np.where(is_won, "won", np.where(is_closed, "lost", "open")).astype(object), pa.string())


def _outcome_by_stage(work: Work, stages: Mapping[str, Iterable[str]]) -> NDArray[np.object_]:
    words = known_words(stages, ())
    said = work.texts("stage").to_pylist()
    return np.array([words.get(plain(stage), "open") if stage else None for stage in said], object)


def _flag(work: Work, names: Iterable[str]) -> NDArray[np.bool_] | None:
    column = present(names, work.batch.columns)
    if column is None:
        return None
    said = pc.utf8_lower(pc.utf8_trim_whitespace(work.batch.columns[column]))
    return as_mask(pc.is_in(said, value_set=pa.array(sorted(YES))))


def _take_true_closes(work: Work) -> None:
    closes = work.reading.closes
    if closes is None or not closes.num_rows:
        return
    at = pc.index_in(work.columns["deal_id"], value_set=closes["deal_id"].combine_chunks())
    true = closes["close_date"].combine_chunks().take(at)
    closed = pc.not_equal(work.columns["outcome"], "open")
    use = pc.and_(closed.fill_null(False), true.is_valid())
    work.columns["close_date"] = pc.if_else(use, true, work.columns["close_date"])


def _check_days(work: Work) -> None:
    today = day_number(work.reading.loaded_on)
    created, close = day_numbers(work.columns["created_date"]), day_numbers(work.columns["close_date"])
    closed = as_mask(pc.not_equal(work.columns["outcome"], "open"))
    work.reject_where(created > today, "created_date", "created in the future")
    work.reject_where(closed & (close == NEVER), "close_date", "closed without a close date")
    work.reject_where(closed & (close > today), "close_date", "closed in the future")
    work.reject_where(
        closed & (close != NEVER) & (close < created), "close_date", "closed before it was created"
    )


def stage_days(work: Work, keep: NDArray[np.bool_]) -> pa.Table | None:
    """Stage events told by columns of a deal's own row."""
    prefixes = work.reading.match.layout.stage_days
    if not prefixes or work.reading.match.table != "deals":
        return None
    labels = stage_labels(work.reading.match.profile)
    columns = hubspot.stage_columns(list(work.batch.columns), prefixes, labels)
    mask = pa.array(keep)
    texts = {name: work.batch.columns[name].filter(mask) for name in columns}
    ids = work.columns["deal_id"].filter(mask)
    return hubspot.stage_events(ids, texts, columns, _instants)


def _instants(texts: Any) -> Any:
    def seconds(text: str) -> int | None:
        try:
            return utc_seconds(text, None)
        except ValueError:
            return None

    coded = cleaned(texts, EMPTY_VALUE).dictionary_encode()
    return pa.array([seconds(t) for t in coded.dictionary.to_pylist()], pa.int64()).take(coded.indices)
