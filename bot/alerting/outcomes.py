"""What an answer from Slack means for a message: delivered, surely not, never, or nobody knows.

Pure: an error goes in, an `Outcome` comes out. Source of the classes: Slack's error tables for
chat.postMessage ("some aspect of the operation may have succeeded" is said of the ambiguous ones).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

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
    named: tuple[str, ...] = ()  # what Slack said of each fault in the message


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
    status = http_status(error)
    said = code(error) or f"HTTP {status}"
    if status == 429 or said in NOT_NOW:
        return Outcome(Kind.NOT_YET, said, pause=_retry_after(error))
    if status >= 500 or said in AMBIGUOUS or status != 200:
        return Outcome(Kind.UNKNOWN, said)
    if said in WORKSPACE_DOWN:
        return Outcome(Kind.WORKSPACE_DOWN, said)
    return Outcome(Kind.PLAINER if said in SHORTEN else Kind.NEVER, said, named=named(error))


def code(error: SlackApiError) -> str:
    """Slack's error code; "" when the answer was not Slack's own (a proxy's page, nothing at all)."""
    return str(answered(error).get("error") or "")


def answered(error: SlackApiError) -> Mapping[str, Any]:
    """What Slack said besides; empty when the answer was not Slack's own.

    slack-sdk hands a plain text over as it came, and of broken JSON nothing but the connection's own answer.
    """
    data = getattr(error.response, "data", None)
    return data if isinstance(data, dict) else {}


def is_unknown(error: SlackApiError) -> bool:
    """Is there no such method? Slack says so; a server that only resembles it may have a web page there."""
    return code(error) == "unknown_method" or (not code(error) and http_status(error) in (404, 405))


def http_status(error: SlackApiError) -> int:
    """The status of the answer, whoever it was from."""
    told = getattr(error.response, "status_code", None) or getattr(error.response, "status", None)
    return int(told or 0)


def named(error: SlackApiError) -> tuple[str, ...]:
    """What Slack said of each fault in a message, with the place of the block; () where it did not."""
    metadata = answered(error).get("response_metadata") or {}
    return tuple(str(line) for line in metadata.get("messages") or ())


def _retry_after(error: SlackApiError) -> timedelta:
    told = {name.lower(): value for name, value in error.response.headers.items()}.get("retry-after", "")
    return timedelta(seconds=int(told) if str(told).isdigit() else 30)
