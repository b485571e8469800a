"""Signed `/winrate region` over HTTP against a bare Bolt command on the same server, in the same run."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import aiohttp
from aiohttp import web
from slack_sdk.signature import SignatureVerifier

WARM_UP = 50


@dataclass(frozen=True, slots=True)
class Figures:
    """What a kind of server cost: CPU per request, and how long a person waits."""

    cpu_ms: float
    ack_p50_ms: float
    ack_p99_ms: float
    answer_p50_ms: float
    answer_p99_ms: float


class Slack:
    """The other side: says who users are, and notes when an answer arrives."""

    def __init__(self, email: str) -> None:
        self.email = email
        self.arrived: asyncio.Queue[float] = asyncio.Queue()

    async def api(self, request: web.Request) -> web.Response:
        """`auth.test` and `users.info`, all that a command needs."""
        profile = {"profile": {"email": self.email}}
        return web.json_response(
            {"ok": True, "user_id": "UBOT", "bot_id": "BBOT", "team_id": "T1", "user": profile}
        )

    async def answer(self, request: web.Request) -> web.Response:
        """A post to the command's response_url."""
        await request.read()
        self.arrived.put_nowait(time.perf_counter())
        return web.Response(text="ok")

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Serve on a free port; gives the address."""
        site = web.Application()
        site.router.add_route("*", "/api/{method}", self.api)
        site.router.add_post("/answer", self.answer)
        runner = web.AppRunner(site, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


def signed(slack: str) -> tuple[str, dict[str, str]]:
    """A slash command as Slack sends it, and its headers."""
    body = urlencode(
        {
            "command": "/winrate",
            "text": "region",
            "user_id": "U1",
            "team_id": "T1",
            "channel_id": "C1",
            "trigger_id": "1.2.3",
            "response_url": f"{slack}/answer",
            "api_app_id": "A1",
        }
    )
    now = str(int(time.time()))  # noqa: TID251 - a signature is of now
    signature = SignatureVerifier("bench").generate_signature(timestamp=now, body=body)
    return body, {
        "x-slack-request-timestamp": now,
        "x-slack-signature": str(signature),
        "content-type": "application/x-www-form-urlencoded",
    }


async def measure(kind: str, home: Path, slack: Slack, address: str, requests: int) -> Figures:
    """Start one kind of server and ask it again and again, one question at a time."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.bench.face",
        kind,
        str(home),
        f"{address}/api/",
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    server = f"http://127.0.0.1:{int(await process.stdout.readline())}"
    try:
        async with aiohttp.ClientSession() as http:
            await ask(http, server, kind, slack, address, WARM_UP)
            before = await cpu(http, server)
            acks, answers = await ask(http, server, kind, slack, address, requests)
            used = await cpu(http, server) - before
    finally:
        process.terminate()
        await process.wait()
    return Figures(1000 * used / requests, at(acks, 0.5), at(acks, 0.99), at(answers, 0.5), at(answers, 0.99))


async def ask(
    http: aiohttp.ClientSession, server: str, kind: str, slack: Slack, address: str, times: int
) -> tuple[list[float], list[float]]:
    """Milliseconds until acknowledged and until answered, for each of so many questions."""
    acks, answers = [], []
    for _ in range(times):
        body, headers = signed(address)
        began = time.perf_counter()
        async with http.post(f"{server}/slack/events", data=body, headers=headers) as response:
            assert response.status == 200, await response.text()
            await response.read()
        acks.append(1000 * (time.perf_counter() - began))
        if kind != "ack":
            answers.append(1000 * (await asyncio.wait_for(slack.arrived.get(), 10) - began))
    return acks, answers or acks


async def cpu(http: aiohttp.ClientSession, server: str) -> float:
    """Seconds of CPU the server has used."""
    async with http.get(f"{server}/cpu") as response:
        return float(await response.text())


def at(values: list[float], share: float) -> float:
    """The value below which `share` of the values lie."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


async def compare(home: Path, email: str, requests: int = 500) -> dict[str, Figures]:
    """Every kind of server, in turn."""
    slack = Slack(email)
    async with slack.listening() as address:
        return {
            kind: await measure(kind, home, slack, address, requests) for kind in ("ack", "respond", "coach")
        }
