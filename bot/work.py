"""`dealcoach work`: refreshes after each load, watches the deals and delivers alerts, until told to stop."""

import os
import secrets
import socket
from contextlib import aclosing

import structlog

from bot import language, schedule, web_api
from bot.alerting import places, quiet
from bot.alerting.delivery import PACED, Allowed, Courier, anywhere, posting
from bot.alerting.digests.telling import Told, as_written
from bot.alerting.face import render as render
from bot.alerting.outbox import Delivery, Recipient
from bot.coach import Coach
from bot.jobs import Work
from bot.memory import Memory
from bot.narrator.words import Words
from bot.serve import stopped
from bot.settings import Settings, SettingsError

log = structlog.get_logger(__name__)


async def work(settings: Settings) -> None:
    """Do what is due until SIGINT or SIGTERM.

    Raises:
        SettingsError: there is no token to deliver with.
    """
    if not settings.slack_bot_token.get_secret_value():
        raise SettingsError(
            "SLACK_BOT_TOKEN is not set, so no alert could be delivered. Set it, or: `dealcoach demo`."
        )
    async with (
        Memory.open(settings.memory_url) as memory,
        aclosing(Coach(settings, memory)) as coach,
        schedule.running(assembled(settings, memory, teller(coach), readers(coach))),
    ):
        log.info("working")
        await stopped()


def teller(coach: Coach) -> Told:
    """How what is sent unasked is told: by the language model where it may, else as written."""
    settings, model = coach.settings, coach.model
    if model is None or settings.words_in_digests == "off":
        return as_written
    from bot.model import Asker
    from bot.narrator.telling import Telling

    async def told(words: Words, recipient: Recipient) -> Words:
        if not language.current().model_may_speak:
            return words
        reader = recipient.person_id
        asker = Asker(settings.workspace, reader, "digest")
        telling = Telling(words, model, asker, settings.words_in_digests, "", reader, coach.tellings)
        async for _ in telling.lines():
            pass  # nobody reads along: the message goes out whole
        return telling.words()

    return told


def readers(coach: Coach) -> Allowed:
    """Whether everybody who reads a channel may see what is about to be posted there."""
    client = web_api.client(coach.settings)

    async def allowed(row: Delivery) -> bool:
        return await places.allowed(client, coach, row.place, row.recipient_id)

    return allowed


def assembled(
    settings: Settings, memory: Memory, told: Told = as_written, allowed: Allowed = anywhere
) -> Work:
    """What the jobs need, from the settings."""
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
    reads = web_api.client(settings)
    courier = Courier(
        memory,
        posts=posting(reads, PACED.timeout),
        reads=reads,
        workspace=settings.workspace,
        owner=owner,
        allowed=allowed,
        timing=PACED,
        opens=quiet.hours(memory, settings),
    )
    return Work(
        home=settings.home,
        memory=memory,
        courier=courier,
        render=render,
        workspace=settings.workspace,
        owner=owner,
        zone=settings.zone,
        told=told,
        settings=settings,
    )
