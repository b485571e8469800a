"""A rule and a board in, one truth value per subject out: which of them are over its line, and of what."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from analytics.alerts.board import Board
from analytics.alerts.rules import Condition, Rule

Truths = NDArray[np.bool_]

COMPARE: Mapping[str, Callable[..., Truths]] = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
}


def holding(rule: Rule, board: Board) -> Truths:
    """Which subjects the rule holds for: all of `every`, one of `any_of` if there are any, every filter.

    What is not known (nan) never counts, whichever way it is compared.
    """
    held = filtered(rule, board)
    for condition in rule.every:
        held &= over(condition, board)
    return held & _any(rule.any_of, board) if rule.any_of else held


def causes(rule: Rule, board: Board) -> Mapping[str, Truths]:
    """By metric, for which subjects it is a reason: of `any_of` if the rule has any, else of `every`.

    Ask it of subjects that the rule holds for.
    """
    reasons = rule.any_of or rule.every
    return {
        metric: _any([one for one in reasons if one.metric == metric], board)
        for metric in dict.fromkeys(one.metric for one in reasons)
    }


def over(condition: Condition, board: Board) -> Truths:
    """Which subjects are over one line."""
    return COMPARE[condition.comparison](board.columns[condition.metric], float(condition.threshold))


def filtered(rule: Rule, board: Board) -> Truths:
    """Which subjects the rule is about."""
    kept = np.ones(len(board), dtype=np.bool_)
    for one in rule.filters:
        kept &= np.isin(board.dimensions[one.dimension], one.values)
    return kept


def _any(conditions: Iterable[Condition], board: Board) -> Truths:
    held = np.zeros(len(board), dtype=np.bool_)
    for condition in conditions:
        held |= over(condition, board)
    return held
