"""Hypothesis strategies: answers with hostile names, missing values and any number of cells."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from analytics.facts import Breakdown, DealCard, Fact, Note, StalledDeal, Unit, Verdict
from analytics.questions import DIMENSIONS
from bot.narrator import template
from bot.narrator.words import Words
from tests.facts_by_hand import AS_OF, breakdown, cell, deal_card, fact, stalled_deal

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


@st.composite
def stalled_deals(draw: st.DrawFn) -> StalledDeal:
    """A stalled deal with names of any kind."""
    names = {field: draw(st.one_of(st.just(""), labels())) for field in ("name", "account", "stage", "owner")}
    causes = draw(st.sampled_from([("inactive",), ("slow_stage",), ("inactive", "slow_stage")]))
    return stalled_deal(draw(figures()), causes, **names)


def answers() -> st.SearchStrategy[Breakdown | DealCard | StalledDeal]:
    """Any answer."""
    return st.one_of(breakdowns(), deals(), stalled_deals())


def words(answer: Breakdown | DealCard | StalledDeal) -> Words:
    """The template's words for any answer."""
    if isinstance(answer, Breakdown):
        return template.breakdown(answer)
    return template.deal(answer) if isinstance(answer, DealCard) else template.stalled(answer, "manager")
