"""`Share...` under an answer: a modal that says who would read it, then the message.

Who reads a channel is looked at when it is chosen, when the modal is sent off, and right before the post.
"""

import html
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import errors, names
from bot.alerting import outcomes
from bot.blocks import evidence, forms
from bot.blocks import share as blocks
from bot.blocks.common import Block
from bot.coach import Coach, Inquiry
from bot.listeners.modals import Acknowledgement, Json, in_modal, opened, refused, turned
from bot.listeners.sending import acknowledge
from bot.narrator import share as narrator
from bot.narrator.claims import Claim, say
from bot.sharing import drafts, posting
from bot.sharing.drafts import Wanted
from bot.sharing.posting import Submission
from bot.sharing.refusals import NotShared

CHANNELS = ("C", "G")  #: ids of channels begin so; those of direct messages do not

log = structlog.get_logger(__name__)


class Modal:
    """An open modal of one person: what it shows is changed while they look at it."""

    def __init__(self, client: AsyncWebClient, user: str, known_by: dict[str, str]) -> None:
        """`known_by` is its `view_id` or `external_id`."""
        self.client, self.user, self.known_by = client, user, known_by

    async def show(self, view: Block) -> bool:
        """Put a page into it; False when it was closed meanwhile."""
        try:
            await self.client.views_update(view=view, **self.known_by)
        except SlackApiError as error:
            log.info("modal not shown", error=outcomes.code(error))
            return False
        return True

    async def end(self, said: str, view: Block) -> None:
        """The last page; said in direct messages where the modal was closed meanwhile."""
        if not await self.show(view):
            await self.client.chat_postMessage(channel=self.user, text=names.escape(said), parse="none")

    async def tell(self, text: str = "", **_: Any) -> None:
        """What `respond` is for a message: the sentence of an error, escaped already."""
        said = Claim("error", html.unescape(text))
        await self.end(said.text, blocks.says(said))


@errors.told
async def offered(
    action: Json,
    body: Json,
    respond: AsyncRespond,  # noqa: ARG001 - errors are told with it
    client: AsyncWebClient,
    coach: Coach,
) -> None:
    """`Share...`: the modal; the channel in which the answer was asked for is looked at, if it is one."""
    inquiry = await coach.asked_by(body["user"]["id"], client)
    wanted = Wanted.of(action.get("value", ""), evidence.generation_of(action.get("block_id", "")))
    drafts.asked(wanted.line, inquiry)
    cut = await posting.cut_off(body["user"]["id"], inquiry)
    here = body.get("channel", {}).get("id", "")
    channel = here if here.startswith(CHANNELS) else ""
    first = blocks.form(wanted, blocks.looking() if channel else blocks.choose(), channel=channel, cut=cut)
    await opened(client, body, {**first, "external_id": wanted.key})
    if channel:
        view = {"external_id": wanted.key}
        await _looked(Modal(client, body["user"]["id"], view), wanted, channel, inquiry)


@errors.unseen
async def chosen(body: Json, client: AsyncWebClient, coach: Coach) -> None:
    """Another channel was chosen: what would be read there."""
    view, user = body["view"], body["user"]["id"]
    channel = forms.values(view).get(blocks.CHANNEL, "")
    if channel:
        inquiry = await coach.asked_by(user, client)
        modal = Modal(client, user, {"view_id": view["id"]})
        await _looked(modal, Wanted.read(view["private_metadata"]), channel, inquiry)


async def _looked(modal: Modal, wanted: Wanted, channel: str, inquiry: Inquiry) -> None:
    """Look who reads a channel, and show what they would read, or why nothing is shared there."""
    doing = posting.draft(wanted, channel, modal.user, inquiry, modal.client)
    try:
        told = blocks.preview(await doing)
    except NotShared as why:
        told = blocks.refused(why)
    await modal.show(blocks.form(wanted, told, channel=channel))


@in_modal(blocks.CHANNEL)
async def sent(_: Json, view: Json, __: AsyncWebClient, ___: Coach) -> Acknowledgement:
    """The modal sent off; all is looked at once more, which may take longer than Slack waits."""
    if not forms.values(view).get(blocks.CHANNEL):
        return refused({blocks.CHANNEL: say("share_refused.missing").text})
    return turned(blocks.sending())


@errors.unseen
async def shared(body: Json, view: Json, client: AsyncWebClient, coach: Coach) -> None:
    """Share what was sent off, and say in the modal what became of it."""
    said, user = forms.values(view), body["user"]["id"]
    if channel := said.get(blocks.CHANNEL):
        note = forms.words(said.get(blocks.NOTE, ""))
        wanted = Wanted.read(view.get("private_metadata", ""))
        modal = Modal(client, user, {"view_id": view["id"]})
        submission = Submission(wanted, channel, note, user)
        await delivered(respond=modal.tell, modal=modal, submission=submission, coach=coach)


@errors.told
async def delivered(*, respond: Any, modal: Modal, submission: Submission, coach: Coach) -> None:  # noqa: ARG001
    """Share it; what is refused can be sent off again, to another channel."""
    inquiry = await coach.asked_by(modal.user, modal.client)
    try:
        made = await posting.share(submission, inquiry, modal.client)
    except NotShared as why:
        again = blocks.form(
            submission.wanted.again(), blocks.refused(why), channel=submission.channel, note=submission.note
        )
        await modal.end(str(why), again)
        return
    said = narrator.done(made)
    await modal.end(said.text, blocks.says(said))


def register(app: AsyncApp) -> None:
    """The button, the channel chosen in the modal, and the modal sent off."""
    app.action("share")(ack=acknowledge, lazy=[offered])
    app.action(blocks.CHANNEL)(ack=acknowledge, lazy=[chosen])
    app.view(blocks.CALLBACK)(ack=sent, lazy=[shared])
