"""What people see of an alert: why now, why you, one ask, the buttons; and what the message becomes."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.alerts.rules import DEFAULTS, METRICS
from analytics.facts import Ending, Unit
from bot.alerting.face import render
from bot.alerting.outbox import Recipient
from bot.alerting.standing import Standing, State
from bot.blocks import actions, fallback, limits
from bot.blocks import alert as blocks
from bot.blocks.actions import About
from bot.blocks.evidence import NotOurButton
from bot.narrator import alert, template
from bot.narrator.check import given as names_given
from bot.narrator.check import strays
from prompts import files
from tests import answers_at_random as random
from tests.facts_by_hand import AS_OF, fact, finding

USD = {"currency": "USD"}
AMOUNT = fact("amount", "92439", Unit.MONEY, **USD)
LIMIT = fact("amount_limit", 50_000, Unit.MONEY, **USD)
STALLED = (
    AMOUNT,
    LIMIT,
    fact("days_since_activity", 18, Unit.DAYS),
    fact("days_since_activity_limit", 14, Unit.DAYS),
    fact("days_in_stage", 31, Unit.DAYS),
    fact("stage_limit", 24, Unit.DAYS),
)
P1 = finding(STALLED, ("days_since_activity", "stage_percentile"))
TOLD = Standing(key="main:stalled:D03560:2024-07-20", matches=12, told=2, budget=3)


def of(rule, *causes, figures=(), **more):
    """A finding of one of our rules, with these figures."""
    known = next(one for one in DEFAULTS if one.id == rule)
    given = {"level": str(known.level), "subject": str(known.subject), **more}
    return finding(figures, causes, rule=rule, **given)


def ending(reason):
    later = fact("days_since_told", 2, Unit.DAYS)
    return Ending(
        subject_id="D03560",
        reason=reason,
        names={"stage": "Closing", "owner": "Dana Lee"},
        figures={"days_since_told": later},
        as_of=AS_OF,
        generation="g8",
    )


def pressed(state, role="owner", found=P1):
    """The action ids of a message."""
    _, drawn = render(found, Recipient("x", "X", "", role), replace(TOLD, state=state))
    return [one["action_id"] for block in drawn if block["type"] == "actions" for one in block["elements"]]


def test_an_alert_says_why_now_why_you_and_one_thing_to_do():
    words = template.alert(P1, "owner", TOLD)

    assert words.headline == "P1 - $92,439 stalled - D03560"
    assert words.verdict == "No activity for 18 days; the rule allows 14 days."
    assert words.lines == (
        "31 days in Negotiation; few won deals took over 24 days.",
        "You own this deal: Acme renewal.",
        "Do next: Call the buyer today and agree a dated next step.",
    )


def test_the_last_line_tells_the_rule_how_many_it_matches_and_the_budget():
    words = template.alert(P1, "owner", TOLD)

    assert words.context.startswith(
        "Rule: stalled, at least $50,000; it matches 12 deals now; alert 2 of at most 3 this week"
        " · as of 2024-07-20"
    )
    alone = template.alert(P1, "owner", replace(TOLD, matches=1))
    assert "it matches 1 deal now;" in alone.context
    plain = template.alert(P1, "owner", Standing(key="k"))
    assert plain.context.startswith("Rule: stalled, at least $50,000 · as of")


def test_a_manager_is_told_whose_deal_it_is_and_how_to_help():
    words = template.alert(P1, "manager", TOLD)

    assert "Priya Rao owns this deal and reports to you: Acme renewal." in words.lines
    assert words.lines[-1].startswith("Ask Priya Rao how you can help. The play: Call the buyer")


def test_an_escalation_says_so_to_the_manager_and_the_owner():
    escalated = replace(TOLD, escalated=True)

    manager, owner = (template.alert(P1, role, escalated).lines for role in ("manager", "owner"))
    assert "Not answered yet. Priya Rao owns this deal and reports to you: Acme renewal." in manager
    assert "Your manager was told too, to help you." in owner


def test_once_somebody_answered_nobody_reads_that_nobody_did():
    answered = replace(TOLD, escalated=True, state=State.ACKNOWLEDGED, by="Dana Lee")

    manager = template.alert(P1, "manager", answered)
    assert manager.headline.startswith("Dana Lee has got it")
    assert "Priya Rao owns this deal and reports to you: Acme renewal." in manager.lines


FELL = (
    AMOUNT,
    fact("win_probability_fall", "0.18", Unit.POINTS),
    fact("win_probability", "0.22", Unit.FRACTION),
)
FLOOR = (
    fact("win_rate", "0.31", Unit.FRACTION, n=188, low="0.28", high="0.34"),
    fact("win_rate_limit", "0.35", Unit.FRACTION),
)
DRIFT = (
    fact("win_rate", "0.344", Unit.FRACTION, n=188, low="0.28", high="0.41"),
    fact("usual_win_rate", "0.451", Unit.FRACTION),
)
APAC = {"subject_id": "region=APAC"}
LOW = {"segment": "APAC", "state": "drift", "direction": "low", "since": "2024-04"}


@pytest.mark.parametrize(
    ("found", "headline", "first"),
    [
        (
            of("odds_fell", "amount", "win_probability_fall", figures=FELL),
            "P1 - $92,439, odds down 18.0 points - D03560",
            "Win probability down 18.0 points within a week, to 22.0 %.",
        ),
        (
            of("amount_fell", "amount", "amount_fall", figures=(fact("amount_fall", "0.4", Unit.FRACTION),)),
            "P2 - down 40 % in a week - D03560",
            "Amount down 40 % within a week.",
        ),
        (
            of("big_without_step", "amount", "age_days", "next_steps", figures=(AMOUNT,)),
            "P2 - $92,439, new and without a next step - D03560",
            "No next step is written down in the CRM.",
        ),
        (
            of("pushed", "push_count", figures=(AMOUNT, fact("push_count", 3, Unit.COUNT))),
            "P2 - $92,439, close date keeps moving - D03560",
            "Times the close date was pushed: 3.",
        ),
        (
            of("overdue", "days_overdue", figures=(fact("days_overdue", 12, Unit.DAYS),)),
            "P2 - close date 12 days past - D03560",
            "Its close date passed 12 days ago.",
        ),
        (
            of(
                "quiet_owner",
                "owner_open_deals",
                "owner_quiet_days",
                figures=(fact("owner_quiet_days", 6, Unit.DAYS),),
            ),
            "P2 - no activity seen for 6 days of work, Priya Rao",
            "No activity on any open deal for 6 days of work.",
        ),
        (
            of("no_update", "days_since_update", figures=(fact("days_since_update", 41, Unit.DAYS),)),
            "P3 - no update for 41 days - D03560",
            "Unchanged in the CRM for 41 days.",
        ),
        (
            of("rate_left_limits", "outside_limits", figures=DRIFT, names=LOW, **APAC),
            "Win rate - APAC at 34.4 %, below its usual range",
            "Win rate 34.4 % (188 deals) since 2024-04; usual is 45.1 %.",
        ),
        (
            of("driver_flipped", "sign_flips", names={"driver": "Referral"}),
            "Driver - Referral turned round",
            "Its effect turned round, clear of zero both times.",
        ),
        (
            of("source_old", "days_since_load", figures=(fact("days_since_load", 5, Unit.DAYS),)),
            "Data - the CRM was last loaded 5 days ago",
            "Last loaded 5 days ago.",
        ),
        (
            of(
                "intake_stopped",
                "intake_surprise",
                figures=(fact("intake_surprise", 4, Unit.DAYS),),
                names={"what": "deals"},
            ),
            "Data - no new deals for 4 days of work",
            "No new deals for 4 days of work: check the feed.",
        ),
        (
            of(
                "intake_stopped",
                "intake_surprise",
                figures=(
                    fact("intake_surprise", 4, Unit.DAYS),
                    fact("last_day", date(2024, 7, 16).toordinal(), Unit.DATE),
                ),
                names={"what": "deals"},
            ),
            "Data - no new deals for 4 days of work",
            "No new deals since 2024-07-16, 4 days of work: check the feed.",
        ),
    ],
)
def test_every_kind_of_alert_has_its_own_first_line_and_reason(found, headline, first):
    words = template.alert(found, "owner", TOLD)

    assert (words.headline, words.verdict) == (headline, first)


@pytest.mark.parametrize("rule", DEFAULTS, ids=[rule.id for rule in DEFAULTS])
def test_every_rule_of_ours_has_a_name_a_reason_and_a_play_even_if_nothing_is_known(rule):
    found = of(rule.id, *dict.fromkeys(one.metric for one in rule.conditions), names={"direction": "low"})
    words = template.alert(found, "owner", TOLD)

    assert f"rule_name.{rule.id}" in files.labels()
    assert words.plays
    assert "over the line" not in words.headline + words.verdict


@pytest.mark.parametrize("metric", METRICS)
def test_every_metric_a_rule_may_look_at_has_its_sentence_and_its_name(metric):
    assert f"alert_cause.{metric}" in files.claims()
    assert f"rule_metric.{metric}" in files.labels()


def test_a_rule_of_the_team_is_called_by_its_title():
    ours = finding(STALLED, ("days_since_activity",), rule="r_7", title="Quiet in <Negotiation>")
    words = template.alert(ours, "owner", TOLD)

    assert words.headline == "P1 - $92,439, Quiet in Negotiation - D03560"
    assert words.context.startswith("Rule: Quiet in Negotiation, at least $50,000; it matches 12 deals now")


def test_a_condition_turned_round_is_told_by_its_bare_value():
    fresh = (fact("days_since_activity", 2, Unit.DAYS), fact("days_since_activity_limit", 5, Unit.DAYS))
    words = template.alert(finding(fresh, ("days_since_activity",), rule="r_7", title="Fresh"), "owner", TOLD)

    assert words.verdict == "Time without activity: 2 days; the rule's line is 5 days."


def test_a_floor_of_the_team_names_the_segment_and_the_floor():
    found = of(
        "rate_left_limits",
        "win_rate",
        figures=FLOOR,
        names={"segment": "APAC", "state": "floor", "direction": "low"},
        title="APAC below its floor",
        **APAC,
    )
    words = template.alert(found, "manager", TOLD)

    assert words.headline == "Win rate - APAC below its floor - APAC"
    assert words.verdict == "Win rate 31.0 %, range 28.0-34.0 %; the floor is 35.0 %."
    assert blocks.show(found)[2] == '/watch where region = "APAC"'


@pytest.mark.parametrize(
    ("reason", "headline"),
    [
        ("moved", "Resolved: moved to Closing, 2 days later"),
        ("won", "Resolved: won, 2 days later"),
        ("lost", "Closed: lost, 2 days later"),
        ("gone", "Closed: the deal left the CRM"),
        ("owner_changed", "Closed: handed over to Dana Lee"),
        ("activity", "Resolved: active again, 2 days later"),
        ("amount_fell", "Closed: now below the amount of the rule"),
        ("line_moved", "Closed: no longer over the line of the rule"),
        ("passed", "Resolved: back within the rule, 2 days later"),
        ("never heard of", "Closed: no longer over the line of the rule"),
    ],
)
def test_the_end_of_an_alert_says_how_it_came(reason, headline):
    words = template.alert(P1, "owner", replace(TOLD, state=State.RESOLVED, ending=ending(reason)))

    assert words.headline == headline
    assert words.verdict == "It was about Acme renewal (D03560, $92,439): stalled."


@pytest.mark.parametrize(
    ("standing", "headline"),
    [
        (
            Standing(key="k", state=State.ACKNOWLEDGED, by="Dana"),
            "Dana has got it - $92,439 stalled - D03560",
        ),
        (
            Standing(key="k", state=State.ACTED, by="Dana", acted="exec call booked"),
            "Handled by Dana - exec call booked",
        ),
        (
            Standing(key="k", state=State.DISMISSED, by="Dana", reason="It is too small to matter"),
            "Put aside by Dana - It is too small to matter",
        ),
        (Standing(key="k", state=State.EXPIRED), "Closed without an answer"),
        (
            Standing(key="k", state=State.WITHHELD, by="Dana", reason="The CRM is wrong or late"),
            "Held back by Dana - The CRM is wrong or late",
        ),
    ],
)
def test_the_same_message_says_who_did_what(standing, headline):
    assert template.alert(P1, "owner", standing).headline == headline


def test_once_resolved_it_still_says_who_had_handled_it():
    done = replace(TOLD, state=State.RESOLVED, by="Dana", acted="exec call booked", ending=ending("moved"))

    assert template.alert(P1, "owner", done).lines == ("Handled by Dana: exec call booked",)


def test_a_snooze_says_until_when():
    quiet = replace(TOLD, until=datetime(2024, 7, 27, 8, tzinfo=UTC))

    assert "Snoozed until 2024-07-27." in template.alert(P1, "owner", quiet).lines


def test_the_buttons_are_what_the_state_leaves_to_do():
    told = ["alert.ack", "alert.log", "alert.snooze", "alert.not_useful", "ask.deal"]
    assert pressed(State.TOLD) == told
    assert pressed(State.ACKNOWLEDGED) == [*told[1:4], "alert.dismiss", "ask.deal"]
    assert pressed(State.ACTED) == ["alert.log", "alert.useful", "alert.not_useful", "ask.deal"]
    assert pressed(State.RESOLVED) == ["alert.useful", "alert.not_useful", "ask.deal"]


def test_the_reviewer_of_the_pilot_lets_it_through_or_holds_it_back():
    words = template.alert(P1, "reviewer", replace(TOLD, state=State.REVIEW))

    assert pressed(State.REVIEW, "reviewer") == ["review.pass", "review.hold", "ask.deal"]
    assert "You review alerts in the pilot; this one would go to Priya Rao." in words.lines
    assert pressed(State.TOLD, "reviewer") == ["ask.deal"]
    assert template.alert(P1, "reviewer", TOLD).headline == "Let through: P1 - $92,439 stalled - D03560"


def test_only_an_alert_about_a_deal_has_an_action_to_log():
    data = of("refresh_failed", "failed_refreshes", subject_id="crm")

    assert pressed(State.TOLD, "ops", data) == ["alert.ack", "alert.snooze", "alert.not_useful", "ask.status"]


def test_a_choice_of_days_knows_its_alert_by_its_row():
    (row,) = [one for one in render(P1, Recipient("x", "X", ""), TOLD)[1] if one["type"] == "actions"]

    assert blocks.key_of(row["block_id"]) == TOLD.key
    assert blocks.key_of("sums.g7") == ""
    long = render(P1, Recipient("x", "X", ""), replace(TOLD, key="k" * 300))[1]
    assert "alert.snooze" not in str(long)


@pytest.mark.parametrize(
    ("event", "by", "detail", "said"),
    [
        ("acknowledged", "Dana", "", "Dana has got it."),
        ("acted", "Dana", "exec call <booked>", "Dana logged: exec call booked"),
        ("snoozed", "Dana", "2024-07-27", "Dana snoozed it until 2024-07-27."),
        ("not_useful", "Dana", "too early", "Dana found it not useful: too early"),
        ("resolved", "", "Resolved: moved to Closing", "Resolved: moved to Closing"),
        ("something new", "", "Noted so", "Noted so"),
    ],
)
def test_the_thread_tells_what_happened(event, by, detail, said):
    assert alert.history(event, P1, by, detail) == said


def test_a_rule_is_called_as_we_do_or_as_its_author_did():
    assert alert.rule_name("stalled").text == "stalled"
    assert alert.rule_name("r_7", "Mine").text == "Mine"


BLAMING = re.compile(
    r"\b(because|fail(ed|s|ure) to|lazy|forgot|neglect\w*|your fault|should have|blame)\b", re.I
)


@settings(max_examples=150)
@given(random.findings(), random.standings(), st.sampled_from(random.ROLES))
def test_whatever_was_found_and_however_it_stands_it_always_fits_and_says_nothing_of_its_own(
    found, standing, role
):
    text, drawn = render(found, Recipient("x", "X", "", role), standing)
    words = template.alert(found, role, standing)
    facts = [*found.facts().values(), *words.own]
    names = [*names_given(found), standing.by, standing.acted, standing.reason]

    assert limits.check(drawn) == []
    assert limits.check(fallback.plain(drawn)) == []
    assert limits.check_text(text) == []
    for said in (words.headline, words.verdict, *words.lines, words.context):
        assert strays(said, facts, names) == []


@settings(max_examples=100)
@given(random.findings(), st.sampled_from(random.ROLES))
def test_an_alert_never_names_a_cause_and_never_blames(found, role):
    quiet = replace(found, names={}, title="")
    words = template.alert(quiet, role, TOLD)

    assert not BLAMING.search(" ".join((words.headline, words.verdict, *words.lines)))


@settings(max_examples=60)
@given(random.deals(), st.text(max_size=400))
def test_the_form_of_any_deal_always_fits_and_comes_back_as_it_was(deal, key):
    view = actions.log_form(deal, template.deal(deal).plays, AS_OF, key)

    assert limits.check(view["blocks"], "modal") == []
    assert len(view["title"]["text"]) <= 24
    assert About.of(view["private_metadata"]) == About(deal.deal_id, key)


@pytest.mark.parametrize("value", ["", "{}x", '{"deal_id": 7}', '{"right": "all"}'])
def test_what_a_form_remembers_is_read_strictly(value):
    with pytest.raises(NotOurButton):
        About.of(value)


@pytest.mark.parametrize("kind", ["not_useful", "dismiss"])
def test_a_reason_is_chosen_or_written(kind):
    view = actions.reason_form(f"alert.{kind}", TOLD.key)

    assert limits.check(view["blocks"], "modal") == []
    assert len(actions.reasons(kind)) >= 5
