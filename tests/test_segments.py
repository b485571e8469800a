"""The segments that explain a change: found when planted, silent when nothing is there."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import segments
from analytics.segments import BadCells
from tests.bench import segments as bench

DIMENSIONS = ["region", "product"]


def cells(*rows: tuple[str, str, int, int]) -> pd.DataFrame:
    """Rows of region, product, closed deals, won ones."""
    return pd.DataFrame(rows, columns=[*DIMENSIONS, "n", "won"])


CALM = cells(
    ("APAC", "Core", 400, 200),
    ("APAC", "Pro", 300, 150),
    ("Europe", "Core", 400, 200),
    ("Europe", "Pro", 300, 150),
    ("LATAM", "Core", 400, 200),
    ("LATAM", "Pro", 300, 150),
)


def replaced(frame: pd.DataFrame, won: dict[tuple[str, str], int]) -> pd.DataFrame:
    """The same cells with other wins."""
    keys = zip(frame["region"], frame["product"], strict=True)
    return frame.assign(won=[won.get(key, old) for key, old in zip(keys, frame["won"], strict=True)])


def test_the_region_that_fell_is_named_with_its_size() -> None:
    after = replaced(CALM, {("Europe", "Core"): 120, ("Europe", "Pro"): 90})
    (found,) = segments.find(CALM, after, DIMENSIONS)
    assert found.where == {"region": "Europe"}
    assert found.change == pytest.approx(-0.20, abs=0.005)
    assert found.low < -0.20 < found.high
    assert (found.n_before, found.won_before, found.n_after, found.won_after) == (700, 350, 700, 210)
    assert found.p < 1e-6


def test_one_cell_that_fell_is_named_by_both_its_values_and_not_by_its_region() -> None:
    after = replaced(CALM, {("Europe", "Pro"): 75})
    assert [s.where for s in segments.find(CALM, after, DIMENSIONS)] == [
        {"region": "Europe", "product": "Pro"}
    ]


def test_a_drop_of_everything_is_no_segment() -> None:
    after = CALM.assign(won=CALM["won"] * 7 // 10)
    assert segments.find(CALM, after, DIMENSIONS) == []


def test_a_mix_that_shifts_between_unequal_regions_is_no_segment() -> None:
    before = cells(("APAC", "Core", 500, 350), ("Europe", "Core", 500, 100), ("LATAM", "Core", 500, 200))
    after = cells(("APAC", "Core", 100, 70), ("Europe", "Core", 900, 180), ("LATAM", "Core", 500, 200))
    assert segments.find(before, after, DIMENSIONS) == []


def test_two_regions_that_fell_are_told_and_not_the_other_two_that_rose_beside_them() -> None:
    before = cells(*[(region, "Core", 900, 450) for region in ("A", "B", "C", "D")])
    after = cells(
        ("A", "Core", 900, 300), ("B", "Core", 900, 300), ("C", "Core", 900, 450), ("D", "Core", 900, 450)
    )
    found = segments.find(before, after, DIMENSIONS)
    assert sorted(s.where["region"] for s in found) == ["A", "B"]
    assert all(s.change < 0 for s in found)


def test_less_than_a_point_is_not_told_however_many_deals_there_are() -> None:
    before = cells(*[(region, "Core", 4_000_000, 2_000_000) for region in ("A", "B", "C")])
    after = replaced(before, {("A", "Core"): 1_970_000})
    assert segments.find(before, after, DIMENSIONS) == []


def test_rows_of_the_same_cell_are_added_up() -> None:
    after = replaced(CALM, {("Europe", "Core"): 120, ("Europe", "Pro"): 90})
    halves = pd.concat([after.assign(n=after["n"] // 2, won=after["won"] // 2)] * 2)
    assert segments.find(CALM, halves, DIMENSIONS) == segments.find(CALM, after, DIMENSIONS)


def test_a_region_seen_in_one_period_only_and_cells_without_deals_do_no_harm() -> None:
    before = pd.concat([CALM, cells(("India", "Core", 0, 0), ("Old", "Pro", 80, 40))])
    after = replaced(CALM, {("Europe", "Core"): 120, ("Europe", "Pro"): 90})
    after = pd.concat([after, cells(("New", "Core", 90, 20))])
    assert [s.where for s in segments.find(before, after, DIMENSIONS)] == [{"region": "Europe"}]


@pytest.mark.parametrize("empty", [CALM.iloc[:0], CALM.assign(n=0, won=0)])
def test_without_deals_nothing_is_found(empty: pd.DataFrame) -> None:
    assert segments.find(empty, CALM, DIMENSIONS) == []
    assert segments.find(empty, empty, DIMENSIONS) == []


def test_one_value_only_leaves_nothing_to_compare() -> None:
    assert segments.find(CALM.iloc[:1], CALM.iloc[:1].assign(won=20), DIMENSIONS) == []


def test_missing_values_are_a_value_of_their_own() -> None:
    before = CALM.assign(region=CALM["region"].where(CALM["region"] != "Europe", None))
    after = replaced(CALM, {("Europe", "Core"): 120, ("Europe", "Pro"): 90})
    after["region"] = after["region"].where(after["region"] != "Europe", np.nan)
    assert [s.where for s in segments.find(before, after, DIMENSIONS)] == [{"region": "Not set"}]


def test_hundreds_of_values_are_searched_and_paid_for() -> None:
    accounts = [f"account {k:03d}" for k in range(300)]
    before = pd.DataFrame({"account": accounts, "kind": ["new", "old"] * 150, "n": 100, "won": 50})
    after = before.assign(won=[10 if name == "account 007" else 50 for name in accounts])
    assert [s.where for s in segments.find(before, after, ["account", "kind"])] == [
        {"account": "account 007"}
    ]


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (CALM.drop(columns="won"), "The frame 'after' has no column 'won'"),
        (CALM.drop(columns="region"), "The frame 'after' has no column 'region'"),
        (CALM.assign(won=[9_999, 0, 0, 0, 0, 0]), "Row 0 of the frame 'after' has 9999 won of 400 deals"),
        (CALM.assign(n=[400, -1, 400, 300, 400, 300]), "Row 1 of the frame 'after' has n -1"),
        (CALM.assign(n=400.5), "Row 0 of the frame 'after' has n 400.5"),
        (CALM.assign(won=["many"] * 6), "Row 0 of the frame 'after' has won 'many'"),
    ],
)
def test_counts_that_cannot_be_are_refused_in_a_sentence(frame: pd.DataFrame, sentence: str) -> None:
    with pytest.raises(BadCells, match=sentence):
        segments.find(CALM, frame, DIMENSIONS)


def test_a_dimension_named_twice_or_none_at_all_is_refused() -> None:
    with pytest.raises(BadCells, match="names each once"):
        segments.find(CALM, CALM, ["region", "region"])
    with pytest.raises(BadCells, match="names each once"):
        segments.find(CALM, CALM, [])


@settings(max_examples=25)
@given(order=st.permutations(range(6)), seed=st.integers(0, 99))
def test_the_order_of_rows_and_dimensions_never_matters(order: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    after = CALM.assign(won=rng.binomial(CALM["n"], [0.5, 0.5, 0.3, 0.35, 0.5, 0.5]))
    one = segments.find(CALM, after, DIMENSIONS)
    other = segments.find(CALM.iloc[order], after.iloc[order[::-1]], DIMENSIONS[::-1])
    assert [s.where for s in one] == [s.where for s in other]
    assert [s.change for s in one] == pytest.approx([s.change for s in other], abs=1e-6)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from("AB"), st.sampled_from("xyz"), st.integers(0, 60)), max_size=12))
def test_any_counts_give_an_answer(rows: list[tuple[str, str, int]]) -> None:
    before = cells(*[(region, product, n, n // 3) for region, product, n in rows])
    after = cells(*[(region, product, n, n) for region, product, n in rows[::2]])
    for found in segments.find(before, after, DIMENSIONS):
        assert -1 <= found.low <= found.change <= found.high <= 1


def test_planted_drops_are_named_exactly_and_little_else_is() -> None:
    got = bench.score(bench.ours, range(25), 20_000, (), ())
    assert got.findable >= 0.9
    assert got.precision >= 0.9


def test_where_nothing_is_planted_hardly_anything_is_named() -> None:
    got = bench.score(bench.ours, range(1), 2_500, range(60), range(0))
    assert got.alarms <= 0.1


def test_uneven_noise_between_cells_is_not_taken_for_segments() -> None:
    got = bench.score(bench.ours, range(1), 200_000, (), range(40))
    assert got.uneven <= 0.15
