"""HTTP: Slack's signed requests, and health for whoever runs us."""

from typing import cast

from slack_bolt.adapter.asgi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from analytics import store
from analytics.store import StoreError
from bot.coach import Coach


def build(app: AsyncApp, coach: Coach) -> Starlette:
    """The ASGI application: `/slack/events`, `/livez`, `/readyz`."""

    async def alive(_: Request) -> JSONResponse:
        return JSONResponse({"ok": True})

    async def ready(_: Request) -> JSONResponse:
        try:
            generation = store.current(coach.home)
        except StoreError as error:
            return JSONResponse({"ok": False, "why": str(error)}, status_code=503)
        return JSONResponse({"ok": True, "generation": generation.id, "as_of": generation.as_of.isoformat()})

    return Starlette(
        routes=[
            Route("/livez", alive),
            Route("/readyz", ready),
            Mount("/", cast(ASGIApp, AsyncSlackRequestHandler(app, path="/slack/events"))),
        ]
    )
