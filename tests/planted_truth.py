"""A generation of the sample and what was planted in it -> was each effect found, in the size it has?"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from analytics import answers
from analytics.facts import Driver, Fact, Verdict
from analytics.questions import (
    ALL_TIME,
    EVERYONE,
    BreakdownQuestion,
    DriversQuestion,
    Filter,
    FunnelQuestion,
    Period,
    WatchQuestion,
    WhyQuestion,
)
from analytics.store import Generation
from data.sample import Planted, market

MONTHS_BEFORE = 9  #: compared with the nine since the drop
NULL = ("industry", "product", "amount")  #: what drives nothing; people are no drivers that are told
SOURCES = {market.BETTER_SOURCE: market.BETTER_EFFECT, market.GROWING_SOURCE: market.GROWING_EFFECT}
SLOW = {
    "dead_stage": ("days_in_stage", ("30 to 59 days", "60 days and more")),
    "silence": ("days_since_activity", ("15 to 29 days", "30 days and more")),
}


class Check(NamedTuple):
    """One planted effect and one answer meant for it; `holds` None where the answer tells no such size."""

    effect: str
    answer: str
    found: bool
    holds: bool | None = None


class Nulls(NamedTuple):
    """Values that drive nothing: how many, how many a Signal, how many ranges hold what is true of them."""

    values: int
    signals: int
    held: int


def checks(generation: Generation, told: Planted) -> list[Check]:
    """Every planted effect, asked of every answer that must tell it."""
    return [
        *_changes(generation, told),
        *_rates(generation, told),
        *_driving(generation, told),
        _leak(generation),
        *_reps(generation, told),
    ]


def nulls(generation: Generation) -> Nulls:
    """What the drivers say of everything that has no influence."""
    found = [driver.effect for driver in _drivers(generation) if driver.feature in NULL]
    signals = sum(effect.verdict is Verdict.SIGNAL for effect in found)
    return Nulls(len(found), signals, sum(holds(effect, 0.0) for effect in found))


def holds(fact: Fact, truth: float) -> bool:
    """Does the range told hold the truth?"""
    assert fact.low is not None
    assert fact.high is not None
    return float(fact.low) <= truth <= float(fact.high)


def around_the_drop(told: Planted) -> tuple[Period, Period]:
    """The nine months before the drop, and the time since."""
    since = told.of("segment_drop")[0].since
    assert since
    month = 12 * since.year + since.month - 1 - MONTHS_BEFORE
    before = Period(date(month // 12, month % 12 + 1, 1), since - timedelta(days=1), "before")
    return before, Period(since, told.as_of, "since")


def _changes(generation: Generation, told: Planted) -> Iterator[Check]:
    """What /watch and /why say of the region that fell and of the source that grew."""
    before, after = around_the_drop(told)
    why = answers.why(generation, WhyQuestion(before, after), EVERYONE)
    where = (("region", market.DROP_REGION),)
    rows = answers.watch(generation, WatchQuestion("region"), EVERYONE).watched
    fell = next(row for row in rows if row.where == where)
    drifted = market.DROP + _mix(generation, before, after, (Filter("region", (market.DROP_REGION,)),))
    seen = fell.state in ("drift", "shock") and fell.change is not None
    yield Check("segment_drop", "/watch region", seen, holds(fell.change, drifted) if fell.change else None)
    found = next((segment.excess for segment in why.found if segment.where == where), None)
    yield Check("segment_drop", "/why", found is not None, holds(found, market.DROP) if found else None)
    part = next(part.effect for part in why.parts if part.dimension == "lead_source")
    clear = part.high is not None and part.high < 0
    yield Check("mix_shift", "/why", clear, holds(part, _mix(generation, before, after)))


def _mix(generation: Generation, before: Period, after: Period, where: tuple[Filter, ...] = ()) -> float:
    """What the change of the sources' shares alone does to the win rate, by their planted effects."""
    then, now = (_shares(generation, period, where) for period in (before, after))
    return sum(effect * (now[source] - then[source]) for source, effect in SOURCES.items())


def _shares(generation: Generation, period: Period, where: tuple[Filter, ...]) -> dict[str, float]:
    rows = generation.cells(("lead_source",), where, period, market.DROP_TYPE, EVERYONE)
    deals = sum(row.deals for row in rows)
    return {row.values[0]: row.deals / deals for row in rows}


def _rates(generation: Generation, told: Planted) -> Iterator[Check]:
    """What /winrate says of the sources."""
    found = answers.breakdown(generation, BreakdownQuestion(("lead_source",)), EVERYONE)
    rates = {cell.values[0]: cell.win_rate for cell in found.cells}
    for effect in told.of("lead_source"):
        rate, cell = rates[effect.where["lead_source"]], effect.cell
        right = holds(rate, cell.expected_won / cell.deals)
        yield Check(_name(effect.where), "/winrate", rate.verdict is Verdict.SIGNAL, right)


def _driving(generation: Generation, told: Planted) -> Iterator[Check]:
    """What /drivers says of segments, in their size, and of how deals move, by its sign."""
    known = {driver.effect.entity: driver.effect for driver in _drivers(generation)}
    truths = _sizes(generation, told)
    for effect in (*told.of("segment_drop"), *told.of("lead_source")):
        one = known[_name(effect.where)]
        is_found = one.verdict is Verdict.SIGNAL and (one.value or 0) * effect.points > 0
        name = _name(effect.where) if effect.kind == "lead_source" else effect.kind
        yield Check(name, "/drivers", is_found, holds(one, truths[_name(effect.where)]))
    for name, (feature, bands) in SLOW.items():
        told_of = [known[f"{feature}={band}"] for band in bands]
        low = all(one.verdict is Verdict.SIGNAL and (one.value or 0) < 0 for one in told_of)
        yield Check(name, "/drivers", low)


def _sizes(generation: Generation, told: Planted) -> dict[str, float]:
    """The true effect of every value that deals have from the start, against the average deal."""
    fell = told.of("segment_drop")[0]
    (region,) = generation.cells(
        (), (Filter("region", (market.DROP_REGION,)),), ALL_TIME, market.DROP_TYPE, EVERYONE
    )
    planted = {f"lead_source={source}": effect for source, effect in SOURCES.items()}
    planted[_name(fell.where)] = market.DROP * fell.cell.deals / region.deals
    by_feature: dict[str, list[Fact]] = {}
    for driver in _drivers(generation):
        by_feature.setdefault(driver.feature, []).append(driver.effect)
    return {
        fact.entity: planted.get(fact.entity, 0.0) - _average(facts, planted)
        for facts in by_feature.values()
        for fact in facts
    }


def _average(facts: Sequence[Fact], planted: Mapping[str, float]) -> float:
    deals = sum(fact.n or 0 for fact in facts)
    return sum((fact.n or 0) * planted.get(fact.entity, 0.0) for fact in facts) / deals


def _drivers(generation: Generation) -> Sequence[Driver]:
    return answers.drivers(generation, DriversQuestion(), EVERYONE).drivers


def _leak(generation: Generation) -> Check:
    stages = answers.funnel(generation, FunnelQuestion(), EVERYONE).stages
    most = max(stages, key=lambda stage: stage.lost.value or 0)
    return Check("dead_stage", "/funnel", most.stage == market.DEAD_STAGE)


def _reps(generation: Generation, told: Planted) -> Iterator[Check]:
    """What /coach rep says: one is better, the others were lucky."""
    for effect in (*told.of("better_rep"), *told.of("lucky_rep")):
        page = answers.rep(generation, effect.where["rep"], ALL_TIME, EVERYONE)
        is_signal = page.verdict is Verdict.SIGNAL
        is_better = effect.kind == "better_rep"
        # Who was picked for luck needs luck taken out; who differs from all the others is pulled too far.
        rate = page.figures["win_rate" if is_better else "luck_adjusted_win_rate"]
        right = holds(rate, effect.cell.expected_won / effect.cell.deals)
        yield Check(effect.kind, "/coach rep", is_signal == is_better, right)


def _name(where: Mapping[str, str]) -> str:
    ((dimension, value),) = where.items()
    return f"{dimension}={value}"
