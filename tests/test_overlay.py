"""One changed deal: its row alone is the row that a refresh of everything would write."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import overlay, refresh, store
from analytics.generation import DealRow
from data import tables as data_tables
from data.tables import Tables
from tests.random_tables import DEALS, LOADED_ON, loads
from tests.tables import rows, tables

AS_OF = date(2024, 6, 30)


def overlaid(generation: store.Generation, loaded: Tables, deal_id: str) -> DealRow:
    """A deal of the load, laid over the generation."""
    of: dict[str, Sequence[dict[str, Any]]] = {
        name: [row for row in rows(loaded, name) if row["deal_id"] == deal_id]
        for name in ("deals", "deal_events", "activities")
    }
    return overlay.row(generation, of["deals"][0], of["deal_events"], of["activities"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(load=loads(), later=st.integers(0, 20), changed=DEALS)
def test_one_deal_alone_is_as_in_a_refresh_of_all(
    load: dict[str, Any], later: int, changed: dict[str, Any]
) -> None:
    day = LOADED_ON + timedelta(days=later)
    second = load | {"deals": [load["deals"][0] | changed, *load["deals"][1:]]}
    with TemporaryDirectory() as folder:
        home = Path(folder)
        refresh.refresh(tables(home, load_id="one", loaded_on=LOADED_ON, **load), home, day)
        before = store.current(home)
        now = tables(home, load_id="two", loaded_on=LOADED_ON, **second)
        refresh.refresh(now, home, day, full=True)
        after = store.current(home)
        found = after.deal("D00001")
        if before.meta.feeds == after.meta.feeds and found:
            assert overlaid(before, now, "D00001") == found


def test_a_change_moves_the_deal_among_the_others_of_its_stage(tmp_path: Path) -> None:
    ages = [{"stage": "Demo", "created_date": day} for day in ("2024-06-01", "2024-06-10", "2024-06-20")]
    loaded = tables(tmp_path, deals=[*ages, {"stage": "Proposal"}])
    refresh.refresh(loaded, tmp_path, AS_OF)
    generation = store.current(tmp_path)
    (deal,) = (row for row in rows(loaded, "deals") if row["deal_id"] == "D00004")
    assert overlay.row(generation, deal).momentum_percentile is None  # alone in its stage
    back = overlay.row(generation, deal | {"stage": "Demo"})
    assert back.momentum_percentile == 1 / 8  # the oldest of four: half of its own place


def test_a_deal_nobody_knew_is_told_as_well(tmp_path: Path) -> None:
    refresh.refresh(
        tables(tmp_path, deals=[{}], people=[{"person_id": "rep_1", "team": "North"}]), tmp_path, AS_OF
    )
    new = {
        "deal_id": "D9",
        "created_date": date(2024, 6, 20),
        "outcome": "open",
        "rep_id": "rep_1",
        "stage": "Demo",
    }
    moved = {"deal_id": "D9", "date": date(2024, 6, 25), "kind": "stage", "old": "Qualified", "new": "Demo"}
    found = overlay.row(store.current(tmp_path), new, [moved])
    assert (found.age_days, found.team, found.days_in_stage) == (10, "North", 5)


def test_one_deal_alone_has_the_odds_of_a_refresh_of_all(crm: Path) -> None:
    generation = store.current(crm)
    loaded = data_tables.current(crm)
    for score in generation.scores()[:3]:
        of = {
            name: [row for row in rows(loaded, name) if row["deal_id"] == score.deal_id]
            for name in ("deals", "deal_events", "activities")
        }
        told, alone = overlay.told(generation, of["deals"][0], of["deal_events"], of["activities"])
        assert told == generation.deal(score.deal_id)
        assert alone is not None
        assert alone.win_probability == pytest.approx(score.win_probability, abs=1e-12)
        assert (alone.risk, alone.features) == (score.risk, score.features)


def test_threads_that_ask_at_once_are_told_of_their_own_deal_each(crm: Path) -> None:
    generation, loaded = store.current(crm), data_tables.current(crm)
    ids = [row.deal_id for row in generation.open_deals()[:4]]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(partial(overlaid, generation, loaded), ids))
    assert found == [generation.deal(deal_id) for deal_id in ids]
