"""`response_url`: where an app answers a command or a click without being in the channel.

Five posts in thirty minutes; for the asker alone unless it says `in_channel`; the only way to change an
ephemeral message.
"""

from dataclasses import dataclass
from typing import Final

from bot.playground.api import Call, checked_blocks, checked_text
from bot.playground.records import BOT_USER, Json, Message
from bot.playground.workspace import Refused, Workspace

POSTS: Final = 5
SECONDS: Final = 30 * 60


@dataclass(slots=True)
class Hook:
    """One response_url: whose gesture it answers, and where."""

    id: str
    user: str
    channel: str
    opened: float
    original: Message | None = None  # the message clicked on; for a command, the first answer to it
    posts: int = 0


class Hooks:
    """Every response_url handed out."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._hooks: dict[str, Hook] = {}

    def open(self, user: str, channel: str, original: Message | None = None) -> Hook:
        """A new response_url for what this user has just done in this channel."""
        hook = Hook(self._workspace.next_id("h"), user, channel, self._workspace.clock(), original)
        self._hooks[hook.id] = hook
        return hook

    def post(self, id: str, call: Call) -> None:
        """What the app sent to a response_url, done.

        Raises:
            Refused: expired_url, used_url, and all that a message may be refused for.
        """
        hook = self._hooks.get(id)
        if hook is None or self._workspace.clock() > hook.opened + SECONDS:
            raise Refused("expired_url")
        if hook.posts >= POSTS:
            raise Refused("used_url")
        hook.posts += 1
        answer(self._workspace, hook, call)


def answer(workspace: Workspace, hook: Hook, call: Call) -> None:
    """Post, replace or delete, as the app's answer to a gesture says.

    Raises:
        Refused: as for a message.
    """
    if call.arguments.flag("delete_original"):
        _delete(workspace, hook)
        return
    words: Json = {"text": checked_text(call), "blocks": checked_blocks(call, call.arguments.get("blocks"))}
    if call.arguments.flag("replace_original") and hook.original:
        workspace.edit(hook.original, **words)
        return
    shared = call.arguments.get("response_type") == "in_channel"
    thread = str(call.arguments.get("thread_ts") or "")
    reader = "" if shared else hook.user
    message = workspace.post(
        hook.channel, BOT_USER, **words, seen_only_by=reader, thread_ts=thread, via=hook.id
    )
    hook.original = hook.original or message


def _delete(workspace: Workspace, hook: Hook) -> None:
    if hook.original and hook.original.ts in workspace.messages:
        workspace.delete(hook.original)
