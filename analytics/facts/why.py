"""The answer to "why did it change?": the change, whether it is real, its parts, the segments behind it."""

from dataclasses import dataclass
from datetime import date

from analytics.facts.base import Fact, Note, Verdict, by_id, of_notes
from analytics.questions import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The win rate of one period."""

    label: str
    win_rate: Fact  # FRACTION with Wilson interval and n
    incomplete: str = ""  # as Cell.incomplete


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a change; all parts of an answer add up to the change exactly."""

    kind: str  # "mix" of a dimension, "interaction" of the mixes, "overall", "segment", "rest"
    dimension: str = ""  # of a mix
    where: tuple[tuple[str, str], ...] = ()  # of a segment: dimension and value
    labels: tuple[str, ...] = ()  # of a segment: what to show for each value
    effect: Fact  # POINTS with interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """What one segment did between the two periods."""

    where: tuple[tuple[str, str], ...]
    labels: tuple[str, ...]
    before: Fact  # FRACTION with n
    after: Fact  # FRACTION with n
    change: Fact  # POINTS with interval and verdict: the segment's own rate, after minus before
    mix: Fact | None = None  # POINTS of the whole change: its share grew or shrank
    rate: Fact | None = None  # POINTS of the whole change: its rate moved
    excess: Fact | None = None  # POINTS: of a segment found, its change beyond that of the rest

    def facts(self) -> list[Fact]:
        """Every fact of the segment."""
        return [f for f in (self.before, self.after, self.change, self.mix, self.rate, self.excess) if f]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """The same question asked another way: does the finding hold?"""

    check: str  # "earlier_start", "earlier_end", "created", "equal_age", "without_dimension", "longer", ...
    before: str  # labels of its periods
    after: str
    names: tuple[str, ...] = ()  # e.g. the dimension that was left out
    change: Fact  # POINTS with interval and verdict
    holds: bool | None  # None: too few deals to say
    against: bool = False  # does it show the opposite, clear of zero?


@dataclass(frozen=True, slots=True, kw_only=True)
class Wider:
    """Two longer or more distant periods, looked at as none were named and the usual two show nothing."""

    kind: str  # "quarters": twice as long; "year": the same months a year before
    periods: tuple[Period, Period]
    before: Span
    after: Span
    change: Fact  # POINTS with its own 95 % interval
    verdict: Verdict  # SIGNAL or NOISE, corrected for all the pairs looked at
    p_value: Fact  # corrected for the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """The answer to a WhyQuestion."""

    before: Span
    after: Span
    change: Fact  # POINTS with interval and verdict
    verdict: Verdict  # of the change itself; TOO_FEW when nothing can be said
    p_value: Fact
    detectable: Fact  # POINTS that so many deals would show
    by: str  # the dimension asked for, or ""
    parts: tuple[Part, ...]  # biggest first
    rows: tuple[Segment, ...]  # each value of `by`, with its mix and rate effects
    found: tuple[Segment, ...]  # the few segments that explain the change, strongest first
    rivals: tuple[Segment, ...]  # other segments that would explain it nearly as well
    lead: Segment | None  # where to look when nothing is shown to be real: a lead, not a cause
    trend: tuple[Span, ...]  # the periods up to `after`, in order of time
    runs: tuple[Run, ...]  # empty unless challenged
    wider: tuple[Wider, ...] = ()  # strongest first; empty where periods were named or the change is real
    same_days: tuple[Period, Period] | None = None  # of a running period: what may be compared already
    scope: str
    deal_type: str
    filters: tuple[tuple[str, tuple[str, ...]], ...]
    notes: tuple[Note, ...]
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        segments = [*self.rows, *self.found, *self.rivals, *([self.lead] if self.lead else [])]
        return by_id(
            self.before.win_rate,
            self.after.win_rate,
            self.change,
            self.p_value,
            self.detectable,
            (part.effect for part in self.parts),
            (fact for segment in segments for fact in segment.facts()),
            (span.win_rate for span in self.trend),
            (run.change for run in self.runs),
            (fact for one in self.wider for fact in (one.change, one.p_value)),
            (span.win_rate for one in self.wider for span in (one.before, one.after)),
            of_notes(self.notes),
        )
