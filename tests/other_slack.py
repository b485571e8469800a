"""A second Slack for tests, in Starlette: Web API, Socket Mode, signed HTTP, response URLs and uploads.

Written from Slack's documentation and without a look at bot/playground, so that what one of the two gets
wrong the other need not. Sources: docs.slack.dev, "Using the Slack Web API", "Pagination", "Socket Mode",
"Verifying requests from Slack", "The Events API" (retries), "Handling user interaction" (response URLs).
"""

import asyncio
import hashlib
import hmac
import json
import random
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlencode

import aiohttp
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot import clock

Json = dict[str, Any]
Found = TypeVar("Found")

BOT, BOT_ID, APP, TEAM = "U0COACH", "B0COACH", "A0COACH", "T0ACME"
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-other", "xapp-other", "8f742231b10e8888abcd99yyyzzz85a5"
PAGE = 7  #: items on a page, whatever was asked for: Slack may give fewer than that
ACK_SECONDS = 3.0
RETRIES = 3
POSTS = 5  #: to one response URL
SCOPES = (
    "commands,app_mentions:read,chat:write,im:write,im:history,users:read,users:read.email,files:write,"
    "channels:read,groups:read,channels:history,groups:history"
)
#: Arguments that are JSON wherever they stand, also in a form.
NESTED = ("blocks", "view", "metadata", "chunks", "files", "prompts", "loading_messages")


class Refused(Exception):
    """An answer with `"ok": false`."""

    def __init__(self, code: str, *messages: str) -> None:
        super().__init__(code)
        self.code, self.messages = code, messages


@dataclass(frozen=True, slots=True)
class Manner:
    """Where a server is not quite Slack."""

    base: str = "/api/"
    lacks: tuple[str, ...] = ()  # beginnings of methods
    refuses: frozenset[str] = frozenset()  # kinds of blocks
    names: bool = True  # says which blocks it refuses, which scopes there are, and how people read
    page: str = ""  # content type of what is there instead of `unknown_method`; "" for Slack's own answer
    by_post: bool = False  # takes nothing but POST, with arguments in the body


@dataclass(slots=True)
class Hook:
    """A response URL: whose, where, and the message that it may replace."""

    user: str
    channel: str
    message: Json | None = None
    left: int = POSTS


@dataclass
class OtherSlack:
    """Owns a workspace and how the app is reached; what people do are its methods."""

    people: Sequence[Json]
    manner: Manner = field(default_factory=Manner)
    address: str = ""
    hooks_at: str = ""
    events_at: str = ""  # the app's request URL; "": Socket Mode
    channels: dict[str, Json] = field(default_factory=dict)
    messages: list[Json] = field(default_factory=list)
    homes: dict[str, Json] = field(default_factory=dict)
    views: dict[str, Json] = field(default_factory=dict)
    files: dict[str, Json] = field(default_factory=dict)
    calls: list[tuple[str, Json, Json]] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)  # method or "response_url", and why
    retried: list[str] = field(default_factory=list)  # why something was delivered again
    broken: str = ""  # why nothing more will happen; whoever waits is told
    deaf: int = 0  # so many deliveries are lost on their way back: the app heard, we did not hear its answer

    def __post_init__(self) -> None:
        self._changed = asyncio.Event()
        self._numbers = count(1)
        self._hooks: dict[str, Hook] = {}
        self._triggers: dict[str, str] = {}
        self._links: list[WebSocket] = []
        self._waiting: dict[str, asyncio.Future[Any]] = {}

    # What tests wait for.

    async def until(self, found: Callable[[], Found], seconds: float = 30) -> Found:
        """The first thing found that is true; looks again whenever anything happened here."""
        try:
            async with asyncio.timeout(seconds):
                while not (it := found()):
                    assert not self.broken, self.broken
                    await self._changed.wait()
                return it
        except TimeoutError:
            said = [(one["user"], one["text"][:200]) for one in self.messages[-4:]]
            raise AssertionError(f"Did not happen. Said last: {said}; refused: {self.refused}") from None

    def happened(self) -> None:
        """Let whoever waits look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    def number(self, letter: str) -> str:
        """A new id."""
        return f"{letter}{next(self._numbers):08d}"

    # The workspace.

    def direct(self, user: str) -> str:
        """The direct messages of a person with the app."""
        channel = f"D{user}"
        self.channels.setdefault(channel, {"name": "", "is_im": True, "user": user, "members": [user, BOT]})
        return channel

    def room(self, name: str, members: Sequence[str]) -> str:
        """A new channel."""
        channel = self.number("C")
        self.channels[channel] = {"name": name, "is_channel": True, "members": [*members, BOT]}
        return channel

    def put(self, channel: str, user: str, text: str, **more: Any) -> Json:
        """A new message."""
        if channel not in self.channels:
            if not any(one["id"] == channel for one in self.people):
                raise Refused("channel_not_found")
            channel = self.direct(channel)
        ts = f"{clock.now().timestamp():.6f}"
        if self.messages and ts <= self.messages[-1]["ts"]:
            ts = f"{float(self.messages[-1]['ts']) + 0.000_002:.6f}"
        bot = {"bot_id": BOT_ID, "app_id": APP} if user == BOT else {}
        said = {"type": "message", "ts": ts, "channel": channel, "user": user, "text": text, **bot, **more}
        self.messages.append(said)
        return said

    def seen(self, user: str, since: int = 0) -> list[Json]:
        """What the app wrote that this person can read, in order, from the place `since` on."""
        return [
            one
            for one in self.messages[since:]
            if one["user"] == BOT
            and user in self.channels[one["channel"]]["members"]
            and one.get("to", user) == user
        ]

    # The Web API.

    async def answer(self, request: Request) -> Response:
        """One call of a method, by GET or POST, with arguments in the query, a form or JSON."""
        method, told = request.path_params["method"], {"X-OAuth-Scopes": SCOPES} if self.manner.names else {}
        asked = await arguments(request, in_query=not self.manner.by_post)
        try:
            said = {"ok": True, **self._called(method, asked, token(request, asked))}
        except Refused as why:
            if why.code == "unknown_method" and self.manner.page:
                return Response("<h1>Not Found</h1>", 404, media_type=self.manner.page)
            said = {"ok": False, "error": why.code, "response_metadata": {"messages": [*why.messages]}}
            self.refused.append((method, why.code))
        self.calls.append((method, asked, said))
        self.happened()
        return JSONResponse(said, headers=told)

    def _called(self, method: str, asked: Json, token: str) -> Json:
        known = getattr(self, "on_" + method.replace(".", "_"), None)
        if known is None or method.startswith(self.manner.lacks):
            raise Refused("unknown_method")
        if token != (APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN):
            raise Refused("invalid_auth" if token else "not_authed")
        return known(asked)

    def on_auth_test(self, _: Json) -> Json:
        return {"team": "Acme", "team_id": TEAM, "user": "coach", "user_id": BOT, "bot_id": BOT_ID}

    def on_apps_connections_open(self, _: Json) -> Json:
        return {"url": f"ws{self.address.removeprefix('http')}/link/?ticket={self.number('t')}&app_id={APP}"}

    def on_users_info(self, asked: Json) -> Json:
        found = [one for one in self.people if one["id"] == asked.get("user")]
        if not found:
            raise Refused("user_not_found")
        return {"user": self._shown(found[0], asked)}

    def on_users_lookupByEmail(self, asked: Json) -> Json:  # noqa: N802 - Slack's name
        found = [one for one in self.people if one["profile"]["email"] == asked["email"].lower()]
        if not found:
            raise Refused("users_not_found")
        return {"user": self._shown(found[0], asked)}

    def on_users_list(self, asked: Json) -> Json:
        return paged("members", [self._shown(one, asked) for one in self.people], asked)

    def _shown(self, person: Json, asked: Json) -> Json:
        wanted = self.manner.names and str(asked.get("include_locale", "")).lower() in ("1", "true")
        return {name: value for name, value in person.items() if name != "locale" or wanted}

    def on_users_conversations(self, asked: Json) -> Json:
        return paged("channels", [one for one in self._rooms() if one["is_member"]], asked)

    def on_conversations_list(self, asked: Json) -> Json:
        return paged("channels", self._rooms(), asked)

    def _rooms(self) -> list[Json]:
        return [self._told(channel) for channel, one in self.channels.items() if not one.get("is_im")]

    def _told(self, channel: str) -> Json:
        if channel not in self.channels:
            raise Refused("channel_not_found")
        about = self.channels[channel]
        told = {name: value for name, value in about.items() if name != "members"}
        return {"id": channel, "is_member": BOT in about["members"], "is_archived": False, **told}

    def on_conversations_info(self, asked: Json) -> Json:
        return {"channel": self._told(asked["channel"])}

    def on_conversations_members(self, asked: Json) -> Json:
        self._told(asked["channel"])
        return paged("members", self.channels[asked["channel"]]["members"], asked)

    def on_conversations_open(self, asked: Json) -> Json:
        return {"channel": {"id": self.direct(asked["users"])}}

    def on_conversations_replies(self, asked: Json) -> Json:
        here = [one for one in self.messages if one["channel"] == asked["channel"] and "to" not in one]
        thread = [one for one in here if asked["ts"] in (one["ts"], one.get("thread_ts"))]
        return paged("messages", thread, asked)

    on_conversations_history = on_conversations_replies

    def on_chat_postMessage(self, asked: Json) -> Json:  # noqa: N802 - Slack's name
        self._look_at(asked.get("blocks"), "message")
        more = {name: asked[name] for name in ("thread_ts", "metadata") if asked.get(name)}
        made = self.put(
            asked["channel"], BOT, asked.get("text", ""), blocks=asked.get("blocks") or [], **more
        )
        return {"channel": made["channel"], "ts": made["ts"], "message": made}

    def on_chat_postEphemeral(self, asked: Json) -> Json:  # noqa: N802 - Slack's name
        made = self.put(asked["channel"], BOT, asked.get("text", ""), blocks=[], to=asked["user"])
        return {"message_ts": made["ts"]}

    def on_chat_update(self, asked: Json) -> Json:
        self._look_at(asked.get("blocks"), "message")
        edited = self._message(asked)
        edited |= {
            "text": asked.get("text", ""),
            "blocks": asked.get("blocks") or [],
            "edited": {"user": BOT},
        }
        return {"channel": edited["channel"], "ts": edited["ts"], "text": edited["text"]}

    def _message(self, asked: Json) -> Json:
        where = (asked["channel"], asked["ts"])
        found = [one for one in self.messages if (one["channel"], one["ts"]) == where and "to" not in one]
        if not found:
            raise Refused("message_not_found")
        return found[0]

    def on_chat_startStream(self, asked: Json) -> Json:  # noqa: N802 - Slack's name
        more = {"thread_ts": asked["thread_ts"], "blocks": [], "streams": True}
        made = self.put(asked["channel"], BOT, asked.get("markdown_text", ""), **more)
        return {"channel": made["channel"], "ts": made["ts"]}

    def on_chat_appendStream(self, asked: Json) -> Json:  # noqa: N802 - Slack's name
        streamed = self._message(asked)
        if not streamed.get("streams"):
            raise Refused("message_not_in_streaming_state")
        streamed["text"] += asked.get("markdown_text", "")
        return {"channel": streamed["channel"], "ts": streamed["ts"]}

    def on_chat_stopStream(self, asked: Json) -> Json:  # noqa: N802 - Slack's name
        self._look_at(asked.get("blocks"), "message")
        said = self.on_chat_appendStream(asked)
        self._message(asked).update(blocks=asked.get("blocks") or [], streams=False)
        return said

    def on_assistant_threads_setStatus(self, _: Json) -> Json:  # noqa: N802 - Slack's name
        return {}

    on_assistant_threads_setTitle = on_assistant_threads_setStatus  # noqa: N815
    on_assistant_threads_setSuggestedPrompts = on_assistant_threads_setStatus  # noqa: N815

    def on_views_open(self, asked: Json) -> Json:
        user = self._triggers.pop(asked["trigger_id"], "")
        if not user:
            raise Refused("expired_trigger_id")
        return {"view": self._view(asked["view"], {"id": self.number("V"), "user": user})}

    def on_views_update(self, asked: Json) -> Json:
        known = (asked.get("view_id"), asked.get("external_id"))
        views = self.views.values()
        found = [one for one in views if one["id"] == known[0] or known[1] in (one.get("external_id") or 0,)]
        if not found:
            raise Refused("not_found")
        kept = {name: found[0][name] for name in ("id", "user", "external_id") if name in found[0]}
        return {"view": self._view(asked["view"], kept)}

    def on_views_publish(self, asked: Json) -> Json:
        self._look_at(asked["view"]["blocks"], "view")
        self.homes[asked["user_id"]] = asked["view"]
        return {"view": {**asked["view"], "id": self.number("V")}}

    def _view(self, view: Json, kept: Json) -> Json:
        self._look_at(view["blocks"], "view")
        self.views[kept["id"]] = {"callback_id": "", "private_metadata": "", **view, **kept}
        return {**self.views[kept["id"]], "hash": self.number("h"), "state": {"values": {}}}

    def _look_at(self, blocks: Sequence[Json] | None, where: str) -> None:
        pointer = "/view/blocks" if where == "view" else "/blocks"
        bad = [
            f"[ERROR] unsupported type: {kind} [json-pointer:{pointer}/{place}/type]"
            for place, block in enumerate(blocks or ())
            for kind in kinds(block) & self.manner.refuses
        ]
        if bad:
            told = bad if self.manner.names else []
            raise Refused("invalid_arguments" if where == "view" else "invalid_blocks", *told)

    def on_files_getUploadURLExternal(self, asked: Json) -> Json:  # noqa: N802 - Slack's name
        file = self.number("F")
        self.files[file] = {"id": file, "name": asked["filename"], "length": int(asked["length"])}
        return {"upload_url": f"{self.hooks_at}/upload/v1/{file}", "file_id": file}

    def on_files_completeUploadExternal(self, asked: Json) -> Json:  # noqa: N802 - Slack's name
        done = [self.files[one["id"]] for one in asked["files"]]
        if any(len(one.get("content", b"")) != one["length"] for one in done):
            raise Refused("file_not_found")
        if channel := asked.get("channel_id"):
            self.put(channel, BOT, asked.get("initial_comment", ""), blocks=[], files=done)
        return {"files": [{"id": one["id"], "name": one["name"]} for one in done]}

    # Other addresses: uploads and response URLs, on a host of their own.

    async def take_file(self, request: Request) -> Response:
        """The bytes of an upload."""
        self.files[request.path_params["file"]]["content"] = await request.body()
        return PlainTextResponse("OK - 1")

    async def take_response(self, request: Request) -> Response:
        """A post to a response URL."""
        hook, said = self._hooks[request.url.path], await request.json()
        blocks = said.get("blocks") or []
        try:
            if not hook.left:
                raise Refused("used_url")
            self._look_at(blocks, "message")
        except Refused as why:
            self.refused.append(("response_url", why.code))
            if self.manner.names:
                return JSONResponse({"ok": False, "error": why.code}, 404 if why.code == "used_url" else 200)
            return PlainTextResponse(why.code, 400)
        hook.left -= 1
        self._respond(hook, said, blocks)
        self.happened()
        return PlainTextResponse("ok")

    def _respond(self, hook: Hook, said: Json, blocks: list[Json]) -> None:
        if said.get("replace_original") and hook.message:
            hook.message |= {"text": said.get("text", ""), "blocks": blocks, "edited": {"user": BOT}}
            return
        alone = {} if said.get("response_type") == "in_channel" else {"to": hook.user}
        made = self.put(hook.channel, BOT, said.get("text", ""), blocks=blocks, **alone)
        hook.message = hook.message or made

    def _hook(self, kind: str, user: str, channel: str, message: Json | None = None) -> str:
        path = f"/{kind}/{TEAM}/{self.number('H')}/{random.getrandbits(64):x}"
        self._hooks[path] = Hook(user, channel, message)
        return f"{self.hooks_at}{path}"

    # What people do.

    async def command(self, user: str, line: str, channel: str = "") -> None:
        """Type a slash command."""
        name, _, text = line.partition(" ")
        place = channel or self.direct(user)
        await self.deliver(
            "slash_commands",
            {
                **{"token": "gone", "team_id": TEAM, "team_domain": "acme", "api_app_id": APP},
                **{"channel_id": place, "channel_name": "directmessage", "user_id": user, "user_name": user},
                **{"command": name, "text": text, "trigger_id": self._trigger(user)},
                "response_url": self._hook("commands", user, place),
                "is_enterprise_install": "false",
            },
        )

    async def say(self, user: str, text: str, thread: str = "") -> Json:
        """Write to the app in direct messages."""
        more = {"thread_ts": thread} if thread else {}
        said = self.put(self.direct(user), user, text, **more)
        await self.event({**said, "channel_type": "im", "event_ts": said["ts"]})
        return said

    async def visit(self, user: str, tab: str = "home") -> None:
        """Open the app's Home or Messages tab."""
        await self.event({"type": "app_home_opened", "user": user, "channel": self.direct(user), "tab": tab})

    async def event(self, event: Json) -> None:
        """Tell the app of an event."""
        about = {"token": "gone", "team_id": TEAM, "api_app_id": APP, "type": "event_callback"}
        bots = [{"team_id": TEAM, "user_id": BOT, "is_bot": True, "is_enterprise_install": False}]
        times = {"event_id": self.number("Ev"), "event_time": int(clock.now().timestamp())}
        await self.deliver("events_api", {**about, **times, "authorizations": bots, "event": event})

    async def press(self, user: str, where: Json, action_id: str, **chosen: Any) -> Any:
        """Press a button, or choose something, in a message or a view; `chosen` is what a select adds."""
        block, element = next(
            (block, one) for block, one in elements(where["blocks"]) if one["action_id"].startswith(action_id)
        )
        action = {name: element[name] for name in ("type", "action_id", "value") if name in element}
        action |= {"block_id": block.get("block_id", "b"), "action_ts": "1.0", **chosen}
        place = self._in_message(user, where) if "ts" in where else self._in_view(where, action)
        return await self._interactive(user, "block_actions", actions=[action], **place)

    def _in_view(self, view: Json, action: Json) -> Json:
        return {
            "view": self._state(view, {action["block_id"]: action}),
            "container": {"type": "view", "view_id": view.get("id", "V0HOME")},
        }

    def _in_message(self, user: str, message: Json) -> Json:
        channel = message["channel"]
        return {
            "channel": {"id": channel, "name": self.channels[channel]["name"] or "directmessage"},
            "message": {name: value for name, value in message.items() if name not in ("to", "channel")},
            "container": {"type": "message", "message_ts": message["ts"], "channel_id": channel},
            "response_url": self._hook("actions", user, channel, message),
        }

    async def submit(self, view: Json, **filled: Json) -> Any:
        """Send a modal off with what was filled in, by action; does with it as the app answers."""
        blocks = {one["action_id"]: block for block, one in elements(view["blocks"])}
        stated = {blocks[name]["block_id"]: {"action_id": name, **value} for name, value in filled.items()}
        told = await self._interactive(view["user"], "view_submission", view=self._state(view, stated))
        match (told or {}).get("response_action"):
            case None | "clear":
                del self.views[view["id"]]
            case "update":
                self._view(told["view"], {name: view[name] for name in ("id", "user")})
        self.happened()
        return told

    def _state(self, view: Json, stated: Mapping[str, Json]) -> Json:
        values = {block: {one["action_id"]: one} for block, one in stated.items()}
        return {**view, "team_id": TEAM, "app_id": APP, "bot_id": BOT_ID, "state": {"values": values}}

    async def _interactive(self, user: str, kind: str, **more: Any) -> Any:
        who = {"id": user, "username": user, "name": user, "team_id": TEAM}
        about = {"type": kind, "team": {"id": TEAM, "domain": "acme"}, "user": who, "api_app_id": APP}
        return await self.deliver("interactive", {**about, "trigger_id": self._trigger(user), **more})

    def _trigger(self, user: str) -> str:
        trigger = self.number("tr")
        self._triggers[trigger] = user
        return trigger

    def modal(self, user: str) -> Json | None:
        """The modal that a person has open."""
        return next((one for one in self.views.values() if one["user"] == user), None)

    # Deliveries.

    async def deliver(self, kind: str, payload: Json) -> Any:
        """Hand a payload to the app until it says that it has it; an event up to four times, others once.

        Returns: what the app answers with, None for nothing.
        """
        why = ""
        for attempt in range(1 + RETRIES if kind == "events_api" else 1):
            self.retried += [why] if why else []
            try:
                async with asyncio.timeout(ACK_SECONDS):
                    told = await (self._post if self.events_at else self._send)(kind, payload, attempt, why)
                if not self._is_lost():
                    return told
                why = "timeout"
            except (TimeoutError, OSError) as error:
                why = "timeout" if isinstance(error, TimeoutError) else "http_error"
        raise AssertionError(f"{kind} was not acknowledged: {why}")

    def _is_lost(self) -> bool:
        lost, self.deaf = self.deaf > 0, max(self.deaf - 1, 0)
        return lost

    async def _post(self, kind: str, payload: Json, attempt: int, why: str) -> Any:
        forms = {"slash_commands": payload, "interactive": {"payload": json.dumps(payload)}}
        body = urlencode(forms[kind]) if kind in forms else json.dumps(payload)
        content = "application/x-www-form-urlencoded" if kind in forms else "application/json"
        again = {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": why} if attempt else {}
        status, text = await self.post(body, {"content-type": content, **signed(body), **again})
        if status != 200:
            raise OSError(f"{status} {text}")
        return json.loads(text) if text.startswith("{") else None

    async def post(self, body: str, headers: Mapping[str, str]) -> tuple[int, str]:
        """The app's answer to a request, as it is."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.events_at, data=body.encode(), headers=headers) as answer,
        ):
            return answer.status, await answer.text()

    async def _send(self, kind: str, payload: Json, attempt: int, why: str) -> Any:
        link = await self.until(lambda: random.choice(self._links) if self._links else None)
        envelope = {"envelope_id": self.number("en"), "type": kind, "payload": payload}
        envelope |= {"accepts_response_payload": kind != "events_api"}
        if kind == "events_api":
            envelope |= {"retry_attempt": attempt, "retry_reason": why}
        acknowledged = self._waiting[envelope["envelope_id"]] = asyncio.get_running_loop().create_future()
        await link.send_text(json.dumps(envelope))
        return await acknowledged

    # Connections.

    async def link(self, link: WebSocket) -> None:
        """One Socket Mode connection: hello, then what is acknowledged, until either side ends it."""
        await link.accept()
        self._links.append(link)
        about = {"host": "applink", "build_number": 1, "approximate_connection_time": 18060}
        hello = {"type": "hello", "num_connections": len(self._links), "connection_info": {"app_id": APP}}
        await link.send_text(json.dumps({**hello, "debug_info": about}))
        self.happened()
        try:
            while True:
                told = json.loads(await link.receive_text())
                self._waiting.pop(told["envelope_id"]).set_result(told.get("payload"))
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            if link in self._links:
                self._links.remove(link)
            self.happened()

    async def refresh(self) -> None:
        """Ask every connection to come again, as Slack does every few hours; returns when all have."""
        before = [*self._links]
        for link in before:
            self._links.remove(link)  # nothing more is sent to it
            bye = {"type": "disconnect", "reason": "refresh_requested", "debug_info": {"host": "applink"}}
            await link.send_text(json.dumps(bye))
        await self.until(lambda: len(self._links) >= len(before))

    async def ready(self, connections: int = 2) -> None:
        """The app is there: connected, or its request URL says the challenge back."""
        if not self.events_at:
            await self.until(lambda: len(self._links) >= connections)
            return
        body = json.dumps({"type": "url_verification", "token": "gone", "challenge": "3eZbrw1a"})
        async with asyncio.timeout(30):
            while True:
                try:
                    status, text = await self.post(body, {"content-type": "application/json", **signed(body)})
                except OSError:  # not listening yet
                    assert not self.broken, self.broken
                    await asyncio.sleep(0.05)
                    continue
                if status == 200 and "3eZbrw1a" in text:
                    return
                raise AssertionError(f"The challenge was answered with {status} {text!r}.")


# What both directions of the wire are made of.


async def arguments(request: Request, in_query: bool) -> Json:
    """The arguments of a call, those that are nested as such; numbers and truths of a form stay text."""
    body = (await request.body()).decode()
    is_json = request.headers.get("content-type", "").startswith("application/json")
    told = json.loads(body) if is_json else dict(parse_qsl(body, keep_blank_values=True))
    asked = {**(request.query_params if in_query else {}), **told}
    return {
        name: json.loads(value) if name in NESTED and isinstance(value, str) else value
        for name, value in asked.items()
    }


def token(request: Request, asked: Json) -> str:
    """The token of a call: in its header, or among its arguments."""
    return request.headers.get("authorization", "").removeprefix("Bearer ") or str(asked.get("token", ""))


def paged(name: str, items: Sequence[Any], asked: Json) -> Json:
    """A page of items with the cursor of the next one, fewer than asked for; the first page is empty."""
    cursor = str(asked.get("cursor") or "")
    start = int(cursor.removeprefix("page:")) if cursor else 0
    end = start + min(PAGE, int(asked.get("limit") or PAGE)) if cursor else 0
    following = f"page:{end}" if end < len(items) else ""
    return {name: [*items[start:end]], "response_metadata": {"next_cursor": following}}


def signed(body: str, secret: str = SECRET, age: int = 0) -> dict[str, str]:
    """The headers that prove who sends a body, `age` seconds ago."""
    moment = str(int(clock.now().timestamp()) - age)
    digest = hmac.new(secret.encode(), f"v0:{moment}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": moment, "x-slack-signature": f"v0={digest}"}


def kinds(block: Json) -> set[str]:
    """The kinds of a block and of what is in it."""
    return {block["type"]}.union(*(kinds(child) for child in block.get("child_blocks", ())))


def elements(blocks: Sequence[Json]) -> Iterator[tuple[Json, Json]]:
    """Everything in blocks that can be pressed, chosen or filled in, each with its block."""
    for block in blocks:
        inside = [*block.get("elements", ()), block.get("element"), block.get("accessory")]
        yield from ((block, one) for one in inside if one and "action_id" in one)
        yield from elements(block.get("child_blocks", ()))


def person(key: str, name: str, email: str, **more: Any) -> Json:
    """A member of the workspace as `users.info` tells of them."""
    profile = {"email": email, "real_name": name, "display_name": ""}
    kind = {"is_bot": False, "deleted": False, "is_restricted": False, "is_ultra_restricted": False}
    named = {"id": key, "team_id": TEAM, "name": email.partition("@")[0], "real_name": name}
    return {**named, **kind, "tz": "Europe/Berlin", "locale": "en-GB", "profile": profile, **more}


# Where it runs.


class _Server(uvicorn.Server):
    """Leaves the signals to pytest."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def _served(app: Starlette) -> AsyncIterator[str]:
    """The address of an application on a port of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = _Server(uvicorn.Config(app, log_level="error", lifespan="off", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def other_slack(people: Sequence[Json], manner: Manner | None = None) -> AsyncIterator[OtherSlack]:
    """The server, on two addresses: one for the Web API and connections, one for uploads and responses."""
    slack = OtherSlack([*people, person(BOT, "Coach", "coach@bots.invalid", is_bot=True)], manner or Manner())
    base = slack.manner.base
    verbs = ["POST"] if slack.manner.by_post else ["GET", "POST"]
    methods = Route(base + "{method}", slack.answer, methods=verbs)
    hooks = [
        Route("/upload/v1/{file}", slack.take_file, methods=["POST"]),
        Route("/{kind}/{team}/{hook}/{secret}", slack.take_response, methods=["POST"]),
    ]
    async with (
        _served(Starlette(routes=[methods, WebSocketRoute("/link/", slack.link)])) as slack.address,
        _served(Starlette(routes=hooks)) as slack.hooks_at,
    ):
        yield slack


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as tried:
        return int(tried.getsockname()[1])
