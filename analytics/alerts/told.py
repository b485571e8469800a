"""A rule and a generation in, what can be told of it out: its lines as facts, and what it matches now."""

from collections.abc import Iterable
from datetime import date

import numpy as np

from analytics.alerts import deals, judge
from analytics.alerts.board import Board, values
from analytics.alerts.rules import Condition, Rule, Subject
from analytics.answers.mint import mint_of
from analytics.facts import Fact, Finding, Line, Preview, RuleTold
from analytics.generation import DealRow
from analytics.store import Generation

FEWEST = 5  #: people below whom no number about them is shown to others; product.md, part 1


def told(
    rule: Rule,
    now: Generation,
    *,
    state: str = "on",
    author: str = "",
    note: str = "",
    on: date | None = None,
) -> RuleTold:
    """One version of a rule, its thresholds as facts."""
    return RuleTold(
        id=rule.id,
        level=rule.level,
        subject=rule.subject,
        every=tuple(line(rule, one, now) for one in rule.every),
        any_of=tuple(line(rule, one, now) for one in rule.any_of),
        filters=tuple((one.dimension, one.values) for one in rule.filters),
        title=rule.title,
        version=rule.version,
        state=state,
        author=author,
        note=note,
        on=on,
    )


def line(rule: Rule, condition: Condition, now: Generation) -> Line:
    """One condition; its fact knows version and comparison, for a rule may look at a metric twice."""
    of = f"{rule.id} {rule.version} {condition.comparison}"
    threshold = deals.limit(of, condition, mint_of(now), now.currency)
    return Line(
        metric=condition.metric,
        comparison=condition.comparison,
        threshold=threshold,
        source=condition.source,
    )


def preview(
    rule: Rule,
    found: Iterable[Finding],
    before: Iterable[Finding],
    now: Generation,
    *,
    is_for_all: bool = False,
) -> Preview:
    """How much a rule matches now, and how much of it did not a week before.

    Empty when fewer than five people own what the rule looks at, unless the reader may see all deals.

    Args:
        found: what the rule finds now, compared with the week before.
        before: what it found then, as `findings(rules, None, before)` tells: nothing that fell since.
    """
    looked = _looked_at(rule, now)
    if len({row.rep_id for row in looked}) < FEWEST and not is_for_all:
        return Preview(figures={})
    mine = [one for one in found if one.rule == rule.id]
    then = {one.subject_id for one in before if one.rule == rule.id}
    fresh = [one for one in mine if one.subject_id not in then]
    figures = [_count(now, "matches", len(mine), rule), _count(now, "fresh", len(fresh), rule)]
    if rule.subject is Subject.DEAL:
        figures.append(_count(now, "open_deals", len(looked), rule))
    if (reps := len({one.owner_id for one in mine})) >= FEWEST:
        figures.append(_count(now, "owners", reps, rule))
    return Preview(figures={fact.metric: fact for fact in figures})


def _looked_at(rule: Rule, now: Generation) -> list[DealRow]:
    """The open deals that a rule is about, over a line or not."""
    rows = now.open_deals()
    size = {"": np.zeros(len(rows))}
    board = Board(size, {one.dimension: values(rows, one.dimension) for one in rule.filters})
    return [row for row, kept in zip(rows, judge.filtered(rule, board), strict=True) if kept]


def _count(now: Generation, metric: str, number: int, rule: Rule) -> Fact:
    return mint_of(now).count(metric, number, f"rule={rule.id}")
