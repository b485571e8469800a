"""Numbers in, facts out: the one place where a float becomes the Decimal of a fact."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analytics.facts import Fact, Unit, Verdict
from analytics.store import Generation

Number = float | int | Decimal


@dataclass(frozen=True, slots=True)
class Mint:
    """Makes the facts of one answer: same day, generation and period."""

    as_of: date
    generation: str
    period: str = ""

    def fact(
        self,
        metric: str,
        value: Number | None,
        unit: Unit,
        entity: str,
        *,
        n: int | None = None,
        low: float | None = None,
        high: float | None = None,
        verdict: Verdict | None = None,
        currency: str = "",
        unknown: str = "",
    ) -> Fact:
        """A fact called `metric/entity`; `unknown` is kept only where there is no value."""
        return Fact(
            id=f"{metric}/{entity}",
            metric=metric,
            value=exact(value),
            unit=unit,
            entity=entity,
            period=self.period,
            as_of=self.as_of,
            generation=self.generation,
            n=n,
            low=exact(low),
            high=exact(high),
            verdict=verdict,
            currency=currency,
            unknown=unknown if value is None else "",
        )

    def count(self, metric: str, value: int, entity: str) -> Fact:
        """A number of things."""
        return self.fact(metric, value, Unit.COUNT, entity)

    def day(self, metric: str, day: int | None, entity: str, unknown: str = "") -> Fact:
        """A day, given as its ordinal."""
        return self.fact(metric, day, Unit.DATE, entity, unknown=unknown)


def mint_of(generation: Generation, period: str = "") -> Mint:
    """Where the facts of a generation come from."""
    return Mint(generation.as_of, generation.id, period)


def exact(value: Number | None) -> Decimal | None:
    """The value as a Decimal: a float to six places, never a negative zero.

    >>> exact(0.45655), exact(-1e-9), exact(7)
    (Decimal('0.456550'), Decimal('0.000000'), Decimal('7'))
    """
    if value is None or isinstance(value, Decimal):
        return value
    if isinstance(value, int):
        return Decimal(value)
    return Decimal(f"{value:.6f}") + 0


def money(cents: int | None) -> Decimal | None:
    """Whole cents as units of the currency.

    >>> money(9_243_950)
    Decimal('92439.50')
    """
    return None if cents is None else Decimal(cents).scaleb(-2)
