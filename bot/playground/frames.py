"""What the playground's page is told about the workspace: one JSON object per fact, for one reader."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from bot.playground.records import BOT_USER, SLACKBOT, Conversation, File, Json, Message, Person
from bot.playground.workspace import Workspace

NEWEST: Final = 2000  # messages of a conversation in the whole state
SLACK: Final = Person(SLACKBOT, "slackbot", real_name="Slackbot", is_bot=True)


@dataclass(slots=True)
class Front:
    """What the page says about itself: a title, the app's slash commands, the steps of a guided tour."""

    title: str = "Playground"
    commands: Sequence[Mapping[str, str]] = ()  # command, description, usage_hint
    tour: Sequence[Mapping[str, Any]] = ()  # title, text, as, do


def state(workspace: Workspace, front: Front, reader: Person) -> Iterator[Json]:
    """Everything this person sees, from "hello" to "ready"."""
    workspace.direct(reader.id)
    workspace.notes(reader.id)
    rooms = [room for room in workspace.conversations.values() if reader.id in room.members]
    yield hello(workspace, front, reader, rooms)
    for room in rooms:
        seen = [one for one in room.messages if workspace.can_see(reader.id, one)]
        yield from (message(workspace, one) for one in seen[-NEWEST:])
    for what, places in (
        ("status", workspace.statuses),
        ("prompts", workspace.suggestions),
        ("title", workspace.titles),
    ):
        here = {room.id for room in rooms}
        yield from (PLACED[what](workspace, *place) for place in [*places] if place[0] in here)
    yield {"kind": "home", "view": workspace.homes.get(reader.id)}
    yield modal(workspace, reader)
    yield {"kind": "ready"}


def hello(workspace: Workspace, front: Front, reader: Person, rooms: Sequence[Conversation]) -> Json:
    """Who the reader is, who else there is, and where they may go."""
    return {
        "kind": "hello",
        "title": front.title,
        "me": person(reader),
        "people": [person(one) for one in (*workspace.people.values(), SLACK)],
        "bot": BOT_USER,
        "conversations": [conversation(room) for room in rooms],
        "commands": [{**one} for one in front.commands],
        "tour": [{**one} for one in front.tour],
    }


def person(one: Person) -> Json:
    """Somebody, as the page shows them."""
    who = {"id": one.id, "name": one.name, "real_name": one.real_name or one.name, "role": one.title}
    guest = one.is_restricted or one.is_ultra_restricted
    where = {"tz": one.tz, "locale": one.locale, "is_bot": one.is_bot}
    return {**who, **where, "is_guest": guest, "is_stranger": one.is_stranger}


def conversation(room: Conversation) -> Json:
    """A channel or direct messages, and who is in them."""
    bot = {"is_bot_member": BOT_USER in room.members, "is_notes": room.is_notes}
    return {**room.as_json(), **bot, "name": room.name, "topic": room.topic, "members": sorted(room.members)}


def message(workspace: Workspace, one: Message) -> Json:
    """A message as it reads now."""
    growing = one.streaming and workspace.clock() <= one.expires
    kind = {"unasked": bool(one.metadata), "streamed": bool(one.expires)}
    state = {"by_bot": one.by_bot, "ephemeral": one.ephemeral, "streaming": growing}
    changed = {"edited": bool(one.edited) and not one.expires, "thread_ts": one.thread_ts}
    reactions = [{"name": name, "users": [user], "count": 1} for name, user in one.reactions]
    shown = {**one.as_json(with_metadata=False), "channel": one.channel, **state, **changed}
    files = {"files": [file(attached) for attached in one.files]}
    return {"kind": "message", "message": shown | kind | files | {"reactions": reactions}}


def file(attached: File) -> Json:
    """A file, and where its bytes are."""
    known = attached.as_json()
    about = {name: known[name] for name in ("id", "name", "mimetype", "title", "size", "alt_txt")}
    return {**about, "url": known["url_private"], "download": known["url_private_download"]}


def gone(channel: str, ts: str) -> Json:
    """A message was taken away."""
    return {"kind": "gone", "channel": channel, "ts": ts}


def modal(workspace: Workspace, reader: Person) -> Json:
    """The modals that lie open, the lowest first."""
    return {"kind": "modal", "views": [*workspace.modals.get(reader.id, ())]}


def status(workspace: Workspace, channel: str, thread: str) -> Json:
    """What the bot is doing in a thread; "" is nothing."""
    place = (channel, thread)
    doing = {"status": workspace.statuses.get(place, ""), "lines": workspace.status_lines.get(place, [])}
    return {"kind": "status", "channel": channel, "thread_ts": thread, **doing}


def prompts(workspace: Workspace, channel: str, thread: str) -> Json:
    """What could be asked in the agent's tab (thread "") or in one of its threads."""
    shown = workspace.suggestions[channel, thread]
    return {"kind": "prompts", "channel": channel, "thread_ts": thread, **shown}


def title(workspace: Workspace, channel: str, thread: str) -> Json:
    """What a thread is called."""
    named = workspace.titles[channel, thread]
    return {"kind": "title", "channel": channel, "thread_ts": thread, "title": named}


PLACED: Final = {"status": status, "prompts": prompts, "title": title}
