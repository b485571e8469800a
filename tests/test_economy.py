"""Who is told what: findings and open alerts in, decisions out, worked out by hand."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.alerts.rules import DEFAULTS
from bot.alerting import book, economy
from bot.alerting.economy import Expire, Forget, Place, Renew, Resolve, Situation
from bot.alerting.log import What, Why
from bot.alerting.outbox import Recipient
from bot.alerting.preferences import Preferences
from bot.alerting.silences import Silence
from bot.alerting.standing import Alert, State
from tests.alerting import MONDAY, desk, end_of, finding

TODAY = MONDAY.date()
SEASONED = {(rule.id, 0) for rule in DEFAULTS}


def decided(found, open_alerts=(), *, at=None, taken=(), **known):
    usual = {"day": TODAY, "rules": DEFAULTS, "seasoned": SEASONED, "name": book.namer("main", taken)}
    seen = Situation(**(usual | known))
    return economy.decide(open_alerts, found, seen, ending=end_of, desk=at or desk())


def placed(found, open_alerts=(), **known):
    """What becomes of each: its state and why, by subject and rule."""
    return {
        (one.alert.finding.subject_id, one.alert.finding.rule): (one.alert.state, one.reason)
        for one in decided(found, open_alerts, **known)
        if isinstance(one, Place)
    }


def alert(found=None, state=State.TOLD, **more):
    found = found or finding()
    key = f"main:{found.rule}:{found.subject_id}:{found.as_of}"
    told = {"told_on": found.as_of} if state in (State.TOLD, State.ACKNOWLEDGED, State.ACTED) else {}
    return Alert(**({"key": key, "state": state, "finding": found, "opened_on": found.as_of} | told | more))


def test_a_new_stalled_deal_is_told_to_its_owner_under_the_day_it_began():
    [place] = decided([finding()])
    assert (place.alert.key, place.alert.state) == ("main:stalled:D1:2024-07-22", State.TOLD)
    assert (place.what, place.to) == (What.TOLD, ("rep_1",))


@pytest.mark.parametrize(
    "state", [State.TOLD, State.ACKNOWLEDGED, State.ACTED, State.DISMISSED, State.SILENT]
)
def test_an_alert_that_lasts_stays_silent(state):
    later = finding(as_of=TODAY + timedelta(days=1))
    assert decided([later], [alert(state=State(state))]) == []


def test_an_alert_that_ended_is_resolved_with_its_reason():
    told = alert()
    assert decided([], [told]) == [Resolve(told, end_of(told.finding))]


def test_what_was_told_goes_on_while_it_lasts_and_what_was_held_does_not():
    told, held = alert(), alert(finding("D2"), State.HELD, reason=Why.BUDGET)
    seen = Situation(day=TODAY, rules=DEFAULTS, seasoned=SEASONED, name=book.namer("main", ()))
    decisions = economy.decide([told, held], [], seen, ending=end_of, desk=desk(), lasts=lambda _: True)
    assert decisions == [Resolve(held, end_of(held.finding))]


def test_a_new_owner_is_told_and_the_old_alert_resolved():
    told = alert()
    resolved, place = decided([finding(owner="rep_2")], [told], taken={told.key})
    assert resolved == Resolve(told, end_of(told.finding))
    assert (place.alert.key, place.to) == ("main:stalled:D1:2024-07-22.2", ("rep_2",))


def test_the_biggest_three_are_told_and_the_rest_held():
    deals = [finding(f"D{n}", amount=n * 10_000) for n in range(5, 10)]
    said = [(one.alert.finding.subject_id, one.alert.state) for one in decided(deals)]
    told, held = State.TOLD, State.HELD
    assert said == [("D9", told), ("D8", told), ("D7", told), ("D6", held), ("D5", held)]


def test_what_was_held_is_told_under_its_own_key_when_there_is_room():
    held = alert(state=State.HELD, reason=Why.BUDGET, key="main:stalled:D1:2024-07-13")
    [renewed] = decided([finding()], [held], told={("rep_1", True): 3})
    assert isinstance(renewed, Renew)
    [place] = decided([finding()], [held], told={("rep_1", True): 2})
    assert (place.alert.key, place.alert.state) == (held.key, State.TOLD)


def test_medium_deals_hygiene_and_drivers_go_to_the_digest():
    found = [
        finding("D1", rule="pushed", level="P2"),
        finding("D2", rule="old", level="P3"),
        finding("effect", rule="driver_flipped", level="driver", subject="driver", owner=""),
    ]
    assert {state for state, _ in placed(found).values()} == {State.DIGEST}


def test_of_several_rules_of_one_deal_only_the_first_is_told():
    found = [finding(rule="stalled"), finding(rule="odds_fell"), finding(rule="old", level="P3")]
    assert placed(found) == {
        ("D1", "stalled"): (State.TOLD, ""),
        ("D1", "odds_fell"): (State.HELD, Why.INHIBITED),
        ("D1", "old"): (State.HELD, Why.INHIBITED),
    }


HEARD_OF_NOWHERE = [
    (State.REVIEW, ""),
    (State.WITHHELD, "too small"),
    (State.SILENT, Why.SILENT),
    (State.HELD, Why.PREFERENCE),
]


@pytest.mark.parametrize(("state", "reason"), HEARD_OF_NOWHERE)
def test_a_louder_rule_of_which_the_owner_reads_nowhere_leaves_the_quieter_one_in_the_list(state, reason):
    loud, pushed, old = finding(), finding(rule="pushed", level="P2"), finding(rule="old", level="P3")
    unwanted = {"rep_1": Preferences(levels=("P2", "P3"))} if reason == Why.PREFERENCE else {}
    before = [alert(loud, state, reason=reason), alert(pushed, State.HELD, reason=Why.INHIBITED)]
    assert placed([loud, pushed, old], before, at=desk(preferences=unwanted)) == {
        ("D1", "pushed"): (State.DIGEST, ""),
        ("D1", "old"): (State.HELD, Why.INHIBITED),
    }


def test_what_the_budget_holds_stands_in_the_list_itself():
    found = [finding(), finding(rule="pushed", level="P2")]
    assert placed(found, told={("rep_1", True): 3}) == {
        ("D1", "stalled"): (State.HELD, Why.BUDGET),
        ("D1", "pushed"): (State.HELD, Why.INHIBITED),
    }


def test_while_one_rule_waits_for_review_another_loud_one_waits_too():
    rita = Recipient("rita", "Rita", "rita@example.com", "reviewer")
    found = [finding(), finding(rule="odds_fell"), finding(rule="pushed", level="P2")]
    assert placed(found, at=desk(reviewers=(rita,))) == {
        ("D1", "stalled"): (State.REVIEW, ""),
        ("D1", "odds_fell"): (State.HELD, Why.AWAITS),
        ("D1", "pushed"): (State.DIGEST, ""),
    }


def test_a_second_loud_rule_never_repeats_what_was_told_of_the_deal():
    told = alert(finding(rule="odds_fell"))
    found = [finding(rule="stalled"), finding(rule="odds_fell")]
    assert placed(found, [told]) == {("D1", "stalled"): (State.HELD, Why.INHIBITED)}


def test_a_louder_rule_is_told_although_the_deal_is_in_the_digest():
    quiet = alert(finding(rule="pushed", level="P2"), State.DIGEST)
    found = [finding(), finding(rule="pushed", level="P2")]
    assert placed(found, [quiet]) == {
        ("D1", "stalled"): (State.TOLD, ""),
        ("D1", "pushed"): (State.HELD, Why.INHIBITED),
    }


def test_on_the_first_run_of_a_rule_only_new_crossings_ping():
    found = [finding("D1"), finding("D2")]
    already = {("stalled", "D1")}
    assert placed(found, already=already, seasoned=()) == {
        ("D1", "stalled"): (State.DIGEST, Why.FIRST_RUN),
        ("D2", "stalled"): (State.TOLD, ""),
    }
    assert set(placed(found, already=already).values()) == {(State.TOLD, "")}


def test_a_new_version_of_a_rule_has_a_first_run_of_its_own():
    newer = [replace(DEFAULTS[0], version=1)]
    assert placed([finding()], rules=newer, already={("stalled", "D1")}) == {
        ("D1", "stalled"): (State.DIGEST, Why.FIRST_RUN)
    }


def test_what_the_first_run_put_into_the_digest_never_pings_later():
    flooded = alert(state=State.DIGEST, reason=Why.FIRST_RUN)
    [renewed] = decided([finding()], [flooded], already={("stalled", "D1")})
    assert isinstance(renewed, Renew)


def test_what_the_owner_snoozed_is_not_told_until_the_snooze_ends():
    hush = Silence(person_id="rep_1", subject_id="D1", until=MONDAY + timedelta(days=1), author="rep_1")
    held = {("D1", "stalled"): (State.HELD, Why.SNOOZED)}
    assert placed([finding()], at=desk(silences=(hush,))) == held
    later = desk(MONDAY + timedelta(days=1), silences=(hush,))
    waiting = alert(state=State.HELD, reason=Why.SNOOZED)
    assert placed([finding()], [waiting], at=later) == {("D1", "stalled"): (State.TOLD, "")}


def test_an_owner_is_not_told_of_amounts_they_do_not_want():
    choosy = desk(preferences={"rep_1": Preferences(min_amount=Decimal(100_000))})
    assert placed([finding()], at=choosy) == {("D1", "stalled"): (State.HELD, Why.PREFERENCE)}


def test_a_silent_deal_is_told_to_nobody_and_takes_room_as_if_it_were():
    found = [finding("D1"), finding("D2", amount=80_000)]
    quiet = desk(is_silent=lambda subject: subject == "D1", p1_per_week=1)
    assert placed(found, at=quiet) == {
        ("D1", "stalled"): (State.SILENT, Why.SILENT),
        ("D2", "stalled"): (State.HELD, Why.BUDGET),
    }


def test_no_lot_is_drawn_about_the_source_and_no_reviewer_asked():
    reviewed = desk(
        is_silent=lambda _: True, reviewers=(Recipient("ops_1", "Ola", ""),), ops_emails=("ops@example.com",)
    )
    [place] = decided(
        [finding("deals", rule="source_old", level="data", owner="", manager_id="")], at=reviewed
    )
    assert (place.alert.state, place.to) == (State.TOLD, ("ops@example.com",))


def test_a_rate_is_told_to_the_cro_and_the_manager_of_the_segment():
    segment = finding("region=APAC", rule="rate_left_limits", level="rate", subject="segment", owner="")
    [place] = decided([segment], at=desk(cro_emails=("cro@example.com",)))
    assert place.to == ("cro@example.com", "mgr_1")


def test_in_the_pilot_the_reviewers_see_it_first():
    rita = Recipient("rita", "Rita", "rita@example.com", "reviewer")
    [place] = decided([finding()], at=desk(reviewers=(rita,)))
    assert (place.alert.state, place.to) == (State.REVIEW, ("rita",))
    assert place.alert.until == MONDAY + timedelta(days=3)  # 72 working hours: Thursday, same time


def test_what_the_reviewer_lets_through_is_told_or_goes_to_the_digest_where_the_week_is_full():
    seen = Situation(day=TODAY, name=str)
    waiting = alert(state=State.REVIEW)
    assert economy.released(waiting, seen, desk()).alert.state is State.TOLD
    full = replace(seen, told={("rep_1", True): 3})
    assert economy.released(waiting, full, desk()).alert.state is State.DIGEST


def test_a_manager_is_told_at_once_only_who_asked_for_it_and_has_room():
    eager = desk(preferences={"mgr_1": Preferences(at_once=True)})
    [place] = decided([finding()], at=eager)
    assert place.to == ("rep_1", "mgr_1")
    [place] = decided([finding()], at=eager, told={("mgr_1", False): 5})
    assert (place.to, place.spared) == (("rep_1",), ("mgr_1",))


def test_a_manager_who_owns_the_deal_is_told_once():
    [place] = decided([finding(owner="mgr_1")], at=desk(preferences={"mgr_1": Preferences(at_once=True)}))
    assert place.to == ("mgr_1",)


def test_an_alert_nobody_acts_on_expires_and_is_not_told_again_while_it_lasts():
    old = alert(finding(as_of=TODAY - timedelta(days=30)))
    assert decided([finding()], [old]) == [Expire(old, TODAY)]
    expired = replace(old, state=State.EXPIRED, resolved_on=TODAY)
    assert decided([finding()], spent=[expired]) == []
    assert decided([], spent=[expired]) == [Forget(expired)]


def test_what_was_acted_on_or_is_snoozed_never_expires():
    since = finding(as_of=TODAY - timedelta(days=90))
    asleep = alert(finding("D2", as_of=since.as_of), until=MONDAY + timedelta(days=1))
    assert decided([finding(), finding("D2")], [alert(since, State.ACTED), asleep]) == []


# ------------------------------------------------------------------ whatever happens

RULE_IDS = [(rule.id, str(rule.level)) for rule in DEFAULTS if rule.subject == "deal"]
FOUND = st.lists(
    st.tuples(
        st.sampled_from(["D1", "D2", "D3", "D4", "D5", "D6"]),
        st.sampled_from(RULE_IDS),
        st.integers(10_000, 90_000),
    ),
    max_size=20,
    unique_by=lambda one: (one[0], one[1]),
)
OWNERS = {"D1": "rep_1", "D2": "rep_1", "D3": "rep_1", "D4": "rep_2", "D5": "rep_2", "D6": "rep_1"}


@given(
    found=FOUND,
    told=st.dictionaries(st.sampled_from([("rep_1", True), ("rep_2", True)]), st.integers(0, 5)),
    budget=st.integers(1, 4),
    lot=st.sets(st.sampled_from([*OWNERS])),
)
def test_nobody_ever_gets_more_than_the_budget_and_nothing_is_forgotten(found, told, budget, lot):
    findings = [
        finding(deal, rule=rule, level=level, amount=amount, owner=OWNERS[deal])
        for deal, (rule, level), amount in found
    ]
    decisions = decided(findings, told=told, at=desk(p1_per_week=budget, is_silent=lot.__contains__))
    places = [one for one in decisions if isinstance(one, Place)]
    assert sorted(one.alert.id for one in places) == sorted((f.rule, f.subject_id) for f in findings)
    for owner in ("rep_1", "rep_2"):
        loud = [p for p in places if p.to and p.alert.finding.owner_id == owner]
        assert len(loud) <= max(0, budget - told.get((owner, True), 0))
    assert not any(p.to for p in places if p.alert.finding.subject_id in lot)
    for deal in OWNERS:
        counting = [p for p in places if p.alert.finding.subject_id == deal and p.reason != Why.INHIBITED]
        assert sum(p.alert.state is not State.SILENT for p in counting) <= 1


def test_days_of_keys_are_those_of_the_numbers():
    name = book.namer("main", {"main:stalled:D1:2024-07-20"})
    assert name(finding(as_of=date(2024, 7, 20))) == "main:stalled:D1:2024-07-20.2"
