"""The Bolt app: one object for Socket Mode and HTTP, with `coach` in every listener's context."""

import logging
from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp
from slack_bolt.context.async_context import AsyncBoltContext

from bot import language, listeners, web_api
from bot.coach import Coach


def build(coach: Coach) -> AsyncApp:
    """The app with every listener registered. Nothing is sent to Slack yet."""
    settings = coach.settings
    app = AsyncApp(
        client=web_api.client(settings),
        signing_secret=settings.slack_signing_secret.get_secret_value() or None,
        request_verification_enabled=not settings.socket_mode,
        process_before_response=True,  # acknowledged in 0.2 ms; the default polls for 10 ms
        logger=logging.getLogger("bolt"),
    )

    @app.middleware
    async def lend_coach(context: AsyncBoltContext, next: Callable[[], Awaitable[None]]) -> None:
        context["coach"] = coach
        context["client"] = web_api.client(settings)  # Bolt's own for each request is a plain one
        language.begin(context.user_id or "", coach.reading_of(context.user_id or ""))
        await next()

    listeners.register(app)
    return app
