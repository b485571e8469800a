"""The same comparison made other ways: does the finding hold?"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from analytics.answers.why import periods
from analytics.answers.why.asked import Asked, asked
from analytics.answers.why.change import FEWEST, Count, change
from analytics.answers.why.periods import NoComparison
from analytics.answers.why.told import Teller, Values
from analytics.facts import Fact, Run
from analytics.questions import Filter, Period

MOVES = {"earlier_start": -1, "later_start": 1}  #: months by which both periods are moved
BIGGEST = ("rep", "amount_band")  #: dimensions whose biggest value is left out


def challenged(question: Asked, tell: Teller) -> Iterator[Run]:
    """The comparison with other periods, with each mix held fixed, as cohorts, and without the biggest."""
    whole = change(question.count(question.before), question.count(question.after)).value or 0
    check = _Check(question, tell, (whole > 0) - (whole < 0))
    yield from check.other_periods()
    yield from check.fixed_mixes()
    yield from check.cohorts()
    yield from check.without_biggest()


@dataclass(frozen=True, slots=True)
class _Check:
    """What all checks share."""

    asked: Asked
    tell: Teller
    direction: int  # of the change that is doubted: 1, -1, or 0 where nothing moved

    def other_periods(self) -> Iterator[Run]:
        """Both a month earlier, a month later, and twice as long."""
        question = self.asked
        for name, months in MOVES.items():
            before, after = periods.moved(question.before, months), periods.moved(question.after, months)
            if before and after:
                yield from self._between(name, before, after)
        longer = periods.doubled(question.before, question.after)
        if longer:
            yield from self._between("longer", *longer)

    def fixed_mixes(self) -> Iterator[Run]:
        """What is left of the change when the mix of a dimension stays as it was."""
        for dimension in self.asked.searched:
            cells = self.asked.cells((dimension,))
            if len(cells.codes) < 2:
                continue
            sides = [
                [Count(int(n), int(w)) for n, w in zip(deals, won, strict=True)]
                for deals, won in zip(cells.n, cells.won, strict=True)
            ]
            values = Values(cells.values[0], *sides)
            rate = sum(effects.rate[0] for effects in values.effects())
            counts = [sum(side, Count()) for side in sides]
            plain = change(counts[0], counts[1])
            if plain.value is None or plain.low is None or plain.high is None:
                continue
            off = rate - plain.value
            fact = self.tell.points(
                "fixed_mix_change", (rate, plain.low + off, plain.high + off), f"{dimension} fixed"
            )
            yield self._run("fixed_mix", self.asked.before, self.asked.after, (dimension,), fact, counts)

    def cohorts(self) -> Iterator[Run]:
        """The same labels as days of creation, at equal age; or, for cohorts, as days of the close."""
        question = replace(self.asked.question, created=not self.asked.question.created)
        try:
            other = asked(
                self.asked.generation, question, self.asked.scope, self.asked.before, self.asked.after
            )
        except NoComparison:
            return
        name = "equal_age" if question.created else "by_close"
        yield self._compared(name, other, other.before, other.after)

    def without_biggest(self) -> Iterator[Run]:
        """Without the value of a dimension that has most deals."""
        for dimension in BIGGEST:
            rows = self.asked.rows((dimension,), self.asked.after)
            if len(rows) < 3:
                continue
            biggest = max(rows, key=lambda row: (row.deals, row.values)).values[0]
            kept = {
                row.values[0]
                for p in (self.asked.before, self.asked.after)
                for row in self.asked.rows((dimension,), p)
            }
            others = (Filter(dimension, tuple(sorted(kept - {biggest}))),)
            names = () if dimension == "rep" else (biggest,)
            yield self._compared(
                f"without_{dimension}", self.asked, self.asked.before, self.asked.after, names, others
            )

    def _between(self, name: str, before: Period, after: Period) -> Iterator[Run]:
        """With other periods, as far as they may be compared."""
        days = periods.calendar(self.asked.generation)
        if self.asked.age is None and not (days.incomplete(before) or days.incomplete(after)):
            yield self._compared(name, self.asked, before, after)

    def _compared(
        self,
        name: str,
        question: Asked,
        before: Period,
        after: Period,
        names: tuple[str, ...] = (),
        more: tuple[Filter, ...] = (),
    ) -> Run:
        counts = [question.count(before, more), question.count(after, more)]
        fact = self.tell.moved(counts[0], counts[1], f"run {name}", as_is=True)
        return self._run(name, before, after, names, fact, counts)

    def _run(
        self,
        name: str,
        before: Period,
        after: Period,
        names: tuple[str, ...],
        seen: Fact,
        counts: list[Count],
    ) -> Run:
        clear = self._clear(seen, counts)
        return Run(
            check=name,
            before=before.label,
            after=after.label,
            names=names,
            change=seen,
            holds=None if clear is None else clear != 0 and self.direction in (clear, 0),
            against=clear is not None and clear * self.direction < 0,
        )

    def _clear(self, seen: Fact, counts: list[Count]) -> int | None:
        """Which way it moved, 0 when zero lies in its range; None for too few deals."""
        if seen.low is None or seen.high is None or min(count.n for count in counts) < FEWEST:
            return None
        return (seen.low > 0) - (seen.high < 0)
