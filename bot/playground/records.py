"""What a workspace is made of, and how Slack shows it as JSON: people, conversations, messages."""

import mimetypes
from dataclasses import dataclass, field
from typing import Any, Final, Literal, TypeAlias

Json: TypeAlias = dict[str, Any]

TEAM: Final = "T_PLAYGROUND"
ELSEWHERE: Final = "T_ELSEWHERE"  # the organisation of strangers
APP: Final = "A_DEALCOACH"
BOT_USER: Final = "U_DEALCOACH"
BOT: Final = "B_DEALCOACH"
SLACKBOT: Final = "USLACKBOT"  # tells a person that a command failed
KINDS: Final = mimetypes.MimeTypes()  # the same on every machine


@dataclass(frozen=True, slots=True)
class Person:
    """Someone with an account. `name` is the handle others address them by."""

    id: str
    name: str
    email: str = ""
    tz: str = "UTC"
    real_name: str = ""
    is_bot: bool = False
    is_restricted: bool = False  # a guest in some channels
    is_ultra_restricted: bool = False  # a guest in one channel
    locale: str = ""  # en-GB; "": not told
    is_stranger: bool = False  # of another organisation, met in a shared channel
    deleted: bool = False  # has left
    title: str = ""  # what they do: rep, manager, cro, ops

    def as_json(self, *, with_email: bool, with_locale: bool = False) -> Json:
        """The user object of `users.info`."""
        full = self.real_name or self.name
        profile = {"real_name": full, "display_name": self.name, "title": self.title}
        profile |= {"email": self.email} if with_email else {}
        team = ELSEWHERE if self.is_stranger else TEAM
        who = {"id": self.id, "team_id": team, "name": self.name, "real_name": full, "profile": profile}
        guest = {"is_restricted": self.is_restricted, "is_ultra_restricted": self.is_ultra_restricted}
        kind = {"is_bot": self.is_bot, "is_app_user": False, "is_stranger": self.is_stranger}
        place = {"tz": self.tz} | ({"locale": self.locale} if with_locale and self.locale else {})
        return who | guest | kind | place | {"deleted": self.deleted}


@dataclass(slots=True)
class File:
    """One upload of the bot. `shown_from` is when it may stand in a block; 0 until it is completed."""

    id: str
    name: str
    length: int
    alt: str = ""
    title: str = ""
    content: bytes = b""
    shown_from: float = 0.0

    @property
    def mimetype(self) -> str:
        """What kind of file it is, by its name."""
        return KINDS.guess_type(self.name)[0] or "application/octet-stream"

    def as_json(self) -> Json:
        """The file object of a message."""
        about = {"id": self.id, "name": self.name, "title": self.title or self.name, "size": self.length}
        kind = {"mimetype": self.mimetype, "filetype": self.name.rpartition(".")[2], "mode": "hosted"}
        place = f"/files/{self.id}"
        links = {"url_private": place, "url_private_download": f"{place}?download=1"}
        return {**about, **kind, **links, "user": BOT_USER, "alt_txt": self.alt}


@dataclass(slots=True, kw_only=True)
class Message:
    """One message. `seen_only_by` names the one reader of an ephemeral message."""

    ts: str
    channel: str
    user: str
    text: str
    blocks: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    thread_ts: str = ""
    seen_only_by: str = ""
    edited: str = ""
    via: str = ""  # the response_url it came through
    streaming: bool = False
    expires: float = 0.0  # seconds since 1970 after which a stream takes no more
    reactions: list[tuple[str, str]] = field(default_factory=list)
    files: list[File] = field(default_factory=list)

    @property
    def ephemeral(self) -> bool:
        """Does only one person see it?"""
        return bool(self.seen_only_by)

    @property
    def by_bot(self) -> bool:
        """Is it the app's own?"""
        return self.user == BOT_USER

    def as_json(self, *, with_metadata: bool = True) -> Json:
        """The message object of `conversations.history`."""
        shown: Json = {"type": "message", "user": self.user, "text": self.text, "ts": self.ts, "team": TEAM}
        if self.by_bot:
            shown |= {"bot_id": BOT, "app_id": APP}
        if self.edited:
            shown["edited"] = {"user": self.user, "ts": self.edited}
        if self.metadata and with_metadata:
            shown["metadata"] = self.metadata
        if self.reactions:
            shown["reactions"] = [
                {"name": name, "users": [user], "count": 1} for name, user in self.reactions
            ]
        if self.files:
            shown |= {"subtype": "file_share", "files": [file.as_json() for file in self.files]}
        optional = {"blocks": self.blocks, "thread_ts": self.thread_ts, "is_ephemeral": self.ephemeral}
        return shown | {name: value for name, value in optional.items() if value}


@dataclass(slots=True)
class Conversation:
    """A channel, or the direct messages between the bot and one person (`with_user`)."""

    id: str
    name: str
    members: set[str] = field(default_factory=set)
    is_private: bool = False
    is_archived: bool = False
    is_ext_shared: bool = False  # with another organisation
    with_user: str = ""
    messages: list[Message] = field(default_factory=list)  # oldest first, ephemeral ones included
    topic: str = ""
    is_pending_ext_shared: bool = False  # another organisation is invited

    @property
    def is_direct(self) -> bool:
        """Are these direct messages?"""
        return bool(self.with_user)

    @property
    def is_notes(self) -> bool:
        """Are these somebody's messages to themselves?"""
        return self.is_direct and BOT_USER not in self.members

    def as_json(self) -> Json:
        """The channel object of `conversations.info`."""
        kind = {"is_im": self.is_direct, "is_channel": not self.is_direct, "is_private": self.is_private}
        names = {"user": self.with_user} if self.is_direct else {"name": self.name}
        state = {"is_archived": self.is_archived, "is_member": BOT_USER in self.members}
        shared = {"is_ext_shared": self.is_ext_shared, "is_shared": self.is_ext_shared}
        shared |= {"is_org_shared": False, "is_pending_ext_shared": self.is_pending_ext_shared}
        told = {"topic": {"value": self.topic}, "num_members": len(self.members)}
        return {"id": self.id, **names, **kind, **state, **shared, **told}


What: TypeAlias = Literal["message", "home", "modal", "status", "prompts", "title", "conversation"]


@dataclass(frozen=True, slots=True)
class Change:
    """Something a person may notice: a message posted, edited or deleted, a view shown to them, and so on.

    `place` is the conversation and the thread of what is neither message nor view.
    """

    ts: str
    message: Message | None = None
    shown_to: str = ""
    what: What = "message"
    place: tuple[str, str] = ("", "")
