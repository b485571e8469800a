"""What reviewers decided in the pilot -> how each rule did, a line that spares them, whether to go live.

The shares are of the alerts that somebody decided on; their intervals are Wilson's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from analytics import verdict
from analytics.alerts.deals import UNITS
from analytics.alerts.lessons import SWITCHES, UP, beyond, told
from analytics.alerts.rules import METRICS, Condition, Rule
from analytics.answers.mint import Mint
from analytics.facts import Fact, Finding, Lesson, PilotReport, Reviewed, ToReview, Unit

#: Share let through from which going live is advised. Source: every second alert must be worth a
#: message; a reader who finds more noise than news switches it off.
GOOD_ENOUGH = Decimal("0.5")
LEAST = 20  #: decisions below which nothing is advised: the interval is wider than 40 points
FEWEST_HELD = 3  #: held alerts below which there is nothing to learn. Source: as of "not useful", product.md
MOST_LOST = Decimal("0.25")  #: of those let through, the most that a new line may leave out


@dataclass(frozen=True, slots=True)
class Review:
    """One alert that reviewers were shown."""

    finding: Finding
    outcome: str  # "passed", "held", "lapsed" (nobody looked in time), "waiting"
    reason: str = ""  # why held: a code


@dataclass(frozen=True, slots=True)
class Course:
    """When the pilot began and ends, and how it stands."""

    state: str
    began: date | None = None
    until: date | None = None


def report(
    course: Course,
    reviews: Sequence[Review],
    rules: Iterable[Rule],
    as_of: date,
    generation: str,
    *,
    reviewers: Iterable[str] = (),
    patience: int = 3,
) -> PilotReport:
    """How the pilot did, and whether to go live.

    Args:
        rules: as they are now, for the lines they would have to draw.
        reviewers: names of those who review now.
        patience: working days after which nobody is waited for.
    """
    mint = Mint(as_of, generation)
    passed = _share(mint, "let_through", "passed", reviews, "all")
    return PilotReport(
        state=course.state,
        advice=_advice(passed),
        began=mint.day("pilot_began", _ordinal(course.began), "pilot", "no_pilot_yet"),
        until=mint.day("pilot_until", _ordinal(course.until), "pilot", "no_pilot_yet"),
        passed=passed,
        good_enough=mint.fact("good_enough", GOOD_ENOUGH, Unit.FRACTION, "pilot"),
        least=mint.count("least_reviewed", LEAST, "pilot"),
        waiting=mint.count("waiting", _number(reviews, "waiting"), "all"),
        lapsed=mint.count("lapsed", _number(reviews, "lapsed"), "all"),
        patience=mint.fact("patience", patience, Unit.DAYS, "pilot"),
        reviewers=tuple(reviewers),
        rules=tuple(_by_rule(mint, reviews, {rule.id: rule for rule in rules})),
        as_of=as_of,
        generation=generation,
    )


def to_review(
    waiting: Mapping[str, Finding], most: int, patience: int, as_of: date, generation: str
) -> ToReview:
    """What waits for reviewers.

    Args:
        waiting: findings by the alert's key, the oldest first; `most` of them are listed.
        patience: working days after which nobody is waited for.
    """
    mint, listed = Mint(as_of, generation), dict(list(waiting.items())[:most])
    return ToReview(
        findings=listed,
        waiting=mint.count("waiting", len(waiting), "all"),
        more=mint.count("more_waiting", len(waiting) - len(listed), "all"),
        patience=mint.fact("patience", patience, Unit.DAYS, "pilot"),
        as_of=as_of,
        generation=generation,
    )


def _ordinal(day: date | None) -> int | None:
    return day.toordinal() if day else None


def _number(reviews: Iterable[Review], outcome: str) -> int:
    return sum(one.outcome == outcome for one in reviews)


def _share(mint: Mint, metric: str, outcome: str, reviews: Sequence[Review], of: str) -> Fact:
    """The share of what was decided on that had this outcome."""
    n, k = _number(reviews, "passed") + _number(reviews, "held"), _number(reviews, outcome)
    if not n:
        return mint.fact(metric, None, Unit.FRACTION, of, n=0, unknown="none_reviewed")
    low, high = (float(end) for end in verdict.wilson(k, n))
    return mint.fact(metric, k / n, Unit.FRACTION, of, n=n, low=low, high=high)


def _advice(passed: Fact) -> str:
    if passed.low is None or passed.high is None or (passed.n or 0) < LEAST:
        return "unsure"
    if passed.low >= GOOD_ENOUGH:
        return "live"
    return "hold" if passed.high < GOOD_ENOUGH else "unsure"


def _by_rule(mint: Mint, reviews: Sequence[Review], rules: Mapping[str, Rule]) -> list[Reviewed]:
    """Those held most first."""
    ids = dict.fromkeys(one.finding.rule for one in reviews)
    own = {rule: [one for one in reviews if one.finding.rule == rule] for rule in ids}
    found = [_reviewed(mint, rule, own[rule], rules.get(rule)) for rule in ids]
    return sorted(found, key=lambda one: (-(one.held.value or 0), one.rule))


def _reviewed(mint: Mint, rule_id: str, reviews: Sequence[Review], rule: Rule | None) -> Reviewed:
    of = f"rule={rule_id}"
    reasons = Counter(one.reason or "other" for one in reviews if one.outcome == "held")
    return Reviewed(
        rule=rule_id,
        title=reviews[0].finding.title,
        held=_share(mint, "held_back", "held", reviews, of),
        waiting=mint.count("waiting", _number(reviews, "waiting"), of),
        reasons={why: mint.count("held_for", n, f"{of}, {why}") for why, n in reasons.most_common()},
        lesson=lesson(rule, reviews, mint) if rule else None,
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of one condition: what it would have left out."""

    condition: Condition
    at: Decimal  # in the rule's own terms
    held_out: int
    passed_out: int


def lesson(rule: Rule, reviews: Sequence[Review], mint: Mint) -> Lesson | None:
    """The line of one condition that would have left out most of what was held, and little of the rest.

    Returns:
        None where fewer than three would go, or with them more than a quarter of what was let through.
    """
    held = [one.finding for one in reviews if one.outcome == "held"]
    passed = [one.finding for one in reviews if one.outcome == "passed"]
    turned = [one for one in rule.conditions if one.metric not in SWITCHES]
    lines = [line for one in turned for line in _lines(rule, one, held, passed)]
    kept = [line for line in lines if line.held_out >= FEWEST_HELD]
    kept = [line for line in kept if line.passed_out <= MOST_LOST * len(passed)]
    if not kept:
        return None
    best = max(kept, key=lambda line: (line.held_out - line.passed_out, -line.passed_out))
    return _lesson(best, mint, rule.id, held[0])


def _lines(
    rule: Rule, condition: Condition, held: Sequence[Finding], passed: Sequence[Finding]
) -> Iterator[_Line]:
    """A line beyond each of the held values, the mildest first."""
    values = {value for one in held if (value := told(one, condition.metric)) is not None}
    for at in sorted({beyond(value, condition) for value in values}, reverse=condition.comparison not in UP):
        out = [sum(_leaves_out(rule, condition, at, one) for one in some) for some in (held, passed)]
        yield _Line(condition, at, *out)


def _leaves_out(rule: Rule, condition: Condition, at: Decimal, finding: Finding) -> bool:
    """Would this alert not have been with the new line? One of `any_of` matters where it alone held."""
    value = told(finding, condition.metric)
    if value is None or _over(value, condition.comparison, at):
        return False
    return condition in rule.every or set(finding.causes) <= {condition.metric}


def _over(value: Decimal, comparison: str, at: Decimal) -> bool:
    return {">": value > at, ">=": value >= at, "<": value < at, "<=": value <= at}[comparison]


def _lesson(line: _Line, mint: Mint, rule_id: str, like: Finding) -> Lesson:
    metric = line.condition.metric
    (unit, one), of = UNITS[METRICS[metric].unit], f"rule={rule_id}, lesson"
    currency = like.figures[metric].currency
    threshold = mint.fact(f"{metric}_limit", line.at / one, unit, of, currency=currency)
    return Lesson(
        metric=metric,
        threshold=threshold,
        held_out=mint.count("held_out", line.held_out, of),
        passed_out=mint.count("passed_out", line.passed_out, of),
    )
