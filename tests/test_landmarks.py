"""Snapshots of open deals: what was known on the day, how it ended, and nothing that was learned later."""

from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

from analytics import answers, landmarks, refresh, store, timeline
from analytics.answers import believed
from analytics.engine import Engine
from analytics.questions import EVERYONE
from analytics.store import Generation
from data.tables import Tables
from tests.amnesia import cut
from tests.random_tables import DAYS, FIRST, LATER_TOO, LOADED_ON, loads
from tests.tables import tables

ALL_KNOWN = LOADED_ON + timedelta(days=20)
MOVES = [
    {"deal_id": "D00001", "date": "2024-01-01", "kind": "stage", "new": "Qualified"},
    {"deal_id": "D00001", "date": "2024-02-10", "kind": "stage", "old": "Qualified", "new": "Demo"},
]
STATE = """
    SELECT deal_id, deal_type, COALESCE(stage, 'Not set') AS stage, rep_id AS rep, team, region, industry,
           product, lead_source, age_days, days_in_stage, push_count, stage_number,
           close_day - as_of_day AS days_to_due,
           CASE WHEN in_main_currency = 1 AND EXISTS (
               SELECT 1 FROM crm_changes c WHERE c.kind = 'amount' AND c.day <= as_of_day
           ) THEN amount_cents / 100.0 END AS amount
    FROM state CROSS JOIN run WHERE outcome = 'open' ORDER BY deal_id"""


def engine_of(loaded: Tables, as_of: date | str) -> Engine:
    """An engine over the load as of the day."""
    day = date.fromisoformat(as_of) if isinstance(as_of, str) else as_of
    return Engine(loaded, day, spill=loaded.folder)


def seen(loaded: Tables, day: str, as_of: str = "2024-06-30") -> dict[str, Any]:
    """The first deal as it was known on the day."""
    with engine_of(loaded, as_of) as engine:
        return landmarks.on_day(engine, date.fromisoformat(day).toordinal()).iloc[0].to_dict()


def test_a_deal_is_seen_as_it_was_on_the_day_with_the_end_that_came(tmp_path: Path) -> None:
    changes = [
        {"deal_id": "D00001", "date": "2024-01-20", "kind": "amount", "old": "500000", "new": "700000"},
        {"deal_id": "D00001", "date": "2024-04-01", "kind": "amount", "old": "700000", "new": "1000000"},
    ]
    won = {"outcome": "won", "close_date": "2024-05-01", "stage": "Closed Won", "region": "APAC"}
    deal = seen(tables(tmp_path, deals=[won], events=[*MOVES, *changes]), "2024-03-01")
    assert (deal["stage"], deal["stage_number"], deal["days_in_stage"], deal["age_days"]) == (
        "Demo",
        2,
        20,
        60,
    )
    assert (deal["amount"], deal["region"], deal["product"]) == (7_000, "APAC", "Not set")
    assert (deal["outcome"], deal["days_left"]) == ("won", 61)


def test_an_amount_says_nothing_before_changes_of_amounts_were_kept(tmp_path: Path) -> None:
    first = {"deal_id": "D00002", "date": "2024-02-15", "kind": "amount", "old": "100000", "new": "200000"}
    loaded = tables(tmp_path, deals=[{"amount": 9_123}, {}], events=[first])
    assert np.isnan(seen(loaded, "2024-02-14")["amount"])
    assert seen(loaded, "2024-02-15")["amount"] == 9_123
    without = tables(tmp_path / "without", deals=[{"amount": 9_123}])
    assert np.isnan(seen(without, "2024-06-30")["amount"])


def test_what_nobody_knows_is_nan_and_never_zero(tmp_path: Path) -> None:
    row = {"last_activity_date": "2024-02-01", "stage": "Demo", "close_date": "2024-08-01"}
    deal = seen(tables(tmp_path, deals=[row], loaded_on="2024-06-30"), "2024-03-01")
    unknown = [name for name in landmarks.NUMBERS if np.isnan(deal[name])]
    assert unknown == [name for name in landmarks.NUMBERS if name != "age_days"]
    assert deal["stage"] == "Not set"


def test_the_row_of_an_open_deal_counts_from_the_day_of_the_load(tmp_path: Path) -> None:
    row = {"last_activity_date": "2024-06-20", "stage": "Demo", "close_date": "2024-08-01"}
    loaded = tables(tmp_path, deals=[row | {"stage_entered_date": "2024-06-10"}], loaded_on="2024-06-30")
    deal = seen(loaded, "2024-06-30")
    told = ("stage", "days_in_stage", "days_since_activity", "days_to_due")
    assert [deal[name] for name in told] == ["Demo", 20, 10, 32]


def test_activities_are_counted_over_thirty_days_once_the_feed_is_that_old(tmp_path: Path) -> None:
    days = ("2024-02-01", "2024-02-02", "2024-03-01", "2024-03-02", "2024-03-03")
    touches = [{"deal_id": "D00001", "date": day, "kind": "call"} for day in days]
    loaded = tables(tmp_path, deals=[{}], activities=touches)
    young, old = seen(loaded, "2024-02-20"), seen(loaded, "2024-03-02")
    assert (np.isnan(young["activities_30d"]), young["days_since_activity"]) == (True, 18)
    assert (old["activities_30d"], old["days_since_activity"]) == (3, 0)  # from 2024-02-02 on


def test_deals_logged_after_the_fact_teach_nothing(tmp_path: Path) -> None:
    days = ("2024-01-01", "2024-01-02", "2024-01-03", "2024-04-01")
    deals = [{"outcome": "won", "close_date": day} for day in days]
    with engine_of(tables(tmp_path, deals=deals), "2024-06-30") as engine:
        assert landmarks.on_day(engine, date(2024, 1, 1).toordinal())["deal_id"].tolist() == [
            "D00003",
            "D00004",
        ]
        assert set(landmarks.training(engine)["deal_id"]) <= {"D00003", "D00004"}


def test_deals_are_scored_on_the_last_day(tmp_path: Path) -> None:
    deals = [{}, {"outcome": "lost", "close_date": "2024-06-30"}, {"created_date": "2024-06-30"}]
    with engine_of(tables(tmp_path, deals=deals), "2024-06-30") as engine:
        found = landmarks.scoring(engine)
    assert found["deal_id"].tolist() == ["D00001", "D00003"]
    assert (set(found["outcome"]), set(found["days_left"]), found["age_days"].tolist()) == (
        {"open"},
        {0},
        [181, 0],
    )


def test_no_deals_give_an_empty_frame_with_the_same_columns(tmp_path: Path) -> None:
    with engine_of(tables(tmp_path), "2024-06-30") as engine:
        for found in (landmarks.training(engine), landmarks.scoring(engine)):
            assert (len(found), tuple(found.columns)) == (0, landmarks.COLUMNS)
            assert found.dtypes["amount"] == np.float64


def test_a_deal_is_looked_at_every_four_weeks_however_long_it_lives() -> None:
    ids = pa.array([f"D{n:05d}" for n in range(4_000)])
    first, life = np.full(4_000, 100), np.tile([7, 14, 28, 140], 1_000)
    looks = landmarks.spans_of(ids, first, first + life)
    assert set(looks.count[3::4]) == {5}
    assert set(looks.count[2::4]) == {1}
    assert looks.count[0::4].sum() == pytest.approx(250, abs=40)  # of 1,000 that live a quarter of it
    assert (looks.start.min(), looks.start.max()) == (100, 127)


def test_beyond_the_most_snapshots_whole_deals_are_left_out(tmp_path: Path) -> None:
    deals = [{"outcome": "lost", "close_date": "2024-02-26"} for _ in range(300)]  # 56 days: two looks each
    with engine_of(tables(tmp_path, deals=deals), "2024-06-30") as engine:
        everything, some = landmarks.training(engine), landmarks.training(engine, most=101)
    assert (len(everything), len(some)) == (600, 100)
    assert set(some["deal_id"].value_counts()) == {2}


def lived(stage: str, won: int, lost: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """So many deals that stayed in one stage from 2024-01-01 for 112 days, and their events."""
    ids = [f"{stage}{number}" for number in range(won + lost)]
    ends = ["won"] * won + ["lost"] * lost
    deals = [
        {"deal_id": i, "outcome": end, "close_date": "2024-04-22"} for i, end in zip(ids, ends, strict=True)
    ]
    return deals, [{"deal_id": i, "date": "2024-01-01", "kind": "stage", "new": stage} for i in ids]


@pytest.fixture(scope="module")
def taught(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """Demo won 10 of 40, Proposal 30 of 40; three open deals: young in Demo, old in Demo, without a stage."""
    (demo, demo_moves), (proposal, proposal_moves) = lived("Demo", 10, 30), lived("Proposal", 30, 10)
    still = [
        {"deal_id": "YOUNG", "created_date": "2024-06-10", "stage": "Demo"},
        {"deal_id": "OLD", "created_date": "2023-12-01", "stage": "Demo"},
        {"deal_id": "LOST_TRACK", "created_date": "2024-06-10"},
    ]
    folder = tmp_path_factory.mktemp("taught")
    loaded = tables(folder, deals=[*demo, *proposal, *still], events=[*demo_moves, *proposal_moves])
    return store.opened(refresh.refresh(loaded, folder, date(2024, 6, 30)))


@pytest.mark.parametrize(
    ("deal_id", "rate", "deals", "of"),
    [("YOUNG", 0.25, 40, "stage_and_age"), ("OLD", 0.25, 40, "stage"), ("LOST_TRACK", 0.5, 80, "age")],
)
def test_the_base_rate_is_of_deals_in_the_stage_at_the_age_if_there_are_enough(
    taught: Generation, deal_id: str, rate: float, deals: int, of: str
) -> None:
    row = taught.deal(deal_id)
    assert row is not None
    found = believed.base_rate_at(taught, row)
    assert found is not None
    assert (found.rate.rate, found.of) == (pytest.approx(rate, abs=0.01), of)
    assert deals <= found.rate.at_risk <= deals + 3  # open ones were looked at, too


def test_a_deal_counts_once_however_often_it_was_looked_at(taught: Generation) -> None:
    rows = taught.fates("Not set", "Demo")
    assert sum(row.won + row.lost for row in rows) == 160  # forty deals, four looks each
    assert [sum(row.deals for row in rows if row.age_band == band) for band in range(4)] == [40] * 4
    assert sum(row.stage_deals for row in rows) == 40


def test_the_card_says_which_deals_its_base_rate_is_of(taught: Generation) -> None:
    young, old = (answers.deal(taught, deal_id, EVERYONE).figures for deal_id in ("YOUNG", "OLD"))
    assert (young["base_rate"].n, "base_rate_in_stage" in young) == (40, False)
    assert young["base_rate_at_stage"].value == 40
    assert old["base_rate_in_stage"].value == 40


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(load=loads(), day=DAYS)
def test_a_snapshot_always_tells_what_the_timeline_tells_of_the_day(load: dict[str, Any], day: date) -> None:
    with TemporaryDirectory() as folder:
        full = tables(Path(folder, "full"), loaded_on=LOADED_ON, **load)
        sound = cut(full, ALL_KNOWN, Path(folder, "sound"))  # rows that agree with the changes
        with engine_of(sound, ALL_KNOWN) as late, engine_of(sound, day) as early:
            snapshots = landmarks.on_day(late, day.toordinal())
            timeline.build(early)
            state = early.frame(STATE)
            one_money = timeline.feeds(late)["currencies"] == timeline.feeds(early)["currencies"]
    known = state[state["deal_id"].isin(snapshots["deal_id"])].reset_index(drop=True)
    texts = ["deal_id", *landmarks.TEXTS]
    numbers = [name for name in landmarks.NUMBERS if name in state.columns]
    if not one_money:  # the first deal that names a currency decides what an unnamed one is
        numbers.remove("amount")
    pd.testing.assert_frame_equal(snapshots[texts], known[texts].astype("str"))
    pd.testing.assert_frame_equal(snapshots[numbers], known[numbers].astype("float64"))


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(load=loads(), as_of=LATER_TOO, day=DAYS)
def test_snapshots_never_know_the_future(load: dict[str, Any], as_of: date, day: date) -> None:
    with TemporaryDirectory() as folder:
        full = tables(Path(folder, "full"), loaded_on=LOADED_ON, **load)
        forgetful = cut(full, as_of, Path(folder, "cut"))
        past = min(day, as_of).toordinal()
        with engine_of(full, as_of) as travelled, engine_of(forgetful, as_of) as forgotten:
            for frame in (landmarks.training, lambda e: landmarks.on_day(e, past)):
                pd.testing.assert_frame_equal(frame(travelled), frame(forgotten))
    assert past >= FIRST.toordinal()
