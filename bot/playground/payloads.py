"""What Slack sends to an app: a command, a click, a submitted modal, an event. Pure functions."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from bot.playground.records import APP, BOT_USER, TEAM, Conversation, Json, Message, Person

DOMAIN: Final = "playground"
TOKEN: Final = "verification-token-nobody-checks"
MENTION: Final = re.compile(r"@([\w.-]+)")


def slash_command(person: Person, where: Conversation, line: str, trigger: str, response_url: str) -> Json:
    """`/deal D00123` as typed by this person."""
    command, _, text = line.strip().partition(" ")
    who = {"user_id": person.id, "user_name": person.name}
    place = {"channel_id": where.id, "channel_name": where.name, "team_id": TEAM, "team_domain": DOMAIN}
    answer = {"trigger_id": trigger, "response_url": response_url}
    app = {"token": TOKEN, "api_app_id": APP, "is_enterprise_install": "false"}
    return {**app, **place, **who, "command": command, "text": text.strip(), **answer}


def escaped(text: str, known: Callable[[str], Person | None]) -> str:
    """`@priya` as `<@U_PRIYA|priya>`, as Slack sends it to a command with `should_escape`."""

    def mention(match: re.Match[str]) -> str:
        person = known(match[1])
        return f"<@{person.id}|{person.name}>" if person else match[0]

    return MENTION.sub(mention, text)


def block_actions(person: Person, action: Json, trigger: str, **context: Any) -> Json:
    """A click; `context` says where: `container` and, by kind, `message`, `channel` or `view`."""
    return {"type": "block_actions", **_who(person), "trigger_id": trigger, "actions": [action], **context}


def in_message(message: Message, where: Conversation, response_url: str) -> Json:
    """The context of a click in a message."""
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": where.id,
        "is_ephemeral": message.ephemeral,
    }
    channel = {"id": where.id, "name": where.name}
    shown = {} if message.ephemeral else {"message": message.as_json()}
    return {
        "container": container,
        "channel": channel,
        "response_url": response_url,
        "state": {"values": {}},
        **shown,
    }


def in_view(view: Json) -> Json:
    """The context of a click in a modal or a Home tab."""
    return {"container": {"type": "view", "view_id": view["id"]}, "view": view}


def view_submission(person: Person, view: Json, values: Json, trigger: str) -> Json:
    """A modal sent off; `values` as Slack groups them: by block, then by action."""
    state = {"values": values}
    return {
        "type": "view_submission",
        **_who(person),
        "trigger_id": trigger,
        "view": {**view, "state": state},
        "response_urls": [],
    }


def view_closed(person: Person, view: Json) -> Json:
    """A modal that asked to be told (`notify_on_close`) was closed without being sent off."""
    return {"type": "view_closed", **_who(person), "view": view, "is_cleared": False}


def event(body: Json, id: str, at: float, *, shared: bool = False) -> Json:
    """An event in its envelope; `shared` when it happened where another organisation reads too."""
    authorization = {
        "enterprise_id": None,
        "team_id": TEAM,
        "user_id": BOT_USER,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": TOKEN,
        "team_id": TEAM,
        "api_app_id": APP,
        "event": body,
        "type": "event_callback",
        "event_id": id,
        "event_time": int(at),
        "authorizations": [authorization],
        "is_ext_shared_channel": shared,
    }


def message_events(message: Message, where: Conversation) -> list[Json]:
    """What a person wrote, as the app hears it: in direct messages, and where it is mentioned.

    A mention in direct messages is heard twice, as both kinds.
    """
    said = {
        "user": message.user,
        "text": message.text,
        "ts": message.ts,
        "event_ts": message.ts,
        "team": TEAM,
    }
    place = {"channel": where.id, **({"thread_ts": message.thread_ts} if message.thread_ts else {})}
    direct = {"type": "message", "channel_type": "im", **said, **place}
    mention = {"type": "app_mention", **said, **place}
    heard = [direct] if where.is_direct else []
    return [*heard, mention] if f"<@{BOT_USER}>" in message.text else heard


def session_stopped(person: Person, where: Conversation, thread: str, streaming: Sequence[str]) -> Json:
    """The person has pressed Stop on an answer that is being written."""
    growing = {"streaming_message_ts": [*streaming]}
    return {
        "type": "agent_session_stopped",
        "user": person.id,
        "channel": where.id,
        "thread_ts": thread,
        **growing,
    }


def home_opened(person: Person, direct: Conversation, ts: str, tab: str, view: Json | None) -> Json:
    """The person has opened the app's Home tab (or its Messages tab)."""
    shown = {"view": view} if view else {}
    return {
        "type": "app_home_opened",
        "user": person.id,
        "channel": direct.id,
        "tab": tab,
        "event_ts": ts,
        **shown,
    }


def as_form(kind: str, payload: Json) -> tuple[str, str]:
    """A payload as the content type and body of Slack's HTTP request."""
    if kind == "events_api":
        return "application/json", json.dumps(payload)
    fields = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
    return "application/x-www-form-urlencoded", urlencode(fields)


def _who(person: Person) -> Json:
    user = {"id": person.id, "username": person.name, "name": person.name, "team_id": TEAM}
    team = {"id": TEAM, "domain": DOMAIN}
    app = {"api_app_id": APP, "token": TOKEN, "enterprise": None, "is_enterprise_install": False}
    return {**app, "user": user, "team": team}
