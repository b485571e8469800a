"""What a period will bring: sums by hand, and ranges that hold in businesses whose truth is known."""

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import forecast
from analytics.forecast import NOBODY, Newcomers, Outlook
from tests.histories import FIRST, history, known, seen

book = st.lists(st.tuples(st.floats(0, 1e6), st.floats(0, 1)), max_size=12)


def of(deals: list[tuple[float, float]], **more: float) -> Outlook:
    """The forecast of (amount, chance) pairs."""
    amounts, chances = np.array(deals, float).reshape(-1, 2).T
    return forecast.expect(amounts, chances, **more)  # type: ignore[arg-type]


def test_the_expected_amount_is_the_sum_of_amount_times_chance() -> None:
    assert of([(1_000, 0.5), (200, 0.25)]).mean == pytest.approx(550)


def test_a_certain_deal_has_no_range() -> None:
    assert of([(1_000, 1.0), (500, 0.0)], shock=0.5) == Outlook(1_000, 1_000, 1_000, 1_000)


def test_one_deal_brings_all_or_nothing() -> None:
    assert of([(1_000, 0.3)]) == Outlook(300, 0, 0, 1_000)


def test_many_equal_deals_spread_as_chance_has_it() -> None:
    told = of([(1.0, 0.5)] * 1_000)  # standard deviation: square root of 250, 15.8
    assert told.low == pytest.approx(500 - 1.2816 * 15.81, abs=2)
    assert told.high == pytest.approx(500 + 1.2816 * 15.81, abs=2)


def test_a_common_shock_widens_the_range_of_many_deals() -> None:
    told = of([(1.0, 0.5)] * 1_000, shock=0.4)  # 0.5 moves by about 0.1 per 0.4 of logit
    assert told.high - told.low == pytest.approx(2 * 1.2816 * np.hypot(15.81, 97), rel=0.08)


def test_nothing_open_and_nobody_to_come_bring_nothing() -> None:
    assert of([]) == Outlook(0, 0, 0, 0)


def test_deals_to_come_are_counted_in() -> None:
    told = forecast.expect([], [], new=Newcomers(wins=50, mean=100, square=10_000))
    assert told.mean == 5_000
    assert told.low == pytest.approx(5_000 - 1.2816 * 707, abs=120)


def test_a_deal_without_an_amount_adds_nothing() -> None:
    assert of([(1_000, 0.3), (float("nan"), 0.9)]) == of([(1_000, 0.3)])


@given(book, st.floats(0, 0.6))
def test_p10_never_exceeds_p50_nor_p50_p90(deals: list[tuple[float, float]], shock: float) -> None:
    told = of(deals, shock=shock)
    assert 0 <= told.low <= told.median <= told.high <= sum(amount for amount, _ in deals) + 1e-6


@given(book, st.floats(0, 1e6), st.floats(0, 1))
def test_one_more_deal_never_lowers_the_expected_amount(
    deals: list[tuple[float, float]], amount: float, chance: float
) -> None:
    assert of([*deals, (amount, chance)]).mean >= of(deals).mean - 1e-6


@given(book, st.randoms())
def test_the_order_of_deals_never_matters(deals: list[tuple[float, float]], luck: object) -> None:
    mixed = list(deals)
    luck.shuffle(mixed)  # type: ignore[attr-defined]
    one, other = of(deals, shock=0.2), of(mixed, shock=0.2)
    assert (one.low, one.median, one.high) == (other.low, other.median, other.high)
    assert one.mean == pytest.approx(other.mean)


def daily(days: int, life: int) -> pd.DataFrame:
    """A deal a day, won for 100 after `life` days."""
    created = np.arange(days)
    deals = {"deal_id": [f"D{day}" for day in created], "deal_type": "new", "outcome": "won", "amount": 100.0}
    return pd.DataFrame(deals | {"created_day": created, "close_day": created + life})


def test_deals_yet_to_come_are_those_that_arrive_early_enough_to_be_won() -> None:
    found = forecast.arrivals(known(daily(500, 10), 499), 499)
    told = forecast.newcomers(found, 0, 91, {"new": 1.0})
    assert told.wins == pytest.approx(81, abs=0.5)  # created in the first 81 of 91 days
    assert told.mean == 100
    assert forecast.newcomers(found, 91, 182, {"new": 1.0}).wins == pytest.approx(91, abs=0.5)
    assert forecast.newcomers(found, 0, 91, {"new": 0.5}).wins == pytest.approx(40.5, abs=0.3)
    assert forecast.newcomers(found, 0, 91, {}) == NOBODY


def test_quarters_are_replayed_from_their_eve_and_middle_once_half_a_year_is_known() -> None:
    first, as_of = date(2023, 1, 1).toordinal(), date(2023, 12, 31).toordinal()
    days = [date.fromordinal(day).isoformat() for day in forecast.past_days(first, as_of)]
    assert days == ["2023-08-15", "2023-09-30", "2023-11-15"]


def studied(deals: pd.DataFrame, as_of: int) -> dict[str, object]:
    """What the past of a business teaches on a day."""
    past = known(deals, as_of)
    frames = {day: seen(past, [day], as_of) for day in forecast.past_days(FIRST, as_of)}
    return forecast.study(seen(past, range(FIRST, as_of, 28), as_of), frames, past, as_of)


AS_OF = date(2023, 6, 30).toordinal()
DAYS = AS_OF + 92 - FIRST


@pytest.fixture(scope="module")
def steady() -> dict[str, object]:
    """A business in which nothing changes."""
    return studied(history(DAYS, per_day=2, seed=4), AS_OF)


def test_a_study_can_be_kept_as_json(steady: dict[str, object]) -> None:
    assert json.loads(json.dumps(steady)) == steady


def test_a_steady_business_has_a_small_shock_and_most_quarters_within_the_range(
    steady: dict[str, object],
) -> None:
    assert steady["tests"] == 5  # 2022-Q2 to 2023-Q2: half a year is needed first
    assert steady["hits"] >= 4
    assert steady["shock"] < 0.4


def test_a_business_that_swings_from_quarter_to_quarter_has_a_large_shock(steady: dict[str, object]) -> None:
    swinging = {quarter: 1.2 if quarter % 2 else -1.2 for quarter in range(12)}
    swung = studied(history(DAYS, per_day=2, seed=4, tilt=swinging), AS_OF)
    assert swung["shock"] > steady["shock"] + 0.15


def test_a_study_knows_nothing_that_came_later() -> None:
    deals, day = history(DAYS, per_day=1, seed=4), date(2022, 9, 30).toordinal()
    later = deals.assign(outcome=np.where(deals["close_day"] > day, "won", deals["outcome"]))
    assert studied(deals, day) == studied(later, day)


def test_without_a_past_the_usual_shock_is_taken() -> None:
    deals = history(100, seed=4)
    told = studied(deals, FIRST + 90)
    assert (told["tests"], told["hits"], told["replays"]) == (0, 0, [])
    assert told["shock"] == 0.15
