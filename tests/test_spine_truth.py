"""The promises of the whole: what was planted is found, nothing else is; figures have facts; scopes hold."""

from datetime import date, timedelta
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics import answers, store, verdict
from analytics.facts import Verdict
from analytics.questions import ALL_TIME, DIMENSIONS, EVERYONE, BreakdownQuestion, Filter, Period, quarter
from bot import audience, intents, replies
from bot.audience import OPERATOR
from bot.coach import Inquiry
from bot.narrator import check
from tests.conftest import AS_OF

ONE_WAY = [d for d in DIMENSIONS if d != "deal_type"]


def cells(generation, dimension, period=ALL_TIME):
    found = answers.breakdown(generation, BreakdownQuestion((dimension,), period=period), EVERYONE)
    return {cell.values[0]: cell.win_rate for cell in found.cells}


def test_the_planted_lead_source_is_a_signal(planted):
    generation, told = planted
    best = told.of("lead_source")[0].where["lead_source"]
    assert cells(generation, "lead_source")[best].verdict is Verdict.SIGNAL


def test_the_planted_segment_is_a_signal_since_it_fell_and_the_lowest(planted):
    generation, told = planted
    drop = told.of("segment_drop")[0]
    rates = cells(generation, "region", Period(drop.since, AS_OF, "since it fell"))
    fell = rates.pop(drop.where["region"])
    assert fell.verdict is Verdict.SIGNAL
    assert all(fell.value < other.value for other in rates.values())


def test_the_planted_rep_is_a_signal_and_no_lucky_one_is(planted):
    generation, told = planted
    rates = cells(generation, "rep")
    assert rates[told.of("better_rep")[0].where["rep"]].verdict is Verdict.SIGNAL
    assert all(rates[r.where["rep"]].verdict is not Verdict.SIGNAL for r in told.of("lucky_rep"))


@pytest.mark.parametrize("dimension", ["industry", "product", "amount_band"])
def test_where_nothing_was_planted_nothing_is_a_signal(planted, dimension):
    assert Verdict.SIGNAL not in {rate.verdict for rate in cells(planted[0], dimension).values()}


def test_of_shuffled_outcomes_at_most_one_breakdown_in_twenty_calls_a_signal(planted):
    generation, _ = planted
    groups = [generation.cells((d,), (), ALL_TIME, generation.main_deal_type, EVERYONE) for d in ONE_WAY]
    sizes = [np.array([row.deals for row in rows]) for rows in groups]
    deals, won = int(sizes[0].sum()), sum(row.won for row in groups[0])
    alarms = sum(
        verdict.judge(dealt, n, complete=[True] * n.size, single=[True] * n.size).verdict is Verdict.SIGNAL
        for seed in range(200)
        for n in sizes
        for dealt in [np.random.default_rng(seed).multivariate_hypergeometric(n, won)]
    )
    assert deals > 3000
    assert alarms <= 0.05 * 200 * len(sizes)


@cache
def viewers(home):
    people = store.current(home).people()
    return [audience.viewer(person, people) for person in people]


def lines():
    dimension = st.sampled_from([d.replace("_", " ") for d in DIMENSIONS])
    period = st.sampled_from(["", "last quarter", "2024-Q1", "2023", "last 90 days", "2024-05"])
    where = st.sampled_from(["", "where region = Europe", "where lead source = Referral", "all types"])
    cut = st.lists(dimension, max_size=2, unique=True).map(" by ".join)
    parts = st.tuples(st.just("/winrate"), cut, where, period, st.sampled_from(["", "by amount"]))
    deal = st.integers(1, 1700).map(lambda n: f"/deal D{n:05d}")
    return st.one_of(parts.map(" ".join), deal, st.just("/coach quality"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(line=lines(), place=st.integers(0, 30))
async def test_every_figure_in_every_answer_comes_from_a_fact(crm, coach, line, place):
    found = viewers(crm)
    who = found[place] if place < len(found) else OPERATOR
    try:
        inquiry = Inquiry(coach, store.current(crm), who)
        reply = await replies.reply(inquiry.understand_line(line), inquiry)
    except (intents.NotUnderstood, answers.AnswerError, audience.AudienceError):
        return
    names = {
        label for values in answers.vocabulary(store.current(crm), EVERYONE).values() for _, label in values
    }
    names |= {fact.period for fact in reply.facts.values()} | {reply.generation, line, *line.split()}
    names |= {row for d in ("month", "quarter") for row in store.current(crm).values(d, EVERYONE)}
    names |= {*_crm_names(crm, line), getattr(reply.answer, "model", "") or reply.generation}
    for text in (reply.text, *_texts(reply.blocks)):
        assert check.strays(text, reply.facts.values(), names) == [], text


def _texts(blocks):
    """Every text a reader sees in blocks, at any depth; what buttons carry is not shown."""
    if isinstance(blocks, dict):
        for key, value in blocks.items():
            if key in ("text", "caption", "title", "name", "label") and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
    elif isinstance(blocks, list):
        for block in blocks:
            yield from _texts(block)


def _crm_names(home, line):
    row = store.current(home).deal(line.removeprefix("/deal "))
    return [] if row is None else [str(value) for value in row if isinstance(value, str)]


@pytest.mark.parametrize("dimension", ["", "rep", "team", "region", "month"])
async def test_no_viewer_counts_a_deal_outside_their_scope(crm, coach, dimension):
    generation = store.current(crm)
    owned = {row.values[0]: row.deals for row in generation.cells(("rep",), (), ALL_TIME, None, EVERYONE)}
    for who in viewers(crm):
        if not who.sees_deals:
            continue
        allowed = sum(n for rep, n in owned.items() if who.scope.allows(rep))
        question = BreakdownQuestion(
            tuple(filter(None, [dimension])), (Filter("deal_type", ("all",)),), by_amount=False
        )
        found = answers.breakdown(generation, question, Inquiry(coach, generation, who).scope)
        assert int(found.overall.deals.value or 0) == allowed
        if dimension == "rep":
            shown = {value for cell in found.cells for value in cell.values if not cell.pooled}
            assert all(who.scope.allows(rep) for rep in shown)


async def test_no_viewer_opens_a_deal_outside_their_scope(crm, coach):
    generation = store.current(crm)
    for deal_id in generation.deal_ids(EVERYONE)[::40]:
        owner = generation.deal(deal_id).rep_id
        for who in viewers(crm):
            try:
                await Inquiry(coach, generation, who).deal(deal_id, None)
                assert who.scope.allows(owner)
            except (answers.NotYourDeal, audience.NotForThisRole):
                assert not who.scope.allows(owner)


async def test_a_replayed_day_knows_the_quarter_only_as_far_as_it_had_come(crm, coach):
    day = AS_OF - timedelta(days=40)
    found = answers.breakdown(await coach.asked_here().known_on(day), BreakdownQuestion(("month",)), EVERYONE)
    assert max(cell.values[0] for cell in found.cells) == f"{day:%Y-%m}"
    assert found.as_of == day
    assert [c.incomplete for c in found.cells if c.values[0] == f"{day:%Y-%m}"] == ["running"]


def test_a_period_is_its_quarters_days():
    assert quarter(2024, 1) == Period(date(2024, 1, 1), date(2024, 3, 31), "2024-Q1")
