"""The agent's own tab in Slack: questions to begin with, and its Stop button."""

from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot import errors
from bot.coach import Coach
from bot.listeners.messages import acknowledge
from bot.narrator.claims import label
from prompts import files


@errors.unseen
async def opened(event: dict[str, Any], client: AsyncWebClient, coach: Coach) -> None:
    """The Messages tab was opened: four questions that fit this person. Nothing is posted."""
    if event.get("tab") != "messages":
        return
    inquiry = await coach.asked_by(event["user"], client)
    await client.assistant_threads_setSuggestedPrompts(
        channel_id=event["channel"],
        title=label("suggested.title").text,
        prompts=[
            {"title": one.title, "message": one.message} for one in files.suggestions()[inquiry.viewer.role]
        ],
    )


@errors.unseen
async def stopped(event: dict[str, Any], coach: Coach) -> None:
    """The Stop button: what is being answered in this thread ends with a word, and no more comes."""
    coach.running.stop(f"{event['channel']}/{event['thread_ts']}")


def register(app: AsyncApp) -> None:
    """The tab, its button, and what it tells us about the reader's screen, which we do not use."""
    app.event("app_home_opened")(ack=acknowledge, lazy=[opened])
    app.event("agent_session_stopped")(ack=acknowledge, lazy=[stopped])
    app.event("app_context_changed")(acknowledge)
