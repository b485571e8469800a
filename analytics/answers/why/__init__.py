"""A WhyQuestion -> its facts: whether the win rate changed, the parts of the change, and where to look."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from analytics.answers import notes
from analytics.answers.lists import people
from analytics.answers.mint import mint_of
from analytics.answers.remember import remembered
from analytics.answers.why import periods
from analytics.answers.why.asked import Asked, asked
from analytics.answers.why.change import FEWEST, Change, Count, change
from analytics.answers.why.found import Findings, findings
from analytics.answers.why.periods import NoComparison as NoComparison
from analytics.answers.why.runs import challenged
from analytics.answers.why.told import Teller, Values
from analytics.answers.why.wider import wider
from analytics.facts import Fact, Note, Segment, Unit, Verdict, Why
from analytics.questions import Period, Scope, WhyQuestion
from analytics.store import Generation
from analytics.verdict import ONE_STEP_DOWN

MOST_ROWS = 100


@remembered
def why(generation: Generation, question: WhyQuestion, scope: Scope) -> Why:
    """Why the win rate of the deals in scope changed between two periods.

    The change itself is one comparison, asked for beforehand. The segments found pay for all that were
    searched, so one may be real where the whole change is not shown to be. Without one, `lead` is the
    place with most evidence of its own: where to look, not a finding. Where no periods were named and no
    change is shown, two wider pairs of periods are looked at as well, and pay for it.

    Raises:
        NoComparison: periods that share days, a cohort still being created, no two complete quarters.
    """
    before, after = periods.compared(generation, question)
    return _Answer(asked(generation, question, scope, before, after)).facts()


@dataclass(frozen=True, slots=True)
class _Answer:
    """One question on its way to facts."""

    asked: Asked

    @property
    def tell(self) -> Teller:
        """Where the facts come from."""
        of = self.asked
        mint = mint_of(of.generation, f"{of.before.label} to {of.after.label}")
        return Teller(mint, of.before.label, of.after.label, people(of.generation))

    def facts(self) -> Why:
        """The whole answer."""
        of, tell = self.asked, self.tell
        counts = of.count(of.before), of.count(of.after)
        compared = (Count(), Count()) if self._is_running() else counts
        whole = self._judged(change(*compared))
        moved = tell.moved(*compared, "all", whole.verdict)
        enough = min(count.n for count in compared) >= FEWEST
        seen = findings(of, tell, moved) if enough else Findings()
        rows = self._rows(seen.found) if of.question.by and enough else ()
        told = {row.where: row for row in rows}
        return Why(
            before=tell.span(of.before.label, counts[0], self._incomplete(of.before)),
            after=tell.span(of.after.label, counts[1], self._incomplete(of.after)),
            change=moved,
            verdict=whole.verdict,
            p_value=tell.mint.fact("p_value", whole.p, Unit.PROBABILITY, "all", unknown="no_test"),
            detectable=tell.mint.fact(
                "detectable_gap", whole.detectable, Unit.POINTS, "all", unknown="no_test"
            ),
            by=of.question.by or "",
            parts=seen.parts,
            rows=rows,
            found=seen.found,
            rivals=tuple(told.get(rival.where, rival) for rival in seen.rivals),
            lead=seen.lead and told.get(seen.lead.where, seen.lead),
            trend=tuple(
                tell.span(quarter.label, of.count(quarter), self._incomplete(quarter))
                for quarter in periods.trend(of.generation, of.after)
                if of.age is None
            ),
            runs=tuple(challenged(of, tell)) if of.question.challenge and enough else (),
            wider=wider(of, tell) if self._is_open and whole.verdict is not Verdict.SIGNAL else (),
            same_days=periods.so_far(of.before, of.after, of.generation.as_of)
            if self._is_running()
            else None,
            scope=of.scope.label,
            deal_type=of.kind.shown,
            filters=tuple((f.dimension, self._labels(f.dimension, f.values)) for f in of.kind.filters),
            notes=tuple(self._notes()),
            as_of=of.generation.as_of,
            generation=of.generation.id,
        )

    @property
    def _is_open(self) -> bool:
        """Were the periods left to us, by the day of the close?"""
        question = self.asked.question
        return question.before is question.after is None and not question.created

    def _is_running(self) -> bool:
        """Is one of the periods not over? Its months may be unlike those to come, so nothing is compared."""
        return "running" in map(self._incomplete, (self.asked.before, self.asked.after))

    def _judged(self, seen: Change) -> Change:
        """A period that holds only its quick, or only its slow deals never makes a Signal."""
        if not (self._incomplete(self.asked.before) or self._incomplete(self.asked.after)):
            return seen
        return replace(seen, verdict=ONE_STEP_DOWN[seen.verdict]) if seen.verdict is Verdict.SIGNAL else seen

    def _incomplete(self, period: Period) -> str:
        """Why the period must not be compared by the day of the close; cohorts are of equal age."""
        return periods.calendar(self.asked.generation).incomplete(period) if self.asked.age is None else ""

    def _labels(self, dimension: str, values: Sequence[str]) -> tuple[str, ...]:
        names = people(self.asked.generation)
        return tuple(names.get(v, v) if dimension == "rep" else v for v in values)

    def _rows(self, found: Sequence[Segment]) -> tuple[Segment, ...]:
        """Each value of the dimension asked for, largest effect first."""
        by = self.asked.question.by
        assert by
        sides = [
            {row.values[0]: Count(row.deals, row.won) for row in self.asked.rows((by,), period)}
            for period in (self.asked.before, self.asked.after)
        ]
        names = sorted({*sides[0], *sides[1]}, key=lambda v: (-sum(s.get(v, Count()).n for s in sides), v))
        shown = names[:MOST_ROWS]
        values = Values(shown, *([side.get(v, Count()) for v in names] for side in sides))
        effects, judged = values.effects(), values.verdicts()
        known = {segment.where: segment for segment in found}
        rows = []
        for place, name in enumerate(shown):
            where = ((by, name),)
            verdict = Verdict.SIGNAL if where in known else judged[place]
            told = self.tell.segment(
                where, values.before[place], values.after[place], verdict, effects[place]
            )
            rows.append(known.get(where, told))
        return tuple(sorted(rows, key=lambda row: (-_size(row), row.where)))

    def _notes(self) -> Iterator[Note]:
        """What limits the answer."""
        of, mint = self.asked, self.tell.mint
        if of.question.by == "stage":
            yield Note("stage_follows")
        yield from notes.of_business(
            of.generation, of.kind, Period(of.before.start, of.after.end, ""), of.scope, mint
        )
        for period in (of.before, of.after):
            reason, named = self._incomplete(period), {"period": period.label}
            if reason == "running":
                yield Note("period_running", names=named)
            if reason == "intake_ended":
                yield Note("period_intake_ended", notes.last_created(of.generation, mint), named)
            if reason == "first":
                yield Note("incomplete_first", names=named)
        if of.age is not None:
            yield Note("equal_age", {"age": mint.fact("deal_age_days", of.age, Unit.DAYS, "equal age")})
        if not of.scope.everyone:
            yield Note("scope", names={"scope": of.scope.label})


def _size(row: Segment) -> float:
    def size(fact: Fact | None) -> float:
        return float(abs(fact.value)) if fact and fact.value is not None else 0.0

    return size(row.mix) + size(row.rate)
