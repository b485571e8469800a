"""The reply about the rules: what they say, who changed them, and what one of them matches now."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import replace

from analytics import alerts
from analytics.alerts import told
from analytics.alerts.rules import Rule, Subject
from analytics.answers.mint import mint_of
from analytics.facts import Nudge, Preview, Rulebook, RuleTold
from analytics.store import Generation
from bot import intents
from bot.alerting import rulebook
from bot.alerting.rulebook import Kept, Unhelpful, Version
from bot.audience import NotForThisRole, Role
from bot.blocks import rulebook as blocks
from bot.coach import Inquiry
from bot.narrator import rulebook as narrator
from bot.narrator.claims import say
from bot.replies.reply import Reply, worded

EDITORS = (Role.OPS, Role.CRO)


async def rules(intent: intents.RulesPage, inquiry: Inquiry) -> Reply:
    """`/coach rules`: the rules with their thresholds; of one also its history."""
    settings = inquiry.coach.settings
    async with inquiry.coach.remembering() as memory, memory.read() as connection:
        kept = await rulebook.kept(connection, settings.workspace, settings)
        unhelpful = await rulebook.nudges(connection, settings.workspace, settings) if edits(inquiry) else []
        one = [rulebook.found(kept, intent.rule_id)] if intent.rule_id else []
    if one:
        return await _one(one[0], unhelpful, inquiry, intent)
    book = Rulebook(
        rules=tuple(_told(rule.newest, inquiry.generation) for rule in kept),
        as_of=inquiry.generation.as_of,
        generation=inquiry.generation.id,
        nudges=nudges(unhelpful, inquiry.generation),
    )
    may = edits(inquiry)
    return worded(
        narrator.rulebook(book),
        lambda words: blocks.page(book, words, edits=may),
        book,
        intents.describe(intent),
    )


async def _one(
    kept: Kept, unhelpful: Sequence[Unhelpful], inquiry: Inquiry, intent: intents.RulesPage
) -> Reply:
    may, now = edits(inquiry), inquiry.generation
    people = {person.person_id: person.name or person.person_id for person in now.people()}
    history = tuple(_told(one, now, people.get(one.author, one.author)) for one in kept.versions)
    book = Rulebook(
        rules=history[:1],
        as_of=now.as_of,
        generation=now.id,
        history=history,
        preview=await preview(kept.newest.rule, inquiry) if may else None,
        nudges=nudges((one for one in unhelpful if one.version.rule.id == kept.id), now),
    )
    return worded(
        narrator.rule(book), lambda words: blocks.one(book, words, edits=may), book, intents.describe(intent)
    )


def edits(inquiry: Inquiry) -> bool:
    """May the viewer change rules?"""
    return inquiry.viewer.role in EDITORS


def for_editors(inquiry: Inquiry) -> None:
    """Refuse who may not change rules.

    Raises:
        NotForThisRole: reps and managers.
    """
    if not edits(inquiry):
        raise NotForThisRole(say("rulebook.cannot_edit").text)


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


def nudges(unhelpful: Iterable[Unhelpful], now: Generation) -> tuple[Nudge, ...]:
    """What readers found not useful, as facts."""
    return tuple(nudge(one, now) for one in unhelpful)


def nudge(one: Unhelpful, now: Generation) -> Nudge:
    """One rule that readers found not useful; its other lines count as those of the next version."""
    rule = one.version.rule
    later = replace(rule, version=rule.version + 1)
    return Nudge(
        rule=_told(one.version, now),
        not_useful=mint_of(now).count("not_useful", one.not_useful, f"rule={rule.id}"),
        instead=tuple(told.line(later, condition, now) for condition in one.instead),
        as_of=now.as_of,
        generation=now.id,
    )


def _told(version: Version, now: Generation, author: str = "") -> RuleTold:
    return told.told(
        version.rule,
        now,
        state=version.state,
        author=author,
        note=version.note,
        on=version.at.date() if version.at else None,
    )
