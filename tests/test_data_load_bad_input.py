"""Everything a CRM file can be wrong in: one clear sentence each, and nothing lost or half-written."""

import contextlib
import csv
import errno
import gzip
import io
import os
import shutil
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data import errors, tables
from data.load import Limits, load
from data.sources.files import SizeLimits
from tests.disk import no_space_beyond

TODAY = date(2024, 6, 30)
HEADER = "deal_id,rep_id,created_date,close_date,outcome,amount,updated_date\n"
GOOD = "".join(f"G{i},ann,2024-01-05,2024-02-01,won,100,2024-02-01\n" for i in range(40))
LENIENT = Limits(reject_share=1.0)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def file(tmp_path: Path, content: str | bytes, name: str = "deals.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rejected(report) -> list[tuple[str, str, str, str]]:
    with report.reject_file.open(encoding="utf-8", newline="") as lines:
        return [(r["row"], r["column"], r["value"], r["reason"]) for r in csv.DictReader(lines)]


ROWS = {
    "created in the future": (
        "B,ann,2024-07-01,,open,1,",
        "created_date",
        "2024-07-01",
        "created in the future",
    ),
    "closed in the future": (
        "B,ann,2024-01-01,2024-07-01,won,1,",
        "close_date",
        "2024-07-01",
        "closed in the future",
    ),
    "closed never": ("B,ann,2024-01-01,,lost,1,", "close_date", "", "closed without a close date"),
    "close before create": (
        "B,ann,2024-02-01,2024-01-31,won,1,",
        "close_date",
        "2024-01-31",
        "closed before it was created",
    ),
    "no such day": ("B,ann,2024-02-30,,open,1,", "created_date", "2024-02-30", "no such day in the calendar"),
    "not a date": ("B,ann,soon,,open,1,", "created_date", "soon", "not a date"),
    "impossible year": (
        "B,ann,0024-01-05,,open,1,",
        "created_date",
        "0024-01-05",
        "the year 24 is impossible",
    ),
    "no id": (",ann,2024-01-05,,open,1,", "deal_id", "", "empty"),
    "no outcome": ("B,ann,2024-01-05,,,1,", "outcome", "", "empty"),
    "strange outcome": ("B,ann,2024-01-05,,maybe,1,", "outcome", "maybe", "not one of open, won, lost"),
    "negative": ("B,ann,2024-01-05,,open,-5,", "amount", "-5", "negative"),
    "in brackets": ('B,ann,2024-01-05,,open,"($5.00)",', "amount", "($5.00)", "negative"),
    "absurd": ("B,ann,2024-01-05,,open,1e13,", "amount", "1e13", "absurdly large"),
    "infinite": ("B,ann,2024-01-05,,open,inf,", "amount", "inf", "not a finite number"),
    "percent": ("B,ann,2024-01-05,,open,12%,", "amount", "12%", "a percentage where an amount belongs"),
    "words": ("B,ann,2024-01-05,,open,a lot,", "amount", "a lot", "not a number"),
    "NUL byte": ("B\0,ann,2024-01-05,,open,1,", "deal_id", "B\0", "holds a NUL byte"),
    "too few columns": ("B,ann,2024-01-05", "", "B", "3 columns where the header has 7"),
    "too many columns": ("B,ann,2024-01-05,,open,1,,x", "", "B", "8 columns where the header has 7"),
}


@pytest.mark.parametrize(("row", "column", "value", "reason"), ROWS.values(), ids=ROWS)
def test_a_bad_row_is_set_aside_with_its_number_column_and_reason(home, tmp_path, row, column, value, reason):
    report = load([file(tmp_path, f"{HEADER}{GOOD}{row}\n")], home, loaded_on=TODAY)
    assert rejected(report) == [("42", column, value, reason)]
    assert (report.rows_read, report.rows_kept, report.rows_rejected) == (41, 40, 1)


def test_an_open_deal_may_have_any_close_date(home, tmp_path):
    rows = "O1,ann,2024-05-01,2023-01-01,open,1,\nO2,ann,2024-05-01,2031-01-01,open,1,\n"
    assert load([file(tmp_path, HEADER + rows)], home, loaded_on=TODAY).rows_kept == 2


def test_two_outcomes_for_one_id_reject_both_rows(home, tmp_path):
    twice = "B,ann,2024-01-05,2024-02-01,won,1,\nB,ann,2024-01-05,2024-02-01,lost,1,\n"
    report = load([file(tmp_path, HEADER + GOOD + twice)], home, loaded_on=TODAY)
    assert rejected(report) == [
        ("42", "deal_id", "B", "two outcomes for one id"),
        ("43", "deal_id", "B", "two outcomes for one id"),
    ]


def test_day_and_month_in_both_orders_reject_only_what_could_be_either(home, tmp_path):
    days = ["13/02/2024", "02/13/2024", "03/04/2024", *["2024-02-01"] * 40]
    rows = "".join(f"D{i},ann,2024-01-05,{day},won,1,\n" for i, day in enumerate(days))
    report = load([file(tmp_path, HEADER + rows)], home, loaded_on=TODAY)
    assert [(row, value) for row, _, value, _ in rejected(report)] == [("4", "03/04/2024")]


def bomb() -> bytes:
    return gzip.compress((HEADER + GOOD).encode() + b" " * 30_000_000)


FILES: dict[str, tuple[str | bytes, str, type[errors.LoadError], str]] = {
    "empty": ("", "deals.csv", errors.SourceMissing, "'deals.csv' is empty"),
    "only blank lines": ("\n\n ,\n", "deals.csv", errors.SourceMissing, "holds only blank lines"),
    "only a header": (HEADER, "deals.csv", errors.NoDeals, "Not one deal could be kept of 'deals.csv'"),
    "another table": ("person_id,role\nann,rep\n", "p.csv", errors.NoDeals, "no file of deals .*only people"),
    "no header": (GOOD, "deals.csv", errors.MissingColumns, "none of its columns"),
    "missing column": (
        "deal_id,rep_id,outcome\n1,a,won\n",
        "d.csv",
        errors.MissingColumns,
        "no column for 'created",
    ),
    "workbook": (
        b"PK\x03\x04rest",
        "deals.xlsx",
        errors.UnreadableSource,
        "is an Excel workbook.*Save it as CSV",
    ),
    "half a Parquet file": (
        b"PAR1half",
        "deals.parquet",
        errors.UnreadableSource,
        "not a whole Parquet file",
    ),
    "half a gzip": (
        gzip.compress((HEADER + GOOD).encode())[:-20],
        "deals.csv.gz",
        errors.UnreadableSource,
        "not whole",
    ),
    "gzip bomb": (bomb(), "deals.csv.gz", errors.SourceTooLarge, "more than 200 times its size"),
    "two encodings": (
        f"{HEADER}{GOOD}é,ann,".encode() + b"\xe9\n",
        "deals.csv",
        errors.UnreadableSource,
        "not text in one encoding",
    ),
    "open quote": (
        HEADER + '"B' + GOOD * 800,
        "deals.csv",
        errors.UnreadableSource,
        "after row 1.*never closed",
    ),
    "mostly bad": (
        HEADER + GOOD + "B,ann,2024-13-05,,open,1,\nC,ann,x,,open,1,\nD,ann,x,,open,1,\n",
        "deals.csv",
        errors.TooManyRejects,
        r"3 of 43 rows .* limit of 5%: created_date: not a date \(2 rows\); ",
    ),
}


@pytest.mark.parametrize(("content", "name", "error", "sentence"), FILES.values(), ids=FILES)
def test_a_bad_file_is_refused_and_the_last_good_load_stands(home, tmp_path, content, name, error, sentence):
    good = load([file(tmp_path, HEADER + GOOD, "good.csv")], home, loaded_on=TODAY)
    with pytest.raises(error, match=sentence):
        load([file(tmp_path, content, name)], home, loaded_on=TODAY, replace=True)
    assert tables.current(home).folder.name == good.load_id
    assert [p.name for p in (home / "tables").iterdir() if p.name.startswith(".loading")] == []


def test_a_file_that_is_not_there_is_named(home, tmp_path):
    with pytest.raises(errors.SourceMissing, match=r"No such file: .*nowhere\.csv"):
        load([tmp_path / "nowhere.csv"], home, loaded_on=TODAY)


def test_a_folder_without_tables_says_what_was_looked_for(home, tmp_path):
    file(tmp_path, "hello", "notes.md")
    with pytest.raises(errors.SourceMissing, match=r"holds no \.csv"):
        load([tmp_path], home, loaded_on=TODAY)


def test_a_file_over_the_size_limit_is_refused(home, tmp_path):
    limits = Limits(size=SizeLimits(largest_bytes=1000))
    with pytest.raises(errors.SourceTooLarge, match="larger than the limit of 1,000 bytes"):
        load([file(tmp_path, HEADER + GOOD)], home, loaded_on=TODAY, limits=limits)


def test_a_file_that_grows_while_it_is_read_is_refused(home, tmp_path):
    deals = file(tmp_path, HEADER + GOOD)

    def append(what: str, done: int, total: int | None) -> None:
        with deals.open("a") as more:
            more.write("late row\n")

    with pytest.raises(errors.SourceGrowing, match=r"'deals\.csv' changed while it was read"):
        load([deals], home, loaded_on=TODAY, progress=append)
    with pytest.raises(tables.NoTables):
        tables.current(home)


def test_the_rejected_rows_of_a_refused_load_can_be_looked_at(home, tmp_path):
    with pytest.raises(errors.TooManyRejects):
        load([file(tmp_path, HEADER + "B,ann,x,,open,1,\n")], home, loaded_on=TODAY)
    assert "not a date" in (home / "rejects" / "refused.csv").read_text()


def test_a_source_that_shrank_is_refused_until_somebody_says_so(home, tmp_path):
    load([file(tmp_path, HEADER + GOOD)], home, loaded_on=TODAY)
    smaller = file(tmp_path, HEADER + "".join(GOOD.splitlines(keepends=True)[:31]))
    with pytest.raises(errors.Shrunk, match="hold 31 deals, the last good load 40: more than 20% fewer"):
        load([smaller], home, loaded_on=TODAY)
    assert load([smaller], home, loaded_on=TODAY, accept_smaller=True).counts["deals"] == 31


def test_only_one_load_writes_at_a_time(home, tmp_path):
    deals = file(tmp_path, HEADER + GOOD)

    def again(what: str, done: int, total: int | None) -> None:
        with pytest.raises(errors.LoadRunning, match="Another load is writing"):
            load([deals], home, loaded_on=TODAY)

    assert load([deals], home, loaded_on=TODAY, progress=again).published


def test_what_a_killed_load_left_behind_is_cleared_away(home, tmp_path):
    (home / "tables" / ".loading-killed").mkdir(parents=True)
    report = load([file(tmp_path, HEADER + GOOD)], home, loaded_on=TODAY)
    assert {p.name for p in (home / "tables").iterdir()} == {report.load_id, "CURRENT", ".lock"}


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    home = file(tmp_path, "a file where the folder should be", "home")
    with pytest.raises(errors.CannotStore, match=r"Cannot write to .*Nothing was changed"):
        load([file(tmp_path, HEADER + GOOD)], home, loaded_on=TODAY)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_one_sentence(home, tmp_path):
    home.mkdir(mode=0o500)
    with pytest.raises(errors.CannotStore, match="Permission denied"):
        load([file(tmp_path, HEADER + GOOD)], home, loaded_on=TODAY)


@pytest.mark.parametrize("size", [0, 100, 4_000])
def test_a_full_disk_leaves_the_last_good_load(home, tmp_path, size):
    good = load([file(tmp_path, HEADER + GOOD)], home, loaded_on=TODAY)
    more = file(tmp_path, HEADER + GOOD + "N,ann,2024-01-05,,open,1,\n", "more.csv")
    with no_space_beyond(size), pytest.raises(errors.CannotStore, match=os.strerror(errno.EFBIG)):
        load([more], home, loaded_on=TODAY)
    assert tables.current(home).folder.name == good.load_id
    assert {p.name for p in (home / "tables").iterdir()} == {good.load_id, "CURRENT", ".lock"}


def test_a_file_cut_at_any_byte_is_never_half_a_load(tmp_path):
    whole = (
        "deal_id,rep_id,created_date,outcome,amount\n"
        'D1,Zoë,2024-01-05,open,1234.50\nD2,"Li, Bo",2024-01-06,open,77.25\n'
    ).encode()
    home = tmp_path / "home"
    load([file(tmp_path, whole)], home, loaded_on=TODAY, replace=True)
    expected = pq.read_table(tables.current(home).path("deals")).to_pylist()
    for length in range(len(whole)):
        with contextlib.suppress(errors.LoadError):
            load([file(tmp_path, whole[:length])], home, loaded_on=TODAY, limits=LENIENT, replace=True)
        kept = pq.read_table(tables.current(home).path("deals")).to_pylist()
        assert kept in (expected, expected[:1]), whole[:length]


def test_a_gzip_cut_at_any_byte_is_refused(home, tmp_path):
    packed = gzip.compress((HEADER + GOOD).encode())
    for length in range(0, len(packed), 3):
        with pytest.raises(errors.LoadError):
            load([file(tmp_path, packed[:length], "deals.csv.gz")], home, loaded_on=TODAY)


CELLS = (
    *("", " ", "D1", "D2", "D3", "ann", "2024-01-05", "05/13/2024", "2024-02-30", "won", "Lost", "open"),
    *("-1", "$1,2", "1.234,50", "12,5", "NaN", "inf", "N/A", "1e99", "Total", 'quo"te', "two\nlines"),
    *("NUL\0", "é", "\u202eabc"),
)
CELL = st.sampled_from(CELLS)
ROW = st.lists(CELL, min_size=0, max_size=9) | st.tuples(
    st.sampled_from(["D1", "D2", "D3", "D4"]),
    st.just("ann"),
    st.just("2024-01-05"),
    st.sampled_from(["2024-02-01", ""]),
    st.sampled_from(["won", "lost", "open"]),
    st.sampled_from(["1", "2", "x"]),
    st.sampled_from(["2024-02-01", "2024-02-02", ""]),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(messy=st.lists(ROW, max_size=12))
def test_every_row_is_always_kept_rejected_or_dropped(tmp_path, messy):
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(messy)
    home = tmp_path / "home"
    shutil.rmtree(home, ignore_errors=True)
    report = load([file(tmp_path, HEADER + GOOD + text.getvalue())], home, loaded_on=TODAY, limits=LENIENT)
    (told,) = report.files
    assert told.rows_kept + told.rows_rejected + told.rows_dropped == told.rows_read
    assert told.rows_kept == report.counts["deals"]
    assert told.rows_rejected == (len(rejected(report)) if report.reject_file else 0)


DEALS = "deal_id,rep_id,created_date,close_date,outcome\nD1,ann,2024-01-05,2024-02-01,Won\n"


@pytest.mark.parametrize(
    ("name", "harm"),
    [
        ("load.json", b""),
        ("load.json", b"{}"),
        ("load.json", b"\xff?"),
        ("deals.parquet", b""),
        ("people.parquet", None),
    ],
)
def test_a_damaged_load_says_so_and_the_same_file_again_mends_it(home, tmp_path, name, harm):
    file = tmp_path / "deals.csv"
    file.write_text(DEALS)
    load([file], home, loaded_on=TODAY)
    path = tables.current(home).folder / name
    path.write_bytes(harm) if harm is not None else path.unlink()
    with pytest.raises(
        tables.DamagedTables, match=rf"damaged \({name}.*Load the files again: `dealcoach load"
    ):
        tables.whole(tables.current(home))
    report = load([file], home, loaded_on=TODAY)
    assert report.published
    assert [note for note in report.notes if note.startswith(f"The last load is damaged ({name}")]
    assert pq.read_table(tables.current(home).path("deals")).num_rows == 1


@pytest.mark.parametrize("harm", [b"", b"\xff\x00\xfe"])
def test_a_damaged_pointer_to_the_load_is_mended_by_the_next_one(home, tmp_path, harm):
    file = tmp_path / "deals.csv"
    file.write_text(DEALS)
    load([file], home, loaded_on=TODAY)
    (home / "tables" / "CURRENT").write_bytes(harm)
    with pytest.raises(tables.DamagedTables, match="damaged"):
        tables.current(home)
    assert load([file], home, loaded_on=TODAY).published
    assert tables.current(home).manifest["counts"]["deals"] == 1


def test_a_load_damaged_amid_its_rows_is_mended_by_the_same_file(home, tmp_path):
    file = tmp_path / "deals.csv"
    file.write_text(DEALS)
    load([file], home, loaded_on=TODAY)
    path = tables.current(home).path("deals")
    whole = path.read_bytes()
    path.write_bytes(whole[:4] + bytes(60) + whole[64:])
    assert load([file], home, loaded_on=TODAY).published
    assert path.read_bytes() == whole
