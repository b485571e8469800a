"""What people write to us: in direct messages, and in channels, where the answer is a direct message too."""

import re
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext
from slack_sdk.web.async_client import AsyncWebClient

from bot import errors, names
from bot.audience import Outsider
from bot.coach import Coach
from bot.events import is_direct
from bot.intents.words import echo
from bot.listeners import conversation, mentions
from bot.listeners.places import INERT, TROUBLE, Place
from bot.narrator.claims import ours, say
from bot.refusals import refusal

#: Kinds of messages that say something: plain, with a file, and a reply that is sent to the channel too.
SAID = ("", "file_share", "thread_broadcast")

STOPS = ("stop", "cancel", "stop it", "never mind")

LINK = re.compile(r"<(?!@)(?:[^|>]*\|([^>]*)|([^>]*))>")  # how Slack writes what it made a link of

log = structlog.get_logger(__name__)


async def acknowledge() -> None:
    """Slack hears at once that an event arrived: Bolt says so when this returns."""


@errors.told
async def said(
    event: dict[str, Any],
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    coach: Coach,
) -> None:
    """A direct message: answered in its thread."""
    if not is_direct(event) or not is_said(event) or not await is_new(body, coach):
        return
    members_only(body)
    thread = event.get("thread_ts", "")
    text = words(event, context.bot_user_id or "")
    if text.casefold().strip(" .!") in STOPS:
        await stop(event, client, coach)
        return
    place = Place(client, event["channel"], thread or event["ts"], event["user"], body.get("team_id", ""))
    await conversation.answered(place, coach, conversation.words(text))


@errors.told
async def mentioned(
    event: dict[str, Any],
    body: dict[str, Any],
    context: AsyncBoltContext,
    client: AsyncWebClient,
    coach: Coach,
) -> None:
    """A mention: who asked is pointed to the answer in their direct messages; nobody else sees any of it."""
    if not is_said(event) or not await is_new(body, coach):
        return
    members_only(body)
    await coach.asked_by(event["user"], client)
    await point(event, client)
    text = words(event, context.bot_user_id or "")
    place = await beside(event, text, body, client)
    await conversation.answered(place, coach, conversation.words(text))


def is_said(event: dict[str, Any]) -> bool:
    """Did a person say something new? No edit, no other bot, not ourselves."""
    return bool(event.get("user")) and event.get("subtype", "") in SAID and not event.get("bot_id")


async def is_new(body: dict[str, Any], coach: Coach) -> bool:
    """Is this the first delivery of this event, and of this message, which may be told as two events?

    What this process heard itself it knows by heart; memory, while it can be asked, knows what came before.
    """
    event, app, team = body["event"], body.get("api_app_id", ""), body.get("team_id", "")
    keys = (f"event:{app}:{team}:{body['event_id']}", f"said:{app}:{team}:{event['channel']}:{event['ts']}")
    known = [key in coach.heard for key in keys]
    coach.heard.update(dict.fromkeys(keys, True))
    memory = coach.memory
    if any(known) or memory is None:
        return not any(known)

    async def first_time() -> bool:
        return all([await memory.first_time(key) for key in keys])

    return await memory.soon(first_time(), True)


def members_only(body: dict[str, Any]) -> None:
    """Refuse a question asked where another organisation reads.

    Raises:
        Outsider: it does.
    """
    if body.get("is_ext_shared_channel"):
        raise Outsider(refusal("shared_channel"))


def words(event: dict[str, Any], us: str) -> str:
    """What was said, without the mention of us and with links as they read; other mentions stay.

    >>> words({"text": "<@U1> win rate of <@U2|dana> and <http://acme.com|acme.com>?"}, "U1")
    'win rate of <@U2> and acme.com?'
    """
    text = mentions.without(us, event.get("text", ""))
    return " ".join(LINK.sub(lambda found: found[1] or found[2], text).split())


async def stop(event: dict[str, Any], client: AsyncWebClient, coach: Coach) -> None:
    """End what is being answered in this thread, or, said outside of any, in all of them."""
    channel, thread = event["channel"], event.get("thread_ts")
    if coach.running.stop(f"{channel}/{thread}" if thread else channel):
        return
    nothing = say("chat.nothing_to_stop").text
    await client.chat_postMessage(channel=channel, thread_ts=thread or event["ts"], text=nothing, **INERT)


async def point(event: dict[str, Any], client: AsyncWebClient) -> None:
    """Tell who asked in a channel, and only them, where the answer is."""
    try:
        await client.chat_postEphemeral(
            channel=event["channel"],
            user=event["user"],
            thread_ts=event.get("thread_ts"),
            text=say("chat.pointer").text,
        )
    except TROUBLE as error:
        log.info("pointer not shown", error=type(error).__name__)


async def beside(event: dict[str, Any], text: str, body: dict[str, Any], client: AsyncWebClient) -> Place:
    """A new thread in the direct messages with who asked, which begins with their question."""
    opened = await client.conversations_open(users=event["user"])
    channel = opened["channel"]["id"]
    question = say("chat.asked_elsewhere", question=ours(echo(text))).text
    sent = await client.chat_postMessage(channel=channel, text=names.escape(question), **INERT)
    return Place(client, channel, sent["ts"], event["user"], body.get("team_id", ""))


def register(app: AsyncApp) -> None:
    """Messages to us, and mentions of us."""
    app.event("message")(ack=acknowledge, lazy=[said])
    app.event("app_mention")(ack=acknowledge, lazy=[mentioned])
