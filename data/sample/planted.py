"""What was planted, in words and figures: the answers that a good analysis of the sample must give."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date

import numpy as np

from data.sample import days, market
from data.sample.company import Company
from data.sample.days import Floats
from data.sample.lives import When
from data.sample.tally import Tally

_SOURCES, _REGIONS = list(market.LEAD_SOURCES), list(market.REGIONS)


@dataclass(frozen=True, slots=True)
class Cell:
    """Closed deals of a segment: how many, how many were won, how many wins their chances add up to."""

    deals: int
    won: int
    expected_won: float

    def __str__(self) -> str:
        return f"{self.won} of {self.deals} ({self.percent:.1f} %)"

    @property
    def percent(self) -> float:
        """The win rate in percent; 0 when there is no deal."""
        return 100 * self.won / self.deals if self.deals else 0.0


@dataclass(frozen=True, slots=True)
class Effect:
    """One planted effect: its kind, the segment, its size, and what `cell` and `rest` came to.

    `points` is the difference in win probability (for a mix shift: in share) that was planted; for the
    two process signals, which follow from how deals move, the one that came out. All cells are closed
    deals of `deal_type`, closed from `since` on when that is set.
    """

    kind: str
    where: Mapping[str, str]
    deal_type: str
    since: date | None
    points: int
    cell: Cell
    rest: Cell
    sentence: str


@dataclass(frozen=True, slots=True)
class Planted:
    """Everything that was planted in a sample, and what must be found null in it.

    `stalled` counts open deals of at least 50k with no activity for more than 14 days; `newly_stalled`
    are those that were not yet among them the day before.
    """

    as_of: date
    seed: int
    closed: int
    open: int
    effects: tuple[Effect, ...]
    null_dimensions: tuple[str, ...]
    stalled: int
    newly_stalled: tuple[str, ...]

    def of(self, kind: str) -> tuple[Effect, ...]:
        """The effects of one kind; empty when none was planted."""
        return tuple(effect for effect in self.effects if effect.kind == kind)

    def json(self) -> str:
        """The text of planted.json."""
        return json.dumps(asdict(self), indent=2, default=str) + "\n"


def effects(tally: Tally, company: Company, turns: When) -> tuple[Effect, ...]:
    """The effects with the counts they came to."""
    return (
        _drop(tally, turns),
        _mix_shift(tally, turns),
        *_lead_sources(tally),
        _dead_stage(tally),
        *_reps(tally, company),
        _silence(tally),
    )


def _cell(counts: Floats) -> Cell:
    """The sum of some cells of a tally."""
    deals, won, expected = counts.reshape(-1, 3).sum(axis=0)
    return Cell(int(deals), int(won), round(float(expected), 1))


def _split(counts: Floats, code: int) -> tuple[Cell, Cell]:
    """One cell of the first axis, and the rest."""
    return _cell(counts[code]), _cell(np.delete(counts, code, axis=0))


def _points(fraction: float) -> int:
    return round(100 * fraction)


def _drop(tally: Tally, turns: When) -> Effect:
    since, region = days.day(turns.drop), market.DROP_REGION
    cell, rest = _split(tally.region[:, 1], _REGIONS.index(region))
    points = _points(market.DROP)
    sentence = (
        f"New business in {region} wins {-points} points less since {since}: {cell}, "
        f"against {rest} in the other regions."
    )
    return Effect("segment_drop", {"region": region}, market.DROP_TYPE, since, points, cell, rest, sentence)


def _mix_shift(tally: Tally, turns: When) -> Effect:
    source, since = market.GROWING_SOURCE, days.day(turns.drop)
    before, _ = _split(tally.source[:, 0], _SOURCES.index(source))
    cell, rest = _split(tally.source[:, 1], _SOURCES.index(source))
    early, late = before.deals / tally.source[:, 0, 0].sum(), cell.deals / (cell.deals + rest.deals)
    usual = market.LEAD_SOURCES[source]
    sentence = (
        f"{source}, which wins less, grew from {_points(usual)} to {_points(market.GROWN_SHARE)} % of the "
        f"deals created since {days.day(turns.growth)}: of the new business closed before {since} it was "
        f"{100 * early:.1f} %, since then {100 * late:.1f} %."
    )
    points = _points(market.GROWN_SHARE - usual)
    return Effect("mix_shift", {"lead_source": source}, "new", since, points, cell, rest, sentence)


def _lead_sources(tally: Tally) -> tuple[Effect, Effect]:
    """The lead source that wins more, and the growing one, which wins less."""
    better = _lead_source(tally, market.BETTER_SOURCE, market.BETTER_EFFECT, "more")
    return better, _lead_source(tally, market.GROWING_SOURCE, market.GROWING_EFFECT, "less")


def _lead_source(tally: Tally, source: str, effect: float, direction: str) -> Effect:
    cell, rest = _split(tally.source, _SOURCES.index(source))
    points = _points(effect)
    sentence = (
        f"{source} wins {abs(points)} points {direction} than Inbound and Partner do: {cell} of the "
        f"new business, against {rest} from all other sources."
    )
    return Effect("lead_source", {"lead_source": source}, "new", None, points, cell, rest, sentence)


def _dead_stage(tally: Tally) -> Effect:
    stage = market.DEAD_STAGE
    cell, rest = _cell(tally.dwell[1]), _cell(tally.dwell[0])
    sentence = (
        f"Deals go to die in {stage}: of those there for more than {market.LONG_DWELL} days {cell} were won, "
        f"of those that left sooner {rest}."
    )
    points = round(cell.percent - rest.percent)
    return Effect("dead_stage", {"stage": stage}, "new", None, points, cell, rest, sentence)


def _silence(tally: Tally) -> Effect:
    cell, rest = _cell(tally.silence[1]), _cell(tally.silence[0])
    where = {"days_since_activity": f"> {market.SILENCE_DAYS}"}
    sentence = (
        f"Silence predicts loss: of the deals that ever went more than {market.SILENCE_DAYS} days without "
        f"an activity {cell} were won, of the others {rest}."
    )
    points = round(cell.percent - rest.percent)
    return Effect("silence", where, "new", None, points, cell, rest, sentence)


def _reps(tally: Tally, company: Company) -> tuple[Effect, ...]:
    """The rep who is better, and those who only look it."""
    lucky = [code for code in _by_rate(tally.rep) if code != company.star][: market.LUCKY_REPS]
    return (
        _rep(
            tally,
            company,
            company.star,
            "better_rep",
            market.BETTER_REP_EFFECT,
            "is truly better than the others",
        ),
        *(
            _rep(tally, company, code, "lucky_rep", 0.0, "is as good as the others, and was lucky")
            for code in lucky
        ),
    )


def _by_rate(counts: Floats) -> Sequence[int]:
    """Codes of the reps, best observed win rate first."""
    rate = counts[:, 1] / np.maximum(counts[:, 0], 1)
    return [int(code) for code in np.argsort(-rate, kind="stable")]


def _rep(tally: Tally, company: Company, code: int, kind: str, effect: float, claim: str) -> Effect:
    cell, rest = _split(tally.rep, code)
    rep = company.rep_ids[code]
    name = next(person.name for person in company.people if person.person_id == rep)
    sentence = f"{name} ({rep}) {claim}: {cell} of the new business, the others {rest}."
    return Effect(kind, {"rep": rep}, "new", None, _points(effect), cell, rest, sentence)
