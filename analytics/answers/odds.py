"""An open deal's scores -> its odds, the days it has left and its chance to be won by a day.

Where the win-probability model is silent the odds are the base rate; the course of time is learned apart.
"""

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics import closing
from analytics.answers.believed import Level
from analytics.generation import ScoreRow
from analytics.metrics import Remaining

Floats = NDArray[np.float64]
MIDDLE_HALF = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Odds:
    """What is believed of an open deal; `won` and `lost` are its chances at `closing.HORIZONS`."""

    chance: float | None
    score: ScoreRow | None
    won: Floats | None
    lost: Floats | None

    @property
    def speaks(self) -> bool:
        """Are these odds the model's?"""
        return self.score is not None and self.score.win_probability is not None

    @property
    def reasons(self) -> dict[str, float]:
        """What each group of features adds to the odds of the usual deal; empty while the model is silent."""
        found: dict[str, float] = json.loads(self.score.reasons) if self.score and self.score.reasons else {}
        return found

    def remaining(self, deals: int) -> Remaining | None:
        """Days until half, a quarter and three quarters of such deals are decided, learned from so many."""
        if self.won is None or self.lost is None:
            return None
        low, half, high = (
            None if np.isnan(days) else round(float(days))
            for days in closing.remaining(self.won, self.lost, MIDDLE_HALF)[0]
        )
        return None if low is None or half is None else Remaining(half, low, high, deals)

    def won_by(self, days: int) -> float | None:
        """The chance to be won within so many days."""
        return None if self.won is None or days <= 0 else float(closing.won_by(self.won, days))


def odds(score: ScoreRow | None, base: Level | None) -> Odds:
    """What is believed of a deal, from its scores and its base rate."""
    model = score.win_probability if score else None
    chance = model if model is not None else base.rate.rate if base else None
    if score is None or score.won_by is None or score.lost_by is None:
        return Odds(chance, score, None, None)
    told = [chance if chance is not None else np.nan]
    won, lost = closing.anchored(json.loads(score.won_by), json.loads(score.lost_by), told)
    return Odds(chance, score, won[0], lost[0])
