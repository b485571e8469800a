"""A channel and a viewer in, whether everybody there may read what is told to the viewer: "" or why not."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from analytics import store
from bot import audience
from bot.alerting import outcomes
from bot.audience import AudienceError, Viewer
from bot.narrator.claims import say

if TYPE_CHECKING:
    from bot.coach import Coach

READERS_MOST = 100  #: members of a channel that are looked at one by one. Source: ours

#: What Slack says of a channel that we may not look into, or that is none.
CLOSED = ("channel_not_found", "not_in_channel", "is_archived", "missing_scope", "method_not_supported")


async def may_read(client: AsyncWebClient, coach: "Coach", channel: str, viewer: Viewer) -> str:
    """Why an alert of this viewer may not go to a channel; "" where everybody who reads there may see it.

    Everybody has to be known, and to see all deals that the viewer sees: who reads a channel is asked each
    time, since people join.

    Raises:
        SlackApiError: Slack cannot be asked now.
    """
    try:
        about = (await client.conversations_info(channel=channel))["channel"]
        members = await _members(client, channel)
    except SlackApiError as error:
        if outcomes.code(error) in CLOSED:
            return say("place.closed").text
        raise
    if why := _outside(about, len(members)):
        return say(f"place.{why}").text
    return await _first_refusal(client, coach, members, viewer)


def _outside(about: Mapping[str, Any], members: int) -> str:
    """Why nobody has to be asked about this channel."""
    if about.get("is_archived") or not about.get("is_member"):
        return "closed"
    if about.get("is_ext_shared") or about.get("is_shared"):
        return "shared"
    return "crowded" if members > READERS_MOST else ""


async def _members(client: AsyncWebClient, channel: str) -> list[str]:
    """Ids of who reads a channel; stops looking once there are too many."""
    found: list[str] = []
    cursor = ""
    while len(found) <= READERS_MOST:
        answer = await client.conversations_members(channel=channel, cursor=cursor or None, limit=200)
        found += answer["members"]
        cursor = (answer.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            break
    return found


async def _first_refusal(client: AsyncWebClient, coach: "Coach", members: list[str], viewer: Viewer) -> str:
    ourselves = (await client.auth_test())["user_id"]
    for member in members:
        if member == ourselves:
            continue
        try:
            other = (await coach.asked_by(member, client)).viewer
        except AudienceError:
            return say("place.stranger").text
        if not sees_as_much(other, viewer):
            return say("place.narrower", who=other.name).text
    return ""


def sees_as_much(other: Viewer, viewer: Viewer) -> bool:
    """May one person see all that is told to another?"""
    if other.scope.everyone:
        return True
    return not viewer.scope.everyone and viewer.scope.rep_ids <= other.scope.rep_ids


async def allowed(client: AsyncWebClient, coach: "Coach", channel: str, person_id: str) -> bool:
    """May an alert to this person go to a channel at this moment? Asked right before it is sent.

    Raises:
        SlackApiError: Slack cannot be asked now.
    """
    people = store.current(coach.home).people()
    person = next((one for one in people if one.person_id == person_id), None)
    if person is None:
        return False
    return not await may_read(client, coach, channel, audience.viewer(person, people, coach.roles))
