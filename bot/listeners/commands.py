"""Slash commands: acknowledged at once, answered to the asker alone."""

from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot import errors, replies
from bot.coach import Coach
from bot.intents import COMMANDS, MapPerson, Status
from bot.listeners.sending import Answers, acknowledge, send
from bot.replies import narrating

NOT_COUNTED = (MapPerson, Status)  #: what may take a while, but not for the numbers' sake


@errors.told
async def answer(
    command: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient, coach: Coach
) -> None:
    """Any of our commands: who asks, what was asked, facts, words, blocks."""
    inquiry = await coach.asked_by(command["user_id"], client)
    intent = inquiry.understand(command["command"], command.get("text", ""))
    answers = Answers(respond, coach.running)
    coming = replies.reply(intent, inquiry)
    reply = await (coming if isinstance(intent, NOT_COUNTED) else answers.awaited(coming))
    await send(answers, reply, client, narrating.telling(reply, inquiry, command["user_id"]))


def register(app: AsyncApp) -> None:
    """Every command of the grammar."""
    for command in COMMANDS:
        app.command(command.name)(ack=acknowledge, lazy=[answer])
