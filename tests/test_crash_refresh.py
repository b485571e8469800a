"""Killed at any moment, a refresh leaves the last good generation; a reader never sees half a one."""

import multiprocessing
import random
import sqlite3
import threading
import time
from contextlib import closing
from datetime import date
from pathlib import Path

from analytics import checks, refresh, store
from analytics.questions import ALL_TIME, EVERYONE
from data.tables import at
from tests.crash import refresh_forever
from tests.tables import tables

KILLS = 30


def two_loads(home: Path) -> None:
    """Loads of different size, so that a mixture of their generations would show."""
    for size in (40, 160):
        deals = [
            {
                "outcome": ("won", "lost", "open")[n % 3],
                "close_date": f"2024-0{n % 5 + 1}-28",
                "region": f"R{n % 4}",
                "amount": n,
            }
            for n in range(size)
        ]
        tables(home, deals=deals, load_id=f"load-{size}")


def assert_whole(generation: store.Generation) -> None:
    """The generation agrees with itself, down to its checksum."""
    assert checks.problems(generation.path, generation.as_of.toordinal()) == []
    with closing(sqlite3.connect(f"file:{generation.path}?mode=ro&immutable=1", uri=True)) as file:
        assert checks.checksum(file) == generation.meta.checksum
    (row,) = generation.cells((), (), ALL_TIME, None, EVERYONE)
    assert (row.deals, row.won) == (generation.meta.closed, generation.meta.won)
    assert len(generation.deal_ids(EVERYONE)) == generation.meta.deals


def seconds_of_a_refresh(home: Path) -> float:
    """How long one refresh takes when nobody kills it."""
    start = time.perf_counter()
    refresh.refresh(at(home / "tables" / "load-160"), home, date(2024, 6, 15))
    return time.perf_counter() - start


class Reader(threading.Thread):
    """Reads the current generation again and again, and remembers the first thing that was wrong."""

    def __init__(self, home: Path) -> None:
        super().__init__(daemon=True)
        self.home, self.reads, self.wrong = home, 0, ""
        self.enough = threading.Event()

    def run(self) -> None:
        """Read until told that it is enough."""
        while not self.enough.wait(0.01):
            try:
                generation = store.current(self.home)
                (row,) = generation.cells((), (), ALL_TIME, None, EVERYONE)
                assert row.deals == generation.meta.closed, generation.id
                assert len(generation.deal_ids(EVERYONE)) == generation.meta.deals, generation.id
            except (store.StoreError, AssertionError) as problem:
                self.wrong = self.wrong or repr(problem)
            self.reads += 1


def test_a_killed_refresh_never_leaves_half_a_generation(tmp_path: Path) -> None:
    two_loads(tmp_path)
    usual = min(seconds_of_a_refresh(tmp_path) for _ in range(3))
    builders = multiprocessing.get_context("forkserver")
    builders.set_forkserver_preload(["tests.crash", "sqlite_utils"])
    reader, moments, seen = Reader(tmp_path), random.Random(7), set()
    reader.start()
    for _ in range(KILLS):
        builder = builders.Process(target=refresh_forever, args=(tmp_path,))
        builder.start()
        time.sleep(moments.uniform(0, 3 * usual))
        builder.kill()
        builder.join()
        builder.close()
        generation = store.current(tmp_path)
        assert_whole(generation)
        seen.add(generation.id)
    reader.enough.set()
    reader.join()
    assert reader.wrong == ""
    assert reader.reads > KILLS
    assert len(seen) > 1  # some refreshes did finish in between
