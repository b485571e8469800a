"""The server under the HTTP benchmark, in a process of its own: `python -m tests.bench.face KIND HOME SLACK`.

KIND is `ack` (a bare Bolt command that acknowledges), `respond` (one that also posts a fixed message) or
`coach` (dealcoach). Prints its port; `/cpu` tells the seconds of CPU used so far.
"""

import asyncio
import sys
import time
from pathlib import Path

import uvicorn
from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from bot import app as face
from bot import settings as config
from bot import web_api
from bot.coach import Coach
from bot.memory import Memory
from bot.settings import Settings


async def acknowledge(ack: AsyncAck) -> None:
    """The least a command can do."""
    await ack()


async def say_ok(respond: AsyncRespond) -> None:
    """The least an answer can be."""
    await respond(text="ok")


def bare(settings: Settings, *lazy: object) -> AsyncApp:
    """Bolt with one command that does nothing of ours."""
    app = AsyncApp(
        client=web_api.client(settings),
        signing_secret=settings.slack_signing_secret.get_secret_value(),
        process_before_response=True,
    )
    if lazy:
        app.command("/winrate")(ack=acknowledge, lazy=list(lazy))  # type: ignore[arg-type]
    else:
        app.command("/winrate")(acknowledge)
    return app


async def main(kind: str, home: Path, slack: str) -> None:
    """Serve until killed."""
    settings = config.load(
        home=home,
        slack_bot_token="xoxb-bench",
        slack_signing_secret="bench",
        slack_api_url=slack,
        mode="http",
    )
    async with Memory.open(settings.memory_url) as memory:
        apps = {
            "ack": lambda: bare(settings),
            "respond": lambda: bare(settings, say_ok),
            "coach": lambda: face.build(Coach(settings, memory)),
        }

        async def cpu(_: Request) -> PlainTextResponse:
            return PlainTextResponse(str(time.process_time()))

        handler = AsyncSlackRequestHandler(apps[kind](), path="/slack/events")
        site = Starlette(routes=[Route("/cpu", cpu), Mount("/", handler)])
        server = uvicorn.Server(uvicorn.Config(site, port=0, log_level="error", access_log=False))
        running = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.02)
        print(server.servers[0].sockets[0].getsockname()[1], flush=True)
        await running


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
