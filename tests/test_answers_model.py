"""What drives winning and the model card, as facts from what a generation keeps."""

import json
from decimal import ROUND_HALF_UP, Decimal

import pytest

from analytics import answers, drivers, store
from analytics.answers import AnswerError
from analytics.answers import model as model_answers
from analytics.facts import Unit, Verdict
from analytics.glossary import BY_NAME
from analytics.questions import EVERYONE, BreakdownQuestion, DriversQuestion, Filter, Scope
from tests.landmarks_at_random import FIRST_DAY, frame

EAST = Scope(rep_ids=frozenset(f"rep_{n:02d}" for n in range(1, 6)), label="your deals")


class Keeping(store.Generation):
    """A generation beside whose tables these values are kept."""

    def __init__(self, path, kept):
        super().__init__(path)
        self.kept = kept

    def model(self):
        return self.kept


@pytest.fixture(scope="module")
def trained():
    return drivers.train(frame(1500, seed=3)[0], FIRST_DAY + 800, candidates=("additive",))


@pytest.fixture
def generation(crm, trained):
    """With a model that speaks."""
    history = [{"day": "2024-06-28", "id": trained.id, "change": "first"}]
    kept = {"id": trained.id, "card": trained.card, "effects": trained.effects, "history": history}
    return Keeping(store.current(crm).path, json.loads(json.dumps(kept)))


@pytest.fixture
def silent(crm):
    """Without any model."""
    return Keeping(store.current(crm).path, {})


def test_no_person_and_no_team_is_named_by_the_model(generation):
    features = {one["feature"] for one in generation.kept["effects"]}
    assert "rep" in features
    assert not {one.feature for one in answers.drivers(generation, DriversQuestion(), EVERYONE).drivers} & {
        "rep",
        "team",
    }
    assert not {one.dimension for one in answers.model_card(generation).segments} & {"rep", "team"}


def test_drivers_stand_from_help_to_hurt_with_range_and_verdict(generation):
    found = model_answers.drivers(generation, DriversQuestion(), EVERYONE)
    assert found.speaks
    assert [one.effect.value for one in found.drivers] == sorted(
        (one.effect.value for one in found.drivers), reverse=True
    )
    best = next(one for one in found.drivers if one.value == "Referral")
    assert (best.feature, best.group, best.effect.unit) == ("lead_source", "segment", Unit.POINTS)
    assert best.effect.verdict is Verdict.SIGNAL
    assert 0 < best.effect.low < best.effect.value < best.effect.high
    assert found.improvement.low > 0


def test_every_fact_of_both_answers_has_an_entry_and_an_id_of_its_own(generation):
    answer = model_answers.drivers(generation, DriversQuestion(("region", "lead_source")), EVERYONE)
    card = model_answers.model_card(generation)
    for one in (answer, card):
        assert all(fact.metric in BY_NAME for fact in one.facts().values())
    assert len(card.facts()) == 9 + 4 * len(card.tried) + 2 * len(card.bins) + 2 * len(card.segments)
    assert len(answer.pairs) == 16


def test_two_dimensions_give_a_cell_for_each_pair_and_one_p(generation):
    found = model_answers.drivers(generation, DriversQuestion(("region", "lead_source")), EVERYONE)
    assert found.dimensions == ("region", "lead_source")
    assert 0 <= found.p_value.value <= 1
    assert all(0 <= pair.win_rate.value <= 1 for pair in found.pairs)
    assert [note.code for note in found.notes] == ["main_type_only"]


def test_a_pair_shows_what_it_won_and_apart_what_its_two_parts_would_give(generation):
    found = model_answers.drivers(generation, DriversQuestion(("region", "lead_source")), EVERYONE)
    counted = answers.breakdown(generation, BreakdownQuestion(("region", "lead_source")), EVERYONE)
    won = {cell.values: (cell.win_rate.value, cell.win_rate.n) for cell in counted.cells}
    assert {pair.values: (pair.win_rate.value, pair.win_rate.n) for pair in found.pairs} == won
    tenth = Decimal("0.001")
    for pair in found.pairs:
        read = [fact.value.quantize(tenth, ROUND_HALF_UP) for fact in (pair.win_rate, pair.parts)]
        assert pair.effect.value == read[0] - read[1]
    assert found.deal_type == counted.deal_type


def test_pairs_are_counted_from_the_deals_in_scope_only(generation):
    everyone, own = (
        model_answers.drivers(generation, DriversQuestion(("region", "product")), scope)
        for scope in (EVERYONE, EAST)
    )
    total = [sum(pair.effect.n for pair in one.pairs) for one in (everyone, own)]
    assert 0 < total[1] < total[0] / 2
    assert "scope" in [note.code for note in own.notes]


def test_a_narrower_question_is_told_that_drivers_are_of_everything(generation):
    asked = DriversQuestion(filters=(Filter("region", ("Europe",)),))
    assert "drivers_of_everything" in [
        note.code for note in model_answers.drivers(generation, asked, EVERYONE).notes
    ]


@pytest.mark.parametrize("dimensions", [("region",), ("region", "month"), ("stage", "region")])
def test_what_no_pair_can_be_made_of_is_a_sentence(generation, dimensions):
    with pytest.raises(AnswerError, match=r"two dimensions|Pairs cannot be made of"):
        model_answers.drivers(generation, DriversQuestion(dimensions), EVERYONE)


def test_the_card_tells_what_was_tried_and_which_was_taken(generation, trained):
    card = model_answers.model_card(generation)
    assert [row.name for row in card.tried] == ["base_rate", "base_rate_at_stage", "additive"]
    assert [row.chosen for row in card.tried] == [False, False, True]
    assert card.tried[2].log_loss.value < card.tried[0].log_loss.value
    assert (card.speaks, card.reason, card.choice, card.model) == (True, "", "only", trained.id)
    assert card.history == (("2024-06-28", trained.id, "first"),)
    assert ("team", "collinear") in card.left_out
    assert card.trained_on.value == Decimal(trained.card["trained_on"])


def test_without_a_model_both_say_so_and_nothing_is_made_up(silent):
    card, found = model_answers.model_card(silent), model_answers.drivers(silent, DriversQuestion(), EVERYONE)
    assert (card.speaks, card.reason, card.tried, card.bins) == (False, "no_model", (), ())
    assert card.surprise.value is card.improvement.value is card.window_start.value is None
    assert (found.speaks, found.drivers, found.base_rate.value) == (False, (), None)
    assert [note.code for note in found.notes] == ["no_model"]


def test_a_model_that_could_not_be_fitted_makes_a_card_with_the_reason(crm):
    few = drivers.train(frame(60)[0], FIRST_DAY + 800)
    kept = Keeping(
        store.current(crm).path, json.loads(json.dumps({"card": few.card, "effects": few.effects}))
    )
    card = model_answers.model_card(kept)
    assert (card.reason, card.chosen, card.test_deals.value) == ("too_few", "", 0)


def test_the_answers_are_exported():
    assert answers.drivers is model_answers.drivers
    assert answers.model_card is model_answers.model_card


@pytest.mark.parametrize(
    ("before", "now", "code"),
    [
        (None, {"id": "a"}, "first"),
        ({"id": "a"}, {"id": "a"}, ""),
        ({"id": "a", "speaks": False}, {"id": "b", "speaks": True}, "opened"),
        ({"id": "a", "speaks": True}, {"id": "b", "speaks": False}, "closed"),
        (
            {"id": "a", "speaks": True, "chosen": "pairs"},
            {"id": "b", "speaks": True, "chosen": "additive"},
            "kind_changed",
        ),
        (
            {"id": "a", "speaks": True, "chosen": "pairs"},
            {"id": "b", "speaks": True, "chosen": "pairs"},
            "new_data",
        ),
    ],
)
def test_a_retrain_says_what_it_changed(before, now, code):
    assert drivers.changed(before, now) == code
