"""A metric or a fact in; the words that name it, whether it has a direction, and whether it is real out."""

import re
from decimal import Decimal

from analytics.facts import Fact, Unit, Verdict

#: Which words around a figure say what it measures. A metric that is not here goes by its own name.
CUES = {
    "win_rate": r"\bwin[- ]?rates?\b|\bw[io]ns?\b"
    r"|\bwinning\b|\bclose[sd]? rates?\b|\bconver(?:t|sion)|\bas counted",
    "win_rate_by_amount": r"\bby (?:value|amount)\b",
    "shrunken_win_rate": r"\bluck|\badjusted\b|\bshrunk",
    "luck_adjusted_win_rate": r"\bluck|\badjusted\b|\bshrunk",
    "team_win_rate": r"\ball reps\b|\bteam\b|\bothers\b",
    "rep_win_rate": r"\bowner",
    "usual_win_rate": r"\busual|\bbaseline\b|\baround\b",
    "usual_odds": r"\busual|\bbase rate\b|\bfrom\b",
    "model_base_rate": r"\busual|\bbase rate\b",
    "base_rate": r"\bbase rate\b|\busual",
    "base_rate_at_stage": r"\bbase rate\b",
    "base_rate_in_stage": r"\bbase rate\b",
    "win_probability": r"\bwin probability\b|\bodds\b|\bthis one\b"
    r"|\bchances?\b|\bto \D{0,3}$|\blikely\b|\bprobab",
    "win_by": r"\bby its close date\b|\bchance to win by\b",
    "odds_before": r"\bodds\b|\bfrom\b|\bwere\b",
    "predicted": r"\bon average\b|\bodds\b|\bpredicted\b|\bexpected\b",
    "observed": r"\bwon\b|\bobserved\b|\breally\b",
    "share": r"\bshare\b|\bof all\b"
    r"|\bmak(?:e|es|ing) up\b|\baccounts? for\b|\bof (?:the|our) (?:business|total)\b",
    "capacity_share": r"\bof all\b|\bshare\b",
    "capacity": r"\bdays of open deals\b|\bfrees\b|\bmoves\b",
    "slippage": r"\bslip|\bmoved past\b",
    "false_alarms": r"\bfalse alarm",
    "below_by_five": r"\bbelow that of all\b|\bwell below\b",
    "stage_conversion": r"\bmoved on\b|\bconver|\bmove on\b",
    "momentum_percentile": r"\bmomentum\b",
    "quality_share": r"\bof (?:won|open|stage|deals)\b",
    "surprise_rate": r"\bagainst clear odds\b|\bsurpris",
    "surprise_expected": r"\bwould be usual\b|\bexpected\b",
    "change": r"",
    "difference": r"",
    "change_since": r"\bagainst before\b|\bsince\b",
    "excess": r"\bagainst the rest\b",
    "change_win_rate": r"\bwin rate itself\b|\bmove by\b",
    "segment_impact": r"\bimpact\b|\badds?\b|\bcontribut",
    "widest_gap": r"\bwidest\b|\bgap\b",
    "detectable_gap": r"\bnotice\b|\bdetect",
    "detectable_drop": r"\bunseen\b|\blasting\b",
    "spread": r"\bspread\b",
    "spread_by_chance": r"\bequal\b|\bby chance\b|\bluck\b",
    "driver_effect": r"",
    "pair_effect": r"\bbeyond\b",
    "parts_win_rate": r"\bparts alone\b",
    "odds_part": r"",
    "mix_effect": r"\bmix\b|\bshare of deals\b",
    "rate_effect": r"\bown rate\b|\brate effect\b|\bby rate\b",
    "overall_shift": r"\balike\b|\bshift\b",
    "interaction_effect": r"\btogether\b|\binteraction\b",
    "rest_effect": r"\brest\b",
    "amount": r"\bworth\b|\bamount\b",
    "amount_limit": r"\bat least\b|\blimit\b",
    "open_amount": r"\bopen\b|\bpipeline\b",
    "due_amount": r"\bdue\b",
    "won_amount": r"\bwon\b",
    "expected_amount": r"\bexpected\b",
    "expected_new_amount": r"\bnot there yet\b|\bnew\b|\bnobody created\b",
    "forecast_amount": r"\bforecast\b",
    "forecast_median": r"\bmedian\b|\bmiddle\b",
    "quota": r"\bquota\b",
    "remaining_quota": r"\bstill to win\b|\bremaining\b|\bleft\b",
    "revenue_at_risk": r"\bat risk\b",
    "leakage": r"\blost\b|\bleak",
    "change_amount": r"\bless\b|\bmore\b|\bexpected\b|\bfewer\b|\bchange\b|\brange\b",
    "sales_velocity": r"\bvelocity\b",
    "pvs": r"\bvelocity\b|\bpvs\b",
    "won_per_deal_day": r"\bday\b",
    "pipeline_coverage": r"\bcoverage\b|\bcover|\btimes\b",
    "deal_age_days": r"\bday \D{0,2}$|\bage\b|\bold\b|\bopen (?:at|for)\b|\bopen\b",
    "base_rate_age": r"\bopen at\b",
    "age": r"\bold\b|\bage\b|\bwithin\b",
    "days_in_stage": r"\bdays? in\b|\bin (?:the |its )?stage\b|\bstalled\b|\bslow\b|#\s+in\b",
    "median_days_in_stage": r"\bmedian\b|\bin stage\b|\btypical",
    "days_since_activity": r"\bactivity\b|\binactive\b|\bsilen|\bquiet\b|\bago\b",
    "inactivity_limit": r"\brule\b|\ballows\b",
    "stage_limit": r"\bleft within\b|\btook over\b|\ballows\b|\brule\b",
    "slow_limit": r"\bleft within\b",
    "expected_remaining_days": r"\bleft\b|\bremain|\bto close\b|\bto go\b|\bmiddle half\b",
    "sales_cycle_days": r"\bafter\b|\bcycles?\b|\bto (?:close|win)\b",
    "median_cycle": r"\bcycles?\b|\bmedian\b",
    "cycle_outcome_gap": r"\bgap\b|\bwon deals\b|\bfaster\b|\bslower\b|\blonger\b|\bshorter\b",
    "days_since_told": r"\blater\b|\bago\b",
    "health": r"\bhealth\b",
    "deal_health": r"\bhealth\b",
    "deal_quality": r"\bquality\b",
    "rep_consistency": r"\bconsisten",
    "log_loss_gain": r"\blog loss\b|\bgain\b",
    "p_value": r"",
    "p_adjusted": r"",
    "spread_p": r"",
    "close_date": r"\bclos|\bdue\b|\bwon on\b|\blost on\b",
    "created_date": r"\bcreated\b|\bopened\b",
    "won": r"\bwon\b|\bwins\b",
    "won_deals": r"\bwon\b|\bwins\b",
    "open_deals": r"\bopen\b|\bpipeline\b",
    "due_deals": r"\bdue\b",
    "slipped_deals": r"\bslip|\bmoved past\b",
    "lost_from": r"\blost\b|\bin\b",
    "stalled_deals": r"\bstalled\b",
    "slow_deals": r"\bslow\b",
    "entered": r"\bentered\b",
    "push_count": r"\bpush|\bmoved\b|\btimes\b",
    "cells": r"",
    "deals": r"",
    "quality_check": r"",
    "activities_30d": r"\bactivit",
}

NAMED = {metric: re.compile(cue, re.IGNORECASE) for metric, cue in CUES.items() if cue}

#: What a figure means when no word around it says so.
UNSAID = frozenset(metric for metric, cue in CUES.items() if not cue) | {"win_rate", "amount"}

#: Differences that have no direction.
UNSIGNED = frozenset({"widest_gap", "detectable_gap", "detectable_drop", "spread", "spread_by_chance"})

_SIGNED = re.compile(
    r"change|difference|effect|impact|excess|delta|shift|cycle_outcome_gap|odds_part|_gain\b"
)

#: Lines that others are measured against: "few took over 35 days" says nothing of the 35.
LIMITS = re.compile(r"limit|detectable|floor|quota|_age$|\bage$")

#: Of these, less is better.
LESS_IS_BETTER = re.compile(
    r"cycle|days|age\b|leak|slipp|risk|push|stalled|slow|lost|loss|brier|ece|spread|alarm|surprise"
)

_CHANGE = re.compile(r"_(?:change|delta|shift|difference)$|^(?:change|delta)_(?:of_|in_)?")

#: Counts that need no word: rows, checks, ways, whatever an answer counts of its own.
COUNTED = frozenset({"won", "lost_from", "push_count", *(m for m in CUES if m.endswith("_deals"))})


def cues(metric: str, words: str) -> bool:
    """Do some words name a metric?"""
    base = metric if metric in CUES else _CHANGE.sub("", metric)
    if base in CUES:
        return base in NAMED and bool(NAMED[base].search(words))
    return base.replace("_", " ") in words.casefold()


def is_unsaid(fact: Fact) -> bool:
    """May the fact be told without a word that says what it measures?"""
    return fact.metric in UNSAID or (fact.unit is Unit.COUNT and fact.metric not in COUNTED)


def is_signed(fact: Fact) -> bool:
    """Does the fact say which way something differs?"""
    if fact.metric in UNSIGNED or fact.unit not in (
        Unit.POINTS,
        Unit.MONEY,
        Unit.DAYS,
        Unit.NUMBER,
        Unit.COUNT,
    ):
        return False
    return bool(_SIGNED.search(fact.metric)) or bool(fact.value is not None and fact.value < 0)


def is_real(fact: Fact) -> bool:
    """Has a difference, or a place among others, stood its test?"""
    return fact.verdict is Verdict.SIGNAL


def is_noise(fact: Fact) -> bool:
    """Could chance have made the difference? Without a verdict its interval says so."""
    if fact.verdict is not None:
        return fact.verdict is not Verdict.SIGNAL
    return fact.low is not None and fact.high is not None and fact.low <= 0 <= fact.high


def is_along(way: str, fact: Fact, change: Decimal) -> bool:
    """Does a word for a direction fit a change of this fact's metric?"""
    less_is_better = bool(LESS_IS_BETTER.search(fact.metric)) or fact.unit is Unit.DAYS
    if way in ("better", "worse"):
        return (change > 0) == ((way == "better") != less_is_better)
    if way in ("faster", "slower"):
        return (
            (change < 0) == (way == "faster") if fact.unit is Unit.DAYS else (change > 0) == (way == "faster")
        )
    return (change > 0) == (way == "up")


SURE = Decimal("0.05")  #: a p value of at most this is a Hint before the correction, a Signal after it
