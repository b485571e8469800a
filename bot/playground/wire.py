"""The playground towards the app: calls of the Web API and posts to response_urls, faults included."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from aiohttp import web

from bot.playground import chat, conversations, files, users, views  # noqa: F401  (they register their methods)
from bot.playground.api import METHODS, Arguments, Call, Method, read
from bot.playground.faults import Fault, Faults, Kind
from bot.playground.hooks import Hooks
from bot.playground.journal import Journal
from bot.playground.pace import Pace
from bot.playground.pulse import Pulse
from bot.playground.records import Json
from bot.playground.workspace import Refused

CALLS_KEPT: Final = 100_000
NOTHING: Final[Mapping[str, Any]] = {}

Answer: TypeAlias = Callable[[web.Request, "Asked"], Awaitable[web.Response]]
Instead: TypeAlias = Callable[[web.Request, Fault], Awaitable[web.StreamResponse]]
After: TypeAlias = Callable[[web.Request, Fault, web.Response], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class CallMade:
    """One call the app made: when, which, with what, how it ended, and whether it took effect."""

    at: float
    method: str
    arguments: Mapping[str, Any]
    outcome: str  # "ok", Slack's error code, or the fault it met
    stored: bool

    def as_json(self) -> Json:
        """The call for the control API."""
        shown = {name: value for name, value in self.arguments.items() if name != "token"}
        how = {"outcome": self.outcome, "stored": self.stored}
        return {"at": self.at, "method": self.method, "arguments": shown, **how}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is being asked: the method, the fault it meets, and when it began."""

    method: str
    fault: Fault | None
    began: float

    @property
    def outcome(self) -> str:
        """How it ends where nothing but the fault is wrong."""
        return str(self.fault.kind) if self.fault else "ok"


@dataclass(slots=True)
class Wire:
    """Answers the app, and keeps a ledger of what it asked. `context` makes a `Call` of its arguments."""

    context: Callable[[Arguments], Call]
    hooks: Hooks
    pulse: Pulse
    pace: Pace
    faults: Faults
    journal: Journal
    calls: deque[CallMade] = field(default_factory=lambda: deque(maxlen=CALLS_KEPT))

    async def call(self, request: web.Request) -> web.StreamResponse:
        """One call of the Web API, with whatever fault it meets."""
        return await self._serve(request, request.match_info["method"], self._answer)

    async def respond(self, request: web.Request) -> web.StreamResponse:
        """One post to a response_url; faults know it by the method name "response_url"."""
        return await self._serve(request, "response_url", self._take)

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """The bytes of a file at its upload address; faults know it by the method name "upload"."""
        return await self._serve(request, "upload", self._store)

    async def _serve(self, request: web.Request, name: str, answer: Answer) -> web.StreamResponse:
        with self.pulse.busy():
            fault = self.faults.next(name)
            asked = Asked(name, fault, self.journal.clock())
            if fault and fault.kind in INSTEAD:
                self._note(asked, Arguments(), asked.outcome, stored=False)
                return await INSTEAD[fault.kind](request, fault)
            if fault and fault.kind is Kind.LAND_LATE:
                await request.read()  # all of it is here, whatever becomes of its sender
                await asyncio.sleep(fault.seconds)
            response = await answer(request, asked)
            return await AFTER[fault.kind](request, fault, response) if fault else response

    async def _take(self, request: web.Request, asked: Asked) -> web.Response:
        """The ordinary answer to a post to a response_url."""
        arguments = Arguments()
        try:
            arguments = await _arguments(request)
            self.hooks.post(request.match_info["id"], self.context(arguments))
        except Refused as error:
            told = {"ok": False, "error": error.code}
            outcome = asked.outcome if asked.fault else error.code
            self._note(asked, arguments, outcome, stored=False, answer=told)
            gone = error.code in ("expired_url", "used_url")
            return web.json_response(told, status=404 if gone else 200)
        self._note(asked, arguments, asked.outcome, stored=True)
        return web.Response(text="ok")

    async def _store(self, request: web.Request, asked: Asked) -> web.Response:
        """The ordinary answer to an upload."""
        content, arguments = await request.read(), Arguments(id=request.match_info["id"])
        try:
            files.put(self.context(arguments).workspace, arguments["id"], content)
        except Refused as error:
            self._note(asked, arguments, error.code, stored=False)
            return web.Response(status=400, text=error.code)
        self._note(asked, arguments, asked.outcome, stored=True)
        return web.Response(text=f"OK - {len(content)}")

    async def _answer(self, request: web.Request, asked: Asked) -> web.Response:
        """The ordinary answer to a call."""
        arguments = Arguments()
        try:
            arguments = await _arguments(request)
            answer = {"ok": True, **self._run(asked.method, _token(request, arguments), arguments)}
        except Refused as error:
            told = {"ok": False, "error": error.code, **error.details}
            self._note(asked, arguments, error.code, stored=False, answer=told)
            return _refusal(error)
        self._note(asked, arguments, asked.outcome, stored=True, answer=answer)
        scopes = ",".join(sorted(self.context(arguments).credentials.scopes))
        return web.json_response(answer, headers={"x-oauth-scopes": scopes})

    def _run(self, name: str, token: str, arguments: Arguments) -> Json:
        method, call = METHODS.get(name), self.context(arguments)
        if method is None:
            raise Refused("unknown_method", req_method=name)
        call.credentials.admit(token, method)
        wait = self._too_early_by(name, method, arguments)
        if wait:
            raise Refused("ratelimited", retry_after=wait)
        return method.run(call)

    def _too_early_by(self, name: str, method: Method, arguments: Arguments) -> int:
        """Whole seconds to wait before this call may pass."""
        if method.posts:
            return self.pace.wait_to_post(str(arguments.get("channel")))
        return self.pace.wait(name, method.per_minute)

    def _note(
        self,
        asked: Asked,
        arguments: Arguments,
        outcome: str,
        *,
        stored: bool,
        answer: Mapping[str, Any] = NOTHING,
    ) -> None:
        """Write a call down, in the ledger and for the inspector."""
        self.calls.append(CallMade(self.journal.clock(), asked.method, arguments, outcome, stored))
        error = "" if outcome == "ok" else outcome
        self.journal.note("in", asked.method, asked.began, arguments, answer, error)


async def _arguments(request: web.Request) -> Arguments:
    if request.content_type == "application/json":
        return read(request.content_type, await request.read(), request.query, {})
    return read(request.content_type, b"", request.query, await request.post())


def _token(request: web.Request, arguments: Arguments) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else str(arguments.get("token", ""))


def _refusal(error: Refused) -> web.Response:
    """`ok: false`; a call that came too early gets 429 and Retry-After."""
    if error.code == "ratelimited":
        return _too_early(error.details["retry_after"])
    return web.json_response({"ok": False, "error": error.code, **error.details})


def _too_early(seconds: int) -> web.Response:
    body = {"ok": False, "error": "ratelimited"}
    return web.json_response(body, status=429, headers={"Retry-After": str(seconds)})


# ---------------------------------------------------------------- what faults do


async def _ratelimited(_: web.Request, fault: Fault) -> web.StreamResponse:
    return _too_early(fault.retry_after)


async def _refused(_: web.Request, fault: Fault) -> web.StreamResponse:
    return web.json_response({"ok": False, "error": fault.error})


async def _failed(*_: object) -> web.StreamResponse:
    return web.Response(status=500, text="<html>Internal Server Error</html>", content_type="text/html")


async def _dropped(request: web.Request, *_: object) -> web.StreamResponse:
    """Close the connection without an answer."""
    if isinstance(request.transport, asyncio.WriteTransport):
        request.transport.abort()
    return web.Response()


async def _as_it_is(_: web.Request, __: Fault, response: web.Response) -> web.StreamResponse:
    return response


async def _delayed(_: web.Request, fault: Fault, response: web.Response) -> web.StreamResponse:
    await asyncio.sleep(fault.seconds)
    return response


INSTEAD: Final[Mapping[Kind, Instead]] = {
    Kind.RATELIMITED: _ratelimited,
    Kind.FAIL: _failed,
    Kind.REFUSE: _refused,
    Kind.DROP: _dropped,
}
AFTER: Final[Mapping[Kind, After]] = {
    Kind.STORE_THEN_FAIL: _failed,
    Kind.STORE_THEN_DROP: _dropped,
    Kind.DELAY: _delayed,
    Kind.LAND_LATE: _as_it_is,
}
