"""Every statement gives the same rows, value for value, whatever engine it runs on."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from analytics import refresh, timeline
from analytics.engine import SQL, Engine, statement
from tests.other_engines import OnSpark, Other
from tests.postgres import NoServer, server
from tests.random_tables import LATER_TOO, LOADED_ON, loads
from tests.tables import STAGES, tables

MADE = ("feeds", "last_activity", "state", "momentum", "closed", "snapshots")
WHOLE = ("people", "quotas", "totals", "closed_types")
SINCE = str(LOADED_ON.toordinal())
Rows = list[tuple[Any, ...]]

at_random = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def results(engine: Any) -> Iterator[tuple[str, Rows]]:
    """What every statement of a refresh gives: what it makes in any order, what it fills with in its own."""
    timeline.survey(engine)
    refresh.prepare(engine)
    for name in MADE:
        yield name, sorted(engine.rows(f"SELECT * FROM {name}"), key=repr)
    yield "aged", sorted(engine.rows(statement("aged", day=SINCE)))
    for text in (*map(statement, WHOLE), *(text for table in refresh.texts().values() for text in table)):
        yield text, engine.rows(text)


def on_duck(load: dict[str, Any], as_of: date, folder: Path) -> Engine:
    """An engine over a load of these rows."""
    quotas = [{"person_id": "rep_1", "period": "2024-Q1", "amount": 1_000}]
    return Engine(tables(folder, loaded_on=LOADED_ON, quotas=quotas, **load), as_of, spill=folder)


@pytest.fixture(scope="module")
def postgres() -> Iterator[Any]:
    """A connection to a PostgreSQL of our own; nothing that is done on it stays."""
    if find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed")
    import psycopg

    try:
        with server() as address, psycopg.connect(address) as connection:
            yield connection
            connection.rollback()
    except NoServer as problem:
        pytest.skip(f"No PostgreSQL here: {problem}.")


@at_random
@given(load=loads(), as_of=LATER_TOO)
def test_every_statement_gives_the_same_rows_on_sqlite(load: dict[str, Any], as_of: date) -> None:
    with (
        TemporaryDirectory() as folder,
        on_duck(load, as_of, Path(folder)) as duck,
        closing(sqlite3.connect(":memory:")) as file,
    ):
        sqlite = Other(file, "?", duck)
        assert dict(results(duck)) == dict(results(sqlite))


@at_random
@given(load=loads(), as_of=LATER_TOO)
def test_every_statement_gives_the_same_rows_on_postgresql(
    postgres: Any, load: dict[str, Any], as_of: date
) -> None:
    with TemporaryDirectory() as folder, on_duck(load, as_of, Path(folder)) as duck:
        elsewhere = Other(postgres, "%s", duck)
        assert dict(results(duck)) == dict(results(elsewhere))
        postgres.rollback()


@pytest.mark.skipif(find_spec("pyspark") is None, reason="pyspark is not installed")
def test_every_statement_gives_the_same_rows_on_spark(tmp_path: Path) -> None:
    from pyspark.sql import SparkSession

    with on_duck(SMALL, date(2024, 4, 10), tmp_path) as duck:
        session = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
        try:
            assert dict(results(duck)) == dict(results(OnSpark(session, duck)))
        finally:
            session.stop()


def test_no_statement_is_left_out(tmp_path: Path) -> None:
    with on_duck(SMALL, date(2024, 4, 10), tmp_path) as duck, closing(sqlite3.connect(":memory:")) as file:
        sqlite = Other(file, "?", duck)
        assert [name for name, rows in results(sqlite) if not rows] == []
        run = "\n".join(sqlite.given_texts)
    assert [
        path.stem for path in sorted(SQL.glob("*.sql")) if path.read_text().splitlines()[0] not in run
    ] == []


def _moves(deal_id: str, *days: int) -> list[dict[str, Any]]:
    """A deal that goes from stage to stage on these days of January."""
    names = [None, *STAGES]
    return [
        {"deal_id": deal_id, "date": date(2024, 1, day), "kind": "stage", "old": old, "new": new}
        for day, old, new in zip(days, names, STAGES, strict=False)
    ]


#: Something for every statement to count.
SMALL: dict[str, Any] = {
    "deals": [
        {"outcome": "won", "close_date": date(2024, 2, 20), "stage": "Negotiation", "deal_type": "new"},
        {"outcome": "lost", "close_date": date(2024, 2, 25), "stage": "Demo", "deal_type": "new"},
        {"stage": "Demo", "close_date": date(2024, 3, 20), "deal_type": "new"},
        {"stage": "Demo", "close_date": date(2024, 3, 30), "created_date": date(2024, 1, 9)},
        {"created_date": date(2023, 12, 1), "outcome": "won", "close_date": date(2024, 2, 20)},
    ],
    "events": [
        *_moves("D00001", 1, 5, 20, 25),
        *_moves("D00002", 1, 12),
        *_moves("D00003", 1, 30),
        {"deal_id": "D00005", "date": "2023-12-05", "kind": "close_date", "new": "2024-02-15"},
        {
            "deal_id": "D00003",
            "date": "2024-02-10",
            "kind": "close_date",
            "old": "2024-03-01",
            "new": "2024-03-20",
        },
        {"deal_id": "D00003", "date": "2024-02-10", "kind": "amount", "old": "900000", "new": "1000000"},
    ],
    "activities": [{"deal_id": "D00003", "date": "2024-02-01", "kind": "call"}],
    "people": [{"person_id": "rep_1", "team": "North"}],
}
