"""What people ask beyond the win rate: why, watch, drivers, pipeline, what if, funnel, a rep, the model."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.questions import (
    EVERY_TYPE,
    DriversQuestion,
    Filter,
    FunnelQuestion,
    Period,
    PipelineQuestion,
    WatchQuestion,
    WhatIfQuestion,
    WhyQuestion,
    month,
    quarter,
)
from bot import intents
from bot.intents import (
    BadDay,
    Changes,
    Deal,
    Drivers,
    Funnel,
    Glossary,
    Help,
    Intent,
    ModelPage,
    NotUnderstood,
    Pipeline,
    QualityPage,
    RepPage,
    TooMuch,
    UnknownWord,
    Watch,
    WhatIf,
    Why,
    describe,
)
from bot.intents.periods import half
from tests.vocabulary import TODAY, VOCABULARY, ask, days

Q1, Q2, Q3 = quarter(2024, 1), quarter(2024, 2), quarter(2024, 3)
EMEA, SAAS = Filter("region", ("EMEA",)), Filter("industry", ("SaaS",))
INBOUND, PARTNER = Filter("lead_source", ("Inbound",)), Filter("lead_source", ("Partner",))
PRIYA = Filter("rep", ("rep_7",))
YEAR = days("2024-01-01", "2024-12-31", "2024")


def why(before: Period | None = None, after: Period | None = None, *filters: Filter, **rest: object) -> Why:
    return Why(WhyQuestion(before, after, filters=filters, **rest))


WHYS = [
    ("", why()),
    ("?", Help("why")),
    ("last quarter", why(Q1, Q2)),
    ("2024-Q1 vs 2024-Q2", why(Q1, Q2)),
    ("Q1 2024 to Q2 2024", why(Q1, Q2)),
    ("from Q1 to Q2", why(Q1, Q2)),
    ("between Q1 and Q2", why(Q1, Q2)),
    ("Q1 versus Q2", why(Q1, Q2)),
    ("Q4 to Q1", why(quarter(2023, 4), Q1)),
    ("Q1 vs Q2 2023", why(quarter(2023, 1), quarter(2023, 2))),
    ("Q1 2023 vs Q1", why(quarter(2023, 1), Q1)),
    ("this quarter vs last quarter", why(Q2, Q3)),
    ("this quarter", why(Q2, Q3)),
    ("last month", why(month(2024, 5), month(2024, 6))),
    ("this year vs last year", why(days("2023-01-01", "2023-12-31", "2023"), YEAR)),
    ("last week", why(days("2024-07-01", "2024-07-07"), days("2024-07-08", "2024-07-14"))),
    ("H1 2024 vs H2 2023", why(half(2023, 2), half(2024, 1))),
    ("2024-H1", why(half(2023, 2), half(2024, 1))),
    ("last half", why(half(2023, 2), half(2024, 1))),
    ("last half-year", why(half(2023, 2), half(2024, 1))),
    ("2024-01-01 to 2024-03-31", why(quarter(2023, 4), days("2024-01-01", "2024-03-31"))),
    ("2024-01-10 to 2024-01-19", why(days("2023-12-31", "2024-01-09"), days("2024-01-10", "2024-01-19"))),
    (
        "last 10 days",
        why(
            days("2024-06-30", "2024-07-09"),
            days("2024-07-10", "2024-07-19", "last 10 days (2024-07-10 to 2024-07-19)"),
        ),
    ),
    (
        "ytd",
        why(
            days("2023-01-01", "2023-07-20"),
            days("2024-01-01", "2024-07-20", "ytd (2024-01-01 to 2024-07-20)"),
        ),
    ),
    ("region", why(by="region")),
    ("by lead source", why(by="lead_source")),
    ("by region last quarter", why(Q1, Q2, by="region")),
    ("EMEA Q2 vs Q1", why(Q1, Q2, EMEA)),
    ("Q2 vs Q1 in SaaS by rep", why(Q1, Q2, SAAS, by="rep")),
    ("EMEA vs APAC", why(None, None, Filter("region", ("EMEA", "APAC")), by="region")),
    ("created H1 2024 vs H2 2023", why(half(2023, 2), half(2024, 1), created=True)),
    ("by created date last quarter", why(Q1, Q2, created=True)),
    ("challenge", why(challenge=True)),
    ("last quarter challenge this", why(Q1, Q2, challenge=True)),
    ("all types last quarter", why(Q1, Q2, Filter("deal_type", (EVERY_TYPE,)))),
    ("did win rate drop last quarter?", why(Q1, Q2)),
    ("did our win rate change", why()),
    ("asof 2024-04-15 last quarter", Why(WhyQuestion(quarter(2023, 4), Q1), date(2024, 4, 15))),
]
WATCHES = [
    ("", Watch(WatchQuestion())),
    ("region", Watch(WatchQuestion("region"))),
    ("EMEA", Watch(WatchQuestion(None, (EMEA,)))),
    (
        "APAC product Enterprise below 35 %",
        Watch(
            WatchQuestion(None, (Filter("region", ("APAC",)), Filter("product", ("Enterprise",))), floor=0.35)
        ),
    ),
    ("below 40%", Watch(WatchQuestion(floor=0.4))),
    ("by region below 35", Watch(WatchQuestion("region", floor=0.35))),
    ("under 12,5 percent", Watch(WatchQuestion(floor=0.125))),
    ("below 0.35", Watch(WatchQuestion(floor=0.35))),
    ("below 1 %", Watch(WatchQuestion(floor=0.01))),
    ("deals under 10k", Watch(WatchQuestion(None, (Filter("amount_band", ("under 10k",)),)))),
    ("rep asof 2024-04-15", Watch(WatchQuestion("rep"), date(2024, 4, 15))),
]
PIPELINES = [
    ("", Pipeline(PipelineQuestion())),
    ("all", Pipeline(PipelineQuestion())),
    ("mine", Pipeline(PipelineQuestion("mine"))),
    ("my pipeline", Pipeline(PipelineQuestion("mine"))),
    ("my deals", Pipeline(PipelineQuestion("mine"))),
    ("my team", Pipeline(PipelineQuestion("team"))),
    ("team this quarter", Pipeline(PipelineQuestion("team", Q3))),
    ("EMEA 2024-Q4", Pipeline(PipelineQuestion("all", quarter(2024, 4), (EMEA,)))),
    ("Q4", Pipeline(PipelineQuestion("all", quarter(2024, 4)))),
    ("Q1", Pipeline(PipelineQuestion("all", quarter(2025, 1)))),
    ("july", Pipeline(PipelineQuestion("all", month(2024, 7)))),
    ("next quarter", Pipeline(PipelineQuestion("all", quarter(2024, 4)))),
    ("next month mine", Pipeline(PipelineQuestion("mine", month(2024, 8)))),
    ("H2 2024", Pipeline(PipelineQuestion("all", half(2024, 2)))),
    ("this year", Pipeline(PipelineQuestion("all", YEAR))),
    ("team West", Pipeline(PipelineQuestion("all", None, (Filter("team", ("West",)),)))),
    ("Priya", Pipeline(PipelineQuestion("all", None, (PRIYA,)))),
    ("Q1 asof 2024-01-15", Pipeline(PipelineQuestion("all", Q1), date(2024, 1, 15))),
]
DRIVERS = [
    ("", Drivers(DriversQuestion())),
    ("region by lead source", Drivers(DriversQuestion(("region", "lead_source")))),
    ("EMEA", Drivers(DriversQuestion((), (EMEA,)))),
    ("asof 2024-04-15", Drivers(DriversQuestion(), date(2024, 4, 15))),
]
WHATIFS = [
    ("drop SaaS", WhatIf(WhatIfQuestion("drop", (SAAS,)))),
    ("we stop working SaaS", WhatIf(WhatIfQuestion("drop", (SAAS,)))),
    ("stop selling to industry SaaS", WhatIf(WhatIfQuestion("drop", (SAAS,)))),
    ("drop SaaS in EMEA", WhatIf(WhatIfQuestion("drop", (SAAS, EMEA)))),
    ("shift Inbound to Partner", WhatIf(WhatIfQuestion("shift", (INBOUND,), (PARTNER,)))),
    ("Inbound into Partner", WhatIf(WhatIfQuestion("shift", (INBOUND,), (PARTNER,)))),
    ("shift from lead source Inbound to Partner", WhatIf(WhatIfQuestion("shift", (INBOUND,), (PARTNER,)))),
    ("shift Inbound to Partner last quarter", WhatIf(WhatIfQuestion("shift", (INBOUND,), (PARTNER,), Q2))),
    (
        "drop region EMEA last 4 quarters",
        WhatIf(
            WhatIfQuestion(
                "drop",
                (EMEA,),
                (),
                days("2023-07-20", "2024-07-19", "last 4 quarters (2023-07-20 to 2024-07-19)"),
            )
        ),
    ),
    ("drop SaaS asof 2024-04-15", WhatIf(WhatIfQuestion("drop", (SAAS,)), date(2024, 4, 15))),
]
FUNNELS = [
    ("", Funnel(FunnelQuestion())),
    ("last quarter", Funnel(FunnelQuestion(Q2))),
    ("Priya", Funnel(FunnelQuestion(None, (PRIYA,)))),
    ("all time in EMEA", Funnel(FunnelQuestion(intents.periods.ALL_TIME, (EMEA,)))),
    ("asof 2024-04-15", Funnel(FunnelQuestion(), date(2024, 4, 15))),
]
DEALS = [
    ("D00123 changes", Changes("D00123")),
    ("D00123 what changed?", Changes("D00123")),
    ("D00123 changes asof 2024-01-15", Changes("D00123", date(2024, 1, 15))),
    ("D00123 asof 2024-01-15 changes", Changes("D00123", date(2024, 1, 15))),
    ("changes", Deal("changes")),
]
PAGES = [
    ("rep Priya", RepPage("rep_7")),
    ("rep rep_12 last quarter", RepPage("rep_12", Q2)),
    ("Rep Per In", RepPage("rep_12")),
    ("rep Sam Lee asof 2024-04-15", RepPage("rep_10", as_of=date(2024, 4, 15))),
    ("rep help", Help("coach")),
    ("model", ModelPage()),
    ("model card", ModelPage()),
    ("model asof 2024-04-15", ModelPage(date(2024, 4, 15))),
    ("quality", QualityPage()),
    ("scorecard", QualityPage()),
    ("data scorecard", QualityPage()),
    ("quality scorecard asof 2024-04-15", QualityPage(date(2024, 4, 15))),
    ("glossary asof", Glossary("asof")),
]
FORMS = {
    "/why": WHYS,
    "/watch": WATCHES,
    "/pipeline": PIPELINES,
    "/drivers": DRIVERS,
    "/whatif": WHATIFS,
    "/funnel": FUNNELS,
    "/deal": DEALS,
    "/coach": PAGES,
}
CASES = [(command, text, asked) for command, forms in FORMS.items() for text, asked in forms]


@pytest.mark.parametrize(("command", "text", "asked"), CASES)
def test_every_form_is_understood(command, text, asked):
    assert ask(text, command) == asked


@pytest.mark.parametrize(("command", "text", "asked"), [c for c in CASES if not isinstance(c[2], Help)])
def test_the_description_of_each_asks_for_it_again_on_a_later_day(command, text, asked):
    later = date(2024, 7, 31) if isinstance(asked, Pipeline) else date(2025, 3, 31)
    assert intents.parse_line(describe(asked), VOCABULARY, later) == asked


MISTAKES = [
    ("/why", "2024-Q1 vs 2024", BadDay, "2024-Q1 and 2024 overlap", "/why 2023-Q4 vs 2024-Q1"),
    ("/why", "Q1 vs Q1", BadDay, "2024-Q1 is compared with itself", "/why 2024-Q1"),
    ("/why", "Q1 vs Q2 vs Q3", TooMuch, "two periods at a time", None),
    ("/why", "Q1 vs", UnknownWord, "Compared with what?", None),
    ("/why", "since Q1", BadDay, "since 2024-01-01 lacks one", None),
    ("/why", "all time", BadDay, "a first and a last day", None),
    ("/why", "next quarter", BadDay, "2024-Q4 has not begun", None),
    ("/why", "by region by rep", TooMuch, "one thing at most", "/why region"),
    ("/why", "by quarter", UnknownWord, "not by time", None),
    ("/why", "by amount", UnknownWord, "Only `/winrate` shows rates by amount", "/why"),
    (
        "/why",
        "Eurpe last quarter",
        UnknownWord,
        "I don't know 'Eurpe'",
        '/why region = "Europe" last quarter',
    ),
    ("/why", "chalenge", UnknownWord, "Did you mean challenge?", "/why challenge"),
    ("/watch", "region last quarter", TooMuch, "I watch every month", "/watch region"),
    ("/watch", "by month", UnknownWord, "month by month already", None),
    ("/watch", "below 140 %", UnknownWord, "between 0 and 100 %", "/watch below 35 %"),
    ("/watch", "challenge", UnknownWord, "Only `/why` can be challenged", "/watch"),
    ("/drivers", "region", UnknownWord, "how two things work together", "/drivers region by industry"),
    ("/drivers", "last quarter", TooMuch, "leave the period out", "/drivers"),
    ("/drivers", "quarter by region", UnknownWord, "not when it closed", None),
    ("/pipeline", "Q1 2024", BadDay, "2024-Q1 is over", "/pipeline 2024-Q1 asof 2024-01-01"),
    ("/pipeline", "since 2024", BadDay, "no first or no last day", "/pipeline this quarter"),
    ("/pipeline", "region", UnknownWord, "not split by region", '/pipeline region = "EMEA"'),
    ("/whatif", "SaaS", UnknownWord, "What if what?", None),
    ("/whatif", "", UnknownWord, "What if what?", '/whatif drop region = "EMEA"'),
    ("/whatif", "drop", UnknownWord, "What should be dropped? Name a value.", None),
    ("/whatif", "drop region", UnknownWord, "not split by region", '/whatif drop region = "EMEA"'),
    ("/whatif", "shift Inbound", UnknownWord, "Shift it to what?", None),
    ("/whatif", "drop SaaS to EMEA", UnknownWord, "goes nowhere", None),
    ("/whatif", "shift SaaS to SaaS", UnknownWord, "where it is already", None),
    ("/whatif", "drop SaaS shift EMEA", TooMuch, "one at a time", None),
    ("/whatif", "drop Sas", UnknownWord, "Did you mean industry SaaS?", '/whatif drop industry = "SaaS"'),
    ("/funnel", "by region", UnknownWord, "not split by region", '/funnel region = "EMEA"'),
    ("/funnel", "mine", UnknownWord, "Only `/pipeline` asks whose deals", "/funnel"),
    ("/coach", "rep", UnknownWord, "Whose page? Name a rep.", '/coach rep "Priya Natarajan"'),
    (
        "/coach",
        "rep Pryia",
        UnknownWord,
        "No rep 'Pryia'. Did you mean",
        '/coach rep "Priya Natarajan"',
    ),
    ("/coach", "rep Priya, José", UnknownWord, "one rep at a time", '/coach rep "José Díaz"'),
    ("/coach", "rep Priya SaaS", UnknownWord, "about all their deals", '/coach rep "Priya Natarajan"'),
    ("/coach", "model banana", UnknownWord, "I don't understand 'banana' there", "/coach model"),
    ("/coach", "modle", UnknownWord, "there is help, glossary, model", "/coach model"),
]


@pytest.mark.parametrize(("command", "text", "kind", "sentence", "suggestion"), MISTAKES)
def test_what_cannot_be_asked_is_told_with_lines_that_work(command, text, kind, sentence, suggestion):
    with pytest.raises(kind) as told:
        ask(text, command)
    assert sentence in told.value.sentence
    assert suggestion is None or suggestion in told.value.suggestions
    assert 2 <= len(told.value.suggestions) <= 4
    for line in told.value.suggestions:
        intents.parse_line(line, VOCABULARY, TODAY)


PIECES = [text for _, text, _ in CASES] + ["vs", "to", "by", "and", "asof 2024-04-15", "below 30 %", "drop"]
LINES = st.lists(st.sampled_from(PIECES), max_size=4).map(" ".join)


def outcome(command: str, text: str) -> Intent | NotUnderstood:
    try:
        return ask(text, command)
    except NotUnderstood as told:
        return told


@given(st.sampled_from([name for name in FORMS if name != "/coach"]), LINES)
@settings(max_examples=400, deadline=None)
def test_an_intent_is_always_asked_for_again_by_its_description(command, text):
    asked = outcome(command, text)
    if not isinstance(asked, NotUnderstood | Help):
        assert intents.parse_line(describe(asked), VOCABULARY, TODAY) == asked


@given(st.sampled_from(list(FORMS)), LINES | st.text())
@settings(max_examples=200, deadline=None)
def test_what_is_not_understood_is_always_answered_with_lines_that_are(command, text):
    told = outcome(command, text)
    if isinstance(told, NotUnderstood):
        assert len(told.suggestions) >= 2
        assert all(intents.parse_line(line, VOCABULARY, TODAY) for line in told.suggestions)


@given(st.dates(date(2001, 1, 1), date(2024, 7, 20)), st.dates(date(2001, 1, 1), date(2024, 7, 20)))
def test_the_period_before_is_always_before_and_of_the_same_length_for_days(one, other):
    first, last = sorted((one, other))
    asked = ask(f"{first} to {last}", "/why").question
    assert asked.before.end < asked.after.start
    assert (asked.after.start - asked.before.end).days == 1
