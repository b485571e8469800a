"""`/coach check LINE`: are you sure? The answer counted again deal by deal, and asked in other ways."""

import asyncio
from dataclasses import replace

from analytics import answers
from analytics.answers.remember import remembered
from analytics.evidence import Finding, Way, finding, other_ways
from analytics.facts import Breakdown
from analytics.questions import BreakdownQuestion, Scope
from analytics.store import Generation
from bot import intents, names
from bot.blocks import recheck as blocks
from bot.coach import Inquiry
from bot.narrator import recheck as narrator
from bot.narrator.recheck import Recheck
from bot.replies.beside import apart
from bot.replies.evidence import Counted, asked_by_line, counted_facts, differing, recounted, said_again
from bot.replies.reply import Reply


async def recheck(intent: intents.Recheck, inquiry: Inquiry) -> Reply:
    """Whether the answer to a line holds.

    Raises:
        NoSums: a page about ourselves.
    """
    asked = asked_by_line(intent.line, inquiry)
    if isinstance(asked, intents.Why):
        return await _challenged(replace(asked, question=replace(asked.question, challenge=True)), inquiry)
    return _shown(await _checked(asked, inquiry))


async def _checked(asked: intents.Intent, inquiry: Inquiry) -> Recheck:
    said = await said_again(asked, inquiry)
    checked = compared(said, await recounted(asked, inquiry, deal_by_deal=True))
    if not isinstance(asked, intents.WinRate) or not isinstance(said.answer, Breakdown):
        return checked
    generation = await inquiry.known_on(asked.as_of)
    question = apart(asked.question)
    found, ways = await asyncio.to_thread(_asked_otherwise, generation, question, inquiry.scope)
    return replace(checked, finding=found, ways=ways, asked_otherwise=True)


@remembered
def _asked_otherwise(
    generation: Generation, question: BreakdownQuestion, scope: Scope
) -> tuple[Finding | None, tuple[Way, ...]]:
    return finding(answers.breakdown(generation, question, scope)), tuple(
        other_ways(generation, question, scope)
    )


def compared(said: Reply, counted: Counted) -> Recheck:
    """What was said against the same counted again."""
    one, other = counted_facts(said), counted_facts(counted.reply)
    return Recheck(
        answer=counted.answer,
        words=counted.words,
        figures=len({*one, *other}),
        differ=len(differing(one, other)),
        one_by_one=any("SUM(outcome = 'won')" in read.query.sql for read in counted.reads),
    )


async def _challenged(asked: intents.Why, inquiry: Inquiry) -> Reply:
    """A change asked other ways is an answer of its own; the recount goes below its verdict."""
    said = await said_again(asked, inquiry)
    checked = compared(said, await recounted(asked, inquiry, deal_by_deal=True))
    return replace(said, blocks=blocks.counted_again(said.blocks, checked))


def _shown(checked: Recheck) -> Reply:
    said = narrator.text((narrator.headline(checked), narrator.verdict(checked)))
    return Reply(names.escape(said.text), blocks.answer(checked))
