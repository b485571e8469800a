"""The scorecard, on a few visible rows."""

from datetime import date

import pytest

from data.quality import GLOSSARY, Check, checks
from tests.tables import tables

TODAY = date(2024, 6, 30)


def found(loaded, name, as_of=TODAY) -> tuple[str, int, int] | None:
    lines = {check.check: (check.level, check.failing, check.total) for check in checks(loaded, as_of)}
    return lines.get(name)


def test_the_open_book_is_checked_as_the_crm_shows_it(tmp_path):
    loaded = tables(
        tmp_path,
        deals=[
            {"stage": "Demo", "close_date": "2024-06-29", "next_step": "call", "updated_date": "2024-05-30"},
            {"stage": "Demo", "close_date": "2024-06-30", "updated_date": "2024-05-31"},
            {"close_date": None, "updated_date": None},
        ],
    )
    assert found(loaded, "close_date_past") == ("bad", 1, 3)
    assert found(loaded, "no_recent_update") == ("bad", 1, 2)
    assert found(loaded, "no_next_step") == ("bad", 2, 3)
    assert found(loaded, "missing_stage") == ("bad", 1, 3)
    assert found(loaded, "missing_close_date") == ("bad", 1, 3)


def test_a_source_that_has_no_next_steps_at_all_is_not_blamed_for_each(tmp_path):
    assert found(tables(tmp_path, deals=[{}, {}]), "no_next_step") is None


def test_missing_values_are_counted_over_all_deals(tmp_path):
    loaded = tables(tmp_path, deals=[{"rep_id": None, "region": "EMEA"}, {"region": None}])
    assert found(loaded, "missing_owner") == ("bad", 1, 2)
    assert found(loaded, "missing_region") == ("bad", 1, 2)
    assert found(loaded, "missing_amount") == ("ok", 0, 2)


def test_deals_closed_as_they_were_created_and_wins_from_early_stages_are_told(tmp_path):
    won = {"outcome": "won", "created_date": "2024-01-10", "close_date": "2024-02-01"}
    same_day = {"outcome": "lost", "created_date": "2024-01-10", "close_date": "2024-01-10"}
    loaded = tables(tmp_path, deals=[{**won, "stage": "Demo"}, {**won, "stage": "Negotiation"}, same_day])
    assert found(loaded, "won_from_early_stage") == ("bad", 1, 2)
    assert found(loaded, "created_and_closed_same_day") == ("bad", 1, 3)


def test_a_mix_of_currencies_is_told(tmp_path):
    loaded = tables(tmp_path, deals=[*[{}] * 19, {"currency": "EUR"}])
    assert found(loaded, "other_currency") == ("warn", 1, 20)


def test_an_amount_without_a_currency_is_told_where_others_name_one(tmp_path):
    loaded = tables(tmp_path, deals=[*[{}] * 19, {"currency": None}, {"currency": None, "amount": None}])
    assert found(loaded, "missing_currency") == ("warn", 1, 20)
    assert found(tables(tmp_path / "none", deals=[{"currency": None}]), "missing_currency") is None


def test_feeds_that_are_not_there_are_told(tmp_path):
    loaded = tables(tmp_path, deals=[{}])
    assert found(loaded, "no_activity_feed") == ("warn", 1, 1)
    assert found(loaded, "no_stage_history") == ("warn", 1, 1)


def test_a_day_of_bulk_stage_changes_is_told(tmp_path):
    stage = {"deal_id": "D00001", "kind": "stage", "new": "Demo"}
    bulk = [{**stage, "date": "2024-03-01"}] * 30
    loaded = tables(tmp_path, deals=[{}], events=[*bulk, {**stage, "date": "2024-03-02"}])
    assert found(loaded, "bulk_stage_changes") == ("bad", 30, 31)


def test_an_export_cut_short_shows_in_the_days_without_new_deals(tmp_path):
    loaded = tables(tmp_path, deals=[{"created_date": "2024-05-01"}, {"created_date": "2024-05-31"}])
    assert found(loaded, "intake_ended") == ("warn", 30, 61)
    assert found(loaded, "intake_ended", date(2024, 6, 5)) == ("ok", 0, 36)


def test_nothing_later_than_the_day_is_known(tmp_path):
    rows = [
        {"created_date": "2024-01-01", "outcome": "won", "close_date": "2024-01-01", "region": "EMEA"},
        {"created_date": "2024-06-01", "outcome": "won", "close_date": "2024-06-01"},
    ]
    assert found(tables(tmp_path, deals=rows), "missing_region", date(2024, 3, 1)) == ("ok", 0, 1)
    assert found(tables(tmp_path, deals=rows), "created_and_closed_same_day", date(2024, 3, 1)) == (
        "bad",
        1,
        1,
    )
    assert found(tables(tmp_path, deals=rows), "close_date_past", date(2024, 3, 1)) is None


def test_no_deals_no_lines_but_those_on_feeds(tmp_path):
    assert checks(tables(tmp_path), TODAY) == [Check("no_activity_feed", "activities", "warn", 1, 1)]


@pytest.mark.parametrize("name", GLOSSARY)
def test_every_check_says_what_it_means(name):
    assert GLOSSARY[name].meaning.endswith((".", "?"))


def test_deals_parked_far_away_or_all_on_one_day_are_told(tmp_path):
    far, placeholder = {"close_date": "2025-07-01"}, {"close_date": "2024-12-31"}
    soon = [{"close_date": f"2024-{month:02}-{day:02}"} for month in (7, 8, 9) for day in range(1, 27)]
    assert found(tables(tmp_path / "far", deals=[far, *soon]), "parked") == ("ok", 1, 79)
    crowd = tables(tmp_path / "crowd", deals=[*[placeholder] * 20, *soon])
    assert found(crowd, "parked") == ("bad", 20, 98)


def test_amounts_beyond_all_that_was_ever_won_are_told(tmp_path):
    won = {"outcome": "won", "close_date": "2024-02-01", "amount": 50_000}
    loaded = tables(tmp_path, deals=[*[won] * 30, {"amount": 50_000}, {"amount": 50_001}])
    assert found(loaded, "aspirational_amount") == ("bad", 1, 2)
    few = tables(tmp_path / "few", deals=[*[won] * 29, {"amount": 50_001}])
    assert found(few, "aspirational_amount") is None


def test_wins_logged_after_the_fact_are_told(tmp_path):
    won = {"outcome": "won", "created_date": "2024-01-10"}
    loaded = tables(
        tmp_path, deals=[{**won, "close_date": "2024-01-11"}, {**won, "close_date": "2024-01-12"}]
    )
    assert found(loaded, "same_day_wins") == ("bad", 1, 2)


def test_stage_changes_after_the_close_are_told(tmp_path):
    won = {"outcome": "won", "created_date": "2024-01-10", "close_date": "2024-02-01"}
    moves = [
        {"deal_id": deal, "date": day, "kind": "stage", "new": "Demo"}
        for deal, day in (("D00001", "2024-02-02"), ("D00002", "2024-02-01"))
    ]
    loaded = tables(tmp_path, deals=[won, won, won], events=moves)
    assert found(loaded, "changed_after_close") == ("bad", 1, 2)
