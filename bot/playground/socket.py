"""Socket Mode: WebSocket connections that the app opens, and payloads that go to one of them."""

import asyncio
import json
import random
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import WSMsgType, web

from bot.playground.events import Delivery, NotAcknowledged
from bot.playground.pulse import Pulse
from bot.playground.records import APP, Json

MOST: Final = 10  # connections of one app
GRACE: Final = 0.5  # seconds a connection lives on after it was told to refresh


@dataclass(frozen=True, slots=True, eq=False)
class Connection:
    """One WebSocket, and the request that opened it."""

    socket: web.WebSocketResponse
    request: web.Request

    def abort(self) -> None:
        """Break the connection underneath."""
        if isinstance(self.request.transport, asyncio.WriteTransport):
            self.request.transport.abort()


@dataclass(slots=True)
class SocketMode:
    """Every open connection of the app; `seconds` is how long an acknowledgement may take."""

    seconds: float
    pulse: Pulse
    seed: int = 0
    _tickets: set[str] = field(default_factory=set)
    _connections: list[Connection] = field(default_factory=list)
    _awaited: dict[str, asyncio.Future[Json]] = field(default_factory=dict)
    _random: random.Random = field(init=False)
    _count: int = 0

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    @property
    def connections(self) -> int:
        """How many connections take payloads now."""
        return len(self._connections)

    def ticket(self) -> str:
        """What the next connection must show; good for one."""
        self._count += 1
        ticket = f"ticket-{self._count}"
        self._tickets.add(ticket)
        return ticket

    async def link(self, request: web.Request) -> web.StreamResponse:
        """Hold one connection: say hello, then hear acknowledgements until it closes."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets or self.connections >= MOST:
            return web.Response(status=403, text="apps.connections.open gives a URL that works once.")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(heartbeat=30)
        await socket.prepare(request)
        connection = Connection(socket, request)
        self._connections.append(connection)
        self.pulse.beat()
        try:
            await socket.send_json(self._hello())
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._hear(message.data)
        finally:
            self._retire(connection)
        return socket

    async def deliver(self, delivery: Delivery) -> Json:
        """See `events.Door`: to one connection, at random.

        Raises:
            NotAcknowledged: no connection, or no acknowledgement in time.
        """
        self._count += 1
        envelope = _envelope(f"envelope-{self._count}", delivery)
        acknowledged = asyncio.get_running_loop().create_future()
        self._awaited[envelope["envelope_id"]] = acknowledged
        try:
            await self._send(envelope)
            return await asyncio.wait_for(acknowledged, self.seconds)
        except TimeoutError:
            raise NotAcknowledged("timeout") from None
        finally:
            del self._awaited[envelope["envelope_id"]]

    async def refresh(self) -> None:
        """Ask every connection to come back anew, as Slack does every few hours."""
        old = [*self._connections]
        for connection in old:
            self._retire(connection)
            await connection.socket.send_json({"type": "disconnect", "reason": "refresh_requested"})
        await asyncio.sleep(GRACE)
        for connection in old:
            await connection.socket.close()

    def cut(self) -> None:
        """Break every connection without a word, as a network does."""
        for connection in [*self._connections]:
            self._retire(connection)
            connection.abort()

    async def close(self) -> None:
        """Close every connection."""
        for connection in [*self._connections]:
            self._retire(connection)
            await connection.socket.close(code=1001, message=b"playground is closing")

    async def _send(self, envelope: Json) -> None:
        """Send to one connection; where that is already dead, to another."""
        while self._connections:
            connection = self._random.choice(self._connections)
            try:
                return await connection.socket.send_json(envelope)
            except ConnectionError:
                self._retire(connection)
        raise NotAcknowledged("no_connection")

    def _hear(self, text: str) -> None:
        """Take an acknowledgement; what is none, or comes too late, goes unheard."""
        sent: Any = {}
        with suppress(ValueError):
            sent = json.loads(text)
        awaited = self._awaited.get(sent.get("envelope_id", "")) if isinstance(sent, dict) else None
        if awaited and not awaited.done():
            awaited.set_result(sent.get("payload") or {})

    def _retire(self, connection: Connection) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
            self.pulse.beat()

    def _hello(self) -> Json:
        info = {"host": "playground", "approximate_connection_time": 18_000}
        return {
            "type": "hello",
            "num_connections": self.connections,
            "debug_info": info,
            "connection_info": {"app_id": APP},
        }


def _envelope(id: str, delivery: Delivery) -> Json:
    envelope: Json = {
        "envelope_id": id,
        "type": delivery.kind,
        "payload": delivery.payload,
        "accepts_response_payload": delivery.kind != "events_api",
    }
    if delivery.kind == "events_api":
        envelope |= {"retry_attempt": delivery.retry, "retry_reason": delivery.reason}
    return envelope
