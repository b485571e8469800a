"""A modal that was sent off: closed, or kept open with the sentence that says what went wrong."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.listeners import modals
from bot.listeners.modals import CLOSED, in_modal
from bot.playground import Playground
from data.mendable import Mendable
from tests.playground_apps import app, over_socket
from tests.test_playground_modals import NOTE, modal


class Wrong(Mendable):
    """Something the reader can mend."""


@in_modal("note")
async def sent(_: Any, view: Any, *__: Any) -> dict[str, Any]:
    """Does what is written in the modal."""
    match view["state"]["values"]["note"]["note"]["value"]:
        case "mendable":
            raise Wrong("Say it in one line.")
        case "broken":
            raise ZeroDivisionError("secret of ours")
        case "slow":
            await asyncio.sleep(1)
    return CLOSED


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async with Playground(deadline=2) as slack:
        bolt = app(slack)
        bolt.view("sent")(sent)

        @bolt.command("/log")
        async def log(ack: Any, command: Any, client: Any) -> None:
            await ack()
            await client.views_open(trigger_id=command["trigger_id"], view=modal("Log", NOTE))

        async with over_socket(slack, bolt):
            await slack.command("/log", user="priya")
            yield slack


async def said(slack: Playground, note: str) -> str:
    """What stands below the input once the modal was sent off; it must still be open."""
    reply = await slack.submit("priya", {"note": note})
    assert (reply.error, slack.modal("priya") is not None) == ("", True)
    return reply.payload["errors"]["note"]


async def test_what_went_well_closes_it(slack):
    assert (await slack.submit("priya", {"note": "fine"})).error == ""
    assert slack.modal("priya") is None


async def test_what_the_reader_can_mend_is_said_below_the_input(slack):
    assert await said(slack, "mendable") == "Say it in one line."


async def test_what_we_must_mend_is_a_reference_code_and_in_the_log_only(slack):
    with capture_logs() as logs:
        sentence = await said(slack, "broken")
    assert sentence.startswith("That failed on our side; nothing was lost. Tell ops the reference ")
    assert "secret" not in sentence
    [failed] = [one for one in logs if one["event"] == "failed"]
    assert failed["reference"] in sentence


async def test_what_takes_too_long_is_said_before_slack_gives_up(slack, monkeypatch):
    monkeypatch.setattr(modals, "MOST_SECONDS", 0.1)
    assert await said(slack, "slow") == "That took too long; nothing was kept. Send it again."
