"""`dealcoach serve`: the Slack face, over Socket Mode or signed HTTP, until it is told to stop."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager

import structlog
import uvicorn
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from bot import app as face
from bot import errors, web
from bot.coach import Coach
from bot.intents import grammar
from bot.memory import Memory
from bot.running import Running
from bot.settings import Settings, SettingsError

CONNECTIONS = 2  # Slack sends each payload to one of them: when one dies the other goes on
PING_SECONDS = 2  # a dead connection is noticed in 4 s; the default takes 16

log = structlog.get_logger(__name__)


async def serve(settings: Settings) -> None:
    """Answer Slack until SIGINT or SIGTERM.

    Raises:
        SettingsError: a token is missing; says which.
    """
    check(settings)
    async with Memory.open(settings.memory_url) as memory, aclosing(Coach(settings, memory)) as coach:
        await asyncio.to_thread(grammar.parser)  # else the first question would wait for it
        async with warming(coach):
            app = face.build(coach)
            await (over_socket if settings.socket_mode else over_http)(app, coach)


@asynccontextmanager
async def warming(coach: Coach) -> AsyncIterator[None]:
    """Beside the block, load the model's SDK, which takes seconds that the first words would wait for."""
    loading = [asyncio.create_task(coach.model.warm())] if coach.model else []
    try:
        yield
    finally:
        await asyncio.gather(*loading, return_exceptions=True)  # the first question says what is wrong


def check(settings: Settings) -> None:
    """Refuse to start without the tokens this mode needs."""
    needed = {"SLACK_BOT_TOKEN": settings.slack_bot_token}
    if settings.socket_mode:
        needed["SLACK_APP_TOKEN"] = settings.slack_app_token
    else:
        needed["SLACK_SIGNING_SECRET"] = settings.slack_signing_secret
    missing = [name for name, secret in needed.items() if not secret.get_secret_value()]
    if missing:
        raise SettingsError(
            f"{' and '.join(missing)} is not set. Set it, or try everything without Slack: `dealcoach demo`."
        )


async def over_socket(app: AsyncApp, coach: Coach) -> None:
    """Hold the connections open until stopped; then let acknowledged work finish."""
    token = coach.settings.slack_app_token.get_secret_value()
    handlers = [AsyncSocketModeHandler(app, token, ping_interval=PING_SECONDS) for _ in range(CONNECTIONS)]
    for handler in handlers:
        await handler.connect_async()  # type: ignore[no-untyped-call]
    log.info("serving", mode="socket", connections=CONNECTIONS)
    await stopped()
    for handler in handlers:
        await handler.close_async()  # type: ignore[no-untyped-call]
    await finish_work(coach.running)


async def over_http(app: AsyncApp, coach: Coach) -> None:
    """Listen for Slack's signed requests until stopped."""
    settings = coach.settings
    config = uvicorn.Config(
        web.build(app, coach), host=settings.host, port=settings.port, log_level="warning", access_log=False
    )
    log.info("serving", mode="http", host=settings.host, port=settings.port)
    told_to_stop()  # uvicorn raises the signal again when it is done, which would end us before our work is
    await uvicorn.Server(config).serve()
    await finish_work(coach.running)


async def stopped() -> None:
    """Wait for SIGINT or SIGTERM."""
    await told_to_stop().wait()


def told_to_stop() -> asyncio.Event:
    """What is set by SIGINT or SIGTERM, which from now on do nothing else."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, asked.set)
    return asked


async def finish_work(running: Running, grace: float = 5.0) -> None:
    """End what a model is still telling, with what has to be said; then wait a little for all answers."""
    running.leave()
    pending = [task for task in asyncio.all_tasks() if task.get_name() == errors.ANSWER]
    if pending:
        await asyncio.wait(pending, timeout=grace)
