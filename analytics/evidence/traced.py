"""A generation opened anew, which remembers nothing and writes down every statement it reads."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from analytics import cells
from analytics.cells import Cut, Query
from analytics.questions import EVERYONE, Filter, Period, Scope
from analytics.store import CellRow, Generation

DAYS = (date(1990, 1, 1).toordinal(), date(2100, 1, 1).toordinal())  #: whole numbers that are days
LONGEST = 240  #: characters of a statement as it is shown

_LIST = "SELECT value FROM json_each(?)"
_QUARTER = cells.TIME["quarter"]
_PLAINER = {"SELECT *": "SELECT all", "(*)": "(rows)", " * ": " x "}  # a terminal and Slack eat asterisks


@dataclass(frozen=True, slots=True)
class Read:
    """One statement that was read from a generation, and how many rows it gave."""

    query: Query
    rows: int


class Traced(Generation):
    """The same generation, opened anew: whatever it is asked is read again and written down."""

    def __init__(self, path: Path, reads: list[Read], *, deal_by_deal: bool = False) -> None:
        """Open the file.

        Args:
            reads: where each statement is added as it is read.
            deal_by_deal: count closed deals one by one, never from ready-made sums of them.
        """
        self._reads: list[Read] = []
        self._deal_by_deal = deal_by_deal
        super().__init__(path)
        self._reads = reads  # from now on: what the file says about itself is no part of an answer

    def cells(
        self,
        dimensions: tuple[str, ...],
        filters: tuple[Filter, ...],
        period: Period,
        deal_type: str | None,
        scope: Scope,
    ) -> list[CellRow]:
        """As every generation's; deal by deal where that was asked for."""
        if not self._deal_by_deal:
            return super().cells(dimensions, filters, period, deal_type, scope)
        cut = Cut(dimensions, filters, period, deal_type, scope)
        return self._cells(cut, cells.from_deals(cut))

    def _fetch(self, query: Query) -> list[Any]:
        rows = super()._fetch(query)
        self._reads.append(Read(query, len(rows)))
        return rows


def ledger(reads: Iterable[Read], hidden: Collection[str]) -> list[tuple[str, int, int]]:
    """Each statement once, in the order first read: as `written`, how often it was read, rows in all."""
    times: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for read in reads:
        text = written(read.query, hidden)
        times[text] += 1
        rows[text] += read.rows
    return [(text, count, rows[text]) for text, count in times.items()]


def hidden_ids(generation: Generation) -> frozenset[str]:
    """The ids of everybody: no statement shows whose deals it was kept to."""
    known = (person.person_id for person in generation.people())
    return frozenset((*known, *generation.values("rep", EVERYONE)))


def written(query: Query, hidden: Collection[str]) -> str:
    """A statement with its parameters in place, short enough to be read; ids of people only as a count.

    >>> sql = "SELECT 1 FROM deals WHERE rep_id IN (SELECT value FROM json_each(?)) AND close_day >= ?"
    >>> written(Query(sql, ('["a", "b"]', 738886)), {"a", "b"})
    'SELECT 1 FROM deals WHERE rep_id IN (2 people) AND close_day >= 2024-01-01'
    """
    given = iter(query.parameters)
    text = query.sql.replace(_LIST, "?").replace(_QUARTER, "quarter")
    for sign, words in _PLAINER.items():
        text = text.replace(sign, words)
    filled = re.sub(r"\?", lambda _: _parameter(next(given), hidden), text)
    plain = " ".join(re.sub(r"\b\d{6}\b", _day, filled).split())
    return plain if len(plain) <= LONGEST else f"{plain[: LONGEST - 1]}…"


def _parameter(value: object, hidden: Collection[str]) -> str:
    if isinstance(value, str) and value.startswith("["):
        return _several(json.loads(value), hidden)
    return _several([value], hidden)


def _several(values: Sequence[object], hidden: Collection[str]) -> str:
    people = sum(value in hidden for value in values)
    if people:
        return "1 person" if people == 1 else f"{people} people"
    return ", ".join(f"'{value}'" if isinstance(value, str) else str(value) for value in values)


def _day(found: re.Match[str]) -> str:
    number = int(found[0])
    return date.fromordinal(number).isoformat() if DAYS[0] <= number < DAYS[1] else found[0]
