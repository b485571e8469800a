"""What a rule would have told last quarter: no day knows more than it did, nothing is found in nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import store
from analytics.alerts import alike, rules
from analytics.alerts.backtest import backtest, limits_of, seen
from analytics.alerts.board import Board, board, past, setting
from analytics.alerts.epochs import epochs
from analytics.alerts.ration import NEVER, Economy, Offers, told
from analytics.alerts.replay import Coded, Fates, Replay, replay
from analytics.alerts.rules import Condition, Level, Rule, Subject
from analytics.engine import Engine
from analytics.facts import BacktestAnswer, Worth
from bot import replies
from bot.audience import NotForThisRole
from bot.blocks import backtest as blocks
from bot.blocks import limits
from bot.coach import Coach
from bot.intents import Backtest
from bot.narrator import template
from data import tables
from data.sample import shuffle_outcomes
from tests.conftest import AS_OF

MONDAY = date(2024, 7, 1).toordinal()
TOLD_NOW = ("amount", "days_since_activity", "stage_percentile", "push_count", "days_overdue", "age_days")
EVERY_DEAL = tuple(rule for rule in rules.DEFAULTS if rule.subject is Subject.DEAL)

Rows = Sequence[Mapping[str, Any]]


def days(rows: Rows, outcomes: Sequence[str], *, end: int = 1_000) -> Replay:
    """A replay by hand: a row is a deal's place and a day; what it leaves out is the same for all."""
    count = len(rows)

    def numbers(name: str, usual: float) -> np.ndarray[Any, np.dtype[np.float64]]:
        return np.array([row.get(name, usual) for row in rows], float)

    def coded(name: str, usual: str) -> Coded:
        values, codes = np.unique([row.get(name, usual) for row in rows], return_inverse=True)
        return Coded(codes.astype(np.int64), values)

    usual = {"amount": 60_000, "age_days": 30, "days_since_activity": 1, "days_overdue": -9}
    columns = {name: numbers(name, value) for name, value in usual.items()}
    names = {"deal_type": "new", "stage": "Demo", "rep": "rep_1"}
    dimensions = {name: coded(name, value) for name, value in names.items()}
    ends = np.array([max(row["day"] for row in rows if row["deal"] == d) + 1 for d in range(len(outcomes))])
    ends = np.where(np.array(outcomes) == "open", end, ends) if count else ends
    fates = Fates(np.array([f"D{place}" for place in range(len(outcomes))]), np.array(outcomes), ends)
    deal, day = (np.array([row[name] for row in rows], np.int64) for name in ("deal", "day"))
    return Replay(fates, deal, day, dimensions, Board(columns, {}))


def groups(**ended: Sequence[str]) -> tuple[Replay, np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Deals open on day 1 alone: those of `alerted` over the line, those of `alike` not."""
    outcomes = [*ended["alerted"], *ended["alike"]]
    seen_once = days([{"deal": place, "day": 1} for place in range(len(outcomes))], outcomes)
    over = np.arange(len(outcomes)) < len(ended["alerted"])
    return seen_once, np.flatnonzero(over), ~over


# ---------------------------------------------------------------- epochs


def test_an_epoch_lasts_as_long_as_the_rule_holds_without_a_break() -> None:
    silence = [13, 15, 16, 2, 15]
    seen_daily = days(
        [{"deal": 0, "day": 1 + n, "days_since_activity": n_days} for n, n_days in enumerate(silence)],
        ["lost"],
    )
    found = epochs(seen_daily, np.array(silence) > 14)
    assert found.row.tolist() == [1, 4]
    assert found.end.tolist() == [4, 6]
    assert found.ending.tolist() == ["activity", "lost"]


def test_what_is_still_over_the_line_on_the_last_day_is_not_over() -> None:
    found = epochs(days([{"deal": 0, "day": 5}], ["open"], end=6), np.array([True]))
    assert (found.end.tolist(), found.ending.tolist()) == ([6], ["over"])


def test_a_deal_of_another_id_never_goes_on_with_an_epoch() -> None:
    found = epochs(
        days([{"deal": 0, "day": 1}, {"deal": 1, "day": 2}], ["won", "lost"]), np.array([True, True])
    )
    assert found.ending.tolist() == ["won", "lost"]


@pytest.mark.parametrize(
    ("changed", "ending"),
    [
        ({"rep": "rep_2"}, "owner_changed"),
        ({"stage": "Proposal"}, "moved"),
        ({"days_overdue": -30}, "date_moved"),
        ({"amount": 40_000, "days_since_activity": 2}, "amount_fell"),
        ({"days_since_activity": 2}, "passed"),
    ],
)
def test_an_epoch_ends_by_what_changed_first(changed: dict[str, Any], ending: str) -> None:
    rows = [
        {"deal": 0, "day": 1},
        {"deal": 0, "day": 2, "days_since_activity": 2, "days_overdue": -8} | changed,
    ]
    assert epochs(days(rows, ["open"]), np.array([True, False])).ending.tolist() == [ending]


# ---------------------------------------------------------------- deals like them


def test_the_difference_is_that_of_the_shares_lost_among_the_decided() -> None:
    held = groups(alerted=["lost"] * 15 + ["won"] * 5 + ["open"] * 4, alike=["lost"] * 10 + ["won"] * 10)
    found = alike.contrast(*held)
    assert found is not None
    assert (found.alerted.lost, found.alike.lost, found.difference, found.lift) == (0.75, 0.5, 0.25, 1.5)
    assert (found.alerted.deals, found.alike.deals) == (20, 20)
    assert found.bounds == (15 / 24, 19 / 24)


def test_too_few_decided_deals_are_not_judged() -> None:
    assert alike.contrast(*groups(alerted=["lost"] * 19 + ["open"] * 9, alike=["won"] * 50)) is None


def test_a_deal_is_like_those_of_its_day_kind_and_stage_only() -> None:
    rows = [{"deal": place, "day": 1} for place in range(40)]
    others: Rows = [{"deal": 40, "day": 2}, {"deal": 41, "day": 1, "deal_type": "renewal"}]
    outcomes = ["lost"] * 20 + ["won"] * 20 + ["lost"] * 2
    held = days([*rows, *others], outcomes)
    found = alike.contrast(held, np.arange(20), np.arange(42) >= 20)
    assert found is not None
    assert (found.alike.deals, found.alike.lost) == (20, 0.0)


def test_a_deal_alerted_on_later_is_comparable_until_then() -> None:
    """Else whoever is never alerted on would be chosen by what came later."""
    first = [{"deal": place, "day": 1} for place in range(40)]
    later = [{"deal": place, "day": 2} for place in range(20, 40)]
    held = days(sorted([*first, *later], key=lambda row: (row["deal"], row["day"])), ["lost"] * 40)
    over = (held.deal < 20) | (held.day == 2)
    found = alike.contrast(held, np.flatnonzero((held.deal < 20) & (held.day == 1)), ~over)
    assert found is not None
    assert found.alike.deals == 20


def test_seeing_the_same_deals_on_more_days_makes_nothing_surer() -> None:
    """Ten alerts on each of three days, the same twenty deals beside them."""
    outcomes = ["lost", "won"] * 15 + ["lost", "won"] * 10
    rows = [{"deal": place, "day": 1 + place // 10} for place in range(30)]
    rows += [{"deal": place, "day": day} for place in range(30, 50) for day in (1, 2, 3)]
    held = days(rows, outcomes)
    found = alike.contrast(held, np.arange(30), np.arange(len(rows)) >= 30)
    once = alike.contrast(*groups(alerted=outcomes[:30], alike=outcomes[30:]))
    assert found is not None
    assert once is not None
    assert found.alike.deals == 20
    assert found.high - found.low == pytest.approx(once.high - once.low)


def test_an_open_deal_counts_on_neither_side_but_is_told() -> None:
    held = groups(alerted=["lost"] * 20 + ["open"] * 20, alike=["lost"] * 20 + ["open"] * 60)
    found = alike.contrast(*held)
    assert found is not None
    assert (found.difference, found.alerted.open_share, found.alike.open_share) == (0.0, 0.5, 0.75)


def test_of_shuffled_outcomes_one_interval_in_twenty_misses_zero() -> None:
    """Eighty deals, fourteen days each, a third of them alerted on some day: nothing is true of them."""
    rows = [{"deal": place, "day": 1 + place % 10 + turn} for place in range(80) for turn in range(14)]
    held = days(rows, ["lost"] * 50 + ["won"] * 30)
    alerts = np.flatnonzero((held.deal % 3 == 0) & (held.day == 5 + held.deal % 10))
    like = ~np.isin(np.arange(len(held)), alerts)
    kinds = np.full(80, "new")
    misses = 0
    for seed in range(400):
        anew = replace(held.fates, outcome=shuffle_outcomes(held.fates.outcome, kinds, seed))
        found = alike.contrast(replace(held, fates=anew), alerts, like)
        assert found is not None
        misses += not found.low <= 0 <= found.high
    assert misses / 400 < 0.085


# ---------------------------------------------------------------- who is told


def offers(*given_: tuple[str, int, int, float]) -> Offers:
    person, since, until, amount = zip(*given_, strict=True)
    return Offers(np.array(person), np.array(since), np.array(until), np.array(amount, float))


def test_the_biggest_deals_are_told_first_and_the_rest_when_there_is_room() -> None:
    mine = offers(*(("rep_1", MONDAY, MONDAY + 30, amount) for amount in (1, 4, 3, 2)))
    assert (told(mine, 3, Economy(), MONDAY + 30, waits=True) - MONDAY).tolist() == [7, 0, 0, 0]


def test_what_ended_before_a_working_day_is_never_told() -> None:
    saturday = MONDAY + 5
    weekend = offers(("rep_1", saturday, saturday + 2, 1), ("rep_1", saturday, saturday + 3, 1))
    assert told(weekend, 3, Economy(), MONDAY + 30, waits=True).tolist() == [NEVER, MONDAY + 7]


def test_what_finds_no_room_with_a_manager_goes_to_the_digest() -> None:
    asked = offers(*(("boss", MONDAY, MONDAY + 30, 9 - place) for place in range(6)))
    assert told(asked, 5, Economy(), MONDAY + 30, waits=False).tolist() == [MONDAY] * 5 + [NEVER]


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.integers(0, 40), st.integers(1, 30), st.integers(1, 9)),
        min_size=1,
        max_size=60,
    )
)
def test_nobody_is_ever_told_more_than_the_budget_in_seven_days(
    drawn: list[tuple[str, int, int, int]],
) -> None:
    given_ = offers(*((who, MONDAY + since, MONDAY + since + lasts, big) for who, since, lasts, big in drawn))
    days_told = told(given_, 3, Economy(), MONDAY + 60, waits=True)
    for who in "ab":
        mine = days_told[(given_.person == who) & (days_told != NEVER)]
        assert all(((mine > day - 7) & (mine <= day)).sum() <= 3 for day in mine)
        assert all(Economy().is_working(int(day)) for day in mine)


# ---------------------------------------------------------------- days of the past


@pytest.fixture(scope="module")
def answer(crm: Path) -> BacktestAnswer:
    """All our rules on the sample."""
    return backtest(tables.current(crm), rules.DEFAULTS, AS_OF, Economy(), crm)


def test_a_replayed_day_tells_what_the_day_itself_told(crm: Path) -> None:
    now = store.current(crm)
    with Engine(tables.current(crm), AS_OF, spill=crm) as engine:
        found = replay(engine, AS_OF.toordinal() - 8, AS_OF.toordinal(), now)
    today = found.day == AS_OF.toordinal()
    rows = sorted((row for row in now.open_deals() if not row.backdated), key=lambda row: row.deal_id)
    told_now = board(rows, {}, setting(now), past(None))
    assert found.fates.deal_ids[found.deal[today]].tolist() == [row.deal_id for row in rows]
    for metric in TOLD_NOW:
        np.testing.assert_array_equal(found.board.columns[metric][today], told_now.columns[metric], metric)


def test_what_comes_later_never_changes_what_a_day_told(crm: Path) -> None:
    """But for amounts: one that changed later tells what it was; the row alone tells what it became."""
    day, known = limits_of(AS_OF), store.current(crm)
    boards = []
    for as_of in (day, AS_OF):
        with Engine(tables.current(crm), as_of, spill=crm) as engine:
            boards.append(replay(engine, day.toordinal() - 3, day.toordinal(), known).board.columns)
    for metric in (*TOLD_NOW[1:], "days_in_stage"):
        np.testing.assert_array_equal(boards[0][metric], boards[1][metric], metric)


def test_limits_and_model_are_those_of_the_day_before_the_weeks(crm: Path, answer: BacktestAnswer) -> None:
    assert answer.since.value == limits_of(AS_OF).toordinal() + 1
    assert store.asof(crm, limits_of(AS_OF)) is not None


def test_every_alert_is_told_held_or_left_to_a_louder_rule(answer: BacktestAnswer) -> None:
    loud = next(one for one in answer.trials if one.id == "stalled").figures
    parts = ("told", "held", "unsaid", "inhibited")
    assert sum(loud[part].value or 0 for part in parts) == loud["crossings"].value
    quiet = next(one for one in answer.trials if one.id == "pushed").figures
    assert (quiet["digest"].value or 0) + (quiet["inhibited"].value or 0) == quiet["crossings"].value


def test_nobody_is_told_more_than_the_settings_allow(answer: BacktestAnswer) -> None:
    assert answer.together is not None
    assert answer.together.figures["busiest_rep"].value in {1, 2, 3}
    assert (answer.together.figures["busiest_manager"].value or 0) <= 5


def test_what_no_history_tells_is_not_tried(answer: BacktestAnswer) -> None:
    untried = {one.id: one.untold for one in answer.trials if one.worth is Worth.UNTRIED}
    assert untried["no_next_step"] == ("next_steps",)
    assert untried["no_update"] == ("days_since_update",)
    assert "rate_left_limits" in untried


def test_a_rule_that_nothing_fits_says_so(crm: Path) -> None:
    huge = Rule("huge", Level.P1, Subject.DEAL, (Condition("amount", ">=", Decimal(10**9)),))
    found = backtest(tables.current(crm), [huge], AS_OF, Economy(), crm, about="huge").asked
    assert found is not None
    assert found.worth is Worth.SILENT
    assert found.figures["crossings"].value == 0


def test_on_shuffled_outcomes_a_rule_is_noise(crm: Path) -> None:
    season = seen(tables.current(crm), EVERY_DEAL, AS_OF, Economy(), crm)
    kinds = np.full(len(season.days.fates.deal_ids), "new")
    wide = [rule for rule in EVERY_DEAL if rule.id == "stalled_medium"]
    misses = []
    for seed in range(40):
        outcome = shuffle_outcomes(season.days.fates.outcome, kinds, seed)
        fates = replace(season.days.fates, outcome=outcome)
        found = replace(season, days=replace(season.days, fates=fates)).contrast(wide)
        misses += [not found.low <= 0 <= found.high] if found else []
    assert len(misses) == 40
    assert sum(misses) <= 6  # of 40 at one in twenty: more in one run of a hundred


# ---------------------------------------------------------------- as it is read


async def test_the_verdict_comes_first_and_the_switch_below(coach: Coach) -> None:
    reply = await replies.reply(Backtest("stalled_medium"), coach.asked_here())
    assert reply.blocks[1]["text"]["text"].startswith(("*Worth keeping on.*", "*Noise.*"))
    (row,) = [block for block in reply.blocks if block["type"] == "actions"]
    is_noise = reply.blocks[1]["text"]["text"].startswith("*Noise.*")
    asked = [button["action_id"] for button in row["elements"]]
    assert asked == [*(["rule.edit"] if is_noise else []), "rule.off", "ask.rule", "ask.backtest"]
    assert row["elements"][0]["value"] == "stalled_medium"


def all_of(answer: BacktestAnswer, together: Worth, alone: Worth) -> BacktestAnswer:
    """The answer about all rules as if P1 rules were worth so much together, and each alone."""
    assert answer.together is not None
    known = next(one.figures for one in answer.trials if "difference" in one.figures)
    figures = {**known, **answer.together.figures}
    p1 = [
        replace(one, worth=alone, figures={**known, **one.figures}) if one.level == "P1" else one
        for one in answer.trials
    ]
    told = replace(answer.together, worth=together, figures=figures)
    return replace(answer, together=told, trials=tuple(p1))


def test_all_rules_say_that_they_are_put_together_and_what_each_alone_shows(answer: BacktestAnswer) -> None:
    words = template.backtest(all_of(answer, Worth.WORTH, Worth.NOISE))
    assert words.headline.startswith("Backtest: stalled and odds fell together, ")
    assert words.verdict.startswith("Together they are worth it, none alone is shown.")
    assert words.lines[0] == "Each alone: stalled: Noise; odds fell: Noise."
    shown = template.backtest(all_of(answer, Worth.WORTH, Worth.WORTH))
    assert shown.verdict.startswith("Worth keeping on together.")


def test_a_rule_that_is_noise_can_be_changed_or_switched_off(answer: BacktestAnswer) -> None:
    noise = replace(all_of(answer, Worth.NOISE, Worth.NOISE), about="stalled", is_on=True)
    (row,) = [b for b in blocks.answer(noise, template.backtest(noise)) if b["type"] == "actions"]
    assert [button["action_id"] for button in row["elements"]][:2] == ["rule.edit", "rule.off"]


@pytest.mark.parametrize("rule", ["all", "overdue", "no_update"])
async def test_every_backtest_fits_into_a_message(coach: Coach, rule: str) -> None:
    reply = await replies.reply(Backtest(rule), coach.asked_here())
    assert limits.check(reply.blocks) == []
    assert limits.check_text(reply.text) == []


async def test_all_rules_stand_in_one_table(coach: Coach) -> None:
    reply = await replies.reply(Backtest("all"), coach.asked_here())
    (table,) = [block for block in reply.blocks if block["type"] == "data_table"]
    assert [row[0]["text"] for row in table["rows"][1:]][:1] == ["stalled"]


async def test_a_rep_is_not_told_what_alerts_are_worth(coach: Coach) -> None:
    people = store.current(coach.home).people()
    rep = next(person.person_id for person in people if person.role == "rep")
    with pytest.raises(NotForThisRole):
        await replies.reply(Backtest("stalled"), coach.asked_here(rep))


def test_the_weeks_end_with_the_last_complete_one() -> None:
    assert limits_of(date(2026, 11, 20)) == date(2026, 8, 16)
