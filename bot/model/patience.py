"""When another try cannot help: told to the SDK, which else would wait and ask again."""

import asyncio
import json
from contextvars import ContextVar
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from bot import clock

if TYPE_CHECKING:
    import httpx2

#: When whoever asks gives up, in seconds of the event loop's clock.
gives_up_at: ContextVar[float] = ContextVar("gives_up_at")


async def spare(response: "httpx2.Response") -> None:
    """Let the SDK not retry what is not paid for, or comes back after we have given up."""
    if response.status_code < 400:
        return
    if response.status_code == 429:
        await response.aread()
    late = asyncio.get_running_loop().time() + wait(response) >= gives_up_at.get()
    if late or unpaid(response):
        response.headers["x-should-retry"] = "false"  # the SDK obeys this one


def unpaid(response: "httpx2.Response") -> bool:
    """Is it the money that is used up, not the minute?"""
    if response.status_code != 429:
        return False
    try:
        body = json.loads(response.content)
    except ValueError:
        return False
    error = body.get("error") if isinstance(body, dict) else None
    return isinstance(error, dict) and error.get("code") == "insufficient_quota"


def wait(response: "httpx2.Response") -> float:
    """Seconds the server asks us to wait, 0 when it does not say."""
    told = response.headers.get("retry-after", "")
    try:
        return float(told)
    except ValueError:
        return _until(told)


def _until(told: str) -> float:
    try:
        moment = parsedate_to_datetime(told)
    except (ValueError, IndexError):
        return 0
    return (moment.replace(tzinfo=moment.tzinfo or UTC) - clock.now()).total_seconds()
