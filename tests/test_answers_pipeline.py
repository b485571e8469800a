"""What the pipeline holds and will bring: figures worked out by hand on a few visible rows."""

import json
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from analytics import answers, refresh, store
from analytics.closing import HORIZONS
from analytics.facts import Fact, Pipeline
from analytics.glossary import BY_NAME
from analytics.questions import (
    EVERYONE,
    Filter,
    Period,
    PipelineQuestion,
    Scope,
    quarter,
)
from analytics.store import Generation
from tests.tables import tables

AS_OF = date(2024, 5, 15)
PEOPLE = (
    {"person_id": "rep_1", "name": "Ann", "role": "rep", "manager_id": "mgr", "team": "North"},
    {"person_id": "rep_2", "name": "Bob", "role": "rep", "manager_id": "mgr", "team": "South"},
    {"person_id": "mgr", "name": "Cleo", "role": "manager", "team": "North"},
)
QUOTAS = (
    {"person_id": "rep_1", "period": "2024-Q2", "amount": 100_000},
    {"person_id": "rep_2", "period": "2024-Q2", "amount": 60_000},
    {"person_id": "mgr", "period": "2024-Q2", "amount": 160_000},
    {"person_id": "rep_1", "period": "2024-Q3", "amount": 120_000},
)
OPEN = (
    {
        "deal_id": "A",
        "amount": 40_000,
        "created_date": "2024-05-01",
        "close_date": "2024-06-20",
        "stage": "Demo",
    },
    {
        "deal_id": "B",
        "amount": 30_000,
        "created_date": "2024-05-01",
        "close_date": "2024-08-01",
        "stage": "Demo",
    },
    {"deal_id": "C", "amount": 10_000, "created_date": "2024-05-01", "rep_id": "rep_2", "stage": "Proposal"},
)
WON = {"outcome": "won", "created_date": "2024-03-11", "close_date": "2024-04-20", "amount": 20_000}


def past(won: int, lost: int) -> list[Mapping[str, Any]]:
    """Deals of last year: won after 40 days, lost after 60."""
    deal = {"created_date": "2023-06-01", "stage": "Demo"}
    wins = [deal | {"outcome": "won", "close_date": "2023-07-11", "deal_id": f"W{n}"} for n in range(won)]
    return wins + [
        deal | {"outcome": "lost", "close_date": "2023-07-31", "deal_id": f"L{n}"} for n in range(lost)
    ]


def made(folder: Path, deals: Sequence[Mapping[str, Any]], **more: Any) -> Generation:
    """The generation of these deals on the day."""
    known = {"people": PEOPLE, "quotas": QUOTAS} | more
    refresh.refresh(tables(folder, deals=deals, loaded_on=AS_OF, **known), folder, AS_OF)
    return store.current(folder)


@pytest.fixture(scope="module")
def generation(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """Three open deals, one won this quarter, 80 decided last year: half of them won."""
    deals = [*OPEN, WON | {"deal_id": "X"}, *past(40, 40)]
    return made(tmp_path_factory.mktemp("pipeline"), deals)


def asked(generation: Generation, scope: Scope = EVERYONE, **question: Any) -> Pipeline:
    return answers.pipeline(generation, PipelineQuestion(**question), scope)


def value(fact: Fact) -> Decimal | None:
    return None if fact.value is None else round(fact.value, 4)


def test_what_is_open_due_and_won_is_summed(generation: Generation) -> None:
    told = asked(generation)
    shown = {name: value(fact) for name, fact in told.figures.items()}
    assert told.period == "2024-Q2"
    assert (shown["open_amount"], shown["open_deals"]) == (80_000, 3)
    assert (shown["due_amount"], shown["due_deals"]) == (40_000, 1)
    assert (shown["won_amount"], shown["won_deals"]) == (20_000, 1)


def test_coverage_is_what_is_due_over_what_the_reps_quotas_still_lack(generation: Generation) -> None:
    told = asked(generation).figures
    assert value(told["quota"]) == 160_000  # the manager's holds the same deals
    assert value(told["remaining_quota"]) == 140_000
    assert value(told["pipeline_coverage"]) == Decimal("0.2857")


def test_a_manager_without_reps_quotas_has_an_own_one(generation: Generation) -> None:
    told = asked(generation, Scope(rep_ids=frozenset({"mgr"}), label="Cleo")).figures
    assert value(told["quota"]) == 160_000


def test_a_rep_sees_own_deals_and_own_quota_only(generation: Generation) -> None:
    told = asked(generation, Scope(rep_ids=frozenset({"rep_2"}), label="Bob's deals"), whose="mine")
    assert value(told.figures["open_amount"]) == 10_000
    assert value(told.figures["won_amount"]) == 0
    assert value(told.figures["quota"]) == 60_000
    assert (told.whose, told.scope) == ("mine", "Bob's deals")
    assert "scope" in {note.code for note in told.notes}


def test_a_coming_quarter_has_its_own_quota_and_nothing_won(generation: Generation) -> None:
    told = asked(generation, period=quarter(2024, 3)).figures
    assert value(told["won_amount"]) == 0
    assert value(told["due_amount"]) == 30_000
    assert value(told["quota"]) == 120_000
    assert told["slippage"].unknown == "not_begun"


def test_a_period_that_is_over_is_refused_with_what_to_ask_instead(generation: Generation) -> None:
    with pytest.raises(answers.NoForecast, match="`/winrate 2024-Q1` shows"):
        asked(generation, period=quarter(2024, 1))


def test_a_period_without_an_end_is_refused(generation: Generation) -> None:
    with pytest.raises(answers.NoForecast, match="with an end"):
        asked(generation, period=Period(date(2024, 4, 1), None, "since April"))


def test_the_forecast_is_what_is_won_and_what_open_deals_bring_on_average(generation: Generation) -> None:
    # 81 decided deals were open at 14 days; 41 of them won by day 40, all within the 46 days left.
    told = asked(generation).figures
    odds = 41 / 81
    assert value(told["expected_amount"]) == pytest.approx(Decimal(80_000 * odds), abs=2_000)
    parts = (told["expected_amount"].value, told["expected_new_amount"].value or 0, told["won_amount"].value)
    assert told["forecast_amount"].value == pytest.approx(sum(parts), abs=Decimal("0.001"))
    assert told["forecast_amount"].low >= 20_000
    assert told["forecast_amount"].low <= told["forecast_median"].value <= told["forecast_amount"].high


def test_no_deal_is_won_before_such_deals_were(generation: Generation) -> None:
    soon = Period(date(2024, 5, 15), date(2024, 5, 22), "this week")
    assert value(asked(generation, period=soon).figures["expected_amount"]) == 0


def test_the_deals_with_most_at_risk_come_first(generation: Generation) -> None:
    told = asked(generation)
    assert [risk.deal_id for risk in told.risks] == ["A", "B", "C"]
    first = told.risks[0]
    assert (first.owner, first.stage, first.risk, first.odds.metric) == ("Ann", "Demo", "", "base_rate")
    assert value(first.at_risk) == pytest.approx(40_000 * (1 - first.odds.value), abs=1)
    assert value(told.figures["revenue_at_risk"]) == sum(value(risk.at_risk) for risk in told.risks)


def test_looked_at_first_is_the_deal_of_which_most_can_be_decided(generation: Generation) -> None:
    told = asked(generation)
    assert told.first is not None
    by_hand = {r.deal_id: r.amount.value * r.odds.value * (1 - r.odds.value) for r in told.risks}
    assert told.first.deal_id == max(by_hand, key=by_hand.__getitem__)
    assert value(told.first.undecided) == pytest.approx(by_hand[told.first.deal_id], abs=1)


def test_stages_stand_in_the_order_of_the_crm_and_without_a_clock_none_is_slow(
    generation: Generation,
) -> None:
    told = asked(generation).stages
    assert [(stage.stage, value(stage.deals), value(stage.amount)) for stage in told] == [
        ("Demo", 2, 70_000),
        ("Proposal", 1, 10_000),
    ]
    assert (told[0].slow.value, told[0].slow.unknown) == (None, "no_stage_history")


def test_base_rates_are_used_and_said_while_the_model_is_silent(generation: Generation) -> None:
    told = asked(generation)
    assert not told.speaks
    assert "no_model" in {note.code for note in told.notes}


def test_filters_keep_to_their_deals_and_quotas_to_people(generation: Generation) -> None:
    told = asked(generation, filters=(Filter("stage", ("Proposal",)),)).figures
    assert value(told["open_amount"]) == 10_000
    assert told["quota"].unknown == "quota_of_people"
    assert value(asked(generation, filters=(Filter("team", ("South",)),)).figures["quota"]) == 60_000


def test_every_metric_is_in_the_glossary_and_every_fact_has_its_own_id(generation: Generation) -> None:
    told = asked(generation)
    assert {fact.metric for fact in told.facts().values()} <= set(BY_NAME)
    counted = [len(part.facts()) for part in (*told.stages, *told.risks)]
    assert len(told.facts()) == len(told.figures) + sum(counted) + sum(len(note.facts) for note in told.notes)


def test_money_in_other_currencies_is_never_summed(tmp_path: Path) -> None:
    euros = {"deal_id": "E", "amount": 500_000, "currency": "EUR", "close_date": "2024-06-20"}
    told = asked(made(tmp_path, [*OPEN, euros]))
    assert value(told.figures["open_amount"]) == 80_000
    assert value(told.figures["due_amount"]) == 40_000
    assert value(told.figures["open_deals"]) == 4
    assert "E" not in {risk.deal_id for risk in told.risks}
    mixed = {note.code: note for note in told.notes}["currency_mix"]
    assert value(mixed.facts["excluded"]) == 1


def test_too_few_closed_deals_give_no_forecast_rather_than_zero(tmp_path: Path) -> None:
    told = asked(made(tmp_path, [*OPEN, *past(2, 2)])).figures
    assert (told["forecast_amount"].value, told["forecast_amount"].unknown) == (None, "too_few_deals")
    assert (told["revenue_at_risk"].value, told["revenue_at_risk"].unknown) == (None, "too_few_deals")


def test_no_open_deal_is_an_empty_book_and_not_an_error(tmp_path: Path) -> None:
    told = asked(made(tmp_path, past(20, 20), quotas=()))
    assert value(told.figures["open_amount"]) == 0
    assert value(told.figures["forecast_amount"]) == 0
    assert told.figures["quota"].unknown == "no_quota"
    assert (told.stages, told.risks) == ((), ())


def test_slippage_is_the_share_of_due_deals_that_moved_past_the_end(tmp_path: Path) -> None:
    due = {"created_date": "2024-01-02", "stage": "Demo"}
    deals = [
        due | {"deal_id": "A", "close_date": "2024-06-10"},
        due | {"deal_id": "B", "close_date": "2024-08-10"},
    ]
    moves = [
        {
            "deal_id": "A",
            "date": "2024-01-10",
            "kind": "close_date",
            "old": "2024-05-01",
            "new": "2024-06-10",
        },
        {
            "deal_id": "B",
            "date": "2024-05-10",
            "kind": "close_date",
            "old": "2024-06-01",
            "new": "2024-08-10",
        },
    ]
    told = asked(made(tmp_path, deals, events=moves)).figures
    assert (value(told["slippage"]), told["slippage"].n) == (Decimal("0.5"), 2)
    assert value(told["slipped_deals"]) == 1


STUDY = {
    "shock": 0.0,
    "spread": 0.0,
    "tests": 5,
    "hits": 4,
    "new": {"Not set": {"won_by": [0.1 * week for week in range(53)], "mean": 7_000.0, "square": 7_000.0**2}},
}


@pytest.fixture(scope="module")
def studied(generation: Generation, tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """The same generation with a study of past quarters, and odds of the model for deal A."""
    path = tmp_path_factory.mktemp("studied") / generation.path.name
    shutil.copy(generation.path, path)
    half = json.dumps([0.5] * len(HORIZONS))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM scores")
        connection.execute("DELETE FROM model WHERE key = 'forecast'")
        connection.execute("INSERT INTO model VALUES ('forecast', ?)", (json.dumps(STUDY),))
        columns = "deal_id, rep_id, win_probability, low, high, risk, features, won_by, lost_by"
        row = ("A", "rep_1", 0.8, 0.7, 0.9, "Low", "{}", half, half)
        connection.execute(f"INSERT INTO scores ({columns}) VALUES ({', '.join('?' * len(row))})", row)
    return store.opened(path)


def test_the_models_odds_count_where_it_speaks(studied: Generation) -> None:
    told = asked(studied)
    first = {risk.deal_id: risk for risk in told.risks}["A"]
    assert told.speaks
    assert (first.odds.metric, value(first.odds), first.risk) == ("win_probability", Decimal("0.8"), "Low")
    assert value(first.at_risk) == 8_000
    alone = asked(studied, filters=(Filter("stage", ("Demo",)),), period=quarter(2024, 2)).figures
    other = value(alone["expected_amount"]) - 32_000  # 80 % of A by any day, and what B brings
    assert 0 < other < 30_000


def test_deals_not_there_yet_are_expected_as_the_study_has_it(studied: Generation) -> None:
    told = asked(studied).figures  # 46 days are left: 6.57 weeks of 0.1 wins of 7,000
    assert value(told["expected_new_amount"]) == pytest.approx(Decimal("4600"), abs=1)
    parts = (told["won_amount"], told["expected_amount"], told["expected_new_amount"])
    assert told["forecast_amount"].value == pytest.approx(sum(part.value for part in parts), abs=1)


def test_of_deals_not_there_yet_a_rep_expects_the_share_of_the_last_year(studied: Generation) -> None:
    nothing_closed = asked(studied, Scope(rep_ids=frozenset({"rep_2"}), label="Bob")).figures
    assert value(nothing_closed["expected_new_amount"]) == 0


def test_how_often_the_range_held_is_told(studied: Generation) -> None:
    told = asked(studied).figures
    assert (value(told["backtest_coverage"]), told["backtest_coverage"].n) == (Decimal("0.8"), 5)
    assert (value(told["backtest_hits"]), value(told["backtest_quarters"])) == (4, 5)


@pytest.mark.parametrize("whose", ["mine", "team", "all"])
def test_the_sample_is_answered_for_anyone(crm: Path, whose: str) -> None:
    generation = store.current(crm)
    told = asked(generation, Scope(rep_ids=frozenset({"rep_01", "rep_02"}), label="two reps"), whose=whose)
    figures = told.figures
    assert 0 < value(figures["expected_amount"]) < value(figures["open_amount"])
    assert (
        figures["forecast_amount"].low <= figures["forecast_amount"].value <= figures["forecast_amount"].high
    )
    assert sum(value(stage.deals) for stage in told.stages) == value(figures["open_deals"])
