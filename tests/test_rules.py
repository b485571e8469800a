"""Rules on small generations: what is over which line, what a week changed, and why it no longer holds."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import alerts, overlay, store
from analytics.alerts import board as boards
from analytics.alerts import deals, judge, owners
from analytics.alerts.board import Board
from analytics.alerts.clocks import clock
from analytics.alerts.lessons import stricter
from analytics.alerts.rules import (
    COMPARISONS,
    DEFAULTS,
    METRICS,
    BadRule,
    Condition,
    Level,
    Rule,
    Subject,
    as_json,
    checked,
    defaults,
    from_json,
    stalled_from,
)
from analytics.generation import ClockRow
from analytics.metrics import stage_clock
from analytics.questions import Filter
from analytics.refresh import refresh
from analytics.stall import Thresholds
from tests.tables import tables

TODAY = date(2024, 7, 20)  # a Saturday
PEOPLE = [
    {"person_id": "rep_1", "name": "Priya", "email": "priya@example.com", "manager_id": "mgr_1"},
    {"person_id": "rep_2", "name": "Carla", "email": "carla@example.com", "manager_id": "mgr_1"},
    {"person_id": "mgr_1", "name": "Dana", "email": "dana@example.com", "role": "manager"},
]
RULES = {rule.id: rule for rule in defaults(Thresholds(), 2)}


def days_ago(number):
    return (TODAY - timedelta(days=number)).isoformat()


def big(deal_id="D1", **changed):
    return {"deal_id": deal_id, "amount": 50_000, "stage": "Demo"} | changed


def touched(days, deal_id="D1"):
    return {"deal_id": deal_id, "date": days_ago(days), "kind": "call", "rep_id": "rep_1"}


def entered(days, deal_id="D1", stage="Demo"):
    return {"deal_id": deal_id, "date": days_ago(days), "kind": "stage", "new": stage}


def won_after(stays, stage="Demo", deal_type="new"):
    """Won deals that stayed in a stage for so many days each, and then closed from Proposal."""
    won, events = [], []
    for number, stay in enumerate(stays, 1):
        name, start = f"W{stage}{deal_type}{number:03}", date(2024, 1, 1)
        moved = (start + timedelta(days=stay)).isoformat()
        closed = {"outcome": "won", "close_date": moved, "stage": "Proposal", "deal_type": deal_type}
        won.append({"deal_id": name, **closed})
        events.append({"deal_id": name, "date": start.isoformat(), "kind": "stage", "new": stage})
        events.append({"deal_id": name, "date": moved, "kind": "stage", "old": stage, "new": "Proposal"})
    return won, events


def rule(*every, any_of=(), level=Level.P2, subject=Subject.DEAL, **more):
    return Rule("mine", level, subject, tuple(every), tuple(any_of), **more)


def condition(metric, comparison, threshold):
    return Condition(metric, comparison, Decimal(threshold))


def built(home, rows, *, day=TODAY, **more):
    loaded = tables(home, deals=rows, people=PEOPLE, load_id=f"load-{day}", **more)
    refresh(loaded, home, day)
    return store.current(home)


@pytest.fixture
def generation(tmp_path):
    return partial(built, tmp_path)


def found(now, *ids, before=None):
    """What the named default rules find, all of them for none named."""
    wanted = [RULES[one] for one in ids] if ids else [*RULES.values()]
    return deals.found(wanted, before, now)


def told(now, *ids, before=None):
    return [one.subject_id for one in found(now, *ids, before=before)]


# ------------------------------------------------------------------ judging


def board(**columns):
    return Board({name: np.array(values, float) for name, values in columns.items()}, {})


def test_all_of_every_and_one_of_any_must_hold():
    looked = board(amount=[60, 60, 60, 40], age_days=[1, 9, 1, 9], push_count=[0, 0, 3, 3])
    one = rule(
        condition("amount", ">=", 50),
        any_of=[condition("age_days", ">", 5), condition("push_count", ">=", 2)],
    )
    assert judge.holding(one, looked).tolist() == [False, True, True, False]
    assert {m: over.tolist() for m, over in judge.causes(one, looked).items()} == {
        "age_days": [False, True, False, True],
        "push_count": [False, False, True, True],
    }


@given(comparison=st.sampled_from(COMPARISONS), threshold=st.integers(-5, 5))
def test_what_is_not_known_never_counts(comparison, threshold):
    one = rule(condition("amount", comparison, threshold))
    assert not judge.holding(one, board(amount=[np.nan])).any()


def test_a_filter_narrows_a_rule_to_its_values():
    looked = Board({"amount": np.array([1.0, 1, 1])}, {"region": np.array(["APAC", "EMEA", "India"])})
    one = rule(condition("amount", ">", 0), filters=(Filter("region", ("APAC", "India")),))
    assert judge.holding(one, looked).tolist() == [True, False, True]


@given(
    stays=st.lists(st.integers(0, 60), min_size=30, max_size=80),
    own=st.integers(0, 65),
)
def test_a_percentile_above_ninety_is_always_a_stay_above_the_clocks_limit(stays, own):
    rows = [ClockRow("Demo", "new", days, 1) for days in stays]
    found, known = clock(rows, "Demo"), stage_clock(((r.stage, r.days, r.deals) for r in rows), "Demo")
    assert found.limit(90) == known.stalled
    if abs(own - known.stalled) > 1e-6:  # at the limit itself floats may fall either way
        assert (float(found.percentile(own)) > 90) == (own > known.stalled)


def test_a_stay_at_the_limit_is_not_beyond_it():
    rows = [ClockRow("Demo", "new", days, 1) for days in range(31)]  # 90 of 100 within 27 days
    assert clock(rows, "Demo").percentile([27, 28]).tolist() == [90.0, pytest.approx(93.333333)]


# ------------------------------------------------------------------ deals


def test_a_big_deal_is_stalled_after_more_than_fourteen_days_without_activity(generation):
    rows = [big("D1"), big("D2"), big("D3", amount=49_999.99)]
    now = generation(rows, activities=[touched(15), touched(14, "D2"), touched(90, "D3")])
    [one] = found(now, "stalled")
    assert (one.subject_id, one.causes, one.owner_id, one.manager_id) == (
        "D1",
        ("days_since_activity",),
        "rep_1",
        "mgr_1",
    )
    assert one.figures["days_since_activity"].value == 15
    assert one.figures["days_since_activity_limit"].value == 14
    assert one.figures["amount"].value == Decimal("50000.00")


def test_a_deal_is_stalled_beyond_the_stay_of_nine_in_ten_won_deals(generation):
    rows, events = won_after(range(2, 32))  # 90th percentile of 2..31: 2 + 0.9 x 29 = 28.1
    rows += [big("D1", deal_type="new"), big("D2", deal_type="new")]
    [one] = found(generation(rows, events=[*events, entered(29), entered(28, "D2")]), "stalled")
    assert (one.subject_id, one.causes) == ("D1", ("stage_percentile",))
    assert one.figures["days_in_stage"].value == 29
    assert (one.figures["stage_limit"].value, one.figures["stage_limit"].n) == (Decimal("28.1"), 30)
    assert one.figures["stage_percentile_limit"].value == Decimal("0.9")


def test_a_stage_with_few_won_deals_borrows_the_clock_of_all_stages_and_says_so(generation):
    demo, demo_events = won_after([10] * 29)
    other, other_events = won_after([10], stage="Qualified")
    rows = [*demo, *other, big("D1", deal_type="new")]
    [one] = found(generation(rows, events=[*demo_events, *other_events, entered(11)]), "stalled")
    limit = one.figures["stage_limit"]  # 30 stays of 10 days, and 30 in Proposal that ended at once
    assert (limit.value, limit.n, limit.entity) == (10, 60, "all stages, deal_type=new")


def test_renewals_never_set_the_clock_for_new_business(generation):
    rows, events = won_after([10] * 40, deal_type="renewal")
    assert told(generation([*rows, big(deal_type="new")], events=[*events, entered(60)]), "stalled") == []


def test_what_the_crm_leaves_empty_is_found_by_no_rule_about_it(generation):
    rows = [big("D1"), big("D2", amount=None), big("D3", currency="EUR")]
    blind = generation(rows, day=TODAY)
    assert told(blind, "stalled", "odds_fell", "amount_fell", "pushed", "no_next_step", "overdue") == []


def test_closed_deals_are_never_found(generation):
    closed = big(outcome="lost", close_date=days_ago(5))
    assert told(generation([closed], activities=[touched(90)])) == []


def test_the_biggest_comes_first_within_a_rule(generation):
    rows = [big("D1"), big("D2", amount=80_000), big("D3")]
    now = generation(rows, activities=[touched(20), touched(20, "D2"), touched(20, "D3")])
    assert told(now, "stalled") == ["D2", "D1", "D3"]


def test_the_date_rules_tell_what_passed_and_what_was_never_touched(generation):
    rows = [
        big("D1", amount=1, close_date=days_ago(1)),
        big("D2", amount=1, close_date=days_ago(0), created_date=days_ago(90)),
        big("D3", amount=1, updated_date=days_ago(31)),
    ]
    now = generation(rows)
    assert told(now, "overdue") == ["D1"]
    assert found(now, "overdue")[0].figures["days_overdue"].value == 1
    assert told(now, "old") == ["D1", "D3"]  # created on 2024-01-01; D2 is 90 days old, not more


def test_a_missing_next_step_is_only_told_where_the_source_has_any(generation):
    rows = [big("D1"), big("D2", next_step="Call")]
    assert told(generation(rows, loaded_on=TODAY), "no_next_step") == ["D1"]


def test_a_big_new_deal_without_a_next_step_is_told_from_its_third_day(generation):
    rows = [big(f"D{age}", created_date=days_ago(age)) for age in (2, 3, 30, 31)]
    now = generation([*rows, big("D0", next_step="Call")], loaded_on=TODAY)
    assert told(now, "big_without_step") == ["D3", "D30"]


def test_an_amount_that_fell_by_a_quarter_within_a_week_is_told(generation):
    then = generation([big("D1", amount=40_000), big("D2", amount=40_000)], day=TODAY - timedelta(7))
    now = generation([big("D1", amount=30_000), big("D2", amount=30_001)])
    [one] = found(now, "amount_fell", before=then)
    assert one.subject_id == "D1"
    assert one.figures["amount_fall"].value == Decimal("0.25")
    assert one.figures["amount_before"].value == 40_000
    assert told(now, "amount_fell") == []  # nobody knows the week before


def test_odds_that_fell_by_fifteen_points_are_told_whatever_floats_say(crm):
    now = store.current(crm)
    score = next(one for one in now.scores() if one.win_probability is not None)
    row = now.deal(score.deal_id)._replace(amount_cents=5_000_000, in_main_currency=1)
    past = {row.deal_id: boards.Past(5_000_000, 0.60)}
    setting = boards.setting(now)
    scene = deals.Scene((row,), {row.deal_id: 0.45}, setting, past)
    looked = scene.board([RULES["odds_fell"]])
    assert looked.columns["win_probability_fall"].tolist() == [15.0]  # not 14.999999999999996
    assert judge.holding(RULES["odds_fell"], looked).all()


def test_one_changed_deal_is_judged_as_all_of_them_are(crm):
    now = store.current(crm)
    rules = tuple(RULES.values())
    by_deal = {}
    for one in deals.found(rules, None, now):
        by_deal.setdefault(one.subject_id, []).append(one)
    for deal_id in sorted(by_deal)[:20]:
        alone = alerts.of_deal(rules, None, now, now.deal(deal_id), now.score(deal_id))
        assert alone == by_deal[deal_id]


def test_a_deal_that_just_went_quiet_is_found_from_its_own_rows_alone(generation):
    now = generation([big("D1"), big("D2")], activities=[touched(1), touched(1, "D2")])
    changed = {"deal_id": "D1", "created_date": date(2024, 1, 1), "outcome": "open", "rep_id": "rep_1"}
    changed |= {"amount_cents": 9_000_000, "currency": "USD", "stage": "Demo"}
    silent = [{"deal_id": "D1", "date": TODAY - timedelta(20), "kind": "call", "rep_id": "rep_1"}]
    row, score = overlay.told(now, changed, activities=silent)
    [one] = alerts.of_deal((RULES["stalled"],), None, now, row, score)
    assert (one.subject_id, one.figures["days_since_activity"].value) == ("D1", 20)


# ------------------------------------------------------------------ owners


def quiet(now, before=None):
    return [
        (one.subject_id, int(one.figures["owner_quiet_days"].value))
        for one in owners.found([RULES["quiet_owner"]], before, now)
    ]


def desk(rep, *last):
    """Deals of a rep, and when each was touched last."""
    rows = [big(f"{rep}{n}", rep_id=rep) for n in range(len(last))]
    return rows, [touched(days, f"{rep}{n}") for n, days in enumerate(last)]


def test_a_rep_with_three_deals_is_quiet_after_five_working_days(generation):
    one, calls = desk("rep_1", 8, 20, 30)  # Friday the 12th, then Monday to Friday without a word
    other, more = desk("rep_2", 1, 30, 30)  # the feed told something on Friday the 19th
    assert quiet(generation([*one, *other], activities=[*calls, *more])) == [("rep_1", 5)]


def test_a_feed_that_stopped_for_all_makes_nobody_quiet(generation):
    one, calls = desk("rep_1", 20, 20, 20)
    other, more = desk("rep_2", 20, 21, 22)
    assert quiet(generation([*one, *other], activities=[*calls, *more])) == []


def test_a_rep_who_closed_a_deal_is_not_quiet(generation):
    rows, calls = desk("rep_1", 20, 20, 20, 20)
    other, more = desk("rep_2", 1)
    then = generation([*rows, *other], day=TODAY - timedelta(7), activities=[*calls])
    closed = [rows[0] | {"outcome": "won", "close_date": days_ago(2)}, *rows[1:], *other]
    now = generation(closed, activities=[*calls, *more])
    assert quiet(now) == [("rep_1", 15)]  # Mondays to Fridays from July 1 to 19
    assert quiet(now, then) == []


# ------------------------------------------------------------------ endings


#: By the reason for which it ends: what becomes of a deal that was told, and days since its last activity.
ENDINGS = {
    "won": ({"outcome": "won", "close_date": days_ago(-1)}, 20),
    "lost": ({"outcome": "lost", "close_date": days_ago(-1)}, 20),
    "owner_changed": ({"rep_id": "rep_2"}, 20),
    "moved": ({"stage": "Negotiation"}, 20),
    "activity": ({}, 0),
    "amount_fell": ({"amount": 10_000}, 20),
    "gone": ({"deal_id": "another"}, 20),
    "line_moved": ({}, 20),
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory):
    """What was told of a deal for each reason, and the generation two days later."""
    home = tmp_path_factory.mktemp("ended")
    rows = [big(reason) for reason in ENDINGS]
    then = built(home, rows, activities=[touched(20, reason) for reason in ENDINGS])
    told_then = {one.subject_id: one for one in found(then, "stalled")}
    rows = [big(reason) | change for reason, (change, _) in ENDINGS.items()]
    calls = [touched(days, reason) for reason, (_, days) in ENDINGS.items()]
    return told_then, built(home, rows, day=TODAY + timedelta(days=2), activities=calls)


@pytest.mark.parametrize("reason", ENDINGS)
def test_an_ending_says_why(ended, reason):
    told_then, later = ended
    end = alerts.ending(told_then[reason], later)
    assert (end.subject_id, end.reason, end.figures["days_since_told"].value) == (reason, reason, 2)


def test_a_call_never_explains_why_a_date_is_no_longer_past(generation):
    [one] = found(generation([big(close_date=days_ago(3))]), "overdue")
    later = generation([big(close_date=days_ago(-30), stage="Negotiation")], activities=[touched(0)])
    assert alerts.ending(one, later).reason == "passed"


# ------------------------------------------------------------------ rules as data


def test_every_default_means_something_and_survives_being_written_down():
    for one in DEFAULTS:
        assert checked(from_json(as_json(one))) == one
        assert all(condition.source for condition in one.conditions)


def test_the_settings_of_the_installation_move_our_lines():
    moved = {one.id: one for one in defaults(Thresholds(Decimal(9), 7), 5)}
    assert moved["stalled"].every[0].threshold == 9
    assert moved["stalled_medium"].any_of[0].threshold == 7
    assert moved["source_old"].every[0].threshold == 5


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (rule(), "has no condition"),
        (rule(condition("luck", ">", 1)), "asks for 'luck'"),
        (rule(condition("win_rate", "<", 35)), "'win_rate' is of a segment"),
        (rule(condition("amount", "=", 1)), "compares by '='"),
        (rule(condition("amount", ">", 1), level=Level.RATE), "is P1 or P2 or P3, not rate"),
        (rule(condition("amount", ">", 1), filters=(Filter("rep", ("rep_1",)),)), "not by rep"),
        (
            rule(condition("owner_open_deals", ">", 1), level=Level.P1, subject=Subject.OWNER),
            "is P2 or P3, not P1",
        ),
    ],
)
def test_a_rule_that_means_nothing_says_what_would(bad, sentence):
    with pytest.raises(BadRule, match=sentence):
        checked(bad)


@pytest.mark.parametrize("written", [{}, {"every": 3}, as_json(DEFAULTS[0]) | {"level": "loud"}])
def test_what_is_no_rule_is_refused(written):
    with pytest.raises(BadRule, match="This is no rule"):
        from_json(written)


# ------------------------------------------------------------------ learning from "not useful"


def values_of(one, **values):
    """A finding of a rule, with these figures."""
    made = {name: deals.limit("x", condition(name, ">", 0), *MINT) for name in values}
    figures = {n: replace(fact, value=Decimal(str(values[n]))) for n, fact in made.items()}
    return replace(BLANK, rule=one.id, causes=tuple(values), figures=figures)


MINT = (deals.Mint(TODAY, "g"), "USD")
BLANK = deals.Finding(
    rule="",
    level="P1",
    subject="deal",
    subject_id="D1",
    names={},
    causes=(),
    figures={},
    as_of=TODAY,
    generation="g",
)


def test_the_line_is_raised_just_beyond_what_was_not_useful():
    silent = condition("days_since_activity", ">", 14)
    one = rule(condition("amount", ">=", 50_000), any_of=[silent, condition("push_count", ">=", 2)])
    seen = [values_of(one, days_since_activity=16), values_of(one, days_since_activity=21)]
    assert [(c.metric, c.threshold) for c in stricter(one, seen)] == [("days_since_activity", 21)]
    seen.append(values_of(one, push_count=4))
    assert [(c.metric, c.threshold) for c in stricter(one, seen)][1:] == [("push_count", 5)]


def test_money_is_raised_last_and_to_a_round_amount():
    one = rule(condition("amount", ">=", 50_000), condition("age_days", ">", 90))
    assert stricter(one, [values_of(one, amount=92_439, age_days=95)])[0].metric == "age_days"
    only = rule(condition("amount", ">=", 50_000))
    assert stricter(only, [values_of(only, amount=92_439)])[0].threshold == 93_000
    assert stricter(only, [values_of(only, amount=93_000)])[0].threshold == 94_000


def test_a_rule_that_asks_yes_or_no_has_no_line_to_raise():
    one = rule(condition("next_steps", "<", 1))
    assert stricter(one, [values_of(one, next_steps=0)]) == ()
    assert stricter(one, []) == ()


@given(
    values=st.lists(st.integers(15, 400), min_size=1, max_size=6),
    metric=st.sampled_from([name for name, known in METRICS.items() if known.unit in ("days", "money")]),
    comparison=st.sampled_from([">", ">="]),
)
def test_a_raised_line_always_leaves_out_what_was_not_useful(values, metric, comparison):
    one = Rule("mine", Level.P2, METRICS[metric].subject, (condition(metric, comparison, 14),))
    [raised] = stricter(one, [values_of(one, **{metric: value}) for value in values])
    looked = Board({metric: np.array(values, float)}, {})
    assert not judge.over(raised, looked).any()


# ------------------------------------------------------------------ what cards, weeks and plays call stalled


SETTINGS = Thresholds(Decimal(50_000), 14)


@pytest.mark.parametrize(
    ("condition", "amount", "idle"),
    [
        (Condition("amount", ">=", Decimal(80_000)), 80_000, 14),
        (Condition("days_since_activity", ">", Decimal(20)), 50_000, 20),
        (Condition("days_since_activity", ">=", Decimal(20)), 50_000, 19),  # 20 days are over this line
        (Condition("days_since_activity", ">", Decimal("20.5")), 50_000, 20),
        (Condition("days_since_activity", "<", Decimal(3)), 50_000, 14),  # no line above which it stalls
        (Condition("stage_percentile", ">", Decimal(95)), 50_000, 14),
    ],
)
def test_the_lines_of_the_rule_are_those_of_cards_and_weeks(condition, amount, idle):
    rule = Rule("stalled", Level.P1, Subject.DEAL, (condition,))
    assert stalled_from(rule, SETTINGS) == Thresholds(Decimal(amount), idle)


@pytest.mark.parametrize("days", [3, 14, 40])
def test_our_own_rule_draws_the_lines_of_the_settings(days):
    given = Thresholds(Decimal(70_000), days)
    assert stalled_from(defaults(given, 2)[0], SETTINGS) == given
