"""Deals as they were known on past days -> the chance that an open one is won, with reasons that add up.

`window` says who is won within the horizon, `features`, `terms` and `design` what is known of a deal, `fit`
makes the candidates, `rolling` and `gate` say which of them earned its place, `model` and `shapley` give the
reasons, `effects` what drives winning, `card` what the model says of itself, `keep` how it is kept.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from analytics.drivers.features import GROUPS
from analytics.drivers.keep import DamagedModel, DriversError, packed, unpacked
from analytics.drivers.model import Model, Reasons
from analytics.drivers.risks import Risk, risk

if TYPE_CHECKING:
    from analytics.drivers.card import changed
    from analytics.drivers.fit import CANDIDATES as KINDS
    from analytics.drivers.fit import fitted
    from analytics.drivers.training import Trained, train, trial

#: What only learning needs, and where it is: an answer that reads a kept model does not bring it.
LEARNING = {
    "changed": ("card", "changed"),
    "KINDS": ("fit", "CANDIDATES"),
    "fitted": ("fit", "fitted"),
    "Trained": ("training", "Trained"),
    "train": ("training", "train"),
    "trial": ("training", "trial"),
}

__all__ = [
    "GROUPS",
    "KINDS",
    "DamagedModel",
    "DriversError",
    "Model",
    "Reasons",
    "Risk",
    "Trained",
    "changed",
    "evaluate",
    "fitted",
    "packed",
    "risk",
    "train",
    "trial",
    "unpacked",
]


def __getattr__(name: str) -> Any:
    if name not in LEARNING:
        raise AttributeError(name)
    module, own = LEARNING[name]
    return getattr(import_module(f"{__name__}.{module}"), own)


def evaluate(frame: Any, as_of_day: int) -> list[dict[str, Any]]:
    """The out-of-time table: log loss, Brier, AUC, calibration error of each base rate and candidate.

    Returns:
        One row per base rate and candidate; empty when no quarter has enough deals before and in it.
    """
    from analytics.drivers.rolling import table
    from analytics.drivers.training import trial

    tried = trial(frame, as_of_day)
    return table(tried) if tried else []
