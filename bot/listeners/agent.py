"""The agent's own tab in Slack: questions to begin with, and its Stop button; and what nobody listens to."""

import re
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import errors
from bot.coach import Coach
from bot.listeners.messages import acknowledge
from bot.listeners.places import TROUBLE
from bot.narrator.claims import label
from prompts import files

log = structlog.get_logger(__name__)


@errors.unseen
async def opened(event: dict[str, Any], client: AsyncWebClient, coach: Coach) -> None:
    """The Messages tab was opened: four questions that fit this person. Nothing is posted."""
    if event.get("tab") != "messages":
        return
    inquiry = await coach.asked_by(event["user"], client)
    suggested = files.suggestions()[inquiry.viewer.role]
    try:
        await client.assistant_threads_setSuggestedPrompts(
            channel_id=event["channel"],
            title=label("suggested.title").text,
            prompts=[{"title": one.title, "message": one.message} for one in suggested],
        )
    except TROUBLE as error:
        log.info("questions not suggested", error=type(error).__name__)


@errors.unseen
async def stopped(event: dict[str, Any], coach: Coach) -> None:
    """The Stop button: what is being answered in this thread ends with a word, and no more comes."""
    coach.running.stop(f"{event['channel']}/{event['thread_ts']}")


def register(app: AsyncApp) -> None:
    """The tab and its button; any other event is heard and left, or a server would send it again."""
    app.event("app_home_opened")(ack=acknowledge, lazy=[opened])
    app.event("agent_session_stopped")(ack=acknowledge, lazy=[stopped])
    app.event(re.compile(""))(acknowledge)
