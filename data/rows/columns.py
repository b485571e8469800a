"""Texts of one column -> its values, by the column's type; what cannot be read rejects its row."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from data import schema
from data.mapping import plain, stage_labels
from data.rows.work import Work, cleaned, date_order
from data.schema import Type
from data.sources.salesforce import long_id
from data.values import EMPTY_VALUE, DateOrder, cents, moment

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - moments carry no zone, they are all UTC


def plain_rows(work: Work) -> None:
    """Every column of the canonical table by its type."""
    for column in work.reading.match.layout.canonical.columns:
        work.columns[column.stored] = value_column(work, column)


def value_column(work: Work, column: schema.Column) -> Any:
    """One column of the canonical table, read by its type."""
    texts = work.texts(column.name)
    if column.type is Type.DATE:
        return date_column(work, column.name, texts)
    if column.type is Type.MONEY:
        return money_column(work, column.name, texts)
    if column.type is Type.INTEGER:
        return work.convert(column.name, cleaned(texts, EMPTY_VALUE), _whole, pa.int64())
    return text_column(work, column, texts)


def date_column(work: Work, name: str, texts: Any) -> Any:
    """Days, in UTC where the text tells a zone."""
    order = date_order(work, name)
    return work.convert(
        name, cleaned(texts, EMPTY_VALUE), lambda text: moment(text, order).date(), pa.date32()
    )


def instant_column(work: Work, name: str, texts: Any) -> Any:
    """Seconds since 1970: for rows whose order within a day matters."""
    order = date_order(work, name)
    return work.convert(name, cleaned(texts, EMPTY_VALUE), lambda text: utc_seconds(text, order), pa.int64())


def money_column(work: Work, name: str, texts: Any) -> Any:
    """Amounts in cents, with the decimal mark the whole column uses."""
    header = work.reading.match.columns.get(name, "")
    mark = work.reading.formats.decimals.get(header, ".")
    return work.convert(name, cleaned(texts, EMPTY_VALUE), lambda text: cents(text, mark), pa.int64())


def text_column(work: Work, column: schema.Column, texts: Any) -> Any:
    """Texts as they are, or as the profile translates them."""
    words = known_words(work.reading.match.layout.values.get(column.name, {}), column.allowed)
    if column.name in work.reading.match.layout.long_ids:
        return work.convert(column.name, texts, long_id, pa.string())
    if column.name == "stage":
        labels = stage_labels(work.reading.match.profile)
        return (
            work.convert(column.name, texts, lambda text: labels.get(text, text), pa.string())
            if labels
            else texts
        )
    if column.name == "period":
        return work.convert(column.name, texts, _quarter, pa.string())
    if not words:
        return texts
    return work.convert(column.name, texts, lambda text: _word(text, words, column.allowed), pa.string())


def known_words(values: Mapping[str, Iterable[str]], allowed: Iterable[str]) -> dict[str, str]:
    """Plain word of the source -> ours."""
    return {plain(word): ours for ours, words in values.items() for word in words} | {
        plain(a): a for a in allowed
    }


def _word(text: str, words: Mapping[str, str], allowed: Sequence[str]) -> str:
    found = words.get(plain(text))
    if found is None and allowed:
        raise ValueError(f"not one of {', '.join(allowed)}")
    return found or text


def _whole(text: str) -> int:
    try:
        return int(float(text)) if float(text).is_integer() else int(text)
    except (ValueError, OverflowError):
        raise ValueError("not a whole number") from None


def _quarter(text: str) -> str:
    digits = plain(text)
    year, _, number = (
        (digits[:4], "q", digits[-1]) if digits[:4].isdigit() else (digits[-4:], "q", digits[1:2])
    )
    if not (year.isdigit() and number in {"1", "2", "3", "4"} and "q" in digits and len(digits) == 6):
        raise ValueError("not a quarter such as 2024-Q1")
    return f"{year}-Q{number}"


def utc_seconds(text: str, order: DateOrder | None) -> int:
    """Seconds since 1970 of the moment a text names."""
    return int((moment(text, order) - _EPOCH).total_seconds())
