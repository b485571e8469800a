"""Where deals leak and which dates slip, through a real generation file."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from analytics import answers, refresh, store
from analytics.questions import ALL_TIME, EVERYONE, Filter, FunnelQuestion, Period, Scope, month, quarter
from tests.tables import tables

AS_OF = date(2024, 8, 15)
PRIYA = Scope(rep_ids=frozenset({"priya"}), label="your deals")
Q1, Q2, Q3 = (quarter(2024, number) for number in (1, 2, 3))
STAGES = ("Qualified", "Demo", "Proposal")


def moved(deal_id, **entered):
    """Stage events: the day each stage was entered."""
    return [
        {"deal_id": deal_id, "date": day, "kind": "stage", "new": stage}
        for stage, day in sorted(entered.items(), key=lambda step: step[1])
    ]


def pushed(deal_id, day, old, new):
    return {"deal_id": deal_id, "date": day, "kind": "close_date", "old": old, "new": new}


def generation(folder: Path, as_of=AS_OF, **given):
    loaded = tables(folder, stages=STAGES, loaded_on=AS_OF, **given)
    return store.opened(refresh.refresh(loaded, folder, as_of))


@pytest.fixture(scope="module")
def crm(tmp_path_factory):
    """Five deals of 2024-Q1: one won from Proposal, one from Demo, one lost in each, one still in Demo."""
    deals = [
        {"outcome": "won", "close_date": "2024-05-01", "amount": 100, "rep_id": "priya"},
        {"outcome": "won", "close_date": "2024-05-11", "amount": 200, "rep_id": "luis"},
        {"outcome": "lost", "close_date": "2024-05-01", "amount": 400, "rep_id": "priya"},
        {"outcome": "lost", "close_date": "2024-04-01", "amount": 800, "rep_id": "luis"},
        {"outcome": "open", "amount": 1600, "rep_id": "luis"},
    ]
    events = [
        *moved("D00001", Qualified="2024-01-01", Demo="2024-02-01", Proposal="2024-04-10"),
        *moved("D00002", Qualified="2024-01-01", Demo="2024-02-01"),
        *moved("D00003", Qualified="2024-01-01", Demo="2024-02-01", Proposal="2024-04-10"),
        *moved("D00004", Qualified="2024-01-01", Demo="2024-02-01"),
        *moved("D00005", Qualified="2024-01-01", Demo="2024-02-01"),
    ]
    return generation(tmp_path_factory.mktemp("crm"), deals=deals, events=events)


def stages(generation, question, scope=EVERYONE):
    return {one.stage: one for one in answers.funnel(generation, question, scope).stages}


def test_of_the_deals_that_left_a_stage_some_moved_on_and_the_rest_were_lost_there(crm):
    demo = stages(crm, FunnelQuestion(Q1))["Demo"]
    # Two went to Proposal, one was won from Demo, one lost there, and one is still in it.
    assert (demo.entered.value, demo.conversion.value, demo.conversion.n) == (5, Decimal("0.75"), 4)
    assert (demo.lost.value, demo.leakage.value, demo.leakage.currency) == (1, 800, "USD")


def test_a_stage_counts_in_the_quarter_in_which_it_was_entered(crm):
    proposal = stages(crm, FunnelQuestion(Q2))["Proposal"]
    assert (proposal.entered.value, proposal.conversion.value, proposal.leakage.value) == (2, 0.5, 400)
    empty = stages(crm, FunnelQuestion(Q1))["Proposal"]
    assert (empty.entered.value, empty.conversion.value, empty.conversion.unknown) == (0, None, "none_left")


def test_a_funnel_is_of_the_deals_in_scope_or_of_the_rep_asked_for(crm):
    own = stages(crm, FunnelQuestion(Q1), PRIYA)["Demo"]
    filtered = stages(crm, FunnelQuestion(Q1, (Filter("rep", ("priya",)),)))["Demo"]
    assert own.entered.value == filtered.entered.value == 2
    assert own.leakage.value == 0


def test_a_filter_that_moves_are_not_kept_by_is_refused_with_those_that_they_are(crm):
    with pytest.raises(store.NoSuchCut, match=r"not kept by region.*rep, stage"):
        answers.funnel(crm, FunnelQuestion(Q1, (Filter("region", ("APAC",)),)), EVERYONE)


def test_deals_still_in_their_stage_are_named(crm):
    demo = FunnelQuestion(Q1, (Filter("stage", ("Demo",)),))
    notes = {note.code: note for note in answers.funnel(crm, demo, EVERYONE).notes}
    assert notes["funnel_still_open"].facts["share"].value == Decimal("0.2")


def test_part_of_a_quarter_becomes_the_whole_and_nothing_asked_the_last_four(crm):
    labels = [
        answers.funnel(crm, FunnelQuestion(period), EVERYONE).period
        for period in (month(2024, 2), None, Period(Q1.start, Q2.end, "H1"), ALL_TIME)
    ]
    assert labels == ["2024-Q1", "2023-Q3 to 2024-Q2", "H1", "all time"]


def test_what_comes_in_per_day_is_of_the_deals_open_at_a_time(crm):
    figures = answers.funnel(crm, FunnelQuestion(Q2), EVERYONE).figures
    # Closed in Q2: days 121, 131, 121, 91. Open in Q2: 30 + 40 + 30 + 0 + 91 days of 91.
    # Two of four were won, 150 each.
    assert figures["median_cycle"].value == 121
    assert float(figures["sales_velocity"].value) == pytest.approx(191 / 91 * 0.5 * 150 / 121, abs=1e-4)


def test_without_stage_events_there_is_no_funnel(tmp_path):
    lost = {"outcome": "lost", "close_date": "2024-04-01"}
    answer = answers.funnel(generation(tmp_path, deals=[lost]), FunnelQuestion(Q1), EVERYONE)
    assert answer.stages == ()
    assert answer.figures["sales_velocity"].unknown == "no_closed_deals"


def test_a_stage_in_which_the_first_load_found_a_deal_was_not_entered(tmp_path):
    found = {"deal_id": "D00001", "date": "2024-02-10", "kind": "stage", "new": "Demo", "origin": "snapshot"}
    moves = generation(tmp_path, deals=[{}], events=[found]).stage_moves(None, ALL_TIME, (), EVERYONE)
    assert moves == []


def test_going_back_is_not_moving_on(tmp_path):
    events = moved("D00001", Qualified="2024-01-05", Demo="2024-01-02", Proposal="2024-01-01")
    lost = {"outcome": "lost", "close_date": "2024-04-01"}
    moves = generation(tmp_path, deals=[lost], events=events).stage_moves(None, ALL_TIME, (), EVERYONE)
    assert {row.stage: (row.moved_on, row.lost_from) for row in moves} == {
        "Qualified": (0, 1),
        "Demo": (0, 0),
        "Proposal": (0, 0),
    }


def test_a_deal_slips_when_its_quarter_ends_without_it(tmp_path):
    deals = [
        {"outcome": "won", "close_date": "2024-06-10", "amount": 100},
        {"outcome": "lost", "close_date": "2024-07-10", "amount": 200},
        {"close_date": "2024-06-20", "amount": 400},
        {"close_date": "2024-09-20", "amount": 800},
        {"close_date": "2024-10-20", "amount": 1600},
    ]
    events = [
        pushed("D00002", "2024-06-01", "2024-06-15", "2024-07-10"),  # due in Q2, closed in Q3
        pushed("D00004", "2024-03-01", "2024-03-20", "2024-06-20"),  # due in Q2, then in Q3
        pushed("D00004", "2024-06-15", "2024-06-20", "2024-09-20"),
        pushed("D00005", "2024-07-20", "2024-08-20", "2024-10-20"),  # due in Q3, which is not over
    ]
    loaded = generation(tmp_path, deals=deals, events=events)
    rows = {row.quarter: row for row in loaded.due(None, ALL_TIME, (), EVERYONE)}
    # The third deal was never touched: due in Q2, and still open.
    assert (rows[20242].due, rows[20242].in_time, rows[20242].slipped) == (4, 1, 3)
    assert (rows[20242].amount_cents, rows[20242].slipped_amount_cents) == (150_000, 140_000)
    assert (rows[20243].due, rows[20243].in_time, rows[20243].slipped) == (3, 1, 1)
    assert [row.quarter for row in loaded.due(None, Q3, (), EVERYONE)] == [20243]


def test_without_a_history_of_close_dates_nobody_knows_what_slipped(tmp_path):
    loaded = generation(tmp_path, deals=[{"close_date": "2024-06-20"}])
    assert loaded.due(None, ALL_TIME, (), EVERYONE) == []


def test_quotas_are_those_of_the_people_in_scope(tmp_path):
    quotas = [{"person_id": who, "period": "2024-Q3", "amount": 1_000} for who in ("luis", "priya")]
    loaded = generation(tmp_path, quotas=quotas)
    assert [row.person_id for row in loaded.quotas()] == ["luis", "priya"]
    assert [tuple(row) for row in loaded.quotas(PRIYA)] == [("priya", "2024-Q3", 100_000)]
