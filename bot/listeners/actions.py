"""Buttons: one that asks again carries the whole question as a command's text."""

import re
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot import errors, replies
from bot.coach import Coach
from bot.listeners.sending import send


async def acknowledge(ack: AsyncAck) -> None:
    """Tell Slack that the click arrived."""
    await ack()


@errors.told
async def ask_again(
    action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient, coach: Coach
) -> None:
    """A button under an answer: the next question, for whoever clicked."""
    inquiry = await coach.asked_by(body["user"]["id"], client)
    intent = inquiry.understand_line(action["value"])
    await send(respond, await replies.reply(intent, inquiry), client)


def register(app: AsyncApp) -> None:
    """Every button that asks again has an action id that begins with `ask.`."""
    app.action(re.compile(r"^ask\."))(ack=acknowledge, lazy=[ask_again])
