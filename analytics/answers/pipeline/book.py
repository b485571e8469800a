"""A generation, filters and a scope -> the open deals that they mean, each with odds and chances by a day."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from analytics import closing, metrics
from analytics.answers import believed
from analytics.closing import ages
from analytics.generation import DealRow, ScoreRow, column
from analytics.questions import NOT_SET, Filter, Period, Scope
from analytics.store import Generation

Floats = NDArray[np.float64]
Odds = tuple[float | None, float | None, float | None]  #: with low and high


@dataclass(frozen=True)
class Book:
    """Open deals by id, and what is believed of each; every array has one entry per deal."""

    generation: Generation
    rows: Sequence[DealRow]
    scores: Sequence[ScoreRow | None]

    @cached_property
    def amounts(self) -> Floats:
        """Whole units of the main currency; nan without an amount or in another currency."""
        cents = [row.amount_cents if row.in_main_currency else None for row in self.rows]
        return np.array([np.nan if value is None else value / 100 for value in cents], float)

    @cached_property
    def believed(self) -> Sequence[Odds]:
        """The model's win probability where it speaks, else the base rate, with its interval."""
        return [_odds(self.generation, *pair) for pair in zip(self.rows, self.scores, strict=True)]

    @cached_property
    def odds(self) -> Floats:
        """The same without the interval; nan where nobody knows."""
        return np.array([rate for rate, _, _ in self.believed], float)

    @cached_property
    def at_risk(self) -> Floats:
        """The part of each amount that will not come; nan without an amount or odds."""
        pairs = zip(self.amounts.tolist(), self.odds.tolist(), strict=True)
        return np.array([metrics.revenue_at_risk(amount, odds) for amount, odds in pairs], float)

    @cached_property
    def undecided(self) -> Floats:
        """The part of each amount that can still be decided; nan without an amount or odds."""
        pairs = zip(self.amounts.tolist(), self.odds.tolist(), strict=True)
        return np.array([metrics.undecided(amount, odds) for amount, odds in pairs], float)

    @cached_property
    def speaks(self) -> bool:
        """Does the model speak of any of them?"""
        return any(score and score.win_probability is not None for score in self.scores)

    @cached_property
    def curves(self) -> Floats:
        """Chances to be won by each of `closing.HORIZONS`, in line with the odds."""
        won, lost = self._scored()
        return closing.anchored(won, lost, self.odds)[0]

    def chances(self, period: Period) -> Floats:
        """To be won within what is left of the period; nan where nobody knows."""
        if period.start is None or period.end is None:
            raise ValueError(f"The period {period.label!r} is open: a forecast needs both ends.")
        today = self.generation.as_of
        until = closing.won_by(self.curves, (period.end - today).days)
        return until - closing.won_by(self.curves, max((period.start - today).days - 1, 0))

    def _scored(self) -> tuple[Floats, Floats]:
        """The curves that were kept; for a deal without, those of its age."""
        won, lost = _by_age(self.generation, self.rows)
        kept = [place for place, score in enumerate(self.scores) if score and score.won_by and score.lost_by]
        for curves, name in ((won, "won_by"), (lost, "lost_by")):
            texts = ",".join(getattr(self.scores[place], name) for place in kept)
            if kept:
                curves[kept] = np.array(json.loads(f"[{texts}]"), float)
        return won, lost


def opened(generation: Generation, filters: Sequence[Filter], scope: Scope) -> Book:
    """The open deals in scope that meet the filters."""
    rows = [row for row in generation.open_deals(scope) if all(_meets(row, one) for one in filters)]
    scores = {score.deal_id: score for score in generation.scores(scope)}
    return Book(generation, rows, [scores.get(row.deal_id) for row in rows])


def _odds(generation: Generation, row: DealRow, score: ScoreRow | None) -> Odds:
    if score and score.win_probability is not None:
        return score.win_probability, score.low, score.high
    base = believed.base_rate_at(generation, row)
    return (base.rate.rate, base.rate.low, base.rate.high) if base else (None, None, None)


def _by_age(generation: Generation, rows: Sequence[DealRow]) -> tuple[Floats, Floats]:
    kinds = sorted({row.deal_type for row in rows})
    tables = {kind: believed.fates(generation, kind) for kind in kinds}
    columns = {"deal_type": [row.deal_type for row in rows], "age_days": [row.age_days or 0 for row in rows]}
    return ages.curves(tables, columns)


def _meets(row: DealRow, one: Filter) -> bool:
    return (getattr(row, column(one.dimension)) or NOT_SET) in one.values
