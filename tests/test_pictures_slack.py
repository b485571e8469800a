"""Pictures on their way to Slack: uploaded for nobody else, shown below the numbers, never in their way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot import pictures
from bot.blocks import common
from bot.listeners.sending import Answers, send, upload
from bot.playground import Person, Playground
from bot.playground.api import SCOPES
from bot.playground.faults import Fault, Faults, Kind
from bot.replies import Reply
from bot.running import Running
from tests.facts_by_hand import breakdown
from tests.facts_for_why import why
from tests.playground_apps import app, client, over_socket

PRIYA = Person("U_PRIYA", "priya", "priya@example.com")
ANSWER = Reply("It did not.", [common.paragraph("It did not.")], answer=why())


@asynccontextmanager
async def answered(reply: Reply = ANSWER, file_seconds: float = 0, **slack: Any) -> AsyncIterator[Playground]:
    """A workspace where Priya's `/why` was answered with this reply, picture and all."""
    sent = asyncio.Event()

    async def answer(respond, client):
        await send(Answers(respond, Running()), reply, client)
        sent.set()

    async def acknowledge(ack):
        await ack()

    async with Playground([PRIYA], deadline=20, **slack) as playground:
        playground.workspace.file_seconds = file_seconds
        bolt = app(playground)
        bolt.command("/why")(ack=acknowledge, lazy=[answer])
        async with over_socket(playground, bolt):
            await playground.command("/why", user="priya")
            await asyncio.wait_for(sent.wait(), 20)
            yield playground


async def test_the_numbers_come_first_and_the_picture_below_them():
    async with answered() as slack:
        numbers, picture = slack.sees("priya")
        (block,) = picture.blocks
        file = slack.workspace.files[block["slack_file"]["id"]]

    assert numbers.blocks[0]["type"] == "section"
    assert (block["type"], numbers.ephemeral, picture.ephemeral) == ("image", True, True)
    assert picture.text == block["alt_text"]
    assert picture.text.startswith("I can't show that it dropped.")
    assert file.content == pictures.of(why()).png


async def test_an_answer_without_a_picture_is_one_message():
    async with answered(Reply("Noise.", [common.paragraph("Noise.")], answer=breakdown())) as slack:
        assert len(slack.sees("priya")) == 1


@pytest.mark.parametrize(
    "trouble",
    [
        {"scopes": SCOPES - {"files:write"}},
        {"faults": Faults([Fault(Kind.REFUSE, "files.getUploadURLExternal")])},
        {"faults": Faults([Fault(Kind.FAIL, "upload")])},
        {"faults": Faults([Fault(Kind.DROP, "upload")])},
        {"faults": Faults([Fault(Kind.REFUSE, "files.completeUploadExternal", error="file_not_found")])},
    ],
    ids=["no scope", "no address", "upload fails", "upload drops", "not completed"],
)
async def test_without_its_picture_the_answer_still_stands(trouble):
    async with answered(**trouble) as slack:
        (numbers,) = slack.sees("priya")

    assert numbers.text == "It did not."


@pytest.mark.parametrize(("seconds", "shown"), [(0.3, ["section", "image"]), (60, ["section"])])
async def test_a_picture_slack_still_looks_at_is_tried_again_and_then_given_up(seconds, shown, monkeypatch):
    monkeypatch.setattr("bot.listeners.sending.PATIENCE", (0.0, 0.2, 0.4))
    async with answered(file_seconds=seconds) as slack:
        assert [message.blocks[0]["type"] for message in slack.sees("priya")] == shown


async def test_an_upload_needs_its_scope_a_length_and_all_of_its_bytes():
    async with Playground([PRIYA]) as slack:
        web = client(slack)
        with pytest.raises(SlackApiError, match="invalid_arguments"):
            await web.files_getUploadURLExternal(filename="a.png", length=0)
        with pytest.raises(SlackApiError, match="file_upload_size_restricted"):
            await web.files_getUploadURLExternal(filename="a.png", length=2**31)
        with pytest.raises(SlackApiError, match="file_not_found"):
            await web.files_completeUploadExternal(files=[{"id": "F_UNKNOWN"}])
        slack.credentials.scopes = SCOPES - {"files:write"}
        with pytest.raises(SlackApiError, match="missing_scope"):
            await web.files_getUploadURLExternal(filename="a.png", length=4)


async def test_a_block_shows_no_file_that_was_not_completed():
    async with Playground([PRIYA]) as slack:
        web = client(slack)
        begun = await web.files_getUploadURLExternal(filename="a.png", length=4)
        with pytest.raises(SlackApiError, match="invalid_blocks"):
            await web.chat_postMessage(
                channel="U_PRIYA", text="a", blocks=[common.image(begun["file_id"], "a", "a")]
            )


async def test_an_upload_keeps_the_words_for_who_cannot_see_it():
    async with Playground([PRIYA]) as slack:
        file = await upload(client(slack), pictures.Picture(b"four", "A title", "What it shows"))

        assert slack.workspace.files[file].title == "A title"
        assert slack.workspace.files[file].alt == "What it shows"
