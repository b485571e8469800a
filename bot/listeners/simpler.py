"""Blocks on their way to Slack: sent as they are, then again without the kinds that Slack refuses."""

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import structlog
from slack_sdk.errors import SlackApiError

from bot.alerting import outcomes
from bot.blocks import fallback
from bot.blocks.common import Block
from bot.blocks.limits import Surface

#: How Slack refuses blocks: in a message, and in a view.
REFUSALS = ("invalid_blocks", "invalid_blocks_format", "invalid_arguments")

#: Steps for a response_url, whose refusal names nothing: what is newest goes first, then all that is new.
STEPS = (frozenset({"data_table", "data_visualization"}), fallback.NEW)

log = structlog.get_logger(__name__)
Sent = TypeVar("Sent")


async def taken(
    blocks: Sequence[Block],
    send: Callable[[list[Block]], Awaitable[Sent]],
    refused: set[str],
    surface: Surface = "message",
) -> Sent:
    """What `send` returns for the first version that Slack takes.

    Args:
        refused: kinds of blocks known to be refused; what is learned now is added.

    Raises:
        SlackApiError: Slack takes not even the plainest version, or refuses for another reason.
    """
    while True:
        shown = fallback.plain(blocks, refused, surface) if refused else [*blocks]
        try:
            return await send(shown)
        except SlackApiError as error:
            about_blocks = outcomes.code(error) in REFUSALS
            named = fallback.refused(shown, outcomes.named(error)) if about_blocks else frozenset()
            if not named:
                raise
            log.info("blocks refused", kinds=sorted(named), surface=surface)
            refused |= named
