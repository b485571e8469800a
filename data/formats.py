"""How a file writes its days and amounts, found over whole columns before any of them is read."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import pyarrow as pa

from data.mapping import Match
from data.schema import Type
from data.sources.csv import CsvFile
from data.sources.parquet import ParquetFile
from data.values import DateOrder, Decimals, currency_of, date_evidence, decimal_evidence

Source = CsvFile | ParquetFile


@dataclass(frozen=True, slots=True)
class Formats:
    """How one file writes what."""

    rows: int
    orders: Mapping[str, DateOrder]  # by column of the file; only those that need an order
    decimals: Mapping[str, Decimals]
    notes: tuple[str, ...]

    @property
    def date_order(self) -> str:
        """The order in one word, for the report."""
        return ", ".join(sorted({str(order) for order in self.orders.values()})) or "iso"


def survey(source: Source, match: Match, progress: Callable[[int], None]) -> Formats:
    """Read a file through once and weigh what its columns tell; `progress` hears the rows read."""
    days, amounts = _columns(match, Type.DATE), _columns(match, Type.MONEY)
    told_days = {column: Counter[str]() for column in days}
    told_amounts = {column: Counter[str]() for column in amounts}
    signs: Counter[str] = Counter()
    rows = 0
    for batch in source.batches():
        rows += batch.read
        for column in days:
            told_days[column] += date_evidence(_distinct(batch.columns[column]))
        for column in amounts:
            texts = list(_distinct(batch.columns[column]))
            told_amounts[column] += decimal_evidence(texts)
            signs.update(code for code in map(currency_of, texts) if code)
        progress(rows)
    orders, day_notes = _orders(told_days, match, source.delimiter)
    decimals, amount_notes = _decimals(told_amounts, source.delimiter)
    return Formats(rows, orders, decimals, (*day_notes, *amount_notes, *_currency_notes(signs, match)))


def _currency_notes(signs: Counter[str], match: Match) -> list[str]:
    """Where no column tells the currency: the signs in the amounts, or what was taken instead."""
    if match.table != "deals" or "currency" in match.columns or "amount" not in match.columns:
        return []
    if signs:
        return [f"no column of currencies; {' and '.join(sorted(signs))} told by the signs in the amounts"]
    if match.profile.currency_known:
        return []
    return [f"nothing tells the currency; {match.profile.currency} was taken"]


def _columns(match: Match, kind: Type) -> list[str]:
    """Columns of the file that hold days, or amounts."""
    if match.layout.shape == "states":
        wanted = {Type.DATE: ("date", "close_date"), Type.MONEY: ("amount",)}[kind]
    else:
        wanted = tuple(c.name for c in match.layout.canonical.columns if c.type is kind)
    return [match.columns[name] for name in wanted if name in match.columns]


def _distinct(texts: pa.Array) -> Iterator[str]:
    return (text.strip() for text in texts.unique().to_pylist() if text)


def _orders(
    told: Mapping[str, Counter[str]], match: Match, delimiter: str
) -> tuple[dict[str, DateOrder], list[str]]:
    whole = sum(told.values(), Counter[str]())
    orders, notes = {}, []
    for column, evidence in told.items():
        if not evidence:
            continue
        order = _order(evidence) or _order(whole)
        if order is None or order is DateOrder.MIXED:
            notes.append(f"column {column!r}: " + _doubt(order))
        if order is None:
            usual = DateOrder.MDY if delimiter == "," else DateOrder.DMY
            order = DateOrder(match.profile.date_order or usual)
            notes[-1] += f"; {order.value} was taken (set date_order in a profile to change it)"
        orders[column] = order
    return orders, notes


def _doubt(order: DateOrder | None) -> str:
    if order is None:
        return "nothing tells the day from the month"
    return "some dates are day first, others month first; those that could be either were rejected"


def _order(told: Counter[str]) -> DateOrder | None:
    if told["dmy"] and told["mdy"]:
        return DateOrder.MIXED
    if told["dmy"] or told["mdy"]:
        return DateOrder.DMY if told["dmy"] else DateOrder.MDY
    return None


def _decimals(told: Mapping[str, Counter[str]], delimiter: str) -> tuple[dict[str, Decimals], list[str]]:
    marks: dict[str, Decimals] = {}
    notes = []
    for column, evidence in told.items():
        marks[column] = _mark(evidence, delimiter)
        if marks[column] == "mixed":
            notes.append(
                f"column {column!r}: decimals with a point and with a comma; doubtful ones were rejected"
            )
        elif evidence["either"] and not (evidence["."] or evidence[","]):
            notes.append(
                f"column {column!r}: nothing tells decimals from thousands; {marks[column]!r} was taken"
            )
    return marks, notes


def _mark(told: Counter[str], delimiter: str) -> Decimals:
    if told["."] and told[","]:
        return "mixed"
    if told["."] or told[","]:
        return "." if told["."] else ","
    return "," if told["either"] and delimiter == ";" else "."
