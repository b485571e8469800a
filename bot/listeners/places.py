"""A thread of direct messages: what is posted into it, its status and its title."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot import names
from bot.blocks.common import Block
from bot.listeners import simpler

#: What a post to Slack may end with besides an answer.
TROUBLE = (SlackClientError, aiohttp.ClientError, TimeoutError)

#: Nothing in a message of ours becomes a link, a mention or a preview that we did not write as one.
INERT: dict[str, Any] = {"unfurl_links": False, "unfurl_media": False, "parse": "none", "link_names": False}

TITLE_MOST = 200  #: characters of a thread's title

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """Where one person is answered: a thread of their direct messages with us."""

    client: AsyncWebClient
    channel: str
    thread: str  # ts of the message that began it
    user: str
    team: str
    refused: set[str] = field(default_factory=set, compare=False)  # kinds of blocks that Slack does not take

    @property
    def key(self) -> str:
        """The thread's name among all threads."""
        return f"{self.channel}/{self.thread}"

    async def post(self, text: str, blocks: Sequence[Block] = ()) -> str:
        """Post a message, without the kinds of blocks that Slack refuses. `text` is escaped by the caller.

        Returns:
            Its ts.

        Raises:
            SlackApiError: Slack takes not even the plainest version.
        """
        return await simpler.taken(blocks, lambda shown: self._post(text, shown), self.refused)

    async def say(self, sentence: str) -> None:
        """Post one plain sentence."""
        await self.post(names.escape(sentence))

    async def shows(self, text: str, blocks: Sequence[Block]) -> bool:
        """Post a message that may be refused, like a picture Slack still looks at; was it taken?"""
        try:
            await self._post(text, blocks)
        except SlackApiError:
            return False
        return True

    async def status(self, doing: str, loading: Sequence[str] = ()) -> None:
        """Show what we are doing, "" for nothing; `loading` are lines shown in turn meanwhile."""
        turns = [*loading] or None
        try:
            await self.client.assistant_threads_setStatus(
                channel_id=self.channel, thread_ts=self.thread, status=doing, loading_messages=turns
            )
        except TROUBLE as error:
            log.info("status not shown", error=type(error).__name__)

    async def title(self, title: str) -> None:
        """Name the thread in the reader's list of them."""
        try:
            await self.client.assistant_threads_setTitle(
                channel_id=self.channel, thread_ts=self.thread, title=title[:TITLE_MOST]
            )
        except TROUBLE as error:
            log.info("title not set", error=type(error).__name__)

    async def _post(self, text: str, blocks: Sequence[Block]) -> str:
        shown = [*blocks] or None
        sent = await self.client.chat_postMessage(
            channel=self.channel, thread_ts=self.thread, text=text, blocks=shown, **INERT
        )
        return str(sent["ts"])
