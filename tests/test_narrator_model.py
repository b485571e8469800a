"""What is said of odds, the model, the pipeline and people; every numeral in it comes from a fact."""

from dataclasses import replace
from decimal import Decimal

import pytest

from analytics.facts import Note, Unit, Verdict
from bot.narrator import template
from bot.narrator.check import given, strays
from bot.narrator.deal import SCORES, reasons, scores
from tests import facts_for_model as by_hand
from tests.facts_by_hand import deal_card, fact


def facts_of(name, facts):
    """The words, after a look that no numeral in them is anybody's invention."""
    words = getattr(template, name)(facts)
    text = "\n".join([words.headline, words.verdict, *words.lines, words.context, words.text])
    assert strays(text, [*facts.facts().values(), *words.own], given(facts)) == []
    return words


FIRST = "Look first at D03560: $92k in Negotiation, odds 18.0 %, much undecided."


def test_a_deal_with_odds_says_from_where_to_where_and_by_what():
    card = deal_card(
        [
            fact("deal_age_days", 63, Unit.DAYS),
            fact("usual_odds", "0.27", Unit.FRACTION),
            fact("win_probability", "0.41", Unit.FRACTION, low="0.33", high="0.50"),
            fact("close_date", 739100, Unit.DATE),
            fact("win_by", "0.12", Unit.FRACTION),
        ]
    )
    parts = (("stage", "0.09"), ("activity", "0.06"), ("people", "-0.01"))
    card = replace(
        card,
        risk="Medium",
        speaks=True,
        told=tuple((group, fact("odds_part", points, Unit.POINTS, group)) for group, points in parts),
    )
    words = facts_of("deal", card)
    assert words.verdict == (
        "Win probability 41.0 %, range 33.0-50.0 %: medium risk. The usual open deal: 27.0 %."
    )
    assert words.lines[0] == "Weighs on its odds: owner and team -1.0 points."
    assert [group for group, _ in reasons(card)] == ["stage", "activity", "people"]
    assert "Chance to win by its close date of 2024-08-02: 12.0 %." in words.lines


def test_a_deal_beyond_the_clock_of_won_deals_is_called_stalled():
    clock = [
        fact("days_in_stage", 40, Unit.DAYS),
        fact("slow_limit", 20, Unit.DAYS),
        fact("stage_limit", 31, Unit.DAYS),
    ]
    assert (
        "Stalled: 40 days in Negotiation; most won deals left within 31 days."
        in facts_of("deal", deal_card(clock)).lines
    )


def test_a_silent_model_says_why_on_the_card_of_a_deal():
    card = replace(deal_card([fact("base_rate", "0.45", Unit.FRACTION)]), why_silent="no_better")
    expected = "The model stays silent: on unseen deals it was no better than the base rate."
    assert facts_of("deal", card).lines[0] == expected


def test_drivers_are_help_and_hurt_and_never_causes():
    words = facts_of("drivers", by_hand.drivers())
    assert words.verdict == (
        "Strongest: Referral, +11.8 points against the usual open deal, range +9.0 to +15.0 points."
    )
    assert "Hurts: over 14 days since the last activity -9.3 points." in words.lines
    assert "Europe helped at one time and hurt at another: don't build on it." in words.lines
    assert not any("Retail" in line for line in words.lines)


def test_bands_and_features_are_words_of_ours_and_no_names():
    drivers, card = template.drivers(by_hand.drivers()), template.model(by_hand.model_card())
    named = {name for words in (drivers, card) for claim in words.said for name in claim.names}
    assert named == {"Referral", "Europe"}


def test_why_a_model_is_silent_is_said_once():
    words = facts_of("drivers", by_hand.drivers(speaks=False, notes=(Note("too_few"),)))
    assert words.lines == ("The model stays silent: too few closed deals to learn from.",)


def test_a_silent_model_names_no_driver():
    words = facts_of("drivers", by_hand.drivers(speaks=False))
    assert words.verdict == "The model has not earned its place, so no driver is shown as real."
    assert not any("Referral" in line for line in words.lines)


def test_an_interaction_within_chance_is_not_acted_on():
    p = fact("p_value", "0.4", Unit.PROBABILITY)
    cells = (by_hand.pair("Europe", "Referral", "0.05"),)
    of = {"dimensions": ("region", "lead_source"), "verdict": Verdict.NOISE}
    answer = by_hand.drivers(**of, pairs=cells, p_value=p)
    assert facts_of("drivers", answer).verdict == (
        "Noise. No pair wins more or less than its two parts would give "
        "(all together p 0.40, not corrected). Don't act on pairs."
    )


def test_a_p_before_the_correction_is_a_hint_and_says_so():
    answer = by_hand.drivers(
        dimensions=("region", "lead_source"),
        pairs=(by_hand.pair("Europe", "Referral", "0.05"),),
        p_value=fact("p_value", "0.035", Unit.PROBABILITY),
        verdict=Verdict.HINT,
        deal_type="new",
    )
    words = facts_of("drivers", answer)
    assert words.verdict.startswith("Hint.")
    assert "(all together p 0.035, not corrected), but none survives" in words.verdict
    assert words.context.startswith("all deals, new only")


def test_what_nobody_can_act_on_is_told_last_and_never_in_the_verdict():
    old = by_hand.driver("age_days", "120 days and more", "0.199", group="pace")
    words = facts_of("drivers", by_hand.drivers((old, *by_hand.DRIVERS)))
    assert words.verdict.startswith("Strongest: Referral")
    assert words.lines[-1] == "Age is no lever: 120 days and more +19.9 points, survivors."
    assert not any("120 days" in line for line in words.lines[:-1])
    assert facts_of("drivers", by_hand.drivers((old,))).verdict.startswith("Nothing that anyone can act on")


def test_a_card_with_everything_known_is_read_in_ten_lines_and_six_fields():
    days = ("deal_age_days", "expected_remaining_days", "days_in_stage", "days_since_activity", "stage_limit")
    of_hundred = (fact("health", 47, Unit.SCORE), fact("deal_quality", 53, Unit.SCORE))
    rates = ("usual_odds", "win_probability", "win_by", "momentum_percentile", "rep_win_rate")
    money = (fact("pvs", 40, Unit.MONEY_PER_DAY, currency="USD"),)
    known = [
        *(fact(name, 12, Unit.DAYS) for name in days),
        *(fact(name, "0.3", Unit.FRACTION) for name in rates),
        *of_hundred,
        *money,
        fact("push_count", 2, Unit.COUNT),
        fact("close_date", 739100, Unit.DATE),
        fact("revenue_at_risk", 4000, Unit.MONEY, currency="USD"),
        fact("amount", None, Unit.MONEY, unknown="no_amount"),
        fact("base_rate", None, Unit.FRACTION, unknown="beyond_data"),
    ]
    told = (("stage", fact("odds_part", "0.03", Unit.POINTS, "stage")),)
    card = replace(deal_card(known, next_step="Call"), told=told, speaks=True, owner_kind="new")
    words = facts_of("deal", replace(card, notes=(Note("dates_only"),)))
    spelled = {one for claim in (words.about, *words.said) for one in claim.fact_ids}
    unsaid = {"deal_age_days", "amount", "base_rate", *SCORES}  # headline; named as unknown; fields
    fields = dict(scores(card))
    assert (len(words.lines), len(fields)) == (10, 6)
    assert {one.id for one in known if one.metric not in unsaid} <= spelled
    assert fields["Velocity (PVS)"] == "$40 a day"
    assert fields["Momentum (SMI)"] == "ahead of 30.0 % of open deals in Negotiation"
    assert fields["Owner's win rate"] == "30.0 % in new deals, luck-adjusted"


def test_where_a_stage_leaks_most_by_share_it_is_said_beside_the_money():
    money, share = by_hand.funnel_stage("Demo", 90, 700_000), by_hand.funnel_stage("Proposal", 60, 400_000)
    worse = replace(share.conversion, value=Decimal("0.4"))
    words = facts_of("funnel", by_hand.funnel(money, replace(share, conversion=worse)))
    assert words.verdict.startswith("Most is lost in Demo")
    assert words.lines[0] == "By share Proposal leaks most: 40.0 % of 400 decided there moved on."


def test_the_model_card_says_how_much_better_than_the_base_rate_it_is():
    words = facts_of("model", by_hand.model_card())
    assert words.verdict == (
        "The model speaks. On 1,240 unseen deals its odds beat the base rate by 0.031 in log loss, "
        "range 0.020-0.040."
    )
    assert "Left out, for lack of history: amount." in words.lines
    assert "Odds off for Europe: 31.0 % said, 18.0 % of 130 deals won." in words.lines
    assert "2024-07-15: first model (m-1a2b)" in words.lines


@pytest.mark.parametrize("what", ["first", "new_data", "opened", "closed", "kind_changed"])
def test_every_line_of_the_changelog_has_its_words(what):
    facts_of("model", by_hand.model_card(history=(("2024-07-15", "m-1a2b", what),)))


def test_a_model_that_is_no_better_is_silent_and_says_by_how_much():
    words = facts_of("model", by_hand.model_card(speaks=False))
    assert words.verdict.startswith(
        "The model stays silent. On 1,240 unseen deals its gain over the base rate was"
    )


def test_a_receipt_adds_up_in_words():
    words = facts_of("receipt", by_hand.receipt())
    assert words.verdict == (
        "Odds 51.0 % on 2024-01-15, now 38.0 %: pace -9.0 points, amount -4.0 points, model unchanged."
    )
    assert "Stage: Demo, now Proposal." in words.lines


def test_a_deal_without_earlier_numbers_has_no_receipt_yet():
    unknown = fact("as_of", None, Unit.DATE, "before")
    words = facts_of(
        "receipt", by_hand.receipt(before=None, before_day=unknown, changes=(), score_history=())
    )
    assert words.verdict.startswith("No earlier numbers are kept yet")


def test_a_forecast_is_held_against_the_quota():
    words = facts_of("pipeline", by_hand.pipeline())
    assert words.verdict == ("Likely short of the quota of $800k. Forecast $610k, range $500k-$740k.")
    assert "Tested: such a range held in 6 of 7 past quarters." in words.lines
    assert FIRST in words.lines


def test_without_a_quota_no_coverage_is_made_up():
    bare = [f for f in by_hand.FIGURES if f.metric not in ("quota", "remaining_quota", "pipeline_coverage")]
    words = facts_of("pipeline", by_hand.pipeline(bare))
    assert "No quota is loaded for this period, so there is no coverage." in words.lines


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        (Verdict.NOISE, "Priya Rao is within chance of the others"),
        (Verdict.HINT, "Priya Rao may differ from the others, not shown yet"),
        (Verdict.SIGNAL, "Priya Rao wins less than the others, beyond chance"),
        (Verdict.TOO_FEW, "Too few closed deals of Priya Rao to say anything"),
    ],
)
def test_a_rep_is_told_luck_adjusted_and_never_ranked(verdict, said):
    words = facts_of("rep", by_hand.rep_page(verdict))
    assert words.verdict.startswith(said)
    assert "Spread 2.5 points, of equal reps 3.5 points (p 0.81): no ranking." in words.lines
    assert "The quarters differ no more than chance makes them." in words.lines


def test_the_funnel_names_the_stage_where_most_is_lost():
    stages = (by_hand.funnel_stage("Demo", 90, 400_000), by_hand.funnel_stage("Proposal", 60, 700_000))
    assert facts_of("funnel", by_hand.funnel(*stages)).verdict == (
        "Most is lost in Proposal: $700k, 60 deals; of 400 deals decided there 55.0 % moved on."
    )


def test_without_stage_events_nobody_says_where_deals_leak():
    assert facts_of("funnel", by_hand.funnel()).verdict.startswith("No stage history in this source")
