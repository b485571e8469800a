"""Numbers about segments and parts become the facts of an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from analytics import attribution, verdict
from analytics.answers.mint import Mint, exact
from analytics.answers.why.change import Count, change
from analytics.attribution import Split
from analytics.facts import Fact, Part, Segment, Span, Unit, Verdict
from analytics.segments.cells import Floats
from analytics.verdict import FEWEST, Z95

Where = tuple[tuple[str, str], ...]
DRAWS = 200  #: of the bootstrap behind the ranges of mix and rate effects


@dataclass(frozen=True, slots=True)
class Teller:
    """Makes facts about segments; each segment is told once, however often it is named."""

    mint: Mint
    before: str
    after: str
    names: Mapping[str, str]  # people by id

    def span(self, label: str, count: Count, incomplete: str = "") -> Span:
        """The rate of a period."""
        return Span(label=label, win_rate=self.rate(count, label), incomplete=incomplete)

    def rate(self, count: Count, entity: str) -> Fact:
        """A win rate with its Wilson interval."""
        low, high = verdict.wilson(count.won, count.n)
        known = count.rate is not None
        return self.mint.fact(
            "win_rate",
            count.rate,
            Unit.FRACTION,
            entity,
            n=count.n,
            low=float(low) if known else None,
            high=float(high) if known else None,
            unknown="no_closed_deals",
        )

    def moved(
        self, before: Count, after: Count, entity: str, judged: Verdict | None = None, *, as_is: bool = False
    ) -> Fact:
        """How far a rate moved, with the verdict given, or (`as_is`) that of the change by itself."""
        seen = change(before, after)
        return self.mint.fact(
            "change",
            seen.value,
            Unit.POINTS,
            entity,
            n=before.n + after.n,
            low=seen.low,
            high=seen.high,
            verdict=seen.verdict if as_is else judged,
            unknown="no_closed_deals",
        )

    def segment(
        self,
        where: Where,
        before: Count,
        after: Count,
        judged: Verdict | None,
        effects: "Effects | None" = None,
        excess: tuple[float, float, float] | None = None,
    ) -> Segment:
        """A segment in both periods, with its parts of the whole change where they are known."""
        of = ",".join(f"{dimension}={value}" for dimension, value in where)
        return Segment(
            where=where,
            labels=tuple(self.names.get(v, v) if d == "rep" else v for d, v in where),
            before=self.rate(before, f"{of},{self.before}"),
            after=self.rate(after, f"{of},{self.after}"),
            change=self.moved(before, after, of, judged),
            mix=self.points("mix_effect", effects.mix, of) if effects else None,
            rate=self.points("rate_effect", effects.rate, of) if effects else None,
            excess=self.points("excess_change", excess, of) if excess else None,
        )

    def points(self, metric: str, effect: tuple[float, float, float], entity: str) -> Fact:
        """An effect with its interval."""
        return self.mint.fact(metric, effect[0], Unit.POINTS, entity, low=effect[1], high=effect[2])

    def parts(
        self, parts: Sequence[attribution.Part], found: Sequence[Where], whole: Fact
    ) -> tuple[Part, ...]:
        """The parts of the change; rounded, they still add up to it, for the rest takes the difference."""
        told = [self._part(part, found) for part in parts if part.kind != "rest"]
        rest = next(part for part in parts if part.kind == "rest")
        left = (whole.value or 0) - sum(part.effect.value or 0 for part in told)
        fact = self.mint.fact("rest_effect", exact(left), Unit.POINTS, "all", low=rest.low, high=rest.high)
        return tuple(sorted([*told, Part(kind="rest", effect=fact)], key=_largest))

    def _part(self, part: attribution.Part, found: Sequence[Where]) -> Part:
        where = found[int(part.name)] if part.kind == "segment" else ()
        of = ",".join(f"{dimension}={value}" for dimension, value in where) or part.name or "all"
        metric = f"{part.kind}_effect" if part.kind != "overall" else "overall_shift"
        effect = self.points(metric, (part.effect, part.low, part.high), of)
        dimension = part.name if part.kind == "mix" else ""
        return Part(
            kind=part.kind, dimension=dimension, where=where, labels=tuple(v for _, v in where), effect=effect
        )


def _largest(part: Part) -> Decimal:
    return -abs(part.effect.value or Decimal(0))


@dataclass(frozen=True, slots=True)
class Effects:
    """Mix and rate effect of a value, each with its 95 % interval."""

    mix: tuple[float, float, float]
    rate: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Values:
    """The values of one dimension in both periods, with their effects."""

    values: Sequence[str]
    before: Sequence[Count]
    after: Sequence[Count]

    def split(self) -> Split:
        """Mix and rate effect of each value."""
        return attribution.within(*self._columns())

    def effects(self) -> list[Effects]:
        """The same with intervals, by a seeded bootstrap of the counts."""
        whole, columns = self.split(), self._columns()
        rng = np.random.default_rng([int(column.sum()) for column in columns])
        n0, won0, n1, won1 = columns
        drawn = [rng.poisson(n, (DRAWS, n.size)) for n in (n0, n1)]
        rates = [np.clip(w / np.maximum(n, 1), 0, 1) for n, w in ((n0, won0), (n1, won1))]
        wins = [rng.binomial(n, rate) for n, rate in zip(drawn, rates, strict=True)]
        again = attribution.within(drawn[0], wins[0], drawn[1], wins[1])
        pairs = zip(_ranged(whole.mix, again.mix), _ranged(whole.rate, again.rate), strict=True)
        return [Effects(mix, rate) for mix, rate in pairs]

    def verdicts(self) -> list[Verdict]:
        """Whether each value's own rate moved, corrected for the number of values."""
        counts = list(zip(self.before, self.after, strict=True))
        enough = [min(before.n, after.n) >= FEWEST for before, after in counts]
        tested = [change(b, a).p or 1.0 for (b, a), big in zip(counts, enough, strict=True) if big]
        judged = iter(verdict.verdicts(tested))
        return [next(judged) if big else Verdict.TOO_FEW for big in enough]

    def _columns(self) -> tuple[Floats, Floats, Floats, Floats]:
        n0, n1 = (np.array([c.n for c in side], float) for side in (self.before, self.after))
        won0, won1 = (np.array([c.won for c in side], float) for side in (self.before, self.after))
        return n0, won0, n1, won1


def _ranged(effects: Floats, drawn: Floats) -> list[tuple[float, float, float]]:
    half = Z95 * drawn.std(axis=0, ddof=1)
    return [(float(e), float(e - h), float(e + h)) for e, h in zip(effects, half, strict=True)]
