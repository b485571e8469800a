"""What stopping or shifting a segment would change: by hand, and on a small CRM through a real generation."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import refresh, store
from analytics.answers import AnswerError
from analytics.answers.whatif import whatif
from analytics.glossary import BY_NAME
from analytics.questions import EVERYONE, Filter, Scope, WhatIfQuestion, month, quarter
from analytics.store import Effort
from analytics.whatif import capacity, differ, dropped, per_day, plus, shifted, win_rate_change
from tests.tables import tables

AS_OF = date(2024, 6, 30)
Q2 = quarter(2024, 2)
EDTECH, SAAS = (Filter("industry", ("EdTech",)),), (Filter("industry", ("SaaS",)),)


def effort(*deals):
    """Sums over closed deals given as (days, won amount); a deal that won nothing was lost."""
    return Effort(
        len(deals),
        len(deals),
        sum(amount > 0 for _, amount in deals),
        sum(days for days, _ in deals),
        sum(days**2 for days, _ in deals),
        sum(amount for _, amount in deals),
        sum(amount**2 for _, amount in deals),
        sum(days * amount for days, amount in deals),
    )


SLOW, QUICK = effort((30, 300.0), (10, 0.0)), effort((10, 200.0), (10, 0.0))


def test_dropping_a_segment_loses_what_it_won():
    assert (dropped(SLOW).value, dropped(SLOW).error) == (-300.0, 300.0)


def test_capacity_is_the_days_its_deals_were_open():
    assert (capacity(SLOW).value, capacity(SLOW).error) == (40, (30**2 + 10**2) ** 0.5)


def test_a_deal_day_is_worth_what_was_won_per_day():
    quick = per_day(QUICK)
    assert quick.value == 10.0  # 200 in 20 days
    assert quick.error == pytest.approx(((200 - 100) ** 2 + (0 - 100) ** 2) ** 0.5 / 20)
    assert per_day(effort()) is None


def test_shifted_days_earn_what_the_target_earns():
    moved = shifted(SLOW, QUICK)
    assert moved.value == 40 * 10.0 - 300.0
    of_segment = (300 - 10 * 30) ** 2 + (0 - 10 * 10) ** 2
    assert moved.error == pytest.approx((of_segment + (40 * per_day(QUICK).error) ** 2) ** 0.5)
    assert shifted(SLOW, effort()) is None


def test_the_win_rate_without_a_segment_is_that_of_the_rest():
    segment, others = effort((1, 0.0), (1, 0.0)), effort((1, 5.0), (1, 5.0), (1, 5.0), (1, 0.0))
    assert win_rate_change(segment, others).value == pytest.approx(3 / 4 - 3 / 6)
    assert win_rate_change(segment, effort()) is None


def test_shifted_days_close_as_many_deals_of_the_target_as_its_pace_gives():
    segment, target = effort((20, 0.0), (20, 0.0)), effort((10, 5.0), (10, 5.0))
    others = effort((5, 0.0), (5, 1.0))
    assert win_rate_change(segment, others, target).value == pytest.approx((1 + 2 + 4) / 8 - 3 / 6)


deals = st.lists(st.tuples(st.integers(1, 90), st.integers(0, 10**6)), min_size=1, max_size=8)


@given(one=deals, other=deals)
def test_shifting_a_segment_to_itself_never_changes_what_is_expected(one, other):
    assert shifted(effort(*one), effort(*one)).value == pytest.approx(0, abs=1e-4)
    assert plus(plus(effort(*one), effort(*other)), effort(*other), -1) == effort(*one)


@given(one=deals)
def test_a_segment_never_differs_from_itself(one):
    assert differ(effort(*one), effort(*one)) is False


def closed(count, amount, outcome, industry, *, took=9, opened="2024-04-01", **columns):
    """So many deals alike; one that takes 9 days is open on 10."""
    created = date.fromisoformat(opened)
    row = {"created_date": created, "close_date": date.fromordinal(created.toordinal() + took)}
    return [row | {"amount": amount, "outcome": outcome, "industry": industry} | columns] * count


@pytest.fixture(scope="module")
def crm(tmp_path_factory):
    """EdTech wins 40 of 80, at 1,000 in ten days; SaaS 20 of 40, at 4,000 in ten days; three are open."""
    rows = [
        *closed(40, 1000, "won", "EdTech", deal_type="new"),
        *closed(40, 9000, "lost", "EdTech", deal_type="new", rep_id="priya"),
        *closed(20, 4000, "won", "SaaS", deal_type="new"),
        *closed(20, 9000, "lost", "SaaS", deal_type="new"),
        *closed(1, 7000, "won", "EdTech", deal_type="new", opened="2023-12-20", took=8),
        *closed(1, 7000, "won", "EdTech", deal_type="new", opened="2024-03-25", took=9),
        *closed(5, 7000, "won", "EdTech", deal_type="renewal"),
        *closed(2, 500, "won", "SaaS", deal_type="new", currency="EUR"),
        {"created_date": "2024-06-21", "industry": "EdTech", "deal_type": "new"},
        {"created_date": "2024-06-21", "industry": "SaaS", "deal_type": "new", "close_date": "2024-08-01"},
    ]
    home = tmp_path_factory.mktemp("whatif")
    return store.opened(refresh.refresh(tables(home, deals=rows), home, AS_OF))


def drop(generation, segment=EDTECH, period=Q2, scope=EVERYONE):
    return whatif(generation, WhatIfQuestion("drop", segment, period=period), scope)


def shift(generation, segment=EDTECH, to=SAAS, period=Q2):
    return whatif(generation, WhatIfQuestion("shift", segment, to, period), EVERYONE)


def values(answer):
    return {name: fact.value for name, fact in answer.figures.items()}


def codes(answer):
    return [note.code for note in answer.notes]


def test_stopping_a_segment_frees_its_open_days_within_the_period(crm):
    figures = values(drop(crm))
    # 80 deals of ten days, one with three of its ten in April, one open for its last ten days
    assert figures["capacity"] == 800 + 3 + 10
    assert figures["capacity_share"] == Decimal("0.654063")  # of 813 and 43 more times ten
    assert (figures["deals"], figures["open_deals"]) == (81, 1)


def test_stopping_a_segment_loses_what_it_won_in_the_period(crm):
    answer = drop(crm)
    change = answer.figures["change_amount"]
    assert (change.value, change.currency) == (-47_000, "USD")
    assert change.low < change.value < change.high < 0
    assert answer.verdict_change is True
    assert values(answer)["won_amount"] == 47_000


def test_a_segment_that_earns_less_a_day_is_worth_shifting(crm):
    answer = shift(crm)
    figures = values(answer)
    assert figures["per_day_to"] == Decimal("186.046512")  # 80,000 of 430 days
    assert figures["change_amount"] == pytest.approx(
        Decimal(813 * 80_000 / 430 - 47_000), abs=Decimal("0.01")
    )
    assert (answer.verdict_change, answer.to_labels) == (True, ("SaaS",))
    assert "segments_alike" not in codes(answer)


def test_only_the_main_kind_of_business_counts(crm):
    answer = drop(crm)
    assert answer.deal_type == "new"
    assert codes(answer) == ["main_type_only", "currency_mix"]


def test_too_few_deals_have_no_verdict(crm):
    answer = drop(crm, period=month(2024, 6))
    assert (answer.verdict_change, values(answer)["won_amount"]) == (None, 0)


def test_the_usual_period_is_the_last_four_quarters(crm):
    answer = drop(crm, period=None)
    assert (answer.period, values(answer)["deals"]) == ("2023-Q3 to 2024-Q2", 82)


def test_a_viewer_sees_only_the_deals_in_scope(crm):
    answer = drop(crm, scope=Scope(rep_ids=frozenset({"priya"}), label="your deals"))
    assert (values(answer)["deals"], values(answer)["won_amount"]) == (40, 0)
    assert codes(answer)[-1] == "scope"


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (
            WhatIfQuestion("drop", (Filter("industry", ("Farms",)),), period=Q2),
            "No deal of Farms was open in 2024-Q2",
        ),
        (WhatIfQuestion("drop", ()), "Name what to stop"),
        (WhatIfQuestion("shift", EDTECH), "Name what to stop"),
        (WhatIfQuestion("shift", EDTECH, EDTECH, Q2), "EdTech has no deals but those that would be shifted"),
        (WhatIfQuestion("drop", (Filter("stage", ("Demo",)),)), "cannot be asked of stage"),
        (WhatIfQuestion("drop", EDTECH, period=quarter(2021, 1)), "Nothing closed in '2021-Q1'"),
    ],
)
def test_a_segment_without_an_answer_is_named(crm, question, message):
    with pytest.raises(AnswerError, match=message):
        whatif(crm, question, EVERYONE)


def test_every_fact_is_explained_and_told_apart(crm):
    found = list(shift(crm).figures.values())
    assert {fact.metric for fact in found} <= set(BY_NAME)
    assert len({fact.id for fact in found}) == len(found)


def test_segments_that_earn_alike_are_said_to(tmp_path):
    rows = [
        deal
        for industry in ("EdTech", "SaaS")
        for deal in (*closed(20, 1000, "won", industry), *closed(20, 1000, "lost", industry))
    ]
    generation = store.opened(refresh.refresh(tables(tmp_path, deals=rows), tmp_path, AS_OF))
    answer = shift(generation)
    assert codes(answer) == ["segments_alike"]
    assert (values(answer)["change_amount"], answer.verdict_change) == (0, False)
