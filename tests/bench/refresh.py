"""A refresh against a hand-written DuckDB query of the same cube: `python -m tests.bench.refresh [DEALS...]`.

The query reads the same Parquet files, takes stage, owner and amount from the events as a refresh does, and
counts the same pairs of dimensions by month; the sums of the cubes are compared. It keeps nothing, where a
refresh writes every deal down and leaves a checked file: so there is a second yardstick, the same query with
its cube and all deals put into SQLite, unchecked. Each runs in its own process, on the sample.
What the models take is left out.

Then one in a hundred deals changes, and what a refresh upon the last generation takes is compared with a full
one, in CPU seconds; and one deal is laid over the generation alone.
"""

import itertools
import json
import math
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import duckdb
import numpy as np
from numpy.typing import NDArray

from analytics import overlay, refresh, store
from analytics.generation import SEGMENTS
from analytics.questions import EVERYONE
from analytics.timeline import band_of
from data import sample
from data.schema import TABLES, Column, Type
from data.tables import at
from tests.tables import STAGES

AS_OF = date(2024, 6, 28)
SIZES = (5_000, 100_000, 1_000_000)

DEALS = """
    WITH told AS (
        SELECT deal_id,
               arg_max(new, (date, sequence)) FILTER (kind = 'stage') AS stage,
               arg_max(new, (date, sequence)) FILTER (kind = 'owner') AS rep_id,
               arg_max(TRY_CAST(new AS BIGINT), (date, sequence)) FILTER (kind = 'amount') AS amount_cents
        FROM read_parquet('{folder}/deal_events.parquet')
        WHERE kind <> 'close_date' GROUP BY deal_id
    )
    SELECT d.* REPLACE (coalesce(t.stage, d.stage) AS stage, coalesce(t.rep_id, d.rep_id) AS rep_id,
                        coalesce(t.amount_cents, d.amount_cents) AS amount_cents)
    FROM read_parquet('{folder}/deals.parquet') d LEFT JOIN told t USING (deal_id)"""
CLOSED = """
    SELECT region, industry, product, lead_source, deal_type, stage, d.rep_id AS rep, team,
           CASE {band} END AS amount_band, deal_type AS kind, amount_cents, outcome = 'won' AS won,
           year(close_date) * 100 + month(close_date) AS close_month, close_date - created_date AS cycle_days
    FROM deals d LEFT JOIN read_parquet('{folder}/people.parquet') ON person_id = d.rep_id
    WHERE outcome <> 'open'"""
CUBE = """
    SELECT kind, close_month, count(*) AS deals, count(*) FILTER (won) AS won,
           sum(amount_cents) AS amount_cents, sum(amount_cents) FILTER (won) AS won_amount_cents, {names}
    FROM closed GROUP BY GROUPING SETS ({sets})"""
CHANGED = """
    COPY (SELECT * REPLACE (CASE WHEN hash(deal_id) % 100 = 0 THEN amount_cents + 100 ELSE amount_cents END
                            AS amount_cents)
          FROM read_parquet('{before}/deals.parquet')) TO '{after}/deals.parquet'"""
ONES = 20  #: deals laid over the generation alone
SUMS = "SELECT COUNT(*), SUM(deals), SUM(won), SUM(amount_cents), SUM(won_amount_cents) FROM {cube}"


class Cost(NamedTuple):
    """What one run took, and the sums of the cube it made."""

    seconds: float
    cpu_seconds: float
    peak_megabytes: float
    sums: list[int]


class Clock:
    """Told of each table before it is made, it adds up what the learned ones take: their bench is another."""

    LEARNED = ("model", "scores")

    def __init__(self) -> None:
        """Nothing was learned yet."""
        self.learned = np.zeros(2)
        self._since: NDArray[np.float64] | None = None

    def __call__(self, table: str, done: int, total: int) -> None:
        """The next table is `table`."""
        now = self.read()
        self.learned += 0 if self._since is None else now - self._since
        self._since = now if table in self.LEARNED else None

    @staticmethod
    def read() -> NDArray[np.float64]:
        """Seconds, and CPU seconds, since some moment."""
        return np.array([time.perf_counter(), time.process_time()])


class Row(NamedTuple):
    """One size: the refresh, the query, the query with its rows kept; a refresh of few deals, and of one."""

    deals: int
    refresh: Cost
    query: Cost
    kept: Cost
    upon: Cost
    one: Cost

    @property
    def ratio(self) -> float:
        """Seconds of the refresh over those of the query."""
        return self.refresh.seconds / self.query.seconds

    @property
    def ratio_kept(self) -> float:
        """The same over those of the query with its rows kept."""
        return self.refresh.seconds / self.kept.seconds

    @property
    def ratio_upon(self) -> float:
        """CPU seconds upon the last generation over those of a full refresh."""
        return self.upon.cpu_seconds / self.refresh.cpu_seconds

    @property
    def one_ms(self) -> float:
        """Milliseconds of CPU for one deal alone."""
        return 1000 * self.one.cpu_seconds / ONES


def rows(sizes: Sequence[int] = SIZES) -> Iterator[Row]:
    """Both measured at each size, one after the other."""
    for deals in sizes:
        with TemporaryDirectory() as home:
            load(Path(home), deals)
            change(Path(home))
            row = Row(deals, *(_alone(what, home) for what in RUNS))
            if not row.refresh.sums == row.query.sums == row.kept.sums:
                raise SystemExit(f"The cubes differ: {[cost.sums for cost in row[1:4]]}.")
            yield row


def growth(measured: Sequence[Row]) -> float:
    """The exponent of seconds in deals between the two largest sizes: 1 is linear."""
    small, large = measured[-2:]
    return math.log(large.refresh.seconds / small.refresh.seconds) / math.log(large.deals / small.deals)


def table(sizes: Sequence[int] = SIZES) -> None:
    """Print what was measured."""
    print(
        "closed deals  refresh s  query s  ratio   kept s  ratio  CPU s of each       peak MB"
        "  1 %: CPU s  ratio  one: ms"
    )
    measured = []
    for row in rows(sizes):
        measured.append(row)
        _, ours, query, kept, upon, _ = row
        print(
            f"{row.deals:>12,} {ours.seconds:>10.2f} {query.seconds:>8.2f} {row.ratio:>6.2f}"
            f" {kept.seconds:>8.2f} {row.ratio_kept:>6.2f}"
            f" {ours.cpu_seconds:>7.2f} {query.cpu_seconds:>6.2f} {kept.cpu_seconds:>6.2f}"
            f" {ours.peak_megabytes:>6.0f}"
            f" {upon.cpu_seconds:>7.2f} {row.ratio_upon:>6.2f} {row.one_ms:>7.1f}",
            flush=True,
        )
    if len(measured) > 1:
        print(f"growth exponent {growth(measured):.2f} (1 is linear)")


def run_refresh(home: Path, clock: Clock) -> list[int]:
    """What is measured."""
    path = refresh.refresh(at(home / "tables" / "bench"), home, AS_OF, progress=clock)
    with closing(sqlite3.connect(path)) as file:
        return list(file.execute(SUMS.format(cube="cube")).fetchone())


def run_query(home: Path, clock: Clock) -> list[int]:
    """What it is measured against."""
    return _sums(_cube(home))


def run_kept(home: Path, clock: Clock) -> list[int]:
    """The same, with the cube and every deal in an SQLite file."""
    connection = _cube(home)
    with closing(sqlite3.connect(home / "kept.sqlite", isolation_level=None)) as file:
        file.execute("PRAGMA journal_mode = OFF")
        file.execute("PRAGMA synchronous = OFF")
        file.execute("BEGIN")
        for name in ("deals", "cube"):
            answer = connection.execute(f"SELECT * FROM {name} ORDER BY 1")
            columns = [column[0] for column in answer.description or ()]
            file.execute(f"CREATE TABLE {name} ({', '.join(columns)})")
            while batch := answer.fetchmany(20_000):
                file.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", batch)
        file.execute("COMMIT")
    return _sums(connection)


def run_upon(home: Path, clock: Clock) -> list[int]:
    """A refresh of the load in which few deals changed."""
    refresh.refresh(at(home / "tables" / "changed"), home, AS_OF, progress=clock)
    return []


def run_one(home: Path, clock: Clock) -> list[int]:
    """Some deals laid over the generation, one after the other."""
    generation = store.current(home)
    for deal_id in generation.deal_ids(EVERYONE)[:ONES]:
        overlay.row(
            generation, {"deal_id": deal_id, "outcome": "open", "created_date": AS_OF, "stage": "Demo"}
        )
    return []


RUNS = {"refresh": run_refresh, "query": run_query, "kept": run_kept, "upon": run_upon, "one": run_one}


def _cube(home: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    folder = home / "tables" / "bench"
    connection.execute(f"CREATE VIEW deals AS {DEALS.format(folder=folder)}")
    connection.execute(f"CREATE TABLE closed AS {CLOSED.format(folder=folder, band=band_of('amount_cents'))}")
    pairs = ["", *SEGMENTS, *(f"{a}, {b}" for a, b in itertools.combinations(SEGMENTS, 2))]
    sets = ", ".join(f"({', '.join(filter(None, (pair, 'kind', 'close_month')))})" for pair in pairs)
    connection.execute(f"CREATE TABLE cube AS {CUBE.format(names=', '.join(SEGMENTS), sets=sets)}")
    return connection


def _sums(connection: duckdb.DuckDBPyConnection) -> list[int]:
    return [int(value) for value in connection.execute(SUMS.format(cube="cube")).fetchone() or ()]


def load(home: Path, deals: int) -> None:
    """The sample CRM as canonical tables, by DuckDB: what loading costs is not the question here."""
    folder = home / "tables" / "bench"
    folder.mkdir(parents=True)
    sample.write(home / "files", as_of=AS_OF, deals=deals)
    connection = duckdb.connect()
    for name, layout in TABLES.items():
        columns = ", ".join(map(_column, layout.columns))
        source = f"read_csv('{home}/files/{name}.csv', all_varchar = true, nullstr = '')"
        connection.execute(f"COPY (SELECT {columns} FROM {source}) TO '{folder}/{name}.parquet'")
    manifest = {"load_id": "bench", "loaded_on": AS_OF.isoformat(), "currency": "USD", "stages": STAGES}
    (folder / "load.json").write_text(json.dumps(manifest))


def change(home: Path) -> None:
    """A second load beside the first, in which one in a hundred deals has another amount."""
    before, after = (home / "tables" / name for name in ("bench", "changed"))
    shutil.copytree(before, after)
    duckdb.execute(CHANGED.format(before=before, after=after))
    told = json.loads((after / "load.json").read_text())
    (after / "load.json").write_text(json.dumps(told | {"load_id": "changed"}))


def _column(column: Column) -> str:
    kinds = {Type.TEXT: "{0}", Type.DATE: "CAST({0} AS DATE)", Type.INTEGER: "CAST({0} AS BIGINT)"}
    text = kinds.get(column.type, "CAST(CAST({0} AS DECIMAL(18, 2)) * 100 AS BIGINT)")
    return f"{text.format(column.name)} AS {column.stored}"


def _alone(what: str, home: str) -> Cost:
    """The cost of one of the runs in a fresh process."""
    command = [sys.executable, "-m", "tests.bench.refresh", what, home]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return Cost(*json.loads(told.stdout))


def _measure(what: str, home: Path) -> None:
    clock, start = Clock(), Clock.read()
    sums = RUNS[what](home, clock)
    seconds, used = Clock.read() - start - clock.learned
    print(json.dumps([seconds, used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, sums]))


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in RUNS:
        _measure(sys.argv[1], Path(sys.argv[2]))
    else:
        table([int(size) for size in sys.argv[1:]] or SIZES)
