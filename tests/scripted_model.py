"""What a fake model server is made to say and to do wrong, for whoever looks at what Slack receives of it."""

import asyncio
import json
import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import yaml
from aiohttp import web
from llmock.scenarios import Behavior, Delay, Fail, Match, Reply, StreamFault, ToolCall, ToolFault

from bot.model import Asker, Call, Choice, Unavailable
from prompts.files import Prompt

WRITTEN: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "lies.yaml").read_text(encoding="utf-8"))
LIES: list[dict[str, str]] = WRITTEN["lies"]

SUGGESTION = "Ask the buyer who else has to agree."
DEADLINE = 0.6  #: seconds; what only ends there ends soon
PATIENCE = 5.0  #: seconds of deadline for what ends by itself, however busy the machine is


class Scripts(Protocol):
    """What scripts a fake server: pytest's `llmock`, or its queue in a benchmark."""

    def add(self, *behaviors: Behavior) -> Any: ...


def blocks(*told: dict[str, Any]) -> str:
    """What a model of good will writes."""
    return json.dumps({"blocks": [*told]})


GOOD = blocks({"claims": ["c1"]}, {"claims": ["c2"]}, {"say": SUGGESTION})
#: Of GOOD so many chunks tell two whole blocks and the beginning of a third.
HALF = 7
#: Calls of a tool that nobody waits for.
FLOOD = Reply(
    tool_calls=tuple(ToolCall("win_rate", {"by": ["region"], "n": n}) for n in range(200)), times=None
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which a model fails: of our server's when it has a script, else of the rude one's."""

    outcome: str  # of the call, as its row says
    script: tuple[Behavior, ...] = ()
    seconds: float = PATIENCE  # the deadline it meets


def _broken(kind: str, **more: Any) -> tuple[Behavior, ...]:
    """A stream that begins well."""
    return (Reply(text=GOOD, times=None), StreamFault(kind, **{"after_chunks": HALF, "times": None} | more))


_REFUSALS: dict[str, Fault] = {
    "429": Fault("rate_limited", (Fail(429, retry_after=0.02, times=None),)),
    "500": Fault("server", (Fail(500, retry_after=0.02, times=None),)),
    "quota": Fault("quota", (Fail(429, code="insufficient_quota", times=None),)),
    "empty": Fault("empty", (Reply(text="", times=None),)),
    "refusal": Fault("refused", (Reply(text="I", finish_reason="content_filter", times=None),)),
}

#: The twelve faults of an answer that is streamed.
TELLING = _REFUSALS | {
    "hang": Fault("deadline", _broken("stall", after_chunks=0, stall_seconds=2), DEADLINE),
    "drip": Fault("deadline", seconds=DEADLINE),
    "disconnect": Fault("connection", _broken("disconnect")),
    "truncation": Fault("truncated", _broken("truncate")),
    "bad JSON": Fault("told", (Reply(text=GOOD[:-20], times=None),)),
    "bad chunk": Fault("bad_stream", _broken("malformed")),
    "tool flood": Fault("bad_stream", (FLOOD,)),
}

#: The same of a model that reads a question: its answer comes in one piece.
READING = _REFUSALS | {
    "hang": Fault("deadline", (Delay(2, times=None),), DEADLINE),
    "drip": Fault("deadline", seconds=DEADLINE),
    "disconnect": Fault("connection"),
    "truncation": Fault("bad_stream"),
    "bad JSON": Fault("told", (ToolFault("malformed_arguments", times=None, match=Match()),)),
    "bad chunk": Fault("bad_stream"),
    "tool flood": Fault("told", (FLOOD,)),
}


@asynccontextmanager
async def rude_server(fault: str) -> AsyncIterator[str]:
    """The address of a server that fails in a way of which the other has none."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", _RUDE[fault])
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    finally:
        await runner.cleanup()


async def _drip(request: web.Request) -> web.StreamResponse:
    """A little of an answer again and again, never its end."""
    streamed = b'"stream"' in await request.read()
    kind, drop = ("text/event-stream", _letter()) if streamed else ("application/json", b" ")
    answer = web.StreamResponse(headers={"content-type": kind})
    await answer.prepare(request)
    while True:
        await answer.write(drop)
        await asyncio.sleep(0.05)


def _letter() -> bytes:
    chunk = {"choices": [{"index": 0, "delta": {"content": " "}, "finish_reason": None}]}
    return f"data: {json.dumps(chunk)}\n\n".encode()


async def _disconnect(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"content-type": "application/json", "content-length": "1000"})
    await answer.prepare(request)
    await answer.write(b'{"choices": [')
    if request.transport:
        request.transport.close()
    return answer


async def _truncate(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b'{"choices": [{"index": 0, "mess', content_type="application/json")


async def _scramble(request: web.Request) -> web.StreamResponse:
    return web.Response(body=b"\xff\xfe<html>", content_type="application/json")


_RUDE: dict[str, Callable[[web.Request], Any]] = {
    "drip": _drip,
    "disconnect": _disconnect,
    "truncation": _truncate,
    "bad chunk": _scramble,
}


# ---------------------------------------------------------------- completions of every kind


def completions(number: int, seed: int = 7) -> list[tuple[str, Reply]]:
    """So many answers of a model, each with its kind: true, lying, broken, somebody else's, and floods."""
    chance = random.Random(seed)
    kinds = list(_KINDS)
    return [(kind, _KINDS[kind](chance, at)) for at in range(number) for kind in [kinds[at % len(kinds)]]]


def _told(chance: random.Random, _: int) -> Reply:
    ids = chance.sample([f"c{n}" for n in range(1, 7)], 3)
    return Reply(text=blocks({"claims": ids[:1]}, {"claims": ids[1:]}, {"say": SUGGESTION}))


def _lying(_: random.Random, at: int) -> Reply:
    return Reply(text=LIES[(at // len(_KINDS)) % len(LIES)]["text"])


def _half(chance: random.Random, _: int) -> Reply:
    return Reply(text=GOOD[: chance.randrange(1, len(GOOD))])


def _of_others(chance: random.Random, _: int) -> Reply:
    ids = ["amount/deal=SL-0002", "win_rate/rep=rep_3", "c99", "C1", "c1 ", "deal.stalled", "../c1", "c१"]
    return Reply(text=blocks({"claims": [chance.choice(ids)]}, {"play": chance.choice(ids), "for": "c1"}))


def _digits(chance: random.Random, _: int) -> Reply:
    number = chance.choice(["42 %", "４２", "٤٢", "四十二", "XLII", "forty-two", "½", "①", "twice", "🔟"])
    return Reply(text=blocks({"claims": ["c1"]}, {"say": f"Ask the buyer about the {number} discount."}))


def _markup(chance: random.Random, _: int) -> Reply:
    live = [
        "<!channel>",
        "<@U1>",
        "[pay](https://evil.example)",
        "evil.example",
        "*URGENT*",
        "\u202eabc",
        "`x`",
    ]
    return Reply(text=blocks({"claims": ["c1"]}, {"say": f"Ask {chance.choice(live)} about it."}))


def _flooding(_: random.Random, at: int) -> Reply:
    return FLOOD if at % 2 else Reply(text=GOOD, tool_calls=(ToolCall("run_sql", {"q": "SELECT 1"}),))


def _long(chance: random.Random, _: int) -> Reply:
    word = chance.choice(["really ", "42 ", '{"claims": ["c1"]}, ', "a"])
    return Reply(text='{"blocks": [' + word * 10_000)


def _empty(chance: random.Random, _: int) -> Reply:
    return Reply(text=chance.choice(["", " ", "{}", '{"blocks": []}', "null", "[]", '{"blocks": [null]}']))


def _refusing(chance: random.Random, _: int) -> Reply:
    why = chance.choice(["content_filter", "length", "stop", "tired"])
    return Reply(text="I can't help with that. Win rate is 99 %.", finish_reason=why)


_KINDS: dict[str, Callable[[random.Random, int], Reply]] = {
    "true": _told,
    "lying": _lying,
    "half JSON": _half,
    "ids of others": _of_others,
    "digits": _digits,
    "markup": _markup,
    "tool flood": _flooding,
    "10k tokens": _long,
    "empty": _empty,
    "refusal": _refusing,
}


# ---------------------------------------------------------------- a model in this process


@dataclass
class Arbitrary:
    """A model that says and calls whatever it was given, and may end in a flood and a fault."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    fault: str = ""
    piece: int = 7
    flood: str = ""  # said again and again after the text
    name: str = "arbitrary-model"
    asked: int = 0

    async def stream(
        self, prompt: Prompt, messages: list[dict[str, Any]], schema: dict[str, Any] | None, asker: Asker
    ) -> AsyncGenerator[str, None]:
        """The text in pieces, then the flood and the fault."""
        self.asked += 1
        for start in range(0, len(self.text), self.piece):
            yield self.text[start : start + self.piece]
        for _ in range(5_000 if self.flood else 0):
            yield self.flood
        if self.fault:
            raise Unavailable(self.fault)

    async def choose(
        self, prompt: Prompt, messages: list[dict[str, Any]], tools: list[dict[str, Any]], asker: Asker
    ) -> Choice:
        """The calls and the text."""
        self.asked += 1
        if self.fault and not self.calls:
            raise Unavailable(self.fault)
        return Choice(self.calls, self.text)
