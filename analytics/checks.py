"""Is a generation file whole? Its own sums, what contradicts them, and a checksum over them."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from analytics.generation import LAYOUT, PAIRS, SEGMENTS

#: Sums that the tables must share, by the table they are taken from.
CLOSED_DEALS = """
    SELECT COUNT(*), COALESCE(SUM(outcome = 'won'), 0),
           COALESCE(SUM(CASE WHEN in_main_currency THEN amount_cents END), 0),
           COALESCE(SUM(CASE WHEN in_main_currency AND outcome = 'won' THEN amount_cents END), 0)
    FROM deals WHERE outcome <> 'open'"""
CUBE = """
    SELECT dimension_1, dimension_2, SUM(deals), SUM(won), SUM(amount_cents), SUM(won_amount_cents)
    FROM cube GROUP BY dimension_1, dimension_2 ORDER BY dimension_1, dimension_2"""
CYCLES = "SELECT dimension, SUM(won), SUM(lost) FROM cycles GROUP BY dimension ORDER BY dimension"
AGES = "SELECT COALESCE(SUM(won), 0), COALESCE(SUM(lost), 0), COALESCE(SUM(open), 0) FROM ages"
IN_CYCLES = """
    SELECT COALESCE(SUM(outcome = 'won'), 0), COALESCE(SUM(outcome = 'lost'), 0),
           COALESCE(SUM(outcome = 'open'), 0)
    FROM deals WHERE backdated = 0"""
LATER = "SELECT COUNT(*) FROM deals WHERE created_day > ? OR (outcome <> 'open' AND close_day > ?)"


def problems(path: Path, as_of_day: int) -> list[str]:
    """What is wrong with a generation of that day; empty when nothing is.

    The integrity check reads every page and takes longest, so the sums are compared beside it.
    """
    with ThreadPoolExecutor(2) as both:
        damage = both.submit(_all, _damage, path)
        contradictions = both.submit(_all, lambda file: _contradictions(file, as_of_day), path)
        return [*damage.result(), *contradictions.result()]


def checksum(connection: sqlite3.Connection) -> str:
    """A digest of the number of rows of every table and of the sums they share."""
    told: list[object] = [
        connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone() for table in LAYOUT if table != "meta"
    ]
    told.extend(connection.execute(text).fetchall() for text in (CLOSED_DEALS, CUBE, CYCLES, AGES))
    return hashlib.sha256(repr(told).encode()).hexdigest()


def _all(check: Callable[[sqlite3.Connection], Iterator[str]], path: Path) -> list[str]:
    address = f"file:{quote(str(path.absolute()))}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as file:
        return list(check(file))


def _damage(connection: sqlite3.Connection) -> Iterator[str]:
    for (line,) in connection.execute("PRAGMA quick_check"):
        if line != "ok":
            yield f"integrity: {line}"


def _contradictions(connection: sqlite3.Connection, as_of_day: int) -> Iterator[str]:
    late = _row(connection, LATER, as_of_day, as_of_day)[0]
    if late:
        yield f"{late} deals were created or closed after the day of the generation"
    yield from _cube(connection)
    won, lost, still_open = _row(connection, IN_CYCLES)
    cycles = {dimension: counts for dimension, *counts in connection.execute(CYCLES)}
    for dimension in ("", *SEGMENTS):
        if cycles.get(dimension, [0, 0]) != [won, lost]:
            yield f"cycles of {dimension!r} count {cycles.get(dimension)}, the deals {[won, lost]}"
    ages = _row(connection, AGES)
    if ages != (won, lost, still_open):
        yield f"ages count {ages}, the deals {(won, lost, still_open)}"


def _cube(connection: sqlite3.Connection) -> Iterator[str]:
    closed = _row(connection, CLOSED_DEALS)
    cube = {(first, second): tuple(sums) for first, second, *sums in connection.execute(CUBE)}
    for pair in PAIRS:
        if cube.get(pair, (0, 0, 0, 0)) != closed:
            yield f"the cube by {pair} sums to {cube.get(pair)}, the deals to {closed}"


def _row(connection: sqlite3.Connection, text: str, *parameters: int) -> tuple[Any, ...]:
    return tuple(connection.execute(text, parameters).fetchone())
