"""A refresh upon the last generation: few deals are done again, and the result is that of a full one."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from analytics import incremental, refresh, store
from analytics.engine import Engine
from analytics.generation import LAYOUT
from data.tables import Tables
from tests.random_tables import DEALS, LOADED_ON, VALUES, loads, maybe
from tests.tables import tables

Load = dict[str, list[dict[str, Any]]]

AS_OF = date(2024, 6, 15)
#: Enough deals that never change for one that does to be few.
STILL: list[dict[str, Any]] = [
    {
        "deal_id": f"S{n:02d}",
        "outcome": ("won", "lost")[n % 2],
        "close_date": date(2024, 1, 20),
        "stage": "Demo",
    }
    for n in range(60)
]


def contents(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of a generation by table, but what only names it."""
    with closing(sqlite3.connect(path)) as file:
        found = {table: sorted(file.execute(f"SELECT * FROM {table}"), key=repr) for table in LAYOUT}
    return found | {"meta": [row for row in found["meta"] if row[0] != "generation"]}


def built_upon(home: Path, loaded: Tables, as_of: date) -> bool:
    """Does a refresh of the load build upon the current generation?"""
    with Engine(loaded, as_of, spill=home / "spill") as engine:
        refresh.timeline.survey(engine)
        return incremental.base(home, engine) is not None


def both(home: Path, first: Load, second: Load, days: tuple[date, date], loaded: tuple[date, date]) -> bool:
    """Refresh one load after the other, assert that it equals a full refresh, tell whether it built upon."""
    before = tables(home, load_id="one", loaded_on=loaded[0], **with_still(first))
    refresh.refresh(before, home, days[0])
    now = tables(home, load_id="two", loaded_on=loaded[1], **with_still(second))
    quick = built_upon(home, now, days[1])
    upon = refresh.refresh(now, home, days[1])
    anew = refresh.refresh(now, home, days[1], full=True)
    assert contents(upon) == contents(anew)
    return quick


def with_still(load: Load) -> Load:
    """The load and sixty deals that never change."""
    named = [{"deal_id": f"D{n:05d}"} | deal for n, deal in enumerate(load["deals"], start=1)]
    return load | {"deals": [*named, *STILL]}


@st.composite
def changes(draw: st.DrawFn) -> tuple[Load, Load]:
    """A load, and the same after some of its deals changed, came, went, or had something happen."""
    first = draw(loads())
    deals = [draw(st.just(deal) | DEALS) for deal in first["deals"]]
    deals = [*deals[draw(st.integers(0, 1)) :], *draw(st.lists(DEALS, max_size=2))]
    happened = [
        {
            "deal_id": draw(st.sampled_from(("D00001", "D00003", "S07"))),
            "date": day,
            "kind": kind,
            "old": old,
            "new": new,
        }
        for kind, values in VALUES.items()
        for day, old, new in draw(
            st.lists(
                st.tuples(st.dates(date(2024, 2, 1), date(2024, 3, 20)), maybe(values), values), max_size=1
            )
        )
    ]
    touches = draw(
        st.lists(st.just({"deal_id": "D00002", "date": date(2024, 3, 2), "kind": "call"}), max_size=1)
    )
    second = first | {
        "deals": deals,
        "events": first["events"] + happened,
        "activities": first["activities"] + touches,
    }
    return first, second


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(pair=changes(), start=st.integers(0, 25), moved=st.integers(0, 25), again=st.booleans())
def test_upon_the_last_generation_or_anew_every_table_is_the_same(
    pair: tuple[Load, Load], start: int, moved: int, again: bool
) -> None:
    day = LOADED_ON - timedelta(days=10) + timedelta(days=start)
    loaded_on = LOADED_ON + timedelta(days=moved if again else 0)
    with TemporaryDirectory() as folder:
        quick = both(Path(folder), *pair, (day, day + timedelta(days=moved)), (LOADED_ON, loaded_on))
    event(f"built upon the last: {quick}")


def load(home: Path, deals: Sequence[dict[str, Any]], load_id: str, **other: Any) -> Tables:
    """A load of these deals and sixty more."""
    return tables(home, deals=[*deals, *STILL], load_id=load_id, loaded_on=AS_OF, **other)


def test_one_changed_deal_is_done_again_and_the_rest_is_kept(tmp_path: Path) -> None:
    deal = {"deal_id": "D1", "stage": "Demo"}
    refresh.refresh(load(tmp_path, [deal], "one"), tmp_path, AS_OF)
    now = load(tmp_path, [deal | {"outcome": "won", "close_date": AS_OF}], "two")
    with Engine(now, AS_OF, spill=tmp_path) as engine:
        refresh.timeline.survey(engine)
        base = incremental.base(tmp_path, engine)
    assert base is not None
    assert base.changed.to_pylist() == [{"deal_id": "D1"}]
    refresh.refresh(now, tmp_path, AS_OF)
    generation = store.current(tmp_path)
    found = generation.deal("D1")
    assert found is not None
    assert (found.outcome, generation.meta.won, generation.meta.open) == ("won", 31, 0)


@pytest.mark.parametrize(
    "other",
    [
        {"stages": ("Demo", "Proposal")},
        {"currency": "EUR"},
        {"people": [{"person_id": "rep_1", "team": "South"}]},
        {"events": [{"deal_id": "S01", "date": "2024-01-05", "kind": "close_date", "new": "2024-01-20"}]},
    ],
    ids=lambda other: next(iter(other)),
)
def test_what_touches_every_deal_is_made_anew(tmp_path: Path, other: dict[str, Any]) -> None:
    refresh.refresh(load(tmp_path, [{}], "one"), tmp_path, AS_OF)
    assert built_upon(tmp_path, load(tmp_path, [{}], "two"), AS_OF)
    assert not built_upon(tmp_path, load(tmp_path, [{}], "three", **other), AS_OF)


def test_many_changed_deals_are_made_anew(tmp_path: Path) -> None:
    refresh.refresh(load(tmp_path, [{}] * 20, "one"), tmp_path, AS_OF)
    assert not built_upon(tmp_path, load(tmp_path, [{"amount": 1}] * 20, "two"), AS_OF)


def test_an_earlier_day_is_made_anew(tmp_path: Path) -> None:
    loaded = load(tmp_path, [{}], "one")
    refresh.refresh(loaded, tmp_path, AS_OF)
    assert not built_upon(tmp_path, loaded, AS_OF - timedelta(days=1))


def test_a_load_that_is_gone_or_was_written_again_is_not_built_upon(tmp_path: Path) -> None:
    before = load(tmp_path, [{}], "one")
    made = refresh.refresh(before, tmp_path, AS_OF)
    now = load(tmp_path, [{}], "two")
    later = made.stat().st_mtime + 1
    os.utime(before.path("deals"), (later, later))
    assert not built_upon(tmp_path, now, AS_OF)
    before.path("deals").unlink()
    assert not built_upon(tmp_path, now, AS_OF)
