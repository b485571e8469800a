"""The open book of each load, and the history that grows from one load to the next."""

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from analytics import refresh, store
from data import tables
from data.load import load

HEADER = "deal_id,rep_id,created_date,close_date,outcome,amount,stage,stage_entered_date\n"
JUNE, WEEK_LATER = date(2024, 6, 1), date(2024, 6, 8)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def loaded(home: Path, day: date, *rows: str, **options) -> None:
    path = home.parent / "deals.csv"
    path.write_text(HEADER + "".join(f"{row}\n" for row in rows))
    load([path], home, loaded_on=day, **options)


def events(home: Path) -> list[tuple]:
    stored = pq.read_table(tables.current(home).path("deal_events")).to_pylist()
    return [(e["deal_id"], e["date"].isoformat(), e["kind"], e["old"], e["new"], e["origin"]) for e in stored]


def test_a_load_keeps_the_open_book_of_its_day(home):
    loaded(
        home, JUNE, "D1,ann,2024-05-01,2024-09-01,open,10,Demo,", "D2,ann,2024-05-01,2024-05-09,won,10,Demo,"
    )
    (deal,) = pq.read_table(home / "snapshots" / "2024-06-01.parquet").to_pylist()
    assert (deal["deal_id"], deal["stage"], deal["amount_cents"], deal["rep_id"]) == (
        "D1",
        "Demo",
        1000,
        "ann",
    )


def test_what_changed_between_two_loads_becomes_events_of_the_later_day(home):
    loaded(home, JUNE, "D1,ann,2024-05-01,2024-09-01,open,10,Demo,")
    loaded(home, WEEK_LATER, "D1,bob,2024-05-01,2024-10-01,open,20,Proposal,")
    assert events(home) == [
        ("D1", "2024-06-01", "stage", None, "Demo", "snapshot"),
        ("D1", "2024-06-08", "stage", "Demo", "Proposal", "snapshot"),
        ("D1", "2024-06-08", "amount", "1000", "2000", "snapshot"),
        ("D1", "2024-06-08", "close_date", "2024-09-01", "2024-10-01", "snapshot"),
        ("D1", "2024-06-08", "owner", "ann", "bob", "snapshot"),
    ]


def test_the_day_a_stage_was_entered_dates_its_event(home):
    loaded(home, JUNE, "D1,ann,2024-05-01,,open,10,Demo,2024-05-20")
    loaded(home, WEEK_LATER, "D1,ann,2024-05-01,,open,10,Proposal,2024-06-05")
    assert [(day, new) for _, day, _, _, new, _ in events(home)] == [
        ("2024-05-20", "Demo"),
        ("2024-06-05", "Proposal"),
    ]


def test_a_closed_deal_that_tells_when_it_entered_its_stage_has_that_event(home):
    loaded(home, JUNE, "D1,ann,2024-04-01,2024-05-20,won,10,Proposal,2024-05-02")
    assert events(home) == [("D1", "2024-05-02", "stage", None, "Proposal", "crm")]


def test_the_same_day_loaded_again_replaces_its_snapshot(home):
    loaded(home, JUNE, "D1,ann,2024-05-01,,open,10,Demo,")
    loaded(home, JUNE, "D1,ann,2024-05-01,,open,10,Proposal,")
    assert [e[4] for e in events(home)] == ["Proposal"]


def test_history_seen_between_loads_never_doubles_what_the_crm_tells(home, tmp_path):
    told = tmp_path / "events.csv"
    told.write_text("deal_id,date,kind,new\nD1,2024-05-02,stage,Demo\n")
    deals = tmp_path / "deals.csv"
    deals.write_text(HEADER + "D1,ann,2024-05-01,,open,10,Demo,\n")
    load([deals, told], home, loaded_on=JUNE)
    deals.write_text(HEADER + "D1,ann,2024-05-01,,open,20,Demo,\n")
    load([deals, told], home, loaded_on=WEEK_LATER)
    assert [(e[2], e[4], e[5]) for e in events(home)] == [
        ("stage", "Demo", "crm"),
        ("amount", "2000", "snapshot"),
    ]


def test_another_deal_of_the_same_id_inherits_nothing(home):
    loaded(home, JUNE, "D1,ann,2024-05-01,,open,10,Demo,")
    loaded(home, WEEK_LATER, "D1,zoe,2024-06-07,,open,99,Demo,", replace=True)
    assert [(e[1], e[2], e[4]) for e in events(home)] == [("2024-06-08", "stage", "Demo")]


def test_a_load_of_a_past_day_knows_no_later_snapshot(home):
    loaded(home, WEEK_LATER, "D1,ann,2024-05-01,,open,10,Proposal,")
    loaded(home, JUNE, "D1,ann,2024-05-01,,open,10,Demo,")
    assert [(e[1], e[4]) for e in events(home)] == [("2024-06-01", "Demo")]


CLOSED = "D1,bob,2024-05-01,{day},won,99,Demo,"


@pytest.mark.parametrize(("closed", "dated"), [("2024-06-04", "2024-06-04"), ("2024-05-20", "2024-06-02")])
def test_what_arrives_with_the_close_changed_on_its_day_or_after_the_last_snapshot(home, closed, dated):
    loaded(home, JUNE, "D1,ann,2024-05-01,2024-09-01,open,20,Demo,")
    for day in (WEEK_LATER, date(2024, 7, 1)):
        loaded(home, day, CLOSED.format(day=closed))
        assert events(home) == [
            ("D1", "2024-06-01", "stage", None, "Demo", "snapshot"),
            ("D1", dated, "amount", "2000", "9900", "snapshot"),
            ("D1", dated, "owner", "ann", "bob", "snapshot"),
        ]


def test_a_day_before_the_close_shows_what_was_known_then(home):
    loaded(home, JUNE, "D1,ann,2024-05-01,2024-09-01,open,20,Demo,")
    loaded(home, WEEK_LATER, CLOSED.format(day="2024-06-04"))
    replays = [refresh.refresh(tables.current(home), home, date(2024, 6, d), kind="asof") for d in (3, 4)]
    seen = [store.opened(path).deal("D1") for path in replays]
    assert [(d.outcome, d.amount_cents, d.rep_id) for d in seen] == [
        ("open", 2000, "ann"),
        ("won", 9900, "bob"),
    ]


def test_a_damaged_snapshot_is_left_out_and_told(home, tmp_path):
    loaded(home, JUNE, "D1,ann,2024-05-01,,open,10,Demo,")
    (home / "snapshots" / "2024-06-01.parquet").write_bytes(b"")
    report = load([tmp_path / "deals.csv"], home, loaded_on=WEEK_LATER)
    assert [e[:3] for e in events(home)] == [("D1", "2024-06-08", "stage")]
    assert [note for note in report.notes if note.startswith("snapshots: that of 2024-06-01 is damaged")]
