"""Modals: opened within the life of a click, and what keeps one open when it cannot be kept."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import errors
from bot.alerting import outcomes
from bot.blocks.common import Block
from bot.coach import Coach
from bot.listeners import simpler
from bot.narrator.claims import say
from bot.refusals import refusal
from data.mendable import Mendable

MOST_SECONDS = 2.5  #: Slack gives up on a modal after three

log = structlog.get_logger(__name__)

Json = dict[str, Any]
Acknowledgement = Mapping[str, Any]  #: {} closes the modal
Submitted = Callable[[Json, Json, AsyncWebClient, Coach], Awaitable[Acknowledgement]]  #: body, view

CLOSED: Acknowledgement = {}


class TooLate(Mendable):
    """A click that is too old for a modal."""

    def __init__(self) -> None:
        super().__init__(refusal("too_late"))


async def opened(client: AsyncWebClient, body: Mapping[str, Any], view: Block) -> None:
    """Open a modal for whoever clicked, without the kinds of blocks that Slack refuses.

    Raises:
        TooLate: more than three seconds ago.
    """

    async def show(blocks: list[Block]) -> None:
        await client.views_open(trigger_id=body["trigger_id"], view={**view, "blocks": blocks})

    try:
        await simpler.taken(view["blocks"], show, set(), "modal")
    except SlackApiError as error:
        said = outcomes.code(error)
        if "trigger" not in said:
            raise
        log.warning("modal not opened", error=said)
        raise TooLate from error


def in_modal(name: str) -> Callable[[Submitted], Callable[..., Awaitable[None]]]:
    """A listener to a modal that was sent off; what the person can mend is said below its input `name`.

    What was typed stays there. The listener returns what Slack is told, and must be quick.
    """

    def wrap(listener: Submitted) -> Callable[..., Awaitable[None]]:
        async def safely(ack: AsyncAck, body: Json, view: Json, client: AsyncWebClient, coach: Coach) -> None:
            try:
                async with asyncio.timeout(MOST_SECONDS):
                    done = listener(body, view, client, coach)
                    kept, why = await errors.attempted(listener.__name__, done)
                told = refused({name: why}) if kept is None else kept
            except TimeoutError:
                told = refused({name: say("action.slow").text})
            await ack(**told)

        safely.__name__ = listener.__name__
        return safely

    return wrap


def refused(wrong: Mapping[str, str]) -> Acknowledgement:
    """The modal stays open, with a sentence below each of these inputs."""
    return {"response_action": "errors", "errors": {**wrong}}


def turned(view: Block) -> Acknowledgement:
    """The modal becomes another."""
    return {"response_action": "update", "view": view}
