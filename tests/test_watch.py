"""Control chart, drift, season and floor, on counts in sight and on simulated teams."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.facts import Verdict
from analytics.watch import watch
from analytics.watch.chart import CAPPED, DRIFT, Before, Limits, follow
from analytics.watch.limits import beyond
from analytics.watch.wobble import season, wobble
from tests.bench.watch import Team, alarms, sees

STEADY = [40, 44, 42, 38, 41, 45, 39, 43, 40, 44, 41, 42]  # won of 100 a month: 41.6 %


def watched(*won, n=100, first=0, **more):
    """The first series, of `n` deals a month."""
    counts = np.array([won])
    return watch(np.full_like(counts, n), counts, first, **more).series[0]


def signals(seen):
    return [month.signal for month in seen.months]


def test_eleven_months_are_no_baseline():
    seen = watched(*STEADY[:11])
    assert (seen.state, seen.usual, seen.since) == ("no_baseline", None, None)
    assert all(month.low is None for month in seen.months)


def test_the_months_of_the_baseline_have_no_limits_and_later_ones_do():
    seen = watched(*STEADY, 40, 43)
    assert [month.low is None for month in seen.months] == [True] * 12 + [False] * 2
    assert (seen.state, seen.usual_n, round(seen.usual, 3)) == ("stable", 1400, 0.416)
    assert seen.months[12].low < 0.40 < seen.months[12].high


def test_one_terrible_month_is_a_shock():
    seen = watched(*STEADY, 42, 12)
    assert signals(seen)[12:] == ["", "shock_low"]
    assert (seen.state, seen.since) == ("shock", 13)


def test_a_shock_is_told_for_half_a_year_and_stays_on_the_chart():
    told, later = watched(*STEADY, 12, *STEADY[:5]), watched(*STEADY, 12, *STEADY[:6])
    assert (told.state, told.since) == ("shock", 12)
    assert (later.state, later.since, signals(later)[12]) == ("stable", None, "shock_low")


def test_a_lasting_drop_is_a_drift_since_it_began():
    seen = watched(*STEADY, 42, 30, 31, 29, 30, 31)
    assert (seen.state, seen.since) == ("drift", 13)
    assert signals(seen)[12:] == ["", *["drift_low"] * 5]
    assert seen.usual == pytest.approx((499 + 42) / 1300)
    assert seen.change.points == pytest.approx(151 / 500 - 541 / 1300)
    assert seen.change.high < 0


def test_a_lasting_rise_is_one_too():
    seen = watched(*STEADY, 42, 56, 57, 55, 56, 58)
    assert (seen.state, seen.since, signals(seen)[-1]) == ("drift", 13, "drift_high")
    assert seen.change.low > 0


def test_a_drift_that_is_over_is_history():
    seen = watched(*STEADY, *[28] * 4, *[45] * 8)
    assert "drift_low" in signals(seen)
    assert (seen.state, signals(seen)[-1]) == ("stable", "")


def test_a_month_without_a_deal_says_nothing():
    n = np.array([[100] * 13 + [0, 100]])
    seen = watch(n, np.array([[*STEADY, 42, 0, 41]]), 0).series[0]
    assert (seen.state, seen.usual_n) == ("stable", 1400)
    assert (seen.months[13].low, seen.months[13].high) == (0.0, 1.0)


def test_the_last_month_of_the_quarter_is_no_shock_when_it_always_wins_most():
    seasonal = [98, 110, 162] * 5  # of 200: numbers of a real team
    turn = season(np.full(15, 200), np.array(seasonal), np.arange(15) % 3)
    assert turn.effects.round(2).tolist() == [-0.13, -0.07, 0.19]
    seen = watched(*seasonal, n=200)
    assert (seen.state, set(signals(seen))) == ("stable", {""})
    assert seen.months[14].high > seen.months[12].high


def test_a_season_is_not_read_into_chance():
    turn = season(np.full(12, 100), np.array(STEADY), np.arange(12) % 3)
    assert turn.effects.tolist() == turn.errors.tolist() == [0, 0, 0]


def test_months_that_swing_more_than_chance_have_a_wobble():
    swinging = np.array([[0.36, 0.54, 0.38, 0.52, 0.35, 0.55, 0.37, 0.53, 0.36, 0.54, 0.38, 0.52]])
    many = np.full((1, 12), 2000)
    assert wobble(many, swinging).squared[0] > 0.05**2
    assert wobble(many, np.full((1, 12), 0.45)).squared[0] < 0.005**2


def test_a_month_lies_as_far_out_as_its_error_says():
    before = Before(np.array([1200]), np.array([[600.0]]), np.array([12]))
    course = follow(before, np.array([[100]]), np.array([[[40.0]]]), np.zeros(1))
    usual = 600.5 / 1201
    error = np.sqrt(usual * (1 - usual) * (1 / 100 + 1 / 1200))
    assert course.out[0, 0, 0] == pytest.approx((0.40 - usual) / error)
    slope = DRIFT / error
    assert course.down[0, 0, 0] == pytest.approx(-course.out[0, 0, 0] * slope - slope**2 / 2)


def test_one_month_moves_the_drift_by_a_capped_error_at_most():
    before = Before(np.array([1200]), np.array([[600.0]]), np.array([12]))
    course = follow(before, np.array([[100]]), np.array([[[0.0]]]), np.zeros(1))
    slope = DRIFT / course.error[0, 0, 0]
    assert course.down[0, 0, 0] == pytest.approx(CAPPED * slope - slope**2 / 2)


def test_a_drift_that_is_seen_does_not_become_usual():
    before, n = Before(np.array([1200]), np.array([[600.0]]), np.array([12])), np.full((1, 12), 100)
    won = np.full((1, 1, 12), 35.0)
    limits = Limits(np.array([9.0]), np.array([4.0]), np.array([4.0]))
    frozen, learning = (follow(before, n, won, np.zeros(1), given) for given in (limits, None))
    assert frozen.usual[0, 0, -1] == pytest.approx(0.5)
    assert learning.usual[0, 0, -1] < 0.45
    assert frozen.began[0, 0, -1] == 0


def test_the_tail_of_an_exponential_is_met():
    highest = np.random.default_rng(1).exponential(2.0, (1, 20_000))
    assert beyond(highest, 0.001)[0] == pytest.approx(2 * np.log(1000), rel=0.05)
    assert beyond(highest, 0.5)[0] == pytest.approx(2 * np.log(10), rel=0.05)


def test_a_rate_below_its_floor_counts_only_when_its_range_is():
    below = watched(*STEADY, n=100, floor=0.55)
    close = watched(*STEADY, n=100, floor=0.43)
    assert (below.state, below.since, signals(below)[-1]) == ("floor", 11, "floor")
    odd = watched(*STEADY, 24, floor=0.55)
    assert (odd.state, signals(odd)[-1]) == ("floor", "floor")
    assert (below.trailing.rate, below.trailing.n) == (249 / 600, 600)
    assert below.trailing.high < 0.55
    assert (close.state, close.trailing.verdict) == ("stable", Verdict.NOISE)
    assert close.trailing.high > 0.43


def test_a_rate_above_its_floor_is_fine():
    assert watched(*STEADY, floor=0.2).state == "stable"


def test_a_month_that_is_a_shock_alone_is_only_odd_among_many_segments():
    won = np.array([[*STEADY, 16]])
    alone = watch(np.full((1, 13), 100), won, 0).series[0]
    everything, among, *_ = watch(np.full((9, 13), 100), np.repeat(won, 9, axis=0), 0).series
    assert everything == alone
    assert (alone.state, alone.months[12].signal, alone.months[12].alarm) == ("shock", "shock_low", True)
    assert (among.state, among.months[12].signal, among.months[12].alarm) == ("stable", "odd", False)
    assert among.since is among.change is None


def test_the_band_is_three_of_laneys_errors_however_many_segments_are_watched():
    won = np.array([[*STEADY, 42]])
    months = [watch(np.full((k, 13), 100), np.repeat(won, k, axis=0), 0).series[0].months[12] for k in (1, 9)]
    assert months[0] == months[1]
    usual, squared = 499.5 / 1201, wobble(np.full((1, 13), 100), won / 100).squared[0]
    error = np.sqrt(usual * (1 - usual) * (1 / 100 + 1 / 1200) + squared * (1 + 1 / 12))
    assert (months[0].low, months[0].high) == pytest.approx((usual - 3 * error, usual + 3 * error))


def test_an_odd_month_outside_its_band_is_never_more_than_odd():
    seen = watched(*STEADY, 24, 43, 41)
    assert seen.months[12].low > 0.24
    assert (signals(seen)[12:], seen.state) == (["odd", "", ""], "stable")


def test_a_segment_that_is_new_has_no_baseline_beside_one_that_has():
    n = np.array([[100] * 14, [0] * 9 + [20] * 5])
    won = np.array([[*STEADY, 40, 41], [0] * 9 + [8] * 5])
    assert [one.state for one in watch(n, won, 0).series] == ["stable", "no_baseline"]


def test_many_deals_see_smaller_drops_and_few_see_none():
    rows = {n: watch(np.full((1, 24), n), np.full((1, 24), round(0.45 * n)), 0) for n in (20, 100, 1000)}
    assert rows[20].detectable is None
    assert 0.05 < rows[100].detectable < 0.10
    assert rows[1000].detectable < rows[100].detectable


@given(
    won=st.lists(st.integers(0, 30), min_size=1, max_size=30), n=st.integers(30, 60), first=st.integers(0, 2)
)
def test_always_an_entry_per_month_and_never_a_signal_in_the_baseline(won, n, first):
    seen = watched(*won, n=n, first=first, floor=None)
    assert len(seen.months) == len(won)
    assert not any(signals(seen)[:12])
    assert all(m.low is None or 0 <= m.low <= m.high <= 1 for m in seen.months)
    assert (seen.since is None) == (seen.state in ("stable", "no_baseline"))


def test_the_same_months_always_give_the_same_answer():
    counts = np.array([[*STEADY, 30, 31, 42]])
    first, second = (watch(np.full_like(counts, 100), counts, 0) for _ in range(2))
    assert first == second


def test_months_older_than_five_years_do_not_count():
    recent = [*STEADY] * 5
    old, alone = watched(*[90] * 6, *recent), watched(*recent)
    assert (old.usual, old.usual_n) == (alone.usual, 6000)
    assert all(month.low is None for month in old.months[:6])


def test_stable_teams_have_few_false_alarms():
    """The whole measure, a thousand teams of each kind, is `python -m tests.bench.watch`."""
    rng = np.random.default_rng(11)
    kinds = [Team(n, w, s) for n in (20, 100, 500) for w in (0.0, 0.03) for s in (False, True)]
    found = [alarms(kind, rng) for kind in kinds * 4]
    assert np.mean(found) <= 0.10


def test_a_lasting_drop_of_eight_points_at_a_hundred_deals_is_mostly_seen():
    rng = np.random.default_rng(12)
    assert np.mean([sees(Team(100), 36, rng) for _ in range(50)]) >= 0.68
