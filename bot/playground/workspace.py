"""The state of one Slack workspace: people, conversations, messages and who sees which. No HTTP, no waiting.

What Slack refuses raises `Refused` with Slack's own error code.
"""

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Final

from bot.playground.records import BOT_USER, Change, Conversation, File, Json, Message, Person, What

TRIGGER_SECONDS: Final = 3


class Refused(Exception):
    """Slack answers `ok: false` with `code`; `details` stand beside it."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class NoSuchPerson(LookupError):
    """Nobody in this workspace goes by that name."""


class NoSuchConversation(LookupError):
    """No conversation of this workspace goes by that name."""


class Workspace:
    """Everything Slack would remember.

    `clock` gives seconds since 1970; each of `watchers` is called after every change.
    """

    def __init__(
        self,
        people: Iterable[Person],
        channels: Iterable[str | Conversation],
        clock: Callable[[], float],
    ) -> None:
        self.clock = clock
        self.watchers: list[Callable[[Change], None]] = []
        self.people = {person.id: person for person in people}
        self.people[BOT_USER] = Person(BOT_USER, "dealcoach", real_name="Deal Coach", is_bot=True)
        rooms = [self._open_to_all(one) if isinstance(one, str) else _own(one) for one in channels]
        self.conversations = {room.id: room for room in rooms}
        self.messages: dict[str, Message] = {}  # by ts, which is unique in the workspace
        self.files: dict[str, File] = {}
        self.file_seconds = 0.0  # how long Slack looks at an upload before a block may show it
        self.stream_seconds = 300.0  # how long a stream takes more words
        self.homes: dict[str, Json] = {}  # the Home tab of each user
        self.modals: dict[str, list[Json]] = defaultdict(list)  # each user's stack of open views
        self.statuses: dict[tuple[str, str], str] = {}  # "is thinking..." by (channel, thread)
        self.status_lines: dict[tuple[str, str], list[str]] = {}  # shown in turn beside it
        self.suggestions: dict[tuple[str, str], Json] = {}  # prompts and their title; thread "" for the tab
        self.titles: dict[tuple[str, str], str] = {}  # of threads
        self.stored: dict[str, list[tuple[str, str]]] = defaultdict(list)  # metadata key -> (channel, ts)
        self._triggers: dict[str, tuple[str, float]] = {}
        self._changes: list[Change] = []
        self._last = 0
        self._numbers = itertools.count(1)

    # ------------------------------------------------------------ who and where

    def person(self, key: str) -> Person:
        """The person with this id, handle, email or unambiguous first name.

        Raises:
            NoSuchPerson: says who there is.
        """
        wanted = key.lstrip("@").casefold()
        for named in (_names, _first_names):
            found = [person for person in self.people.values() if wanted in named(person)]
            if len(found) == 1:
                return found[0]
        known = ", ".join(sorted(person.name for person in self.people.values() if not person.is_bot))
        raise NoSuchPerson(f"Nobody here goes by {key!r}. There are: {known}.")

    def conversation(self, key: str) -> Conversation:
        """The conversation with this id or channel name.

        Raises:
            NoSuchConversation: says which channels there are.
        """
        wanted = key.lstrip("#").casefold()
        for conversation in self.conversations.values():
            if wanted in (conversation.id.casefold(), conversation.name.casefold()):
                return conversation
        known = ", ".join(f"#{c.name}" for c in self.conversations.values() if not c.is_direct)
        raise NoSuchConversation(f"No conversation {key!r}. There are: {known or 'only direct messages'}.")

    def direct(self, user: str) -> Conversation:
        """The direct messages between this user (an id) and the bot, opened if need be.

        Raises:
            Refused: user_not_found.
        """
        if user not in self.people or self.people[user].is_bot:
            raise Refused("user_not_found")
        return self._between(f"D_{user.removeprefix('U_')}", user, {user, BOT_USER})

    def postable(self, channel: str) -> Conversation:
        """Where a post of the bot to this channel or user id lands.

        Raises:
            Refused: channel_not_found, not_in_channel, is_archived.
        """
        if channel in self.people:
            return self.direct(channel)
        conversation = self.readable(channel)
        if conversation.is_archived:
            raise Refused("is_archived")
        return conversation

    def readable(self, channel: str) -> Conversation:
        """The conversation of this id, if the bot is in it.

        Raises:
            Refused: channel_not_found (also for a private one it is not in), not_in_channel.
        """
        conversation = self.conversations.get(channel)
        member = conversation is not None and BOT_USER in conversation.members
        if conversation is None or (not member and (conversation.is_private or conversation.is_direct)):
            raise Refused("channel_not_found")
        if not member:
            raise Refused("not_in_channel")
        return conversation

    def notes(self, user: str) -> Conversation:
        """This user's messages to themselves: a place where the bot is no member."""
        return self._between(f"D_NOTES_{user.removeprefix('U_')}", user, {user})

    def add(self, conversation: Conversation) -> None:
        """A new conversation, or another one in the place of its id."""
        self.conversations[conversation.id] = conversation
        self.tell("conversation", conversation.id)

    def join(self, conversation: Conversation, user: str = BOT_USER) -> None:
        """From now on this user (an id; else the bot) is in the conversation."""
        conversation.members.add(user)
        self.tell("conversation", conversation.id)

    def _open_to_all(self, name: str) -> Conversation:
        """A public channel with everybody but the bot in it."""
        humans = {person.id for person in self.people.values() if not person.is_bot}
        return Conversation(f"C_{name.upper()}", name, humans)

    def _between(self, id: str, user: str, members: set[str]) -> Conversation:
        """The direct messages of this id, made if they are new."""
        if id not in self.conversations:
            self.conversations[id] = Conversation(id, "directmessage", members, with_user=user)
            self.tell("conversation", id)
        return self.conversations[id]

    # ------------------------------------------------------------ messages

    def post(self, channel: str, user: str, text: str, **fields: Any) -> Message:
        """A new message by `user`; `fields` are those of `Message`. Asks no rights."""
        message = Message(ts=self.next_ts(), channel=channel, user=user, text=text, **fields)
        self.messages[message.ts] = message
        self.conversations[channel].messages.append(message)
        key = ((message.metadata or {}).get("event_payload") or {}).get("key")
        if key is not None:
            self.stored[str(key)].append((channel, message.ts))
        self._note(Change(message.ts, message))
        return message

    def edit(self, message: Message, **fields: Any) -> None:
        """Change these fields of a message, and mark it edited."""
        for name, value in fields.items():
            setattr(message, name, value)
        message.edited = self.next_ts()
        self._note(Change(message.edited, message))

    def delete(self, message: Message) -> None:
        """Take a message away, as if it had never been."""
        del self.messages[message.ts]
        self.conversations[message.channel].messages.remove(message)
        self._note(Change(self.next_ts(), message))

    def show(self, user: str, what: What) -> None:
        """Note that a user's Home tab or modal has changed."""
        self._note(Change(self.next_ts(), shown_to=user, what=what))

    def set_status(self, place: tuple[str, str], status: str, lines: Iterable[str] = ()) -> None:
        """What the bot is doing in a thread (channel and thread), with lines to show in turn."""
        self.statuses[place] = status
        self.status_lines[place] = [str(line) for line in lines]
        self.tell("status", *place)

    def answered(self, place: tuple[str, str]) -> None:
        """A reply has come in a thread: what the bot was doing there is over."""
        if self.statuses.pop(place, None):
            self.tell("status", *place)

    def tell(self, what: What, channel: str, thread: str = "") -> None:
        """Tell the watchers what has changed in a conversation, apart from its messages."""
        self._spread(Change("", what=what, place=(channel, thread)))

    def changes_since(self, ts: str) -> list[Change]:
        """What happened after this time stamp, oldest first."""
        latest = itertools.takewhile(lambda change: change.ts > ts, reversed(self._changes))
        return [*latest][::-1]

    def _note(self, change: Change) -> None:
        self._changes.append(change)
        self._spread(change)

    def _spread(self, change: Change) -> None:
        for watcher in [*self.watchers]:
            watcher(change)

    def own_message(self, channel: str, ts: str, *, refusal: str) -> Message:
        """The bot's lasting message at this place.

        Raises:
            Refused: message_not_found; `refusal` if it is somebody else's.
        """
        message = self.messages.get(ts)
        if message is None or message.channel != channel or message.ephemeral:
            raise Refused("message_not_found")
        if not message.by_bot:
            raise Refused(refusal)
        return message

    def lasting(self, channel: str) -> Iterator[Message]:
        """The messages of a conversation that are kept, oldest first."""
        return (message for message in self.conversations[channel].messages if not message.ephemeral)

    def seen_by(self, user: str, channel: str | None = None) -> list[Message]:
        """What this user (an id) can read, oldest first, their own ephemeral messages included."""
        rooms = [c for c in self.conversations.values() if channel in (None, c.id)]
        found = [message for room in rooms for message in room.messages if self.can_see(user, message)]
        return sorted(found, key=lambda message: message.ts)

    def can_see(self, user: str, message: Message) -> bool:
        """Is this user (an id) in the conversation, and the message meant for them?"""
        return user in self.conversations[message.channel].members and message.seen_only_by in ("", user)

    def reader(self, channel: str) -> str:
        """Who reads there: the name of the person of direct messages, else the channel's."""
        conversation = self.conversation(channel)
        if not conversation.is_direct:
            return f"#{conversation.name}"
        person = self.people[conversation.with_user]
        return person.real_name or person.name

    def shows(self, file_id: str) -> bool:
        """May a block show this file: is it completed, and has Slack looked at it?"""
        file = self.files.get(file_id)
        return file is not None and 0 < file.shown_from <= self.clock()

    # ------------------------------------------------------------ triggers

    def trigger(self, user: str) -> str:
        """A trigger_id with which a modal may be opened for this user, for a few seconds."""
        id = self.next_id("")
        self._triggers[id] = (user, self.clock() + TRIGGER_SECONDS)
        return id

    def triggered(self, id: str) -> str:
        """Whose trigger this is.

        Raises:
            Refused: invalid_trigger_id, expired_trigger_id.
        """
        if id not in self._triggers:
            raise Refused("invalid_trigger_id")
        user, until = self._triggers[id]
        if self.clock() > until:
            raise Refused("expired_trigger_id")
        return user

    # ------------------------------------------------------------ numbers

    def next_ts(self) -> str:
        """A time stamp later than every one before it."""
        self._last = max(int(self.clock() * 1_000_000), self._last + 1)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def next_id(self, kind: str) -> str:
        """An identifier nothing else in the workspace has.

        `kind` is its first letters.
        """
        return f"{kind}{next(self._numbers):08d}"


def _own(room: Conversation) -> Conversation:
    """A conversation like this one, whose members and messages are this workspace's alone."""
    return replace(room, members={*room.members}, messages=[*room.messages])


def _names(person: Person) -> set[str]:
    return {person.id.casefold(), person.name.casefold(), person.email.casefold()} - {""}


def _first_names(person: Person) -> set[str]:
    return {full.split()[0].casefold() for full in (person.name, person.real_name) if full.strip()}
