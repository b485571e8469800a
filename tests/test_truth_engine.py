"""The promises of the truth engine: what was planted is found in its size, a shuffled copy holds nothing,
reasons and receipts add up."""

import json
from datetime import timedelta

import numpy as np
import pytest

from analytics import answers, refresh, store
from analytics.questions import EVERYONE
from data import tables
from tests import planted_truth
from tests.bench import truth
from tests.conftest import AS_OF

COPIES = 3
OTHER_MODEL = AS_OF - timedelta(days=40)  #: replayed by another test too, so it is made once
FAR_ONLY = ("segment_drop", "/why")  #: needs more than 5,000 deals to be sure


@pytest.fixture(scope="module")
def copies(planted):
    """The default sample with its outcomes dealt out anew, a few times over."""
    home = planted[0].path.parents[1]
    known = truth.known(home)
    return [truth.shuffled(known, seed) for seed in range(COPIES)]


def test_every_planted_effect_is_found_by_every_answer_meant_for_it(planted):
    missed = [one for one in planted_truth.checks(*planted) if not one.found]
    assert [one for one in missed if (one.effect, one.answer) != FAR_ONLY] == []


def test_at_least_nine_in_ten_ranges_hold_the_planted_size(planted):
    sized = [one for one in planted_truth.checks(*planted) if one.holds is not None]
    assert len(sized) >= 10
    assert np.mean([one.holds for one in sized]) >= 0.9, [one for one in sized if not one.holds]


def test_the_search_of_a_change_names_the_region_that_fell_among_enough_deals():
    found = truth.searched(seed=3)
    assert found.found
    assert found.holds


def test_what_drives_nothing_is_hardly_ever_called_a_driver(planted):
    found = planted_truth.nulls(planted[0])
    assert found.values >= 12
    assert found.signals <= 0.05 * found.values
    assert found.held >= 0.85 * found.values


def test_the_model_of_the_sample_speaks_and_that_of_a_shuffled_copy_is_silent(planted, copies):
    assert answers.model_card(planted[0]).speaks
    assert [copy.alarms["the gate opens"] for copy in copies] == [0] * COPIES


def test_in_a_shuffled_copy_nothing_is_called_real(copies):
    for copy in copies:
        found = {family for family, share in copy.alarms.items() if share}
        assert found == set()


def test_outcomes_dealt_out_at_random_cannot_be_foretold(copies):
    assert np.mean([copy.auc for copy in copies]) <= 0.53, "a feature knows how deals end"


def test_the_reasons_of_every_deal_add_up_to_its_odds(planted):
    scores = planted[0].scores()
    assert len(scores) > 500
    for score in scores:
        parts = json.loads(score.reasons).values()
        assert score.base + sum(parts) == pytest.approx(score.win_probability, abs=1e-9)
        assert score.low <= score.win_probability <= score.high


@pytest.mark.parametrize(
    ("before", "same"), [(AS_OF - timedelta(days=1), True), (OTHER_MODEL, False)], ids=["same model", "other"]
)
def test_a_receipt_adds_up_to_the_move_of_the_odds(crm, before, same):
    now = store.current(crm)
    then = store.opened(refresh.refresh(tables.current(crm), crm, before, kind="asof"))
    both = {score.deal_id for score in now.scores()} & {score.deal_id for score in then.scores()}
    assert len(both) > 50
    for deal_id in both:
        told = answers.receipt(then, now, deal_id, EVERYONE)
        parts = [part.value for _, part in told.parts] + [told.model_part.value]
        rounding = 0.5e-6 * (len(parts) + 2)
        assert float(sum(parts)) == pytest.approx(float(told.after.value - told.before.value), abs=rounding)
        assert told.same_model is same
        assert (told.model_part.value == 0) is same
