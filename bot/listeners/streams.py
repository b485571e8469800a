"""Lines that were checked, one by one, into a message that grows in a thread; none is lost, whatever happens.

Slack ends a stream about five minutes after its start, and some workspaces have none. So the text is kept
here: a stream is replaced by a new one in time, and what Slack does not take becomes an ordinary message.
"""

import asyncio
import html
import re
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_chat_stream import AsyncChatStream
from slack_sdk.web.async_client import AsyncWebClient

from bot import names, web_api
from bot.alerting import outcomes
from bot.blocks import common
from bot.blocks.common import Block
from bot.listeners import simpler
from bot.listeners.places import INERT, TROUBLE, Place

#: Seconds after which a stream is replaced; Slack ends it at about 300.
#: Source: @chat-adapter/slack 4.41, python-slack-sdk issues 1859 and 1880.
LIFE = 240.0

#: Seconds between two edits of an ordinary message. Source: Slack's tier 3, 50 calls a minute.
PAUSE = 1.2

#: Seconds before each try to close a stream that we no longer write to.
CLOSING = (0.0, 0.5, 1.5)

#: What is still owed to who reads along: lines, and the blocks below them.
Owed = Callable[[], tuple[Sequence[str], Sequence[Block]]]

log = structlog.get_logger(__name__)


def _nothing() -> tuple[Sequence[str], Sequence[Block]]:
    return (), ()


class Stream:
    """One growing text of ours: a stream of Slack's while that works, else a message that is edited.

    `owed` says what has to be said of it even when it is cut.
    """

    def __init__(self, place: Place, now: Callable[[], float] = time.monotonic) -> None:
        self.place = place
        self.owed: Owed = _nothing
        self._now = now
        self._client = web_api.once(place.client)
        self._stream: AsyncChatStream | None = None
        self._message: Message | None = None
        self._begun = 0.0
        self._doing: asyncio.Future[None] | None = None
        self._ended = False
        self._newest = place.thread  # ts of what Slack is known to have in the thread
        self._lines: list[str] = []  # of the message that grows now

    async def whole(self, doing: Coroutine[Any, Any, None]) -> None:
        """Do it to its end, after what was begun before, even for who is stopped meanwhile."""
        self._doing = asyncio.ensure_future(_after(self._doing, doing))
        await asyncio.shield(self._doing)

    async def post(self, text: str, blocks: Sequence[Block]) -> None:
        """Post a message above the text. `text` is markup: escaped by the caller."""
        await self.whole(self._post(text, blocks))

    async def add(self, line: str) -> None:
        """Let one more line be read; it is plain text."""
        await self.whole(self._add(line))

    async def end(self, blocks: Sequence[Block] = ()) -> None:
        """Finish: `blocks` stand below the text. Without any text they are a message of their own."""
        await self.whole(self._end(blocks))

    async def cut(self, sentence: str) -> None:
        """Finish in the middle: below what is there already, what is owed, and a sentence that says so."""
        if self._doing:
            await self._doing
        if self._ended:
            return
        lines, blocks = self.owed()
        if not self._lines and not lines and not blocks:
            await self.place.say(sentence)
            return
        for line in (*lines, sentence):
            await self.add(line)
        await self.end(blocks)

    async def _post(self, text: str, blocks: Sequence[Block]) -> None:
        self._newest = await self.place.post(text, blocks)

    async def _end(self, blocks: Sequence[Block]) -> None:
        self._ended = True
        if self._stream:
            try:
                await self._stream.stop(blocks=[*blocks])
            except TROUBLE as error:
                await self._fall_back(error)
            else:
                return
        message = self._message or Message(self._client, self.place, self._now)
        if self._lines or blocks:
            await message.finish(self._lines, blocks)

    async def _add(self, line: str) -> None:
        if self._stream and self._now() - self._begun >= LIFE:
            await self._rotate(self._stream)
        self._lines.append(line)
        if self._message:
            await self._message.show(self._lines)
            return
        try:
            await self._append(line)
        except TROUBLE as error:
            await self._fall_back(error)

    async def _append(self, line: str) -> None:
        if self._stream is None:
            self._begun = self._now()
            self._stream = await self._client.chat_stream(
                channel=self.place.channel,
                thread_ts=self.place.thread,
                recipient_user_id=self.place.user,
                recipient_team_id=self.place.team,
                buffer_size=1,
            )
        await self._stream.append(markdown_text=f"- {names.markdown(line)}\n")

    async def _rotate(self, stream: AsyncChatStream) -> None:
        """Close this stream while Slack still takes it; what comes next begins another."""
        try:
            await stream.stop()
        except TROUBLE as error:
            await self._fall_back(error)
            return
        self._newest = stream.ts or self._newest
        self._stream, self._lines = None, []

    async def _fall_back(self, error: Exception) -> None:
        """From now on an ordinary message, the one that the stream has left if there is one."""
        log.info("no stream", error=_code(error))
        ts = (self._stream.ts if self._stream else None) or await self._begun_unheard()
        self._stream = None
        if ts:
            await self._close(ts)
        self._message = Message(self._client, self.place, self._now, ts)
        await self._message.show(self._lines)

    async def _begun_unheard(self) -> str:
        """The message of a stream that Slack began without our hearing of it; "" when there is none."""
        place = self.place
        try:
            found = await place.client.conversations_replies(
                channel=place.channel, ts=place.thread, oldest=self._newest, limit=999
            )
        except TROUBLE as error:
            log.info("thread not read", error=_code(error))
            return ""
        said = _letters(self._lines[0]) if self._lines else ""
        ours = [m for m in found["messages"] if m.get("bot_id") and _letters(m.get("text", "")) == said]
        return str(ours[-1]["ts"]) if ours else ""

    async def _close(self, ts: str) -> None:
        """Slack edits no message that still grows, so it is told again when it did not hear."""
        for wait in CLOSING:
            await asyncio.sleep(wait)
            try:
                await self._client.chat_stopStream(channel=self.place.channel, ts=ts)
            except SlackApiError as error:
                log.info("stream not closed", error=_code(error))
                if outcomes.code(error):  # an answer of Slack's, not a server's fault
                    return
            except TROUBLE as error:
                log.info("stream not closed", error=_code(error))
            else:
                return


async def _after(before: asyncio.Future[None] | None, doing: Coroutine[Any, Any, None]) -> None:
    if before:
        await asyncio.wait([before])
    await doing


def _letters(text: str) -> str:
    """What of a text is the same however Slack shows it."""
    return re.sub(r"\W", "", html.unescape(text))


class Message:
    """An ordinary message, edited as its text grows."""

    def __init__(self, client: AsyncWebClient, place: Place, now: Callable[[], float], ts: str = "") -> None:
        self._client = client
        self._place = place
        self._now = now
        self._ts = ts
        self._shown_at = float("-inf")

    async def show(self, lines: Sequence[str]) -> None:
        """Show the lines so far, unless that was done a moment ago; a failure waits for the next time."""
        if self._now() - self._shown_at < PAUSE:
            return
        self._shown_at = self._now()
        try:
            await self._write(lines, ())
        except TROUBLE as error:
            log.info("message not edited", error=_code(error))

    async def finish(self, lines: Sequence[str], blocks: Sequence[Block]) -> None:
        """Show all lines and the blocks below them; where Slack refuses, plainer, anew, or without blocks.

        Raises:
            SlackApiError: Slack takes not even the bare lines as a new message.
        """
        try:
            await self._write(lines, blocks)
        except TROUBLE as error:
            log.info("message not finished", error=_code(error))
            if _code(error) == "invalid_blocks":
                blocks = ()
            else:
                self._ts = ""
            await self._write(lines, blocks)

    async def _write(self, lines: Sequence[str], blocks: Sequence[Block]) -> None:
        text = names.escape("\n".join(f"• {line}" for line in lines)) or " "
        whole = [*common.bullets(lines), *blocks]
        await simpler.taken(whole, lambda shown: self._sent(text, shown), self._place.refused)

    async def _sent(self, text: str, shown: Sequence[Block]) -> None:
        if self._ts:
            await self._client.chat_update(
                channel=self._place.channel, ts=self._ts, text=text, blocks=shown, parse="none"
            )
            return
        sent = await self._client.chat_postMessage(
            channel=self._place.channel, thread_ts=self._place.thread, text=text, blocks=shown, **INERT
        )
        self._ts = str(sent["ts"])


def _code(error: Exception) -> str:
    return outcomes.code(error) if isinstance(error, SlackApiError) else type(error).__name__
