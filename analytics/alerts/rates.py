"""Rate rules: two generations in, the segments out whose win rate left its limits, or lies below a floor.

The judging is `/watch`'s: what is told here is told there too. Unasked, all segments of all dimensions share
one budget of false alarms, so a finding must hold in that stricter look as well.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from analytics import answers, verdict
from analytics import watch as watching
from analytics.alerts.rules import Condition, Rule, Subject
from analytics.answers.mint import Mint, mint_of
from analytics.answers.remember import remembered
from analytics.facts import Fact, Finding, Unit, Verdict, Watch, Watched
from analytics.questions import EVERYONE, Filter, Period, WatchQuestion
from analytics.store import Generation

#: Looked at by a rule without filters. Not `rep`: a person's luck is no alert.
WATCHED = ("region", "industry", "product", "lead_source", "deal_type", "team")
LEFT = ("shock", "drift")  #: states of a rate that left its limits
YEAR = 12  #: months whose owners tell who manages a segment
HUNDRED = Decimal(100)

Where = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Looked:
    """A segment in one answer of `/watch`, and whether the stricter look at all segments agrees."""

    filters: tuple[Filter, ...]  # of the segment, the rule's own included
    watched: Watched
    agreed: bool


def rates(rules: Iterable[Rule], before: Generation | None, now: Generation) -> list[Finding]:  # noqa: ARG001
    """Segments over the line of the rules about segments.

    A rule with filters is about that one segment, another about everything and each value of each dimension.
    `outside_limits` holds where the rate drifts or had a shock, `win_rate < 35` where the last six months are
    below the floor by a Signal; where everything is below it, that is told, and no part of it. Months tell by
    themselves what changed, so `before` is not looked at.

    Returns:
        By rule, everything first, then in the order of `WATCHED`. `names` has `segment` ("" for everything),
        `dimension` (""), `state` (shock, drift, floor), `direction` (low, high), `since` (2024-05);
        `manager_id` is set where everybody who closed deals there lately reports to one person.
    """
    return [found for rule in rules if rule.subject is Subject.SEGMENT for found in _of_rule(rule, now)]


def _of_rule(rule: Rule, now: Generation) -> Iterator[Finding]:
    limits, floors = (_looked(now, rule.filters, floor) for floor in (None, _floor(rule)))
    all_below = floors[()].watched.state == "floor"
    for where, outside in limits.items():
        below = floors[where]
        holds = {
            "outside_limits": outside.agreed and outside.watched.state in LEFT,
            "win_rate": below.watched.state == "floor" and below.agreed and not (where and all_below),
        }
        if causes := _causes(rule, holds):
            yield _finding(rule, now, below if holds["win_rate"] else outside, causes)


def _causes(rule: Rule, holds: Mapping[str, bool]) -> tuple[str, ...]:
    """The metrics whose conditions hold; none when the rule does not."""
    every = [one.metric for one in rule.every if _meets(one, holds)]
    either = [one.metric for one in rule.any_of if _meets(one, holds)]
    if len(every) < len(rule.every) or (rule.any_of and not either):
        return ()
    return tuple(dict.fromkeys(either or every))


def _meets(condition: Condition, holds: Mapping[str, bool]) -> bool:
    """A rate is only ever held against a floor; what is not shown to be below it is not above it either."""
    if condition.metric == "win_rate":
        return condition.comparison in ("<", "<=") and holds["win_rate"]
    at = Decimal(int(holds["outside_limits"]))
    return {">": at > condition.threshold, ">=": at >= condition.threshold}.get(condition.comparison, False)


def _floor(rule: Rule) -> float | None:
    """The lowest floor that a rule sets, as a fraction; None without one that can be a win rate."""
    set_ = [c.threshold for c in rule.conditions if c.metric == "win_rate" and c.comparison in ("<", "<=")]
    return float(min(set_) / HUNDRED) if set_ and 0 < min(set_) < HUNDRED else None


@remembered
def _looked(now: Generation, filters: tuple[Filter, ...], floor: float | None) -> dict[Where, _Looked]:
    """Everything that a rule looks at, by where it is."""
    if filters:
        alone = answers.watch(now, WatchQuestion(None, filters, floor), EVERYONE).watched[0]
        return {(): _Looked(filters, alone, agreed=True)}
    told = [answers.watch(now, WatchQuestion(one, (), floor), EVERYONE) for one in _dimensions(now)]
    if not told:
        told = [answers.watch(now, WatchQuestion(None, (), floor), EVERYONE)]
    everything = told[0].watched[0]
    segments = {
        one.where: one
        for answer in told
        for one in answer.watched
        if one.where and not _same(one, everything)
    }
    agreed = _agreed(told[0], list(segments.values()), floor)
    found = {(): _Looked((), everything, agreed=True)}
    return found | {
        where: _Looked(_filters(where), one, agreed=where in agreed) for where, one in segments.items()
    }


def _same(one: Watched, everything: Watched) -> bool:
    """Is a segment all there is, like the main kind of business?"""
    counts = ([(m.label, m.win_rate.n) for m in w.months if m.win_rate.n] for w in (one, everything))
    return next(counts) == next(counts)


def _dimensions(now: Generation) -> list[str]:
    return [one for one in WATCHED if len(now.values(one, EVERYONE)) > 1]


def _filters(where: Where) -> tuple[Filter, ...]:
    return tuple(Filter(dimension, (value,)) for dimension, value in where)


def _agreed(answer: Watch, segments: Sequence[Watched], floor: float | None) -> set[Where]:
    """The segments that are also a signal when all of them together share one budget of false alarms."""
    if not any(one.state in (*LEFT, "floor") for one in segments):
        return set()
    months = [month.label for month in answer.watched[0].months if not month.incomplete]
    series = [answer.watched[0], *segments]
    n, won = (np.array([_counted(one, months)[part] for one in series]) for part in (0, 1))
    seen = watching.watch(n, won, (int(months[0][5:]) - 1) % 3, floor).series[1:]
    return {one.where for one, found in zip(segments, seen, strict=True) if found.state == one.state}


def _counted(one: Watched, months: Sequence[str]) -> tuple[list[int], list[int]]:
    """Closed and won deals in each month of a list."""
    rates = {month.label: month.win_rate for month in one.months}
    known = [rates.get(month) for month in months]
    return [fact.n or 0 if fact else 0 for fact in known], [_won(fact) if fact else 0 for fact in known]


def _won(rate: Fact) -> int:
    return 0 if rate.value is None else round(rate.value * (rate.n or 0))


def _finding(rule: Rule, now: Generation, looked: _Looked, causes: tuple[str, ...]) -> Finding:
    one, mint = looked.watched, mint_of(now)
    of = ",".join(f"{f.dimension}={'|'.join(f.values)}" for f in looked.filters) or "all"
    return Finding(
        rule=rule.id,
        level=str(rule.level),
        subject=str(rule.subject),
        subject_id=of,
        title=rule.title,
        names={
            "segment": ", ".join(one.labels) or ", ".join(v for f in looked.filters for v in f.values),
            "dimension": ", ".join(f.dimension for f in looked.filters),
            "state": one.state,
            "direction": _direction(one),
            "since": one.since,
        },
        manager_id=_manager(now, looked.filters),
        causes=causes,
        figures={name: fact for name, fact in _figures(rule, mint, of, one).items() if fact},
        as_of=now.as_of,
        generation=now.id,
    )


def _direction(one: Watched) -> str:
    """Which way it went: of a floor always "low"."""
    signal = next((month.signal for month in one.months if month.label == one.since), "")
    return "high" if signal.endswith("high") else "low"


def _figures(rule: Rule, mint: Mint, of: str, one: Watched) -> dict[str, Fact | None]:
    """The rate since it left its limits or of the last six months, beside what was usual, and the lines."""
    left = one.state in LEFT
    lines = {f"{c.metric}_limit": _limit(mint, of, c) for c in rule.conditions}
    return {
        "win_rate": _since(mint, of, one) if left else one.trailing,
        "usual_win_rate": one.baseline,
        "change_since": one.change,
        "outside_limits": mint.count("outside_limits", int(left), of),
        **lines,
    }


def _limit(mint: Mint, of: str, condition: Condition) -> Fact:
    metric = f"{condition.metric}_limit"
    if condition.metric == "win_rate":
        return mint.fact(metric, condition.threshold / HUNDRED, Unit.FRACTION, of)
    return mint.fact(metric, condition.threshold, Unit.COUNT, of)


def _since(mint: Mint, of: str, one: Watched) -> Fact:
    """The win rate of the month of a shock, or of all complete months of a drift."""
    drifting = one.state == "drift"
    months = [
        m.label
        for m in one.months
        if not m.incomplete and (m.label >= one.since if drifting else m.label == one.since)
    ]
    n, won = (sum(part) for part in _counted(one, months))
    low, high = (float(end) for end in verdict.wilson(won, n))
    rate = won / n if n else None
    entity = f"{of}, since {one.since}"
    return mint.fact(
        "win_rate",
        rate,
        Unit.FRACTION,
        entity,
        n=n,
        low=low,
        high=high,
        verdict=Verdict.SIGNAL,
        unknown="no_closed_deals",
    )


def _manager(now: Generation, filters: tuple[Filter, ...]) -> str:
    """To whom everybody reports who closed deals in a segment within a year; "" when not one person."""
    if not filters:
        return ""
    managers = {person.person_id: person.manager_id or "" for person in now.people()}
    rows = now.cells(("rep",), filters, _last_year(now), None, EVERYONE)
    found = {managers.get(row.values[0], "") for row in rows}
    return found.pop() if len(found) == 1 else ""


def _last_year(now: Generation) -> Period:
    return Period(now.as_of.replace(year=now.as_of.year - 1, day=1), now.as_of, f"{YEAR} months")
