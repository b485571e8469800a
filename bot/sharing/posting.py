"""One submission of the modal -> one message in a channel, or the reason why there is none; never two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.alerting import outcomes
from bot.alerting.delivery import posting
from bot.blocks import fallback
from bot.blocks import share as blocks
from bot.coach import Inquiry
from bot.memory import Memory, MemoryUnavailable
from bot.narrator import share as narrator
from bot.sharing import drafts, ledger, rooms
from bot.sharing.drafts import Draft, Wanted
from bot.sharing.ledger import Outcome, Share
from bot.sharing.reach import Room
from bot.sharing.refusals import NotShared

PATIENCE = timedelta(seconds=10)  #: for Slack to answer a post. Source: ours

#: What asking or telling Slack may end with.
TROUBLE = (SlackClientError, aiohttp.ClientError, TimeoutError)

#: Nothing in the message becomes a link, a mention or a preview that we did not write as one.
INERT: Mapping[str, Any] = {
    "unfurl_links": False,
    "unfurl_media": False,
    "parse": "none",
    "link_names": False,
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Submission:
    """What was sent off, and by whom."""

    wanted: Wanted
    channel: str
    note: str  # of the sharer's own, cleaned; "" for none
    slack_user: str


async def draft(
    wanted: Wanted,
    channel: str,
    slack_user: str,
    inquiry: Inquiry,
    client: AsyncWebClient,
    *,
    anew: bool = False,
) -> Draft:
    """What a channel would read, from its readers of this moment. Posts nothing.

    Args:
        anew: ask Slack of each reader who they are, whatever it said a moment ago.

    Raises:
        NotShared: it may not be shared there, or Slack cannot be asked now.
    """
    drafts.asked(wanted.line, inquiry)
    try:
        room = await rooms.room(channel, slack_user, client, inquiry.coach, anew=anew)
    except TROUBLE as error:
        log.warning("readers not known", error=type(error).__name__)
        raise NotShared("unasked") from error
    return await drafts.drawn(wanted, inquiry, room)


async def share(sent: Submission, inquiry: Inquiry, client: AsyncWebClient) -> Draft:
    """Check everything once more, write it down, and post it: once for each submission.

    Raises:
        NotShared: nothing was posted, or nobody knows whether it was; it is written down which.
    """
    try:
        made = await draft(sent.wanted, sent.channel, sent.slack_user, inquiry, client, anew=True)
    except NotShared as refusal:
        await _written(sent, inquiry, refusal.why)
        raise
    if not await _written(sent, inquiry, Outcome.SENDING, made):
        raise NotShared("twice")
    outcome, ts = await _posted(sent, made, client)
    await _ended(sent, inquiry, outcome, ts)
    log.info("share", outcome=outcome, readers=len(made.room.readers), narrower=made.is_narrower)
    if outcome != Outcome.SHARED:
        raise NotShared(outcome)
    return made


async def cut_off(slack_user: str, inquiry: Inquiry) -> Sequence[Share]:
    """The person's shares of which nobody knows whether they arrived, and they were not told yet."""
    memory, workspace = memory_of(inquiry), inquiry.coach.settings.workspace
    async with memory.write() as tx:
        return await ledger.cut_off(tx, workspace, slack_user, memory.now())


def memory_of(inquiry: Inquiry) -> Memory:
    """Where shares are written down.

    Raises:
        NotShared: there is no memory, so none could be.
    """
    if inquiry.coach.memory is None:
        raise NotShared("no_memory")
    return inquiry.coach.memory


async def _written(sent: Submission, inquiry: Inquiry, outcome: str, made: Draft | None = None) -> bool:
    """Write the share down; False when this submission was written down before."""
    memory = memory_of(inquiry)
    room: Room | None = made.room if made else None
    row = Share(
        key=sent.wanted.key,
        person_id=inquiry.viewer.key,
        slack_user=sent.slack_user,
        channel=sent.channel,
        line=sent.wanted.line,
        generation=made.reply.generation if made else "",
        outcome=outcome,
        readers=tuple(room.users) if room else (),
        left_out=made.left_out if made else (),
    )
    async with memory.write() as tx:
        return await ledger.begin(tx, inquiry.coach.settings.workspace, row, memory.now())


async def _ended(sent: Submission, inquiry: Inquiry, outcome: str, ts: str) -> None:
    """Write down what became of it; a row that cannot be closed stays open, and is told of as cut off."""
    try:
        async with memory_of(inquiry).write() as tx:
            await ledger.end(tx, sent.wanted.key, outcome, ts)
    except MemoryUnavailable as error:
        log.warning("share not closed", reason=type(error).__name__)


async def _posted(sent: Submission, made: Draft, client: AsyncWebClient) -> tuple[str, str]:
    """Post it, unless somebody came or went meanwhile; what became of it, and the message's ts."""
    try:
        if await rooms.has_changed(made.room, sent.slack_user, client):
            return "moved", ""
    except NotShared as refusal:
        return refusal.why, ""
    except TROUBLE:
        return "unasked", ""
    return await _delivered(sent, made, posting(client, PATIENCE))


async def _delivered(sent: Submission, made: Draft, once: AsyncWebClient) -> tuple[str, str]:
    """Post it in our blocks, or where Slack refuses these in plain ones."""
    message = blocks.message(made, sent.note)
    text = narrator.notification(made)
    for shown in (message, fallback.plain(message)):
        try:
            answer = await once.chat_postMessage(channel=sent.channel, text=text, blocks=shown, **INERT)
        except SlackApiError as error:
            said = outcomes.code(error)
            log.warning("share refused", error=said)
            if said != "invalid_blocks":
                return Outcome.LOST, ""
        except TROUBLE as error:
            log.warning("share unanswered", error=type(error).__name__)
            return Outcome.UNSURE, ""
        else:
            return Outcome.SHARED, str(answer["ts"])
    return Outcome.LOST, ""
