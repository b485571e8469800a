"""An answer and its verdict in, the names of the situations it is in out: what prompts/plays.yaml asks for.

Where the verdict decides, its own sentence names the situation, so that no play can contradict it.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from analytics.facts import (
    Breakdown,
    DealCard,
    Fact,
    Finding,
    Funnel,
    FunnelStage,
    Pipeline,
    Receipt,
    RepPage,
    Verdict,
    Watch,
    Week,
    Why,
    reach,
)
from bot.narrator.claims import Claim

OFTEN_PUSHED = Decimal(2)  #: pushes of the close date. Source: rule P2, "close date pushed twice"
FELT = Decimal("0.01")  #: points from which a reason is worth a word. Source: ours, ten times the rounding
SLIPPING = Decimal("0.25")  #: share of due deals that moved out. Source: ours, to be tried on past quarters

Holds = Callable[[Any], bool]

#: The sentence that is the verdict -> the situation it tells of.
SAID: Mapping[str, str] = {
    "breakdown.signal_above": "stands_above",
    "breakdown.signal_below": "stands_below",
    "breakdown.hint": "hint",
    "breakdown.noise": "noise",
    "funnel.leak": "leak",
    "funnel.leak_count": "leak",
    "funnel.no_events": "no_stage_history",
    "pipeline.behind": "behind_quota",
    "whatif.gain": "change_pays",
    "whatif.worth_more": "change_pays",
    "rep.above": "stands_above",
    "rep.below": "stands_below",
    "rep.alike": "rep_alike",
    "rep.hint": "rep_alike",
    "rep.too_few": "rep_alike",
}


def of(answer: object, verdict: Claim | None = None) -> frozenset[str]:
    """Every situation that the answer is in; none of an answer about which nothing can be done."""
    told = {SAID[verdict.id]} if verdict and verdict.id in SAID else set()
    known = SITUATIONS.get(type(answer), {})
    return frozenset(told | {name for name, holds in known.items() if holds(answer)})


def stage_of(answer: object) -> str:
    """Whether what the answer is about is early, middle or late; "" where that means nothing."""
    if isinstance(answer, DealCard):
        return answer.reach
    leaking = worst(answer) if isinstance(answer, Funnel) else None
    if not isinstance(answer, Funnel) or leaking is None:
        return ""
    return reach(answer.stages.index(leaking) + 1, len(answer.stages))


def worst(answer: Funnel) -> FunnelStage | None:
    """The stage with most lost money, or with most lost deals where no amounts are known."""
    lost = [stage for stage in answer.stages if stage.lost.value]
    return max(lost, key=lambda stage: (stage.leakage.value or 0, stage.lost.value or 0), default=None)


def leakiest(answer: Funnel) -> FunnelStage | None:
    """The stage from which the smallest share of the deals decided there moved on."""
    told = [(stage.conversion.value, stage) for stage in answer.stages if stage.conversion.value is not None]
    return min(told, key=lambda pair: pair[0])[1] if told else None


def pace(card: DealCard) -> str:
    """How long it has been in its stage, against won deals: "stalled", "slow" or ""."""
    if is_stalled(card):
        return "stalled"
    return "slow" if _over(card.figures, "days_in_stage", "slow_limit") else ""


def is_stalled(card: DealCard) -> bool:
    """Is it in its stage for longer than nearly all won deals were?"""
    return _over(card.figures, "days_in_stage", "stage_limit")


def is_inactive(card: DealCard) -> bool:
    """Was anything done longer ago than the rule allows? A move to another stage is a sign of life."""
    moved, most = _value(card.figures, "days_in_stage"), _value(card.figures, "inactivity_limit")
    has_moved = moved is not None and most is not None and moved <= most
    return _over(card.figures, "days_since_activity", "inactivity_limit") and not has_moved


def is_overdue(card: DealCard) -> bool:
    """Has the expected close date passed?"""
    due = _value(card.figures, "close_date")
    return due is not None and due < card.as_of.toordinal()


def is_big(card: DealCard) -> bool:
    """Is it of an amount that the alerts look at?"""
    least = _value(card.figures, "amount_limit")
    return least is not None and _at_least(card.figures, "amount", least)


def weighs_most(card: DealCard) -> str:
    """The group of reasons that takes most from the odds, as the card tells them; "" when none does."""
    group, points = min(card.told, key=lambda reason: reason[1].value or 0, default=("", None))
    return group if points and points.value is not None and points.value <= -FELT else ""


def _over(figures: Mapping[str, Fact], name: str, limit: str) -> bool:
    """Is a known figure above its known limit?"""
    value, most = _value(figures, name), _value(figures, limit)
    return value is not None and most is not None and value > most


def _at_least(figures: Mapping[str, Fact], name: str, least: Decimal) -> bool:
    value = _value(figures, name)
    return value is not None and value >= least


def _value(figures: Mapping[str, Fact], name: str) -> Decimal | None:
    return figures[name].value if name in figures else None


def _hurt_by(group: str) -> Holds:
    return lambda card: weighs_most(card) == group


def _is(outcome: str) -> Holds:
    return lambda card: card.outcome == outcome


def _found(*metrics: str) -> Holds:
    """Does a condition on one of these metrics hold?"""
    return lambda finding: bool(set(finding.causes) & set(metrics))


def _about(subject: str) -> Holds:
    return lambda finding: finding.subject == subject


def _side(direction: str) -> Holds:
    return lambda finding: finding.subject == "segment" and finding.names.get("direction") == direction


def _only_old(finding: Finding) -> bool:
    return set(finding.causes) == {"age_days"}


def _always(_: object) -> bool:
    return True


def _presses(kind: str) -> Holds:
    return lambda week: week.pressing is not None and week.pressing.kind == kind


def _changed(kind: str) -> Holds:
    return lambda week: any(change.kind == kind for change in week.changes)


def _is_cut_by(*dimensions: str) -> Holds:
    return lambda answer: bool(set(answer.dimensions) & set(dimensions))


def _alarm(way: str) -> Holds:
    """Does anything watched carry a signal of this way?"""
    marks = {"low": ("shock_low", "drift_low", "floor"), "high": ("shock_high", "drift_high")}[way]
    return lambda answer: any(
        month.signal in marks for one in answer.watched for month in one.months if month.label == one.since
    )


def _really(sign: int) -> Holds:
    return lambda answer: answer.verdict is Verdict.SIGNAL and (answer.change.value or 0) * sign > 0


def _changed_wider(answer: Why) -> bool:
    return any(one.verdict is Verdict.SIGNAL for one in answer.wider)


def _odds_fell(receipt: Receipt) -> bool:
    before, after = receipt.before.value, receipt.after.value
    return before is not None and after is not None and before - after >= FELT


#: Groups of reasons about which something can be done.
HURTING = ("pace", "activity", "amount", "people", "segment")

#: Dimensions that have plays of their own; a last stage explains nothing.
NO_SEGMENTS = ("rep", "stage", "quarter", "month", "lead_source")

SITUATIONS: Mapping[type, Mapping[str, Holds]] = {
    DealCard: {
        "open": _is("open"),
        "won": _is("won"),
        "lost": _is("lost"),
        "big": is_big,
        "inactive": is_inactive,
        "slow_stage": is_stalled,
        "slow": lambda card: bool(pace(card)),
        "close_date_past": is_overdue,
        "pushed": lambda card: _at_least(card.figures, "push_count", OFTEN_PUSHED),
        "no_next_step": lambda card: not card.next_step,
        **{f"hurt_by_{group}": _hurt_by(group) for group in HURTING},
    },
    Finding: {
        "open": _about("deal"),
        "big": lambda finding: finding.level == "P1",
        "inactive": _found("days_since_activity"),
        "slow_stage": _found("stage_percentile", "days_in_stage"),
        "slow": _found("stage_percentile", "days_in_stage"),
        "odds_fell": _found("win_probability_fall"),
        "amount_fell": _found("amount_fall"),
        "pushed": _found("push_count"),
        "close_date_past": _found("days_overdue"),
        "no_next_step": _found("next_steps"),
        "not_updated": _found("days_since_update"),
        "old": _only_old,
        "quiet_owner": _found("owner_quiet_days"),
        "stands_below": _side("low"),
        "stands_above": _side("high"),
        "by_segment": _about("segment"),
        "driver_turned": _about("driver"),
        "refresh_failed": _found("failed_refreshes"),
        "source_old": _found("days_since_load"),
        "columns_lost": _found("lost_columns"),
        "quality_fell": _found("quality_falls"),
        "intake_stopped": _found("intake_surprise"),
    },
    RepPage: {"by_rep": _always},
    Receipt: {"odds_fell": _odds_fell},
    Breakdown: {
        "signal": lambda answer: answer.verdict is Verdict.SIGNAL,
        "not_by_stage": lambda answer: "stage" not in answer.dimensions,
        "by_rep": _is_cut_by("rep"),
        "by_source": _is_cut_by("lead_source"),
        "by_time": _is_cut_by("quarter", "month"),
        "by_segment": lambda answer: not set(answer.dimensions) & set(NO_SEGMENTS),
    },
    Why: {
        "real_drop": _really(-1),
        "real_rise": _really(1),
        "stands_below": _really(-1),
        "hint": lambda answer: answer.verdict is Verdict.HINT,
        "unshown": lambda answer: answer.verdict is Verdict.NOISE and not _changed_wider(answer),
        "changed_wider": _changed_wider,
        "by_segment": lambda answer: bool(answer.found),
    },
    Watch: {"alarm_low": _alarm("low"), "stands_above": _alarm("high"), "by_segment": _always},
    Pipeline: {
        "slipping": lambda answer: _at_least(answer.figures, "slippage", SLIPPING),
        "stalled_deals": lambda answer: any(stage.stalled.value for stage in answer.stages),
        "at_risk": lambda answer: answer.first is not None,
    },
    Week: {
        "week": _always,
        **{f"week_{kind}": _presses(kind) for kind in ("stalled", "odds_fell")},
        **{f"week_{kind}": _changed(kind) for kind in ("pushed", "lost", "won")},
    },
}
