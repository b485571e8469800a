"""A table of facts and texts in, a grid of what a spreadsheet can work with out: a value in every cell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal

from analytics.facts import Fact, Unit, Verdict
from bot.narrator.claims import Claim, label, ours, say
from bot.narrator.ours import said
from prompts import files

Cell = Fact | str | None  #: None: there is nothing to say, or it is not the reader's to see
Value = Decimal | str | None

#: A spreadsheet keeps 15 digits of a number. Source: IEEE 754, as Excel and LibreOffice store numbers.
EXACT = Context(prec=15, rounding=ROUND_HALF_UP)

HUNDREDTHS = (Unit.FRACTION, Unit.POINTS)  #: shown as % and as points
MONEY = (Unit.MONEY, Unit.MONEY_PER_DAY)


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of an answer: a key for each column (labels `export_column`), and its rows."""

    name: str  # of the file, among several
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Grid:
    """What is written down: heads, and rows as long as these."""

    head: Sequence[str]
    rows: Sequence[Sequence[Value]]


Column = tuple[str, str, list[Value]]  #: what it holds of its facts, its head, its values


def grid(sheet: Sheet, about: Sequence[tuple[str, str]] = ()) -> Grid:
    """A sheet with every fact spread over columns: value, range, deals behind it, verdict.

    Args:
        about: columns that say the same in every row: the scope, the day.
    """
    spread = [one for index in range(len(sheet.columns)) for one in _spread(sheet, index)]
    constant: list[Column] = [("about", name, [text] * len(sheet.rows)) for name, text in about]
    kept: list[Column] = []
    for column in [*spread, *constant]:
        if column[0] != "behind" or not any(column[2] == earlier for _, _, earlier in kept):
            kept.append(column)  # the deals behind a rate are often a column already
    rows = [[values[place] for *_, values in kept] for place in range(len(sheet.rows))]
    return Grid([head for _, head, _ in kept], rows)


def _spread(sheet: Sheet, index: int) -> Iterator[Column]:
    """The columns that one column of a sheet becomes: facts of several units get one for the unit."""
    name, cells = label(f"export_column.{sheet.columns[index]}"), [row[index] for row in sheet.rows]
    facts = [cell for cell in cells if isinstance(cell, Fact)]
    if not facts:
        yield "text", name.text, [said(cell) if isinstance(cell, str) else None for cell in cells]
        return
    units = {unit(fact).text for fact in facts}
    shared = unit(facts[0]) if len(units) == 1 else None
    yield "value", _head("value", name, shared), [_value(cell) for cell in cells]
    if shared is None:
        spelled: list[Value] = [unit(cell).text if isinstance(cell, Fact) else None for cell in cells]
        yield "unit", _head("unit", name), spelled
    yield from _beside(name, shared, cells)


def _beside(name: Claim, shared: Claim | None, cells: Sequence[Cell]) -> Iterator[Column]:
    """The range, the deals and the verdict, where any of the facts has one."""
    facts = [cell if isinstance(cell, Fact) else None for cell in cells]
    beside: dict[str, list[Value]] = {
        "low": [value(replace(fact, value=fact.low)) if fact else None for fact in facts],
        "high": [value(replace(fact, value=fact.high)) if fact else None for fact in facts],
        "behind": [Decimal(fact.n) if fact and fact.n is not None else None for fact in facts],
        "verdict": [judged(fact.verdict) if fact and fact.verdict else None for fact in facts],
    }
    for kind, values in beside.items():
        if any(each is not None for each in values):
            yield kind, _head(kind, name, shared if kind in ("low", "high") else None), values


def _head(kind: str, name: Claim, of: Claim | None = None) -> str:
    return say(f"export.{kind}", name=name, unit=of if of and of.text else None).text


def _value(cell: Cell) -> Value:
    return value(cell) if isinstance(cell, Fact) else cell


def value(fact: Fact) -> Decimal | str | None:
    """A fact as a number of its unit, a day as ISO; None when nobody knows it.

    >>> rate = Fact(id="r", metric="win_rate", value=Decimal(1) / 3, unit=Unit.FRACTION, entity="all",
    ...     period="", as_of=date(2024, 7, 20), generation="g")
    >>> value(rate), value(replace(rate, unit=Unit.NUMBER)), value(replace(rate, value=None))
    (Decimal('33.3333333333333'), Decimal('0.333333333333333'), None)
    """
    if fact.value is None:
        return None
    if fact.unit is Unit.DATE:
        return date.fromordinal(int(fact.value)).isoformat()
    exact = fact.value.scaleb(2) if fact.unit in HUNDREDTHS else fact.value
    return EXACT.plus(exact)


def unit(fact: Fact) -> Claim:
    """What a number counts: a currency for money; nothing for a day, a count or a bare number."""
    known = f"export_unit.{fact.unit}"
    if fact.unit in MONEY and fact.currency:
        currency = ours(fact.currency)
        return currency if fact.unit is Unit.MONEY else say("export.per_day", currency=currency)
    return label(known) if known in files.labels() else Claim("none", "")


def judged(verdict: Verdict) -> str:
    """A verdict in the reader's words."""
    return label(f"sums_verdict.{verdict.name.lower()}").text
