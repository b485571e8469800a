"""The checker of finished text: each pitfall by hand, then what code makes of true sentences."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.facts import Fact, Unit, Verdict
from bot.narrator import template
from bot.narrator.check import Known, check, names_of, strays
from bot.narrator.check import given as names_given
from tests import answers_at_random as random
from tests import corruptions, true_sentences
from tests.bench.checker import detected
from tests.facts_by_hand import breakdown

AS_OF = date(2024, 9, 20)
DOLLARS = {"currency": "USD"}
NOISE, SIGNAL = {"verdict": Verdict.NOISE}, {"verdict": Verdict.SIGNAL}


def fact(metric, value, unit, entity="all", period="Q3 2024", **more):
    bounds = {name: Decimal(bound) if name in ("low", "high") else bound for name, bound in more.items()}
    return Fact(
        id=f"{metric}/{entity}/{period}",
        metric=metric,
        value=Decimal(value),
        unit=unit,
        entity=entity,
        period=period,
        as_of=AS_OF,
        generation="g1",
        **bounds,
    )


FACTS = (
    fact("win_rate", "0.3122", Unit.FRACTION, n=1041, low="0.2847", high="0.3411"),
    fact("win_rate", "0.352", Unit.FRACTION, "region=APAC", n=220, low="0.291", high="0.418", **SIGNAL),
    fact("win_rate", "0.24", Unit.FRACTION, "region=EMEA", n=301, low="0.195", high="0.292", **NOISE),
    fact("win_rate", "0.3535", Unit.FRACTION, "region=EMEA", "Q2 2024", n=288),
    fact("win_rate", "0.161", Unit.FRACTION, "region=LATAM", n=124, **NOISE),
    fact("win_rate", "0.161", Unit.FRACTION, "region=Iberia", n=131, **NOISE),
    fact("change", "-0.1135", Unit.POINTS, "region=EMEA", low="-0.19", high="-0.03", **SIGNAL),
    fact("change", "0.041", Unit.POINTS, "region=APAC", low="-0.03", high="0.11", **NOISE),
    fact("difference", "0.0398", Unit.POINTS, "region=APAC"),
    fact("median_cycle", "58", Unit.DAYS),
    fact("median_cycle", "71", Unit.DAYS, "region=EMEA"),
    fact("median_cycle_change", "-13", Unit.DAYS, "region=EMEA"),
    fact("open_amount", "1240000", Unit.MONEY, **DOLLARS),
    fact("open_deals", "64", Unit.COUNT),
    fact("stalled_deals", "20", Unit.COUNT),
    fact("amount", "49800", Unit.MONEY, "deal=D-10234", "", **DOLLARS),
    fact("days_in_stage", "44", Unit.DAYS, "deal=D-10234", ""),
    fact("share", "0.2521", Unit.FRACTION, "region=EMEA"),
    fact("p_adjusted", "0.012", Unit.PROBABILITY, "region=APAC"),
    fact("pipeline_coverage", "2.4", Unit.NUMBER),
    fact("win_rate", "0.41", Unit.FRACTION, "rep=rep_22", n=39),
)
KNOWN = Known(FACTS, {"Priya Rao": "rep=rep_22", "FY24": "", "Acme": ""})

TRUE = (
    "APAC won 35.2 % of 220 deals.",
    "APAC won 35.2% of its 220 deals in Q3 2024.",
    "In 2024-Q3, EMEA closed at 24.0 percent.",
    "EMEA won 24 % in Q3 2024 after 35.4 % in Q2 2024.",
    "EMEA fell 11.4 points to 24.0 %.",
    "EMEA is down 11.4 pp.",
    "EMEA dropped by 11.4 percentage points, from 35.4 % to 24.0 %.",
    "EMEA: −11.4 pts, range -19.0 to -3.0 points.",
    "An 11.4-point drop in EMEA.",
    "The cycle in EMEA improved by 13 days.",
    "Cycles in EMEA are 13 days shorter, at a median of 71 days.",
    "APAC did not really rise.",
    "APAC may have risen by 4.1 points, but chance could do this.",
    "APAC sits 4.0 points above the overall 31.2 %.",
    "D-10234, worth $49.8K, has been in its stage for 44 days.",
    "D-10234 is a deal of about $50K.",
    "D-10234 is worth $49,800.",
    "Open pipeline is $1.2 million.",
    "Open pipeline stands at $1.24M over 64 open deals.",
    "20 of 64 open deals are stalled.",
    "EMEA makes up one in four deals.",
    "Priya Rao wins 41.0 % of 39 deals.",
    "The team's median cycle is 58 days.",
    "APAC wins more often than EMEA.",
    "EMEA trails APAC.",
    "APAC: 35.2 % on 220 deals, range 29.1-41.8 % (p 0.012).",
    "Coverage is 2.4x.",
    "Nearly 36 % of deals in APAC were won.",
    "Over 35 % of deals in APAC were won.",
    "Sixty-four deals are open.",
    "- EMEA won 24.0 %.\n- APAC won 35.2 %.",
    "Talk to Priya Rao about what she does differently.",
    "Ask again when more deals have closed.",
)

FALSE = (
    ("wrong number", "APAC won 36.9 % of 220 deals."),
    ("id", "D-10235, worth $49.8K, has been in its stage for 44 days."),
    ("fiscal year", "In FY23, APAC won 35.2 %."),
    ("bare year", "In 2021 APAC won 35.2 %."),
    ("a year is no count", "There were 2024 deals."),
    ("last quarter's figure", "EMEA won 35.4 %."),
    ("last quarter's figure, today", "EMEA won 35.4 % in Q3 2024."),
    ("another's figure", "EMEA won 35.2 % of 301 deals."),
    ("another's deals", "APAC won 35.2 % of 301 deals."),
    ("percent for points", "EMEA fell 11.4 %."),
    ("points for percent", "APAC won 35.2 points."),
    ("the wrong way", "EMEA rose 11.4 points."),
    ("the wrong sign", "EMEA: +11.4 points."),
    ("the wrong way of days", "The cycle in EMEA worsened by 13 days."),
    ("longer for shorter", "Cycles in EMEA are 13 days longer."),
    ("denied", "EMEA did not fall 11.4 points."),
    ("denied figure", "APAC's win rate wasn't 35.2 %."),
    ("over what it is", "Over 24 % of deals in EMEA were won."),
    ("up to less", "Up to 20 % of deals in APAC were won."),
    ("nearly more", "Nearly 33 % of deals in APAC were won."),
    ("tie", "LATAM wins more often than Iberia."),
    ("the other way round", "EMEA is ahead of APAC."),
    ("derived", "EMEA is 11.2 points behind APAC."),
    ("derived count", "You lost 229 deals in EMEA."),
    ("thousands for millions", "Open pipeline is $1.24K."),
    ("ten times", "Open pipeline is $12.4 million."),
    ("deals for money", "There are 1.24 million open deals."),
    ("another range", "APAC: 35.2 %, range 19.5-29.2 %."),
    ("half a range", "APAC: 35.2 %, range 29.1-44.8 %."),
    ("a rank", "APAC is 1st of 4."),
    ("a rank in words", "EMEA ranks third."),
    ("best of two equal", "LATAM has the lowest win rate."),
    ("not the best", "EMEA has the highest win rate."),
    ("one in three", "EMEA makes up one in three deals."),
    ("twice", "APAC is twice as likely to win."),
    ("number words", "Seventy deals are open."),
    ("a word for a share", "Two thirds of deals in APAC were won."),
    ("an unknown name", "Zentrix won 35.2 % of 220 deals."),
    ("an unknown name inside", "Priya Rao told Bob Smith about it."),
    ("because", "EMEA fell 11.4 points because discovery was skipped."),
    ("drives", "Weak qualification drives the losses in EMEA."),
    ("noise as a trend", "APAC is trending up."),
    ("noise as real", "APAC really rose by 4.1 points."),
    ("noise told plainly", "APAC rose by 4.1 points."),
    ("a direction nobody knows", "LATAM is improving."),
    ("most", "Most reps missed their number."),
    ("all", "All regions fell."),
    ("none", "None of the regions grew."),
    ("zero width", "APAC won 35.2\u200b %."),
    ("bidi", "APAC won \u202e35.2 %."),
    ("another alphabet", "АPAC won 35.2 %."),
    ("wide digits", "APAC won ３５ %."),
    ("a mention", "<@U012AB> APAC won 35.2 %."),
    ("a channel", "<!channel> APAC won 35.2 %."),
    ("a link", "APAC won 35.2 %, see https://evil.example/a."),
    ("markdown", "[APAC](https://evil.example) won 35.2 %."),
    ("a bullet starts anew", "EMEA won 24.0 %.\n- It won 35.2 %."),
    ("percent alone", "Quota attainment is at 87 %."),
)


@pytest.mark.parametrize("text", TRUE)
def test_a_true_sentence_raises_no_problem(text):
    assert check(text, KNOWN) == ()


@pytest.mark.parametrize(("why", "text"), FALSE)
def test_a_false_sentence_is_found(why, text):
    assert check(text, KNOWN) != (), why


def test_a_sentence_that_code_rendered_is_accepted_as_it_stands():
    said = "Everything went up because of Zentrix."

    assert check(said, KNOWN)
    assert check(said, Known(FACTS, (), {said})) == ()
    assert check(f"{said} Most reps lost.", Known(FACTS, (), {said}))


def test_a_problem_says_where_it_is():
    (problem,) = check("APAC won 36.9 % of 220 deals.", KNOWN)

    assert (problem.code, problem.what) == ("number", "36.9 %")


@dataclass(frozen=True)
class Person:
    """A part of an answer about somebody."""

    name: str
    win_rate: Fact


def test_a_figure_told_of_the_wrong_person_is_found_by_what_their_name_means():
    priya = names_of(Person("Priya Rao", FACTS[-1]))

    assert priya == {"Priya Rao": "rep=rep_22"}
    assert check("Priya Rao wins 41.0 % of 39 deals.", Known(FACTS, priya)) == ()
    assert {one.code for one in check("Priya Rao wins 35.2 % of 220 deals.", Known(FACTS, priya))} == {
        "entity"
    }
    assert names_of(breakdown())["all time"] == ""


def test_the_words_of_a_breakdown_raise_no_problem():
    answer = breakdown()
    words = template.breakdown(answer)
    known = Known([*answer.facts().values(), *words.own], names_of(answer))

    for said in (words.verdict, *words.lines):
        assert check(said, known) == ()


def test_what_the_product_says_is_true_and_what_code_makes_of_it_is_found(crm):
    cases = true_sentences.clean(crm, 7, 400, true_sentences.LINES[:24])
    alarms = [case.text for case in cases if check(case.text, case.known)]
    rates = detected(corruptions.corrupted(cases, 7, 20))

    assert len(alarms) <= 0.02 * len(cases), alarms
    assert sum(found for found, _ in rates.values()) >= 0.98 * sum(of for _, of in rates.values()), rates
    assert not [kind for kind, (found, of) in rates.items() if found < 0.95 * of], rates
    assert set(rates) == set(corruptions.CLASSES)


def test_no_sentence_of_the_product_raises_a_problem(crm):
    cases = true_sentences.product(crm, true_sentences.LINES[24::2])
    alarms = {case.text: found for case in cases if (found := check(case.text, case.known))}

    assert len(cases) > 100
    assert alarms == {}


PIECES = st.sampled_from(
    [*TRUE, *(text for _, text in FALSE), "0.5.5", "--", "$", "2024-99-99", "31 February 2024"]
)


@settings(max_examples=150)
@given(st.lists(st.one_of(st.text(max_size=30), PIECES), max_size=5).map(" ".join))
def test_no_text_is_ever_too_strange_to_read(text):
    assert all(problem.code and problem.what for problem in check(text, KNOWN))


@settings(max_examples=60)
@given(random.answers())
def test_no_name_is_ever_too_strange_to_know(answer):
    words = random.words(answer)
    known = Known([*answer.facts().values(), *words.own], names_of(answer))

    assert all(problem.code for said in words.lines for problem in check(said, known))


def test_every_stray_numeral_is_still_found_by_its_characters():
    assert strays("Won 35.2 % in APAC, not 36", FACTS, names_given(["APAC"])) == ["3", "6"]
