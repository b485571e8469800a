"""Facts in, facts by formula out: those of one metric together, and a win rate taken down to its counts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from analytics.facts import Fact, Unit

PLACES = Decimal("0.000001")  #: to which a fact keeps a fraction


@dataclass(frozen=True, slots=True)
class Group:
    """The facts of one metric, so of one formula."""

    metric: str
    facts: tuple[Fact, ...]


def grouped(facts: Iterable[Fact], said: Collection[str] = ()) -> list[Group]:
    """Facts by metric; metrics and facts whose ids are among `said` first, each in the order given."""
    groups: dict[str, list[Fact]] = {}
    for fact in sorted(facts, key=lambda fact: fact.id not in said):
        groups.setdefault(fact.metric, []).append(fact)
    return [Group(metric, tuple(found)) for metric, found in groups.items()]


def won_of(rate: Fact) -> Fact | None:
    """How many deals a win rate counts as won; None where it is not won / n of whole deals.

    >>> from datetime import date
    >>> rate = Fact(id="win_rate/all", metric="win_rate", value=Decimal("0.428571"), unit=Unit.FRACTION,
    ...     entity="all", period="", as_of=date(2024, 7, 20), generation="g", n=7)
    >>> won_of(rate).value, lost_of(rate).value
    (Decimal('3'), Decimal('4'))
    """
    if rate.metric != "win_rate" or rate.value is None or not rate.n:
        return None
    won = (rate.value * rate.n).to_integral_value()
    if (won / rate.n).quantize(PLACES) != rate.value.quantize(PLACES):
        return None
    return _count(rate, "won", won)


def lost_of(rate: Fact) -> Fact | None:
    """How many deals a win rate counts as lost; None where `won_of` is."""
    won = won_of(rate)
    if won is None or won.value is None:
        return None
    return _count(rate, "lost_deals", Decimal(rate.n or 0) - won.value)


def _count(rate: Fact, metric: str, number: Decimal) -> Fact:
    return replace(
        rate,
        id=f"{metric}/{rate.entity}",
        metric=metric,
        value=number,
        unit=Unit.COUNT,
        n=None,
        low=None,
        high=None,
        verdict=None,
    )
