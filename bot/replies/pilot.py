"""The reply about the pilot."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from analytics.alerts import reviewing
from analytics.facts import PilotReport
from bot import intents
from bot.alerting import pilot as agreement
from bot.alerting import reviews, rulebook
from bot.alerting.economy import REVIEW_WAIT
from bot.blocks import pilot as blocks
from bot.coach import Inquiry
from bot.narrator import template
from bot.replies.reply import Reply, as_told


async def pilot(_: intents.Pilot, inquiry: Inquiry) -> Reply:
    """`/coach pilot`: what was let through and held back, and whether to go live.

    Raises:
        NotForThisRole: who neither reviews, nor is ops or the CRO.
    """
    settings, people = inquiry.coach.settings, {one.person_id: one for one in inquiry.generation.people()}
    if not agreement.is_reviewer(inquiry.viewer, settings, people):
        inquiry.for_ops()
    async with inquiry.coach.remembering() as memory, memory.read() as connection:
        facts = await report(connection, inquiry, memory.now())
    words = template.pilot(facts)
    return as_told(words, blocks.report(facts, words, may_end=inquiry.viewer.runs_coach), facts)


async def report(connection: AsyncConnection, inquiry: Inquiry, moment: datetime) -> PilotReport:
    """How the pilot did, as memory has it at a moment."""
    settings, now = inquiry.coach.settings, inquiry.generation
    people = {one.person_id: one for one in now.people()}
    who = agreement.reviewers(settings, people)
    return reviewing.report(
        await reviews.course(connection, settings, moment, who),
        await reviews.of(connection, settings.workspace),
        await rulebook.rules(connection, settings.workspace, settings),
        now.as_of,
        now.id,
        reviewers=(one.name for one in who),
        patience=REVIEW_WAIT.days,
    )
