"""A question about a change, and the counts that answer it: by day of the close, or cohorts at equal age."""

from collections.abc import Sequence
from dataclasses import dataclass

from analytics import segments
from analytics.answers.kinds import Kind, kind
from analytics.answers.why.change import Count
from analytics.answers.why.periods import NoComparison
from analytics.questions import BreakdownQuestion, Filter, Period, Scope, WhyQuestion
from analytics.segments import Cells
from analytics.store import CellRow, Generation

#: What a change is searched by: not the final stage, which follows from the outcome, and not people.
SEARCHED = ("region", "industry", "product", "lead_source", "deal_type", "team", "amount_band")
TIME = ("quarter", "month")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is compared: the deals of a question, in two periods.

    `age` is set for periods of the day of creation: only what was decided within so many days counts.
    """

    generation: Generation
    question: WhyQuestion
    kind: Kind
    scope: Scope
    before: Period
    after: Period
    age: int | None

    def rows(
        self, dimensions: tuple[str, ...], period: Period, more: tuple[Filter, ...] = ()
    ) -> list[CellRow]:
        """Closed deals of a period by some dimensions."""
        filters = (*self.kind.filters, *more)
        given = (dimensions, filters, period, self.kind.deal_type, self.scope)
        if self.age is None:
            return self.generation.cells(*given)
        return self.generation.cohort(*given, self.age)

    def count(self, period: Period, more: tuple[Filter, ...] = ()) -> Count:
        """All closed deals of a period."""
        return sum((Count(row.deals, row.won) for row in self.rows((), period, more)), Count())

    def cells(self, dimensions: Sequence[str]) -> Cells:
        """Both periods, cell by cell."""
        before, after = (
            [(row.values, row.deals, row.won) for row in self.rows(tuple(dimensions), period)]
            for period in (self.before, self.after)
        )
        return segments.of_rows(dimensions, before, after)

    @property
    def searched(self) -> tuple[str, ...]:
        """The dimensions to look for segments in."""
        by = self.question.by
        more = (by,) if by and by not in (*SEARCHED, *TIME, "rep", "stage") else ()
        one_kind = self.kind.deal_type is not None
        return tuple(d for d in (*SEARCHED, *more) if not (one_kind and d == "deal_type"))


def asked(
    generation: Generation, question: WhyQuestion, scope: Scope, before: Period, after: Period
) -> Asked:
    """The question with its kind of business, and for cohorts the age at which they are compared.

    Raises:
        NoComparison: a cohort that is still being created, or a dimension of time.
    """
    if question.by in TIME:
        raise NoComparison(f"Two periods cannot be split by {question.by}. Take another dimension.").called(
            "why_split", dimension=question.by
        )
    dimensions = (question.by,) if question.by else ()
    business = kind(generation, BreakdownQuestion(dimensions, question.filters))
    age = _equal_age(generation, after) if question.created else None
    return Asked(generation, question, business, scope, before, after, age)


def _equal_age(generation: Generation, after: Period) -> int:
    """The age in days that every deal of the younger cohort has reached."""
    reached = (generation.as_of - after.end).days if after.end else -1
    if reached < 1:
        raise NoComparison(
            f"Deals are still being created in {after.label}: too young to compare. Take an earlier period."
        ).called("why_young", period=after.label)
    return reached
