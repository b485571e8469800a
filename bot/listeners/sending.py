"""A reply to who asked: numbers at once, in plain blocks where Slack refuses ours; then picture and words."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncAck, AsyncRespond
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook import WebhookResponse

from bot import names, pictures
from bot.alerting import outcomes
from bot.blocks import common, fallback
from bot.blocks.common import Block
from bot.blocks.limits import types
from bot.listeners import simpler
from bot.narrator.claims import Claim, say
from bot.narrator.telling import Telling
from bot.narrator.words import Words
from bot.pictures import Picture
from bot.replies import Reply, narrating
from bot.running import Running

#: Seconds before each try to show an upload: Slack first has to look at the file, and until then answers
#: `invalid_blocks`. Source: python-slack-sdk issues 1521, 1658, 1797.
PATIENCE = (0.0, 1.0, 3.0)

SOON = 2.5  #: seconds after which the asker is told that the answer takes a while

#: Posts that a response_url takes in all. Source: platform.md, A4.
POSTS = 5

FILE = "dealcoach.png"

log = structlog.get_logger(__name__)

Show = Callable[[str, Sequence[Block]], Awaitable[bool]]


async def acknowledge(ack: AsyncAck) -> None:
    """Tell Slack within its three seconds that a command or a click arrived."""
    await ack()


async def quietly(respond: AsyncRespond, said: Claim) -> None:
    """A sentence to who clicked alone; the message with the button stays as it is."""
    await respond(text=names.escape(said.text), replace_original=False, response_type="ephemeral")


class Undelivered(Exception):
    """Slack took neither the message nor its plain version."""


@dataclass(slots=True)
class Answers:
    """What may still be sent to one response_url, where only the asker reads.

    After a click the first message there is the one with the button, which stays as it is.
    """

    respond: AsyncRespond
    running: Running
    clicked: bool = False
    left: int = POSTS
    reserved: int = 0  # posts kept for what comes later
    is_awaited: bool = False  # the first message only says that the answer takes a while
    refused: set[str] = field(default_factory=set)  # kinds of blocks that Slack does not take

    async def awaited(self, coming: Coroutine[Any, Any, Reply]) -> Reply:
        """The reply; the asker is told when it takes a while."""
        task = asyncio.create_task(coming)
        try:
            await asyncio.wait([task], timeout=SOON)
            if not task.done():
                said = taken(await self.send(say("chat.working").text, ()))
                self.is_awaited = said and not self.clicked
            return await task
        finally:
            task.cancel()

    async def send(self, text: str, blocks: Sequence[Block], *, instead: bool = False) -> WebhookResponse:
        """Post a message, or put it in the place of the first."""
        self.left -= 1
        shown = fallback.plain(blocks, self.refused) if self.refused else [*blocks]
        return await self.respond(text=text, blocks=shown, replace_original=instead)

    async def shows(self, text: str, blocks: Sequence[Block]) -> bool:
        """Post a message that may be refused, unless no post is left for it; was it taken?"""
        return self.left > self.reserved and taken(await self.send(text, blocks))


async def send(
    answers: Answers, reply: Reply, client: AsyncWebClient, telling: Telling | None = None
) -> None:
    """Post the reply to its asker alone, and below it its picture if it has one; then the model's words.

    These take the place of the template's. Not after a click, whose response_url can replace only the message
    with the button: then the numbers come without bullets, and the words in a message of their own.

    Raises:
        Undelivered: Slack refused every version of the answer. A picture it refuses is only logged.
    """
    answers.reserved = 1 if telling else 0
    if telling and answers.clicked:
        await numbers(answers, reply.text, narrating.numbers(reply))
        await asyncio.gather(_pictures(answers, reply, client), _more(answers, reply, telling))
        return
    await numbers(answers, reply.text, narrating.card(reply))
    await asyncio.gather(_pictures(answers, reply, client), _instead(answers, reply, telling))


async def numbers(answers: Answers, text: str, blocks: Sequence[Block]) -> None:
    """Post an answer in the place of the word that it takes a while, as plain as Slack wants it.

    A response_url does not say what it refuses, so what is newest goes first, and then all that is new.

    Raises:
        Undelivered: Slack took not even the plainest version.
    """
    sent = await answers.send(text, blocks, instead=answers.is_awaited)
    for step in simpler.STEPS:
        if taken(sent):
            return
        if types(blocks) & step - answers.refused:
            answers.refused |= step
            sent = await answers.send(text, blocks, instead=answers.is_awaited)
    if not taken(sent):
        raise Undelivered(
            f"Slack answered {sent.status_code} {sent.body!r} to an answer and to its plain version."
        )


async def _pictures(answers: Answers, reply: Reply, client: AsyncWebClient) -> None:
    for picture in await asyncio.to_thread(drawn, reply, answers.refused):
        await illustrate(answers.shows, client, picture)


def drawn(reply: Reply, refused: Collection[str]) -> list[Picture]:
    """What is shown below an answer: each native chart that Slack refused, and its own picture."""
    own = [pictures.of(reply.answer)] if pictures.is_sent_along(reply.answer) else []
    if "data_visualization" not in refused:
        return [one for one in own if one]
    from bot.pictures import chart  # brings the drawing library

    return [*map(chart.of, fallback.charts(reply.blocks)), *(one for one in own if one)]


async def _more(answers: Answers, reply: Reply, telling: Telling) -> None:
    """The words in a message of their own, once they are all checked."""
    words = await told(telling, answers.running)
    said = [*common.bullets(words.lines), *narrating.below(reply, telling)]
    sent = await answers.send(words.text, said)
    if not taken(sent):
        log.warning("words not shown", answer=sent.body)


async def told(telling: Telling, running: Running) -> Words:
    """The words as a whole: a message that only one person sees cannot grow."""
    with suppress(TimeoutError):
        async with running.until_leaving(), aclosing(telling.lines()) as lines:
            async for _ in lines:
                pass
    return telling.words()


async def _instead(answers: Answers, reply: Reply, telling: Telling | None) -> None:
    """Put the model's words in the place of the template's once they are all checked; the numbers stay."""
    if telling is None:
        return
    blocks = narrating.card(reply, await told(telling, answers.running), telling.outcome)
    sent = await answers.send(reply.text, blocks, instead=True)
    if not taken(sent):
        log.warning("words not shown", answer=sent.body)


async def illustrate(show: Show, client: AsyncWebClient, picture: Picture) -> bool:
    """Upload a picture that nobody else can see and show it to the asker; did that work?"""
    file = await upload(client, picture)
    if not file:
        return False
    block = common.image(file, picture.title, picture.alt)
    for wait in PATIENCE:
        await asyncio.sleep(wait)
        if await show(names.escape(picture.alt), [block]):
            return True
    log.warning("picture not shown")
    return False


async def upload(client: AsyncWebClient, picture: Picture) -> str:
    """The id of the uploaded file, shared with no channel; "" when Slack does not take it."""
    try:
        answer = await client.files_upload_v2(
            content=picture.png, filename=FILE, title=picture.title, alt_txt=picture.alt
        )
    except SlackApiError as error:
        log.warning("picture not uploaded", error=outcomes.code(error))
        return ""
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("picture not uploaded", error=type(error).__name__)
        return ""
    files = answer.get("files") or [{}]
    return str(files[0].get("id", ""))


def taken(sent: WebhookResponse) -> bool:
    """Did Slack take the message? A refusal may come as 200 with an error in its body."""
    return sent.status_code == 200 and (sent.body == "ok" or '"ok":true' in sent.body.replace(" ", ""))
