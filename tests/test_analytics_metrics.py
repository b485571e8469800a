"""The named metrics on a few visible deals."""

import inspect

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import mannwhitneyu

from analytics import metrics, spans
from analytics.glossary import BY_NAME, GLOSSARY
from analytics.spans import Cycles, RiskTable

NAMED = ("win_rate", "win_rate_by_amount", "segment_impact", "cycle_outcome_gap", "pvs", "smi")
NAMED += ("deal_health", "revenue_at_risk", "base_rate_at_age", "expected_remaining_days")
NAMED += ("time_in_stage", "days_since_activity", "stage_clock", "base_rate_of_looks", "deal_quality")
NAMED += ("sales_velocity", "stage_conversion", "leakage", "slippage", "pipeline_coverage", "rep_consistency")


def days(*values):
    return np.array(values, np.int64)


def risk(*rows):
    """One (days, won, lost, open) per row."""
    return RiskTable(*np.array(rows, np.int64).reshape(-1, 4).T)


@pytest.mark.parametrize("name", NAMED)
def test_a_metric_says_its_formula_unit_source_and_trap(name):
    told = inspect.getdoc(getattr(metrics, name))
    assert all(word in told for word in ("Formula:", "Unit:", "Source:", "Trap:"))


def test_the_glossary_names_each_metric_once_and_leaves_nothing_empty():
    assert len(BY_NAME) == len(GLOSSARY) == len(metrics.GLOSSARY)
    assert all(e.title and e.formula and e.meaning and e.trap for e in GLOSSARY)


def test_no_closed_deal_is_no_rate():
    assert metrics.win_rate(0, 0) is None
    assert metrics.win_rate_by_amount(0, 0) is None


def test_the_rate_by_amount_weighs_the_money():
    assert metrics.win_rate_by_amount(90_000, 100_000) == 0.9


def test_segment_impact_is_signed():
    assert metrics.segment_impact(0.40, 0.45, 0.5) == pytest.approx(-0.025)


def test_won_deals_that_take_longer_have_a_positive_gap():
    # Won 20 20 40, lost 10 10 20: medians 20 and 10.
    gap = metrics.cycle_outcome_gap(Cycles(days(10, 20, 40), days(0, 2, 1), days(2, 1, 0)))
    assert (gap.days, gap.won, gap.lost) == (10, 3, 3)
    assert gap.p == pytest.approx(mannwhitneyu([20, 20, 40], [10, 10, 20], method="asymptotic").pvalue)


@pytest.mark.parametrize(("won", "lost"), [((2, 1), (0, 0)), ((0, 0), (2, 1))])
def test_one_outcome_alone_has_no_gap(won, lost):
    assert metrics.cycle_outcome_gap(Cycles(days(10, 20), days(*won), days(*lost))) is None


def test_deals_that_all_took_as_long_show_no_gap():
    gap = metrics.cycle_outcome_gap(Cycles(days(30), days(4), days(6)))
    assert (gap.days, gap.p) == (0, 1.0)


COUNTS = st.lists(st.integers(0, 5), min_size=6, max_size=6)


@given(COUNTS.filter(any), COUNTS.filter(any))
def test_the_rank_test_always_agrees_with_scipys(first, second):
    values = np.arange(6)
    one, two = np.repeat(values, first), np.repeat(values, second)
    expected = mannwhitneyu(one, two, method="asymptotic").pvalue if len({*one, *two}) > 1 else 1.0
    assert spans.rank_test(first, second) == pytest.approx(expected)


@given(COUNTS.filter(any), st.floats(0, 1))
def test_a_quantile_of_a_histogram_is_always_numpys_of_its_values(counts, share):
    expected = np.quantile(np.repeat([1, 2, 5, 9, 10, 30], counts), share)
    assert spans.quantile([1, 2, 5, 9, 10, 30], counts, share) == pytest.approx(expected)


def test_a_deal_opened_today_is_not_infinitely_fast():
    assert metrics.pvs(1000, 0.5, 0) == 500
    assert metrics.smi(2, 0) == 2


def test_a_deal_quicker_than_usual_is_fully_efficient():
    assert metrics.cycle_efficiency(60, 20, 20) == 1
    assert metrics.cycle_efficiency(60, 90, 30) == 0.5


def test_health_is_a_hundred_when_all_its_parts_are_full():
    assert metrics.deal_health(1, 1, 1) == pytest.approx(100)
    assert metrics.deal_health(0.5, 1, 0.25) == pytest.approx(100 * (0.2 + 0.3 + 0.075))


def test_revenue_at_risk_is_what_will_not_come():
    assert metrics.revenue_at_risk(80_000, 0.25) == 60_000


def test_the_base_rate_at_birth_is_the_win_rate_when_no_deal_is_open():
    found = metrics.base_rate_at_age(risk((10, 12, 8, 0), (40, 6, 14, 0)), 0)
    assert found.rate == pytest.approx(18 / 40)
    assert (found.at_risk, found.decided, found.clipped) == (40, 40, False)


def test_older_deals_are_judged_by_deals_that_lived_as_long():
    # Beyond day 10 only the second row is left: 10 of 40.
    found = metrics.base_rate_at_age(risk((10, 30, 0, 0), (40, 10, 30, 0)), 10)
    assert (found.rate, found.at_risk) == (pytest.approx(0.25), 40)
    assert (round(found.low, 3), round(found.high, 3)) == (0.142, 0.402)


def test_open_deals_count_as_not_yet_decided():
    # Day 10: 20 of 80 won, none lost. 30 leave open at 20. Day 30: of the 30 left half won, half lost.
    # Aalen-Johansen: 20/80 + 60/80 x 15/30.
    found = metrics.base_rate_at_age(risk((10, 20, 0, 0), (20, 0, 0, 30), (30, 15, 15, 0)), 0)
    assert found.rate == pytest.approx(0.25 + 0.75 * 0.5)
    assert (found.at_risk, found.decided) == (80, 50)


def test_beyond_the_last_age_with_thirty_deals_that_age_speaks():
    # 30 deals lived beyond day 49, 5 beyond day 50.
    table = risk((10, 30, 30, 0), (50, 10, 15, 0), (90, 5, 0, 0))
    found = metrics.base_rate_at_age(table, 70)
    assert (found.age, found.clipped, found.at_risk) == (49, True, 30)
    assert found.rate == pytest.approx(15 / 30)


def test_fewer_than_thirty_deals_have_no_base_rate():
    assert metrics.base_rate_at_age(risk((10, 9, 20, 0)), 0) is None
    assert metrics.expected_remaining_days(risk((10, 9, 20, 0)), 0) is None


def test_no_deal_at_all_has_no_base_rate():
    assert metrics.base_rate_at_age(risk(), 0) is None


def test_deals_that_nobody_decided_have_no_base_rate():
    assert metrics.base_rate_at_age(risk((10, 0, 0, 50)), 0) is None


HISTORIES = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20), st.integers(0, 20), st.integers(0, 20)),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row[0],
).map(sorted)


@given(HISTORIES, st.integers(0, 80))
def test_a_base_rate_is_always_a_probability_within_its_interval(rows, age):
    found = metrics.base_rate_at_age(risk(*rows), age)
    if found:
        assert 0 <= found.low <= found.rate + 1e-9
        assert found.rate - 1e-9 <= found.high <= 1


def test_half_of_the_deals_open_at_day_ten_were_decided_twenty_days_later():
    # 40 live beyond day 10: 10 end on day 15, 10 on day 30, 10 on day 40, 10 on day 70.
    ends = [(day, 5, 5, 0) for day in (15, 30, 40, 70)]
    found = metrics.expected_remaining_days(risk((5, 30, 0, 0), *ends), 10)
    assert (found.days, found.low, found.high, found.at_risk) == (20, 5, 30, 40)


def test_days_left_are_unknown_where_most_deals_are_still_open():
    assert metrics.expected_remaining_days(risk((10, 5, 5, 0), (20, 0, 0, 60)), 0) is None


def test_the_upper_end_is_open_where_a_quarter_was_never_decided():
    found = metrics.expected_remaining_days(risk((10, 15, 10, 0), (20, 0, 0, 15)), 0)
    assert (found.days, found.high) == (10, None)


def test_days_left_are_unknown_beyond_the_data():
    assert metrics.expected_remaining_days(risk((10, 50, 50, 0)), 10) is None


def test_a_clock_that_nobody_started_is_unknown():
    assert metrics.time_in_stage(100, None) is None
    assert metrics.days_since_activity(100, None) is None
    assert (metrics.time_in_stage(100, 90), metrics.days_since_activity(100, 93)) == (10, 7)


def test_a_stage_has_its_own_clock_from_thirty_won_deals_on():
    spells = [("Demo", day, 3) for day in range(1, 11)] + [("Proposal", 90, 50)]
    found = metrics.stage_clock(spells, "Demo")
    # 30 deals, three each at 1 to 10 days: ranks 23.2 and 26.1 of 0 to 29.
    assert (found.deals, found.pooled) == (30, False)
    assert (found.slow, found.stalled) == pytest.approx((8.2, 9.1))


def test_a_stage_with_fewer_borrows_the_clock_of_all():
    found = metrics.stage_clock([("Demo", 5, 10), ("Proposal", 20, 10), ("Demo", 20, 10)], "Proposal")
    assert (found.stalled, found.deals, found.pooled) == (20, 30, True)


def test_too_few_won_deals_have_no_clock():
    assert metrics.stage_clock([("Demo", 5, 29)], "Demo") is None


def test_a_deal_looked_at_three_times_counts_once_for_how_sure_one_is():
    looks = risk((10, 30, 60, 0), (20, 30, 60, 0), (30, 30, 60, 0))
    found, alone = metrics.base_rate_of_looks(looks, 90), metrics.base_rate_of_looks(looks, 270)
    assert (found.rate, found.at_risk, found.decided) == (pytest.approx(1 / 3), 90, 90)
    assert found.low < alone.low < 1 / 3 < alone.high < found.high


def test_looks_at_deals_that_nobody_decided_have_no_base_rate():
    assert metrics.base_rate_of_looks(risk((10, 0, 0, 50)), 50) is None
    assert metrics.base_rate_of_looks(risk(), 0) is None


def test_nothing_won_is_no_velocity_and_not_zero():
    assert metrics.sales_velocity(40.0, 0.0, 0, 0, 50) is None


def test_a_met_quota_has_no_coverage():
    assert metrics.pipeline_coverage(600, 0, 0) is None
    assert metrics.pipeline_coverage(600, 400, 500) is None


def test_consistency_is_told_only_where_quarters_differ_beyond_chance():
    # 50 and 30 of 100: SD of the true rates 0.141 less what chance gives, 0.049 each; mean 0.4.
    uneven = [(50, 100), (30, 100), (50, 100), (30, 100)]
    assert metrics.rep_consistency(uneven) == pytest.approx(1 - 0.1037 / 0.4, abs=0.01)
    assert metrics.rep_consistency([(40, 100), (44, 100), (36, 100), (40, 100)]) is None
    assert metrics.rep_consistency(uneven[:3]) is None


@given(rates=st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=12))
def test_consistency_is_never_above_one(rates):
    found = metrics.rep_consistency([(won, won + lost) for won, lost in rates])
    assert found is None or found <= 1
