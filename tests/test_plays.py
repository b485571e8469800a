"""What to do next: one play for each deal, the most pressing first, and never against the verdict."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from analytics.facts import DealChange, Unit, Verdict
from bot import settings as config
from bot.alerting.standing import Standing
from bot.blocks import deal as deal_blocks
from bot.blocks import limits
from bot.intents import Deal
from bot.narrator import plays, situations, template
from bot.narrator.check import strays
from bot.settings import SettingsError
from prompts import files
from tests import answers_at_random as random
from tests import facts_for_model as of
from tests.facts_by_hand import AS_OF, breakdown, cell, deal_card, fact, finding
from tests.facts_for_why import watch, whatif, why, wider
from tests.test_answers_week import week_of

PLAYS = files.plays()
IDS = [one.id for one in PLAYS]
#: Who acts or is asked: every play names somebody.
WHO = r"\b(buyers?|managers?|executive|team|reps?|who|owners?|colleague|us|marketing|ops|you)\b"
NUMBER_WORDS = r"\b(one|two|three|four|five|half|twice|double|both|dozen|third|fourth|percent)\b"
CAUSES = r"\b(because|due to|causes?|caused|therefore|thanks to|leads? to|drives?|since it)\b"


def deal(stage: str = "", *, told: dict[str, str] | None = None, **known: Any):
    """A deal with a next step, and with these days, amounts and reasons in points."""
    units = {"close_date": Unit.DATE, "push_count": Unit.COUNT}
    units |= dict.fromkeys(("amount", "amount_limit"), Unit.MONEY)
    given = {name: known.pop(name) for name in [*known] if name not in ("outcome", "next_step")}
    figures = [fact(name, value, units.get(name, Unit.DAYS)) for name, value in given.items()]
    reasons = tuple(
        (group, fact("odds_part", points, Unit.POINTS, group)) for group, points in (told or {}).items()
    )
    return deal_card(figures, reach=stage, told=reasons, **({"next_step": "Call on Friday"} | known))


def said(card) -> str:
    """The id of the play on a card."""
    return plays.fitting(card)[0].id


SLOW = {"days_in_stage": 40, "slow_limit": 20, "stage_limit": 60}
STALLED = SLOW | {"days_in_stage": 70}
QUIET = {"days_since_activity": 20, "inactivity_limit": 14}
BIG = {"amount": 50_000, "amount_limit": 50_000}


@pytest.mark.parametrize(
    ("card", "play"),
    [
        (deal("late", **STALLED, **QUIET), "call_the_buyer"),
        (deal("late", **STALLED), "mutual_close_plan"),
        (deal("early", **STALLED), "what_is_missing"),
        (deal("early", **QUIET, days_in_stage=3), "confirm_next_step"),
        (deal("early", **SLOW, **BIG), "executive_call"),
        (deal("early", **SLOW, **BIG | {"amount": 49_999}), "agree_the_way_out"),
        (deal("early", **SLOW, amount=50_000), "agree_the_way_out"),
        (deal("late", close_date=AS_OF.toordinal() - 1, push_count=3), "new_close_date"),
        (deal("late", push_count=2), "close_date_slips"),
        (deal("early", told={"segment": "-0.08", "stage": "0.1"}), "qualify_again"),
        (deal("late", told={"segment": "-0.08", "stage": "0.1"}), "learn_from_wins"),
        (deal("late", told={"segment": "-0.01", "people": "-0.08"}), "joint_call"),
        (deal("late", told={"pace": "-0.08"}), "cost_of_waiting"),
        (deal("late", told={"amount": "-0.08"}), "who_signs"),
        (deal("late", told={"activity": "-0.08"}), "meet_the_buyer"),
        (deal("late", told={"stage": "-0.08"}), "confirm_next_step"),
        (deal("late", told={"pace": "-0.009"}), "confirm_next_step"),
        (deal("late", next_step=""), "write_next_step"),
        (deal("early"), "confirm_next_step"),
        (deal(), "confirm_next_step"),
        (deal(outcome="won", **BIG), "ask_for_a_reference"),
        (deal(outcome="won", amount=9_000), "learn_from_the_win"),
        (deal(outcome="lost"), "learn_from_the_loss"),
    ],
)
def test_the_most_pressing_situation_chooses_the_play(card, play):
    assert said(card) == play


@pytest.mark.parametrize("card", [deal("late", **STALLED, **QUIET), deal(), deal(outcome="lost")])
def test_a_card_tells_exactly_one_play_and_offers_up_to_four(card):
    words = template.deal(card)
    told = [line for line in words.lines if line.startswith(("Do next: ", "To learn: "))]

    assert told == [words.lines[-1]]
    assert told[0].endswith(words.plays[0].text)
    assert 1 <= len(words.plays) <= plays.MOST


def week(*kinds: str):
    """A week in which this happened to one deal."""
    odds = {name: fact("win_probability", "0.3", Unit.FRACTION, name) for name in ("before", "after")}
    known = odds | {"amount": fact("amount", 9_000, Unit.MONEY, "D1")}
    return week_of(tuple(DealChange(kind=kind, deal_id="D1", stage="Demo", figures=known) for kind in kinds))


def rows(dimension: str, rate: str | None, verdict: Verdict = Verdict.SIGNAL):
    """A breakdown in which the first cell stands out, or none does."""
    first = cell("A", rate=rate or "0.45", deals=900, p="0.001", verdict=verdict if rate else None)
    return breakdown((first, cell("B", rate="0.45", deals=900)), verdict, dimensions=(dimension,))


def drop(change: str, verdict: Verdict, *, found: bool = False):
    whole = why()
    segments = (whole.rows or (whole.lead,))[:1] if found else ()
    moved = replace(whole.change, value=Decimal(change))
    return replace(whole, change=moved, verdict=verdict, found=segments)


def months(state: str, signal: str):
    """A team whose win rate left its range."""
    whole = watch()
    first = whole.watched[0]
    month = replace(first.months[-1], signal=signal)
    one = replace(first, state=state, since=month.label, months=(*first.months[:-1], month))
    return replace(whole, watched=(one,))


def book(**changed: Any):
    return replace(of.pipeline(), **changed)


def forecast(quota: int):
    """A forecast with its range, and this quota; nothing at risk."""
    figures = dict(of.pipeline().figures)
    figures["forecast_amount"] = fact("forecast_amount", 100, Unit.MONEY, low="80", high="120")
    figures["quota"] = fact("quota", quota, Unit.MONEY)
    return book(figures=figures, risks=(), first=None, stages=())


def slipping():
    figures = {**forecast(100).figures, "slippage": fact("slippage", "0.3", Unit.FRACTION, n=40)}
    return book(figures=figures, risks=(), first=None, stages=())


def reps(verdict: Verdict, rate: str = "0.25"):
    page = of.rep_page(verdict)
    counted = replace(page.figures["win_rate"], value=Decimal(rate))
    return replace(page, figures={**page.figures, "win_rate": counted})


def leaks(place: int):
    """Four stages, most money lost in one of them."""
    stages = [of.funnel_stage(name, 10, 900 if n == place else 100) for n, name in enumerate("ABCD")]
    return of.funnel(*stages)


def odds(before: str, after: str):
    first, last = (fact("win_probability", value, Unit.FRACTION, value) for value in (before, after))
    return replace(of.receipt(), before=first, after=last)


def told(found):
    """The words of an alert for the owner."""
    return template.alert(found, "owner", Standing(key="k"))


def alert(rule: str, *causes: str, subject: str = "deal", **names: str):
    """A finding of one of our rules."""
    return finding([], causes, rule=rule, level="P2", subject=subject, names=names)


#: An answer of every kind, with the play that it is told with.
ANSWERS = [
    (told, alert("odds_fell", "amount", "win_probability_fall"), "what_changed_there"),
    (told, alert("amount_fell", "amount", "amount_fall"), "scope_changed"),
    (told, alert("big_without_step", "amount", "age_days", "next_steps"), "write_next_step"),
    (told, alert("pushed", "push_count"), "close_date_slips"),
    (told, alert("overdue", "days_overdue"), "new_close_date"),
    (told, alert("no_next_step", "next_steps"), "write_next_step"),
    (told, alert("no_update", "days_since_update"), "update_with_the_buyer"),
    (told, alert("old", "age_days"), "still_stands"),
    (told, alert("quiet_owner", "owner_quiet_days", subject="owner"), "what_gets_in_the_way_now"),
    (
        told,
        alert("rate_left_limits", "outside_limits", subject="segment", direction="low"),
        "read_lost_deals",
    ),
    (
        told,
        alert("rate_left_limits", "outside_limits", subject="segment", direction="high"),
        "copy_what_works",
    ),
    (told, alert("driver_flipped", "sign_flips", subject="driver"), "read_the_driver"),
    (told, alert("refresh_failed", "failed_refreshes", subject="source"), "read_the_log"),
    (told, alert("source_old", "days_since_load", subject="source"), "load_again"),
    (told, alert("columns_lost", "lost_columns", subject="source"), "restore_the_columns"),
    (told, alert("quality_fell", "quality_falls", subject="source"), "ask_what_fell"),
    (told, alert("intake_stopped", "intake_surprise", subject="source"), "check_the_feed"),
    (template.breakdown, rows("rep", "0.3"), "listen_in"),
    (template.breakdown, rows("rep", "0.6"), "tell_what_works"),
    (template.breakdown, rows("lead_source", "0.3"), "tighten_qualification"),
    (template.breakdown, rows("lead_source", "0.6"), "more_of_such_leads"),
    (template.breakdown, rows("quarter", "0.3"), "what_was_different"),
    (template.breakdown, rows("region", "0.3"), "read_lost_deals"),
    (template.breakdown, rows("region", "0.6"), "copy_what_works"),
    (template.breakdown, rows("region", "0.6", Verdict.HINT), "note_and_wait"),
    (template.breakdown, rows("quarter", None, Verdict.NOISE), "leave_as_it_is"),
    (template.why, drop("-0.05", Verdict.SIGNAL, found=True), "read_lost_deals"),
    (template.why, drop("-0.05", Verdict.SIGNAL), "ask_the_managers"),
    (template.why, drop("0.05", Verdict.SIGNAL), "keep_what_works"),
    (template.why, drop("-0.02", Verdict.NOISE, found=True), "ask_when_complete"),
    (template.why, why(wider=(wider(),)), "ask_over_longer"),
    (template.why, drop("-0.02", Verdict.HINT), "note_and_wait"),
    (template.watch, months("shock", "shock_low"), "ask_what_changed"),
    (template.watch, months("drift", "drift_high"), "copy_what_works"),
    (template.funnel, leaks(0), "define_the_entry"),
    (template.funnel, leaks(1), "what_buyers_miss"),
    (template.funnel, leaks(3), "close_plans_there"),
    (template.funnel, of.funnel(), "load_the_history"),
    (template.pipeline, forecast(200), "create_more"),
    (template.pipeline, slipping(), "true_close_dates"),
    (template.pipeline, replace(forecast(100), stages=(of.stage("Demo"),)), "stalled_with_owners"),
    (template.pipeline, replace(forecast(100), first=of.risk("D1")), "biggest_risk"),
    (template.whatif, whatif(), "try_it_small"),
    (template.rep, reps(Verdict.SIGNAL, "0.4"), "tell_what_works"),
    (template.rep, reps(Verdict.SIGNAL, "0.1"), "listen_in"),
    (template.rep, reps(Verdict.NOISE), "talk_about_deals"),
    (template.receipt, odds("0.4", "0.3"), "what_changed_there"),
    (template.week, week("stalled", "lost"), "help_with_the_stall"),
    (template.week, week("odds_fell"), "what_the_buyer_said"),
    (template.week, week("pushed"), "what_holds_the_date"),
    (template.week, week("lost"), "what_was_learned"),
    (template.week, week("won"), "what_went_well"),
    (template.week, week(), "what_gets_in_the_way"),
    (template.deal, deal(outcome="lost"), "learn_from_the_loss"),
]


@pytest.mark.parametrize(("words", "answer", "play"), ANSWERS)
def test_every_kind_of_answer_is_told_with_the_play_that_fits(words, answer, play):
    told = words(answer)
    lines = [line for line in told.lines if line.endswith(told.plays[0].text)]

    assert told.plays[0].id == play
    assert len(lines) == 1
    assert len(told.plays) <= plays.MOST


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (template.receipt, odds("0.3", "0.4")),
        (template.breakdown, rows("region", None, Verdict.TOO_FEW)),
        (template.watch, watch()),
        (template.pipeline, forecast(10)),
        (template.drivers, of.drivers()),
        (template.whatif, whatif(verdict=False)),
    ],
)
def test_where_nothing_is_to_be_done_no_play_is_told(words, answer):
    assert words(answer).plays == ()


def test_an_alert_offers_the_plays_of_its_causes():
    both = told(finding([], ("days_since_activity", "stage_percentile")))
    assert [play.id for play in both.plays] == [
        "call_the_buyer",
        "what_is_missing",
        "executive_call",
        "agree_the_way_out",
    ]


def test_every_play_is_reached_by_some_answer():
    cards = [deal("late", **STALLED), deal("early", **SLOW, **BIG), deal(outcome="lost")]
    offered = [play for words, answer, _ in ANSWERS for play in words(answer).plays]
    offered += [play for card in cards for play in plays.fitting(card)]
    chosen = test_the_most_pressing_situation_chooses_the_play.pytestmark[0].args[1]
    assert {play.id for play in offered} | {play for _, play in chosen} == set(IDS)


def test_there_are_plays_enough_and_each_is_there_once():
    assert len(IDS) >= 20
    assert len(set(IDS)) == len(IDS)
    assert len({one.text.template for one in PLAYS}) == len(PLAYS)


@pytest.mark.parametrize("one", PLAYS, ids=IDS)
def test_a_play_is_a_short_line_with_somebody_in_it_and_neither_numbers_nor_causes(one):
    text = one.text.template

    assert strays(text, [], []) == []
    assert not re.search(NUMBER_WORDS, text, re.IGNORECASE)
    assert not re.search(CAUSES, text, re.IGNORECASE)
    assert re.search(WHO, text, re.IGNORECASE)
    assert len(text.split()) <= 10  # with "Do next:" a bullet of twelve words
    assert text[-1] in ".?"


@pytest.mark.parametrize("one", PLAYS, ids=IDS)
def test_a_play_asks_only_for_situations_that_code_recognises_in_one_kind_of_answer(one):
    kinds = [set(names) for names in situations.SITUATIONS.values()]
    told = set(situations.SAID.values())

    assert any(set(one.when) <= names | told for names in [*kinds, set()])
    assert set(one.stage) <= {"early", "middle", "late"}


#: What nobody is told to do on noise: moving people, money or effort.
MOVES = r"\b(hire|fire|replace|reassign|move|budget|spend|invest|drop|stop|shift|coach|train)\b"


@settings(max_examples=80)
@given(random.breakdowns())
def test_on_noise_no_play_ever_tells_to_change_people_or_spend(answer):
    words = template.breakdown(answer)
    if answer.verdict is not Verdict.SIGNAL:
        assert {play.id for play in words.plays} <= {"note_and_wait", "leave_as_it_is"}
    assert not any(re.search(MOVES, play.text, re.IGNORECASE) for play in words.plays)


@settings(max_examples=60)
@given(random.answers())
def test_the_bullets_always_tell_the_first_of_the_plays(answer):
    words = random.words(answer)
    assert not words.plays or any(line.endswith(words.plays[0].text) for line in words.lines)


def test_the_teams_own_document_about_a_play_is_a_button(tmp_path):
    links = config.load(home=tmp_path, play_links="call_the_buyer=https://wiki.example/calls").play_links
    card = deal("late", **QUIET)
    blocks = deal_blocks.card(card, template.deal(card), Deal("D03560"), links)
    (button,) = [e for b in blocks if b["type"] == "actions" for e in b["elements"] if "url" in e]

    assert (button["text"]["text"], button["url"]) == ("Playbook", "https://wiki.example/calls")
    assert limits.check(blocks) == []
    plain = deal_blocks.card(deal(), template.deal(deal()), Deal("D03560"), links)
    assert "url" not in str(plain)


@pytest.mark.parametrize("link", ["http://wiki.example", "javascript:alert()", "wiki", ""])
def test_a_document_has_a_safe_address(tmp_path, link):
    with pytest.raises(SettingsError, match="call_the_buyer"):
        config.load(home=tmp_path, play_links=f"call_the_buyer={link}")
