"""`Save as CSV` and `Board page`: files for who clicked, in their direct messages and nowhere else."""

from collections.abc import Sequence
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot import errors, names
from bot.alerting import outcomes
from bot.blocks import digest as digests
from bot.blocks.evidence import generation_of
from bot.coach import Coach
from bot.exports import board
from bot.exports.saved import File, saved
from bot.listeners.sending import acknowledge, quietly
from bot.narrator.claims import Claim, say
from data.mendable import Mendable

log = structlog.get_logger(__name__)

#: What Slack calls a refusal -> our sentence for it (prompts/claims/export.yaml). Source: files_upload_v2.
REFUSALS = {
    "missing_scope": "no_scope",
    "no_permission": "no_scope",
    "not_allowed_token_type": "no_scope",
    "restricted_action": "not_allowed",
    "files_disabled": "not_allowed",
    "file_uploads_disabled": "not_allowed",
    "file_upload_size_restricted": "too_big",
    "file_too_large": "too_big",
    "storage_limit_reached": "full",
    "team_storage_full": "full",
}


class NotUploaded(Mendable):
    """Slack did not take a file; `why` is the name of the sentence that says so."""

    def __init__(self, why: str) -> None:
        super().__init__(say(f"export.{why}").text)


@errors.told
async def save(
    action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient, coach: Coach
) -> None:
    """`Save as CSV`: the tables of the answer, counted anew for who clicked."""
    user, before = body["user"]["id"], generation_of(action.get("block_id", ""))
    made = await saved(action.get("value", ""), await coach.asked_by(user, client), before)
    sent_to = await upload(client, user, made.files, made.about)
    log.info(
        "exported",
        kind=made.kind,
        files=len(made.files),
        rows=sum(file.rows for file in made.files),
        moved=made.moved,
    )
    await elsewhere(respond, body, sent_to, say("export.in_direct"))


@errors.told
async def page(
    action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient, coach: Coach
) -> None:
    """`Board page` below the CRO's Monday: that week on one page, as PDF and as picture."""
    user = body["user"]["id"]
    inquiry, named = await coach.asked_by(user, client), action["action_id"] == digests.BOARD
    made = await board.made(inquiry, before=action.get("value", ""), named=named)
    sent_to = await upload(client, user, made.files, made.about)
    log.info("exported", kind="board", files=len(made.files), named=named, moved=made.moved)
    await elsewhere(respond, body, sent_to, say("board.in_direct"))


async def upload(client: AsyncWebClient, user: str, files: Sequence[File], about: Claim) -> str:
    """Put files into a person's direct messages as one message; the id of that conversation.

    Raises:
        NotUploaded: Slack did not take them.
    """
    sent = [
        {"content": file.content, "filename": file.name, "title": file.title, "alt_txt": file.alt or None}
        for file in files
    ]
    try:
        direct = str((await client.conversations_open(users=user))["channel"]["id"])
        await client.files_upload_v2(
            channel=direct, file_uploads=sent, initial_comment=names.escape(about.text)
        )
    except SlackApiError as error:
        code = outcomes.code(error)
        log.warning("export not uploaded", error=code)
        raise NotUploaded(REFUSALS.get(code, "failed")) from error
    except (SlackClientError, aiohttp.ClientError, TimeoutError) as error:
        log.warning("export not uploaded", error=type(error).__name__)
        raise NotUploaded("failed") from error
    return direct


async def elsewhere(respond: AsyncRespond, body: dict[str, Any], sent_to: str, said: Claim) -> None:
    """Say where the files are to who clicked in another place."""
    if body.get("channel", {}).get("id") != sent_to:
        await quietly(respond, said)


def register(app: AsyncApp) -> None:
    """The button under every answer, and those below the week of all deals."""
    app.action("export")(ack=acknowledge, lazy=[save])
    for name in (digests.BOARD, digests.BOARD_UNNAMED):
        app.action(name)(ack=acknowledge, lazy=[page])
