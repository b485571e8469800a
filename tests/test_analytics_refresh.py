"""Refresh: a load and a day become one whole, published generation, or nothing at all."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from analytics import checks, publish, refresh, store
from analytics.generation import LAYOUT
from analytics.questions import EVERYONE
from analytics.store import AgeRow, ClockRow, HistogramRow
from data.tables import Tables
from tests.disk import no_space_beyond
from tests.tables import tables

AS_OF = date(2024, 6, 15)
WON = {"outcome": "won", "close_date": "2024-01-31", "deal_type": "new"}
LOST = {"outcome": "lost", "close_date": "2024-02-10", "deal_type": "new"}


def load(home: Path, *deals: dict[str, Any], **other: Any) -> Tables:
    """A load of these deals."""
    return tables(home, deals=deals or [WON, LOST, {}], **other)


def everything(path: Path, *, but: tuple[str, ...] = ()) -> list[tuple[Any, ...]]:
    """Every row of a generation in the order it lies in, without the meta keys named."""
    with closing(sqlite3.connect(path)) as file:
        found = [row for table in LAYOUT for row in file.execute(f"SELECT * FROM {table}")]
    return [row for row in found if row[0] not in but]


def test_the_generation_says_what_it_is(tmp_path: Path) -> None:
    path = refresh.refresh(load(tmp_path), tmp_path, AS_OF)
    meta = store.current(tmp_path).meta
    assert (meta.generation, path.stem) == ("g000001-2024-06-15", "g000001-2024-06-15")
    assert (meta.as_of, meta.load_id, meta.currency) == (AS_OF, "load-1", "USD")
    assert (meta.deals, meta.closed, meta.won, meta.open) == (3, 2, 1, 1)
    assert (meta.main_deal_type, meta.deal_types) == ("new", {"new": 2})
    assert (meta.first_close_day, meta.last_created_day) == (date(2024, 1, 31), date(2024, 1, 1))


def test_a_load_without_deals_still_makes_a_generation(tmp_path: Path) -> None:
    refresh.refresh(tables(tmp_path, stages=()), tmp_path, AS_OF)
    generation = store.current(tmp_path)
    assert (generation.meta.deals, generation.first_close_day, generation.main_deal_type) == (0, None, "")
    assert generation.deal_ids(EVERYONE) == generation.values("month", EVERYONE) == []


def test_cycles_leave_out_deals_logged_after_the_fact(tmp_path: Path) -> None:
    logged_late = WON | {"created_date": "2024-01-30"}
    refresh.refresh(load(tmp_path, WON, LOST, logged_late), tmp_path, AS_OF)
    generation = store.current(tmp_path)
    assert generation.histogram("", None, EVERYONE) == [
        HistogramRow("", 30, 1, 0),
        HistogramRow("", 40, 0, 1),
    ]
    assert [d.backdated for d in map(generation.deal, generation.deal_ids(EVERYONE)) if d] == [0, 0, 1]
    assert generation.meta.closed == 3


def test_ages_hold_open_deals_beside_closed_ones(tmp_path: Path) -> None:
    still_open = {"deal_type": "new", "created_date": "2024-05-16"}  # 30 days before the day
    refresh.refresh(load(tmp_path, WON, LOST, still_open, still_open), tmp_path, AS_OF)
    assert store.current(tmp_path).ages("new") == [AgeRow("new", 30, 1, 0, 2), AgeRow("new", 40, 0, 1, 0)]


def test_the_stage_clock_counts_the_visits_of_won_deals(tmp_path: Path) -> None:
    moves = [
        ("2024-01-01", None, "Qualified"),
        ("2024-01-11", "Qualified", "Demo"),
        ("2024-01-31", "Demo", "Won"),
    ]
    events = [
        {"deal_id": deal, "date": at, "kind": "stage", "old": old, "new": new}
        for deal in ("D00001", "D00002")
        for at, old, new in moves
    ]
    refresh.refresh(load(tmp_path, WON, LOST, events=events), tmp_path, AS_OF)
    assert store.current(tmp_path).stage_clock() == [
        ClockRow("Demo", "new", 20, 1),
        ClockRow("Qualified", "new", 10, 1),
    ]


def test_amount_bands_begin_at_their_lower_end(tmp_path: Path) -> None:
    amounts = (9_999.99, 10_000, 50_000, 100_000, None)
    refresh.refresh(load(tmp_path, *({"amount": amount} for amount in amounts)), tmp_path, AS_OF)
    bands = [deal.amount_band for deal in store.current(tmp_path).open_deals()]
    assert bands == ["under 10k", "10k-25k", "50k-100k", "100k and more", "Not set"]


def test_the_main_kind_of_business_is_the_one_with_most_closed_deals(tmp_path: Path) -> None:
    renewals = [{"deal_type": "renewal"}] * 5
    refresh.refresh(load(tmp_path, WON, LOST, WON | {"deal_type": None}, *renewals), tmp_path, AS_OF)
    generation = store.current(tmp_path)
    assert (generation.main_deal_type, generation.deal_types) == ("new", {"new": 2, "Not set": 1})


def test_the_same_load_and_day_give_the_same_bytes(tmp_path: Path) -> None:
    deals = [(WON, LOST, {})[n % 3] | {"amount": n, "region": f"R{n % 7}"} for n in range(500)]
    one, two = (refresh.refresh(load(tmp_path / n, *deals), tmp_path / n, AS_OF) for n in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_the_order_of_rows_in_the_load_does_not_matter(tmp_path: Path) -> None:
    deals = [{"deal_id": f"D{n}"} | (WON, LOST, {})[n % 3] for n in range(50)]
    there = refresh.refresh(load(tmp_path / "there", *deals), tmp_path / "there", AS_OF)
    back = refresh.refresh(load(tmp_path / "back", *reversed(deals)), tmp_path / "back", AS_OF)
    assert everything(there) == everything(back)


def test_three_generations_are_kept_and_the_last_is_current(tmp_path: Path) -> None:
    for _ in range(5):
        refresh.refresh(load(tmp_path), tmp_path, AS_OF)
    left = sorted(path.stem for path in (tmp_path / "generations").glob("*.sqlite"))
    assert left == [f"g00000{n}-2024-06-15" for n in (3, 4, 5)]
    assert store.current(tmp_path).id == "g000005-2024-06-15"


def test_a_replay_is_built_once_and_leaves_the_current_generation_alone(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    refresh.refresh(loaded, tmp_path, AS_OF)
    assert store.asof(tmp_path, date(2024, 2, 5)) is None
    path = refresh.refresh(loaded, tmp_path, date(2024, 2, 5), kind="asof")
    built = path.stat().st_mtime_ns
    assert refresh.refresh(loaded, tmp_path, date(2024, 2, 5), kind="asof").stat().st_mtime_ns == built
    replay = store.asof(tmp_path, date(2024, 2, 5))
    assert replay is not None
    assert (replay.meta.won, replay.meta.open) == (1, 2)
    assert store.current(tmp_path).as_of == AS_OF


def test_eight_replays_are_kept(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    days = [date(2024, 3, 1) + timedelta(days=n) for n in range(10)]
    paths = [refresh.refresh(loaded, tmp_path, day, kind="asof") for day in days]
    assert [path.exists() for path in paths] == [False] * 2 + [True] * 8


def test_progress_names_each_table_and_ends_full(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    refresh.refresh(load(tmp_path), tmp_path, AS_OF, progress=lambda *step: told.append(step))
    assert {name for name, _, _ in told} == {*LAYOUT, "checks"} - {"meta"}
    assert [done for _, done, _ in told] == list(range(1, len(LAYOUT) + 1))


@pytest.mark.parametrize(
    "lie",
    [
        "UPDATE cube SET won = won + 1 WHERE dimension_1 = 'rep' AND dimension_2 = ''",
        "UPDATE cube SET amount_cents = 0 WHERE dimension_1 = '' AND dimension_2 = ''",
        "DELETE FROM deals WHERE deal_id = 'D00001'",
        "UPDATE deals SET close_day = 800000 WHERE deal_id = 'D00001'",
        "UPDATE cycles SET lost = lost + 1 WHERE dimension = 'region'",
        "DELETE FROM ages",
        "DELETE FROM cube WHERE dimension_1 = 'industry' AND dimension_2 = 'rep'",
    ],
)
def test_a_generation_that_contradicts_itself_is_found_out(tmp_path: Path, lie: str) -> None:
    path = refresh.refresh(load(tmp_path), tmp_path, AS_OF)
    assert checks.problems(path, AS_OF.toordinal()) == []
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(lie)
    assert checks.problems(path, AS_OF.toordinal())


def test_a_full_disk_keeps_the_last_good_generation(tmp_path: Path) -> None:
    refresh.refresh(load(tmp_path), tmp_path, AS_OF)
    many = [WON | {"amount": n, "name": "x" * 50} for n in range(3000)]
    bigger = load(tmp_path, *many, load_id="load-2")
    with no_space_beyond(200_000), pytest.raises(store.StoreNotWritable, match="full"):
        refresh.refresh(bigger, tmp_path, AS_OF)
    assert store.current(tmp_path).id == "g000001-2024-06-15"
    assert not (tmp_path / "generations" / ".draft.sqlite").exists()


def test_a_read_only_folder_is_said_in_a_sentence(tmp_path: Path) -> None:
    loaded = load(tmp_path)
    (tmp_path / "generations").write_text("a file where the folder should be")
    with pytest.raises(store.StoreNotWritable, match="Nothing can be written"):
        refresh.refresh(loaded, tmp_path, AS_OF)


def test_two_deals_with_one_id_publish_nothing(tmp_path: Path) -> None:
    twice = load(tmp_path, {"deal_id": "D1"}, {"deal_id": "D1"})
    with pytest.raises(store.CorruptGeneration, match="deal_id"):
        refresh.refresh(twice, tmp_path, AS_OF)
    with pytest.raises(store.NoStore):
        store.current(tmp_path)


def test_two_refreshes_at_once_both_finish(tmp_path: Path) -> None:
    load(tmp_path)
    code = (
        "import sys, pathlib, datetime; from analytics import refresh; from data import tables; "
        "home = pathlib.Path(sys.argv[1]); "
        "refresh.refresh(tables.current(home), home, datetime.date(2024, 6, 15))"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)]) for _ in range(2)]
    assert [one.wait() for one in both] == [0, 0]
    assert sorted(p.stem for p in publish.current(tmp_path).folder.glob("g*.sqlite")) == [
        "g000001-2024-06-15",
        "g000002-2024-06-15",
    ]


def test_asking_does_not_load_the_builder() -> None:
    code = (
        "import sys; from analytics import store; print({'duckdb', 'pandas', 'pyarrow'} & set(sys.modules))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "set()\n"
