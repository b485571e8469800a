"""The reply about how we are set up, for ops and the CRO: what is left to do, section by section."""

from collections.abc import Awaitable, Callable, Mapping

from bot import intents
from bot.audience import Role
from bot.blocks import setup as blocks
from bot.coach import Inquiry
from bot.narrator import setup as narrator
from bot.replies.reply import Reply, as_told
from bot.setup import state
from bot.setup.facts import Setup

LOOKS: Mapping[str, Callable[[Inquiry], Awaitable[Setup]]] = {
    "sources": state.sources,
    "mapping": state.mapping,
    "thresholds": state.thresholds,
    "roles": state.roles,
}


async def setup(intent: intents.SetupPage, inquiry: Inquiry) -> Reply:
    """`/coach setup`: all sections in a line each; `/coach setup roles`: one of them.

    Raises:
        NotForThisRole: the viewer is neither ops nor the CRO.
    """
    inquiry.for_ops()
    if not intent.about:
        return await _overview(inquiry)
    links = inquiry.viewer.role is Role.OPS
    found = await LOOKS[intent.about](inquiry)
    words = narrator.section(intent.about, found, links=links)
    return as_told(words, blocks.section(intent.about, found, words, links=links), found)


async def _overview(inquiry: Inquiry) -> Reply:
    parts = {name: await look(inquiry) for name, look in LOOKS.items()}
    words = narrator.overview(parts)
    return as_told(words, blocks.overview(parts, words), next(iter(parts.values())))
