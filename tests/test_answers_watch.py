"""`/watch` on a small CRM, through a real generation file."""

from datetime import date
from decimal import Decimal

import pytest

from analytics import answers, refresh, store
from analytics.answers import AnswerError
from analytics.answers.watch import watch
from analytics.facts import Verdict
from analytics.glossary import BY_NAME
from analytics.questions import EVERY_TYPE, EVERYONE, Filter, Scope, WatchQuestion
from tests.tables import tables

AS_OF = date(2024, 6, 20)
STEADY = (20, 22, 21, 19, 20, 22, 20, 21, 19, 22, 20, 21)  #: won of 50 a month
DROPPED = (20, *[8] * 5)  #: from June of the second year


def months(first, won, n, **columns):
    """So many deals closed on the tenth of each month from `first` on, as many of them won."""
    rows = []
    for place, wins in enumerate(won):
        month = first + place
        day = f"{month // 12}-{month % 12 + 1:02d}-10"
        row = {"created_date": day, "close_date": day} | columns
        rows += [row | {"outcome": "won"}] * wins + [row | {"outcome": "lost"}] * (n - wins)
    return rows


FROM = 12 * 2023  #: January 2023; one deal on its first day makes it whole


@pytest.fixture(scope="module")
def crm(tmp_path_factory):
    """Europe falls from 41 to 16 % in February 2024; APAC stays; Peru is small; June is still running."""
    first = {"created_date": "2023-01-01", "close_date": "2023-01-01", "deal_type": "new", "outcome": "lost"}
    deals = [
        first | {"region": "APAC"},
        *months(FROM, (*STEADY, *DROPPED), 50, region="Europe", deal_type="new", rep_id="priya"),
        *months(FROM, (*STEADY, *STEADY[:6]), 50, region="APAC", deal_type="new", rep_id="luis"),
        *months(FROM, (1,) * 18, 2, region="Peru", deal_type="new", rep_id="luis"),
        *months(FROM, (8,) * 18, 10, region="APAC", deal_type="renewal", rep_id="luis"),
    ]
    home = tmp_path_factory.mktemp("watched")
    return store.opened(refresh.refresh(tables(home, deals=deals), home, AS_OF))


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """No deal was created after March 2023, and they close until December."""
    deals = [row | {"created_date": "2023-01-01"} for row in months(FROM, STEADY, 50)]
    home = tmp_path_factory.mktemp("ended")
    return store.opened(refresh.refresh(tables(home, deals=deals), home, date(2024, 1, 31)))


def ask(generation, dimension=None, *filters, scope=EVERYONE, **given):
    return watch(generation, WatchQuestion(dimension, filters, **given), scope)


def noted(answer):
    return {note.code: note for note in answer.notes}


def test_a_region_that_fell_is_told_before_the_others_with_its_size(crm):
    everything, europe, apac = ask(crm, "region").watched
    assert (europe.where, europe.labels) == ((("region", "Europe"),), ("Europe",))
    assert (europe.state, europe.since) == ("drift", "2024-02")
    assert europe.baseline.value == Decimal("0.410769")  # 267 of 650
    assert europe.change.value == Decimal("-0.250769")  # 32 of 200 since
    assert europe.change.high < 0
    assert (apac.state, apac.since, apac.change) == ("stable", "", None)
    assert everything.where == ()


def test_everything_is_judged_alike_whatever_it_is_cut_by(crm):
    (alone,), (everything, *_) = ask(crm).watched, ask(crm, "region").watched
    assert alone == everything
    (below,), (also_below, *_) = ask(crm, floor=0.45).watched, ask(crm, "region", floor=0.45).watched
    assert below == also_below


def test_without_a_dimension_only_everything_is_watched(crm):
    (everything,) = ask(crm).watched
    assert (everything.where, everything.labels) == ((), ())
    assert [m.label for m in everything.months][::17] == ["2023-01", "2024-06"]
    assert everything.months[0].win_rate.n == 103


def test_the_running_month_is_shown_and_not_judged(crm):
    answer = ask(crm)
    june = answer.watched[0].months[-1]
    assert (june.label, june.incomplete, june.low, june.signal) == ("2024-06", "running", None, "")
    assert noted(answer)["incomplete_running"].names == {"period": "2024-06"}


def test_only_the_main_kind_of_business_is_watched_unless_asked(crm):
    answer = ask(crm)
    assert (answer.deal_type, answer.watched[0].months[1].win_rate.n) == ("new", 102)
    assert noted(answer)["main_type_only"].names["others"] == "renewal"
    pooled = ask(crm, None, Filter("deal_type", (EVERY_TYPE,)))
    assert (pooled.deal_type, pooled.watched[0].months[1].win_rate.n) == ("", 112)
    assert "every_type" in noted(pooled)


def test_kinds_of_business_can_be_watched_side_by_side(crm):
    watched = ask(crm, "deal_type").watched
    assert {one.labels for one in watched} == {(), ("new",), ("renewal",)}


def test_a_segment_too_thin_to_watch_is_named(crm):
    note = noted(ask(crm, "region"))["too_thin_to_watch"]
    assert (note.names, note.facts["segments"].value) == ({"names": "Peru"}, 1)


def test_a_filter_leaves_one_region(crm):
    answer = ask(crm, None, Filter("region", ("Europe",)))
    assert (answer.watched[0].state, answer.filters) == ("drift", (("region", ("Europe",)),))


def test_a_viewer_sees_only_the_deals_in_scope(crm):
    answer = ask(crm, scope=Scope(rep_ids=frozenset({"luis"}), label="your deals"))
    assert answer.watched[0].state == "stable"
    assert noted(answer)["scope"].names == {"scope": "your deals"}
    nobody = ask(crm, "region", scope=Scope(rep_ids=frozenset({"x"}), label="your deals"))
    assert [one.state for one in nobody.watched] == ["no_baseline"]
    assert nobody.watched[0].baseline.unknown == nobody.detectable.unknown == "no_baseline"
    assert "no_closed_deals" in noted(nobody)


def test_a_floor_is_a_signal_only_with_its_range_clear_of_it(crm):
    _, europe, apac = ask(crm, "region", floor=0.35).watched
    assert (europe.state, europe.since) == ("floor", "2024-05")
    assert (europe.trailing.n, europe.trailing.verdict) == (300, Verdict.SIGNAL)
    assert europe.trailing.value == Decimal("0.243333")  # 21 + 20 + 4 x 8 of 300
    assert europe.trailing.high < Decimal("0.35")
    assert apac.state == "stable"


def test_no_month_is_judged_once_the_intake_has_ended(ended):
    answer = ask(ended)
    assert [m.incomplete for m in answer.watched[0].months] == ["first", *["intake_ended"] * 11]
    assert (answer.watched[0].state, answer.false_alarms.value) == ("no_baseline", None)


def test_what_so_few_deals_cannot_show_is_said(crm):
    seen = ask(crm, None, Filter("region", ("APAC",)))
    assert (seen.detectable.value is None) != (seen.detectable.unknown == "")
    few = ask(crm, None, Filter("region", ("Peru",)))
    assert (few.detectable.value, few.detectable.unknown) == (None, "too_few_deals_a_month")


@pytest.mark.parametrize("dimension", ["stage", "month", "quarter"])
def test_stage_and_time_cannot_be_watched(crm, dimension):
    with pytest.raises(AnswerError, match=f"'{dimension}' cannot be watched"):
        ask(crm, dimension)


def test_a_floor_above_one_is_refused(crm):
    with pytest.raises(AnswerError, match="between 0 and 100 %, not 3500 %"):
        ask(crm, floor=35.0)


def test_every_fact_is_explained_and_told_apart(crm):
    answer = ask(crm, "region", floor=0.3)
    found = answer.facts()
    assert {fact.metric for fact in found.values()} <= set(BY_NAME)
    listed = [fact.id for one in answer.watched for fact in one.facts()]
    assert len(listed) == len(set(listed))


def test_a_month_without_a_deal_has_no_rate(tmp_path):
    deals = months(FROM, STEADY[:3], 50) + months(FROM + 5, STEADY, 50)
    generation = store.opened(refresh.refresh(tables(tmp_path, deals=deals), tmp_path, date(2024, 5, 31)))
    months_told = ask(generation).watched[0].months
    assert [m.win_rate.unknown for m in months_told[2:6]] == ["", "no_closed_deals", "no_closed_deals", ""]


def test_watch_is_among_the_answers():
    assert answers.watch is watch
