"""Slack asked once for all: who has an account, and in which channels we are."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.alerting import outcomes
from bot.setup.facts import Member
from bot.setup.matching import member

PAGE = 200  #: as many as Slack recommends in one answer
KINDS = "public_channel,private_channel"


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel we are in."""

    id: str
    name: str


async def members(client: AsyncWebClient) -> list[Member]:
    """Every account of the workspace.

    Raises:
        SlackApiError: Slack does not tell.
    """
    return [member(one) async for one in _pages(client.users_list, "members", include_locale=True)]


async def channels(client: AsyncWebClient) -> list[Channel]:
    """The channels that we are in, archived ones left out, by name.

    Raises:
        SlackApiError: Slack does not tell; `missing_scope` where channels were left out at install.
    """
    found = await _ours(client)
    return sorted((Channel(str(one["id"]), str(one["name"])) for one in found), key=lambda one: one.name)


async def _ours(client: AsyncWebClient) -> list[dict[str, Any]]:
    """What Slack tells of each channel we are in; picked from all, where it cannot list ours alone."""
    asked = {"types": KINDS, "exclude_archived": True}
    try:
        return [one async for one in _pages(client.users_conversations, "channels", **asked)]
    except SlackApiError as error:
        if not outcomes.is_unknown(error):
            raise
    listed = [one async for one in _pages(client.conversations_list, "channels", **asked)]
    return [one for one in listed if one.get("is_member")]


async def _pages(
    call: Callable[..., Awaitable[AsyncSlackResponse]], what: str, **asked: Any
) -> AsyncIterator[dict[str, Any]]:
    """Every item of an answer that comes in pages."""
    cursor = ""
    while True:
        answer = await call(limit=PAGE, cursor=cursor or None, **asked)
        for one in answer[what]:
            yield one
        cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return


async def readers(client: AsyncWebClient, channel: str) -> list[str]:
    """The ids of who reads a channel.

    Raises:
        SlackApiError: Slack does not tell.
    """
    ids: list[str] = []
    cursor = ""
    while True:
        answer = await client.conversations_members(channel=channel, limit=PAGE, cursor=cursor or None)
        ids += answer["members"]
        cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
        if not cursor:
            return ids
