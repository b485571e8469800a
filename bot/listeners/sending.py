"""Send a reply to who asked; where Slack refuses a block, the same answer in plain blocks."""

from slack_bolt.async_app import AsyncRespond
from slack_sdk.webhook import WebhookResponse

from bot.blocks import fallback
from bot.replies import Reply


class Undelivered(Exception):
    """Slack took neither the message nor its plain version."""


async def send(respond: AsyncRespond, reply: Reply) -> None:
    """Post the reply to its asker alone.

    Raises:
        Undelivered: Slack refused both versions.
    """
    sent = await respond(text=reply.text, blocks=reply.blocks, replace_original=False)
    if not taken(sent):
        sent = await respond(text=reply.text, blocks=fallback.plain(reply.blocks), replace_original=False)
    if not taken(sent):
        raise Undelivered(
            f"Slack answered {sent.status_code} {sent.body!r} to an answer and to its plain version."
        )


def taken(sent: WebhookResponse) -> bool:
    """Did Slack take the message? A refusal may come as 200 with an error in its body."""
    return sent.status_code == 200 and (sent.body == "ok" or '"ok":true' in sent.body.replace(" ", ""))
