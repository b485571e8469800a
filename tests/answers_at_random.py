"""Hypothesis strategies: answers with hostile names, missing values and any number of cells."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from analytics.alerts.rules import DEFAULTS, METRICS
from analytics.facts import Breakdown, DealCard, Fact, Finding, Note, Unit, Verdict
from analytics.questions import DIMENSIONS
from bot.alerting.standing import Standing, State
from bot.narrator import template
from bot.narrator.words import Words
from tests.facts_by_hand import AS_OF, breakdown, cell, deal_card, fact, finding

MARKUP = (
    "<!channel>",
    "<@U012AB>",
    "<https://evil.example|slack.com>",
    "[pay](https://evil.example)",
    "*URGENT*",
    "```",
    "&lt;!here&gt;",
    "\u202egnp.exe",
    "ze\u200bro",
    "two\nlines",
    "nul\x00",
)


def labels() -> st.SearchStrategy[str]:
    """A name of 1 to 300 characters, often with markup."""
    parts = st.one_of(st.text(max_size=40), st.sampled_from(MARKUP))
    return st.one_of(
        st.text(min_size=1, max_size=20),
        st.lists(parts, min_size=1, max_size=6).map("".join),
        st.integers(1, 300).map(lambda length: "&" * length),
    )


def fractions() -> st.SearchStrategy[str | None]:
    """A rate, or none."""
    return st.one_of(st.none(), st.decimals(0, 1, places=5).map(str))


@st.composite
def cells(draw: st.DrawFn, width: int) -> Any:
    """One row with `width` labels."""
    low, high = sorted(draw(st.tuples(st.decimals(0, 1, places=4), st.decimals(0, 1, places=4))))
    return cell(
        *(draw(labels()) for _ in range(width)),
        rate=draw(fractions()),
        deals=draw(st.integers(0, 10**7)),
        low=str(low),
        high=str(high),
        p=draw(fractions()),
        difference=str(draw(st.decimals(-1, 1, places=4))),
        verdict=draw(st.sampled_from([None, *Verdict])),
        pooled=draw(st.sampled_from([0, 0, 0, 7])),
        incomplete=draw(st.sampled_from(["", "", "running", "first", "intake_ended"])),
    )


@st.composite
def breakdowns(draw: st.DrawFn, most: int = 12) -> Breakdown:
    """A breakdown by none, one or two dimensions, of up to `most` cells."""
    dimensions = draw(st.lists(st.sampled_from(DIMENSIONS), max_size=2, unique=True).map(tuple))
    some = draw(st.lists(cells(len(dimensions)), max_size=4)) if dimensions else []
    return breakdown(
        (some * most)[: draw(st.integers(0, most))],
        draw(st.sampled_from(Verdict)),
        dimensions=dimensions,
        overall=draw(fractions()),
        p=draw(fractions()),
        by_amount=draw(st.booleans()),
        scope=draw(labels()),
        filters=draw(st.sampled_from([(), (("region", ("EMEA", "<!here>")),)])),
        deal_type=draw(labels()),
        notes=draw(st.sampled_from([(), (Note("no_model"), Note("pooled"), Note("luck"))])),
    )


UNITS = {
    "amount": Unit.MONEY,
    "deal_age_days": Unit.DAYS,
    "base_rate": Unit.FRACTION,
    "expected_remaining_days": Unit.DAYS,
    "pvs": Unit.MONEY_PER_DAY,
    "momentum_percentile": Unit.FRACTION,
    "health": Unit.SCORE,
    "days_in_stage": Unit.DAYS,
    "stage_limit": Unit.DAYS,
    "days_since_activity": Unit.DAYS,
    "inactivity_limit": Unit.DAYS,
    "push_count": Unit.COUNT,
    "sales_cycle_days": Unit.DAYS,
}


@st.composite
def figures(draw: st.DrawFn) -> list[Fact]:
    """Some of a deal's figures, some of those unknown."""
    chosen = draw(st.lists(st.sampled_from(sorted(UNITS)), unique=True))
    known = [draw(st.one_of(st.none(), st.decimals(0, 10**9, places=4))) for _ in chosen]
    due = fact("close_date", AS_OF.toordinal() + draw(st.integers(-400, 400)), Unit.DATE)
    return [due, *(_figure(metric, value) for metric, value in zip(chosen, known, strict=True))]


def _figure(metric: str, value: Decimal | None) -> Fact:
    scaled = value / 10**9 if value is not None and UNITS[metric] is Unit.FRACTION else value
    reason = "" if value is not None else "no_stage_history"
    return fact(metric, scaled, UNITS[metric], "deal", currency="USD", unknown=reason, low="0.1", high="0.2")


@st.composite
def deals(draw: st.DrawFn) -> DealCard:
    """An open or closed deal with names of any kind."""
    names = {field: draw(st.one_of(st.just(""), labels())) for field in ("name", "account", "stage", "owner")}
    outcome = draw(st.sampled_from(["open", "open", "won", "lost"]))
    return deal_card(draw(figures()), outcome=outcome, next_step=draw(labels()), **names)


RULES = {rule.id: rule for rule in DEFAULTS}


@st.composite
def findings(draw: st.DrawFn) -> Finding:
    """Something over the line of any rule, ours or the team's, with names of any kind."""
    rule = RULES[draw(st.sampled_from(sorted(RULES)))]
    asked = ("deal", "account", "stage", "owner", "segment", "driver", "since", "check", "what", "source")
    names = {name: draw(st.one_of(st.just(""), labels())) for name in (*asked, "columns")}
    sides = st.sampled_from(["low", "high", ""])
    causes = [condition.metric for condition in rule.any_of or rule.every]
    others = draw(st.lists(st.sampled_from(sorted(METRICS)), max_size=2))
    return finding(
        draw(found_figures()),
        tuple(dict.fromkeys([*causes, *others])),
        rule=draw(st.sampled_from([rule.id, rule.id, "r_our_own"])),
        level=str(rule.level),
        subject=str(rule.subject),
        subject_id=draw(labels()) or "D1",
        title=draw(st.one_of(st.just(""), labels())),
        names={**names, "direction": draw(sides), "state": draw(st.sampled_from(["shock", "floor"]))},
    )


@st.composite
def found_figures(draw: st.DrawFn) -> list[Fact]:
    """Some of what rules look at with their lines, some of those unknown."""
    units = {"money": Unit.MONEY, "days": Unit.DAYS, "points": Unit.POINTS, "percent": Unit.FRACTION}
    chosen = draw(st.lists(st.sampled_from(sorted(METRICS)), unique=True))
    known = {metric: units.get(METRICS[metric].unit, Unit.COUNT) for metric in chosen}
    known |= {f"{metric}_limit": unit for metric, unit in known.items()}
    value = st.one_of(st.none(), st.decimals(0, 1, places=3), st.integers(0, 10**9))
    return [
        fact(name, draw(value), unit, "deal", currency="USD", low="0.1", high="0.2")
        for name, unit in known.items()
    ]


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    """How an alert may stand, in words of any kind."""
    said = st.one_of(st.just(""), labels())
    return Standing(
        key=draw(said) or "main:stalled:D1:2024-07-20",
        state=draw(st.sampled_from(State)),
        by=draw(said),
        acted=draw(said),
        reason=draw(said),
        until=draw(st.sampled_from([None, datetime(2024, 7, 27, 10, tzinfo=UTC)])),
        escalated=draw(st.booleans()),
        matches=draw(st.sampled_from([0, 1, 1200])),
        told=draw(st.integers(0, 3)),
        budget=draw(st.sampled_from([0, 3])),
    )


ROLES = ("owner", "manager", "cro", "ops", "reviewer")


def answers() -> st.SearchStrategy[Breakdown | DealCard | Finding]:
    """Any answer."""
    return st.one_of(breakdowns(), deals(), findings())


def words(answer: Breakdown | DealCard | Finding) -> Words:
    """The template's words for any answer."""
    if isinstance(answer, Breakdown):
        return template.breakdown(answer)
    if isinstance(answer, DealCard):
        return template.deal(answer)
    return template.alert(answer, "manager", Standing(key="k"))
