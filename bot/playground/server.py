"""A Slack workspace of our own in one process: real HTTP and WebSocket on 127.0.0.1.

async with Playground(people=[Person("U_PRIYA", "priya", "priya@example.com")]) as slack:
    app = AsyncApp(client=AsyncWebClient(slack.bot_token, base_url=slack.api_url))
    ...
    reply = await slack.command("/deal D00123", user="priya")
"""

import asyncio
import time
from collections.abc import Callable, Collection, Coroutine, Iterable, Mapping, Sequence
from typing import Any, Final, Self

from aiohttp import web

from bot.playground import control, front
from bot.playground.api import SCOPES, Arguments, Call, Credentials
from bot.playground.events import RETRY_AFTER, Courier, Door, SignedHttp
from bot.playground.faults import Faults
from bot.playground.feed import Feed
from bot.playground.frames import Front
from bot.playground.gestures import Gestures, Reply
from bot.playground.hooks import Hooks
from bot.playground.journal import Journal
from bot.playground.pace import Pace
from bot.playground.pulse import Pulse
from bot.playground.records import BOT_USER, Conversation, Json, Message, Person
from bot.playground.socket import SocketMode
from bot.playground.wire import CallMade, Wire
from bot.playground.workspace import Workspace

HOST: Final = "127.0.0.1"
UPLOAD_MOST: Final = 64 * 1024 * 1024  # bytes of a request
BOT_TOKEN: Final = "xoxb-playground"
APP_TOKEN: Final = "xapp-playground"
SIGNING_SECRET: Final = "playground-signing-secret"
TEAMMATES: Final = (
    Person("U_PRIYA", "priya", "priya@example.com", "Asia/Kolkata", "Priya Shah"),
    Person("U_DANA", "dana", "dana@example.com", "Europe/Berlin", "Dana Weber"),
    Person("U_CARLA", "carla", "carla@example.com", "America/New_York", "Carla Ruiz"),
)


class Playground:
    """The workspace, its server, and the hands of the people in it.

    Args:
        people: Who has an account; three teammates if left out.
        channels: Names of public channels everyone but the bot is in, or whole conversations.
        port: 0 for any free one.
        request_url: Deliver over signed HTTP to this address; left out, over Socket Mode.
        scopes: What the bot's token allows.
        pace: Slack's rate limits times this; 0 for none, 10 for ten times as generous.
        refuse: Block types to answer `invalid_blocks` for, as a client that lacks them would.
        faults: What goes wrong with the app's calls.
        ack_seconds: How long an acknowledgement may take; Slack gives 3.
        retry_after: Seconds before each retry of an event.
        deadline: Seconds a gesture waits for its answer.
        clock: Seconds since 1970.
        about: What the page at `url` says about itself: title, slash commands, guided tour.
    """

    def __init__(
        self,
        people: Iterable[Person] = TEAMMATES,
        channels: Iterable[str | Conversation] = ("general",),
        *,
        port: int = 0,
        request_url: str = "",
        scopes: Collection[str] = SCOPES,
        pace: float = 0.0,
        refuse: Collection[str] = (),
        faults: Faults | None = None,
        ack_seconds: float = 3.0,
        retry_after: Sequence[float] = RETRY_AFTER,
        deadline: float = 5.0,
        seed: int = 0,
        clock: Callable[[], float] = time.time,  # noqa: TID251  (Slack's clock is not ours to inject)
        about: Front | None = None,
    ) -> None:
        self.port = port
        self.request_url = request_url
        self.refuse = frozenset(refuse)
        self.workspace = Workspace(people, channels, clock)
        self.credentials = Credentials(BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, frozenset(scopes))
        self.pulse = Pulse()
        self.sockets = SocketMode(ack_seconds, self.pulse, seed)
        journal = Journal(clock)
        self.about = about or Front()
        self.feed = Feed(self.workspace, journal, self.about)
        self.courier = Courier(self.pulse, retry_after, journal)
        self.workspace.watchers.append(lambda _: self.pulse.beat())
        hooks = Hooks(self.workspace)
        allowed = Pace(time.monotonic, pace)
        self.wire = Wire(self._context, hooks, self.pulse, allowed, faults or Faults(), journal)
        self.gestures = Gestures(
            self.workspace, self.courier, hooks, self.pulse, self._context, self._hook_url, deadline
        )
        self._ack_seconds = ack_seconds
        self._background: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None

    # ------------------------------------------------------------ life

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        """Listen; `port` is the real one from now on."""
        self.courier.door = self._door()
        self._runner = web.AppRunner(self._routes(), access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """Close every connection and stop listening."""
        await self.feed.close()
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self.courier.close()
        await self.sockets.close()
        if self._runner:
            await self._runner.cleanup()

    def in_background(self, gesture: Coroutine[Any, Any, None]) -> None:
        """Let a gesture go its way."""
        task = asyncio.create_task(gesture)
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def _routes(self) -> web.Application:
        guards = [control.local_only, front.guarded]
        app = web.Application(middlewares=guards, client_max_size=UPLOAD_MOST)
        app.router.add_route("*", "/api/{method}", self.wire.call)
        app.router.add_post("/hooks/{id}", self.wire.respond)
        app.router.add_post("/upload/v1/{id}", self.wire.upload)
        app.router.add_get("/link", self.sockets.link)
        control.register(app, self)
        front.register(app, self.workspace, self.feed)
        return app

    def _door(self) -> Door:
        if not self.request_url:
            return self.sockets
        secret = self.credentials.signing_secret
        return SignedHttp(self.request_url, secret, self.workspace.clock, self._ack_seconds)

    def deliver_to(self, request_url: str) -> None:
        """From now on deliver over signed HTTP to this address; "" for Socket Mode."""
        self.request_url = request_url
        self.courier.door = self._door()

    # ------------------------------------------------------------ where the app finds us

    @property
    def url(self) -> str:
        """The address of the page, for a browser."""
        return f"http://{HOST}:{self.port}/"

    @property
    def api_url(self) -> str:
        """The base address of the Web API, for `SLACK_API_URL`."""
        return f"http://{HOST}:{self.port}/api/"

    @property
    def bot_token(self) -> str:
        """For `SLACK_BOT_TOKEN`."""
        return self.credentials.bot_token

    @property
    def app_token(self) -> str:
        """For `SLACK_APP_TOKEN`, which Socket Mode needs."""
        return self.credentials.app_token

    @property
    def signing_secret(self) -> str:
        """For `SLACK_SIGNING_SECRET`, which HTTP mode needs."""
        return self.credentials.signing_secret

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point an app at this workspace."""
        return {
            "SLACK_API_URL": self.api_url,
            "SLACK_BOT_TOKEN": self.bot_token,
            "SLACK_APP_TOKEN": self.app_token,
            "SLACK_SIGNING_SECRET": self.signing_secret,
        }

    # ------------------------------------------------------------ what people do

    async def command(
        self, line: str, user: str, channel: str | None = None, *, within: float | None = None
    ) -> Reply:
        """Type a slash command and wait for its answer, at most `within` seconds.

        Without a channel it is typed where the bot is no member, so only `respond()` reaches the person.
        """
        return await self.gestures.command(line, user, channel, within)

    async def say(
        self,
        channel: Conversation | str,
        text: str,
        user: str,
        *,
        thread_ts: str = "",
        within: float | None = None,
    ) -> Reply:
        """Write a message; the app hears it in direct messages and where it is mentioned (@dealcoach)."""
        return await self.gestures.say(_id(channel), text, user, thread_ts, within)

    async def click(
        self,
        message: Message,
        action_id: str,
        user: str,
        value: str | None = None,
        *,
        within: float | None = None,
    ) -> Reply:
        """Press a button of a message, or choose `value` in a menu or between two feedback buttons."""
        return await self.gestures.click(message, action_id, user, value, within)

    async def click_home(self, action_id: str, user: str, value: str | None = None) -> Reply:
        """The same in the person's Home tab."""
        return await self.gestures.click_home(action_id, user, value)

    async def click_modal(
        self, action_id: str, user: str, value: str | None = None, values: Mapping[str, Any] | None = None
    ) -> Reply:
        """The same in the modal the person has open, into which they entered `values` by action_id."""
        return await self.gestures.click_modal(action_id, user, value, values or {})

    async def submit(self, user: str, values: Mapping[str, Any]) -> Reply:
        """Send off the modal the person has open, with values by action_id, and see what the app answers."""
        return await self.gestures.submit(user, values)

    async def close_modal(self, user: str) -> Reply:
        """Close the modal on top without sending it off."""
        return await self.gestures.close(user)

    async def open_home(self, user: str, tab: str = "home") -> Json | None:
        """Open the app's Home tab; the view the app has published for this person."""
        return await self.gestures.open_home(user, tab)

    async def stop_answer(self, channel: Conversation | str, thread_ts: str, user: str) -> None:
        """Press Stop on the answer that is being written in this thread."""
        await self.gestures.stop(_id(channel), thread_ts, user)

    async def uninstall(self) -> None:
        """Remove the app: its tokens stop working and it is told so."""
        self.credentials.revoked = True
        await self.gestures.uninstall({"oauth": [], "bot": [BOT_USER]})

    def invite(self, channel: str) -> Conversation:
        """Add the bot to a channel."""
        conversation = self.workspace.conversation(channel)
        self.workspace.join(conversation)
        return conversation

    # ------------------------------------------------------------ what people see

    def sees(self, user: str, channel: Conversation | str | None = None) -> list[Message]:
        """What this person can read, oldest first: channels, direct messages, own ephemeral messages."""
        where = None if channel is None else self.workspace.conversation(_id(channel)).id
        return self.workspace.seen_by(self.workspace.person(user).id, where)

    def direct(self, user: str) -> Conversation:
        """The direct messages between this person and the bot."""
        return self.workspace.direct(self.workspace.person(user).id)

    def home(self, user: str) -> Json | None:
        """The person's Home tab as last published."""
        return self.workspace.homes.get(self.workspace.person(user).id)

    def modal(self, user: str) -> Json | None:
        """The modal on top of what the person sees."""
        stack = self.workspace.modals[self.workspace.person(user).id]
        return stack[-1] if stack else None

    def stored(self, key: str | None = None) -> dict[str, list[tuple[str, str]]]:
        """Where messages with this metadata key (any, if None) were really stored: channel and ts of each."""
        return {name: [*places] for name, places in self.workspace.stored.items() if key in (None, name)}

    async def idle(self, settle: float = 0.1, seconds: float = 10.0) -> bool:
        """Wait until no call or delivery is under way and nothing has happened for `settle` seconds."""
        return await self.pulse.quiet(settle, seconds)

    async def connected(self, connections: int = 1, seconds: float = 10.0) -> bool:
        """Wait until the app holds this many Socket Mode connections."""
        return await self.pulse.until(lambda: self.sockets.connections >= connections, seconds)

    # ------------------------------------------------------------ what the app did

    @property
    def calls(self) -> list[CallMade]:
        """Every call the app has made, oldest first."""
        return [*self.wire.calls]

    @property
    def faults(self) -> Faults:
        """What goes wrong with the app's calls; set it to change that."""
        return self.wire.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self.wire.faults = faults

    # ------------------------------------------------------------ wiring

    def _context(self, arguments: Arguments) -> Call:
        return Call(
            self.workspace, arguments, self.credentials, self.refuse, self._socket_url, self._upload_url
        )

    def _socket_url(self) -> str:
        return f"ws://{HOST}:{self.port}/link?ticket={self.sockets.ticket()}"

    def _upload_url(self, id: str) -> str:
        return f"http://{HOST}:{self.port}/upload/v1/{id}"

    def _hook_url(self, id: str) -> str:
        return f"http://{HOST}:{self.port}/hooks/{id}"


def _id(channel: Conversation | str) -> str:
    return channel if isinstance(channel, str) else channel.id
