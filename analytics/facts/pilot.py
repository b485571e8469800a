"""The answer to "how is the pilot going?": what reviewers let through and held back, rule by rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from analytics.facts.alerts import Finding
from analytics.facts.base import Fact, by_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A line that would have left out what was held back: `metric` compared with `threshold`."""

    metric: str
    threshold: Fact  # in the metric's unit
    held_out: Fact  # COUNT: held alerts that it leaves out
    passed_out: Fact  # COUNT: alerts let through that it leaves out too


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """One rule in the pilot."""

    rule: str
    title: str  # of a rule that the team wrote
    held: Fact  # FRACTION with n and interval: share held back of those decided; unknown "none_reviewed"
    waiting: Fact  # COUNT
    reasons: Mapping[str, Fact]  # why held back, a code of `pilot.REASONS` -> COUNT
    lesson: Lesson | None = None

    def facts(self) -> list[Fact]:
        """Every fact of the rule."""
        lesson = self.lesson
        own = [lesson.threshold, lesson.held_out, lesson.passed_out] if lesson else []
        return [self.held, self.waiting, *self.reasons.values(), *own]


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotReport:
    """What the pilot shows so far, or showed."""

    state: str  # "off", "not_begun", "nobody", "on", "over", "live" (somebody went live before its end)
    advice: str  # "live": worth telling; "hold": most were held; "unsure": not enough to say
    began: Fact  # DATE
    until: Fact  # DATE
    passed: Fact  # FRACTION with n and interval: share let through; unknown "none_reviewed"
    good_enough: Fact  # FRACTION: the share let through from which going live is advised
    least: Fact  # COUNT: decisions below which nothing is advised
    waiting: Fact  # COUNT: alerts that nobody looked at yet
    lapsed: Fact  # COUNT: alerts that nobody looked at in time; they went to the digest
    patience: Fact  # DAYS: working days after which nobody is waited for
    reviewers: tuple[str, ...]  # names of those who review now
    rules: tuple[Reviewed, ...]  # those held most first
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        own = (fact for one in self.rules for fact in one.facts())
        mine = (self.began, self.until, self.passed, self.good_enough, self.least, self.waiting, self.lapsed)
        return by_id((*mine, self.patience), own)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToReview:
    """What waits for reviewers since before today."""

    findings: Mapping[str, Finding]  # by the alert's key, the oldest first: as many as are listed
    waiting: Fact  # COUNT
    more: Fact  # COUNT: those not listed
    patience: Fact  # DAYS: working days after which nobody is waited for
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        told = (fact for one in self.findings.values() for fact in one.facts().values())
        return by_id((self.waiting, self.more, self.patience), told)
