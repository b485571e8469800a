"""What Slack sends to an app: a command, a click, a submitted modal, an event. Pure functions."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from bot.playground.records import APP, BOT_USER, TEAM, Conversation, Json, Message, Person

DOMAIN: Final = "playground"
TOKEN: Final = "verification-token-nobody-checks"
MENTION: Final = re.compile(r"@([\w.-]+)")


class NoSuchElement(LookupError):
    """Nothing with that action_id, or no choice with that value, in what the user looks at."""


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


# ---------------------------------------------------------------- elements


def elements(blocks: Sequence[Json]) -> Iterator[tuple[str, Json]]:
    """Everything in these blocks that a person can use, with the id of its block."""
    for block in blocks:
        yield from elements(block.get("child_blocks", ()))
        inside = [
            block.get("accessory"),
            block.get("element"),
            *block.get("elements", ()),
            *block.get("actions", ()),
        ]
        for element in inside:
            if isinstance(element, dict) and element.get("action_id"):
                yield str(block.get("block_id", "")), element


def action(blocks: Sequence[Json], action_id: str, value: str | None, ts: str) -> Json:
    """The use of one element: a press, or the choice of `value`.

    Raises:
        NoSuchElement: says which there are.
    """
    found = [(block, element) for block, element in elements(blocks) if element["action_id"] == action_id]
    if not found:
        known = ", ".join(sorted({str(element["action_id"]) for _, element in elements(blocks)})) or "nothing"
        raise NoSuchElement(f"No element {action_id!r} here. There is: {known}.")
    choices = [(block, element, chosen) for block, element in found for chosen in _choices(element)]
    for block, element, chosen in choices:
        if value is None or value == chosen["shown"]:
            used = {"type": element["type"], "block_id": block, "action_id": action_id, "action_ts": ts}
            return {**used, **chosen["sent"]}
    known = ", ".join(repr(chosen["shown"]) for *_, chosen in choices)
    raise NoSuchElement(f"Element {action_id!r} has no value {value!r}, only {known}.")


def _choices(element: Json) -> Iterator[Json]:
    """What using an element can mean: `shown` names the choice, `sent` is what the app gets."""
    if element["type"] == "feedback_buttons":
        for name in ("positive_button", "negative_button"):
            button = element[name]
            yield {"shown": button["value"], "sent": {"text": button["text"], "value": button["value"]}}
    elif "options" in element or "option_groups" in element:
        groups = [element, *element.get("option_groups", ())]
        for option in (option for group in groups for option in group.get("options", ())):
            yield {"shown": option["value"], "sent": {"selected_option": option}}
    else:
        sent = {name: element[name] for name in ("text", "value", "style") if name in element}
        yield {"shown": element.get("value"), "sent": sent}


def state_of(view: Json, values: dict[str, Any]) -> Json:
    """A modal's state from plain values by action_id: text, or the value of an option, or a list of such.

    What is not among the values is as it was entered before, or as the modal shows it at first.

    Raises:
        NoSuchElement: an action_id the modal does not have.
    """
    here = {element["action_id"]: (block, element) for block, element in elements(view["blocks"])}
    for name in values:
        if name not in here:
            raise NoSuchElement(f"No input {name!r} here. There is: {', '.join(sorted(here)) or 'none'}.")
    before = view.get("state", {}).get("values", {})
    state: Json = {}
    for name, (block, element) in here.items():
        if name in values:
            sent = _entered(element, values[name])
        elif element["type"] == "button":
            continue
        else:
            sent = before.get(block, {}).get(name) or _at_first(element)
        state.setdefault(block, {})[name] = {"type": element["type"], **sent}
    return state


MANY: Final = ("checkboxes", "multi_static_select")
ENTERED: Final = {
    "datepicker": "selected_date",
    "conversations_select": "selected_conversation",
    "users_select": "selected_user",
}


def _entered(element: Json, value: Any) -> Json:
    """What the app gets of a value that a person entered or chose."""
    options = [
        chosen["sent"]["selected_option"]
        for chosen in _choices(element)
        if "selected_option" in chosen["sent"]
    ]
    if element["type"] in MANY:
        return {"selected_options": [one for one in options if one["value"] in value]}
    if options:
        return {"selected_option": next((one for one in options if one["value"] == value), None)}
    return {ENTERED.get(element["type"], "value"): value}


def _at_first(element: Json) -> Json:
    """What the app gets of an input that nobody touched."""
    if element["type"] in MANY:
        return {"selected_options": element.get("initial_options", [])}
    if "options" in element or "option_groups" in element:
        return {"selected_option": element.get("initial_option")}
    known = ENTERED.get(element["type"], "value")
    initial = {"selected_date": "date", "selected_conversation": "conversation", "selected_user": "user"}
    return {known: element.get(f"initial_{initial.get(known, 'value')}")}


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
