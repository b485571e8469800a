"""The sample CRM: what is planted is there, what is not is not, and its files never contradict themselves."""

import hashlib
import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from data import sample
from data.schema import TABLES

SUMMER = date(2024, 6, 28)
AUTUMN = date(2026, 11, 20)


def read(folder: Path, table: str) -> pd.DataFrame:
    """A table as written, its dates as timestamps."""
    rows = pd.read_csv(folder / f"{table}.csv", dtype={"old": str, "new": str, "next_step": str})
    for name in rows.columns[rows.columns.str.endswith("date")]:
        rows[name] = pd.to_datetime(rows[name], format="%Y-%m-%d")
    return rows


def closed_new_business(folder: Path) -> pd.DataFrame:
    """Closed deals of the main type, with their outcome as a number and their amount band."""
    deals = read(folder, "deals")
    new = deals[(deals.outcome != "open") & (deals.deal_type == "new")]
    bands = pd.cut(new.amount, [0, 10_000, 25_000, 50_000, 100_000, np.inf], right=False).astype(str)
    return new.assign(won=(new.outcome == "won").astype(int), amount_band=bands)


def signals(deals: pd.DataFrame, dimension: str) -> set[str]:
    """Values whose win rate differs from the rest: Fisher's exact test, Benjamini-Hochberg at 5 %."""
    cells = deals.groupby(dimension).won.agg(["sum", "count"])
    won, lost = cells["sum"], cells["count"] - cells["sum"]
    tests = [
        stats.fisher_exact([[won[v], lost[v]], [won.sum() - won[v], lost.sum() - lost[v]]]).pvalue
        for v in cells.index
    ]
    return set(cells.index[stats.false_discovery_control(tests) < 0.05])


def contradictions(folder: Path, as_of: date) -> list[str]:
    """What in the files of a sample cannot be true at once."""
    day = pd.Timestamp(as_of)
    deals, events, touches = (read(folder, name) for name in ("deals", "deal_events", "activities"))
    is_open = deals.outcome == "open"
    end = deals.close_date.where(~is_open, day)
    life = pd.DataFrame({"deal_id": deals.deal_id, "created": deals.created_date, "end": end})
    changes, touched = events.merge(life, on="deal_id"), touches.merge(life, on="deal_id")
    checks = {
        "a deal opened after the last day": (deals.created_date > day).any(),
        "a deal closed after the last day": (deals.close_date[~is_open] > day).any(),
        "a deal without a close date": deals.close_date.isna().any(),
        "deals not in order of creation": not deals.created_date.is_monotonic_increasing,
        "ids not in order": not deals.deal_id.is_monotonic_increasing,
        "one id twice": deals.deal_id.duplicated().any(),
        "an event outside the deal's life": (
            (changes.date < changes.created) | (changes.date > changes.end)
        ).any(),
        "an activity outside the deal's life": (
            (touched.date < touched.created) | (touched.date > touched.end)
        ).any(),
        "two rows with one key": any(
            read(folder, name)[list(table.key)].duplicated().any() for name, table in TABLES.items()
        ),
        "an event whose old value is not the one before": _broken_chains(events),
        "a deal that differs from its last event": _unlike_last_event(deals, events),
        "a wrong last activity": not deals.set_index("deal_id")
        .last_activity_date.dropna()
        .equals(touches.groupby("deal_id").date.max().rename("last_activity_date")),
        "a person nobody knows": not set(deals.rep_id) <= set(read(folder, "people").person_id),
    }
    return [name for name, failed in checks.items() if failed]


def _broken_chains(events: pd.DataFrame) -> bool:
    before = events.groupby(["deal_id", "kind"]).new.shift()
    return bool((before.notna() & (before != events.old)).any() or (events.old == events.new).any())


def _unlike_last_event(deals: pd.DataFrame, events: pd.DataFrame) -> bool:
    last = events.groupby(["deal_id", "kind"]).last().unstack("kind")
    told = last.new.reindex(deals.deal_id).reset_index(drop=True)
    shown = pd.DataFrame(
        {
            "stage": deals.stage,
            "amount": (deals.amount * 100).round().astype(int).astype(str),
            "close_date": deals.close_date.dt.strftime("%Y-%m-%d"),
            "owner": deals.rep_id,
        }
    )
    entered = last.date.stage.reindex(deals.deal_id).reset_index(drop=True)
    return bool(
        (told.notna() & (told != shown[told.columns])).any(axis=None)
        or (entered != deals.stage_entered_date).any()
    )


def digest(folder: Path) -> str:
    """One checksum over all files."""
    return hashlib.sha256(b"".join(file.read_bytes() for file in sorted(folder.iterdir()))).hexdigest()


@pytest.fixture(scope="module", params=[SUMMER, AUTUMN], ids=str)
def crm(request, tmp_path_factory):
    """A sample of the default size: its folder and what was planted."""
    out = tmp_path_factory.mktemp("sample")
    return out, sample.write(out, as_of=request.param)


def test_the_default_crm_has_5000_closed_deals_and_about_700_open_ones(crm):
    deals = read(crm[0], "deals")
    assert (deals.outcome != "open").sum() == crm[1].closed == 5000
    assert 600 < (deals.outcome == "open").sum() == crm[1].open < 800


def test_its_files_have_the_columns_of_the_schema(crm):
    for name, table in TABLES.items():
        assert list(read(crm[0], name).columns) == [column.name for column in table.columns]


def test_25_reps_in_4_teams_report_to_managers_and_they_to_the_cro(crm):
    people = read(crm[0], "people").set_index("person_id")
    assert people.role.value_counts().to_dict() == {"rep": 25, "manager": 4, "cro": 1, "ops": 1}
    assert people.team.nunique() == 4
    assert set(people.role[people.manager_id[people.role == "rep"]]) == {"manager"}
    assert people.email.is_unique
    assert people.email.str.endswith("@example.com").all()


def test_every_rep_has_a_quota_for_every_quarter_until_the_next(crm):
    quotas = read(crm[0], "quotas")
    following = pd.Period(crm[1].as_of, "Q") + 1
    assert quotas.groupby("person_id").period.nunique().eq(11).all()
    assert quotas.period.max() == str(following).replace("Q", "-Q")


def test_amounts_and_cycles_stay_in_their_ranges(crm):
    deals = read(crm[0], "deals")
    closed = deals[deals.outcome != "open"]
    assert deals.amount.between(2_000, 250_000).all()
    assert 0.1 < (deals.amount > 50_000).mean() < 0.25
    assert (closed.close_date - closed.created_date).dt.days.between(7, 180).all()


def test_some_open_deals_are_overdue_and_some_have_no_next_step(crm):
    deals = read(crm[0], "deals")
    book = deals[deals.outcome == "open"]
    assert 0.02 < (book.close_date < pd.Timestamp(crm[1].as_of)).mean() < 0.2
    assert 0.15 < book.next_step.isna().mean() < 0.35


def test_the_default_crm_does_not_contradict_itself(crm):
    assert contradictions(crm[0], crm[1].as_of) == []


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**40),
    as_of=st.dates(date(1990, 1, 1), date(2090, 1, 1)),
    deals=st.integers(100, 900),
)
def test_no_crm_ever_contradicts_itself(tmp_path_factory, seed, as_of, deals):
    out = tmp_path_factory.mktemp("any")
    planted = sample.write(out, as_of=as_of, deals=deals, seed=seed)
    assert contradictions(out, as_of) == []
    assert (read(out, "deals").outcome != "open").sum() == planted.closed == deals


def test_the_same_seed_gives_the_same_bytes_everywhere(tmp_path):
    sample.write(tmp_path, as_of=SUMMER, deals=100)
    assert digest(tmp_path) == "4caf330cb204851b71b033551e839450b85bd32fb63fc9cd73d34e03853c2169"


def test_another_seed_gives_another_crm_with_the_same_people(tmp_path):
    for seed in (7, 8):
        sample.write(tmp_path / str(seed), as_of=SUMMER, deals=100, seed=seed)
    one, other = tmp_path / "7", tmp_path / "8"
    assert (one / "deals.csv").read_bytes() != (other / "deals.csv").read_bytes()
    assert (one / "people.csv").read_bytes() == (other / "people.csv").read_bytes()


def test_a_table_left_out_changes_nothing_in_the_others(tmp_path):
    whole = sample.write(tmp_path / "whole", as_of=SUMMER, deals=100)
    part = sample.write(tmp_path / "part", as_of=SUMMER, deals=100, tables=("deals", "people"))
    assert part == whole
    assert sorted(file.name for file in (tmp_path / "part").iterdir()) == [
        "deals.csv",
        "people.csv",
        "planted.json",
    ]
    assert (tmp_path / "part/deals.csv").read_bytes() == (tmp_path / "whole/deals.csv").read_bytes()


def test_the_list_of_what_was_planted_lies_beside_the_data(crm):
    written = json.loads((crm[0] / "planted.json").read_text())
    assert written["closed"] == 5000
    assert [effect["kind"] for effect in written["effects"]] == [effect.kind for effect in crm[1].effects]
    assert written["newly_stalled"] == list(crm[1].newly_stalled)


def test_the_counts_in_the_list_are_those_of_the_files(crm):
    new = closed_new_business(crm[0])
    for effect in crm[1].effects:
        if effect.kind in ("dead_stage", "silence"):
            continue
        [(dimension, value)] = effect.where.items()
        seen = new[new.close_date >= pd.Timestamp(effect.since or "1900-01-01")]
        here = seen[seen["rep_id" if dimension == "rep" else dimension] == value]
        assert (effect.cell.deals, effect.cell.won) == (len(here), here.won.sum())
        assert (effect.rest.deals, effect.rest.won) == (
            len(seen) - len(here),
            seen.won.sum() - here.won.sum(),
        )


def test_what_was_won_is_what_the_planted_chances_lead_one_to_expect(crm):
    for effect in crm[1].effects:
        if effect.kind in ("segment_drop", "lead_source", "better_rep"):
            assert abs(effect.cell.won - effect.cell.expected_won) < 4 * np.sqrt(effect.cell.expected_won)


def test_the_region_that_fell_is_the_lowest_signal_since_it_fell_and_no_region_was_one_before(crm):
    [drop] = crm[1].of("segment_drop")
    new = closed_new_business(crm[0])
    since = new[new.close_date >= pd.Timestamp(drop.since)]
    assert "Europe" in signals(since, "region")
    assert since.groupby("region").won.mean().idxmin() == "Europe"
    assert signals(new[new.close_date < pd.Timestamp(drop.since)], "region") == set()


def test_the_region_that_fell_is_a_signal_in_the_last_whole_quarter(crm):
    new = closed_new_business(crm[0])
    last = new[new.close_date.dt.to_period("Q") == pd.Period(crm[1].as_of, "Q") - 1]
    assert "Europe" in signals(last, "region")


def test_by_region_and_quarter_only_the_quarters_since_the_fall_are_signals(crm):
    [drop] = crm[1].of("segment_drop")
    new = closed_new_business(crm[0])
    new["cell"] = new.region + " " + new.close_date.dt.to_period("Q").astype(str)
    fallen = {f"Europe {quarter}" for quarter in pd.period_range(drop.since, crm[1].as_of, freq="Q")}
    assert signals(new, "cell")
    assert signals(new, "cell") <= fallen


def test_referrals_win_more_and_outbound_less(crm):
    assert signals(closed_new_business(crm[0]), "lead_source") == {"Referral", "Outbound"}


def test_outbound_deals_grew_by_about_20_points_of_all(crm):
    [shift] = crm[1].of("mix_shift")
    new = closed_new_business(crm[0])
    share = (new.lead_source == "Outbound").groupby(new.close_date >= pd.Timestamp(shift.since)).mean()
    assert 0.12 < share[True] - share[False] < 0.22


def test_the_better_rep_is_the_only_signal_among_reps_and_the_lucky_ones_are_not(crm):
    better, lucky = crm[1].of("better_rep"), crm[1].of("lucky_rep")
    assert signals(closed_new_business(crm[0]), "rep_id") == {effect.where["rep"] for effect in better}
    assert len(lucky) == 3
    assert all(effect.cell.percent > effect.rest.percent for effect in lucky)


def test_deals_that_stay_long_in_proposal_die_there(crm):
    deals, events = read(crm[0], "deals"), read(crm[0], "deal_events")
    stages = events[events.kind == "stage"].merge(deals[["deal_id", "outcome", "close_date", "deal_type"]])
    left = stages.groupby("deal_id").date.shift(-1).fillna(stages.close_date)
    closed = (stages.outcome != "open") & (stages.deal_type == "new") & (stages.new == "Proposal")
    long = (left - stages.date).dt.days[closed] > 30
    won = (stages.outcome == "won")[closed].groupby(long).mean()
    [dead] = crm[1].of("dead_stage")
    assert won[True] < 0.2 < 0.5 < won[False]
    assert (dead.cell.deals, dead.rest.deals) == (long.sum(), (~long).sum())


def test_two_weeks_of_silence_predict_loss_on_any_day(crm):
    deals, touches = read(crm[0], "deals"), read(crm[0], "activities")
    day = pd.Timestamp(crm[1].as_of) - pd.Timedelta(days=200)
    then = deals[(deals.created_date < day - pd.Timedelta(days=20)) & (deals.close_date > day)]
    last = touches[touches.date <= day].groupby("deal_id").date.max().reindex(then.deal_id)
    silent = ((day - last).dt.days > 14).to_numpy()
    won = (then.outcome == "won").groupby(silent).mean()
    assert won[True] < 0.15 < 0.35 < won[False]


def test_a_few_big_deals_stall_on_the_very_day_under_several_managers(crm):
    deals, people = read(crm[0], "deals").set_index("deal_id"), read(crm[0], "people").set_index("person_id")
    stalled = deals.loc[list(crm[1].newly_stalled)]
    assert 3 <= len(stalled) <= 8
    assert (stalled.outcome == "open").all()
    assert (stalled.amount >= 50_000).all()
    assert set((pd.Timestamp(crm[1].as_of) - stalled.last_activity_date).dt.days) == {15}
    assert people.manager_id[stalled.rep_id].nunique() >= 3
    assert stalled.rep_id.nunique() >= 3


def test_those_that_stall_on_the_day_are_not_slow_in_their_stage(crm):
    deals = read(crm[0], "deals").set_index("deal_id").loc[list(crm[1].newly_stalled)]
    assert ((pd.Timestamp(crm[1].as_of) - deals.stage_entered_date).dt.days < 25).sum() >= 5


def test_all_big_silent_deals_are_counted(crm):
    deals = read(crm[0], "deals")
    silent = (pd.Timestamp(crm[1].as_of) - deals.last_activity_date).dt.days > 14
    assert crm[1].stalled == (silent & (deals.amount >= 50_000) & (deals.outcome == "open")).sum()
    assert 10 < crm[1].stalled < 40


def p_value(deals: pd.DataFrame, dimension: str) -> float:
    """Chance of so large a difference between all values of a dimension."""
    return float(stats.chi2_contingency(pd.crosstab(deals[dimension], deals.won)).pvalue)


def test_what_was_not_planted_is_null(tmp_path):
    tests = []
    for seed in range(20):
        planted = sample.write(tmp_path, as_of=AUTUMN, seed=seed, tables=("deals",))
        new = closed_new_business(tmp_path)
        [better], [drop] = planted.of("better_rep"), planted.of("segment_drop")
        tests += [p_value(new, dimension) for dimension in planted.null_dimensions]
        tests.append(p_value(new[new.rep_id != better.where["rep"]], "rep_id"))
        tests.append(p_value(new[new.close_date < pd.Timestamp(drop.since)], "region"))
    assert stats.kstest(tests, "uniform").pvalue > 0.01
    assert 0.01 < np.mean(np.array(tests) < 0.05) < 0.12


def test_a_larger_crm_has_more_reps_and_the_same_effects(tmp_path):
    planted = sample.write(tmp_path, as_of=SUMMER, deals=60_000, tables=("deals", "people"))
    deals, people = read(tmp_path, "deals"), read(tmp_path, "people")
    assert (people.role == "rep").sum() == 30
    assert deals.deal_id.iloc[0] == "D00001"
    assert deals.deal_id.iloc[-1] == f"D{len(deals):05d}"
    [drop], [referral, _] = planted.of("segment_drop"), planted.of("lead_source")
    assert abs(drop.cell.percent - drop.rest.percent + 15) < 3
    assert abs(referral.cell.percent - referral.rest.percent - 14.5) < 3


def test_progress_is_told_to_the_end(tmp_path):
    heard = []
    sample.write(tmp_path, as_of=SUMMER, deals=100, progress=lambda *told: heard.append(told))
    total = len(read(tmp_path, "deals"))
    assert heard[0] == ("Writing deals", 0, total)
    assert heard[-1] == ("Writing deals", total, total)


def test_shuffled_outcomes_keep_the_deals_and_leave_nothing_to_find(tmp_path):
    sample.write(tmp_path / "true", as_of=SUMMER, tables=("deals",))
    planted = sample.write(tmp_path / "shuffled", as_of=SUMMER, shuffle_outcomes=True, tables=("deals",))
    true, shuffled = read(tmp_path / "true", "deals"), read(tmp_path / "shuffled", "deals")
    counts = [frame.groupby(["deal_type", "outcome"]).size() for frame in (true, shuffled)]
    assert counts[0].equals(counts[1])
    assert true.drop(columns="outcome").equals(shuffled.drop(columns="outcome"))
    assert planted.effects == ()
    assert signals(closed_new_business(tmp_path / "shuffled"), "lead_source") == set()


def test_shuffling_again_with_another_seed_gives_another_order():
    outcome, kind = np.array(["won", "lost"] * 20 + ["open"]), np.array(["new"] * 41)
    one, other = (sample.shuffle_outcomes(outcome, kind, seed) for seed in (1, 2))
    assert one.tolist() != other.tolist()
    assert sorted(one) == sorted(other) == sorted(outcome)
    assert one[-1] == "open"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"deals": 5}, "A sample of 5 deals cannot be made: ask for 100 to 10,000,000."),
        ({"seed": -1}, "The seed -1 is negative: use 0 or more."),
        (
            {"tables": ["deal"]},
            "There is no table 'deal': choose from deals, deal_events, activities, people, quotas.",
        ),
    ],
)
def test_a_sample_that_cannot_be_made_says_why_and_writes_nothing(tmp_path, wrong, sentence):
    with pytest.raises(ValueError, match="^" + sentence.replace("?", r"\?") + "$"):
        sample.write(tmp_path / "out", as_of=SUMMER, **wrong)
    assert not (tmp_path / "out").exists()
