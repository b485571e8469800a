"""The words of the template narrator: worked out by hand, hedged, and without a number of their own."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files as resources
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings

import analytics
from analytics import questions
from analytics.alerts.rules import DEFAULTS
from analytics.facts import Note, Unit, Verdict
from bot.blocks import common
from bot.figures import Style
from bot.narrator import plays, situations, template
from bot.narrator.check import given as names_given
from bot.narrator.check import strays
from bot.narrator.claims import NoSentence, label, say
from prompts import files
from tests import answers_at_random as random
from tests.facts_by_hand import AS_OF, breakdown, cell, deal_card, fact, quality

USD = {"currency": "USD"}
AMOUNT = fact("amount", "92439", Unit.MONEY, **USD)


def test_regions_that_are_alike_are_called_noise():
    words = template.breakdown(breakdown())

    assert words.headline == "Win rate by region - all time"
    assert words.verdict == (
        "Noise. All 4 regions are the same within chance (p 0.96). Don't move people on this."
    )
    assert words.lines == (
        "Widest gap 0.9 points; with these deals we'd notice about 6 points.",
        "Look at time or lead source instead.",
        "Do next: Leave the team's plan as it is.",
    )
    assert words.text == f"Win rate 45.3 % on 5,000 deals. {words.verdict}"
    assert words.context.startswith("all deals · 5,000 closed · as of 2024-07-20 · generation g7 · verified ")


def test_a_signal_names_the_cell_its_size_and_what_to_check():
    partner = cell(
        "Partner",
        rate="0.58",
        deals=600,
        low="0.54",
        high="0.62",
        p="0.0002",
        difference="0.127",
        verdict=Verdict.SIGNAL,
    )
    words = template.breakdown(
        breakdown(
            (partner, cell("Inbound", rate="0.43", deals=4400)), Verdict.SIGNAL, dimensions=("lead_source",)
        )
    )

    assert words.verdict == (
        "Signal. Partner wins 58.0 % of 600 deals, 12.7 points above the overall 45.3 % "
        "(p < 0.001 after correction)."
    )
    assert words.lines == (
        "Partner: 58.0 % on 600 deals, range 54.0-62.0 % (p < 0.001).",
        "Check what differs in Partner: associated with it, not a cause.",
        "Do next: Ask marketing where more such leads can come from.",
    )


def test_a_signal_below_says_below():
    low = cell("APAC", rate="0.3", deals=900, p="0.001", difference="-0.153", verdict=Verdict.SIGNAL)
    words = template.breakdown(breakdown((cell("EMEA", rate="0.5", deals=900), low), Verdict.SIGNAL))

    assert "APAC wins 30.0 % of 900 deals, 15.3 points below the overall" in words.verdict


@pytest.mark.parametrize(
    ("dimension", "advice"),
    [
        ("rep", "Ask what X does differently: a lead, not a cause."),
        ("quarter", "Check what changed in X: associated with it, not a cause."),
        ("region", "Check what differs in X: associated with it, not a cause."),
    ],
)
def test_a_signal_is_a_lead_and_never_a_cause(dimension, advice):
    cells = [cell("X", rate="0.6", deals=500, verdict=Verdict.SIGNAL), cell("Y", rate="0.4", deals=500)]
    words = template.breakdown(breakdown(cells, Verdict.SIGNAL, dimensions=(dimension,)))

    assert advice in words.lines


def test_of_many_signals_the_surest_comes_first_and_the_rest_are_counted():
    cells = [
        cell(name, rate="0.6", deals=500, p=p, verdict=Verdict.SIGNAL)
        for name, p in (("A", "0.04"), ("B", "0.01"), ("C", "0.03"), ("D", "0.02"))
    ]
    words = template.breakdown(breakdown(cells, Verdict.SIGNAL))

    assert words.verdict.startswith("Signal. B wins")
    assert [line[0] for line in words.lines[:3]] == ["B", "D", "C"]
    assert words.lines[4] == "1 more regions differ too; see the table."


def test_a_hint_says_that_it_does_not_survive_the_correction():
    partner = cell("Partner", rate="0.58", deals=60, p="0.07", verdict=Verdict.HINT)
    words = template.breakdown(breakdown((partner, cell("Inbound", rate="0.4", deals=900)), Verdict.HINT))

    assert words.verdict == (
        "Hint. Partner stands out, but not after correcting for all 2 regions (p 0.070). Don't act on it yet."
    )
    assert "Partner: 58.0 % on 60 deals does not survive the correction (p 0.070)." in words.lines


def test_no_closed_deal_makes_no_rate():
    words = template.breakdown(breakdown((), Verdict.TOO_FEW, overall=None, p=None))

    assert words.verdict == "No closed deals here, so there is no win rate to show."


def test_small_groups_pooled_into_one_row_are_too_few_and_not_the_only_ones():
    others = cell("Others", rate="0.5", deals=6, pooled=3, verdict=Verdict.TOO_FEW, p=None)
    words = template.breakdown(breakdown((others,), Verdict.TOO_FEW, p=None))

    assert words.verdict == "Too few. 5,000 deals cannot tell the regions apart."
    assert "Ask again when more deals have closed, or over a longer period." in words.lines


def test_one_rate_alone_comes_with_its_range():
    words = template.breakdown(breakdown((), Verdict.TOO_FEW, dimensions=()))

    assert words.headline == "Win rate - all time"
    assert words.text == words.verdict == "45.3 % of 5,000 deals were won, range 43.9-46.6 %."


def test_a_question_about_time_is_not_told_to_look_at_time():
    months = [cell("2024-01", rate="0.4", deals=99), cell("2024-02", rate="0.5", deals=99)]
    words = template.breakdown(breakdown(months, dimensions=("month",)))

    assert "Look at lead source or region instead." in words.lines


def test_filters_and_value_stand_in_the_headline():
    words = template.breakdown(
        breakdown(filters=(("industry", ("SaaS", "FinTech")),), period="2024-Q1", by_amount=True)
    )

    assert words.headline == "Win rate (by value) by region, SaaS, FinTech only - 2024-Q1"
    assert words.lines[0] == "By value it is 45.3 % overall; the verdict is by count."


def test_a_stale_store_is_told_first_of_all():
    facts = {
        "as_of": fact("as_of", AS_OF.toordinal(), Unit.DATE, "store"),
        "age": fact("age", 3, Unit.DAYS, "store"),
    }
    words = template.breakdown(breakdown(), Note("stale_store", facts))

    assert words.warning == "Showing the numbers of 2024-07-20, 3 days old. Ask ops to load newer ones."
    assert words.text.endswith(words.warning)
    assert common.framed(words)[0]["text"]["text"] == words.warning


def test_an_open_deal_without_a_model_shows_the_base_rate_and_why():
    card = deal_card(
        [
            AMOUNT,
            fact("deal_age_days", 63, Unit.DAYS),
            fact("base_rate", "0.412", Unit.FRACTION, low="0.38", high="0.44", n=800),
            fact("expected_remaining_days", 23, Unit.DAYS, low="9", high="41"),
            fact("pvs", "443.2", Unit.MONEY_PER_DAY, **USD),
            fact("momentum_percentile", "0.31", Unit.FRACTION),
            fact("health", "47.2", Unit.SCORE),
            fact("days_since_activity", None, Unit.DAYS, unknown="no_activity_feed"),
        ],
        notes=(Note("no_model"),),
    )
    words = template.deal(card)

    assert words.headline == "D03560 - $92,439 - Negotiation - day 63"
    assert words.verdict == "Base rate 41.2 %, range 38.0-44.0 %: how 800 deals still open at 63 days ended."
    assert words.lines == (
        "About 23 days left, middle half 9-41 days.",
        "Unknown: last activity. No activity feed in this source.",
        "No model has earned its place: base rate shown.",
        "Do next: Write down the next step: what, when and who.",
    )


def test_a_closed_deal_has_an_end_and_something_to_learn():
    closed = fact("close_date", AS_OF.toordinal(), Unit.DATE)
    card = deal_card([AMOUNT, closed, fact("sales_cycle_days", 40, Unit.DAYS)], outcome="won")
    words = template.deal(card)

    assert (words.headline, words.verdict) == ("D03560 - $92,439 - won on 2024-07-20", "Won after 40 days.")
    assert words.lines == ("To learn: Ask the buyer what decided it, and tell the team.",)


@pytest.mark.parametrize(
    ("figures", "next_step", "advice"),
    [
        ({"days_since_activity": 15, "inactivity_limit": 14}, "x", "Call the buyer"),
        ({"days_since_activity": 14, "inactivity_limit": 14}, "x", "Confirm the next step"),
        ({"days_in_stage": 31, "stage_limit": 24}, "x", "Ask what is missing"),
        ({"days_in_stage": 31}, "x", "Confirm the next step"),
        ({"close_date": AS_OF.toordinal() - 1}, "x", "Its close date has passed"),
        ({"close_date": AS_OF.toordinal()}, "x", "Confirm the next step"),
        ({"push_count": 2}, "x", "The close date keeps moving"),
        ({}, "", "Write down the next step"),
    ],
)
def test_the_most_pressing_situation_gets_its_play(figures, next_step, advice):
    units = {"close_date": Unit.DATE, "push_count": Unit.COUNT}
    known = [fact(metric, value, units.get(metric, Unit.DAYS)) for metric, value in figures.items()]

    assert plays.fitting(deal_card(known, next_step=next_step))[0].text.startswith(advice)


def test_the_scorecard_counts_what_needs_a_look():
    words = template.quality(
        quality(("a_check", "deals", "warn", 3, 5000), ("other", "deals", "ok", 0, 5000))
    )

    assert words.verdict == "1 of 2 checks need a look."
    assert words.lines == ("a check (deals): 3 of 5,000 rows.",)


def test_a_sentence_never_leaves_a_hole():
    said = say(
        "breakdown.gap", widest=fact("w", "0.009", Unit.POINTS), detectable=fact("d", None, Unit.POINTS)
    )

    assert (said.text, said.fact_ids) == ("Widest gap 0.9 points.", ("w/all",))
    with pytest.raises(NoSentence, match=r"No sentence 'breakdown.check'"):
        say("breakdown.check")


def test_text_for_slack_is_escaped():
    words = template.breakdown(breakdown(p="0.0001", scope="R&D"))

    assert "(p &lt; 0.001)" in words.text


def test_every_stray_numeral_is_found():
    rate = fact("win_rate", "0.457", Unit.FRACTION)

    assert strays("Won 45.7 % of rep_22's P1 deals.", [rate], ["rep_22"]) == []
    assert strays("Won 145.7 % and 45.71 %", [rate], []) == [*"1457", *"4571"]
    assert strays("⅓ or ３ or 四", [rate], []) == ["⅓", "３", "四"]


@settings(max_examples=60)
@given(random.answers())
def test_every_numeral_in_an_answer_always_comes_from_a_fact_or_a_name(answer):
    words = random.words(answer)
    facts = [*answer.facts().values(), *words.own]

    for said in (words.headline, words.verdict, *words.lines, words.context, words.text, words.warning):
        assert strays(said, facts, names_given(answer)) == []


@settings(max_examples=60)
@given(random.breakdowns())
def test_noise_is_never_said_without_its_hedge(answer):
    words = template.breakdown(answer)

    if answer.verdict in (Verdict.NOISE, Verdict.HINT) and words.verdict.startswith(answer.verdict.value):
        assert re.search(r"within chance|not after|none survives", words.verdict)
    assert answer.verdict is Verdict.SIGNAL or "Signal" not in words.verdict
    assert "because" not in " ".join(words.lines)


SENTENCES = [(name, variant) for name, variants in files.claims().items() for variant in variants]
SENTENCES += [(play.id, play.text) for play in files.plays()]


@pytest.mark.parametrize(("name", "sentence"), SENTENCES)
def test_every_sentence_is_a_valid_template_without_numbers_or_causes(name, sentence):
    styles = {slot.partition("__")[2] for slot in sentence.get_identifiers()} - {""}

    assert sentence.is_valid()
    assert styles <= set(Style)
    assert strays(sentence.template, [], []) == []
    assert not re.search(r"\bbecause\b|\bdue to\b|\bcauses\b|[<>\[\]]", sentence.template)


@pytest.mark.parametrize("name", ["breakdown.noise", "breakdown.hint"])
def test_noise_and_hint_have_no_sentence_without_a_hedge(name):
    for variant in files.claims()[name]:
        assert re.search(r"within chance|not after|none survives", variant.template)
        assert "Don't" in variant.template


BULLETS = [
    (name, variant)
    for name, variant in SENTENCES
    if name.partition(".")[0] in ("note", "unknown")
    or name in {f"breakdown.{n}" for n in ("gap", "elsewhere", "wait", "check", "more", "by_value")}
    or name in {f"deal.{sentence}" for sentence in ("remaining", "in_stage", "activity", "pushed", "pvs")}
]


@pytest.mark.parametrize(("name", "sentence"), BULLETS)
def test_a_bullet_has_at_most_twelve_words_of_ours(name, sentence):
    ours = [word for word in sentence.template.split() if not word.startswith("$")]

    assert len(ours) <= 12


def test_every_play_answers_a_situation_that_code_recognises():
    known = {name for names in situations.SITUATIONS.values() for name in names}
    assert {name for play in files.plays() for name in play.when} <= known | set(situations.SAID.values())
    assert len({play.id for play in files.plays()}) == len(files.plays())


def _nodes() -> Iterator[ast.AST]:
    """Every node of analytics' source."""
    for path in Path(analytics.__file__).parent.rglob("*.py"):
        yield from ast.walk(ast.parse(path.read_text(encoding="utf-8")))


def _codes_of_notes() -> set[str]:
    """First argument of every `Note(...)`; a code put together with a reason stands for all reasons."""
    calls = [n for n in _nodes() if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    codes = [call.args[0] for call in calls if call.func.id == "Note" and call.args]
    plain = {code.value for code in codes if isinstance(code, ast.Constant)}
    return plain | {f"incomplete_{reason}" for reason in ("running", "first", "intake_ended")}


def _codes_of_unknowns() -> set[str]:
    """Every constant that is given as `unknown`, or returned or yielded as one in the answers' figures."""
    reasons = [n.value for n in _nodes() if isinstance(n, ast.keyword) and n.arg == "unknown"]
    found = {r.value for r in reasons if isinstance(r, ast.Constant)} - {""}
    words = _words_of_analytics() - {rule.id for rule in DEFAULTS}  # some are called like a reason
    return found | {code for code in words if re.fullmatch("no_[a-z_]+|beyond_data|too_few_[a-z]+", code)}


def _words_of_analytics() -> set[str]:
    return {n.value for n in _nodes() if isinstance(n, ast.Constant) and isinstance(n.value, str)}


def test_every_note_that_analytics_can_give_has_a_sentence():
    assert {f"note.{code}" for code in _codes_of_notes()} <= set(files.claims())


def test_every_reason_for_not_knowing_has_a_sentence():
    known = {name.partition(".")[2] for name in files.claims() if name.startswith(("unknown.", "note."))}

    assert _codes_of_unknowns() <= known


def test_a_note_without_a_sentence_is_still_told():
    words = template.breakdown(breakdown(notes=(Note("never_heard_of"),)))

    assert "This answer has a limit: never_heard_of." in words.lines


def test_the_yaml_files_hold_each_key_once():
    folder = resources("prompts")
    claims = [file for file in folder.joinpath("claims").iterdir() if file.name.endswith(".yaml")]
    read = [yaml.load(file.read_text(encoding="utf-8"), Loader=OnceOnly) for file in claims]
    yaml.load(folder.joinpath("plays.yaml").read_text(encoding="utf-8"), Loader=OnceOnly)

    for kind in ("claims", "labels"):
        ids = [
            f"{section}.{key}"
            for file in read
            for section, keys in file.get(kind, {}).items()
            for key in keys
        ]
        assert len(ids) == len(set(ids)), f"two files say the same {kind}"


class OnceOnly(yaml.SafeLoader):
    """A loader that does not let a second key hide the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        keys = [key.value for key, _ in node.value]
        assert len(keys) == len(set(keys)), f"a key is there twice: {sorted(keys)}"
        return super().construct_mapping(node, deep)


@pytest.mark.parametrize("dimension", questions.DIMENSIONS)
def test_every_dimension_has_its_words(dimension):
    for kind in ("dimension", "many", "column"):
        assert label(f"{kind}.{dimension}").text


def test_the_base_rate_is_said_of_the_age_it_was_counted_at():
    # Too few deals lived 258 days, so the rate is that of deals still open at 84.
    known = [
        fact("base_rate", "0.1", Unit.FRACTION, "deal", low="0.01", high="0.5"),
        fact("deal_age_days", 258, Unit.DAYS, "deal"),
    ]
    card = deal_card(known)
    at_84 = replace(
        card, figures={**card.figures, "base_rate_age": fact("deal_age_days", 84, Unit.DAYS, "deal")}
    )
    assert "still open at 84 days" in template.deal(at_84).verdict


def test_everything_that_may_be_unknown_on_a_card_has_a_name():
    from bot.narrator.deal import LABELLED

    assert files.labels().keys() >= LABELLED
