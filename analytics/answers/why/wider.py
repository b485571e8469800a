"""A change not shown between the last two quarters -> the same looked for in wider pairs of periods."""

from collections.abc import Iterator
from dataclasses import replace

from analytics.answers.why import periods
from analytics.answers.why.asked import Asked
from analytics.answers.why.change import UNKNOWN, change
from analytics.answers.why.told import Teller
from analytics.facts import Unit, Verdict, Wider
from analytics.questions import Period
from analytics.verdict import ALPHA

LOOKS = 3  #: pairs of periods looked at in all: the usual one, and the two wider ones
MONTHS_OF_A_YEAR = 12


def wider(question: Asked, tell: Teller) -> tuple[Wider, ...]:
    """Twice as long, and against the same months a year before; strongest first, without those too thin.

    Each p pays for all the looks (Bonferroni), as nobody named these periods.
    """
    seen = (_looked(question, tell, kind, *pair) for kind, pair in _pairs(question))
    return tuple(sorted((one for one in seen if one), key=lambda one: one.p_value.value or 0))


def _pairs(question: Asked) -> Iterator[tuple[str, tuple[Period, Period]]]:
    """The wider pairs that lie in the data and hold no incomplete period."""
    days = periods.calendar(question.generation)
    year_before = periods.moved(question.after, -MONTHS_OF_A_YEAR)
    longer = periods.doubled(question.before, question.after)
    if longer and not any(map(days.incomplete, longer)):
        yield "quarters", longer
    if year_before and year_before != question.before and not days.incomplete(year_before):
        yield "year", (year_before, question.after)


def _looked(question: Asked, tell: Teller, kind: str, before: Period, after: Period) -> Wider | None:
    counts = question.count(before), question.count(after)
    seen = change(*counts)
    if seen is UNKNOWN or seen.p is None or seen.verdict is Verdict.TOO_FEW:
        return None
    p, entity = min(LOOKS * seen.p, 1.0), f"wider {kind}"
    judged = Verdict.SIGNAL if p <= ALPHA else Verdict.NOISE
    mint = replace(tell.mint, period=f"{before.label} to {after.label}")
    told = replace(tell, mint=mint)
    return Wider(
        kind=kind,
        periods=(before, after),
        before=tell.span(before.label, counts[0]),
        after=tell.span(after.label, counts[1]),
        change=told.moved(*counts, entity, judged),
        verdict=judged,
        p_value=mint.fact("p_value", p, Unit.PROBABILITY, entity),
    )
