"""What an answer from Slack means for a message: delivered, surely not, never, or nobody knows.

Pure: an error goes in, an `Outcome` comes out. Source of the classes: Slack's error tables for
chat.postMessage ("some aspect of the operation may have succeeded" is said of the ambiguous ones).
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

#: Whatever may go wrong on the way to Slack and back.
SLACK_TROUBLE = (SlackClientError, aiohttp.ClientError, TimeoutError, OSError)

SHORTEN = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
WORKSPACE_DOWN = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "missing_scope",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
AMBIGUOUS = frozenset({"fatal_error", "internal_error", "request_timeout", "service_unavailable"})
NOT_NOW = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})


class Kind(StrEnum):
    """What to do with the row."""

    DELIVERED = "delivered"
    NOT_YET = "not yet"  # surely not delivered: try again later
    LATER = "later"  # not tried: its reader wants to be left alone until then
    PLAINER = "plainer"  # refused for its form: try once as plain text
    ELSEWHERE = "elsewhere"  # this channel will not do: to the direct messages
    NEVER = "never"  # refused for good: a dead letter
    CANCELLED = "cancelled"  # nothing to do any more
    WORKSPACE_DOWN = "workspace down"  # no message of this workspace would pass
    UNKNOWN = "unknown"  # it may have arrived: look before sending again
    LOST = "lost"  # another process has the row


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one attempt, with what Slack said and, if delivered, where the message is."""

    kind: Kind
    said: str = ""
    channel: str = ""
    ts: str = ""
    pause: timedelta | None = None


def of(error: Exception) -> Outcome:
    """What an error means for a message that was handed to Slack."""
    if isinstance(error, SlackApiError):
        return _of_answer(error)
    if isinstance(error, aiohttp.ClientConnectorError):
        return Outcome(Kind.NOT_YET, f"no connection to Slack: {error}")
    return Outcome(Kind.UNKNOWN, f"{type(error).__name__}: {error}")


def before_sending(error: Exception) -> Outcome:
    """The same while only looking something up: then nothing can have been delivered."""
    outcome = of(error)
    return Outcome(Kind.NOT_YET, outcome.said) if outcome.kind is Kind.UNKNOWN else outcome


def _of_answer(error: SlackApiError) -> Outcome:
    status = int(error.response.status_code)
    said = code(error) or f"HTTP {status}"
    if status == 429 or said in NOT_NOW:
        return Outcome(Kind.NOT_YET, said, pause=_retry_after(error))
    if status >= 500 or said in AMBIGUOUS or status != 200:
        return Outcome(Kind.UNKNOWN, said)
    if said in WORKSPACE_DOWN:
        return Outcome(Kind.WORKSPACE_DOWN, said)
    return Outcome(Kind.PLAINER if said in SHORTEN else Kind.NEVER, said)


def code(error: SlackApiError) -> str:
    """Slack's error code; "" when the answer was not Slack's own (a proxy's page, nothing at all)."""
    data = error.response.data
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def _retry_after(error: SlackApiError) -> timedelta:
    told = {name.lower(): value for name, value in error.response.headers.items()}.get("retry-after", "")
    return timedelta(seconds=int(told) if str(told).isdigit() else 30)
