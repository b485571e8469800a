"""Snapshots and fitted weights in; chances to be won and lost by each horizon out."""

from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from analytics.closing.curves import HORIZONS
from analytics.closing.terms import FADING, MIDDLES, Terms

Floats = NDArray[np.float64]
Frame = Any

BATCH = 10_000  #: snapshots scored at a time: 40 MB


@dataclass(frozen=True, slots=True)
class Hazards:
    """Multinomial logits of being won (0) and lost (1), against still open, in each interval.

    `still`: one per column, day of `FADE` and outcome; `moving`: one per moving column and outcome.
    """

    terms: Terms
    still: Floats
    moving: Floats

    def curves(self, frame: Frame) -> tuple[Floats, Floats]:
        """Cumulative chances to be won and lost at `HORIZONS`: one row per snapshot."""
        if not len(frame["deal_type"]):
            return np.empty((0, len(HORIZONS))), np.empty((0, len(HORIZONS)))
        starts = range(0, len(frame["deal_type"]), BATCH)
        batches = [
            self._curves({name: _part(frame, name, start) for name in self._names()}) for start in starts
        ]
        won, lost = zip(*batches, strict=True)
        return np.concatenate(won), np.concatenate(lost)

    def _names(self) -> tuple[str, ...]:
        return ("deal_type", "stage", "day", *self.terms.knots, *self.terms.moving_knots)

    def _curves(self, frame: Frame) -> tuple[Floats, Floats]:
        by_interval = np.einsum("fmc,hm->fhc", self.still, FADING).reshape(len(self.still), -1)
        logits = (self.terms.still(frame) @ by_interval).reshape(-1, len(HORIZONS), 2)
        logits += self.terms.moving(frame, MIDDLES[None, :]) @ self.moving
        chances = np.exp(logits - np.maximum(logits.max(axis=2, keepdims=True), 0.0))
        stays = np.exp(-np.maximum(logits.max(axis=2), 0.0))
        total = chances.sum(axis=2) + stays
        still_open = np.cumprod(stays / total, axis=1)
        before = np.concatenate([np.ones((len(total), 1)), still_open[:, :-1]], axis=1)
        ended = np.cumsum((before / total)[:, :, None] * chances, axis=1)
        return ended[:, :, 0], np.minimum(ended[:, :, 1], 1 - ended[:, :, 0])

    def to_json(self) -> dict[str, Any]:
        """The same as plain lists."""
        weights = {"still": self.still.round(5).tolist(), "moving": self.moving.round(5).tolist()}
        return {"terms": asdict(self.terms)} | weights

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Self:
        """What `to_json` wrote."""
        terms = kept["terms"]
        known = Terms(
            {name: tuple(knots) for name, knots in terms["knots"].items()},
            {name: tuple(knots) for name, knots in terms["moving_knots"].items()},
            tuple(terms["stages"]),
            tuple(terms["deal_types"]),
        )
        return cls(known, np.array(kept["still"], float), np.array(kept["moving"], float))


def _part(frame: Frame, name: str, start: int) -> NDArray[Any]:
    return np.asarray(frame[name])[start : start + BATCH]
