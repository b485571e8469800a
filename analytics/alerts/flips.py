"""Driver rules: two generations in, the drivers out whose effect turned round, clear of zero both ways."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from analytics import answers
from analytics.alerts.rules import Condition, Rule, Subject
from analytics.answers.mint import mint_of
from analytics.facts import Driver, Fact, Finding, Unit
from analytics.questions import EVERYONE, DriversQuestion
from analytics.store import Generation


@dataclass(frozen=True, slots=True)
class _Turned:
    """A driver with its effect now, and a week before where it is known."""

    now: Driver
    then: Driver | None

    @property
    def flips(self) -> int:
        """1 when it turned round: between the spans of time of one model, or since the week before."""
        since = self.then is not None and _apart(self.then.effect, self.now.effect)
        return int(self.now.flipped or since)


def flips(rules: Iterable[Rule], before: Generation | None, now: Generation) -> list[Finding]:
    """Drivers over the line of the rules about drivers; people are no drivers.

    Returns:
        By rule, strongest help first. `names` has `driver` (its value) and `dimension`; the figures are
        `sign_flips` and `driver_effect` in points with its range, `driver_effect_before` where it turned
        since then.
    """
    asked = [rule for rule in rules if rule.subject is Subject.DRIVER]
    if not asked:
        return []
    turned = list(_turned(before, now))
    return [_finding(rule, one, now) for rule in asked for one in turned if _holds(rule, one)]


def _turned(before: Generation | None, now: Generation) -> Iterator[_Turned]:
    then = _drivers(before) if before else {}
    for key, driver in _drivers(now).items():
        yield _Turned(driver, then.get(key))


def _drivers(generation: Generation) -> Mapping[tuple[str, str], Driver]:
    told = answers.drivers(generation, DriversQuestion(), EVERYONE).drivers
    return {(one.feature, one.value): one for one in told}


def _apart(then: Fact, now: Fact) -> bool:
    """Do two ranges lie on different sides of zero?"""
    ends = (then.low, then.high, now.low, now.high)
    if any(end is None for end in ends):
        return False
    low, high, low_now, high_now = (end for end in ends if end is not None)
    return (high < 0 < low_now) or (high_now < 0 < low)


def _holds(rule: Rule, one: _Turned) -> bool:
    every = all(_meets(condition, one) for condition in rule.every)
    return every and (not rule.any_of or any(_meets(condition, one) for condition in rule.any_of))


def _meets(condition: Condition, one: _Turned) -> bool:
    at = Decimal(one.flips)
    return {">": at > condition.threshold, ">=": at >= condition.threshold}.get(condition.comparison, False)


def _finding(rule: Rule, one: _Turned, now: Generation) -> Finding:
    mint, of = mint_of(now), f"{one.now.feature}={one.now.value}"
    lines = [mint.fact(f"{c.metric}_limit", c.threshold, Unit.COUNT, of) for c in rule.conditions]
    figures = {
        "sign_flips": mint.count("sign_flips", one.flips, of),
        "driver_effect": one.now.effect,
        **{line.metric: line for line in lines},
    }
    if one.then and _apart(one.then.effect, one.now.effect):
        figures["driver_effect_before"] = replace(
            one.then.effect, id=f"driver_effect_before/{of}", metric="driver_effect_before"
        )
    return Finding(
        rule=rule.id,
        level=str(rule.level),
        subject=str(rule.subject),
        subject_id=of,
        title=rule.title,
        names={"driver": one.now.value, "dimension": one.now.feature},
        causes=("sign_flips",),
        figures=figures,
        as_of=now.as_of,
        generation=now.id,
    )
