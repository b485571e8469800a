"""A landmarks frame and a day -> a model that has earned its place, or one that says why it is silent."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from analytics.drivers import card, effects, features, fit, gate, rolling
from analytics.drivers.additive import Additive
from analytics.drivers.design import usual_amounts
from analytics.drivers.fit import CANDIDATES, Kind
from analytics.drivers.model import Model
from analytics.drivers.rolling import Trial
from analytics.drivers.terms import Cross
from analytics.drivers.threads import single_thread
from analytics.drivers.window import Snapshots, Window, horizon, known_on, snapshots

MOST_FITTED = 150_000  #: snapshots learned from, whole deals; for time, what more would gain is not measured
MOST_FOR_EFFECTS = 40_000  #: snapshots from which effects are taken; for time
VERSION = "2"  #: of this package's arithmetic; part of a model's id


@dataclass(frozen=True, slots=True)
class Trained:
    """A model, its card and what drives winning, as plain values that can be kept as JSON.

    `model` is None when too few deals are known to fit anything; then it does not speak either.
    """

    model: Model | None
    card: dict[str, Any]
    effects: list[dict[str, Any]]

    @property
    def speaks(self) -> bool:
        """Did the model beat both base rates on unseen quarters?"""
        return bool(self.card["speaks"])

    @property
    def id(self) -> str:
        """The same for the same snapshots, day and arithmetic."""
        return str(self.card["id"])


def train(frame: Any, as_of_day: int, *, seed: int = 0, candidates: Sequence[Kind] = CANDIDATES) -> Trained:
    """Tries the candidates on unseen quarters, takes one, fits it to everything known on the day.

    Args:
        frame: of `landmarks.training`.
        as_of_day: ordinal of the engine's day.
        seed: only makes the id differ; everything random is seeded from the data.
        candidates: which models are tried, the preferred one first.
    """
    seen = snapshots(frame)
    within = horizon(seen)
    seen = rolling.sampled(seen, MOST_FITTED)
    window = known_on(seen, as_of_day, within)
    told: dict[str, Any] = {"id": identity(frame, as_of_day, seed), "as_of_day": as_of_day, "horizon": within}
    told |= card.of_window(window)
    if not rolling.is_enough(window):
        return Trained(None, told | _silent("too_few"), [])
    with single_thread():
        return _trained(seen, window, told, candidates)


def trial(frame: Any, as_of_day: int, candidates: Sequence[Kind] = CANDIDATES) -> Trial | None:
    """What each candidate says of the unseen quarters; None when there is no such quarter."""
    seen = snapshots(frame)
    return _trial(seen, as_of_day, horizon(seen), candidates)


def _trial(seen: Snapshots, as_of_day: int, within: int, candidates: Sequence[Kind]) -> Trial | None:
    found = rolling.origins(rolling.sampled(seen), as_of_day, within)
    if not found:
        return None
    with single_thread():
        return rolling.trial(found, candidates)


def _trained(seen: Snapshots, window: Window, told: dict[str, Any], candidates: Sequence[Kind]) -> Trained:
    as_of_day, within = told["as_of_day"], told["horizon"]
    tried = _trial(seen, as_of_day, within, candidates)
    usable = features.usable(usual_amounts(window.table).filled(window.table))
    told |= _of_candidates(tried, candidates)
    fitted = fit.fitted(told["chosen"], window, usable.features)
    told |= {
        "features": list(usable.features),
        "left_out": [list(pair) for pair in usable.left_out],
        "inflation": dict(usable.inflation),
        "drifted": card.drifted(seen, as_of_day, within, usable.features),
        "pairs": _pairs(fitted),
    }
    # With a shorter horizon the young would seem to win less, for they have longer to go.
    steady = known_on(rolling.sampled(seen, MOST_FOR_EFFECTS), as_of_day, horizon(seen, 1.0), decay=False)
    return Trained(Model(fitted, within, told["chosen"]), told, effects.effects(steady, usable.features))


def _of_candidates(tried: Trial | None, candidates: Sequence[Kind]) -> dict[str, Any]:
    """Which candidate is taken and whether it speaks, with everything that was measured."""
    if tried is None:
        return _silent("no_quarters") | {"chosen": candidates[0], "choice": "only"}
    choice = gate.choose(tried)
    opened = gate.opening(tried, choice.name)
    rows = [row | {"chosen": row["name"] == choice.name} for row in rolling.table(tried)]
    return _silent(opened.reason) | {
        "chosen": choice.name,
        "choice": choice.why,
        "improvement": _range(opened.log_loss),
        "brier_improvement": _range(opened.brier),
        "tried": rows,
        **card.of_trial(tried, choice.name),
    }


def _range(gain: Any) -> dict[str, float]:
    return {"mean": gain.mean, "low": gain.low, "high": gain.high}


def _silent(reason: str) -> dict[str, Any]:
    """The part of a card that every model has, with nothing measured."""
    nothing = {"rate": None, "expected": None, "low": None, "high": None, "n": 0}
    lists: dict[str, Any] = {
        name: [] for name in ("tried", "bins", "segments", "features", "left_out", "drifted", "pairs")
    }
    return lists | {
        "speaks": not reason,
        "reason": reason,
        "chosen": "",
        "choice": "only",
        "improvement": None,
        "brier_improvement": None,
        "test_deals": 0,
        "test_start": None,
        "test_end": None,
        "surprise": nothing,
        "inflation": {},
    }


def _pairs(fitted: Any) -> list[list[str]]:
    """The pairs of features a model looks at together."""
    of = fitted.design.terms if isinstance(fitted, Additive) else ()
    return [[term.first.feature, term.second.feature] for term in of if isinstance(term, Cross)]


def identity(frame: Any, as_of_day: int, seed: int = 0) -> str:
    """A name that is the same for the same snapshots, day and arithmetic, in any order of the rows."""
    names = (
        "deal_id",
        "day",
        "outcome",
        "days_left",
        *(n for n in features.GROUP_OF if n != "amount_vs_usual"),
    )
    columns = [np.asarray(frame[name]) for name in names]
    order = np.lexsort((columns[1].astype(np.int64), columns[0].astype(str)))
    found = hashlib.sha256(f"{VERSION} {as_of_day} {seed}".encode())
    for column in columns:
        is_text = column.dtype.kind not in "if"
        rows = column[order]
        found.update("\x1f".join(map(str, rows)).encode() if is_text else rows.astype(float).tobytes())
    return found.hexdigest()[:12]
