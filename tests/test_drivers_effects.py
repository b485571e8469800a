"""What drives winning, and pairs: found where planted with their size, not where nothing is."""

import numpy as np
import pytest

from analytics.drivers import effects
from analytics.drivers.interactions import interaction, scaled
from analytics.drivers.threads import single_thread
from analytics.drivers.window import horizon, known_on, snapshots
from analytics.facts import Verdict
from tests.landmarks_at_random import FIRST_DAY, frame

AS_OF = FIRST_DAY + 800
USED = ("stage", "days_in_stage", "days_since_activity", "amount", "rep", "region", "industry", "lead_source")


def found(rows):
    seen = snapshots(rows)
    with single_thread():
        return effects.effects(known_on(seen, AS_OF, horizon(seen), decay=False), USED)


def true_effect(rows, chance, value):
    first = ~rows["deal_id"].duplicated()
    own = chance[first & (rows["lead_source"] == value)]
    return own.mean() - chance[first].mean()


def test_the_planted_source_helps_by_about_what_it_truly_does():
    rows, chance = frame(4000, seed=11)
    by_name = {(one["feature"], one["value"]): one for one in found(rows)}
    for source, sign in (("Referral", 1), ("Outbound", -1)):
        one = by_name["lead_source", source]
        assert one["verdict"] == "Signal"
        assert one["effect"] * sign > 0
        assert one["low"] <= true_effect(rows, chance, source) <= one["high"]
        assert one["stable"]


def test_effects_of_a_feature_average_to_zero():
    listed = [one for one in found(frame(3000, seed=2)[0]) if one["feature"] == "region"]
    assert abs(np.average([o["effect"] for o in listed], weights=[o["n"] for o in listed])) < 0.005


def test_where_nothing_drives_winning_hardly_ever_is_a_driver_called_real():
    alarms = [
        any(o["verdict"] == "Signal" for o in found(frame(1000, signal=0, seed=s)[0])) for s in range(12)
    ]
    assert sum(alarms) <= 2


def test_a_sign_that_turns_is_told():
    rows, _ = frame(6000, signal=0, seed=7)
    half = rows["day"] > FIRST_DAY + 400
    is_early = rows.groupby("deal_id")["day"].transform("min") <= FIRST_DAY + 400
    odd = rows["region"] == "APAC"
    turned = (odd & is_early) | (~odd & ~is_early)
    keep = np.random.default_rng(0).random(len(rows)) < 0.5
    forced = rows["deal_id"].isin(rows.loc[keep & half | keep, "deal_id"].unique()[::2])
    rows.loc[turned & forced & (rows["outcome"] != "open"), "outcome"] = "won"
    apac = next(o for o in found(rows) if (o["feature"], o["value"]) == ("region", "APAC"))
    assert apac["flipped"]
    assert not apac["stable"]


@pytest.mark.parametrize(
    ("feature", "first"),
    [
        ("days_to_due", "overdue"),
        ("push_count", "none"),
        ("age_days", "under 30 days"),
        ("amount", "under 10k"),
    ],
)
def test_bands_have_names_that_people_use(feature, first):
    assert effects.labels(feature)[0] == first


def cells(rates, n=200):
    values = [(a, b) for a in "AB" for b in "XY"]
    return [a for a, _ in values], [b for _, b in values], [round(r * n) for r in rates], [n] * 4


def test_two_parts_that_only_add_up_show_no_interaction():
    seen = interaction(*cells([0.2, 0.4, 0.2, 0.4]), level=0.05)
    assert seen.p_value > 0.9
    assert set(seen.verdicts) == {Verdict.NOISE}
    assert np.abs(seen.effect).max() < 0.01


def test_a_pair_that_wins_more_than_its_parts_is_a_signal():
    seen = interaction(*cells([0.2, 0.2, 0.2, 0.5]), level=0.05)
    assert seen.p_value < 0.001
    assert seen.verdicts[3] is Verdict.SIGNAL
    assert 0.03 < seen.effect[3] < 0.15


def test_few_deals_or_one_value_show_nothing():
    assert interaction(["A", "A"], ["X", "Y"], [40, 50], [100, 100], 0.05) is None
    assert interaction(*cells([0.5] * 4, n=10), level=0.05) is None


def test_without_interaction_all_two_way_sums_stay_as_they_were():
    counts = np.random.default_rng(1).integers(1, 60, (1, 3, 4, 2)).astype(float)
    fitted = scaled(counts)
    assert all(np.allclose(fitted.sum(axis=a), counts.sum(axis=a), atol=1e-5) for a in (1, 2, 3))
    odds = fitted[0, :, :, 0] / fitted[0, :, :, 1]
    ratios = odds[1:, 1:] * odds[0, 0] / (odds[1:, :1] * odds[:1, 1:])
    assert ratios == pytest.approx(np.ones((2, 3)), abs=1e-4)


def test_thin_cells_without_interaction_seldom_alarm():
    rng, alarms = np.random.default_rng(5), 0
    for _ in range(20):
        n = rng.integers(1, 9, 60)
        won = rng.binomial(n, 0.3)
        first, second = [str(i // 6) for i in range(60)], [str(i % 6) for i in range(60)]
        seen = interaction(first, second, won.tolist(), n.tolist(), 0.05)
        alarms += seen is not None and Verdict.SIGNAL in seen.verdicts
    assert alarms <= 2
