"""A breakdown's rows on a few visible groups."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import breakdown, questions
from analytics.breakdown import POOLED, POOLED_INCOMPLETE, Calendar, Group, tabulate
from analytics.facts import Verdict
from analytics.questions import Period
from analytics.store import CellRow

CALENDAR = Calendar(date(2024, 6, 30), date(2023, 1, 1), date(2024, 6, 29))


def group(*values, deals, won, amount=0, won_amount=0):
    return CellRow(values, deals, won, amount, won_amount)


def table(*groups, by=("region",), calendar=CALENDAR):
    return tabulate(groups, by, calendar)


def rates(found):
    return {row.group.counts.values: round(row.group.rate, 3) for row in found.rows}


def test_the_best_win_rate_comes_first():
    found = table(group("APAC", deals=50, won=20), group("India", deals=50, won=30))
    assert list(rates(found)) == [("India",), ("APAC",)]


def test_a_row_tells_its_share_and_what_it_adds_to_the_whole():
    # 60 % of 50 and 40 % of 150: 45 % overall; the first adds 15 points x a quarter.
    found = table(
        group("APAC", deals=50, won=30, amount=1000, won_amount=900), group("India", deals=150, won=60)
    )
    first = found.rows[0]
    assert (found.overall.won, found.overall.deals) == (90, 200)
    assert (first.share, first.difference, first.impact) == pytest.approx((0.25, 0.15, 0.0375))
    assert (first.by_amount, found.rows[1].by_amount) == (0.9, None)


def test_groups_under_five_deals_become_one_row_at_the_end():
    found = table(
        group("APAC", deals=50, won=20), group("Nepal", deals=4, won=4), group("Peru", deals=2, won=1)
    )
    last = found.rows[-1]
    assert (last.group.counts.values, last.group.pooled) == ((POOLED,), 2)
    assert (last.group.counts.deals, last.group.counts.won) == (6, 5)
    assert last.verdict is Verdict.TOO_FEW


def test_pooled_pairs_have_a_word_for_each_dimension():
    found = table(group("APAC", "rep_1", deals=2, won=1), by=("region", "rep"))
    assert found.rows[0].group.counts.values == (POOLED, POOLED)


def test_a_hundred_rows_are_shown_those_with_most_deals_whatever_their_rate():
    # 120 groups of 101, 102, ... deals; the small ones all won, and would lead a list by rate.
    groups = [group(f"g{i:03}", deals=100 + i, won=100 + i if i < 30 else 10) for i in range(120)]
    found = table(*groups)
    assert len(found.rows) == breakdown.MOST_CELLS - 1
    assert found.rows[-1].group.pooled == 22
    assert found.rows[-1].group.counts.deals == sum(100 + i for i in range(22))


def test_exactly_a_hundred_groups_need_no_pool():
    assert all(
        not row.group.pooled for row in table(*(group(f"g{i:03}", deals=9, won=4) for i in range(100))).rows
    )


def test_periods_come_in_order_of_time():
    found = table(
        group("2024-Q2", deals=50, won=30),
        group("2023-Q4", deals=50, won=20),
        group("2024-Q1", deals=50, won=10),
        by=("quarter",),
    )
    assert list(rates(found)) == [("2023-Q4",), ("2024-Q1",), ("2024-Q2",)]


def test_within_a_region_its_quarters_come_in_order_of_time():
    cells = [("India", "2024-Q1"), ("APAC", "2024-Q2"), ("India", "2023-Q4"), ("APAC", "2024-Q1")]
    found = table(*(group(*values, deals=50, won=20) for values in cells), by=("region", "quarter"))
    assert list(rates(found)) == sorted(cells)


def test_within_a_quarter_the_best_region_comes_first():
    found = table(
        group("2024-Q1", "APAC", deals=50, won=10),
        group("2024-Q1", "India", deals=50, won=30),
        group("2023-Q4", "APAC", deals=50, won=20),
        by=("quarter", "region"),
    )
    assert list(rates(found)) == [("2023-Q4", "APAC"), ("2024-Q1", "India"), ("2024-Q1", "APAC")]


def test_the_running_period_is_marked_and_kept_out_of_tests_and_shrinkage():
    found = table(
        group("2024-04", deals=100, won=45),
        group("2024-05", deals=100, won=46),
        group("2024-06", deals=100, won=99),
        by=("month",),
        calendar=Calendar(date(2024, 6, 20), date(2023, 1, 1), date(2024, 6, 19)),
    )
    running = found.rows[-1]
    assert (running.group.incomplete, running.verdict, running.p, running.shrunken) == (
        "running",
        None,
        None,
        None,
    )
    assert found.judged.widest_gap == pytest.approx(0.01)


def test_incomplete_periods_are_pooled_apart():
    found = table(
        group("2024-05", deals=3, won=1),
        group("2024-06", deals=4, won=1),
        group("2024-04", deals=30, won=10),
        by=("month",),
        calendar=Calendar(date(2024, 6, 20), None, None),
    )
    pools = [
        (row.group.counts.values, row.group.counts.deals, row.group.incomplete) for row in found.rows[1:]
    ]
    assert pools == [((POOLED,), 3, ""), ((POOLED_INCOMPLETE,), 4, "running")]


def test_no_group_gives_no_row_and_nothing_to_judge():
    found = table()
    assert (found.rows, found.overall.deals, found.judged.verdict) == ((), 0, Verdict.TOO_FEW)


JUNE, MAY = questions.month(2024, 6), questions.month(2024, 5)


@pytest.mark.parametrize(
    ("calendar", "period", "reason"),
    [
        (Calendar(date(2024, 6, 1), None, None), JUNE, "running"),
        (Calendar(date(2024, 6, 29), None, None), JUNE, "running"),
        (Calendar(date(2024, 6, 30), None, None), JUNE, ""),
        (Calendar(date(2024, 7, 9), date(2024, 6, 1), None), JUNE, ""),
        (Calendar(date(2024, 7, 9), date(2024, 6, 2), None), JUNE, "first"),
        (Calendar(date(2024, 7, 9), date(2024, 5, 20), None), JUNE, ""),
        (Calendar(date(2024, 7, 9), None, date(2024, 5, 20)), JUNE, "intake_ended"),
        (Calendar(date(2024, 7, 9), None, date(2024, 5, 20)), MAY, ""),
        (Calendar(date(2024, 7, 9), None, date(2024, 6, 9)), questions.month(2024, 7), "running"),
        (Calendar(date(2024, 8, 1), None, date(2024, 7, 2)), questions.month(2024, 7), ""),
        (Calendar(date(2024, 9, 9), None, None, Period(date(2024, 6, 11), None, "")), JUNE, "first"),
        (Calendar(date(2024, 9, 9), None, None, Period(None, date(2024, 6, 11), "")), JUNE, "first"),
        (Calendar(date(2024, 9, 9), None, None, JUNE), JUNE, ""),
        (Calendar(date(2024, 9, 9), None, None), questions.ALL_TIME, ""),
    ],
)
def test_a_period_says_why_it_must_not_be_compared(calendar, period, reason):
    assert calendar.incomplete(period) == reason


GROUPS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40)).filter(any), min_size=1, max_size=130
).map(lambda rows: [CellRow((f"g{i:03}",), won + lost, won, 0, 0) for i, (won, lost) in enumerate(rows)])


@given(GROUPS)
def test_rows_always_hold_all_deals_and_their_impacts_cancel_out(groups):
    found = table(*groups)
    assert sum(row.group.counts.deals for row in found.rows) == sum(g.deals for g in groups)
    assert sum(row.share for row in found.rows) == pytest.approx(1)
    assert sum(row.impact for row in found.rows) == pytest.approx(0, abs=1e-9)
    assert all(row.low <= row.group.rate + 1e-9 and row.group.rate <= row.high + 1e-9 for row in found.rows)


@given(GROUPS)
def test_a_row_under_five_deals_never_stands_alone(groups):
    assert all(row.group.pooled or row.group.counts.deals >= 5 for row in table(*groups).rows)


def test_a_group_of_counts_knows_its_rate():
    assert Group(CellRow(("APAC",), 4, 1, 0, 0)).rate == 0.25


def test_people_are_ordered_by_what_is_left_when_luck_is_taken_out():
    # 60 % of 5 deals says less of a rep than 45 % of 400, where 400 others win 25 %.
    found = table(
        group("rep_1", deals=5, won=3),
        group("rep_2", deals=400, won=180),
        group("rep_3", deals=400, won=100),
        by=("rep",),
    )
    assert list(rates(found)) == [("rep_2",), ("rep_1",), ("rep_3",)]


def test_reps_that_only_luck_tells_apart_are_not_ranked():
    found = table(group("rep_2", deals=100, won=31), group("rep_1", deals=100, won=30), by=("rep",))
    assert list(rates(found)) == [("rep_1",), ("rep_2",)]
