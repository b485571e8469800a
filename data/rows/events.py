"""Rows of a deal's history: changes as they are told, or whole states that changes are found in later."""

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data import schema
from data.rows.columns import date_column, instant_column, money_column, text_column, value_column
from data.rows.shape import DAY
from data.rows.work import Work, as_mask, date_order, day_number
from data.sources.salesforce import long_id
from data.values import cents, moment


def events(work: Work) -> None:
    """Changes: `old` and `new` written by kind as cents, ISO date, or as they are."""
    for name in ("deal_id", "kind"):
        work.columns[name] = text_column(work, schema.DEAL_EVENTS.column(name), work.texts(name))
    work.columns["instant"] = instant_column(work, "date", work.texts("date"))
    work.columns["sequence"] = value_column(work, schema.DEAL_EVENTS.column("sequence"))
    for name in ("old", "new"):
        work.columns[name] = _event_values(work, name)
    _reject_future(work)


def _event_values(work: Work, name: str) -> Any:
    texts, kinds = work.texts(name), work.columns["kind"]
    units = work.reading.match.layout.event_amounts == "units"
    order = date_order(work, "date")
    parsers: dict[str, Callable[[str], str]] = {
        "amount": (lambda text: str(cents(text))) if units else _whole_cents,
        "close_date": lambda text: moment(text, order).date().isoformat(),
        "owner": long_id if work.reading.match.layout.long_ids else str,
    }
    for kind, parse in parsers.items():
        of_kind = pc.equal(kinds, kind).fill_null(False)
        chosen = pc.if_else(of_kind, texts, pa.scalar(None, pa.string()))
        texts = pc.if_else(of_kind, work.convert(name, chosen, parse, pa.string()), texts)
    return texts


def _whole_cents(text: str) -> str:
    if not text.lstrip("-").isdigit():
        raise ValueError("the amount of an event is written in whole cents")
    return text


def states(work: Work) -> None:
    """Whole states (Salesforce OpportunityHistory), to be compared once all are read."""
    work.columns["deal_id"] = text_column(work, schema.DEAL_EVENTS.column("deal_id"), work.texts("deal_id"))
    work.columns["instant"] = instant_column(work, "date", work.texts("date"))
    work.columns["kind"] = work.texts("kind")
    work.columns["stage"] = work.texts("stage")
    work.columns["amount_cents"] = money_column(work, "amount", work.texts("amount"))
    work.columns["close_date"] = date_column(work, "close_date", work.texts("close_date")).cast(pa.int32())
    _reject_future(work)


def _reject_future(work: Work) -> None:
    end = (day_number(work.reading.loaded_on) + 1) * DAY
    work.reject_where(as_mask(pc.greater_equal(work.columns["instant"], end)), "date", "in the future")
