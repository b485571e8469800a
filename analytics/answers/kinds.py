"""Which kind of business a breakdown shows: the one asked for, else the main one; pooled only on purpose."""

from dataclasses import dataclass

from analytics.questions import EVERY_TYPE, BreakdownQuestion, Filter
from analytics.store import Generation


@dataclass(frozen=True, slots=True)
class Kind:
    """How a question about deals meets the kinds of business in the data."""

    deal_type: str | None  # what the store keeps to; None: nothing more than `filters`
    filters: tuple[Filter, ...]  # the question's own, without the word for every kind
    shown: str  # what the answer calls it; "" when it is not one kind
    note: str = ""  # "main_type_only", "every_type"


def kind(generation: Generation, question: BreakdownQuestion) -> Kind:
    """The kind of business of an answer.

    With one kind in the data, with `deal_type` as a dimension, or with a filter on it, there is nothing to
    choose. Otherwise the kind with most closed deals is taken, and a note says so.
    """
    chosen = [value for f in question.filters if f.dimension == "deal_type" for value in f.values]
    several = len(generation.deal_types) > 1
    if EVERY_TYPE in chosen:
        others = tuple(f for f in question.filters if f.dimension != "deal_type")
        return Kind(None, others, "", "every_type" if several else "")
    if chosen:
        return Kind(None, question.filters, chosen[0] if len(chosen) == 1 else "")
    if not several or "deal_type" in question.dimensions:
        return Kind(None, question.filters, "")
    return Kind(generation.main_deal_type, question.filters, generation.main_deal_type, "main_type_only")
