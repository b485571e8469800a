"""The buttons under an answer: its sums in a modal, and what the reader thinks of it, kept."""

import html
import re
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import errors, intents, replies
from bot.alerting import outcomes
from bot.blocks import evidence as buttons
from bot.blocks import sums as modals
from bot.blocks.common import Block
from bot.blocks.evidence import Judged, NotOurButton
from bot.coach import Coach, Inquiry
from bot.listeners import simpler
from bot.listeners.sending import Answers, acknowledge, quietly, send
from bot.narrator.claims import Claim, say
from bot.replies.evidence import facts_told, sums

log = structlog.get_logger(__name__)


@errors.told
async def show_sums(
    action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient, coach: Coach
) -> None:
    """`Show the sums`: a modal at once, which is filled when the answer has been counted again."""
    line, user = action.get("value", ""), body["user"]["id"]
    before = buttons.generation_of(action.get("block_id", ""))
    if view := await opened(client, body["trigger_id"], line):
        told = into(client, view, line)
        await fill(respond=told, line=line, before=before, user=user, client=client, coach=coach)
        return
    inquiry = await coach.asked_by(user, client)
    answers = Answers(respond, coach.running, clicked=True)
    reply = await answers.awaited(replies.reply(asked(line, inquiry), inquiry))
    await send(answers, reply, client)


Tell = Callable[..., Awaitable[None]]


def into(client: AsyncWebClient, view: str, line: str) -> Tell:
    """What `respond` is for a message, for an open modal: it shows blocks, or the sentence of an error."""

    async def tell(text: str = "", blocks: list[Block] | None = None) -> None:
        page = modals.modal(line, blocks) if blocks else modals.told(line, html.unescape(text))
        await shown(client, view, page)

    return tell


@errors.told
async def fill(
    *, respond: Tell, line: str, before: str, user: str, client: AsyncWebClient, coach: Coach
) -> None:
    """Count, then show in the open modal; so is the sentence of an error."""
    inquiry = await coach.asked_by(user, client)
    await respond(blocks=(await sums(asked(line, inquiry), inquiry, before)).blocks)


def asked(line: str, inquiry: Inquiry) -> intents.Sums:
    """The sums that a button asks for: of the answer its line is about, or of that line's own answer."""
    intent = inquiry.understand_click(line)
    return intent if isinstance(intent, intents.Sums) else intents.Sums(line)


async def opened(client: AsyncWebClient, trigger: str, line: str) -> str:
    """The id of a modal that says it is counting; "" when the click is too old for one."""
    try:
        answer = await client.views_open(trigger_id=trigger, view=modals.counting(line))
    except SlackApiError as error:
        log.warning("modal not opened", error=outcomes.code(error))
        return ""
    return str(answer["view"]["id"])


async def shown(client: AsyncWebClient, view: str, modal: dict[str, Any]) -> None:
    """Put a page into an open modal, without the kinds of blocks that Slack refuses."""

    async def update(blocks: list[Block]) -> None:
        await client.views_update(view_id=view, view={**modal, "blocks": blocks})

    await simpler.taken(modal["blocks"], update, set(), "modal")


@errors.told
async def judged(
    action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient, coach: Coach
) -> None:
    """`Useful` or `Not useful`: kept with the facts that the answer was made of, and thanked for quietly."""
    inquiry = await coach.asked_by(body["user"]["id"], client)
    said = Judged.of(action.get("value", ""))
    if not was_published(said.generation, inquiry.generation.id):
        raise NotOurButton
    facts = await facts_told(said.line, said.generation, inquiry)
    kept = await keep(coach, body["user"]["id"], said, facts)
    await quietly(respond, thanks(said, with_facts=bool(facts)) if kept else say("feedback.not_kept"))


def was_published(generation: str, newest: str) -> bool:
    """Was there such a generation, today's or one that may be gone by now? The day of a replay is any.

    >>> [was_published(one, "g000003-2024-06-29") for one in ("g000002-2024-06-28", "g999999-2099-01-01")]
    [True, False]
    """
    if generation.startswith("asof-"):
        return True
    return generation == newest or generation.partition("-")[0] < newest.partition("-")[0]


def thanks(said: Judged, *, with_facts: bool) -> Claim:
    """Thanks for a judgement, and what could not be kept with it."""
    noted = say("feedback.thanks_useful" if said.useful else "feedback.thanks_not")
    return noted if with_facts else say("feedback.moved", thanks=noted)


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
