"""The parts of a change: they add up, and no order matters."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics import attribution, segments
from analytics.attribution import Part
from analytics.segments import Cells, Shift
from analytics.segments.search import stepwise

COUNTS = st.integers(0, 40).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n)))
ROWS = st.lists(st.tuples(COUNTS, COUNTS), min_size=2, max_size=8)
DIMENSIONS = ("region", "product", "source")


def parts_of(cells: Cells) -> tuple[Part, ...]:
    """The parts beside whatever segments are found."""
    return attribution.across(cells, fitted(cells))


def fitted(cells: Cells) -> Shift:
    """The model with the segments found."""
    search = segments.over(cells)
    return search.fitted(stepwise(search))


def two_periods(seed: int, drop: float = 0.25) -> Cells:
    """24 cells with unequal levels, a mix that moves, and a region that falls."""
    rng = np.random.default_rng(seed)
    before, after = [], []
    for region, product, source in np.ndindex(3, 2, 4):
        rate = 0.3 + 0.1 * region + 0.05 * source
        n0, n1 = int(rng.integers(20, 120)), int(rng.integers(20, 120)) * (1 + product)
        values = (f"R{region}", f"P{product}", f"S{source}")
        before.append((values, n0, int(rng.binomial(n0, rate))))
        after.append((values, n1, int(rng.binomial(n1, rate - drop * (region == 2)))))
    return segments.of_rows(DIMENSIONS, before, after)


def effects(parts: tuple[Part, ...]) -> dict[tuple[str, str], float]:
    """Each part's effect, by what it is."""
    return {(part.kind, part.name): part.effect for part in parts}


def test_a_share_that_moved_is_mix_and_a_rate_that_moved_is_rate() -> None:
    moved = attribution.within([50, 50], [40, 20], [25, 75], [20, 30])
    assert moved.mix.sum() == pytest.approx(-0.10)
    assert moved.rate.tolist() == [0, 0]
    fell = attribution.within([50, 50], [40, 20], [50, 50], [30, 20])
    assert fell.mix.tolist() == [0, 0]
    assert fell.rate.tolist() == pytest.approx([-0.10, 0])


def test_a_value_that_is_new_is_all_mix() -> None:
    parts = attribution.within([100, 0], [50, 0], [100, 100], [50, 20])
    assert parts.rate.tolist() == [0, 0]
    assert parts.mix.sum() == pytest.approx(-0.15)


@given(ROWS)
def test_within_a_dimension_the_parts_always_add_up_to_the_change(
    rows: list[tuple[tuple[int, int], ...]],
) -> None:
    n0, won0, n1, won1 = (np.array(column) for column in zip(*[(*b, *a) for b, a in rows], strict=True))
    parts = attribution.within(n0, won0, n1, won1)
    if n0.sum() and n1.sum():
        change = won1.sum() / n1.sum() - won0.sum() / n0.sum()
        assert parts.mix.sum() + parts.rate.sum() == pytest.approx(change, abs=1e-9)


@given(ROWS, st.randoms(use_true_random=False))
def test_within_a_dimension_no_order_and_no_halving_ever_matters(rows, random) -> None:  # type: ignore[no-untyped-def]
    table = np.array([(*b, *a) for b, a in rows])
    whole = attribution.within(*table.T)
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = attribution.within(*table[order].T)
    assert shuffled.mix == pytest.approx(whole.mix[order], abs=1e-9)
    assert shuffled.rate == pytest.approx(whole.rate[order], abs=1e-9)
    halved = np.vstack([table[:1], table[:1], 2 * table[1:]])  # all counts doubled, the first value in two
    split = attribution.within(*halved.T)
    assert split.mix[:2].sum() == pytest.approx(whole.mix[0], abs=1e-9)
    assert split.rate[:2].sum() == pytest.approx(whole.rate[0], abs=1e-9)
    assert split.mix[2:] == pytest.approx(whole.mix[1:], abs=1e-9)


@settings(max_examples=15)
@given(st.integers(0, 10_000))
def test_across_dimensions_the_parts_always_add_up_to_the_change(seed: int) -> None:
    cells = two_periods(seed)
    change = cells.rates[1] - cells.rates[0]
    assert sum(part.effect for part in parts_of(cells)) == pytest.approx(change, abs=1e-9)


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_across_dimensions_no_order_of_segments_or_dimensions_ever_matters(seed: int) -> None:
    cells = two_periods(seed)
    search = segments.over(cells)
    names = [w for w in range(len(search.candidates.wheres)) if len(search.candidates.wheres[w]) == 1]
    one, other = search.fitted([names[0], names[4]]), search.fitted([names[4], names[0]])
    first, second = effects(attribution.across(cells, one)), effects(attribution.across(cells, other))
    swapped = {"0": "1", "1": "0"}
    for (kind, name), effect in first.items():
        there = (kind, swapped[name] if kind == "segment" else name)
        assert second[there] == pytest.approx(effect, abs=1e-9)


@settings(max_examples=10)
@given(st.integers(0, 10_000))
def test_a_value_in_two_identical_halves_changes_no_part(seed: int) -> None:
    cells = two_periods(seed)
    model = fitted(cells)
    halved, again = halves(cells, model)
    before, after = effects(attribution.across(cells, model)), effects(attribution.across(halved, again))
    assert {key: pytest.approx(value, abs=1e-9) for key, value in before.items()} == after


def halves(cells: Cells, model: Shift) -> tuple[Cells, Shift]:
    """Region R0 in two halves with the same rates, and the model as it is in each of their cells."""
    twice = np.concatenate([np.arange(len(cells.codes)), np.flatnonzero(cells.codes[:, 0] == 0)])
    codes = cells.codes[twice].copy()
    codes[len(cells.codes) :, 0] = len(cells.values[0])
    part = np.where(cells.codes[twice, 0] == 0, 0.5, 1.0)
    split = Cells(
        cells.dimensions,
        ((*cells.values[0], "other half"), *cells.values[1:]),
        codes,
        (cells.n[0][twice] * part, cells.n[1][twice] * part),
        (cells.won[0][twice] * part, cells.won[1][twice] * part),
    )
    design = replace(model.design, levels=model.design.levels[twice], shifts=model.design.shifts[twice])
    weights = replace(
        model.weights,
        both=model.weights.both[twice],
        after=model.weights.after[twice],
        held=model.weights.held[twice],
    )
    return split, replace(model, design=design, own=model.own[twice], weights=weights)


def test_a_planted_segment_and_a_planted_mix_come_out_at_their_size() -> None:
    before = [
        ((r, s), n, round(n * p))
        for r in ("East", "West")
        for s, n, p in (("In", 6000, 0.5), ("Out", 4000, 0.3))
    ]
    after = [
        (("East", "In"), 4000, 2000),
        (("East", "Out"), 6000, 1800),
        (("West", "In"), 4000, 1600),
        (("West", "Out"), 6000, 1200),
    ]
    parts = parts_of(segments.of_rows(("region", "source"), before, after))
    found = effects(parts)
    assert found["mix", "source"] == pytest.approx(-0.04, abs=0.004)
    assert found["segment", "0"] == pytest.approx(-0.05, abs=0.004)
    assert abs(found["mix", "region"]) < 1e-6
    mix = next(part for part in parts if part.name == "source")
    assert mix.low < -0.04 < mix.high


def test_the_same_cells_always_give_the_same_intervals() -> None:
    assert parts_of(two_periods(3)) == parts_of(two_periods(3))
