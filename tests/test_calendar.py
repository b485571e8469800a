"""Working time: quiet hours, days off, and both changes of the clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alerting.calendar import Hours

BERLIN = Hours("Europe/Berlin")
DAY = timedelta(hours=24)
zones = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
START = datetime(2024, 1, 1, tzinfo=UTC)
moments = st.integers(0, 2 * 365 * 24 * 4).map(lambda quarters: START + quarters * timedelta(minutes=15))


def at(said, zone="Europe/Berlin"):
    return datetime.fromisoformat(said).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2024-07-22T10:00", "2024-07-22T10:00"),  # a Monday at ten
        ("2024-07-22T07:59", "2024-07-22T08:00"),
        ("2024-07-22T18:00", "2024-07-23T08:00"),
        ("2024-07-19T18:30", "2024-07-22T08:00"),  # Friday evening
        ("2024-07-20T10:00", "2024-07-22T08:00"),  # Saturday
        ("2024-03-29T19:00", "2024-04-01T08:00"),  # over the weekend that loses an hour
        ("2024-10-25T19:00", "2024-10-28T08:00"),  # over the one that gains it
    ],
)
def test_a_person_is_told_in_working_time_only(moment, opens):
    assert BERLIN.next_open(at(moment)) == at(opens)


@pytest.mark.parametrize(
    ("moment", "then"),
    [
        ("2024-07-22T10:00", "2024-07-23T10:00"),
        ("2024-07-19T10:00", "2024-07-22T10:00"),  # Friday: the weekend does not count
        ("2024-07-19T17:00", "2024-07-22T17:00"),
        ("2024-07-20T12:00", "2024-07-23T08:00"),  # Saturday: counted from Monday's midnight
        ("2024-03-29T10:00", "2024-04-01T10:00"),  # the hour that is lost is on a Sunday
        ("2024-10-25T10:00", "2024-10-28T10:00"),
    ],
)
def test_a_day_of_waiting_is_a_working_day(moment, then):
    assert BERLIN.after(at(moment), DAY) == at(then)


def test_a_day_with_a_change_of_the_clock_is_an_hour_shorter_or_longer():
    every_day = Hours("Europe/Berlin", frozenset(range(7)))
    assert every_day.after(at("2024-03-30T10:00"), DAY) == at("2024-03-31T11:00")
    assert every_day.after(at("2024-10-26T10:00"), DAY) == at("2024-10-27T09:00")


def test_a_working_time_that_the_clock_skips_begins_right_after_the_change():
    early = Hours("Europe/Berlin", frozenset(range(7)), start=time(2, 30))
    assert early.next_open(at("2024-03-31T00:00")) == at("2024-03-31T03:30")


def test_an_hour_that_comes_twice_is_working_time_twice():
    night = Hours("Europe/Berlin", frozenset(range(7)), start=time(2), end=time(4))
    first, again = (datetime(2024, 10, 27, hour, 30, tzinfo=UTC) for hour in (0, 1))  # both 02:30
    assert (night.next_open(first), night.next_open(again)) == (first, again)


def test_the_local_day_is_that_of_the_person():
    late = datetime(2024, 7, 22, 22, 30, tzinfo=UTC)
    assert BERLIN.local_day(late).isoformat() == "2024-07-23"
    assert Hours("America/New_York").local_day(late).isoformat() == "2024-07-22"


@given(zone=zones, moment=moments)
def test_the_next_working_time_is_never_in_the_past_nor_in_quiet_hours(zone, moment):
    hours = Hours(zone)
    opens = hours.next_open(moment)
    local = opens.astimezone(ZoneInfo(zone))
    assert opens >= moment
    assert local.weekday() < 5
    assert time(8) <= local.time() < time(18)
    assert hours.next_open(opens) == opens


@given(zone=zones, moment=moments, wait=st.integers(1, 72))
def test_waiting_never_ends_early_and_always_ends_in_working_time(zone, moment, wait):
    hours = Hours(zone)
    then = hours.after(moment, timedelta(hours=wait))
    assert then >= moment + timedelta(hours=wait)
    assert hours.next_open(then) == then
