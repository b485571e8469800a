"""Asking a generation: the same rows from the cube and deal by deal, never a row outside the scope."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import cells, refresh, store
from analytics.cells import Cut
from analytics.questions import (
    ALL_TIME,
    DIMENSIONS,
    EVERYONE,
    NOBODY,
    Filter,
    Period,
    Scope,
    month,
    quarter,
)
from analytics.store import CellRow, Generation
from tests.tables import tables

AS_OF = date(2024, 6, 15)
REPS = ("rep_1", "rep_2", "rep_3")
PEOPLE = [
    {"person_id": rep, "team": team} for rep, team in zip(REPS, ("North", "North", "South"), strict=True)
]


def book() -> Iterator[dict[str, object]]:
    """Ninety deals of every kind, in a pattern that repeats nowhere."""
    for n in range(90):
        closed = date(2024, 1, 10) + timedelta(days=2 * n)
        yield {
            "outcome": ("won", "lost", "lost", "won", "open")[n % 5],
            "created_date": closed - timedelta(days=n % 40),
            "close_date": closed,
            "amount": 3_000 * (n % 37),
            "currency": "EUR" if n % 11 == 0 else "USD",
            "rep_id": REPS[n % 3],
            "region": ("APAC", "Europe", None)[n % 7 % 3],
            "industry": ("SaaS", "EdTech")[n % 2],
            "product": ("Core", "Pro", "Enterprise")[n % 13 % 3],
            "deal_type": ("new", "renewal")[n % 17 % 2],
            "stage": ("Demo", "Proposal")[n // 2 % 2],
        }


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """The book above, as it stood on the day."""
    home = tmp_path_factory.mktemp("store")
    loaded = tables(home, deals=[*book()], people=PEOPLE, loaded_on=AS_OF)
    return store.opened(refresh.refresh(loaded, home, AS_OF))


def three(home: Path) -> Generation:
    """Three closed deals: two in APAC, one of them won; one won in Europe in another currency."""
    closed = {"close_date": "2024-02-10", "region": "APAC"}
    deals = [
        closed | {"outcome": "won", "amount": 100, "rep_id": "rep_1"},
        closed | {"outcome": "lost", "amount": 300, "rep_id": "rep_2"},
        {"outcome": "won", "close_date": "2024-03-01", "region": "Europe", "amount": 50, "currency": "EUR"},
    ]
    refresh.refresh(tables(home, deals=deals), home, AS_OF)
    return store.current(home)


def test_cells_count_deals_and_sum_the_main_currency(tmp_path: Path) -> None:
    assert three(tmp_path).cells(("region",), (), ALL_TIME, None, EVERYONE) == [
        CellRow(("APAC",), 2, 1, 40_000, 10_000),
        CellRow(("Europe",), 1, 1, 0, 0),
    ]


def test_months_and_quarters_are_named_and_in_order(tmp_path: Path) -> None:
    rows = three(tmp_path).cells(("quarter", "month"), (), ALL_TIME, None, EVERYONE)
    assert [(row.values, row.deals) for row in rows] == [
        (("2024-Q1", "2024-02"), 2),
        (("2024-Q1", "2024-03"), 1),
    ]


def test_a_scope_sees_its_own_deals_only(tmp_path: Path) -> None:
    mine = Scope(rep_ids=frozenset({"rep_2"}), label="mine")
    generation = three(tmp_path)
    assert generation.cells(("region",), (), ALL_TIME, None, mine) == [CellRow(("APAC",), 1, 0, 30_000, 0)]
    assert generation.deal_ids(mine) == ["D00002"]
    assert generation.values("region", mine) == ["APAC"]


def test_nobody_sees_nothing(generation: Generation) -> None:
    assert generation.cells((), (), ALL_TIME, None, NOBODY) == []
    assert generation.cells(("region", "rep"), (), ALL_TIME, None, NOBODY) == []
    assert generation.deal_ids(NOBODY) == generation.open_deals(NOBODY) == []
    assert generation.values("product", NOBODY) == generation.histogram("team", None, NOBODY) == []


DAYS = st.none() | st.integers(0, 200).map(lambda n: date(2023, 12, 25) + timedelta(days=n))
PERIODS = st.builds(lambda a, b: Period(a, b, ""), DAYS, DAYS) | st.sampled_from(
    (ALL_TIME, quarter(2024, 1), quarter(2024, 2), month(2024, 2), month(2024, 6))
)
FILTERS = st.sampled_from(
    (
        Filter("region", ("APAC", "Not set")),
        Filter("industry", ("SaaS",)),
        Filter("deal_type", ("new",)),
        Filter("month", ("2024-02", "2024-05")),
        Filter("quarter", ("2024-Q2",)),
        Filter("product", ("no such",)),
    )
)
SCOPES = st.just(EVERYONE) | st.sets(st.sampled_from((*REPS, "stranger"))).map(
    lambda reps: Scope(rep_ids=frozenset(reps))
)


@settings(max_examples=300, deadline=None)
@given(
    dimensions=st.lists(st.sampled_from(DIMENSIONS), max_size=2, unique=True).map(tuple),
    filters=st.lists(FILTERS, max_size=2).map(tuple),
    period=PERIODS,
    kind=st.sampled_from((None, "new", "renewal")),
    scope=SCOPES,
)
def test_the_cube_and_the_deals_always_agree(
    generation: Generation,
    dimensions: tuple[str, ...],
    filters: tuple[Filter, ...],
    period: Period,
    kind: str | None,
    scope: Scope,
) -> None:
    cut = Cut(dimensions, filters, period, kind, scope)
    answered = generation.cells(dimensions, filters, period, kind, scope)
    assert answered == generation._cells(cut, cells.from_deals(cut))
    assert answered == by_hand(generation, cut)


def by_hand(generation: Generation, cut: Cut) -> list[CellRow]:
    """The same cut, deal by deal, in Python."""
    deals: Counter[tuple[str, ...]] = Counter()
    won, amount, won_amount = deals.copy(), deals.copy(), deals.copy()
    for deal_id in generation.deal_ids(EVERYONE):
        deal = generation.deal(deal_id)
        assert deal is not None
        if (
            deal.outcome == "open"
            or not cut.scope.allows(deal.rep_id)
            or cut.deal_type not in (None, deal.deal_type)
        ):
            continue
        closed = date.fromordinal(deal.close_day or 0)
        of = deal._asdict() | {"rep": deal.rep_id, "month": f"{closed:%Y-%m}"}
        of["quarter"] = f"{closed.year}-Q{(closed.month + 2) // 3}"
        if cut.period.holds(closed) and all(of[f.dimension] in f.values for f in cut.filters):
            key = tuple(of[d] for d in cut.dimensions)
            cents = deal.amount_cents or 0 if deal.in_main_currency else 0
            deals[key] += 1
            won[key] += deal.outcome == "won"
            amount[key] += cents
            won_amount[key] += cents * (deal.outcome == "won")
    return [CellRow(key, deals[key], won[key], amount[key], won_amount[key]) for key in sorted(deals)]


def test_a_question_the_cube_holds_never_touches_the_deals(generation: Generation) -> None:
    def cube(
        *dimensions: str, scope: Scope = EVERYONE, period: Period = ALL_TIME, by: str = "region"
    ) -> object:
        cut = Cut(dimensions, (Filter(by, ("APAC",)),), period, None, scope)
        return cells.from_cube(cut, date(2024, 1, 10), AS_OF)

    assert cube("region", "rep", "month")
    assert cube("region", scope=Scope(rep_ids=frozenset({"rep_1"})))
    assert cube("region", period=Period(date(2024, 4, 1), AS_OF, "this quarter so far"))
    assert cube("industry", "rep", by="region") is None
    assert cube("region", period=Period(date(2024, 4, 2), None, "since the 2nd")) is None


@pytest.mark.parametrize("dimension", ["", "region", "rep", "stage"])
def test_histograms_of_all_reps_equal_those_of_everyone(generation: Generation, dimension: str) -> None:
    everyone = Scope(rep_ids=frozenset(REPS))
    for kind in (None, "new"):
        found = generation.histogram(dimension, kind, EVERYONE)
        assert found == generation.histogram(dimension, kind, everyone)
        assert found


@pytest.mark.parametrize("dimension", DIMENSIONS)
def test_values_of_all_reps_equal_those_of_everyone(generation: Generation, dimension: str) -> None:
    everyone = Scope(rep_ids=frozenset(REPS))
    assert generation.values(dimension, EVERYONE) == generation.values(dimension, everyone)


def test_an_unknown_dimension_is_named_with_those_there_are(generation: Generation) -> None:
    with pytest.raises(store.NoSuchDimension, match=r"no dimension 'colour'.*region.*quarter"):
        generation.cells(("colour",), (), ALL_TIME, None, EVERYONE)


def test_a_quote_in_a_value_is_only_a_value(generation: Generation) -> None:
    hostile = Filter("region", ("x'); DROP TABLE deals; --",))
    assert generation.cells((), (hostile,), ALL_TIME, None, EVERYONE) == []
    assert generation.deal("' OR 1=1 --") is None


def test_an_empty_folder_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(store.NoStore, match="dealcoach refresh"):
        store.current(tmp_path)


@pytest.mark.parametrize("harm", ["cut short", "not a database", "gone", "other version", "empty"])
def test_a_damaged_generation_is_named_and_never_answers(tmp_path: Path, harm: str) -> None:
    path = three(tmp_path).path
    if harm == "other version":
        with closing(sqlite3.connect(path)) as file, file:
            file.execute("UPDATE meta SET value = '0' WHERE key = 'schema_version'")
    elif harm == "gone":
        path.unlink()
    else:
        content = path.read_bytes()
        path.write_bytes({"cut short": content[:5000], "not a database": b"x" * 9000, "empty": b""}[harm])
    with pytest.raises(store.CorruptGeneration, match=path.stem):
        store.current(tmp_path)


def test_a_reader_keeps_its_generation_when_the_file_is_cleared_away(tmp_path: Path) -> None:
    generation = three(tmp_path)
    generation.path.unlink()
    assert generation.deal_ids(EVERYONE) == ["D00001", "D00002", "D00003"]


def test_the_same_file_gives_the_same_object_and_a_new_one_another(tmp_path: Path) -> None:
    first = three(tmp_path)
    assert store.current(tmp_path) is first
    assert three(tmp_path) is not first


def test_threads_may_share_a_generation(generation: Generation) -> None:
    expected = generation.cells(("rep", "region"), (), ALL_TIME, None, EVERYONE)
    seen: list[bool] = []

    def ask(n: int) -> None:
        for k in range(50):
            deal = generation.deal(f"D{(n * 50 + k) % 90 + 1:05d}")
            rows = generation.cells(("rep", "region"), (), ALL_TIME, None, EVERYONE)
            seen.append(rows == expected and (deal is None or deal.deal_id.startswith("D")))

    asking = [threading.Thread(target=ask, args=(n,)) for n in range(8)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert seen == [True] * 400


def test_the_file_cannot_be_written_through_a_generation(generation: Generation) -> None:
    with pytest.raises(store.CorruptGeneration, match="readonly"):
        generation._fetch(cells.Query("DELETE FROM deals"))


@pytest.mark.parametrize("harm", [b"", b"\xff\x00\xfe/..", b"../x"])
def test_a_damaged_pointer_says_what_to_do(tmp_path: Path, harm: bytes) -> None:
    three(tmp_path)
    (tmp_path / "generations" / "CURRENT").write_bytes(harm)
    with pytest.raises(
        store.CorruptGeneration, match=r"names no generation\. Make a new one: `dealcoach refresh`"
    ):
        store.current(tmp_path)


def test_tables_damaged_amid_their_rows_are_a_sentence_of_the_store(tmp_path: Path) -> None:
    loaded = tables(tmp_path, deals=[*book()])
    path = loaded.path("deals")
    path.write_bytes(path.read_bytes()[:4] + bytes(200) + path.read_bytes()[204:])
    with pytest.raises(store.StoreError, match="load the CRM's files again"):
        refresh.refresh(loaded, tmp_path, AS_OF)


def test_money_without_a_currency_is_in_no_sum_where_other_deals_name_one(tmp_path: Path) -> None:
    won = {"outcome": "won", "close_date": "2024-02-10", "region": "APAC", "amount": 100}
    deals = [won, won | {"currency": None}]
    generation = store.opened(refresh.refresh(tables(tmp_path, deals=deals), tmp_path, AS_OF))
    assert generation.cells(("region",), (), ALL_TIME, None, EVERYONE) == [
        CellRow(("APAC",), 2, 2, 10_000, 10_000)
    ]
    assert generation.in_other_currencies((), ALL_TIME, None, EVERYONE) == 1


def test_money_is_in_the_main_currency_where_no_deal_names_any(tmp_path: Path) -> None:
    loaded = tables(tmp_path, deals=[{"currency": None}, {"currency": None}])
    generation = store.opened(refresh.refresh(loaded, tmp_path, AS_OF))
    assert [deal.in_main_currency for deal in generation.open_deals()] == [1, 1]
