"""The playground over signed HTTP, to a real Bolt app behind a request URL."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from bot.playground import Playground
from tests.playground_apps import app, over_http


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async with Playground(retry_after=(0.0, 0.01, 0.02), deadline=2, ack_seconds=0.3) as slack:
        yield slack


async def test_a_signed_command_is_answered(slack):
    bolt = app(slack)

    @bolt.command("/deal")
    async def deal(ack: Any, respond: Any, command: Any) -> None:
        await ack()
        await respond(f"card of {command['text']}")

    async with over_http(slack, bolt):
        reply = await slack.command("/deal D1", user="priya")
    assert (reply.text, reply.ephemeral) == ("card of D1", True)


async def test_the_words_of_an_acknowledgement_are_shown(slack):
    bolt = app(slack)

    @bolt.command("/deal")
    async def deal(ack: Any) -> None:
        await ack("hello")

    async with over_http(slack, bolt):
        assert (await slack.command("/deal", user="priya")).text == "hello"


async def test_a_request_signed_with_another_secret_is_not_taken(slack):
    bolt = app(slack)
    slack.credentials.signing_secret = "not-the-apps-secret"
    async with over_http(slack, bolt):
        assert (await slack.command("/deal", user="priya")).error == "dispatch_failed"


async def test_nobody_listening_is_dispatch_failed(slack):
    slack.deliver_to("http://127.0.0.1:9/slack/events")
    assert (await slack.command("/deal", user="priya")).error == "dispatch_failed"


async def heard(slack: Playground, *statuses: int, **headers: str) -> list[tuple[str, str]]:
    """Which tries of one event reach an app that answers with these statuses: number and reason of each."""
    tries: list[tuple[str, str]] = []

    async def listen(request: web.Request) -> web.Response:
        number, reason = (request.headers.get(f"x-slack-retry-{name}", "") for name in ("num", "reason"))
        tries.append((number, reason))
        return web.Response(status=statuses[min(len(tries), len(statuses)) - 1], headers=headers)

    server = web.Application()
    server.router.add_post("/slack/events", listen)
    runner = web.AppRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.deliver_to(f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events")
    await slack.say(slack.direct("priya"), "hello", "priya", within=0.3)
    await runner.cleanup()
    return tries


async def test_an_event_is_tried_again_until_it_is_taken(slack):
    assert await heard(slack, 500, 503, 200) == [("", ""), ("1", "http_error"), ("2", "http_error")]


async def test_an_event_is_tried_four_times_at_most(slack):
    assert len(await heard(slack, 500)) == 4


async def test_an_app_can_ask_for_no_retry(slack):
    assert await heard(slack, 500, **{"x-slack-no-retry": "1"}) == [("", "")]


async def test_uninstalling_tells_the_app_and_revokes_its_token(slack):
    bolt, told = app(slack), []

    @bolt.event("app_uninstalled")
    async def uninstalled(event: Any) -> None:
        told.append(event["type"])

    @bolt.event("tokens_revoked")
    async def revoked(event: Any) -> None:
        told.append(event["type"])

    async with over_http(slack, bolt):
        await bolt.client.auth_test()
        await slack.uninstall()
    assert told == ["tokens_revoked", "app_uninstalled"]
    assert (await slack.command("/deal", user="priya")).error == "dispatch_failed"
