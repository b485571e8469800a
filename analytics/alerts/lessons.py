"""A rule and findings that should not have been told -> the thresholds that would have left them out."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from analytics.alerts.deals import UNITS
from analytics.alerts.rules import METRICS, Condition, Rule
from analytics.facts import Finding

MOST_PERCENT = 100
SWITCHES = frozenset({"next_steps", "outside_limits", "sign_flips"})  #: 0 or 1: nothing to turn up
UP = (">", ">=")  #: comparisons whose higher threshold is the stricter one
DIGITS = 2  #: of a threshold in money: 92,439 becomes 93,000


def stricter(rule: Rule, findings: Sequence[Finding]) -> tuple[Condition, ...]:
    """The conditions to put in the place of those of the same metric, so that none of the findings holds.

    Of a rule with `any_of` each condition that put a finding over the line is tightened; of another rule the
    first that can be, money last: what a big deal is the team knows better.

    Returns:
        The new conditions; empty when no threshold would do (a rule that asks yes or no), or nothing was
        found.
    """
    if not findings:
        return ()
    if not rule.any_of:
        tightened = (_tighter(one, findings) for one in _money_last(rule.every))
        return tuple(one for one in tightened if one is not None)[:1]
    caused = [
        (one, [f for f in findings if one.metric in f.causes])
        for one in rule.any_of
        if any(one.metric in f.causes for f in findings)
    ]
    found = tuple(_tighter(one, those) for one, those in caused)
    return tuple(one for one in found if one is not None) if None not in found else ()


def with_conditions(rule: Rule, instead: Iterable[Condition]) -> Rule:
    """The rule with these conditions in the place of those that look at the same metric the same way."""
    new = {(one.metric, one.comparison): one for one in instead}

    def put(conditions: tuple[Condition, ...]) -> tuple[Condition, ...]:
        return tuple(new.get((one.metric, one.comparison), one) for one in conditions)

    return replace(rule, every=put(rule.every), any_of=put(rule.any_of))


def _money_last(conditions: Iterable[Condition]) -> list[Condition]:
    return sorted(conditions, key=lambda one: METRICS[one.metric].unit == "money")


def _tighter(condition: Condition, findings: Iterable[Finding]) -> Condition | None:
    """The condition with a threshold that every finding just misses; None when there is no such."""
    values = [value for one in findings if (value := told(one, condition.metric)) is not None]
    if not values or condition.metric in SWITCHES:
        return None
    threshold = beyond(max(values) if condition.comparison in UP else min(values), condition)
    unit = METRICS[condition.metric].unit
    if threshold <= 0 or (unit == "percent" and threshold >= MOST_PERCENT):
        return None
    return replace(condition, threshold=threshold, source="set by the team")


def told(finding: Finding, metric: str) -> Decimal | None:
    """A figure of a finding in the rule's own terms, points and percent as 15 for 15 %; None if not known."""
    fact = finding.figures.get(metric)
    return None if fact is None or fact.value is None else fact.value * UNITS[METRICS[metric].unit][1]


def beyond(at: Decimal, condition: Condition) -> Decimal:
    """The nearest round threshold that a value is not over: 58,340 -> 59,000; more than 17 days -> 17."""
    up = condition.comparison in UP
    step = Decimal(1).scaleb(at.adjusted() - DIGITS + 1) if METRICS[condition.metric].unit == "money" else 1
    steps = (at / step).to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)
    itself = steps * step == at and condition.comparison in (">=", "<=")
    return (steps + (1 if up else -1) * itself) * step
