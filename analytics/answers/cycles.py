"""Cycle-Outcome Gaps of a breakdown's rows, with a verdict each."""

from collections.abc import Collection, Mapping, Sequence
from itertools import groupby

import numpy as np

from analytics import metrics, verdict
from analytics.answers.kinds import Kind
from analytics.answers.mint import Mint
from analytics.breakdown import TIME
from analytics.facts import Fact, Unit, Verdict
from analytics.metrics import CycleGap
from analytics.questions import BreakdownQuestion, Scope
from analytics.spans import Cycles
from analytics.store import Generation, HistogramRow


def gaps(
    generation: Generation,
    question: BreakdownQuestion,
    business: Kind,
    scope: Scope,
    shown: Collection[str],
    mint: Mint,
) -> Mapping[str, Fact]:
    """The gap of each value shown, corrected for their number.

    Empty where the store keeps no whole histograms: for periods, pairs and filters.
    """
    one = len(question.dimensions) == 1 and question.dimensions[0] not in TIME
    if not one or business.filters or question.period.start or question.period.end:
        return {}
    rows = generation.histogram(question.dimensions[0], business.deal_type, scope)
    found = {
        value: metrics.cycle_outcome_gap(_cycles(list(spans)))
        for value, spans in groupby(rows, key=lambda row: row.value)
        if value in shown
    }
    known = {value: gap for value, gap in found.items() if gap}
    judged = dict(zip(known, verdict.verdicts([gap.p for gap in known.values()]), strict=True))
    return {v: _fact(mint, gap, f"{question.dimensions[0]}={v}", judged.get(v)) for v, gap in found.items()}


def _cycles(rows: Sequence[HistogramRow]) -> Cycles:
    days, won, lost = np.array([row[1:] for row in rows], np.int64).T
    return Cycles(days, won, lost)


def _fact(mint: Mint, gap: CycleGap | None, of: str, judged: Verdict | None) -> Fact:
    if gap is None:
        return mint.fact("cycle_outcome_gap", None, Unit.DAYS, of, unknown="one_outcome")
    n = gap.won + gap.lost
    return mint.fact("cycle_outcome_gap", gap.days, Unit.DAYS, of, n=n, verdict=judged)
