"""Questions about a small CRM, through a real generation file."""

import gc
import weakref
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from analytics import alerts, answers, refresh, store
from analytics.alerts.rules import DEFAULTS
from analytics.answers import DealNotFound, NotYourDeal
from analytics.answers.card import nearest
from analytics.answers.lists import people
from analytics.facts import Unit, Verdict
from analytics.glossary import BY_NAME
from analytics.questions import ALL_TIME, EVERY_TYPE, EVERYONE, BreakdownQuestion, Filter, Scope, quarter
from tests.tables import tables

AS_OF = date(2024, 6, 30)
PRIYA = Scope(rep_ids=frozenset({"priya"}), label="your deals")
NEWCOMER = Scope(rep_ids=frozenset({"nobody"}), label="your deals")
PEOPLE = [
    {"person_id": "priya", "name": "Priya Rao", "manager_id": "dana", "team": "East"},
    {"person_id": "luis", "name": "Luis Gil", "manager_id": "dana", "team": "East"},
    {"person_id": "dana", "name": "Dana Wu", "role": "manager"},
]


def closed(won, lost, *, took=30, start="2024-01-10", **columns):
    """So many closed deals, alike but for their outcome."""
    created = date.fromisoformat(start)
    row = {"created_date": created, "close_date": created + timedelta(took)} | columns
    return [row | {"outcome": "won"}] * won + [row | {"outcome": "lost"}] * lost


def generation(folder: Path, **given):
    """The published generation of these tables on `AS_OF`."""
    loaded = tables(folder, people=PEOPLE, **given)
    return store.opened(refresh.refresh(loaded, folder, AS_OF))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """One kind of business, no events: APAC 60 of 100, India 20 of 100, Peru 1 of 2; three open deals."""
    deals = [
        *closed(60, 40, region="APAC", rep_id="priya", lead_source="Inbound", amount=1000),
        *closed(20, 80, took=50, region="India", rep_id="luis", lead_source="Inbound", amount=3000),
        *closed(1, 1, region="Peru", rep_id="luis", start="2023-11-20"),
        {"created_date": "2024-06-10", "region": "APAC", "rep_id": "priya", "deal_id": "D00900"},
        {"created_date": "2024-02-10", "region": "APAC", "rep_id": "luis", "deal_id": "D00901"},
        {"created_date": "2024-06-29", "rep_id": "luis", "deal_id": "D00902", "amount": None},
    ]
    return generation(tmp_path_factory.mktemp("plain"), deals=deals)


def stage(deal_id, day, old, new):
    return {"deal_id": deal_id, "date": day, "kind": "stage", "old": old, "new": new}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """New deals win 30 of 100, renewals 36 of 40, six of them in euros; two open deals with events."""
    deals = [
        *closed(30, 70, region="APAC", rep_id="priya", deal_type="new"),
        *closed(30, 4, region="APAC", rep_id="priya", deal_type="renewal"),
        *closed(6, 0, region="APAC", rep_id="luis", deal_type="renewal", currency="EUR"),
        {"deal_id": "OPEN1", "created_date": "2024-06-10", "rep_id": "priya", "deal_type": "new"}
        | {"lead_source": "Inbound", "region": "APAC", "stage": "Proposal", "next_step": "Call"}
        | {"name": "Acme roll-out", "account": "Acme", "close_date": "2024-08-01", "amount": 50_000},
        {"deal_id": "OPEN2", "created_date": "2024-06-10", "rep_id": "priya", "deal_type": "services"},
    ]
    events = [
        stage("OPEN1", "2024-06-10", None, "Qualified"),
        stage("OPEN1", "2024-06-20", "Qualified", "Proposal"),
        stage("OPEN2", "2024-06-10", None, "Qualified"),
    ]
    for number in range(1, 31):
        events.append(stage(f"D{number:05}", "2024-01-10", None, "Proposal"))
        events.append(stage(f"D{number:05}", "2024-01-22", "Proposal", "Negotiation"))
    activities = [{"deal_id": "OPEN1", "date": "2024-06-25", "kind": "call"}]
    return generation(tmp_path_factory.mktemp("mixed"), deals=deals, events=events, activities=activities)


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """Twenty deals closed in each of January, February, March, April, June; none created after 1 March."""
    spells = [
        ("2024-01-10", 10),
        ("2024-02-01", 10),
        ("2024-02-20", 40),
        ("2024-03-01", 60),
        ("2024-03-01", 115),
    ]
    deals = [row for start, took in spells for row in closed(10, 10, start=start, took=took)]
    return generation(tmp_path_factory.mktemp("ended"), deals=deals)


def ask(generation, *dimensions, scope=EVERYONE, **given):
    return answers.breakdown(generation, BreakdownQuestion(dimensions, **given), scope)


def noted(answer):
    return {note.code: note for note in answer.notes}


def test_each_region_gets_its_rate_with_interval_and_verdict(plain):
    apac, india, other = ask(plain, "region").cells
    assert (apac.values, apac.labels) == (("APAC",), ("APAC",))
    assert (apac.deals.value, apac.won.value, apac.win_rate.n) == (100, 60, 100)
    assert (apac.win_rate.value, india.win_rate.value) == (Decimal("0.600000"), Decimal("0.200000"))
    assert (apac.win_rate.low, apac.win_rate.high) == (Decimal("0.502003"), Decimal("0.690599"))
    assert (apac.win_rate.verdict, india.win_rate.verdict) == (Verdict.SIGNAL, Verdict.SIGNAL)
    assert (other.labels, other.pooled) == (("Other (1 group)",), 1)
    assert (other.p_adjusted.value, other.p_adjusted.unknown) == (None, "too_few")


def test_a_row_tells_its_money_share_impact_and_difference(plain):
    apac = ask(plain, "region").cells[0]
    # 81 of 202 overall; APAC is 100 of 202 deals.
    assert apac.by_amount.value == Decimal("0.600000")
    assert apac.share.value == Decimal("0.495050")
    assert apac.difference.value == Decimal("0.199010")
    assert apac.impact.value == Decimal("0.098520")


def test_the_answer_says_what_was_compared_and_what_could_be_seen(plain):
    found = ask(plain, "region")
    assert (found.verdict, found.scope, found.deal_type) == (Verdict.SIGNAL, "all deals", "")
    assert (found.widest_gap.value, found.cell_count.value) == (Decimal("0.400000"), 2)
    # Two cells of 100 at 40 %: 2.8016 x sqrt(2 x 0.24 / 100).
    assert found.detectable_gap.value == Decimal("0.194100")
    assert found.as_of_fact.value == AS_OF.toordinal()
    assert noted(found)["pooled"].facts["cells"].value == 1


def test_regions_have_a_cycle_gap_only_where_both_outcomes_took_their_time(plain):
    apac, _, other = ask(plain, "region").cells
    assert (apac.cycle_gap.value, apac.cycle_gap.n, apac.cycle_gap.verdict) == (0, 100, Verdict.NOISE)
    assert other.cycle_gap is None
    assert ask(plain, "region", period=quarter(2024, 1)).cells[0].cycle_gap is None


def test_one_outcome_alone_has_no_cycle_gap(mixed):
    only = (Filter("deal_type", (EVERY_TYPE,)),)
    luis = next(c for c in ask(mixed, "rep", filters=only).cells if c.values == ("luis",))
    assert (luis.cycle_gap.value, luis.cycle_gap.unknown) == (None, "one_outcome")


def test_a_question_without_a_dimension_is_the_overall_rate(plain):
    found = ask(plain)
    assert (found.cells, found.overall.win_rate.value) == ((), Decimal("0.400990"))
    assert (found.p_value.value, found.p_value.unknown) == (None, "no_test")


def test_no_closed_deal_is_no_rate_and_a_note(plain):
    found = ask(plain, "region", filters=(Filter("region", ("Atlantis",)),))
    assert (found.cells, found.overall.win_rate.value, found.overall.deals.value) == ((), None, 0)
    assert found.overall.win_rate.unknown == "no_closed_deals"
    assert "no_closed_deals" in noted(found)


def test_reps_are_named_and_set_beside_equal_ones(plain):
    found = ask(plain, "rep")
    luck = noted(found)["luck"].facts
    # Priya 60 of 100, Luis 21 of 102; equal people of 40.1 % would spread by 4.9 points.
    assert [cell.labels for cell in found.cells] == [("Priya Rao",), ("Luis Gil",)]
    assert luck["observed"].value == Decimal("0.278683")
    assert luck["expected"].value == Decimal("0.048769")
    assert luck["p"] == found.p_value


def test_a_single_rep_has_nobody_to_be_lucky_beside(plain):
    assert "luck" not in noted(ask(plain, "rep", scope=PRIYA))


def test_a_rep_filter_is_shown_by_name(plain):
    assert ask(plain, filters=(Filter("rep", ("priya",)),)).filters == (("rep", ("Priya Rao",)),)


def test_a_rep_sees_own_deals_only_and_is_told(plain):
    found = ask(plain, "region", scope=PRIYA)
    assert [cell.values for cell in found.cells] == [("APAC",)]
    assert (found.overall.deals.value, found.scope) == (100, "your deals")
    assert noted(found)["scope"].names == {"scope": "your deals"}


def test_kinds_of_business_are_never_pooled_unasked(mixed):
    found = ask(mixed)
    note = noted(found)["main_type_only"]
    assert (found.deal_type, found.overall.deals.value, found.overall.won.value) == ("new", 100, 30)
    assert (note.facts["left_out"].value, note.names) == (40, {"deal_type": "new", "others": "renewal"})


def test_kinds_of_business_are_pooled_on_request_and_the_answer_says_so(mixed):
    found = ask(mixed, filters=(Filter("deal_type", (EVERY_TYPE,)),))
    assert (found.deal_type, found.filters, found.overall.deals.value) == ("", (), 140)
    assert "every_type" in noted(found)


def test_with_one_kind_of_business_there_is_nothing_to_say_of_it(plain):
    found = ask(plain, filters=(Filter("deal_type", (EVERY_TYPE,)),))
    assert not {"every_type", "main_type_only"} & noted(found).keys()


def test_a_cut_that_leaves_nothing_out_says_nothing_of_other_kinds(mixed):
    found = ask(mixed, filters=(Filter("stage", ("Negotiation",)),))
    assert found.deal_type == "new"
    assert "main_type_only" not in noted(found)


@pytest.mark.parametrize(
    ("kinds", "shown", "deals"), [(("renewal",), "renewal", 40), (("new", "renewal"), "", 140)]
)
def test_a_kind_of_business_that_is_asked_for_is_shown(mixed, kinds, shown, deals):
    found = ask(mixed, filters=(Filter("deal_type", kinds),))
    assert (found.deal_type, found.overall.deals.value) == (shown, deals)


def test_kinds_of_business_can_be_compared(mixed):
    found = ask(mixed, "deal_type")
    assert [cell.values for cell in found.cells] == [("renewal",), ("new",)]
    assert "main_type_only" not in noted(found)


def test_amounts_in_another_currency_are_left_out_of_money_and_counted(mixed):
    found = ask(mixed, filters=(Filter("deal_type", ("renewal",)),))
    assert noted(found)["currency_mix"].facts["excluded"].value == 6
    assert "currency_mix" not in noted(ask(mixed))


def test_incomplete_months_are_marked_and_named(ended):
    found = ask(ended, "month")
    marks = {cell.values[0]: cell.incomplete for cell in found.cells}
    assert marks == {
        "2024-01": "first",
        "2024-02": "",
        "2024-03": "",
        "2024-04": "intake_ended",
        "2024-06": "intake_ended",
    }
    late = noted(found)["incomplete_intake_ended"]
    assert late.names == {"period": "2024-04, 2024-06"}
    assert late.facts["last_created"].value == date(2024, 3, 1).toordinal()
    assert noted(found)["incomplete_first"].names == {"period": "2024-01"}


def test_an_incomplete_month_shows_its_rate_but_no_test_and_no_verdict(ended):
    january = ask(ended, "month").cells[0]
    assert (january.win_rate.value, january.win_rate.verdict) == (Decimal("0.500000"), None)
    assert (january.p_adjusted.unknown, january.shrunken.unknown) == ("incomplete", "incomplete")


def test_rows_too_thin_to_rank_by_are_told(ended):
    thin = noted(ask(ended, "month"))["thin_cells"].facts
    assert (thin["typical"].value, thin["cells"].value) == (20, 2)


def test_pairs_name_the_period_that_is_marked(ended):
    found = ask(ended, "region", "month")
    assert found.cells[0].values == ("Not set", "2024-01")
    assert found.cells[0].win_rate.id == "win_rate/region=Not set,month=2024-01"
    assert noted(found)["incomplete_first"].names == {"period": "2024-01"}


@pytest.mark.parametrize("dimensions", [(), ("region",), ("rep",), ("region", "rep"), ("month",)])
def test_every_fact_is_called_once_and_its_metric_is_in_the_glossary(plain, dimensions):
    found = ask(plain, *dimensions)
    told = [*found.overall.facts(), *(fact for cell in found.cells for fact in cell.facts())]
    assert len({fact.id for fact in told}) == len(told)
    assert {fact.metric for fact in found.facts().values()} <= BY_NAME.keys()
    assert all(isinstance(fact.value, Decimal) or fact.unknown for fact in found.facts().values())


def test_the_same_question_is_answered_from_memory(plain):
    assert ask(plain, "region") is ask(plain, "region")
    assert ask(plain, "region") is not ask(plain, "region", scope=PRIYA)


def test_remembered_answers_go_with_their_generation(plain):
    short_lived = store.Generation(plain.path)
    ask(short_lived, "region")
    answers.deal(short_lived, "D00900", EVERYONE)
    gone = weakref.ref(short_lived)
    del short_lived
    gc.collect()
    assert gone() is None


def figures(generation, deal_id):
    return answers.deal(generation, deal_id, EVERYONE).figures


def test_an_open_deal_shows_the_base_rate_of_deals_that_lived_as_long(plain):
    # Open for 20 days. Day 30: 61 won, 41 lost of 203; day 50: 20 won, 80 lost of 101.
    # 61/203 + 101/203 x 20/101.
    base = figures(plain, "D00900")["base_rate"]
    assert (base.value, base.n, base.unit) == (Decimal("0.399015"), 203, Unit.FRACTION)
    assert base.low < base.value < base.high


def test_an_open_deal_shows_when_deals_of_its_age_were_decided(plain):
    left = figures(plain, "D00900")["expected_remaining_days"]
    assert (left.value, left.low, left.high) == (10, 10, 30)


def test_velocity_and_risk_follow_from_the_deals_own_amount(plain):
    known = figures(plain, "D00900")
    rate = known["region_win_rate"].value
    assert known["pvs"].value == pytest.approx(10_000 * rate / 30, abs=Decimal("0.1"))
    assert known["revenue_at_risk"].value == pytest.approx(Decimal("6009.85"), abs=Decimal("0.01"))
    assert known["amount"].value == Decimal("10000.00")
    assert {known[name].currency for name in ("amount", "pvs", "revenue_at_risk")} == {"USD"}


def test_a_deal_older_than_the_data_borrows_the_last_age_and_says_so(plain):
    card = answers.deal(plain, "D00901", EVERYONE)
    assert (card.figures["base_rate"].value, card.figures["base_rate"].n) == (Decimal("0.198020"), 101)
    assert noted(card)["base_rate_clipped"].facts["age"].value == 49
    assert card.figures["expected_remaining_days"].unknown == "beyond_data"
    assert card.figures["pvs"].unknown == "beyond_data"


def test_what_nobody_knows_of_a_deal_has_a_reason_and_no_value(plain):
    unknown = {name: f.unknown for name, f in figures(plain, "D00902").items() if f.value is None}
    assert unknown == {
        "amount": "no_amount",
        "close_date": "no_close_date",
        "push_count": "no_close_date_history",
        "days_in_stage": "no_stage_history",
        "days_since_activity": "no_activity_feed",
        "revenue_at_risk": "no_amount",
        "pvs": "no_amount",
        "smi": "no_stage",
        "momentum_percentile": "no_stage",
        "health": "no_stage",
        "deal_quality": "no_stage",
    }


def test_a_card_without_a_model_or_events_says_so(plain):
    card = answers.deal(plain, "D00900", EVERYONE)
    assert list(noted(card)) == ["dates_only"]
    assert (card.speaks, card.why_silent, card.told) == (False, "no_quarters", ())
    assert (card.history, card.stage, card.name) == ("dates", "", "")


def test_events_and_activities_start_the_clocks(mixed):
    card = answers.deal(mixed, "OPEN1", EVERYONE)
    known = card.figures
    assert (known["days_in_stage"].value, known["days_since_activity"].value) == (10, 5)
    assert (known["stage_limit"].value, known["stage_limit"].n) == (12, 30)
    assert (card.stage, card.next_step, card.owner) == ("Proposal", "Call", "Priya Rao")
    assert (card.name, card.account, card.labels["region"]) == ("Acme roll-out", "Acme", "APAC")
    assert "dates_only" not in noted(card)


def test_health_and_momentum_follow_from_stage_pace_and_owner(mixed):
    # Rate 0.3; usual cycle 30 = 20 days old + 10 left; stage 3 of 4: 12 + 30 + 22.5.
    known = figures(mixed, "OPEN1")
    assert known["health"].value == Decimal("64.500000")
    assert known["smi"].value == Decimal("0.150000")
    assert known["momentum_percentile"].unit is Unit.FRACTION


def test_a_deal_is_compared_with_its_own_kind_of_business_only(mixed):
    assert figures(mixed, "OPEN1")["base_rate"].value == Decimal("0.300000")
    services = figures(mixed, "OPEN2")
    assert services["base_rate"].unknown == "no_closed_deals"
    assert {services[name].unknown for name in ("pvs", "health")} == {"no_closed_deals"}
    assert services["days_since_activity"].unknown == "no_activity_yet"


def test_an_owner_s_rate_is_of_the_main_kind_as_on_the_rep_s_page_and_says_so(mixed):
    card = answers.deal(mixed, "OPEN2", EVERYONE)  # a deal of services, of which nobody closed any
    page = answers.rep(mixed, card.owner_id, ALL_TIME, EVERYONE)
    assert card.labels["deal_type"] != card.owner_kind
    assert card.figures["rep_win_rate"].value == page.figures["luck_adjusted_win_rate"].value


def test_a_closed_deal_shows_how_it_ended_and_nothing_to_hope_for(plain):
    card = answers.deal(plain, "D00001", EVERYONE)
    assert (card.outcome, card.stage) == ("won", "")
    assert {name: f.value for name, f in card.figures.items()} == {
        "amount": Decimal("1000.00"),
        "created_date": date(2024, 1, 10).toordinal(),
        "close_date": date(2024, 2, 9).toordinal(),
        "sales_cycle_days": 30,
        "amount_limit": 50_000,
    }
    assert "amount_as_recorded" in noted(card)


@pytest.mark.parametrize("deal_id", ["D00900", "D00901", "D00902", "D00001"])
def test_every_figure_of_a_card_is_called_once_and_explained(plain, deal_id):
    known = figures(plain, deal_id)
    assert len({fact.id for fact in known.values()}) == len(known)
    assert {fact.metric for fact in known.values()} <= BY_NAME.keys()


def test_an_unknown_deal_offers_the_nearest(plain):
    with pytest.raises(DealNotFound) as problem:
        answers.deal(plain, "D0012", EVERYONE)
    assert str(problem.value) == "No deal `D0012`. Did you mean D00120, D00121 or D00122?"
    assert problem.value.nearest == ("D00120", "D00121", "D00122")


def test_nothing_alike_is_offered_nothing(plain):
    with pytest.raises(DealNotFound, match=r"^No deal `quux` among those you can see\.$"):
        answers.deal(plain, "quux", EVERYONE)


def test_one_id_that_is_alike_is_offered_alone():
    assert str(DealNotFound("D1", ["D12"])) == "No deal `D1`. Did you mean D12?"


def test_an_empty_id_is_like_no_other():
    assert nearest("", ["D00001"]) == ()


def test_an_id_in_another_case_is_found(plain):
    assert answers.deal(plain, "d00900", EVERYONE).deal_id == "D00900"


def test_somebody_elses_deal_tells_nothing_but_its_id(plain):
    with pytest.raises(NotYourDeal) as problem:
        answers.deal(plain, "D00901", PRIYA)
    assert str(problem.value) == "Only its owner and their manager can see D00901."


def test_ids_out_of_scope_are_never_offered(plain):
    with pytest.raises(DealNotFound) as problem:
        answers.deal(plain, "D0090", PRIYA)
    assert "D00901" not in problem.value.nearest
    assert problem.value.nearest[0] == "D00900"


def test_a_viewer_names_only_values_of_own_deals(plain):
    words = answers.vocabulary(plain, PRIYA)
    assert words["region"] == (("APAC", "APAC"),)
    assert words["rep"] == (("priya", "Priya Rao"),)
    assert answers.vocabulary(plain, NEWCOMER)["region"] == ()


def test_the_scorecard_counts_rows_that_fail(plain):
    lines = answers.quality(plain).lines
    assert all(line.failing.value <= line.total.value for line in lines)
    assert len({f.id for line in lines for f in (line.failing, line.total)}) == 2 * len(lines)
    assert all(fact.metric == "quality_check" for fact in answers.quality(plain).facts().values())


def test_a_question_of_all_time_is_not_one_of_a_quarter(plain):
    question = BreakdownQuestion(("region",), period=ALL_TIME)
    in_spring = answers.breakdown(plain, replace(question, period=quarter(2024, 2)), EVERYONE)
    assert (in_spring.period, in_spring.cells) == ("2024-Q2", ())


def test_an_amount_of_no_known_currency_is_shown_bare_and_never_alerts(tmp_path):
    deals = [{"amount": 60_000}, {"amount": 60_000, "currency": None, "stage": "Demo"}]
    calls = [{"deal_id": f"D0000{n}", "date": "2024-01-02", "kind": "call"} for n in (1, 2)]
    found = generation(tmp_path, deals=deals, activities=calls)
    assert answers.deal(found, "D00002", EVERYONE).figures["amount"].currency == ""
    stalled = [one for one in DEFAULTS if one.id == "stalled"]
    assert [told.subject_id for told in alerts.findings(stalled, None, found)] == ["D00001"]


def test_an_owner_without_a_closed_deal_has_no_win_rate_of_the_others(tmp_path):
    deals = [*closed(6, 4, rep_id="priya"), {"deal_id": "NEW", "rep_id": "luis", "stage": "Demo"}]
    known = answers.deal(generation(tmp_path, deals=deals), "NEW", EVERYONE).figures
    assert (known["rep_win_rate"].value, known["rep_win_rate"].unknown) == (None, "no_closed_of_owner")
    assert known["momentum_percentile"].unknown == "no_other_in_stage"


def test_reps_of_the_same_name_are_told_apart_by_their_ids(tmp_path):
    same = [{"person_id": "r1", "name": "Sam Lee"}, {"person_id": "r2", "name": "Sam Lee"}]
    loaded = tables(tmp_path, people=[*same, *PEOPLE], deals=[{"rep_id": "r1"}, {"rep_id": "r2"}])
    names = people(store.opened(refresh.refresh(loaded, tmp_path, AS_OF)))
    assert (names["r1"], names["r2"], names["luis"]) == ("Sam Lee (r1)", "Sam Lee (r2)", "Luis Gil")
