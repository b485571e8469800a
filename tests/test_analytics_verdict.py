"""Is a difference real? Values by hand, or from scipy.stats, which the product itself never imports."""

import math
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, hypergeom

import analytics
from analytics import verdict
from analytics.facts import Verdict


def judged(won, n, **given_):
    everything = [True] * len(n)
    return verdict.judge(won, n, **{"complete": everything, "single": everything} | given_)


def test_the_interval_of_one_win_in_two_is_wilsons():
    low, high = verdict.wilson([1], [2])
    assert (round(low[0], 4), round(high[0], 4)) == (0.0945, 0.9055)


def test_nothing_is_known_of_a_rate_without_deals():
    low, high = verdict.wilson([0], [0])
    assert (low[0], high[0]) == (0.0, 1.0)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_always_holds_the_rate_and_never_leaves_zero_to_one(cell):
    won, n = cell
    low, high = verdict.wilson(won, n)
    assert 0 <= low <= won / n + 1e-12
    assert won / n - 1e-12 <= high <= 1


def test_the_tea_taster_has_p_forty_eight_in_hundred():
    # Fisher's own table: 3 of 4 cups right, 8 cups. Both tails: (16 + 1 + 16 + 1) / 70.
    assert verdict.fisher([3], [4], 4, 8)[0] == pytest.approx(34 / 70)


def test_cells_are_tested_against_all_other_deals():
    # 5 of 5 against 0 of 5: 2 of the 252 ways to choose 5 winners are as extreme.
    assert verdict.fisher([5, 0], [5, 5], 5, 10).tolist() == pytest.approx([2 / 252, 2 / 252])


def test_no_cell_has_no_p():
    assert verdict.fisher([], [], 5, 10).size == 0


TABLES = (
    st.integers(1, 300)
    .flatmap(lambda total: st.tuples(st.just(total), st.integers(0, total), st.integers(0, total)))
    .flatmap(lambda t: st.tuples(st.just(t), st.integers(max(0, t[1] + t[2] - t[0]), min(t[1], t[2]))))
)


@given(TABLES)
def test_the_exact_test_always_agrees_with_scipys(table):
    (total, total_won, n), won = table
    rest = [total_won - won, total - n - total_won + won]
    expected = fisher_exact([[won, n - won], rest]).pvalue
    assert verdict.fisher([won], [n], total_won, total)[0] == pytest.approx(expected, rel=1e-6)


def test_a_million_deals_are_tested_as_exactly_as_a_thousand():
    p = verdict.fisher([113_600], [250_000], 452_600, 1_000_000)[0]
    tails = hypergeom(1_000_000, 452_600, 250_000)
    mirrored = 2 * 113_150 - 113_600
    assert p == pytest.approx(tails.sf(113_599) + tails.cdf(mirrored), rel=1e-3)


def test_two_cells_are_compared_by_the_exact_test():
    assert verdict.omnibus([5, 0], [5, 5]) == pytest.approx(2 / 252)


def test_three_large_cells_are_compared_by_chi_square():
    # Rates 0.4, 0.5, 0.6 on 100 each: 2 x 100 x 0.01 / 0.25 = 8 on 2 degrees of freedom: exp(-4).
    assert verdict.omnibus([40, 50, 60], [100, 100, 100]) == pytest.approx(math.exp(-4))


def test_three_tiny_cells_are_compared_by_their_exact_tests():
    # 5 of 5, 0 of 5, 0 of 5: the first against the rest has 1 in 3003, three were looked at.
    assert verdict.omnibus([5, 0, 0], [5, 5, 5]) == pytest.approx(3 / 3003)


def test_one_cell_has_nothing_to_be_compared_with():
    assert verdict.omnibus([5], [10]) is None


def test_deals_that_all_ended_alike_show_no_difference():
    assert verdict.pearson([10, 20], [10, 20]) == 0.0


def test_benjamini_hochberg_keeps_the_order_of_the_tests_given():
    # Ranked .01 .03 .04 .5, times 4 over rank: .04 .06 .0533 .5, made rising from the right.
    assert verdict.benjamini_hochberg([0.04, 0.01, 0.5, 0.03]).tolist() == pytest.approx(
        [0.16 / 3, 0.04, 0.5, 0.16 / 3]
    )


@given(st.lists(st.floats(0, 1), max_size=30))
def test_an_adjusted_p_is_never_smaller_than_its_own(p):
    adjusted = verdict.benjamini_hochberg(p)
    assert all(a >= raw or math.isclose(a, raw) for a, raw in zip(adjusted, p, strict=True))
    assert (adjusted <= 1).all()


def test_one_different_cell_among_four_is_a_signal():
    found = judged([60, 40, 40, 40], [100, 100, 100, 100])
    assert found.cells[0] is Verdict.SIGNAL
    assert found.verdict is Verdict.SIGNAL


def test_what_does_not_survive_the_correction_is_a_hint():
    # Chi-square 100 x (.1 x .1 + .1 x .1) / .25 = 8 on 3: all alike has p .046, yet no one cell survives.
    found = judged([60, 50, 50, 40], [100, 100, 100, 100])
    assert 0.02 < found.p[0] < 0.05 < found.adjusted[0]
    assert (found.cells[0], found.verdict) == (Verdict.HINT, Verdict.HINT)


def test_one_odd_cell_among_cells_that_are_alike_is_noise():
    # 58 of 100 against 135 of 300: p .028 alone, .11 as the best of four, and all four alike has p .18.
    found = judged([58, 45, 45, 45], [100, 100, 100, 100])
    assert found.p[0] < 0.05 < found.omnibus
    assert (found.cells[0], found.verdict) == (Verdict.NOISE, Verdict.NOISE)


def test_cells_that_are_alike_are_noise():
    found = judged([45, 46, 44], [100, 100, 100])
    assert set(found.cells) == {Verdict.NOISE}
    assert found.verdict is Verdict.NOISE
    assert found.widest_gap == pytest.approx(0.02)


def test_cells_that_only_differ_together_are_a_hint():
    # Half of eight cells at 54 %, half at 46 %: no cell's p is under .05, all together p .03.
    found = judged([216] * 4 + [184] * 4, [400] * 8)
    assert found.p.min() > 0.05 > (found.omnibus or 1)
    assert found.verdict is Verdict.HINT


def test_under_five_deals_are_too_few_to_judge():
    found = judged([4, 40, 40], [4, 100, 100])
    assert found.cells == (Verdict.TOO_FEW, Verdict.NOISE, Verdict.NOISE)
    assert math.isnan(found.p[0])
    assert found.tested == 2


def test_pooled_groups_are_compared_with_and_never_judged():
    found = judged([90, 40], [100, 100], single=[False, True])
    assert found.cells == (Verdict.TOO_FEW, Verdict.SIGNAL)


def test_an_incomplete_period_takes_no_part_in_any_test():
    with_it = judged([45, 46, 99], [100, 100, 100], complete=[True, True, False])
    without = judged([45, 46], [100, 100])
    assert with_it.cells == (*without.cells, None)
    assert (with_it.omnibus, with_it.widest_gap) == (without.omnibus, without.widest_gap)


def test_a_single_cell_gets_no_verdict_of_its_own():
    found = judged([45], [100])
    assert (found.cells, found.verdict, found.omnibus) == ((None,), Verdict.TOO_FEW, None)
    assert (found.widest_gap, found.detectable_gap, found.spread) == (None, None, None)


def test_only_small_cells_are_too_few_altogether():
    assert judged([1, 2], [3, 4]).verdict is Verdict.TOO_FEW


def test_a_pair_pays_for_the_dimensions_it_could_have_been_crossed_with():
    assert verdict.alpha(1, 11) == 0.05
    assert verdict.alpha(2, 11) == 0.005
    assert verdict.alpha(2, 1) == 0.05
    strict = judged([60, 42, 41, 40], [100] * 4, level=0.001)
    assert strict.cells[0] is Verdict.HINT


def test_four_regions_of_1250_would_show_a_gap_of_five_point_six_points():
    # 2.8016 x sqrt(2 x 0.4526 x 0.5474 / 1250)
    assert verdict.detectable_gap(0.4526, 1250) == pytest.approx(0.05578, abs=5e-5)


def test_no_gap_is_wider_than_a_hundred_points():
    assert verdict.detectable_gap(0.5, 2) == 1.0


def test_without_a_loss_nothing_is_known_of_how_rates_vary():
    assert verdict.detectable_gap(1.0, 100) is None


def test_equal_people_spread_by_five_points_on_a_hundred_deals_each():
    found = verdict.spread([45, 55], [100, 100])
    assert found == verdict.Spread(pytest.approx(0.0707, abs=1e-4), pytest.approx(0.05))


def test_one_group_has_no_spread():
    assert verdict.spread([5], [10]) is None


def test_groups_that_spread_less_than_luck_are_shrunk_to_the_overall_rate():
    found = verdict.prior([49, 51], [100, 100])
    assert math.isinf(found.strength)
    assert found.shrink([90], [100]).tolist() == [0.5]


def test_the_prior_is_worth_as_many_deals_as_the_spread_says():
    # Rates .2, .5, .8 on 100 each: Pearson 72, beyond 2 degrees 70; room 300 - 100 - 2 = 198;
    # correlation 70 / 198, so the prior is worth 128 / 70 deals.
    found = verdict.prior([20, 50, 80], [100, 100, 100])
    assert (found.rate, found.strength) == (0.5, pytest.approx(128 / 70))
    assert found.shrink(80, 100) == pytest.approx((80 + 64 / 70) / (100 + 128 / 70))


def test_nothing_closed_teaches_nothing():
    assert verdict.prior([], []) == verdict.Prior(0.0, math.inf)


def test_groups_of_one_deal_cannot_show_a_spread():
    assert math.isinf(verdict.prior([1, 0], [1, 1]).strength)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=1, max_size=12))
def test_a_shrunken_rate_always_lies_between_a_groups_own_and_the_overall_one(groups):
    won, n = [w for w, _ in groups], [w + lost for w, lost in groups]
    found = verdict.prior(won, n)
    for w, size, adjusted in zip(won, n, found.shrink(won, n), strict=True):
        low, high = sorted((w / size if size else found.rate, found.rate))
        assert low - 1e-9 <= adjusted <= high + 1e-9


def test_shuffled_outcomes_give_a_signal_in_no_more_than_one_of_twenty_breakdowns():
    random = np.random.default_rng(5)
    outcomes = random.permutation(np.repeat([1, 0], [900, 1100]))
    groupings = [random.integers(0, groups, outcomes.size) for groups in (4, 5, 25, 18)]
    signals = sum(
        judged(*_counts(random.permutation(outcomes), grouping)).verdict is Verdict.SIGNAL
        for _, grouping in product(range(75), groupings)
    )
    # One in twenty of 300 breakdowns.
    assert signals <= 15


def test_a_planted_difference_of_fifteen_points_is_found():
    random = np.random.default_rng(5)
    grouping = random.integers(0, 4, 2000)
    outcomes = random.random(2000) < np.where(grouping == 2, 0.60, 0.45)
    found = judged(*_counts(outcomes, grouping))
    assert found.cells[2] is Verdict.SIGNAL


def _counts(outcomes, grouping):
    return np.bincount(grouping, weights=outcomes).astype(int), np.bincount(grouping)


def test_answers_never_wait_for_scipys_slow_statistics():
    program = "import sys, analytics.answers; sys.exit('scipy.stats' in sys.modules)"
    root = Path(next(iter(analytics.__path__))).parent
    subprocess.run([sys.executable, "-c", program], cwd=root, check=True)
