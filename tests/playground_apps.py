"""Real Bolt apps for the playground's tests: no fake on either side of the wire."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import Playground

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "*D00123* stands well"}}


def client(slack: Playground, token: str | None = None) -> AsyncWebClient:
    """The real client, without retries of its own."""
    return AsyncWebClient(
        slack.bot_token if token is None else token, base_url=slack.api_url, retry_handlers=[], timeout=5
    )


def app(slack: Playground) -> AsyncApp:
    """An app without listeners, set up as ours is."""
    return AsyncApp(client=client(slack), signing_secret=slack.signing_secret, process_before_response=True)


@asynccontextmanager
async def over_socket(slack: Playground, app: AsyncApp, connections: int = 1) -> AsyncIterator[None]:
    """The app, connected by Socket Mode."""
    handlers = [AsyncSocketModeHandler(app, slack.app_token, ping_interval=0.2) for _ in range(connections)]
    for handler in handlers:
        await handler.connect_async()
    await slack.connected(connections)
    try:
        yield
    finally:
        for handler in handlers:
            await handler.close_async()


@asynccontextmanager
async def over_http(slack: Playground, app: AsyncApp) -> AsyncIterator[str]:
    """The app behind a request URL, to which the playground delivers."""
    runner = web.AppRunner(app.web_app("/slack/events"))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    slack.deliver_to(url)
    try:
        yield url
    finally:
        await runner.cleanup()
