"""Reasons in tenths of a point: what a reader adds up is what the card says."""

from hypothesis import given
from hypothesis import strategies as st

from analytics.answers.told import shared

PARTS = st.lists(st.floats(-1000, 1000), min_size=2, max_size=6)


def test_what_rounding_leaves_goes_to_the_part_that_it_cut_most():
    assert shared([33.4, 33.4, 33.2], 100) == [34, 33, 33]


def test_without_parts_nothing_is_shared():
    assert shared([], 0) == []


@given(PARTS)
def test_parts_always_add_up_and_are_never_a_tenth_off(parts):
    whole = round(sum(parts))
    numbers = shared(parts, whole)

    assert sum(numbers) == whole
    assert all(abs(number - part) <= 1 for number, part in zip(numbers, parts, strict=True))
