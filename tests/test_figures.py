"""How numbers are spelled: worked out by hand, and never false to their value."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.facts import Fact, Unit
from bot.figures import Style, number, spellings, text
from tests.facts_by_hand import fact

USD = {"currency": "USD"}


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [
        (Unit.FRACTION, "0.45714", "45.7 %"),
        (Unit.FRACTION, "0.5455", "54.6 %"),  # binary floats say 54.5
        (Unit.FRACTION, "0", "0.0 %"),
        (Unit.FRACTION, "1", "100.0 %"),
        (Unit.POINTS, "0.0287", "+2.9 points"),
        (Unit.POINTS, "-0.0287", "-2.9 points"),
        (Unit.POINTS, "-0.0004", "0.0 points"),
        (Unit.DAYS, "12", "12 days"),
        (Unit.DAYS, "1", "1 day"),
        (Unit.DAYS, "0.5", "1 day"),
        (Unit.DAYS, "-1", "-1 day"),
        (Unit.COUNT, "1239", "1,239"),
        (Unit.SCORE, "62.5", "63"),
        (Unit.PROBABILITY, "0.9583", "p 0.96"),
        (Unit.PROBABILITY, "0.0496", "p 0.050"),
        (Unit.PROBABILITY, "0.0004", "p < 0.001"),
        (Unit.PROBABILITY, "0.001", "p 0.001"),
        (Unit.NUMBER, "0.0213", "0.021"),
        (Unit.NUMBER, "2.5", "2.50"),
        (Unit.DATE, date(2024, 7, 20).toordinal(), "2024-07-20"),
    ],
)
def test_each_unit_has_its_own_spelling(unit, value, said):
    assert text(fact("m", value, unit)) == said


@pytest.mark.parametrize(
    ("value", "currency", "said", "short"),
    [
        ("92439.49", "USD", "$92,439", "$92k"),
        ("1200", "EUR", "€1,200", "€1k"),
        ("1200", "CHF", "CHF 1,200", "CHF 1k"),
        ("1200", "", "1,200", "1k"),
        ("-1200", "USD", "-$1,200", "-$1k"),
        ("999", "USD", "$999", "$999"),
        ("999.50", "USD", "$1,000", "$1k"),
        ("999600", "USD", "$999,600", "$1.00M"),
        ("1104999", "USD", "$1,104,999", "$1.10M"),
        ("999996000", "USD", "$999,996,000", "$1.00B"),
        ("1234567890123", "USD", "$1,234,567,890,123", "$1,234.57B"),
    ],
)
def test_money_is_whole_or_short(value, currency, said, short):
    amount = fact("amount", value, Unit.MONEY, currency=currency)

    assert (text(amount), text(amount, Style.SHORT)) == (said, short)


def test_money_per_day_says_so():
    assert text(fact("pvs", "611.2", Unit.MONEY_PER_DAY, **USD)) == "$611 a day"


@pytest.mark.parametrize(
    ("value", "said"),
    [("0.0558", "6 points"), ("0.0104", "1 point"), ("0.0096", "1 point"), ("0.0031", "0.3 points")],
)
def test_a_rough_gap_keeps_a_decimal_below_one_point(value, said):
    assert text(fact("detectable_gap", value, Unit.POINTS), Style.ROUGH) == said


def test_a_gap_has_no_sign_and_a_change_always_one():
    down, longer = fact("d", "-0.029", Unit.POINTS), fact("c", "3", Unit.DAYS)

    assert text(down, Style.GAP) == "2.9 points"
    assert (text(longer, Style.CHANGE), text(longer, Style.GAP)) == ("+3 days", "3 days")


@pytest.mark.parametrize(
    ("unit", "low", "high", "said"),
    [
        (Unit.FRACTION, "0.4389", "0.4664", "43.9-46.6 %"),
        (Unit.POINTS, "-0.078", "0.021", "-7.8 to +2.1 points"),
        (Unit.DAYS, "1", "40", "1-40 days"),
        (Unit.DAYS, "-3", "40", "-3 to 40 days"),
        (Unit.MONEY, "10000", "12000", "$10,000-$12,000"),
    ],
)
def test_a_range_says_its_unit_once(unit, low, high, said):
    assert text(fact("m", "0", unit, low=low, high=high, **USD), Style.RANGE) == said


def test_money_is_short_in_a_range_where_asked():
    loss = fact("m", "-3028720", Unit.MONEY, low="-3558391", high="-2499049", **USD)

    assert text(loss, Style.SHORT_RANGE) == "-$3.56M to -$2.50M"
    assert (text(loss, Style.SHORT_GAP), text(loss, Style.SHORT_GAP_RANGE)) == ("$3.03M", "$2.50M-$3.56M")


def test_a_range_on_both_sides_of_zero_keeps_its_signs():
    change = fact("m", "0", Unit.MONEY, low="-10400", high="12000", **USD)

    assert text(change, Style.SHORT_GAP_RANGE) == "-$10k to $12k"


def test_a_bare_range_leaves_the_unit_to_the_head_of_its_column():
    change = fact("m", "0", Unit.POINTS, low="-0.134", high="0.017")

    assert text(change, Style.BARE_RANGE) == "-13.4 to +1.7"


def test_money_per_day_is_short_where_asked():
    assert text(fact("v", "279375", Unit.MONEY_PER_DAY, **USD), Style.SHORT) == "$279k a day"


def test_deals_behind_a_rate_come_with_their_noun():
    rate, single = fact("r", "0.5", Unit.FRACTION, n=1239), fact("r", "1", Unit.FRACTION, n=1)

    assert (text(rate, Style.DEALS), text(rate, Style.COUNT)) == ("1,239 deals", "1,239")
    assert text(single, Style.DEALS) == "1 deal"
    assert text(fact("deals", 1, Unit.COUNT), Style.DEALS) == "1 deal"


def test_what_nobody_knows_is_unknown_and_never_zero():
    missing = fact("days_since_activity", None, Unit.DAYS, unknown="no_activity_feed")

    assert {text(missing, style) for style in Style} == {"unknown"}
    assert number(missing) is None


def test_a_value_that_is_no_number_is_refused():
    with pytest.raises(ValueError, match=r"'m/all' has no finite value \(NaN\)"):
        text(fact("m", "NaN", Unit.FRACTION))


def test_a_bar_is_as_long_as_its_label_says():
    assert number(fact("r", "0.45714", Unit.FRACTION)) == 45.7
    assert number(fact("d", "1239", Unit.COUNT)) == 1239


@given(
    st.sampled_from(Unit),
    st.decimals("-1e15", "1e15", places=6),
    st.sampled_from(["", "USD", "CHF"]),
    st.sampled_from(Style),
)
def test_every_unit_can_be_spelled_in_every_style(unit, value, currency, style):
    value = Decimal(738_000) + value % 100 if unit is Unit.DATE else value
    one = fact("m", value, unit, currency=currency, n=3)

    assert text(one, style) in spellings(one)
    assert text(one, style).isprintable()
    assert not re.search(r"-\D*0(\.0+)?(?![.,\d])", text(one, style)) or unit is Unit.DATE  # no negative zero


@given(st.decimals(0, 1, places=9))
def test_a_rate_is_never_off_by_more_than_half_its_last_digit(value):
    said = Decimal(text(fact("r", value, Unit.FRACTION)).removesuffix(" %"))

    assert abs(said - value * 100) <= Decimal("0.05")


def test_facts_are_never_floats():
    assert Fact.__annotations__["value"] == Decimal | None
