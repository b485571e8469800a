"""The Web API's `conversations.*`: which there are, who is in them, what was said."""

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

from bot.playground.api import Call, method, page
from bot.playground.pace import TIER_2, TIER_3, TIER_4
from bot.playground.records import BOT_USER, Conversation, Json, Message
from bot.playground.workspace import Refused

SCOPES: Final = {"im": "im", "public_channel": "channels", "private_channel": "groups"}  # by kind


@method("conversations.open", scope="im:write", per_minute=TIER_3)
def open_direct(call: Call) -> Json:
    """The direct messages with one user."""
    users = str(call.arguments.needed("users", "users_list_not_supplied")).split(",")
    if len(users) > 1:
        raise Refused("not_enough_users")  # group messages are not part of the playground
    conversation = call.workspace.direct(users[0])
    return {
        "channel": conversation.as_json() if call.arguments.flag("return_im") else {"id": conversation.id}
    }


@method("conversations.info", per_minute=TIER_3)
def info(call: Call) -> Json:
    """One conversation; a public one also where the bot is no member."""
    return {"channel": _visible(call).as_json()}


@method("conversations.list", per_minute=TIER_2)
def listed(call: Call) -> Json:
    """The public channels; with `types` also the private ones and direct messages the bot is in."""
    return _listed(call, [c for c in _wanted(call) if _inside(c) or _kind(c) == "public_channel"])


@method("users.conversations", per_minute=TIER_3)
def of_user(call: Call) -> Json:
    """The conversations a user is in, the bot if none is named; of private ones, those the bot shares."""
    user = call.arguments.get("user") or BOT_USER
    if user not in call.workspace.people:
        raise Refused("user_not_found")
    shared = [c for c in _wanted(call) if _inside(c) or _kind(c) == "public_channel"]
    return _listed(call, [c for c in shared if user in c.members])


@method("conversations.join", scope="channels:join", per_minute=TIER_3)
def join(call: Call) -> Json:
    """The bot joins a public channel."""
    conversation = call.workspace.conversations.get(call.arguments.needed("channel", "channel_not_found"))
    if conversation is None or (_kind(conversation) != "public_channel" and not _inside(conversation)):
        raise Refused("channel_not_found")
    if _kind(conversation) != "public_channel":
        raise Refused("method_not_supported_for_channel_type")
    if conversation.is_archived:
        raise Refused("is_archived")
    call.workspace.join(conversation)
    return {"channel": conversation.as_json()}


@method("conversations.members", per_minute=TIER_4)
def members(call: Call) -> Json:
    """The ids of those in a conversation."""
    found, cursor = page(call, sorted(_visible(call).members))
    return {"members": found, "response_metadata": {"next_cursor": cursor}}


@method("conversations.history", per_minute=TIER_3)
def history(call: Call) -> Json:
    """What was said in a conversation the bot is in, newest first; replies in threads are left out."""
    conversation = _readable(call)
    kept = [m for m in call.workspace.lasting(conversation.id) if m.thread_ts in ("", m.ts)]
    found, cursor = page(call, [*reversed(_between(call, kept))])
    return _messages(call, found, cursor)


@method("conversations.replies", per_minute=TIER_3)
def replies(call: Call) -> Json:
    """A message and the replies in its thread, oldest first."""
    conversation = _readable(call)
    thread = str(call.arguments.needed("ts", "thread_not_found"))
    kept = [m for m in call.workspace.lasting(conversation.id) if thread in (m.ts, m.thread_ts)]
    if not kept:
        raise Refused("thread_not_found")
    found, cursor = page(call, _between(call, kept))
    return _messages(call, found, cursor)


def _wanted(call: Call) -> list[Conversation]:
    """The conversations of the kinds asked for.

    Raises:
        Refused: invalid_types, missing_scope.
    """
    kinds = str(call.arguments.get("types") or "public_channel").replace(" ", "").split(",")
    for kind in kinds:
        if kind not in {*SCOPES, "mpim"}:
            raise Refused("invalid_types")
        call.credentials.require(f"{SCOPES.get(kind, 'mpim')}:read")
    without_archived = call.arguments.flag("exclude_archived")
    found = [c for c in call.workspace.conversations.values() if _kind(c) in kinds]
    return [c for c in found if not (without_archived and c.is_archived)]


def _inside(conversation: Conversation) -> bool:
    return BOT_USER in conversation.members


def _listed(call: Call, conversations: list[Conversation]) -> Json:
    found, cursor = page(call, conversations)
    return {"channels": [c.as_json() for c in found], "response_metadata": {"next_cursor": cursor}}


def _visible(call: Call) -> Conversation:
    """A conversation whose outline the bot may see: public, or one it is in."""
    channel = call.arguments.needed("channel", "channel_not_found")
    conversation = call.workspace.conversations.get(channel)
    if conversation is None or conversation.is_private:
        conversation = call.workspace.readable(channel)
    return _allow(call, conversation, "read")


def _readable(call: Call) -> Conversation:
    """A conversation the bot is in, and may read."""
    conversation = call.workspace.readable(call.arguments.needed("channel", "channel_not_found"))
    return _allow(call, conversation, "history")


def _allow(call: Call, conversation: Conversation, what: str) -> Conversation:
    """The conversation, if the token has the scope for its kind.

    Raises:
        Refused: missing_scope.
    """
    call.credentials.require(f"{SCOPES[_kind(conversation)]}:{what}")
    return conversation


def _kind(conversation: Conversation) -> str:
    if conversation.is_direct:
        return "im"
    return "private_channel" if conversation.is_private else "public_channel"


def _between(call: Call, messages: Iterable[Message]) -> list[Message]:
    """Those after `oldest` and before `latest`, the ends included if `inclusive`."""
    oldest, latest = _moment(call, "oldest"), _moment(call, "latest")
    ends = {oldest, latest} if call.arguments.flag("inclusive") else set()
    return [
        message
        for message in messages
        if (ts := Decimal(message.ts)) in ends
        or ((oldest is None or ts > oldest) and (latest is None or ts < latest))
    ]


def _moment(call: Call, name: str) -> Decimal | None:
    sent = call.arguments.get(name)
    try:
        return None if sent in (None, "") else Decimal(str(sent))
    except InvalidOperation:
        raise Refused(f"invalid_ts_{name}") from None


def _messages(call: Call, found: list[Message], cursor: str) -> Json:
    full = call.arguments.flag("include_all_metadata")
    shown = [message.as_json(with_metadata=full) for message in found]
    return {"messages": shown, "has_more": bool(cursor), "response_metadata": {"next_cursor": cursor}}
