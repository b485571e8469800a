"""When open deals are decided: curves by hand, what is learned from a business whose truth is known."""

import json
import subprocess
import sys
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from analytics import closing, landmarks
from analytics.closing import HORIZONS, Timing
from analytics.engine import Engine
from data import tables
from tests.conftest import AS_OF
from tests.histories import FIRST, PACE, QUICK, history, known, seen

LAST = FIRST + 719
WIDE = len(HORIZONS)


def curve(*points: tuple[int, float]) -> np.ndarray:
    """Steps up to a value from a horizon on."""
    steps = dict(points)
    return np.array(
        [max((value for day, value in steps.items() if day <= end), default=0.0) for end in HORIZONS]
    )


@pytest.fixture(scope="module")
def timing() -> Timing:
    """Learned from a snapshot every four weeks."""
    return closing.fit(seen(history(), range(FIRST, LAST, 28), LAST), LAST)


def fresh(stage: str, day: int = LAST) -> pd.DataFrame:
    """A deal of a stage, just opened."""
    deal = {"deal_id": ["D1"], "deal_type": "new", "stage": stage, "created_day": day, "close_day": day + 1}
    return seen(pd.DataFrame(deal | {"outcome": "open", "amount": 1.0}), [day], day)


def test_the_chance_by_a_day_lies_straight_between_horizons() -> None:
    rising = curve((7, 0.1), (14, 0.3))
    assert closing.won_by(rising, 0) == 0
    assert closing.won_by(rising, 7) == pytest.approx(0.1)
    assert closing.won_by(rising, 10.5) == pytest.approx(0.2)
    assert closing.won_by(rising, 9_999) == pytest.approx(0.3)


def test_remaining_days_are_those_when_won_and_lost_together_reach_the_share() -> None:
    days = closing.remaining(curve((7, 0.2)), curve((7, 0.2), (14, 0.6)), (0.1, 0.4, 0.6, 0.9))
    assert days[0, :3].tolist() == pytest.approx([1.75, 7.0, 10.5])
    assert np.isnan(days[0, 3])


def test_anchored_curves_end_at_the_odds_and_keep_what_is_decided() -> None:
    won, lost = closing.anchored(curve((7, 0.1), (14, 0.2)), curve((7, 0.6)), [0.4])
    assert won[0, :2].tolist() == pytest.approx([0.2, 0.4])
    assert lost[0, -1] == pytest.approx(0.4)


def test_odds_that_nobody_knows_leave_the_curves_alone() -> None:
    won, _ = closing.anchored(curve((7, 0.1)), curve((7, 0.6)), [np.nan])
    assert won[0].tolist() == curve((7, 0.1)).tolist()


steps = arrays(float, (3, 2 * WIDE + 1), elements=st.floats(0, 1))


@given(steps, arrays(float, 3, elements=st.floats(0, 1)))
def test_anchored_curves_never_fall_never_exceed_one_and_end_at_the_odds(
    drawn: np.ndarray, odds: np.ndarray
) -> None:
    parts = drawn / np.maximum(drawn.sum(axis=1, keepdims=True), 1e-9)
    won, lost = np.cumsum(parts[:, :WIDE], axis=1), np.cumsum(parts[:, WIDE:-1], axis=1)
    wins, losses = closing.anchored(won, lost, odds)
    assert (wins[:, -1] == odds).all()
    assert (np.diff(wins, axis=1) >= -1e-12).all()
    assert (np.diff(losses, axis=1) >= -1e-12).all()
    assert (wins + losses <= 1 + 1e-9).all()


@given(arrays(float, WIDE, elements=st.floats(0, 1)), st.lists(st.floats(0, 400), min_size=2))
def test_the_chance_to_win_never_falls_over_time(drawn: np.ndarray, days: list[float]) -> None:
    rising = np.cumsum(drawn) / max(drawn.sum(), 1.0)
    chances = [float(closing.won_by(rising, day)) for day in sorted(days)]
    assert all(later >= earlier - 1e-12 for earlier, later in pairwise(chances))


@given(steps)
def test_remaining_days_never_fall_as_the_share_grows(drawn: np.ndarray) -> None:
    parts = drawn / np.maximum(drawn.sum(axis=1, keepdims=True), 1e-9)
    won, lost = np.cumsum(parts[:, :WIDE], axis=1), np.cumsum(parts[:, WIDE:-1], axis=1)
    days = np.nan_to_num(closing.remaining(won, lost), nan=np.inf)
    assert (days[:, :-1] <= days[:, 1:] + 1e-9).all()


def test_a_business_is_learned_as_it_is(timing: Timing) -> None:
    others = seen(history(seed=2), range(FIRST + 200, LAST, 60), LAST)
    assert timing.kind == "snapshots"
    for stage, (hazard, share) in PACE.items():
        won, lost = timing.curves(others[others["stage"] == stage])
        for days in (28, 91):
            decided = 1 - (1 - hazard) ** days
            assert closing.won_by(won, days).mean() == pytest.approx(decided * share, abs=0.06), stage
            assert closing.won_by(lost, days).mean() == pytest.approx(decided * (1 - share), abs=0.06), stage


def test_eight_in_ten_deals_are_decided_within_the_range(timing: Timing) -> None:
    later = seen(history(seed=2), [FIRST + 300], LAST + 999)
    days = closing.remaining(*timing.curves(later))
    inside = (later["days_left"] >= days[:, 0]) & ~(later["days_left"] > days[:, 4])
    assert 0.72 <= inside.mean() <= 0.88


def test_curves_never_fall_and_never_exceed_one(timing: Timing) -> None:
    won, lost = timing.curves(seen(history(seed=3), [FIRST + 100, FIRST + 400], LAST))
    assert (np.diff(won, axis=1) >= 0).all()
    assert (np.diff(lost, axis=1) >= -1e-12).all()
    assert (won + lost <= 1 + 1e-12).all()


def test_nothing_after_the_day_is_looked_at() -> None:
    deals, day = history(400), FIRST + 300
    then = closing.fit(seen(known(deals, day), range(FIRST, day, 28), day), day)
    later = closing.fit(seen(deals, range(FIRST, LAST, 28), LAST), day)
    assert then.to_json() == later.to_json()


def test_the_order_of_the_deals_does_not_matter(timing: Timing) -> None:
    frame = seen(history(), range(FIRST, LAST, 28), LAST)
    again = closing.fit(frame.sample(frac=1, random_state=1), LAST)
    won, lost = timing.curves(fresh(QUICK))
    assert again.curves(fresh(QUICK))[0] == pytest.approx(won, abs=0.01)
    assert again.curves(fresh(QUICK))[1] == pytest.approx(lost, abs=0.01)


def test_kept_as_json_it_says_the_same(timing: Timing) -> None:
    again = Timing.from_json(json.loads(json.dumps(timing.to_json())))
    deals = seen(history(seed=3), [FIRST + 400], LAST)
    assert again.curves(deals)[0] == pytest.approx(timing.curves(deals)[0], abs=1e-3)


SCORE = """
import json, sys
from analytics.closing import Timing
kept = json.load(sys.stdin)
row = dict.fromkeys([*kept["hazards"]["terms"]["knots"], "days_to_due"], [float("nan")])
row |= {"deal_type": ["new"], "stage": ["Quick"], "day": [738000], "age_days": [3.0]}
won, _ = Timing.from_json(kept).curves(row)
print(won[0, -1] > 0.4, {"sklearn", "pandas", "scipy.stats"} & set(sys.modules))
"""


def test_scoring_needs_neither_scikit_learn_nor_pandas(timing: Timing) -> None:
    kept = json.dumps(timing.to_json())
    told = subprocess.run(
        [sys.executable, "-c", SCORE], input=kept, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["True", "set()"]


def test_what_is_told_of_decided_deals_only_is_never_learned_from() -> None:
    frame = seen(history(), range(FIRST, LAST, 28), LAST)
    leaky = frame.assign(days_to_due=np.where(frame["outcome"] == "open", np.nan, frame["days_left"]))
    fair = frame.assign(days_to_due=60.0)
    assert "days_to_due" not in closing.fit(leaky, LAST).to_json()["hazards"]["terms"]["moving_knots"]
    assert "days_to_due" in closing.fit(fair, LAST).to_json()["hazards"]["terms"]["moving_knots"]


def lives(*deals: tuple[str, int, int, int], as_of: int = 1_000) -> pd.DataFrame:
    """(outcome, age when first seen, days left then, how many such deals), all first seen on day 0."""
    rows = [row[:3] for row in deals for _ in range(row[3])]
    frame = pd.DataFrame(rows, columns=["outcome", "age_days", "days_left"])
    names = {
        "deal_id": [f"D{place}" for place in range(len(rows))],
        "day": 0,
        "deal_type": "new",
        "stage": "Not set",
    }
    return frame.assign(**names, **dict.fromkeys(closing_columns(), np.nan))


def closing_columns() -> list[str]:
    return ["days_in_stage", "days_since_activity", "activities_30d", "push_count", "days_to_due"]


def test_few_deals_are_told_by_their_age_alone() -> None:
    frame = lives(("won", 0, 10, 30), ("lost", 0, 20, 30))
    timing = closing.fit(frame, 1_000)
    won, lost = timing.curves(frame[:1])
    assert timing.kind == "ages"
    assert [closing.won_by(won, day)[0] for day in (7, 14, 365)] == [0.0, 0.5, 0.5]
    assert [closing.won_by(lost, day)[0] for day in (14, 21)] == [0.0, 0.5]


def test_a_deal_counts_from_the_age_at_which_it_was_first_seen() -> None:
    # 30 deals won at 10 days; 30 seen from age 15 on, lost at 20: at age 0 only the first were at risk.
    frame = lives(("won", 0, 10, 30), ("open", 0, 40, 30), ("lost", 15, 5, 60))
    won, lost = closing.fit(frame, 1_000).curves(frame[:1])
    assert closing.won_by(won, 14)[0] == pytest.approx(0.5)
    assert closing.won_by(lost, 21)[0] == pytest.approx(0.5 * 60 / 90)


def test_open_deals_count_as_long_as_they_were_followed() -> None:
    frame = lives(("open", 0, 5, 40), ("won", 0, 10, 30), ("lost", 0, 20, 30))
    won, _ = closing.fit(frame, 1_000).curves(frame[:1])
    assert closing.won_by(won, 14)[0] == pytest.approx(0.5)


def test_too_few_deals_of_a_kind_are_told_nothing() -> None:
    frame = lives(("won", 0, 10, 5))
    timing = closing.fit(frame, 1_000)
    assert timing.kind == "nothing"
    assert np.isnan(timing.curves(frame[:1])[0]).all()
    assert np.isnan(closing.remaining(*timing.curves(frame[:1]))).all()


def test_on_the_sample_eight_in_ten_open_deals_are_decided_within_the_range(crm: Path) -> None:
    day, loaded = (
        date(2023, 12, 28),
        tables.current(crm),
    )  # half a year before the end: all are decided by then
    with (
        Engine(loaded, day, spill=crm, threads=1) as then,
        Engine(loaded, AS_OF, spill=crm, threads=1) as now,
    ):
        learned = closing.fit(landmarks.training(then), day.toordinal())
        later = landmarks.on_day(now, day.toordinal())
    days = np.nan_to_num(closing.remaining(*learned.curves(later)), nan=np.inf)
    assert len(later) > 150
    inside = (later["days_left"] >= days[:, 0]) & (later["days_left"] <= days[:, 4])
    assert 0.72 <= inside.mean() <= 0.88
