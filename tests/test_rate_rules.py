"""Rules about segments and drivers: told only where `/watch` and `/drivers` say the same."""

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from analytics import answers, store
from analytics.alerts.flips import flips
from analytics.alerts.rates import rates
from analytics.alerts.rules import DEFAULTS, Condition, Level, Rule, Subject
from analytics.facts import Verdict
from analytics.questions import EVERYONE, Filter, WatchQuestion
from analytics.refresh import refresh
from tests.tables import tables

AS_OF = date(2024, 7, 2)
LIMITS = next(rule for rule in DEFAULTS if rule.id == "rate_left_limits")
FLIPS = next(rule for rule in DEFAULTS if rule.id == "driver_flipped")
PEOPLE = [
    {"person_id": "rep_1", "manager_id": "mgr_1"},
    {"person_id": "rep_2", "manager_id": "mgr_1"},
    {"person_id": "rep_3", "manager_id": "mgr_2"},
    {"person_id": "mgr_1", "role": "manager"},
    {"person_id": "mgr_2", "role": "manager"},
]


def months(number):
    """The first days of so many months up to June 2024."""
    last = 12 * 2024 + 5
    return [date(m // 12, m % 12 + 1, 1) for m in range(last - number + 1, last + 1)]


def closed(month, won, of, **more):
    """So many deals closed in a month, the first of them won."""
    return [
        {
            "outcome": "won" if place < won else "lost",
            "close_date": month + timedelta(days=place % 28),
            "created_date": month - timedelta(days=20),
            "stage": "Demo",
        }
        | more
        for place in range(of)
    ]


def opened():
    """A few deals opened lately, so that the last months are not cut off."""
    return [{"created_date": AS_OF - timedelta(days=day)} for day in range(5)]


@pytest.fixture(scope="module")
def drop(tmp_path_factory):
    """Two regions that won half of 30 deals a month; Europe 6 of 30 in the last six of 24 months."""
    home, deals = tmp_path_factory.mktemp("drop"), opened()
    for place, month in enumerate(months(24)):
        deals += closed(month, 15, 30, region="APAC", rep_id="rep_3")
        deals += closed(month, 15 if place < 18 else 6, 30, region="Europe", rep_id=f"rep_{place % 2 + 1}")
    for number, deal in enumerate(deals):
        deal["deal_id"] = f"D{number}"
    refresh(tables(home, deals=deals, people=PEOPLE, loaded_on=AS_OF), home, AS_OF)
    return store.current(home)


def floor(percent, *filters):
    condition = Condition("win_rate", "<", Decimal(percent))
    return Rule("floor", Level.RATE, Subject.SEGMENT, (condition,), filters=filters)


def by_subject(found):
    return {one.subject_id: one for one in found}


def test_a_segment_that_left_its_limits_is_told_with_what_was_usual(drop):
    found = by_subject(rates([LIMITS], None, drop))
    europe = found["region=Europe"]

    assert (europe.names["segment"], europe.names["since"]) == ("Europe", "2024-01")
    assert (europe.names["state"], europe.names["direction"]) == ("drift", "low")
    assert (europe.figures["win_rate"].value, europe.figures["win_rate"].n) == (Decimal("0.2"), 180)
    assert europe.figures["usual_win_rate"].value == Decimal("0.5")
    assert europe.figures["win_rate"].verdict is Verdict.SIGNAL
    assert "region=APAC" not in found


def test_what_is_told_is_what_watch_says(drop):
    shown = answers.watch(drop, WatchQuestion("region"), EVERYONE).watched
    left = {f"region={one.labels[0]}" for one in shown if one.where and one.state in ("drift", "shock")}

    assert {name for name in by_subject(rates([LIMITS], None, drop)) if name.startswith("region=")} == left


def test_the_manager_of_a_segment_is_the_one_to_whom_all_its_reps_report(drop):
    found = by_subject(rates([LIMITS], None, drop))

    assert found["region=Europe"].manager_id == "mgr_1"
    assert found["all"].manager_id == ""  # two managers


def test_a_floor_is_told_by_its_segment_and_by_a_signal_only(drop):
    europe, apac = Filter("region", ("Europe",)), Filter("region", ("APAC",))
    [told] = rates([floor(35, europe)], None, drop)

    assert (told.subject_id, told.names["state"], told.causes) == ("region=Europe", "floor", ("win_rate",))
    assert told.figures["win_rate_limit"].value == Decimal("0.35")
    assert told.figures["win_rate"].high < told.figures["win_rate_limit"].value
    assert rates([floor(35, apac)], None, drop) == []
    assert rates([floor(21, europe)], None, drop) == []  # 20 % is below 21 %, and chance does that


def test_where_everything_is_below_a_floor_no_part_of_it_is_told(drop):
    assert set(by_subject(rates([floor(60)], None, drop))) == {"all"}
    assert set(by_subject(rates([floor(30)], None, drop))) == {"region=Europe"}


def test_a_floor_that_is_no_win_rate_tells_nothing(drop):
    over = replace(floor(30), every=(Condition("win_rate", ">", Decimal(1)),))

    assert rates([floor(0), floor(100), over], None, drop) == []


def test_all_conditions_of_a_rule_must_hold(drop):
    both = replace(LIMITS, every=(*LIMITS.every, *floor(30).every))
    never = replace(LIMITS, every=(*LIMITS.every, *floor(5).every))

    assert set(by_subject(rates([both], None, drop))) == {"region=Europe"}
    assert rates([never], None, drop) == []


# ------------------------------------------------------------------ drivers


@pytest.fixture
def told(drop, tmp_path):
    """The same generation, had its model found these effects."""

    def build(*effects):
        path = tmp_path / f"g{len(list(tmp_path.iterdir()))}.sqlite"
        shutil.copy(drop.path, path)
        with closing(sqlite3.connect(path)) as file, file:
            file.execute("REPLACE INTO model VALUES ('effects', ?)", (json.dumps(effects),))
        return store.opened(path)

    return build


def effect(value="Referral", *, points=0.1, reach=0.05, flipped=False, feature="lead_source"):
    return {
        "feature": feature,
        "value": value,
        "group": "segment",
        "effect": points,
        "low": points - reach,
        "high": points + reach,
        "n": 200,
        "verdict": "Signal",
        "stable": False,
        "flipped": flipped,
    }


def test_a_driver_that_turned_round_is_told_with_its_range(told):
    [found] = flips([FLIPS], None, told(effect(flipped=True), effect("Partner")))

    assert (found.subject_id, found.names["driver"]) == ("lead_source=Referral", "Referral")
    assert (found.level, found.causes, found.owner_id) == ("driver", ("sign_flips",), "")
    effect_now = found.figures["driver_effect"]
    assert (effect_now.value, effect_now.low, effect_now.high) == tuple(map(Decimal, ("0.1", "0.05", "0.15")))


def test_a_driver_turned_since_last_week_only_where_both_ranges_are_clear_of_zero(told):
    now = told(effect("Referral"), effect("Partner"), effect("Inbound"))
    before = told(effect("Referral", points=-0.1), effect("Partner", points=-0.04), effect("Inbound"))
    [found] = flips([FLIPS], before, now)

    assert found.subject_id == "lead_source=Referral"
    assert found.figures["driver_effect_before"].value == Decimal("-0.1")


def test_people_are_no_drivers(told):
    assert flips([FLIPS], None, told(effect("rep_1", feature="rep", flipped=True))) == []


def test_no_rule_no_finding(told):
    now = told(effect(flipped=True))

    assert flips([LIMITS], None, now) == []
    assert rates([FLIPS], None, now) == []
