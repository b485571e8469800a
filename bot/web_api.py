"""The client for Slack's Web API, at the address and with the token of the settings."""

from typing import Any

from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncRateLimitErrorRetryHandler,
    AsyncServerErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.settings import Settings

#: Methods that change nothing, or nothing more when they are called again.
READS = (
    *("auth.test", "conversations.info", "conversations.members", "conversations.open"),
    *("conversations.replies", "users.info", "users.lookupByEmail"),
)


class ReadAgain(AsyncServerErrorRetryHandler):
    """Repeats what a server of Slack's failed at, where a repetition does nothing twice."""

    async def _can_retry_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        is_read = request.url.rpartition("/")[2] in READS
        return is_read and await super()._can_retry_async(
            state=state, request=request, response=response, error=error
        )


class Client(AsyncWebClient):
    """Asks by POST, with what it asks in the body: Slack takes every method so, and some servers only so."""

    async def api_call(
        self,
        api_method: str,
        *,
        http_verb: str = "POST",  # noqa: ARG002 - whatever the SDK would take
        data: Any = None,
        params: dict[str, Any] | None = None,
        json: dict[str, Any] | None = None,
        **more: Any,
    ) -> AsyncSlackResponse:
        if json is None and "token" not in (params or {}):  # a token of its own is for the header
            data, params = data or params, None
        return await super().api_call(api_method, data=data, params=params, json=json, **more)


def client(settings: Settings) -> AsyncWebClient:
    """A client for reads: it waits out a rate limit, and repeats a read that failed.

    Posts that must not double go through the outbox.
    """
    made = Client(token=settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url)
    patient: list[AsyncRetryHandler] = [
        AsyncRateLimitErrorRetryHandler(max_retry_count=2),
        ReadAgain(max_retry_count=2),
    ]
    made.retry_handlers += patient
    return made


def once(like: AsyncWebClient) -> AsyncWebClient:
    """A client that repeats only what Slack was too busy for, so that no line of a stream comes twice."""
    made = Client(token=like.token, base_url=like.base_url, ssl=like.ssl, proxy=like.proxy)
    made.retry_handlers = [AsyncRateLimitErrorRetryHandler(max_retry_count=2)]
    return made
