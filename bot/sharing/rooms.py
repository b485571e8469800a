"""A channel's id in, its readers with their rights out: asked of Slack each time, for people come and go."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot import names
from bot.alerting import outcomes
from bot.alerting.places import READERS_MOST
from bot.audience import AudienceError
from bot.coach import Coach
from bot.sharing.reach import Reader, Room
from bot.sharing.refusals import NotShared

AT_ONCE = 8  #: readers looked up at the same time
PAGE = 200  #: members asked for at a time

#: What Slack says of a channel that we are not in, or that is none.
CLOSED = ("channel_not_found", "not_in_channel", "missing_scope", "method_not_supported_for_channel_type")
GONE = ("user_not_found", "user_not_visible")  #: what it says of somebody it does not tell us about

#: Marks of a channel that people of another organisation read, or are invited to.
SHARED = ("is_ext_shared", "is_shared", "is_org_shared", "is_pending_ext_shared", "is_global_shared")
SHARED_WITH = ("pending_shared", "pending_connected_team_ids", "connected_team_ids", "shared_team_ids")


async def room(
    channel: str, sharer: str, client: AsyncWebClient, coach: Coach, *, anew: bool = False
) -> Room:
    """Who reads a channel at this moment, and what each of them may see.

    Args:
        anew: ask Slack of each who they are, even if it said so a moment ago: people become guests.

    Raises:
        NotShared: it is archived, shared with others, too big, or not theirs or ours to post to.
        SlackApiError: Slack cannot be asked now.
    """
    ourselves = await _ourselves(client)
    about, members = await _looked_at(channel, sharer, client, ourselves)
    found = await _resolved(sorted(members - {ourselves.user}), client, coach, anew=anew)
    readers = tuple(one for one in found if isinstance(one, Reader))
    return Room(
        channel,
        names.clean(str(about.get("name") or channel)),
        members,
        readers,
        apps=len(found) - len(readers),
        is_public=_is_public(about),
    )


async def has_changed(before: Room, sharer: str, client: AsyncWebClient) -> bool:
    """Is anybody in the channel who was not looked at, or gone, or is it open to all by now?

    Asked right before it is posted to.

    Raises:
        NotShared: meanwhile it is no channel for answers any more.
    """
    about, members = await _looked_at(before.channel, sharer, client, await _ourselves(client))
    return members != before.members or _is_public(about) != before.is_public


def _is_public(about: Mapping[str, Any]) -> bool:
    """Can who is not in it look into it? Slack shows public channels to every full member."""
    return not about.get("is_private")


@dataclass(frozen=True, slots=True)
class _Ourselves:
    user: str
    name: str
    team: str


async def _ourselves(client: AsyncWebClient) -> _Ourselves:
    told = await client.auth_test()
    return _Ourselves(str(told["user_id"]), str(told["user"]), str(told["team_id"]))


async def _looked_at(
    channel: str, sharer: str, client: AsyncWebClient, ourselves: _Ourselves
) -> tuple[Mapping[str, Any], frozenset[str]]:
    """What Slack says of the channel, and the ids of all who are in it."""
    try:
        about: Mapping[str, Any] = (await client.conversations_info(channel=channel))["channel"]
        _open_to_us(about, ourselves)
        members = await _members(client, channel)
    except SlackApiError as error:
        if outcomes.code(error) in CLOSED:
            raise NotShared("closed", bot=ourselves.name) from error
        raise
    if sharer not in members:
        raise NotShared("not_member")
    return about, members


def _open_to_us(about: Mapping[str, Any], ourselves: _Ourselves) -> None:
    """Refuse a channel by what Slack says of it, before anybody is looked up."""
    if about.get("is_im") or about.get("is_mpim"):
        raise NotShared("direct")
    if about.get("is_archived"):
        raise NotShared("archived")
    if any(map(about.get, SHARED)) or _others(about, ourselves):
        raise NotShared("outsiders")
    if not about.get("is_member"):
        raise NotShared("closed", bot=ourselves.name)


def _others(about: Mapping[str, Any], ourselves: _Ourselves) -> bool:
    """Is any other organisation connected, or asked to be? Our own may be listed, too."""
    return any({*(about.get(name) or ())} - {ourselves.team} for name in SHARED_WITH)


async def _members(client: AsyncWebClient, channel: str) -> frozenset[str]:
    """Ids of all who are in a channel, from every page.

    Raises:
        NotShared: they are too many to look at each.
    """
    found: set[str] = set()
    cursor: str | None = None
    while cursor != "":
        answer = await client.conversations_members(channel=channel, cursor=cursor, limit=PAGE)
        found.update(answer["members"])
        if len(found) > READERS_MOST:
            raise NotShared("crowded")
        cursor = str((answer.get("response_metadata") or {}).get("next_cursor") or "")
    return frozenset(found)


async def _resolved(
    members: list[str], client: AsyncWebClient, coach: Coach, *, anew: bool
) -> list[Reader | None]:
    """Each member as a reader; None for an app, which reads nothing."""
    few = asyncio.Semaphore(AT_ONCE)

    async def one(member: str) -> Reader | None:
        async with few:
            return await _reader(member, client, coach, anew=anew)

    # Each in a task of its own: whoever is identified must not become who asks here.
    return await asyncio.gather(*map(one, members))


async def _reader(member: str, client: AsyncWebClient, coach: Coach, *, anew: bool) -> Reader | None:
    try:
        return Reader(member, (await coach.asked_by(member, client, anew=anew)).viewer)
    except AudienceError:
        return None if await _is_app(member, client) else Reader(member, None)
    except SlackApiError as error:
        if outcomes.code(error) not in GONE:
            raise
        return Reader(member, None)


async def _is_app(member: str, client: AsyncWebClient) -> bool:
    """Is this no person? Asked only of those whom the CRM does not know."""
    user: Mapping[str, Any] = (await client.users_info(user=member))["user"]
    return bool(user.get("is_bot"))
