"""Loading what CRMs export: formats found and told, tables made, carried over and published once."""

import csv
import gzip
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import tables
from data.load import load

TODAY = date(2024, 6, 30)
HEADER = "deal_id,rep_id,created_date,close_date,outcome,amount,stage"
THREE = (
    "D1,ann,2024-01-05,2024-02-01,Won,1000,Proposal\n"
    "D2,bob,2024-01-06,2024-03-01,Lost,2000,Demo\n"
    "D3,ann,2024-06-01,2024-09-01,Open,3000.50,Demo\n"
)


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def rows(home: Path, table: str = "deals") -> list[dict]:
    return pq.read_table(tables.current(home).path(table)).to_pylist()


def column(home: Path, name: str, table: str = "deals") -> list:
    return [row[name] for row in rows(home, table)]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def test_three_rows_become_three_deals_and_their_two_reps(home, tmp_path):
    report = load([write(tmp_path / "deals.csv", f"{HEADER}\n{THREE}")], home, loaded_on=TODAY)
    assert (report.rows_read, report.rows_kept, report.rows_rejected) == (3, 3, 0)
    assert column(home, "outcome") == ["won", "lost", "open"]
    assert column(home, "amount_cents") == [100000, 200000, 300050]
    assert rows(home, "people")[0] == {
        "person_id": "ann", "name": "ann", "email": None, "role": "rep", "manager_id": None, "team": None,
    }  # fmt: skip


def test_every_table_exists_with_every_column_even_without_a_row(home, tmp_path):
    load([write(tmp_path / "deals.csv", f"{HEADER}\n{THREE}")], home, loaded_on=TODAY)
    schema = pq.read_schema(tables.current(home).path("quotas"))
    assert schema.names == ["person_id", "period", "amount_cents"]
    assert pq.read_schema(tables.current(home).path("deals")).field("close_date").type == pa.date32()


def test_the_same_file_again_changes_nothing(home, tmp_path):
    file = write(tmp_path / "deals.csv", f"{HEADER}\n{THREE}")
    first = load([file], home, loaded_on=TODAY)
    second = load([file], home, loaded_on=TODAY)
    assert (first.published, second.published, second.load_id) == (True, False, first.load_id)
    assert second.sentences()[-1] == f"Nothing changed: load {first.load_id} is already the current one."


def test_the_same_file_on_a_later_day_is_known_to_be_true_until_then(home, tmp_path):
    file = write(tmp_path / "deals.csv", f"{HEADER}\n{THREE}")
    load([file], home, loaded_on=TODAY)
    assert load([file], home, loaded_on=TODAY + timedelta(days=1)).published
    assert tables.current(home).loaded_on == TODAY + timedelta(days=1)


def test_a_dry_run_writes_nothing(home, tmp_path):
    report = load([write(tmp_path / "deals.csv", f"{HEADER}\n{THREE}")], home, loaded_on=TODAY, dry_run=True)
    assert report.rows_kept == 3
    assert not home.exists()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_the_encoding_is_found(home, tmp_path, encoding):
    file = write(tmp_path / "deals.csv", f"{HEADER}\nD1,Zoë,2024-01-05,2024-02-01,Won,10,Démo\n", encoding)
    load([file], home, loaded_on=TODAY)
    assert (column(home, "rep_id"), column(home, "stage")) == (["Zoë"], ["Démo"])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_and_told(home, tmp_path, delimiter):
    file = write(tmp_path / "deals.csv", f"{HEADER}\n{THREE}".replace(",", delimiter))
    report = load([file], home, loaded_on=TODAY)
    assert (report.files[0].delimiter, report.rows_kept) == (delimiter, 3)


@pytest.mark.parametrize(
    ("written", "order", "day"),
    [
        (["2024-02-01", "2024-02-13"], "iso", date(2024, 2, 1)),
        (["01/02/2024", "13/02/2024"], "dmy", date(2024, 2, 1)),
        (["02/01/2024", "02/13/2024"], "mdy", date(2024, 2, 1)),
        (["01.02.2024", "02.02.2024"], "dmy", date(2024, 2, 1)),
        (["2024-02-01T22:30:00-05:00", "2024-02-01"], "iso", date(2024, 2, 2)),
        (["1706745600000", "1706832000000"], "iso", date(2024, 2, 1)),
        (["2024-02-01T00:00:00.000+0000", "2024-02-02T00:00:00Z"], "iso", date(2024, 2, 1)),
        (["1 Feb 2024", "Feb 2, 2024"], "iso", date(2024, 2, 1)),
        (["2/1/2024 11:30 PM", "2/13/2024 1:00 AM"], "mdy", date(2024, 2, 1)),
    ],
)
def test_the_order_of_dates_is_found_over_the_column(home, tmp_path, written, order, day):
    lines = "".join(f'D{i},ann,2024-01-05,"{text}",Won,1,Demo\n' for i, text in enumerate(written))
    report = load([write(tmp_path / "deals.csv", f"{HEADER}\n{lines}")], home, loaded_on=TODAY)
    assert report.files[0].date_order == order
    assert column(home, "close_date")[0] == day


def test_dates_that_tell_no_order_are_read_and_the_doubt_is_told(home, tmp_path):
    file = write(tmp_path / "deals.csv", f"{HEADER}\nD1,ann,2024-01-05,02/03/2024,Won,1,Demo\n")
    report = load([file], home, loaded_on=TODAY)
    assert (
        "column 'close_date': nothing tells the day from the month; mdy was taken" in report.files[0].notes[0]
    )


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        (["$1,234.50", "7"], [123450, 700]),
        (["1.234,50", "12,5"], [123450, 1250]),
        (["12,5", "1.000"], [1250, 100000]),
        (["EUR 1 234.50", "(none)"], [123450, None]),
        (["NaN", "N/A"], [None, None]),
        (["0", "-0.00"], [0, 0]),
        (["1.5e3", "2"], [150000, 200]),
    ],
)
def test_amounts_are_read_as_the_column_writes_them(home, tmp_path, written, cents):
    lines = "".join(f'D{i},ann,2024-01-05,2024-02-01,Won,"{text}",Demo\n' for i, text in enumerate(written))
    load([write(tmp_path / "deals.csv", f"{HEADER}\n{lines}")], home, loaded_on=TODAY)
    assert column(home, "amount_cents") == cents


def test_words_for_nothing_become_null_and_na_stays_a_region(home, tmp_path):
    text = "deal_id,rep_id,created_date,outcome,region,industry\nD1,None,2024-01-05,open,NA,Unknown\n"
    load([write(tmp_path / "deals.csv", text)], home, loaded_on=TODAY)
    assert (column(home, "rep_id"), column(home, "region"), column(home, "industry")) == (
        [None],
        ["NA"],
        [None],
    )


def test_spreadsheet_leavings_are_no_rows(home, tmp_path):
    text = f"Pipeline report,,,,,,\n\n{HEADER}\n{THREE},,,,,,\n\nGrand Total,,,,,6000.50,\n"
    report = load([write(tmp_path / "deals.csv", text)], home, loaded_on=TODAY)
    assert (report.rows_read, report.rows_kept, report.files[0].dropped) == (4, 3, {"totals": 1})
    assert "the header is in row 3; the rows above it were left out" in report.files[0].notes


def test_a_quoted_line_break_keeps_the_row_numbers_of_the_spreadsheet(home, tmp_path):
    bad = "".join(f"D{i},ann,2024-01-05,2024-02-01,Won,1,Demo\n" for i in range(10, 40))
    text = f'{HEADER}\nD1,ann,2024-01-05,2024-02-01,Won,1,"De\nmo"\n{bad}D9,ann,2024-99-05,,open,1,Demo\n'
    report = load([write(tmp_path / "deals.csv", text)], home, loaded_on=TODAY)
    with report.reject_file.open() as file:
        (reject,) = csv.DictReader(file)
    assert (reject["row"], reject["column"], reject["value"]) == ("33", "created_date", "2024-99-05")
    assert reject["reason"] == "no such day in the calendar"


def test_gzip_parquet_and_a_folder_of_both_are_read_alike(home, tmp_path):
    folder = tmp_path / "export"
    folder.mkdir()
    (folder / "deals.csv.gz").write_bytes(gzip.compress(f"{HEADER}\n{THREE}".encode()))
    activities = {
        "deal_id": ["D1", "D3"],
        "date": [date(2024, 1, 9), date(2024, 6, 2)],
        "kind": ["call", "mail"],
    }
    pq.write_table(pa.table(activities), folder / "touches.parquet")
    report = load([folder], home, loaded_on=TODAY)
    assert (report.counts["deals"], report.counts["activities"]) == (3, 2)
    assert column(home, "date", "activities") == [date(2024, 1, 9), date(2024, 6, 2)]


def test_several_files_feed_one_table(home, tmp_path):
    first = write(tmp_path / "old.csv", f"{HEADER}\nD1,ann,2024-01-05,2024-02-01,Won,1,Demo\n")
    second = write(tmp_path / "new.csv", f"{HEADER}\nD2,ann,2024-01-05,2024-02-01,Won,1,Demo\n")
    load([first, second], home, loaded_on=TODAY)
    assert column(home, "deal_id") == ["D1", "D2"]


def test_a_table_without_a_file_is_carried_over(home, tmp_path):
    deals = write(tmp_path / "deals.csv", f"{HEADER}\n{THREE}")
    people = write(tmp_path / "people.csv", "person_id,name,role\nann,Ann Lee,AE\nmia,Mia,Manager\n")
    load([deals, people], home, loaded_on=TODAY)
    report = load([deals], home, loaded_on=TODAY)
    names = [(p["person_id"], p["name"], p["role"]) for p in rows(home, "people")]
    assert names == [("ann", "Ann Lee", "rep"), ("mia", "Mia", "manager"), ("bob", "bob", "rep")]
    assert any(note.startswith("people: no file given, 3 rows kept") for note in report.notes)


def test_a_fresh_start_carries_nothing_over(home, tmp_path):
    deals = write(tmp_path / "deals.csv", f"{HEADER}\n{THREE}")
    people = write(tmp_path / "people.csv", "person_id,name,role\nmia,Mia,manager\n")
    load([deals, people], home, loaded_on=TODAY)
    load([deals], home, loaded_on=TODAY, replace=True)
    assert column(home, "person_id", "people") == ["ann", "bob"]


def test_an_exact_repeat_is_dropped_and_the_newest_version_wins(home, tmp_path):
    text = (
        "deal_id,rep_id,created_date,outcome,updated_date,stage\n"
        "D1,ann,2024-01-05,open,2024-05-01,Demo\n"
        "D1,ann,2024-01-05,open,2024-06-01,Proposal\n"
        "D2,ann,2024-01-05,open,2024-05-01,Demo\n"
        "D2,ann,2024-01-05,open,2024-05-01,Demo\n"
    )
    report = load([write(tmp_path / "deals.csv", text)], home, loaded_on=TODAY)
    assert column(home, "stage") == ["Proposal", "Demo"]
    assert (report.rows_read, report.rows_kept, report.files[0].rows_dropped) == (4, 2, 2)


def test_events_are_put_in_order_and_the_value_before_is_filled_in(home, tmp_path):
    deals = write(tmp_path / "deals.csv", f"{HEADER}\n{THREE}")
    events = write(
        tmp_path / "events.csv",
        "deal_id,date,kind,new\n"
        "D3,2024-06-09T15:00:00,stage,Proposal\nD3,2024-06-09T09:00:00,stage,Demo\nD3,2024-06-01,stage,Qualified\n",
    )
    load([deals, events], home, loaded_on=TODAY)
    found = [
        (e["date"].day, e["sequence"], e["old"], e["new"], e["origin"]) for e in rows(home, "deal_events")
    ]
    assert found == [
        (1, 0, None, "Qualified", "crm"),
        (9, 0, "Qualified", "Demo", "crm"),
        (9, 1, "Demo", "Proposal", "crm"),
    ]


def test_the_order_of_stages_is_learnt_from_the_paths_of_deals(home, tmp_path):
    deals = "".join(f"D{i},ann,2024-01-01,,open,1,Beta\n" for i in range(12))
    path = ("Alpha", "Beta", "Gamma")
    events = "".join(
        f"D{i},2024-0{m}-01,stage,{stage}\n" for i in range(12) for m, stage in enumerate(path, start=1)
    )
    files = [
        write(tmp_path / "deals.csv", f"{HEADER}\n{deals}"),
        write(tmp_path / "events.csv", f"deal_id,date,kind,new\n{events}"),
    ]
    load(files, home, loaded_on=TODAY)
    assert tables.current(home).manifest["stages"] == ["Alpha", "Beta", "Gamma"]


def test_planned_activities_have_not_happened(home, tmp_path):
    deals = write(tmp_path / "deals.csv", f"{HEADER}\n{THREE}")
    touches = write(
        tmp_path / "activities.csv", "deal_id,date,kind\nD3,2024-06-02,call\nD3,2024-07-15,call\n"
    )
    report = load([deals, touches], home, loaded_on=TODAY)
    assert report.files[1].dropped == {"planned": 1}
    assert column(home, "date", "activities") == [date(2024, 6, 2)]


def test_progress_is_told_while_files_are_read(home, tmp_path):
    heard = []
    file = write(tmp_path / "deals.csv", f"{HEADER}\n{THREE}")
    load([file], home, loaded_on=TODAY, progress=lambda what, done, total: heard.append((what, done, total)))
    assert heard == [("Checking deals.csv", 3, None), ("Reading deals.csv", 3, 3)]
