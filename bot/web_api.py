"""The client for Slack's Web API, at the address and with the token of the settings."""

from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.settings import Settings


def client(settings: Settings) -> AsyncWebClient:
    """A client for reads: it waits out a rate limit. Posts that must not double go through the outbox."""
    made = AsyncWebClient(token=settings.slack_bot_token.get_secret_value(), base_url=settings.slack_api_url)
    made.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=2))
    return made


def once(like: AsyncWebClient) -> AsyncWebClient:
    """A client that repeats only what Slack was too busy for, so that no line of a stream comes twice."""
    made = AsyncWebClient(token=like.token, base_url=like.base_url, ssl=like.ssl, proxy=like.proxy)
    made.retry_handlers = [AsyncRateLimitErrorRetryHandler(max_retry_count=2)]
    return made
