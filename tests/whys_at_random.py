"""Hypothesis strategies: answers to `/why`, `/watch` and `/whatif` with hostile names and missing values."""

from typing import Any

from hypothesis import strategies as st

from analytics.facts import (
    Fact,
    Month,
    Note,
    Part,
    Run,
    Segment,
    Span,
    Unit,
    Verdict,
    Watch,
    Watched,
    WhatIf,
    Why,
    Wider,
)
from analytics.questions import DIMENSIONS
from tests import answers_at_random
from tests.answers_at_random import fractions
from tests.facts_by_hand import fact
from tests.facts_for_why import points, rate, watch, whatif, why, wider


def labels() -> st.SearchStrategy[str]:
    """A name that is not empty, as those of periods and segments never are."""
    return answers_at_random.labels().filter(bool)


INCOMPLETE = st.sampled_from(["", "", "", "running", "first", "intake_ended"])


@st.composite
def changes(draw: st.DrawFn, of: str) -> Fact:
    """A difference in points, maybe unknown, maybe without its interval."""
    low, high = sorted(draw(st.tuples(st.decimals(-1, 1, places=5), st.decimals(-1, 1, places=5))))
    value = draw(st.none() | st.decimals(-1, 1, places=5).map(str))
    bounds = draw(st.sampled_from([(str(low), str(high)), (None, None)]))
    return points(value, of, *bounds, verdict=draw(st.sampled_from([None, *Verdict])))


@st.composite
def rates(draw: st.DrawFn, of: str) -> Fact:
    """A win rate, maybe unknown."""
    low, high = sorted(draw(st.tuples(st.decimals(0, 1, places=4), st.decimals(0, 1, places=4))))
    return rate(draw(fractions()), draw(st.integers(0, 10**7)), of, str(low), str(high))


@st.composite
def spans(draw: st.DrawFn, of: str) -> Span:
    """A period."""
    return Span(label=draw(labels()), win_rate=draw(rates(of)), incomplete=draw(INCOMPLETE))


@st.composite
def wheres(draw: st.DrawFn) -> tuple[tuple[str, str], ...]:
    """One or two dimensions with a value each."""
    dimensions = draw(st.lists(st.sampled_from(DIMENSIONS), min_size=1, max_size=2, unique=True))
    return tuple((dimension, draw(labels())) for dimension in dimensions)


@st.composite
def segments(draw: st.DrawFn, of: str) -> Segment:
    """A segment in both periods."""
    where = draw(wheres())
    return Segment(
        where=where,
        labels=tuple(value for _, value in where),
        before=draw(rates(f"{of}/before")),
        after=draw(rates(f"{of}/after")),
        change=draw(changes(of)),
        mix=draw(st.none() | changes(f"{of}/mix")),
        rate=draw(st.none() | changes(f"{of}/rate")),
    )


@st.composite
def parts(draw: st.DrawFn, of: str) -> Part:
    """A part of a change."""
    kind = draw(st.sampled_from(["mix", "interaction", "overall", "segment", "rest"]))
    where = draw(wheres()) if kind == "segment" else ()
    return Part(
        kind=kind,
        dimension=draw(st.sampled_from(DIMENSIONS)) if kind == "mix" else "",
        where=where,
        labels=tuple(value for _, value in where),
        effect=draw(changes(of)),
    )


CHECKS = (
    "earlier_start",
    "fixed_mix",
    "by_close",
    "equal_age",
    "without_amount_band",
    "longer",
    "unheard_of",
)


@st.composite
def runs(draw: st.DrawFn, of: str) -> Run:
    """The same question asked another way."""
    return Run(
        check=draw(st.sampled_from(CHECKS)),
        before=draw(labels()),
        after=draw(labels()),
        names=draw(st.sampled_from([(), ("lead_source",), ("<!here>", "b")])),
        change=draw(changes(of)),
        **draw(st.sampled_from([{"holds": True}, {"holds": None}, *OTHERWISE])),
    )


OTHERWISE = ({"holds": False}, {"holds": False, "against": True})


@st.composite
def widers(draw: st.DrawFn) -> tuple[Wider, ...]:
    """What is seen between wider periods."""
    kinds = draw(st.lists(st.sampled_from(["quarters", "year"]), unique=True))
    sizes = st.decimals(-1, 1, places=4).map(str)
    judged = st.sampled_from([Verdict.SIGNAL, Verdict.NOISE])
    return tuple(wider(kind, draw(sizes), draw(judged)) for kind in kinds)


def several(one: Any, draw: st.DrawFn, name: str, most: int) -> tuple[Any, ...]:
    """Some of a kind, each with facts of its own; more than a table holds now and then."""
    drawn = [draw(one(f"{name}{n}")) for n in range(draw(st.integers(0, 3)))]
    return tuple((drawn * most)[: draw(st.sampled_from([len(drawn), most]))])


@st.composite
def whys(draw: st.DrawFn) -> Why:
    """An answer to `/why`."""
    change = draw(changes("change"))
    return why(
        draw(st.sampled_from(Verdict)),
        None if change.value is None else str(change.value),
        None if change.low is None else str(change.low),
        None if change.high is None else str(change.high),
        draw(fractions()),
        before=draw(spans("before")),
        after=draw(spans("after")),
        by=draw(st.sampled_from(["", "region", "rep"])),
        parts=several(parts, draw, "part", 9),
        rows=several(segments, draw, "row", 60),
        found=several(segments, draw, "found", 6),
        rivals=several(segments, draw, "rival", 4),
        lead=draw(st.none() | segments("lead")),
        trend=several(spans, draw, "trend", 30),
        runs=several(runs, draw, "run", 14),
        wider=draw(widers()),
        same_days=draw(st.sampled_from([None, wider().periods])),
        scope=draw(labels()),
        deal_type=draw(labels()),
        filters=draw(st.sampled_from([(), (("region", ("EMEA", "<!here>")),)])),
        notes=draw(st.sampled_from([(), (Note("pooled"), Note("no_model"))])),
    )


@st.composite
def months(draw: st.DrawFn, of: str) -> Month:
    """A month, with limits or without."""
    low, high = sorted(draw(st.tuples(st.decimals(0, 1, places=4), st.decimals(0, 1, places=4))))
    limited = draw(st.booleans())
    return Month(
        label=draw(labels()),
        win_rate=draw(rates(of)),
        low=fact("limit_low", str(low), Unit.FRACTION, of) if limited else None,
        high=fact("limit_high", str(high), Unit.FRACTION, of) if limited else None,
        signal=draw(st.sampled_from(["", "", "shock_low", "shock_high", "drift_low", "drift_high", "floor"])),
        incomplete=draw(INCOMPLETE),
    )


@st.composite
def things(draw: st.DrawFn, of: str) -> Watched:
    """A thing watched; the empty `where` is everything."""
    where = draw(st.just(()) | wheres())
    told = several(months, draw, f"{of}/", 40)
    return Watched(
        where=where,
        labels=tuple(value for _, value in where),
        months=told,
        baseline=draw(rates(f"{of}/baseline")),
        wobble=fact("wobble", draw(st.sampled_from([None, "1", "1.42"])), Unit.NUMBER, of),
        state=draw(st.sampled_from(["stable", "shock", "drift", "floor", "no_baseline"])),
        since=told[-1].label if told and draw(st.booleans()) else "",
        change=draw(st.none() | changes(f"{of}/since")),
    )


@st.composite
def watches(draw: st.DrawFn) -> Watch:
    """An answer to `/watch`."""
    first = draw(things("first"))
    return watch(
        first,
        *several(things, draw, "thing", 30),
        detectable=draw(fractions()),
        scope=draw(labels()),
        deal_type=draw(labels()),
        filters=draw(st.sampled_from([(), (("region", ("EMEA", "<!here>")),)])),
    )


FIGURES = {
    "deals": Unit.COUNT,
    "open_deals": Unit.COUNT,
    "capacity": Unit.NUMBER,
    "capacity_share": Unit.FRACTION,
    "won_amount": Unit.MONEY,
    "change_amount": Unit.MONEY,
    "change_win_rate": Unit.POINTS,
    "per_day_segment": Unit.MONEY_PER_DAY,
    "per_day_rest": Unit.MONEY_PER_DAY,
}


@st.composite
def whatifs(draw: st.DrawFn) -> WhatIf:
    """An answer to `/whatif` with some figures, some of those unknown."""
    chosen = draw(st.lists(st.sampled_from(sorted(FIGURES)), unique=True))
    values = [draw(st.none() | st.decimals(-(10**9), 10**9, places=3)) for _ in chosen]
    figures = [
        fact(metric, value, FIGURES[metric], "x", currency="USD", low="-3", high="4")
        for metric, value in zip(chosen, values, strict=True)
    ]
    action = draw(st.sampled_from(["drop", "shift"]))
    names = {"labels": (draw(labels()),), "to_labels": (draw(labels()),) if action == "shift" else ()}
    return whatif(draw(st.sampled_from([True, False, None])), action, figures, scope=draw(labels()), **names)
