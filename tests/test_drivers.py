"""The win-probability model on deals whose true chance is known: right, calibrated, exact, and forgetful."""

import json
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics import drivers
from analytics.drivers import rolling, shapley
from analytics.drivers.window import horizon, known_on, snapshots
from tests.landmarks_at_random import FIRST_DAY, frame

AS_OF = FIRST_DAY + 800
QUICK = ("additive",)


@pytest.fixture(scope="module")
def simulated():
    return frame(3000, seed=3)


@pytest.fixture(scope="module")
def trained(simulated):
    return drivers.train(simulated[0], AS_OF, candidates=QUICK)


@pytest.fixture(scope="module", params=drivers.KINDS)
def model(request, simulated):
    seen = snapshots(simulated[0])
    within = horizon(seen)
    window = known_on(seen, AS_OF, within)
    return drivers.Model(drivers.fitted(request.param, window, USED), within, request.param)


USED = ("stage", "age_days", "days_in_stage", "amount", "rep", "region", "lead_source")


def test_reasons_add_up_to_odds_minus_base_rate(model, simulated):
    found = model.reasons(simulated[0].head(300))
    assert np.abs(found.base + found.parts.sum(axis=1) - found.odds).max() < 1e-9
    assert np.abs(found.odds - model.odds(simulated[0].head(300))).max() < 1e-9
    assert (found.low <= found.odds).all()
    assert (found.odds <= found.high).all()


def test_what_moved_a_deals_odds_adds_up_to_the_move(model, simulated):
    before, after = simulated[0].iloc[[0]], simulated[0].iloc[[7]]
    then, now, parts = model.move(before, after)
    assert [then, now] == pytest.approx([*model.odds(before), *model.odds(after)], abs=1e-12)
    assert parts.sum() == pytest.approx(now - then, abs=1e-12)


def test_a_deal_that_did_not_move_has_no_parts(model, simulated):
    row = simulated[0].iloc[[3]]
    assert np.abs(model.move(row, row)[2]).max() < 1e-12


def test_only_the_group_that_changed_moves_the_odds(model, simulated):
    before = simulated[0].iloc[[0]].assign(lead_source="Outbound")
    _, _, parts = model.move(before, before.assign(lead_source="Referral"))
    moved = dict(zip(drivers.GROUPS, parts, strict=True))
    assert moved.pop("segment") > 0
    assert all(abs(part) < 1e-12 for part in moved.values())


@given(st.lists(st.floats(0, 1), min_size=64, max_size=64))
def test_parts_always_add_up(values):
    given_chances = np.array([values])
    assert shapley.parts(given_chances).sum() == pytest.approx(values[-1] - values[0], abs=1e-9)


def test_a_group_that_changes_nothing_gets_nothing():
    amount = drivers.GROUPS.index("amount")
    values = shapley.sigmoid(shapley.COALITIONS @ np.array([1.0, -0.4, 0.2, 0.0, 2.0, 0.1]))[None]
    assert shapley.parts(values)[0, amount] == pytest.approx(0, abs=1e-12)


def test_odds_come_near_the_truth_where_the_truth_is_known(trained, simulated):
    rows, chance = simulated
    found = trained.model.reasons(rows)
    usual = np.sqrt(np.mean((chance.mean() - chance) ** 2))
    assert np.sqrt(np.mean((found.odds - chance) ** 2)) < 0.65 * usual
    assert np.mean((found.low <= chance) & (chance <= found.high)) >= 0.88


def test_where_something_is_associated_with_winning_the_model_speaks(trained):
    assert trained.speaks
    assert trained.card["improvement"]["low"] > 0
    assert trained.card["reason"] == ""


def test_of_deals_with_such_odds_about_so_many_are_won(trained):
    chosen = next(row for row in trained.card["tried"] if row["chosen"])
    assert chosen["ece"] < 1.5 * chosen["ece_floor"]
    assert sum(one["low"] <= one["predicted"] <= one["high"] for one in trained.card["bins"]) >= 7


def test_where_nothing_is_the_model_stays_silent():
    rows, _ = frame(1500, signal=0, seed=3)
    found = drivers.train(rows, AS_OF, candidates=QUICK)
    assert not found.speaks
    assert found.card["reason"] == "no_better"


def test_a_handful_of_deals_is_too_few():
    rows, _ = frame(60)
    found = drivers.train(rows, AS_OF)
    assert (found.model, found.speaks, found.card["reason"]) == (None, False, "too_few")


def test_where_nothing_can_be_fitted_no_machine_learning_library_is_brought():
    script = (
        "import sys; from analytics import drivers; from tests.landmarks_at_random import FIRST_DAY, frame;"
        "rows = frame(60)[0];"
        "assert drivers.train(rows, FIRST_DAY + 800).card['reason'] == 'too_few';"
        "assert drivers.evaluate(rows, FIRST_DAY + 800) == [];"
        "assert not {'sklearn', 'joblib', 'scipy.stats'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_no_deal_at_all_is_too_few():
    found = drivers.train(frame(60)[0].head(0), AS_OF)
    assert found.card["reason"] == "too_few"
    assert drivers.evaluate(frame(60)[0].head(0), AS_OF) == []


def test_without_a_quarter_to_try_it_on_the_model_stays_silent():
    rows, _ = frame(4000, days=120)
    found = drivers.train(rows, FIRST_DAY + 120, candidates=QUICK)
    assert found.card["reason"] == "no_quarters"


def test_nothing_after_the_day_changes_what_was_learned_by_then(simulated):
    """Outcomes, amounts, owners after the cut: every aggregate is taken inside the window."""
    rows = simulated[0]
    cut, within = FIRST_DAY + 500, 120
    later = rows["day"] + rows["days_left"] > cut
    other = rows.copy()
    other.loc[later & (other["outcome"] != "open"), "outcome"] = "won"
    other.loc[other["day"] >= cut, ["amount", "rep", "region", "stage"]] = [1e9, "rep_new", "Mars", "Moon"]
    learned = [drivers.fitted("pairs", known_on(snapshots(one), cut, within), USED) for one in (rows, other)]
    assert learned[0].to_json() == learned[1].to_json()


def test_no_deal_is_ever_on_both_sides(simulated):
    seen = snapshots(simulated[0])
    for origin in rolling.origins(seen, AS_OF, horizon(seen)):
        assert not set(origin.known.deal) & set(origin.unseen.deal)
        assert origin.known.day.max() < origin.day <= origin.unseen.day.min()
        assert all(len(set(origin.known.fold[origin.known.deal == d])) == 1 for d in origin.known.deal[:20])


def test_deals_that_nobody_closes_lower_the_odds_as_they_should():
    """To leave undecided deals out says that more of the open ones are won than are."""
    rows, _ = frame(4000, zombies=0.3, signal=0.5, seed=5)
    later, _ = frame(4000, zombies=0.3, signal=0.5, seed=5, as_of_day=AS_OF + 400)
    window = known_on(snapshots(rows), AS_OF, 130, decay=False)
    meant = later[later["day"] < AS_OF]
    truth = ((meant["outcome"] == "won") & (meant["days_left"] <= 130)).mean()
    closed_only = (rows["outcome"] == "won").sum() / (rows["outcome"] != "open").sum()
    assert window.base == pytest.approx(truth, abs=0.015)
    assert closed_only > truth + 0.05


def test_recent_snapshots_stand_for_those_not_decided_yet():
    """Followed for 10 days only: one of two snapshots is known, and counts for both."""
    ids = ["a", "b", "c", "d"]
    columns = {name: ["x"] * 4 for name in ("deal_type", "stage", "rep", "team", "region", "industry")}
    columns |= {name: ["x"] * 4 for name in ("product", "lead_source")}
    numbers = ("age_days", "days_in_stage", "days_since_activity", "activities_30d", "push_count", "amount")
    columns |= {name: [1.0] * 4 for name in (*numbers, "days_to_due")}
    rows = columns | {
        "deal_id": ids,
        "day": [0, 0, 90, 90],
        "outcome": ["won", "lost", "won", "open"],
        "days_left": [30, 60, 5, 10],
    }
    window = known_on(snapshots(rows), 100, 60, decay=False)
    assert window.y.tolist() == [1.0, 0.0, 1.0]
    assert (window.weight / window.weight[2]).tolist() == pytest.approx([2.0, 2.0, 1.0])


def test_categories_never_seen_fall_back_to_the_average_with_a_wider_range(trained, simulated):
    known = simulated[0].iloc[[0]].assign(region="Europe", rep="rep_03")
    usual, strange = (
        trained.model.reasons(one) for one in (known, known.assign(region="Mars", rep="rep_99"))
    )
    widths = [float((one.high - one.low)[0]) for one in (usual, strange)]
    assert widths[1] > 1.2 * widths[0]
    people = drivers.GROUPS.index("people")
    assert abs(strange.parts[0, people]) < 0.02


def test_without_feeds_the_model_still_works_and_says_what_it_left_out():
    found = drivers.train(frame(2500, feeds=False, seed=2)[0], AS_OF, candidates=QUICK)
    left_out = dict(found.card["left_out"])
    assert left_out["days_since_activity"] == left_out["push_count"] == "no_history"
    assert left_out["deal_type"] == "one_value"
    assert left_out["team"] == "collinear"
    assert found.speaks


def test_a_pair_that_matters_is_found_and_the_model_with_pairs_is_taken():
    found = drivers.train(frame(2500, pair=1.0, seed=4)[0], AS_OF, candidates=("additive", "pairs"))
    assert found.card["chosen"] == "pairs"
    assert ["region", "lead_source"] in found.card["pairs"]


def test_the_same_snapshots_in_any_order_make_the_same_model(trained, simulated):
    rows = simulated[0].sample(frac=1, random_state=1)
    again = drivers.train(rows, AS_OF, candidates=QUICK)
    assert again.id == trained.id
    assert np.abs(again.model.odds(rows) - trained.model.odds(rows)).max() < 1e-6


def test_outcomes_dealt_out_anew_leave_nothing_to_predict():
    """Above 0.53 something of the outcome leaked into what is known of the deal."""
    found = []
    for seed in range(4):
        rows, _ = frame(1500, seed=seed, signal=1.0)
        tried = drivers.trial(dealt_anew(rows, seed), AS_OF, QUICK)
        found += [row["auc"] for row in rolling.table(tried) if row["name"] in QUICK]
    assert np.mean(found) <= 0.53


def dealt_anew(rows, seed):
    """The outcomes permuted among the closed deals."""
    ends = rows[rows["outcome"] != "open"].groupby("deal_id")["outcome"].first()
    dealt = dict(zip(ends.index, np.random.default_rng(seed).permutation(ends.to_numpy()), strict=True))
    return rows.assign(outcome=rows["deal_id"].map(dealt).fillna("open"))


def test_risk_is_high_below_half_the_usual_odds_and_low_above_twice():
    assert [drivers.risk(p, 0.5) for p in (0.33, 0.34, 0.66, 0.67)] == ["High", "Medium", "Medium", "Low"]


def test_odds_are_kept_as_text_and_scored_without_any_machine_learning_library(trained, simulated):
    row = simulated[0].iloc[0].to_dict()
    plain = {name: [value if isinstance(value, str) else float(value)] for name, value in row.items()}
    script = (
        "import sys, json; from analytics import drivers; text, row = json.load(sys.stdin);"
        "odds = drivers.unpacked(text).reasons(row).odds;"
        "assert not {'sklearn', 'pandas', 'scipy.stats', 'joblib'} & set(sys.modules), sorted(sys.modules);"
        "print(repr(float(odds[0])))"
    )
    given = json.dumps([drivers.packed(trained.model), plain])
    done = subprocess.run(
        [sys.executable, "-c", script], input=given, capture_output=True, text=True, check=True
    )
    expected = trained.model.odds(simulated[0].iloc[[0]])[0]
    assert float(done.stdout) == pytest.approx(float(expected), abs=1e-12)


def test_a_model_of_any_kind_comes_back_as_it_was_kept(model, simulated):
    again = drivers.unpacked(drivers.packed(model))
    assert again.odds(simulated[0].head(50)).tolist() == model.odds(simulated[0].head(50)).tolist()
    assert (again.kind, again.horizon) == (model.kind, model.horizon)


def test_a_changed_text_is_refused_before_it_is_read(trained):
    checksum = drivers.packed(trained.model).partition("\n")[0]
    with pytest.raises(drivers.DamagedModel, match="its checksum differs"):
        drivers.unpacked(f"{checksum}\nboosting\n90\nnot a pickle, and never opened as one")
