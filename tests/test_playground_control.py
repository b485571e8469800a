"""The control API: another process drives the playground with JSON."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.playground import Playground
from tests.playground_apps import over_socket
from tests.test_playground_bolt import coach


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async with Playground(deadline=2) as slack, over_socket(slack, coach(slack)):
        yield slack


async def asked(slack: Playground, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """The status and JSON of a request: POST with a body, else GET."""
    url = f"http://127.0.0.1:{slack.port}/control/{path}"
    method = "GET" if body is None else "POST"
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, url, json=body, headers=headers) as response,
    ):
        return response.status, await response.json()


async def test_a_command_is_typed_and_its_answer_clicked(slack):
    _, card = await asked(slack, "command", {"line": "/deal D1", "user": "priya"})
    ts = card["messages"][0]["ts"]
    _, owned = await asked(slack, "click", {"ts": ts, "action_id": "own", "user": "priya"})
    assert (card["text"], card["ephemeral"], owned["text"]) == ("card of D1", True, "D1 is yours")


async def test_the_open_modal_is_clicked_and_sent_off(slack):
    await asked(slack, "command", {"line": "/log", "user": "priya"})
    status, said = await asked(slack, "click", {"modal": True, "action_id": "sell", "user": "priya"})
    _, sent = await asked(slack, "submit", {"user": "priya", "values": {"note": "called"}})
    assert (status, said["error"]) == (400, "No element 'sell' here. There is: note.")
    assert (sent["error"], slack.modal("priya")) == ("", None)


async def test_words_are_said_and_what_a_person_sees_is_read(slack):
    await asked(slack, "say", {"channel": "direct", "text": "hello", "user": "priya"})
    _, seen = await asked(slack, "sees?user=priya&channel=direct")
    assert [message["text"] for message in seen["messages"]] == ["hello", "you said hello"]


async def test_the_people_are_listed_with_their_direct_messages(slack):
    _, who = await asked(slack, "people")
    assert ("priya", "D_PRIYA") in [(p["name"], p["direct"]) for p in who["people"]]


async def test_faults_are_set_and_the_ledger_tells_what_was_stored(slack):
    await asked(slack, "faults", {"script": [{"kind": "store_then_fail", "method": "chat.postMessage"}]})
    await asked(slack, "say", {"channel": "direct", "text": "hello", "user": "priya", "within": 0.5})
    _, ledger = await asked(slack, "ledger?last=1")
    assert [(c["method"], c["outcome"]) for c in ledger["calls"]] == [("chat.postMessage", "store_then_fail")]


@pytest.mark.parametrize(
    ("path", "body", "sentence"),
    [
        ("command", {"user": "priya"}, "The body lacks 'line'."),
        ("command", {"line": "/deal", "user": "zoe"}, "Nobody here goes by 'zoe'."),
        ("command", {"line": "/deal", "user": "priya", "channel": "x"}, "No conversation 'x'."),
        ("click", {"ts": "1", "action_id": "own", "user": "priya"}, "There is no message '1'."),
        ("faults", {"script": [{"kind": "explode"}]}, "'explode' is not a valid Kind"),
        ("sees", None, "Say whose messages: ?user=priya"),
    ],
)
async def test_a_mistake_is_told_in_a_sentence(slack, path, body, sentence):
    status, answer = await asked(slack, path, body)
    assert status == 400
    assert answer["error"].startswith(sentence)


@pytest.mark.parametrize("header", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
async def test_a_page_of_another_site_cannot_use_it(slack, header):
    status, _ = await asked(slack, "people", **header)
    assert status == 403


async def test_a_text_lists_the_control_api(slack):
    async with aiohttp.ClientSession() as session, session.get(f"{slack.url}control") as page:
        assert "POST /control/command" in await page.text()


async def test_it_runs_as_a_process_that_prints_where_it_is(tmp_path: Path):
    people = tmp_path / "people.json"
    people.write_text(json.dumps([{"id": "U_ZOE", "name": "zoe", "email": "zoe@example.com"}]))
    command = [sys.executable, "-m", "bot.playground", "--port", "0", "--people", str(people)]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    lines = [(await process.stdout.readline()).decode().strip() for _ in range(4)]
    variables = dict(line.split("=", 1) for line in lines)
    web = AsyncWebClient(variables["SLACK_BOT_TOKEN"], base_url=variables["SLACK_API_URL"])
    found = await web.users_lookupByEmail(email="zoe@example.com")
    os.kill(process.pid, signal.SIGTERM)
    assert found["user"]["id"] == "U_ZOE"
    assert await process.wait() == 0
