"""The words of `/why`, `/watch` and `/whatif`: first whether it is real, hedged, and never a cause."""

import re
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings

from analytics.facts import Note, Unit, Verdict
from analytics.questions import Period
from bot.narrator import template
from bot.narrator.check import given as names_given
from bot.narrator.check import strays
from prompts import files
from tests import whys_at_random as random
from tests.facts_by_hand import fact
from tests.facts_for_why import (
    EUROPE,
    INBOUND,
    Q2,
    drifting,
    month,
    real_drop,
    run,
    shocked,
    watch,
    watched,
    whatif,
    why,
    wider,
)

FITTING = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


# ---------------------------------------------------------------- why


def test_a_drop_within_noise_is_said_to_be_unshown_before_anything_else():
    words = template.why(why())

    assert words.headline == "Why did the win rate change? 2024-Q1 → 2024-Q2"
    assert words.verdict == (
        "I can't show that it dropped. "
        "2024-Q1 46.7 % (990) → 2024-Q2 43.8 % (637): -2.9 points, range -7.8 to +2.1 points."
    )
    assert words.lines == (
        "A lead, no cause: Inbound, 48.8 % → 40.5 % on 168 deals, mostly rate.",
        "With this many deals we'd notice about 7 points.",
        "Do next: Ask again with the team when the quarter is complete.",
    )
    assert words.text == words.verdict
    assert words.context.startswith("all deals · 990 and 637 deals closed · as of 2024-07-20")


def test_a_real_drop_names_the_segment_its_size_its_rival_and_what_to_check():
    words = template.why(real_drop())

    assert words.verdict == (
        "The win rate really dropped. "
        "2024-Q1 46.7 % (990) → 2024-Q2 42.4 % (1,590): -4.2 points, range -6.7 to -1.8 points (p < 0.001)."
    )
    assert words.lines == (
        "Europe / Enterprise: 47.0 % → 30.0 % on 420 deals. "
        "Against the rest -15.2 points, range -22.0 to -8.4 points.",
        "Would explain it nearly as well: Inbound.",
        "Check what changed in Europe / Enterprise: associated with it, not a cause.",
        "Do next: Read its lost deals together with the team.",
    )


def test_a_real_rise_rose():
    words = template.why(why(Verdict.SIGNAL, "0.05", "0.02", "0.08", "0.0003"))

    assert words.verdict.startswith("The win rate really rose. ")
    assert "+5.0 points, range +2.0 to +8.0 points" in words.verdict


def test_a_real_drop_without_a_segment_says_that_none_explains_it():
    words = template.why(real_drop(found=(), rivals=(), lead=INBOUND))

    assert words.lines[0] == "No single segment can be shown to explain it."
    assert words.lines[1].startswith("A lead, no cause: ")


def test_of_many_segments_three_are_told_and_the_rest_counted():
    words = template.why(real_drop(found=(EUROPE,) * 5, rivals=()))

    assert "2 more segments changed too; see the table." in words.lines


def test_a_hint_may_have_dropped_and_is_not_acted_on():
    words = template.why(why(Verdict.HINT, p="0.07"))

    assert words.verdict.startswith(
        "The win rate may have dropped, but chance could do this (p 0.070). 2024-Q1"
    )
    assert words.verdict.endswith("Don't act on it yet.")


def test_a_clear_drop_of_a_running_period_is_a_hint_for_that_reason():
    words = template.why(why(Verdict.HINT, p="0.0001", after=replace(Q2, incomplete="running")))

    assert words.verdict.startswith("The win rate may have dropped, but 2024-Q2 is still running. 2024-Q1")
    assert "chance could" not in words.verdict


def test_too_few_deals_tell_nothing():
    words = template.why(why(Verdict.TOO_FEW))

    assert words.verdict.startswith("Too few deals to tell whether it dropped.")
    assert "Ask again when more deals have closed, or over longer periods." in words.lines


def test_a_running_period_is_refused_with_its_reason():
    running = replace(Q2, label="2024-Q3", incomplete="running")
    words = template.why(why(Verdict.TOO_FEW, None, None, None, after=running, lead=None, parts=()))

    assert words.verdict == (
        "I can't compare these periods yet. 2024-Q3 is still running: it is compared when it has ended."
    )
    assert words.lines[0] == "Ask again when more deals have closed, or over longer periods."


def test_of_a_running_period_the_same_days_may_be_compared_already():
    running = replace(Q2, label="2024", incomplete="running")
    days = tuple(Period(date(y, 1, 1), date(y, 7, 20), f"{y}-01-01 to {y}-07-20") for y in (2023, 2024))
    words = template.why(why(Verdict.TOO_FEW, None, None, None, after=running, parts=(), same_days=days))

    assert words.lines[0] == (
        "Until then, compare the same days so far: 2023-01-01 to 2023-07-20 → 2024-01-01 to 2024-07-20."
    )


def test_a_drop_over_longer_periods_is_in_the_verdict_and_told_with_its_figures():
    words = template.why(why(change="0.02", low="-0.031", high="0.07", wider=(wider(),)))

    assert words.verdict.startswith("I can't show that it changed.")
    assert words.verdict.endswith(
        "But over longer periods it did drop: -5.5 points, range -9.3 to -1.8 points."
    )
    assert words.lines[0] == (
        "Over longer periods: 2023-Q3 to 2023-Q4 51.0 % (1,741) → 2024-Q1 to 2024-Q2 45.5 % (1,627): "
        "-5.5 points, range -9.3 to -1.8 points (p 0.012, corrected for all the looks)."
    )
    assert not any("place to look" in line for line in words.lines)
    assert words.lines[-1] == "Do next: Ask why over the longer periods before you act."


def test_a_rise_over_longer_periods_is_not_called_a_drop():
    words = template.why(why(wider=(wider("year", "0.055"),)))

    assert "But against a year before it did rise: +5.5 points" in words.verdict


@pytest.mark.parametrize(
    ("kinds", "said"),
    [
        (("quarters", "year"), "No change is shown over longer periods or against a year before."),
        (("quarters",), "Over longer periods, no change is shown either."),
        (("year",), "Against a year before, no change is shown either."),
    ],
)
def test_where_wider_periods_show_nothing_either_one_line_says_so(kinds, said):
    words = template.why(why(wider=tuple(wider(kind, "-0.01", Verdict.NOISE, "0.9") for kind in kinds)))

    assert words.verdict == template.why(why()).verdict
    assert words.lines[0] == said
    assert sum("no change is shown" in line.lower() for line in words.lines) == 1


def test_a_check_that_shows_the_opposite_is_told_with_its_figures():
    runs = (run("longer", False, against=True), run("later_start", False), run("equal_age", None))
    words = template.why(why(change="0.02", low="-0.031", high="0.07", runs=runs))

    assert words.verdict.endswith(
        "Asked 2 other ways, none shows a rise either. But 1 shows the opposite: "
        "Wider periods, 2023-Q4 → 2024-Q2. Among so many checks, chance may do that."
    )
    assert words.lines[0] == ("Wider periods, 2023-Q4 → 2024-Q2: -3.1 points, range -8.1 to +1.9 points.")


def test_of_several_checks_that_show_the_opposite_two_are_named():
    runs = tuple(run(name, False, against=True) for name in ("longer", "later_start", "equal_age"))
    words = template.why(real_drop(runs=runs))

    assert "none shows it: don't lean on it. But 3 show the opposite: Wider periods" in words.verdict
    assert "By day of creation" not in words.verdict


def test_what_longer_periods_showed_is_not_called_chance_when_a_check_shows_it_too():
    words = template.why(why(runs=(run("longer", False, against=True),), wider=(wider(change="0.05"),)))

    assert "chance" not in words.verdict


def test_a_period_without_deals_has_nothing_to_compare():
    empty = replace(Q2, label="2024-Q3", win_rate=fact("win_rate", None, Unit.FRACTION, "after", n=0))
    words = template.why(why(Verdict.TOO_FEW, None, None, None, after=empty, parts=()))

    assert words.verdict == "There is nothing to compare. No deal closed in 2024-Q3."


@pytest.mark.parametrize(
    ("answer", "holds", "ending"),
    [
        (real_drop, (True, True, None), "Asked 2 other ways, all show it too."),
        (real_drop, (True, False), "Asked 2 other ways, 1 shows it: ask again with more deals."),
        (real_drop, (True,) * 8 + (False,) * 3, "Asked 11 other ways, 8 show it too."),
        (real_drop, (True, False) * 2, "2 show it: ask again with more deals."),
        (real_drop, (True, False, False), "Asked 3 other ways, only 1 shows it: don't lean on it."),
        (real_drop, (True, False, False) * 2, "Asked 6 other ways, only 2 show it: don't lean on it."),
        (real_drop, (False,), "Asked 1 other ways, none shows it: don't lean on it."),
        (why, (True, False, False), "1 shows a drop and the others don't. So it is still not shown."),
        (why, (True,), "Asked 1 other way, and it shows a drop. It may be real: ask again with more deals."),
        (why, (False, False), "Asked 2 other ways, none shows a drop either."),
        (
            why,
            (False, True, True, False, None),
            "Asked 4 other ways, 2 show a drop and the others don't. So it is still not shown.",
        ),
        (
            why,
            (False, True, True),
            "Asked 3 other ways, 2 show a drop. It may be real: ask again with more deals.",
        ),
        (why, (None,), "Asked other ways, there are too few deals to tell."),
    ],
)
def test_a_challenge_says_in_the_verdict_whether_the_finding_holds(answer, holds, ending):
    words = template.why(answer(runs=tuple(run(f"longer{n}", one) for n, one in enumerate(holds))))

    assert words.verdict.startswith(template.why(answer()).verdict)
    assert words.verdict.endswith(ending)


def test_a_segment_that_moved_is_told_even_where_the_whole_is_not_shown_to_have():
    words = template.why(why(found=(EUROPE,), lead=None))

    assert words.verdict.startswith("I can't show that it dropped.")
    assert words.verdict.endswith("But Europe / Enterprise moved differently from the rest, beyond chance.")
    assert words.lines[0].startswith("Europe / Enterprise: 47.0 % → 30.0 % on 420 deals. Against the rest")
    assert "Check what changed in Europe / Enterprise: associated with it, not a cause." in words.lines
    assert "With this many deals we'd notice about 7 points." in words.lines


def test_several_segments_that_moved_are_all_in_the_verdict():
    words = template.why(why(found=(EUROPE, INBOUND), lead=None))

    assert words.verdict.endswith("beyond chance: Europe / Enterprise, Inbound.")


def test_the_larger_of_mix_and_rate_is_named():
    mixed = replace(INBOUND, mix=replace(INBOUND.mix, value=-INBOUND.rate.value * 2))

    assert "mostly mix" in template.why(why(lead=mixed)).lines[0]


def test_the_dimension_and_the_filters_are_in_the_headline():
    words = template.why(why(by="lead_source", filters=(("region", ("EMEA", "APAC")),)))

    assert words.headline == (
        "Why did the win rate change? 2024-Q1 → 2024-Q2, by lead source, EMEA, APAC only"
    )


# ---------------------------------------------------------------- watch


def test_a_stable_team_hears_so_and_what_could_not_be_seen():
    words = template.watch(watch())

    assert words.verdict == "Stable. The win rate stays within its usual range, around 46.2 %."
    assert words.lines == (
        "Lasting drops under 8 points may stay unseen for half a year.",
        "Chance of any false alarm in two years: 8 %.",
    )


def test_a_shock_is_told_with_its_rate_its_deals_and_the_usual_range():
    words = template.watch(watch(watched(), shocked()))

    assert words.verdict == (
        "Europe left its usual range in 2024-05. It won 12.0 % of 88 deals, usually 24.0 % to 53.0 %."
    )
    assert words.lines[0] == "Europe since 2024-05: -33.0 points against before, range -41.0 to -25.0 points."
    assert "Everything else is stable." in words.lines
    assert "Chance of false alarms in two years: 8 % overall, again by segment." in words.lines
    assert words.headline == "Is the win rate unusual? Month by month, by region"


def test_a_drift_is_told_with_its_start_and_size():
    words = template.watch(watch(watched(), drifting()))

    assert words.verdict == (
        "APAC has drifted down since 2024-05. -11.0 points against before, range -18.0 to -4.0 points."
    )


def test_a_segment_that_was_asked_for_is_told_before_everything_that_drifts_too():
    whole = replace(drifting(), where=(), labels=())
    words = template.watch(watch(whole, drifting()))

    assert words.verdict.startswith("APAC has drifted down since 2024-05.")
    assert words.lines[0].startswith("The win rate has drifted down since 2024-05.")


def test_a_drift_upwards_is_not_called_down():
    up = [month("2024-05", "0.7", of="x", signal="drift_high")]
    words = template.watch(watch(watched("drift", last=up, since="2024-05")))

    assert words.verdict == "The win rate has drifted up since 2024-05."


def test_a_floor_that_is_undercut_is_told():
    low = [month("2024-05", "0.31", 60, of="x", signal="floor")]
    words = template.watch(watch(watched("floor", ("region", "APAC"), last=low, since="2024-05")))

    assert words.verdict == "APAC fell below its floor in 2024-05. It won 31.0 % of 60 deals."


def test_a_floor_is_judged_by_the_last_months_where_they_are_known():
    lately = fact("win_rate", "0.29", Unit.FRACTION, "x", n=310, low="0.24", high="0.34")
    words = template.watch(watch(watched("floor", ("region", "APAC"), since="2024-04", trailing=lately)))

    assert words.verdict == (
        "APAC fell below its floor. In six months it won 29.0 % of 310 deals, range 24.0-34.0 %."
    )


@pytest.mark.parametrize(
    ("judged", "said"),
    [
        (Verdict.SIGNAL, "Above the floor over six months: APAC (44.0 %, range 39.0-49.0 %)."),
        (Verdict.NOISE, "Not shown below the floor over six months: APAC (44.0 %, range 39.0-49.0 %)."),
    ],
)
def test_a_floor_that_is_kept_is_told_with_its_last_half_year(judged, said):
    lately = fact("win_rate", "0.44", Unit.FRACTION, "x", n=310, low="0.39", high="0.49", verdict=judged)

    assert said in template.watch(watch(watched("stable", ("region", "APAC"), trailing=lately))).lines


def test_a_floor_that_was_asked_for_comes_before_a_drift():
    lately = fact("win_rate", "0.14", Unit.FRACTION, "x", n=332, low="0.10", high="0.19")
    below = watched("floor", ("region", "Europe"), since="2024-05", trailing=lately)

    assert template.watch(watch(drifting(), below)).verdict.startswith("Europe fell below its floor.")


def test_an_odd_month_is_unusual_and_may_be_chance():
    low = [month("2024-05", "0.30", 90, of="x", signal="odd")]
    words = template.watch(watch(watched(last=low)))

    assert words.verdict == ("Stable. Unusual, which may be chance: The win rate in 2024-05 (30.0 %).")


def test_an_alarm_comes_before_an_odd_month():
    low = [month("2024-06", "0.30", 90, of="x", signal="odd")]
    words = template.watch(watch(watched(last=low), shocked()))

    assert words.verdict.startswith("Europe left its usual range in 2024-05.")
    assert "Unusual too, which may be chance: The win rate in 2024-06 (30.0 %)." in words.lines


def test_without_a_baseline_nothing_is_called_stable():
    words = template.watch(watch(watched("no_baseline"), detectable=None))

    assert words.verdict == "No baseline yet. Too few complete months to say what is usual."
    assert "With so few deals a month, even a large drop stays unseen." in words.lines
    assert "stable" not in words.verdict.lower()


def test_a_segment_without_a_baseline_is_named():
    words = template.watch(watch(watched(), watched("no_baseline", ("region", "India"))))

    assert words.verdict == "Stable. Nothing left its usual range."
    assert "No baseline yet for India." in words.lines
    assert "Everything else is stable." not in words.lines


@pytest.mark.parametrize(("wobble", "told"), [("1.00", False), ("1.42", True)])
def test_a_wobble_beyond_chance_is_told(wobble, told):
    lines = template.watch(watch(watched(wobble=wobble))).lines

    assert any("swings more than chance" in line for line in lines) is told


# ---------------------------------------------------------------- what if


def test_a_loss_is_told_with_its_range_and_what_was_assumed():
    words = template.whatif(whatif())

    assert words.headline == "What if we stopped EdTech? Judged by last 4 quarters"
    assert (
        words.verdict == "Open deals win more per day elsewhere. $85 a day in EdTech, $104 a day elsewhere."
    )
    assert words.lines[:2] == (
        "It frees 21,344 days of open deals, 18.7 % of all, range 19,800-22,900.",
        "Left unused, it means about $412k less won, range $121k-$690k.",
    )
    assert words.lines[-2] == ("Assumed: a period like last 4 quarters, the freed time unused.")


def test_time_that_is_not_shown_to_be_worth_more_elsewhere_is_said_so_once():
    words = template.whatif(whatif(notes=(Note("segments_alike"),)))

    assert words.verdict.startswith("I can't show that open deals win more per day elsewhere.")
    assert not any("not shown" in line for line in words.lines)


def test_a_shift_that_pays_is_told_with_its_range():
    words = template.whatif(whatif(action="shift"))

    assert words.verdict == "Expect to win less. About $412k less, range $121k-$690k."


def test_a_change_within_noise_is_not_promised():
    words = template.whatif(whatif(verdict=False, action="shift"))

    assert words.headline == "What if we worked FinTech instead of EdTech? Judged by last 4 quarters"
    assert words.verdict == (
        "I can't show that it would change what is won. Expected -$412k, range -$690k to -$121k."
    )
    assert words.lines[-1] == "Assumed: a period like last 4 quarters; FinTech takes more work."


def test_too_few_deals_promise_nothing():
    words = template.whatif(whatif(verdict=None))

    assert words.verdict == ("Too few deals to tell what it would change. Only 412 deals in last 4 quarters.")


# ---------------------------------------------------------------- always


def test_old_numbers_are_said_first():
    stale = Note(
        "stale_store", {"as_of": fact("as_of", 738_700, Unit.DATE), "age": fact("age", 40, Unit.DAYS)}
    )

    for words in (
        template.why(why(), stale),
        template.watch(watch(), stale),
        template.whatif(whatif(), stale),
    ):
        assert words.warning.startswith("Showing the numbers of 2023-06-29, 40 days old.")


@FITTING
@given(random.whys() | random.watches() | random.whatifs())
def test_every_numeral_always_comes_from_a_fact_or_a_name(answer):
    words = getattr(template, type(answer).__name__.lower())(answer)
    known = [*answer.facts().values(), *words.own]

    for said in (words.headline, words.verdict, *words.lines, words.context, words.text):
        assert strays(said, known, names_given(answer)) == []


@FITTING
@given(random.whys())
def test_only_a_signal_is_ever_said_to_be_real(answer):
    words = template.why(answer)

    assert answer.verdict is Verdict.SIGNAL or "really" not in words.verdict
    assert "because" not in " ".join([words.verdict, *words.lines])
    if answer.verdict is Verdict.NOISE and answer.change.value is not None:
        assert words.verdict.startswith("I can't show")


HEDGES = r"can't show|may have|Too few|not a cause|no cause|can't compare"


@pytest.mark.parametrize("name", ["noise", "hint", "too_few", "lead", "lead_mostly", "found_check"])
def test_nothing_unsure_has_a_sentence_without_its_hedge(name):
    assert all(re.search(HEDGES, variant.template) for variant in files.claims()[f"why.{name}"])


SHORT = ("why.rivals", "why.detectable", "why.wait", "why.wider", "why.same_days")
BULLETS = [
    (name, variant)
    for name, variants in files.claims().items()
    for variant in variants
    if name.partition(".")[0] in ("watch", "whatif") or name.startswith(SHORT)
]


@pytest.mark.parametrize(("name", "sentence"), BULLETS)
def test_a_bullet_has_at_most_fourteen_words_of_ours(name, sentence):
    ours = [word for word in sentence.template.split() if not word.startswith("$")]

    assert len(ours) <= 14
