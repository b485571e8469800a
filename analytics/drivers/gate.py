"""A trial on unseen quarters -> which candidate is taken, and whether it may speak."""

from dataclasses import dataclass
from functools import partial
from typing import Literal

from analytics.drivers import measures
from analytics.drivers.measures import Gain, losses
from analytics.drivers.rolling import BASES, Trial

Silence = Literal["", "too_few", "no_quarters", "no_better", "too_good"]

#: AUC on unseen deals from which something must be wrong: a field that is filled in after the close, or kept
#: for won deals only. Source: with stage history, point in time, real pipelines reach 0.85 to 0.92.
TOO_GOOD = 0.96


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidate taken and why: the "best", simpler and "within_noise" of the best, or the "only" one."""

    name: str
    why: Literal["best", "within_noise", "only"]


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether a model speaks, or the reason why it is silent, with its gain over the better base rate."""

    reason: Silence
    log_loss: Gain
    brier: Gain

    @property
    def speaks(self) -> bool:
        """May its odds be shown?"""
        return not self.reason


def choose(tried: Trial) -> Choice:
    """The simplest candidate that no other one beats by more than noise."""
    first, *others = tried.candidates
    taken = first
    for name in others:
        if log_loss_gain(tried, taken, name).low > 0:
            taken = name
    if not others:
        return Choice(taken, "only")
    best = min(tried.candidates, key=partial(_log_loss, tried))
    return Choice(taken, "best" if best == taken else "within_noise")


def opening(tried: Trial, name: str) -> Opening:
    """May the candidate speak? It must beat both base rates, in log loss and Brier score, beyond noise.

    One that is too good to be true stays silent as well: it has been told the end.

    Source: product.md 1.3, a score has to earn its place; 95 % range of a paired bootstrap over deals.
    """
    logs = [log_loss_gain(tried, base, name) for base in BASES]
    squares = [_brier_gain(tried, base, name) for base in BASES]
    is_better = all(measures.is_clear(one) for one in (*logs, *squares))
    least = min(range(len(logs)), key=lambda place: logs[place].mean)
    auc = measures.auc(tried.y, tried.chances[name], tried.weight)
    is_too_good = auc is not None and auc > TOO_GOOD
    reason: Silence = "" if is_better else "no_better"
    return Opening("too_good" if is_too_good else reason, logs[least], squares[least])


def _log_loss(tried: Trial, name: str) -> float:
    return measures.log_loss(tried.y, tried.chances[name], tried.weight)


def log_loss_gain(tried: Trial, worse: str, better: str) -> Gain:
    """How much log loss one saves against another."""
    first, second = (losses(tried.y, tried.chances[name]) for name in (worse, better))
    return measures.gain(first, second, tried.weight, tried.deal)


def _brier_gain(tried: Trial, worse: str, better: str) -> Gain:
    first, second = ((tried.y - tried.chances[name]) ** 2 for name in (worse, better))
    return measures.gain(first, second, tried.weight, tried.deal)
