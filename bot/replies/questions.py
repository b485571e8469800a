"""A question and the deals it is about -> the reply: facts, words and blocks for each kind alike."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from analytics import answers
from analytics.answers.remember import remembered
from analytics.facts import Note
from analytics.questions import Scope
from analytics.store import Generation
from bot import intents, language
from bot.blocks import breakdown, model, people, pipeline, watch, whatif, why
from bot.blocks.common import Block
from bot.coach import Inquiry
from bot.language import Reading
from bot.narrator import template
from bot.narrator.words import Answer, Words
from bot.replies import beside
from bot.replies.reply import Reply, stale, worded


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of question is answered."""

    facts: Callable[[Generation, Any, Scope], Answer]
    words: Callable[[Any, Note | None], Words]
    blocks: Callable[[Any, Words, Any], list[Block]]


KINDS: Mapping[type[intents.Asked], Kind] = {
    intents.WinRate: Kind(beside.breakdown, template.breakdown, breakdown.answer),
    intents.Why: Kind(answers.why, template.why, why.answer),
    intents.Watch: Kind(answers.watch, template.watch, watch.answer),
    intents.Drivers: Kind(
        answers.drivers, template.drivers, lambda facts, words, _: model.drivers(facts, words)
    ),
    intents.Pipeline: Kind(answers.pipeline, template.pipeline, pipeline.answer),
    intents.WhatIf: Kind(answers.whatif, template.whatif, whatif.answer),
    intents.Funnel: Kind(
        answers.funnel, template.funnel, lambda facts, words, _: people.funnel(facts, words)
    ),
}


async def quick(intent: intents.WinRate, inquiry: Inquiry) -> Reply:
    """`/winrate region`: read from the cube, faster than another thread could be asked for it."""
    generation = await inquiry.known_on(intent.as_of)
    return answered(generation, intent, inquiry.scope, inquiry.days_stale(intent.as_of))


async def question(intent: intents.Asked, inquiry: Inquiry) -> Reply:
    """`/why`, `/watch` and the like, counted aside so that nobody else waits for it."""
    return await _aside(intent, inquiry, inquiry.scope)


async def forecast(intent: intents.Pipeline, inquiry: Inquiry) -> Reply:
    """`/pipeline mine`: the asker's own deals, `team` or `all`: as many of these as they may see."""
    asked, scope = inquiry.share(intent.question)
    return await _aside(replace(intent, question=asked), inquiry, scope)


async def _aside(intent: intents.Asked, inquiry: Inquiry, scope: Scope) -> Reply:
    generation = await inquiry.known_on(intent.as_of)
    return await asyncio.to_thread(answered, generation, intent, scope, inquiry.days_stale(intent.as_of))


def answered(generation: Generation, asked: intents.Asked, scope: Scope, days_stale: int) -> Reply:
    """The reply to a question about the deals in scope, for whoever reads now."""
    return written(generation, asked, scope, days_stale, language.current())


@remembered
def written(
    generation: Generation,
    asked: intents.Asked,
    scope: Scope,
    days_stale: int,
    reading: Reading,  # noqa: ARG001 - what is kept for one way to read is for nobody who reads otherwise
) -> Reply:
    """The reply to a question about the deals in scope; written once for each generation and way to read."""
    kind = KINDS[type(asked)]
    facts = kind.facts(generation, asked.question, scope)
    words = kind.words(facts, stale(generation, days_stale))
    return worded(words, lambda words: kind.blocks(facts, words, asked), facts, intents.describe(asked))
