"""From Slack to the app: one door (signed HTTP, or Socket Mode), and events tried again until heard."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import aiohttp
from slack_sdk.signature import SignatureVerifier

from bot.playground import payloads
from bot.playground.journal import Journal
from bot.playground.pulse import Pulse
from bot.playground.records import Json

RETRY_AFTER: Final = (0.0, 60.0, 300.0)  # seconds before the first, second and third retry


class NotAcknowledged(Exception):
    """The app did not acknowledge a payload; `reason` is Slack's word for why."""

    def __init__(self, reason: str, *, may_retry: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.may_retry = may_retry


@dataclass(frozen=True, slots=True)
class Delivery:
    """One payload on its way: its kind as Socket Mode names it, and which try this is."""

    kind: str
    payload: Json
    retry: int = 0
    reason: str = ""


class Door(Protocol):
    """A way to the app."""

    async def deliver(self, delivery: Delivery) -> Json:
        """The payload of the app's acknowledgement, empty if it had none.

        Raises:
            NotAcknowledged: there was none in time.
        """
        ...


@dataclass(slots=True)
class SignedHttp:
    """Slack's signed requests to the app's request URL."""

    url: str
    signing_secret: str
    clock: Callable[[], float]
    seconds: float

    async def deliver(self, delivery: Delivery) -> Json:
        """See `Door`."""
        content_type, body = payloads.as_form(delivery.kind, delivery.payload)
        headers = self._headers(content_type, body, delivery)
        timeout = aiohttp.ClientTimeout(total=self.seconds)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.post(self.url, data=body.encode(), headers=headers) as response,
            ):
                return _acknowledgement(response.status, response.headers, await response.text())
        except TimeoutError:
            raise NotAcknowledged("http_timeout") from None
        except aiohttp.ClientError:
            raise NotAcknowledged("connection_failed") from None

    def _headers(self, content_type: str, body: str, delivery: Delivery) -> dict[str, str]:
        at = str(int(self.clock()))
        signature = SignatureVerifier(self.signing_secret).generate_signature(timestamp=at, body=body)
        headers = {
            "content-type": content_type,
            "x-slack-request-timestamp": at,
            "x-slack-signature": signature or "",
        }
        if delivery.retry:
            headers |= {"x-slack-retry-num": str(delivery.retry), "x-slack-retry-reason": delivery.reason}
        return headers


def _acknowledgement(status: int, headers: Mapping[str, str], body: str) -> Json:
    """What the app's HTTP answer says: JSON, plain text or nothing.

    Raises:
        NotAcknowledged: the status is not 2xx.
    """
    if not 200 <= status < 300:
        raise NotAcknowledged("http_error", may_retry=headers.get("x-slack-no-retry") != "1")
    if headers.get("content-type", "").startswith("application/json"):
        return _object(body)
    return {"text": body} if body.strip() else {}


def _object(body: str) -> Json:
    try:
        sent = json.loads(body)
    except ValueError:
        sent = None
    if not isinstance(sent, dict):
        raise NotAcknowledged("invalid_response", may_retry=False)
    return sent


class Courier:
    """Brings payloads to the app and remembers how it went."""

    def __init__(self, pulse: Pulse, retry_after: Sequence[float], journal: Journal) -> None:
        self.pulse = pulse
        self.journal = journal
        self.door: Door | None = None
        self.retry_after = retry_after
        self.failures: list[tuple[str, str]] = []  # kind and reason of every payload not acknowledged
        self._telling: set[asyncio.Task[None]] = set()

    async def ask(self, kind: str, payload: Json) -> Json:
        """Deliver a command or a click, once.

        Raises:
            NotAcknowledged: the app did not.
        """
        return await self._deliver(Delivery(kind, payload))

    def tell(self, payload: Json) -> asyncio.Task[None]:
        """Deliver an event in the background, again and again as Slack does."""
        task = asyncio.create_task(self._tell(payload))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
        return task

    async def close(self) -> None:
        """Give up on events nobody has heard."""
        for task in self._telling:
            task.cancel()
        await asyncio.gather(*self._telling, return_exceptions=True)

    async def _tell(self, payload: Json) -> None:
        reason = ""
        for retry, wait in enumerate((0.0, *self.retry_after)):
            await asyncio.sleep(wait)
            try:
                await self._deliver(Delivery("events_api", payload, retry, reason))
                return
            except NotAcknowledged as error:
                reason = error.reason
                if not error.may_retry:
                    return

    async def _deliver(self, delivery: Delivery) -> Json:
        began = self.journal.clock()
        try:
            if self.door is None:
                raise NotAcknowledged("no_connection")
            with self.pulse.busy():
                acknowledged = await self.door.deliver(delivery)
        except NotAcknowledged as error:
            self.failures.append((delivery.kind, error.reason))
            self.journal.note("out", _name(delivery), began, delivery.payload, {}, error.reason)
            raise
        self.journal.note("out", _name(delivery), began, delivery.payload, acknowledged)
        return acknowledged


def _name(delivery: Delivery) -> str:
    """What a payload is: its event's type, its command, or its own type."""
    payload = delivery.payload
    named = payload.get("event", {}).get("type") or payload.get("command") or payload.get("type")
    return str(named or delivery.kind)
