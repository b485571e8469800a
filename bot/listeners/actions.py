"""Buttons: one that asks again carries the whole question as a command's text."""

import re
from typing import Any

from slack_bolt.async_app import AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from bot import errors, replies
from bot.coach import Coach
from bot.listeners import conversation
from bot.listeners.places import Place
from bot.listeners.sending import Answers, acknowledge, send
from bot.replies import narrating


@errors.told
async def ask_again(
    action: dict[str, Any], body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient, coach: Coach
) -> None:
    """A button under an answer: the next question, for whoever clicked; in their thread if it was there."""
    if place := thread(body, client):
        await conversation.answered(place, coach, conversation.line(action.get("value", "")))
        return
    inquiry = await coach.asked_by(body["user"]["id"], client)
    intent = inquiry.understand_click(action.get("value", ""))
    answers = Answers(respond, coach.running, clicked=True)
    reply = await answers.awaited(replies.reply(intent, inquiry))
    await send(answers, reply, client, narrating.telling(reply, inquiry, body["user"]["id"]))


def thread(body: dict[str, Any], client: AsyncWebClient) -> Place | None:
    """The thread of direct messages in which a button was clicked; None where only the asker saw it."""
    channel, message = body.get("channel", {}).get("id", ""), body.get("message", {})
    if not channel.startswith("D") or not message.get("thread_ts"):
        return None
    user = body["user"]
    return Place(client, channel, message["thread_ts"], user["id"], user.get("team_id", ""))


def register(app: AsyncApp) -> None:
    """Every button that asks again has an action id that begins with `ask.`."""
    app.action(re.compile(r"^ask\."))(ack=acknowledge, lazy=[ask_again])
    app.action("playbook")(acknowledge)  # it opens the team's own document
