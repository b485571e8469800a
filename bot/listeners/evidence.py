"""The buttons under an answer: its sums in a modal, and what the reader thinks of it, kept."""

import html
import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import errors, intents, replies
from bot.blocks import evidence as buttons
from bot.blocks import fallback
from bot.blocks import sums as modals
from bot.blocks.common import Block
from bot.blocks.evidence import Judged
from bot.coach import Coach
from bot.listeners.sending import send
from bot.narrator.claims import say
from bot.replies.evidence import sums

log = structlog.get_logger(__name__)


async def acknowledge(ack: AsyncAck) -> None:
    """Tell Slack that the click arrived."""
    await ack()


@errors.told
async def show_sums(
    action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient, coach: Coach
) -> None:
    """`Show the sums`: a modal at once, which is filled when the answer has been counted again."""
    line = action["value"]
    view = await opened(client, body["trigger_id"], line)

    async def tell(text: str = "", blocks: list[Block] | None = None) -> None:
        await shown(
            client, view, modals.modal(line, blocks) if blocks else modals.told(line, html.unescape(text))
        )

    before = buttons.generation_of(action.get("block_id", ""))
    if view:
        await fill(
            respond=tell, line=line, before=before, user=body["user"]["id"], client=client, coach=coach
        )
    else:
        inquiry = await coach.asked_by(body["user"]["id"], client)
        await send(respond, await replies.reply(inquiry.understand_line(line), inquiry), client)


@errors.told
async def fill(
    *,
    respond: Callable[..., Awaitable[None]],
    line: str,
    before: str,
    user: str,
    client: AsyncWebClient,
    coach: Coach,
) -> None:
    """Count, then show in the open modal; so is the sentence of an error."""
    inquiry = await coach.asked_by(user, client)
    asked = inquiry.understand_line(line)
    wanted = asked if isinstance(asked, intents.Sums) else intents.Sums(line)
    await respond(blocks=(await sums(wanted, inquiry, before)).blocks)


async def opened(client: AsyncWebClient, trigger: str, line: str) -> str:
    """The id of a modal that says it is counting; "" when the click is too old for one."""
    try:
        answer = await client.views_open(trigger_id=trigger, view=modals.counting(line))
    except SlackApiError as error:
        log.warning("modal not opened", error=error.response.get("error"))
        return ""
    return str(answer["view"]["id"])


async def shown(client: AsyncWebClient, view: str, modal: dict[str, Any]) -> None:
    """Put a page into an open modal, in plain blocks where Slack refuses ours."""
    try:
        await client.views_update(view_id=view, view=modal)
    except SlackApiError as error:
        log.warning("modal not shown", error=error.response.get("error"))
        await client.views_update(view_id=view, view={**modal, "blocks": fallback.plain(modal["blocks"])})


@errors.told
async def judged(
    action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient, coach: Coach
) -> None:
    """`Useful` or `Not useful`: kept with the facts that the answer was made of, and thanked for quietly."""
    said = Judged.of(action["value"])
    inquiry = await coach.asked_by(body["user"]["id"], client)
    reply = await replies.reply(inquiry.understand_line(said.line), inquiry)
    kept = await keep(coach, body["user"]["id"], said, tuple(reply.facts))
    thanks = f"thanks_{'useful' if said.useful else 'not'}" if kept else "not_kept"
    await respond(text=say(f"feedback.{thanks}").text, replace_original=False, response_type="ephemeral")


async def keep(coach: Coach, user: str, said: Judged, facts: tuple[str, ...]) -> bool:
    """Write a judgement down; False where there is no memory to keep it in."""
    from bot.memory import feedback  # brings the database

    if coach.memory is None:
        return False
    told = feedback.Feedback(
        slack_user=user,
        line=said.line,
        generation=said.generation,
        useful=said.useful,
        facts=facts,
        prompt=said.prompt,
        model=said.model,
    )
    async with coach.memory.write() as tx:
        await feedback.keep(tx, coach.settings.workspace, told, coach.memory.now())
    log.info("feedback", useful=said.useful, answer=feedback.answer_key(told), facts=len(facts))
    return True


def register(app: AsyncApp) -> None:
    """The button to the sums, and both ways to judge: the native pair, and two ordinary buttons."""
    app.action("sums")(ack=acknowledge, lazy=[show_sums])
    app.action(re.compile(r"^feedback(\.|$)"))(ack=acknowledge, lazy=[judged])
