"""The state of a deal on a day: told by its events, else by its dates."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from analytics import refresh, store
from analytics.generation import LAYOUT, DealRow
from data import load, sample
from data.tables import Tables, current
from tests.amnesia import cut
from tests.random_tables import LATER_TOO, LOADED_ON, loads
from tests.tables import tables

MOVES = [
    {"deal_id": "D00001", "date": "2024-01-01", "kind": "stage", "new": "Qualified"},
    {"deal_id": "D00001", "date": "2024-02-10", "kind": "stage", "old": "Qualified", "new": "Demo"},
    {"deal_id": "D00001", "date": "2024-03-20", "kind": "stage", "old": "Demo", "new": "Proposal"},
]


def on(day: str, loaded: Tables, deal_id: str = "D00001") -> DealRow:
    """The deal as the generation of that day has it."""
    path = refresh.refresh(loaded, loaded.folder.parent.parent, date.fromisoformat(day), kind="asof")
    found = store.opened(path).deal(deal_id)
    assert found is not None
    return found


def day(text: str) -> int:
    """A day as the generation writes it."""
    return date.fromisoformat(text).toordinal()


def test_the_stage_is_the_last_one_entered_by_the_day(tmp_path: Path) -> None:
    deal = on("2024-03-01", tables(tmp_path, deals=[{"stage": "Proposal"}], events=MOVES))
    assert (deal.stage, deal.stage_number, deal.history) == ("Demo", 2, "events")
    assert (deal.stage_since_day, deal.days_in_stage) == (day("2024-02-10"), 20)


def test_since_when_a_deal_is_in_the_stage_of_its_first_load_is_not_known(tmp_path: Path) -> None:
    found = {"deal_id": "D00001", "date": "2024-02-10", "kind": "stage", "new": "Demo", "origin": "snapshot"}
    deal = on("2024-06-30", tables(tmp_path, deals=[{"stage": "Demo"}], events=[found]))
    assert (deal.stage, deal.days_in_stage) == ("Demo", None)
    moved = {**found, "date": "2024-06-20", "old": "Demo", "new": "Proposal", "sequence": 2}
    later = on("2024-06-29", tables(tmp_path, deals=[{"stage": "Proposal"}], events=[found, moved]))
    assert (later.stage, later.days_in_stage) == ("Proposal", 9)


def test_the_later_of_two_moves_on_a_day_counts(tmp_path: Path) -> None:
    twice = [
        {"deal_id": "D00001", "date": "2024-02-10", "kind": "stage", "new": "Proposal", "sequence": 1},
        {"deal_id": "D00001", "date": "2024-02-10", "kind": "stage", "new": "Demo", "sequence": 0},
    ]
    assert on("2024-03-01", tables(tmp_path, deals=[{}], events=twice)).stage == "Proposal"


def test_before_the_first_change_its_old_value_held(tmp_path: Path) -> None:
    changes = [
        {"deal_id": "D00001", "date": "2024-03-05", "kind": "amount", "old": "500000", "new": "900000"},
        {"deal_id": "D00001", "date": "2024-03-05", "kind": "owner", "old": "rep_2", "new": "rep_1"},
        {
            "deal_id": "D00001",
            "date": "2024-03-05",
            "kind": "close_date",
            "old": "2024-04-01",
            "new": "2024-06-01",
        },
    ]
    deal = on("2024-03-01", tables(tmp_path, deals=[{"amount": 9_000}], events=changes))
    assert (deal.amount_cents, deal.rep_id, deal.close_day) == (500_000, "rep_2", day("2024-04-01"))


def test_a_deal_that_closed_later_is_open_on_the_day(tmp_path: Path) -> None:
    won = {"outcome": "won", "close_date": "2024-05-01", "stage": "Negotiation", "next_step": "invoice"}
    deal = on("2024-03-01", tables(tmp_path, deals=[won]))
    assert (deal.outcome, deal.stage, deal.close_day, deal.next_step) == ("open", None, None, None)
    assert (deal.age_days, deal.cycle_days, deal.history) == (60, None, "dates")


def test_a_deal_that_closed_on_the_day_is_closed(tmp_path: Path) -> None:
    won = {"outcome": "won", "close_date": "2024-03-01", "stage": "Negotiation"}
    deal = on("2024-03-01", tables(tmp_path, deals=[won]))
    assert (deal.outcome, deal.stage, deal.cycle_days, deal.close_month) == ("won", "Negotiation", 60, 202403)


def test_a_closed_deal_keeps_the_last_stage_it_worked_in(tmp_path: Path) -> None:
    closing_move = {
        "deal_id": "D00001",
        "date": "2024-04-01",
        "kind": "stage",
        "old": "Proposal",
        "new": "Closed Won",
    }
    won = {"outcome": "won", "close_date": "2024-04-01", "stage": "Closed Won"}
    assert on("2024-05-01", tables(tmp_path, deals=[won], events=[*MOVES, closing_move])).stage == "Proposal"


def test_the_row_of_an_open_deal_counts_from_the_day_of_the_load(tmp_path: Path) -> None:
    row = {"stage": "Demo", "close_date": "2024-08-01", "next_step": "call", "updated_date": "2024-06-01"}
    row |= {"stage_entered_date": "2024-05-31"}
    loaded = tables(tmp_path, deals=[row], loaded_on="2024-06-30")
    now, before = on("2024-06-30", loaded), on("2024-06-29", loaded)
    assert (now.stage, now.close_day, now.next_step, now.days_in_stage) == (
        "Demo",
        day("2024-08-01"),
        "call",
        30,
    )
    assert (before.stage, before.close_day, before.next_step, before.updated_day) == (None, None, None, None)


def test_a_push_is_a_close_date_moved_later_by_the_day(tmp_path: Path) -> None:
    moved = [("2024-02-01", "2024-03-01", "2024-04-01"), ("2024-02-05", "2024-04-01", "2024-03-20")]
    moved.append(("2024-03-19", "2024-03-20", "2024-05-01"))
    events = [
        {"deal_id": "D00001", "date": at, "kind": "close_date", "old": old, "new": new}
        for at, old, new in moved
    ]
    loaded = tables(tmp_path, deals=[{}, {}], events=events)
    assert [on(at, loaded).push_count for at in ("2024-01-15", "2024-03-01", "2024-04-01")] == [None, 1, 2]
    assert on("2024-03-01", loaded, "D00002").push_count == 0


@pytest.mark.parametrize(
    ("told", "expected"),
    [("2024-02-20", "2024-02-20"), ("2024-02-01", "2024-02-10"), ("2024-04-01", "2024-02-10")],
)
def test_the_last_activity_is_the_latest_one_known(tmp_path: Path, told: str, expected: str) -> None:
    touches = [{"deal_id": "D00001", "date": at, "kind": "call"} for at in ("2024-02-10", "2024-03-10")]
    loaded = tables(tmp_path, deals=[{"last_activity_date": told}], activities=touches)
    deal = on("2024-03-01", loaded)
    assert (deal.last_activity_day, deal.days_since_activity) == (
        day(expected),
        day("2024-03-01") - day(expected),
    )


def test_no_activity_is_unknown_not_zero(tmp_path: Path) -> None:
    deal = on("2024-03-01", tables(tmp_path, deals=[{}]))
    assert (deal.last_activity_day, deal.days_since_activity) == (None, None)


def test_momentum_ranks_open_deals_within_their_stage(tmp_path: Path) -> None:
    created = ["2024-01-01", "2024-02-01", "2024-02-01", "2024-03-01"]
    deals = [{"stage": "Demo", "created_date": at} for at in created] + [{"stage": "Proposal"}]
    loaded = tables(tmp_path, deals=deals, loaded_on="2024-03-31")
    found = [on("2024-03-31", loaded, f"D{n:05d}").momentum_percentile for n in (1, 2, 3, 4, 5)]
    assert found == [0.125, 0.5, 0.5, 0.875, None]  # middle of the rank; alone: none


def contents(path: Path) -> dict[str, list[Any]]:
    """Every row of every table but `quality` (and so the checksum): it tells of a load, not of its deals."""
    with closing(sqlite3.connect(path)) as file:
        found = {t: file.execute(f"SELECT * FROM {t}").fetchall() for t in LAYOUT if t != "quality"}
    found["meta"] = [row for row in found["meta"] if row[0] != "checksum"]
    return found


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(load=loads(), as_of=LATER_TOO)
def test_time_travel_equals_amnesia(load: dict[str, Any], as_of: date) -> None:
    with TemporaryDirectory() as folder:
        full = tables(Path(folder, "full"), loaded_on=LOADED_ON, **load)
        forgetful = cut(full, as_of, Path(folder, "cut"))
        travelled = refresh.refresh(full, Path(folder, "full"), as_of)
        forgotten = refresh.refresh(forgetful, Path(folder, "cut"), as_of)
        assert contents(travelled) == contents(forgotten)


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    """A load with enough deals to learn from."""
    home = tmp_path_factory.mktemp("sampled")
    sample.write(home / "files", as_of=date(2024, 6, 28), deals=600, seed=7)
    load.load(sorted((home / "files").glob("*.csv")), home, loaded_on=date(2024, 6, 28))
    return current(home)


@pytest.mark.parametrize("as_of", [date(2024, 2, 14), date(2024, 5, 31)], ids=str)
def test_odds_reasons_closing_times_and_forecast_knew_no_future(
    sampled: Tables, tmp_path: Path, as_of: date
) -> None:
    forgetful = cut(sampled, as_of, tmp_path)
    travelled, forgotten = (
        store.opened(refresh.refresh(loaded, tmp_path / name, as_of))
        for name, loaded in (("full", sampled), ("cut", forgetful))
    )
    assert travelled.model()["card"]["speaks"]
    assert len(travelled.scores()) > 50
    assert travelled.models() == forgotten.models()
    assert travelled.scores() == forgotten.scores()
