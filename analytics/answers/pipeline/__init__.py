"""A PipelineQuestion -> the open book, what it will bring in the period, and what could go wrong."""

from collections.abc import Iterator

import numpy as np

from analytics.answers.pipeline.asked import Asked, asked_of
from analytics.answers.pipeline.deals import first, risks, stages
from analytics.answers.pipeline.figures import figures
from analytics.answers.remember import remembered
from analytics.answers.touched import touched
from analytics.facts import Note, Pipeline
from analytics.questions import PipelineQuestion, Scope
from analytics.store import Generation


@remembered
def pipeline(generation: Generation, question: PipelineQuestion, scope: Scope) -> Pipeline:
    """What is open, due, won and to be won in a period (default: the running quarter), of the deals in scope.

    Kinds of business are summed, each deal with its own kind's odds; money in other currencies is left out.

    Raises:
        NoForecast: the period is over or has no end, or a filter names a month or a quarter.
    """
    asked = asked_of(generation, question, scope)
    return Pipeline(
        period=asked.period.label,
        scope=scope.label,
        whose=question.whose,
        speaks=asked.book.speaks,
        figures=dict(figures(asked)),
        stages=tuple(stages(asked)),
        risks=tuple(risks(asked)),
        first=first(asked),
        filters=tuple((one.dimension, one.values) for one in asked.filters),
        deal_type=asked.kinds[0] if len(asked.kinds) == 1 else "",
        notes=tuple(_notes(asked)),
        as_of=generation.as_of,
        generation=generation.id,
        model=generation.model().get("id", ""),
    )


def _notes(asked: Asked) -> Iterator[Note]:
    """What limits the answer."""
    generation, book = asked.generation, asked.book
    if book.rows and not book.speaks:
        yield Note("no_model")
    if not asked.kinds and len({row.deal_type for row in book.rows}) > 1:
        yield Note("kinds_summed")
    foreign = sum(not row.in_main_currency for row in book.rows)
    if foreign:
        yield Note("currency_mix", {"excluded": asked.mint.count("deals", foreign, "other currencies")})
    unpriced = int(np.isnan(book.amounts).sum()) - foreign
    if unpriced:
        yield Note("no_amounts", {"excluded": asked.mint.count("deals", unpriced, "without amount")})
    undated = sum(row.close_day is None for row in book.rows)
    if undated:
        yield Note("no_due_dates", {"undated": asked.mint.count("deals", undated, "without close date")})
    if asked.scope.everyone:  # the scorecard is of all deals
        yield from touched(generation, "book", "stage")
    if not asked.scope.everyone:
        yield Note("scope", names={"scope": asked.scope.label})
