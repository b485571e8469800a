"""A deal in two generations -> why its odds moved: what changed of the deal, what of the model."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from analytics import drivers
from analytics.answers.card import OPEN
from analytics.answers.errors import DealNotFound, NotYourDeal
from analytics.answers.lists import people
from analytics.answers.mint import Mint, mint_of
from analytics.answers.remember import remembered
from analytics.drivers import GROUPS, Model
from analytics.facts import Fact, Note, Receipt, Unit
from analytics.generation import DealRow, ScoreRow
from analytics.questions import Scope
from analytics.store import Generation


@dataclass(frozen=True, slots=True)
class State:
    """A deal in a generation: its row, and its scores while it was open."""

    row: DealRow
    score: ScoreRow | None

    @property
    def odds(self) -> float | None:
        """The model's, where it spoke."""
        return self.score.win_probability if self.score else None


@dataclass(frozen=True, slots=True)
class Move:
    """Odds before and after; `parts` by group of features and `model` add up to the difference exactly."""

    parts: tuple[tuple[str, float], ...]
    model: float


def receipt(
    before: Generation, now: Generation, deal_id: str, scope: Scope, older: Sequence[Generation] = ()
) -> Receipt:
    """What moved a deal's odds between two generations; `older` ones add to its history.

    First the model of before is replaced by that of now, then the deal changes under it: so both add up.

    Raises:
        DealNotFound: the deal is not in one of the two.
        NotYourDeal: it is somebody else's now.
    """
    then, today = _state(before, deal_id), _state(now, deal_id)
    if not scope.allows(today.row.rep_id):
        raise NotYourDeal(deal_id)
    move, mint = _move(before, now, then, today), mint_of(now)
    return Receipt(
        deal_id=deal_id,
        before=_odds(mint, then, "before"),
        after=_odds(mint, today, "after"),
        before_day=mint.day("as_of", before.as_of.toordinal(), "before"),
        parts=tuple((group, mint.fact("odds_part", part, Unit.POINTS, group)) for group, part in move.parts),
        model_part=mint.fact("odds_part", move.model, Unit.POINTS, "model"),
        same_model=_is_same(before, now),
        score_history=tuple(_history(mint, (*older, before, now), deal_id)),
        changes=tuple(_changes(then.row, today.row, now)),
        notes=tuple(_notes(today.row, mint)),
        as_of=now.as_of,
        generation=now.id,
    )


def _state(generation: Generation, deal_id: str) -> State:
    row = generation.deal(deal_id)
    if row is None:
        raise DealNotFound(deal_id, ())
    return State(row, generation.score(deal_id))


def _move(before: Generation, now: Generation, then: State, today: State) -> Move:
    if then.score is None or today.score is None or then.odds is None or today.odds is None:
        return Move((), 0.0)
    model = _model(now)
    start, _, parts = model.move(_features(then.score), _features(today.score))
    moved = sorted(zip(GROUPS, map(float, parts), strict=True), key=lambda one: -abs(one[1]))
    return Move(tuple(moved), 0.0 if _is_same(before, now) else start - then.odds)


def _notes(row: DealRow, mint: Mint) -> Iterator[Note]:
    if row.outcome != OPEN:
        yield Note("closed_on", {"closed": mint.day("close_date", row.close_day, f"deal={row.deal_id}")})


def _is_same(before: Generation, now: Generation) -> bool:
    """Were the odds of both told by one model?"""
    return before.model().get("id") == now.model().get("id")


@remembered
def _model(generation: Generation) -> Model:
    """The model whose odds the generation tells."""
    return drivers.unpacked(json.loads(generation.models()["fitted"]))


def _features(score: ScoreRow) -> dict[str, list[object]]:
    """A deal as the model saw it, as columns of one row."""
    told: dict[str, object] = json.loads(score.features)
    return {name: [value] for name, value in told.items()}


def _odds(mint: Mint, state: State, of: str) -> Fact:
    score = state.score
    low, high = (score.low, score.high) if score else (None, None)
    why = "no_odds" if state.row.outcome == OPEN else "closed"
    return mint.fact("win_probability", state.odds, Unit.FRACTION, of, low=low, high=high, unknown=why)


def _history(mint: Mint, kept: Sequence[Generation], deal_id: str) -> Iterator[tuple[Fact, Fact]]:
    for one in kept:
        score = one.score(deal_id)
        if score and score.win_probability is not None:
            day = one.as_of.isoformat()
            odds = mint.fact("win_probability", score.win_probability, Unit.FRACTION, day)
            yield mint.day("as_of", one.as_of.toordinal(), day), odds


def _changes(then: DealRow, today: DealRow, now: Generation) -> Iterator[tuple[str, str, str]]:
    """What else moved in the CRM: field, before, after."""
    names = people(now)
    pairs = {
        "stage": (then.stage, today.stage),
        "close_date": (_day(then.close_day), _day(today.close_day)),
        "owner": (names.get(then.rep_id, then.rep_id), names.get(today.rep_id, today.rep_id)),
        "last_activity": (_day(then.last_activity_day), _day(today.last_activity_day)),
    }
    for field, (before, after) in pairs.items():
        if before != after and before and after:
            yield field, before, after


def _day(ordinal: int | None) -> str | None:
    return None if ordinal is None else date.fromordinal(ordinal).isoformat()
