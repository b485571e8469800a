"""A reply to who asked: the numbers at once, in plain blocks where Slack refuses ours, then its picture."""

import asyncio

import aiohttp
import structlog
from slack_bolt.async_app import AsyncRespond
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook import WebhookResponse

from bot import names, pictures
from bot.blocks import common, fallback
from bot.pictures import Picture
from bot.replies import Reply

#: Seconds before each try to show an upload: Slack first has to look at the file, and until then answers
#: `invalid_blocks`. A response_url takes five posts; the answer has had up to two. Source: python-slack-sdk
#: issues 1521, 1658, 1797.
PATIENCE = (0.0, 1.0, 3.0)

FILE = "dealcoach.png"

log = structlog.get_logger(__name__)


class Undelivered(Exception):
    """Slack took neither the message nor its plain version."""


async def send(respond: AsyncRespond, reply: Reply, client: AsyncWebClient) -> None:
    """Post the reply to its asker alone, and below it its picture if it has one.

    Raises:
        Undelivered: Slack refused both versions of the answer. A picture it refuses is only logged.
    """
    sent = await respond(text=reply.text, blocks=reply.blocks, replace_original=False)
    if not taken(sent):
        sent = await respond(text=reply.text, blocks=fallback.plain(reply.blocks), replace_original=False)
    if not taken(sent):
        raise Undelivered(
            f"Slack answered {sent.status_code} {sent.body!r} to an answer and to its plain version."
        )
    if pictures.is_sent_along(reply.answer) and (
        picture := await asyncio.to_thread(pictures.of, reply.answer)
    ):
        await illustrate(respond, client, picture)


async def illustrate(respond: AsyncRespond, client: AsyncWebClient, picture: Picture) -> bool:
    """Upload a picture that nobody else can see and show it to the asker; did that work?"""
    file = await upload(client, picture)
    if not file:
        return False
    block = common.image(file, picture.title, picture.alt)
    for wait in PATIENCE:
        await asyncio.sleep(wait)
        sent = await respond(text=names.escape(picture.alt), blocks=[block], replace_original=False)
        if taken(sent):
            return True
    log.warning("picture not shown", answer=sent.body)
    return False


async def upload(client: AsyncWebClient, picture: Picture) -> str:
    """The id of the uploaded file, shared with no channel; "" when Slack does not take it."""
    try:
        answer = await client.files_upload_v2(
            content=picture.png, filename=FILE, title=picture.title, alt_txt=picture.alt
        )
    except SlackApiError as error:
        log.warning("picture not uploaded", error=error.response.get("error"))
        return ""
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("picture not uploaded", error=type(error).__name__)
        return ""
    files = answer.get("files") or [{}]
    return str(files[0].get("id", ""))


def taken(sent: WebhookResponse) -> bool:
    """Did Slack take the message? A refusal may come as 200 with an error in its body."""
    return sent.status_code == 200 and (sent.body == "ok" or '"ok":true' in sent.body.replace(" ", ""))
