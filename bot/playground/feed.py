"""The live feed of the playground's page: each open page hears what its reader may see, and nothing else.

A page that cannot keep up is never sent more than the newest state of each thing that changed, and is asked
to come back for the whole state when even that is too much.
"""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import WSCloseCode, WSMsgType, web

from bot.playground import frames
from bot.playground.frames import Front
from bot.playground.journal import Journal
from bot.playground.records import BOT_USER, Change, Json, Person
from bot.playground.workspace import NoSuchPerson, Workspace

BEHIND: Final = 5000  # changes that may wait for a page
SEND_SECONDS: Final = 30.0  # for one change to leave
RECORDS: Final = 200  # of the wire, shown at first

Due = tuple[str, ...]  # what has changed: its kind, and where


@dataclass(slots=True, eq=False)
class Page:
    """One open page: who reads it, and what has changed since it was last told."""

    workspace: Workspace
    journal: Journal
    front: Front
    reader: Person
    due: dict[Due, None] = field(default_factory=dict)
    stirred: asyncio.Event = field(default_factory=asyncio.Event)
    told: int | None = None  # the last record of the wire; None: not asked for

    def hear(self, change: Change) -> None:
        """Note a change, if the reader may know of it."""
        if self._concerns(change):
            self.due[_due(change)] = None
            self.stirred.set()

    def hear_wire(self) -> None:
        """Note that there is more from the wire."""
        if self.told is not None:
            self.stirred.set()

    def retell(self) -> None:
        """The tour has changed."""
        self.due["tour",] = None
        self.stirred.set()

    def ask_for_wire(self, wanted: bool) -> None:
        """From now on the page is shown the wire, or no longer."""
        kept = self.journal.records
        self.told = (kept[-1].n - RECORDS if kept else 0) if wanted else None
        self.stirred.set()

    def news(self) -> Iterator[Json]:
        """What is due, as it is now; then nothing is due any more."""
        while self.due:
            what, *place = next(iter(self.due))
            del self.due[what, *place]
            yield from self._frame(what, *place)
        if self.told is not None:
            for record in self.journal.since(self.told):
                self.told = record.n
                yield {"kind": "wire", "record": record.as_json()}

    def _concerns(self, change: Change) -> bool:
        """May the reader know? A message's own reader is asked for, a deleted message's too."""
        if change.message:
            return self.workspace.can_see(self.reader.id, change.message)
        if change.shown_to:
            return change.shown_to == self.reader.id
        return self.reader.id in self.workspace.conversations[change.place[0]].members

    def _frame(self, what: str, *place: str) -> Iterator[Json]:
        if what == "message":
            channel, ts = place
            known = self.workspace.messages.get(ts)
            yield frames.message(self.workspace, known) if known else frames.gone(channel, ts)
        elif what == "home":
            yield {"kind": "home", "view": self.workspace.homes.get(self.reader.id)}
        elif what == "tour":
            yield {"kind": "tour", "tour": [*self.front.tour]}
        elif what == "modal":
            yield frames.modal(self.workspace, self.reader)
        elif what == "conversation":
            room = self.workspace.conversations[place[0]]
            yield {"kind": "conversation", "conversation": frames.conversation(room)}
        else:
            yield frames.PLACED[what](self.workspace, *place)


def _due(change: Change) -> Due:
    """What has changed, without how: so that ten edits of one message are one thing due."""
    if change.message:
        return "message", change.message.channel, change.message.ts
    return (change.what,) if change.shown_to else (change.what, *change.place)


@dataclass(slots=True)
class Feed:
    """Every open page."""

    workspace: Workspace
    journal: Journal
    front: Front
    pages: set[Page] = field(default_factory=set)
    _sockets: set[web.WebSocketResponse] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.workspace.watchers.append(self._hear)
        self.journal.watchers.append(self._hear_wire)

    async def open(self, request: web.Request) -> web.StreamResponse:
        """Hold one page's WebSocket: the whole state, then every change, until it closes."""
        try:
            reader = self.workspace.person(request.query.get("user", ""))
        except NoSuchPerson as error:
            return web.json_response({"error": str(error)}, status=404)
        if reader.id == BOT_USER:
            return web.json_response({"error": "The bot reads no page."}, status=404)
        socket = web.WebSocketResponse(heartbeat=20, compress=False)
        await socket.prepare(request)
        await self._hold(socket, Page(self.workspace, self.journal, self.front, reader))
        return socket

    def guide(self, tour: Sequence[Mapping[str, Any]]) -> None:
        """From now on the tour has these steps, on the pages that are open too."""
        self.front.tour = tour
        for page in self.pages:
            page.retell()

    async def close(self) -> None:
        """Close every page."""
        for socket in [*self._sockets]:
            await socket.close(code=WSCloseCode.GOING_AWAY, message=b"playground is closing")

    async def _hold(self, socket: web.WebSocketResponse, page: Page) -> None:
        first = [*frames.state(self.workspace, self.front, page.reader)]  # nothing happens between these two
        self.pages.add(page)
        self._sockets.add(socket)
        telling = asyncio.create_task(_tell(socket, page, first))
        try:
            async for heard in socket:
                if heard.type is WSMsgType.TEXT:
                    _obey(page, heard.data)
        finally:
            self.pages.discard(page)
            self._sockets.discard(socket)
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling

    def _hear(self, change: Change) -> None:
        for page in self.pages:
            page.hear(change)

    def _hear_wire(self) -> None:
        for page in self.pages:
            page.hear_wire()


async def _tell(socket: web.WebSocketResponse, page: Page, first: list[Json]) -> None:
    """Send the state, then what changes; a page too far behind is asked to come back."""
    try:
        for frame in first:
            await _send(socket, frame)
        while True:
            await page.stirred.wait()
            page.stirred.clear()
            for frame in page.news():
                await _send(socket, frame)
                if len(page.due) > BEHIND:
                    raise TimeoutError
    except TimeoutError:
        await socket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=b"come back for the whole state")
    except ConnectionError:
        return  # the page is gone


async def _send(socket: web.WebSocketResponse, frame: Json) -> None:
    async with asyncio.timeout(SEND_SECONDS):
        await socket.send_str(json.dumps(frame, ensure_ascii=False))


def _obey(page: Page, text: str) -> None:
    """What a page asks for: the wire, or no wire. Anything else goes unheard."""
    sent: Any = {}
    with suppress(ValueError):
        sent = json.loads(text)
    if isinstance(sent, dict) and isinstance(sent.get("wire"), bool):
        page.ask_for_wire(sent["wire"])
