"""The reply about what followed the actions that were logged."""

from analytics import impact as proof
from analytics.answers.mint import mint_of
from bot import intents
from bot.blocks import impact as blocks
from bot.coach import Inquiry
from bot.narrator import template
from bot.replies.reply import Reply, as_told, late


async def plays(intent: intents.PlaysPage, inquiry: Inquiry) -> Reply:
    """`/coach plays`: which plays were followed by movement."""
    from bot.alerting import followed  # brings the database, which most answers do not need

    workspace, generation = inquiry.coach.settings.workspace, inquiry.generation
    async with inquiry.coach.remembering() as memory, memory.read() as connection:
        done = await followed.done(connection, workspace)
        unanswered = await followed.unanswered(connection, workspace, generation.as_of)
    sees_all = inquiry.viewer.scope.everyone
    facts = proof.plays(done, unanswered, mint_of(generation), sees_all=sees_all)
    words = template.plays(facts, late(inquiry))
    return as_told(words, blocks.plays(facts, words), facts, intents.describe(intent))
