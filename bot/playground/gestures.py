"""What people do in the playground, and what they get to see for it: commands, words, clicks, modals."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.playground import elements, payloads, views
from bot.playground.api import Arguments, Call
from bot.playground.elements import NoSuchElement
from bot.playground.events import Courier, NotAcknowledged
from bot.playground.hooks import Hook, Hooks, answer
from bot.playground.pulse import Pulse
from bot.playground.records import BOT_USER, SLACKBOT, Change, Json, Message, Person
from bot.playground.workspace import Refused, Workspace

SETTLE: Final = 0.05  # seconds without more of it after which an answer is complete
TOLD: Final = {"timeout": "operation_timeout", "http_timeout": "operation_timeout"}  # else dispatch_failed


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person got for a gesture: the bot's messages in order, or the error Slack showed instead.

    `error` is `operation_timeout`, `dispatch_failed`, `invalid_command_response`, `invalid_view_response`,
    `no_reply` or "".
    `payload` is what the app acknowledged with.
    """

    messages: list[Message] = field(default_factory=list)
    error: str = ""
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text of the first message, as it reads now; "" if there is none."""
        return self.messages[0].text if self.messages else ""

    @property
    def blocks(self) -> list[Json]:
        """The blocks of the first message, as they are now."""
        return self.messages[0].blocks if self.messages else []

    @property
    def ephemeral(self) -> bool:
        """Does only the asker see it?"""
        return bool(self.messages) and all(message.ephemeral for message in self.messages)

    def as_json(self) -> Json:
        """The reply for the control API."""
        messages = [message.as_json() for message in self.messages]
        answer = {"text": self.text, "blocks": self.blocks, "ephemeral": self.ephemeral}
        return {**answer, "messages": messages, "error": self.error, "payload": dict(self.payload)}


def _ignored(_: Call) -> None:
    """What an app answers to a click in a view has no meaning."""


@dataclass(frozen=True, slots=True)
class Gestures:
    """People's hands: each gesture is delivered to the app, and its visible consequences awaited.

    `context` makes a `Call` of what an app sends in answer; `address` is where response_urls begin.
    """

    workspace: Workspace
    courier: Courier
    hooks: Hooks
    pulse: Pulse
    context: Callable[[Arguments], Call]
    address: Callable[[str], str]
    deadline: float

    async def command(self, line: str, user: str, channel: str | None, within: float | None) -> Reply:
        """Type a slash command, in the notes to oneself if no channel is given."""
        person = self.workspace.person(user)
        where = self.workspace.conversation(channel) if channel else self.workspace.notes(person.id)
        hook = self.hooks.open(person.id, where.id)
        trigger = self.workspace.trigger(person.id)
        line = payloads.escaped(line, self._known)
        payload = payloads.slash_command(person, where, line, trigger, self.address(hook.id))
        return await self._ask("slash_commands", payload, hook, payload["command"], within)

    async def click(
        self, message: Message, action_id: str, user: str, value: str | None, within: float | None
    ) -> Reply:
        """Use an element of a message this person sees.

        Raises:
            NoSuchElement: it has no such element, or the person does not see it.
        """
        person = self.workspace.person(user)
        if message.ts not in self.workspace.messages or not self.workspace.can_see(person.id, message):
            raise NoSuchElement(f"{person.name} does not see message {message.ts!r}.")
        where = self.workspace.conversation(message.channel)
        hook = self.hooks.open(person.id, where.id, original=message)
        action = elements.action(message.blocks, action_id, value, self.workspace.next_ts())
        context = payloads.in_message(message, where, self.address(hook.id))
        payload = payloads.block_actions(person, action, self.workspace.trigger(person.id), **context)
        return await self._ask("interactive", payload, hook, action_id, within)

    async def click_home(self, action_id: str, user: str, value: str | None) -> Reply:
        """Use an element of one's Home tab."""
        person = self.workspace.person(user)
        view = self.workspace.homes.get(person.id) or {"id": "", "blocks": []}
        action = elements.action(view["blocks"], action_id, value, self.workspace.next_ts())
        trigger = self.workspace.trigger(person.id)
        payload = payloads.block_actions(person, action, trigger, **payloads.in_view(view))
        return await self._interact(payload)

    async def click_modal(self, action_id: str, user: str, value: Any, values: Mapping[str, Any]) -> Reply:
        """Use an element of the modal on top, once these values by action_id are entered; it stays open.

        Raises:
            NoSuchElement: no modal is open, or it has no such element or input.
        """
        person = self.workspace.person(user)
        view = self._open(person)
        action = elements.action(view["blocks"], action_id, value, self.workspace.next_ts())
        _enter(view, values)
        if chosen := elements.chosen(action):
            held = view["state"]["values"].setdefault(action["block_id"], {})
            held[action_id] = {"type": action["type"], **chosen}
        trigger = self.workspace.trigger(person.id)
        return await self._interact(payloads.block_actions(person, action, trigger, **payloads.in_view(view)))

    async def submit(self, user: str, values: Mapping[str, Any]) -> Reply:
        """Send off the modal on top, with these values by action_id; then it is as the app answers.

        Raises:
            NoSuchElement: no modal is open, or it has no such input.
        """
        person = self.workspace.person(user)
        view = self._open(person)
        _enter(view, values)
        trigger = self.workspace.trigger(person.id)
        payload = payloads.view_submission(person, view, view["state"]["values"], trigger)
        return await self._interact(payload, lambda call: views.answered(call, person.id, view["id"]))

    async def close(self, user: str) -> Reply:
        """Close the modal on top without sending it off; the app hears of it if it asked to.

        Raises:
            NoSuchElement: no modal is open.
        """
        person = self.workspace.person(user)
        view = self._open(person)
        self.workspace.modals[person.id].remove(view)
        self.workspace.show(person.id, "modal")
        if not view.get("notify_on_close"):
            return Reply()
        return await self._interact(payloads.view_closed(person, view))

    def fail(self, user: str, channel: str | None, sentence: str) -> None:
        """Let Slackbot tell a person that a gesture came to nothing, in their direct messages if nowhere."""
        person = self.workspace.person(user)
        where = self.workspace.conversation(channel) if channel else self.workspace.direct(person.id)
        self.workspace.post(where.id, SLACKBOT, sentence, seen_only_by=person.id)

    def _open(self, person: Person) -> Json:
        """The modal on top of what a person sees."""
        stack = self.workspace.modals[person.id]
        if not stack:
            raise NoSuchElement(f"{person.name} has no modal open.")
        return stack[-1]

    async def say(self, channel: str, text: str, user: str, thread_ts: str, within: float | None) -> Reply:
        """Write a message. The app hears it in direct messages, and elsewhere when it is mentioned."""
        person, where = self.workspace.person(user), self.workspace.conversation(channel)
        text = text.replace("@dealcoach", f"<@{BOT_USER}>")
        message = self.workspace.post(where.id, person.id, text, thread_ts=thread_ts)
        if BOT_USER not in where.members or not (where.is_direct or f"<@{BOT_USER}>" in text):
            return Reply()
        for heard in payloads.message_events(message, where):
            self._tell(heard, shared=where.is_ext_shared)
        return await self._consequences(message.ts, Hook("", person.id, where.id, 0.0), within)

    async def stop(self, channel: str, thread_ts: str, user: str) -> None:
        """Press Stop on the answer that is being written in a thread."""
        person, where = self.workspace.person(user), self.workspace.conversation(channel)
        growing = [m.ts for m in where.messages if m.streaming and m.thread_ts == thread_ts]
        self._tell(payloads.session_stopped(person, where, thread_ts, growing))
        await self.pulse.quiet(SETTLE, SETTLE * 10)

    async def open_home(self, user: str, tab: str) -> Json | None:
        """Open the app's Home tab; the view it shows once the app has published one."""
        person = self.workspace.person(user)
        before = self.workspace.homes.get(person.id)
        direct = self.workspace.direct(person.id)
        self._tell(payloads.home_opened(person, direct, self.workspace.next_ts(), tab, before))
        if tab == "home":
            await self.pulse.until(lambda: self.workspace.homes.get(person.id) is not before, self.deadline)
        else:
            await self.pulse.quiet(SETTLE, SETTLE * 10)
        return self.workspace.homes.get(person.id)

    async def uninstall(self, tokens: Json) -> None:
        """Tell the app that it is gone."""
        for body in ({"type": "tokens_revoked", "tokens": tokens}, {"type": "app_uninstalled"}):
            self._tell(body)
        await self.pulse.quiet(SETTLE, SETTLE * 10)

    # ------------------------------------------------------------ delivery

    def _tell(self, body: Json, *, shared: bool = False) -> None:
        """Deliver an event in the background."""
        id = self.workspace.next_id("Ev")
        self.courier.tell(payloads.event(body, id, self.workspace.clock(), shared=shared))

    async def _interact(self, payload: Json, answered: Callable[[Call], None] = _ignored) -> Reply:
        """Deliver a gesture in a view; its consequences are for `sees`, `home` and `modal` to tell."""
        acknowledged: Json = {}
        try:
            acknowledged = await self.courier.ask("interactive", payload)
            answered(self.context(Arguments(acknowledged)))
        except NotAcknowledged as error:
            return Reply(error=TOLD.get(error.reason, "dispatch_failed"))
        except Refused:
            return Reply(error="invalid_view_response", payload=acknowledged)
        await self.pulse.quiet(SETTLE, SETTLE * 10)
        return Reply(payload=acknowledged)

    async def _ask(self, kind: str, payload: Json, hook: Hook, what: str, within: float | None) -> Reply:
        """Deliver a gesture and wait for what the person sees of its answer."""
        start = self.workspace.next_ts()
        try:
            acknowledged = await self.courier.ask(kind, payload)
            self._show(acknowledged, hook)
        except NotAcknowledged as error:
            return self._failed(TOLD.get(error.reason, "dispatch_failed"), hook, what)
        except Refused:
            return self._failed("invalid_command_response", hook, what)
        return await self._consequences(start, hook, within, acknowledged)

    def _show(self, acknowledged: Json, hook: Hook) -> None:
        """An acknowledgement may itself be the answer."""
        if acknowledged.get("text") or acknowledged.get("blocks"):
            answer(self.workspace, hook, self.context(Arguments(acknowledged)))

    def _failed(self, error: str, hook: Hook, what: str) -> Reply:
        """What Slackbot tells a person whose gesture came to nothing."""
        text = f'{what} failed with the error "{error}"'
        message = self.workspace.post(hook.channel, SLACKBOT, text, seen_only_by=hook.user)
        return Reply([message], error)

    async def _consequences(
        self, start: str, hook: Hook, within: float | None, acknowledged: Json | None = None
    ) -> Reply:
        """What came of a gesture since `start`, once there is something and it has settled."""
        limit = self.deadline if within is None else within

        def noticed() -> list[Change]:
            return [change for change in self.workspace.changes_since(start) if self._concerns(change, hook)]

        await self.pulse.until(lambda: bool(noticed()), limit)
        changes = await _settled(noticed)
        touched = {change.message.ts for change in changes if change.message}
        messages = [self.workspace.messages[ts] for ts in sorted(touched) if ts in self.workspace.messages]
        return Reply(messages, "" if changes else "no_reply", acknowledged or {})

    def _concerns(self, change: Change, hook: Hook) -> bool:
        """Is this the bot's doing, where this person made the gesture, and not the answer to another?"""
        message = change.message
        if message is None:
            return change.shown_to == hook.user
        here = message.by_bot and message.channel == hook.channel and message.seen_only_by in ("", hook.user)
        return here and (message.via in ("", hook.id) or message is hook.original)

    def _known(self, name: str) -> Person | None:
        found = [person for person in self.workspace.people.values() if person.name == name]
        return found[0] if found else None


def _enter(view: Json, values: Mapping[str, Any]) -> None:
    """A person's values go into an open modal, and stay there."""
    view["state"] = {"values": elements.state_of(view, dict(values))}


async def _settled(noticed: Callable[[], list[Change]]) -> list[Change]:
    """What was noticed, once there has been no more of it for a moment."""
    found: list[Change] = []
    while (latest := noticed()) and len(latest) > len(found):
        found = latest
        await asyncio.sleep(SETTLE)
    return found
