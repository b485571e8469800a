"""The reply about the rules: what they say, who changed them, and what one of them matches now."""

import asyncio
from collections.abc import Callable, Sequence

from analytics import alerts
from analytics.alerts import told
from analytics.alerts.rules import Rule, Subject
from analytics.answers.lists import people
from analytics.facts import Preview, Rulebook, RuleTold
from analytics.store import Generation
from bot import intents
from bot.alerting import nudges, rulebook
from bot.alerting.rulebook import Kept, Unhelpful, Version
from bot.blocks import rulebook as blocks
from bot.blocks.common import Block
from bot.coach import Inquiry
from bot.narrator import rulebook as narrator
from bot.narrator.words import Words
from bot.replies.reply import Reply, worded


async def rules(intent: intents.RulesPage, inquiry: Inquiry) -> Reply:
    """`/coach rules`: the rules with their thresholds; of one also its history."""
    settings, now = inquiry.coach.settings, inquiry.generation
    async with inquiry.coach.remembering() as memory, memory.read() as connection:
        kept = await rulebook.kept(connection, settings.workspace, settings)
        found = await rulebook.nudges(connection, settings.workspace, settings)
    unhelpful = found if inquiry.viewer.runs_coach else []
    if intent.rule_id:
        return await _one(rulebook.found(kept, intent.rule_id), unhelpful, inquiry, intent)
    book = Rulebook(
        rules=tuple(_told(rule.newest, now) for rule in kept),
        as_of=now.as_of,
        generation=now.id,
        nudges=tuple(nudges.facts(one, now) for one in unhelpful),
    )
    return _drawn(narrator.rulebook, blocks.page, book, inquiry, intent)


async def _one(
    kept: Kept, unhelpful: Sequence[Unhelpful], inquiry: Inquiry, intent: intents.RulesPage
) -> Reply:
    now, called = inquiry.generation, people(inquiry.generation)
    history = tuple(_told(one, now, called.get(one.author, one.author)) for one in kept.versions)
    book = Rulebook(
        rules=history[:1],
        as_of=now.as_of,
        generation=now.id,
        history=history,
        preview=await preview(kept.newest.rule, inquiry) if inquiry.viewer.runs_coach else None,
        nudges=tuple(nudges.facts(one, now) for one in unhelpful if one.version.rule.id == kept.id),
    )
    return _drawn(narrator.rule, blocks.one, book, inquiry, intent)


def _drawn(
    narrated: Callable[[Rulebook], Words],
    draw: Callable[..., list[Block]],
    book: Rulebook,
    inquiry: Inquiry,
    intent: intents.RulesPage,
) -> Reply:
    """A page of the rulebook, with buttons for who may change it."""
    edits = inquiry.viewer.runs_coach
    line = intents.describe(intent)
    return worded(narrated(book), lambda words: draw(book, words, edits=edits), book, line)


async def preview(rule: Rule, inquiry: Inquiry) -> Preview | None:
    """What a rule matches now; None for what no generation alone can tell."""
    if rule.subject is Subject.SOURCE:
        return None
    now = inquiry.generation
    before = await inquiry.coach.week_before(now)
    return await asyncio.to_thread(_counted, rule, before, now, inquiry.viewer.scope.everyone)


def _counted(rule: Rule, before: Generation, now: Generation, is_for_all: bool) -> Preview:
    found, then = alerts.findings((rule,), before, now), alerts.findings((rule,), None, before)
    return told.preview(rule, found, then, now, is_for_all=is_for_all)


def _told(version: Version, now: Generation, author: str = "") -> RuleTold:
    return told.told(
        version.rule,
        now,
        state=version.state,
        author=author,
        note=version.note,
        on=version.at.date() if version.at else None,
    )
