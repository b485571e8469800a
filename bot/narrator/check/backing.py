"""A sentence and what is known in, the facts behind each of its quantities out; or what is wrong with it."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from analytics.facts import Unit
from bot.narrator.check.known import Known, Problem, Reading
from bot.narrator.check.matching import has_sign, is_kind, is_value, near, why_none
from bot.narrator.check.meaning import OF_DEALS, measures, told
from bot.narrator.check.quantity import Quantity
from bot.narrator.check.sentences import Sentence
from bot.narrator.check.subjects import Context, is_when, is_whose, spans, stands_alone, subjects

Backed = dict[Quantity, list[Reading]]


def back(sentence: Sentence, known: Known, context: Context) -> tuple[Backed, list[Problem]]:
    """The readings behind every quantity, and a problem for each that has none."""
    backed: Backed = {}
    problems: list[Problem] = []
    for quantity in sentence.quantities:
        found, code = _readings(quantity, sentence, known, context)
        if code:
            problems.append(Problem(code, sentence.said(quantity.start, quantity.end)))
        backed[quantity] = found
    return backed, [*problems, *_ranges(sentence, backed), *_denominators(sentence, backed)]


def _readings(
    quantity: Quantity, sentence: Sentence, known: Known, context: Context
) -> tuple[list[Reading], str]:
    """What a quantity could be, test by test; the code of the first test that nothing passes."""
    if quantity.kind == "rank":
        return [], ("" if _is_rank(quantity, sentence, known) else "rank")
    found = [one for one in near(quantity, known) if is_value(quantity, one)]
    if not found:
        return [], why_none(quantity, known)
    for code, test in _tests(quantity, sentence, known, context):
        left = [one for one in found if test(one)]
        if not left:
            return found, code
        found = left
    return found, ""


Test = Callable[[Reading], bool]


def _tests(
    quantity: Quantity, sentence: Sentence, known: Known, context: Context
) -> Iterator[tuple[str, Test]]:
    meant, rivals, is_near = told(quantity, sentence, known)
    whose, when = subjects(quantity, sentence, context), spans(quantity, sentence, context)
    alone = stands_alone(quantity, sentence)
    yield "sign", lambda one: has_sign(quantity, one, sentence)
    yield "kind", lambda one: is_kind(quantity, one, sentence)
    yield "metric", lambda one: measures(one, meant, rivals, near=is_near)
    yield "entity", lambda one: is_whose(one, whose, known)
    yield "period", lambda one: is_when(one, when, known, alone=alone)


def _ranges(sentence: Sentence, backed: Backed) -> list[Problem]:
    """Two ends of a range are those of one fact; of two facts they are told from the first to the second."""
    problems = []
    for low, high in pairwise(sentence.quantities):
        if (low.top, high.top) != (1, 2) or not backed[low] or not backed[high]:
            continue
        if not any(_is_pair(one, other) for one in backed[low] for other in backed[high]):
            problems.append(Problem("range", sentence.said(low.start, high.end)))
    return problems


def _is_pair(one: Reading, other: Reading) -> bool:
    """Low and high of one fact, or a value before and one after."""
    if one.role == "value" and other.role == "value":
        if one.fact.metric != other.fact.metric:
            return True
        return one.key == other.key and (one.span is None or other.span is None or one.span <= other.span)
    return one.fact.id == other.fact.id and {one.role, other.role} == {"low", "high"}


def _denominators(sentence: Sentence, backed: Backed) -> list[Problem]:
    """The deals behind a rate are its own: `45.7 % of 1,260 deals`."""
    problems = []
    for rate, deals in pairwise(sentence.quantities):
        joint = sentence.bare[rate.end : deals.start]
        if (
            Unit.COUNT not in deals.units
            or not OF_DEALS.match(joint)
            or not backed[rate]
            or not backed[deals]
        ):
            continue
        if not any(_counts(one, other) for one in backed[rate] for other in backed[deals]):
            problems.append(Problem("denominator", sentence.said(rate.start, deals.end)))
    return problems


def _counts(part: Reading, whole: Reading) -> bool:
    """Can the second be the deals behind the first?"""
    if part.unit is Unit.COUNT:
        return part.key == whole.key or not part.key
    if part.fact.n is not None:
        return part.fact.n == whole.shown
    return part.key == whole.key


def _is_rank(quantity: Quantity, sentence: Sentence, known: Known) -> bool:
    """Is a place told by a fact about places?"""
    told = [
        one for one in known.near(Unit.COUNT, quantity.value, quantity.value) if "rank" in one.fact.metric
    ]
    return any(not one.key or one.key in [mention.key for mention in sentence.entities] for one in told)
