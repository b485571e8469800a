"""The feed of the playground's page: what each open page hears, what it never hears, and how it lags."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from yarl import URL

from bot.playground import Conversation, Front, Person, Playground
from bot.playground import feed as feeding
from bot.playground.records import BOT_USER
from tests.playground_apps import SECTION, client, over_socket
from tests.test_playground_bolt import coach

SECRET = Conversation("C_SECRET", "secret", {"U_DANA", BOT_USER}, is_private=True, topic="Only Dana")
ABOUT = Front(
    "Ours", [{"command": "/deal", "description": "One deal", "usage_hint": "DEAL"}], [{"title": "Look"}]
)


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async with Playground(channels=["general", SECRET], deadline=2, about=ABOUT) as slack:
        slack.invite("general")
        yield slack


class Open:
    """One open page."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket

    async def until(self, kind: str, *, most: int = 10_000) -> list[dict[str, Any]]:
        """The frames up to the first of this kind."""
        found: list[dict[str, Any]] = []
        while not found or (found[-1]["kind"] != kind and len(found) < most):
            found.append(await self.socket.receive_json(timeout=5))
        return found

    async def more(self, seconds: float = 0.2) -> list[dict[str, Any]]:
        """The frames that still come."""
        found: list[dict[str, Any]] = []
        try:
            while True:
                found.append(await self.socket.receive_json(timeout=seconds))
        except TimeoutError:
            return found


@asynccontextmanager
async def page(slack: Playground, user: str, **headers: str) -> AsyncIterator[Open]:
    async with aiohttp.ClientSession() as session:
        address = f"{slack.url}page/feed?user={user}"
        async with session.ws_connect(
            address, headers=headers, timeout=aiohttp.ClientWSTimeout(1, 1)
        ) as socket:
            yield Open(socket)


async def got(slack: Playground, path: str, **headers: str) -> tuple[int, str, Any]:
    address = URL(f"{slack.url}{path}", encoded=True)
    async with aiohttp.ClientSession() as session, session.get(address, headers=headers) as answer:
        return answer.status, await answer.text(), answer.headers


async def test_a_page_is_told_who_is_there_and_where_they_may_go(slack):
    async with page(slack, "dana") as open:
        hello, *_ = await open.until("ready")
    rooms = {room["name"]: room for room in hello["conversations"]}
    assert (hello["title"], hello["me"]["id"], hello["commands"][0]["command"]) == ("Ours", "U_DANA", "/deal")
    assert {*rooms} == {"general", "secret", "directmessage"}
    assert (rooms["secret"]["topic"], rooms["secret"]["members"]) == ("Only Dana", ["U_DANA", BOT_USER])


async def test_what_was_said_before_comes_first_and_what_is_said_then_after(slack):
    web = client(slack)
    await web.chat_postMessage(channel="C_GENERAL", text="before", blocks=[SECTION])
    async with page(slack, "priya") as open:
        state = await open.until("ready")
        await web.chat_postMessage(channel="C_GENERAL", text="after")
        [new] = await open.until("message")
    assert [f["message"]["text"] for f in state if f["kind"] == "message"] == ["before"]
    assert (new["message"]["text"], new["message"]["by_bot"]) == ("after", True)


async def test_an_edit_replaces_and_a_deletion_removes(slack):
    web = client(slack)
    async with page(slack, "priya") as open:
        await open.until("ready")
        ts = (await web.chat_postMessage(channel="C_GENERAL", text="one"))["ts"]
        await open.until("message")
        await web.chat_update(channel="C_GENERAL", ts=ts, text="two")
        [edited] = await open.until("message")
        await web.chat_delete(channel="C_GENERAL", ts=ts)
        [gone] = await open.until("gone")
    assert (edited["message"]["text"], edited["message"]["edited"]) == ("two", True)
    assert gone == {"kind": "gone", "channel": "C_GENERAL", "ts": ts}


async def test_what_one_person_sees_never_reaches_anothers_page(slack):
    web = client(slack)
    await web.chat_postEphemeral(channel="C_GENERAL", user="U_DANA", text="hidden before")
    await web.chat_postMessage(channel="C_SECRET", text="hidden before")
    async with page(slack, "priya") as open:
        heard = await open.until("ready")
        whisper = slack.workspace.post("C_GENERAL", BOT_USER, "hidden", seen_only_by="U_DANA")
        room = slack.direct("dana")
        slack.workspace.set_status((room.id, "1.0"), "hidden status")
        await web.views_publish(user_id="U_DANA", view={"type": "home", "blocks": [SECTION]})
        ts = (await web.chat_postMessage(channel="C_SECRET", text="hidden"))["ts"]
        await web.chat_delete(channel="C_SECRET", ts=ts)
        slack.workspace.delete(whisper)
        heard += await open.more()
    assert "hidden" not in json.dumps(heard)
    assert not {"gone", "status"} & {frame["kind"] for frame in heard}
    assert "C_SECRET" not in json.dumps(heard)


async def test_home_modal_status_prompts_and_title_reach_their_reader(slack):
    web, room = client(slack), slack.direct("priya").id
    async with page(slack, "priya") as open:
        await open.until("ready")
        await web.views_publish(user_id="U_PRIYA", view={"type": "home", "blocks": [SECTION]})
        [home] = await open.until("home")
        modal = {"type": "modal", "title": {"type": "plain_text", "text": "One"}, "blocks": [SECTION]}
        await web.views_open(trigger_id=slack.workspace.trigger("U_PRIYA"), view=modal)
        [shown] = await open.until("modal")
        await slack.close_modal("priya")
        [closed] = await open.until("modal")
        lines = ["counting"]
        await web.assistant_threads_setStatus(
            channel_id=room, thread_ts="1.0", status="thinks", loading_messages=lines
        )
        [status] = await open.until("status")
        await web.assistant_threads_setTitle(channel_id=room, thread_ts="1.0", title="Win rate")
        [title] = await open.until("title")
    assert home["view"]["blocks"][0]["text"] == SECTION["text"]
    assert ([view["title"]["text"] for view in shown["views"]], closed["views"]) == (["One"], [])
    assert (status["status"], status["lines"], title["title"]) == ("thinks", lines, "Win rate")


async def test_the_wire_is_shown_only_to_a_page_that_asks_and_without_tokens(slack):
    async with over_socket(slack, coach(slack)), page(slack, "priya") as open:
        quiet = await open.until("ready")
        await open.socket.send_json({"wire": True})
        await slack.say(slack.direct("priya"), "hello", "priya")
        records = [frame["record"] for frame in await open.more() if frame["kind"] == "wire"]
    assert "wire" not in {frame["kind"] for frame in quiet}
    assert {("in", "chat.postMessage"), ("out", "message")} <= {(r["direction"], r["name"]) for r in records}
    assert "token" not in {name for record in records for name in record["request"]}


async def test_a_thousand_messages_at_once_all_arrive_in_order(slack):
    async with page(slack, "priya") as open:
        await open.until("ready")
        for number in range(1000):
            slack.workspace.post("C_GENERAL", BOT_USER, str(number))
        texts = [frame["message"]["text"] for frame in await open.more()]
    assert texts == [str(number) for number in range(1000)]


async def test_edits_nobody_had_time_to_read_come_as_one(slack):
    message = slack.workspace.post("C_GENERAL", BOT_USER, "0")
    async with page(slack, "priya") as open:
        await open.until("ready")
        for number in range(100):
            slack.workspace.edit(message, text=str(number))
        [frame] = await open.more()
    assert frame["message"]["text"] == "99"


async def test_a_page_too_far_behind_comes_back_for_the_whole_state(slack, monkeypatch):
    monkeypatch.setattr(feeding, "BEHIND", 10)
    async with page(slack, "priya") as open:
        await open.until("ready")
        for number in range(50):
            slack.workspace.post("C_GENERAL", BOT_USER, str(number))
        async for _ in open.socket:
            pass
        assert open.socket.close_code == 1013
    async with page(slack, "priya") as again:
        assert len([f for f in await again.until("ready") if f["kind"] == "message"]) == 50


async def test_a_gesture_nobody_waits_for_is_told_by_the_feed(slack):
    async with over_socket(slack, coach(slack)), page(slack, "priya") as open, aiohttp.ClientSession() as web:
        await open.until("ready")
        line = {"line": "/deal D1", "user": "priya", "channel": "direct", "wait": False}
        async with web.post(f"{slack.url}control/command", json=line) as answer:
            assert await answer.json() == {"ok": True}
        [told] = await open.until("message")
    assert (told["message"]["text"], told["message"]["ephemeral"]) == ("card of D1", True)


@pytest.mark.parametrize(
    ("path", "body", "said"),
    [
        (
            "command",
            {"line": "/deal D1", "channel": "direct"},
            '/deal failed with the error "dispatch_failed"',
        ),
        ("submit", {"values": {}}, "priya has no modal open."),
        ("click", {"ts": "1.0", "action_id": "own"}, "There is no message '1.0'."),
    ],
)
async def test_slackbot_tells_on_the_page_what_came_to_nothing(slack, path, body, said):
    async with page(slack, "priya") as open, aiohttp.ClientSession() as web:
        await open.until("ready")
        await (
            await web.post(f"{slack.url}control/{path}", json={**body, "user": "priya", "wait": False})
        ).json()
        [told] = await open.until("message")
    assert (told["message"]["user"], told["message"]["ephemeral"]) == ("USLACKBOT", True)
    assert told["message"]["text"].startswith(said)


@pytest.mark.parametrize(
    "header", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}, {"Sec-Fetch-Site": "cross-site"}]
)
async def test_another_site_can_neither_listen_nor_look(slack, header):
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with page(slack, "priya", **header):
            pass
    assert (await got(slack, "page/index.html", **header))[0] == 403


async def test_a_link_to_the_page_may_be_followed_from_anywhere(slack):
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert (await got(slack, "", **followed))[0] == 200


@pytest.mark.parametrize("user", ["zoe", "", "U_DEALCOACH"])
async def test_a_page_belongs_to_a_person_of_the_workspace(slack, user):
    assert (await got(slack, f"page/feed?user={user}"))[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        "page/../server.py",
        "page/%2e%2e/server.py",
        "page/..%2fserver.py",
        "page//etc/passwd",
        "page/nothing.js",
    ],
)
async def test_nothing_outside_the_page_is_served(slack, path):
    assert (await got(slack, path))[0] == 404


async def test_the_page_allows_no_script_but_its_own(slack):
    _, _, headers = await got(slack, "")
    rules = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert "unsafe" not in rules["script-src"]
    assert (rules["default-src"], rules["frame-ancestors"]) == ("'none'", "'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"


async def uploaded(slack: Playground, name: str, **more: Any) -> str:
    """The id of a file the bot has brought into Priya's direct messages."""
    room = slack.direct("priya").id
    sent = await client(slack).files_upload_v2(content="<b>1</b>", filename=name, channel=room, **more)
    return str(sent["files"][0]["id"])


async def test_a_file_comes_with_its_message_and_is_kept_as_it_was(slack):
    async with page(slack, "priya") as open:
        await open.until("ready")
        id = await uploaded(slack, "deals.csv", title="Deals", initial_comment="here", thread_ts="1.0")
        [told] = await open.until("message")
    [file] = told["message"]["files"]
    assert (told["message"]["text"], told["message"]["thread_ts"]) == ("here", "1.0")
    assert (file["id"], file["mimetype"], file["title"], file["size"]) == (id, "text/csv", "Deals", 8)
    status, text, headers = await got(slack, file["download"].lstrip("/"))
    assert (status, text) == (200, "<b>1</b>")
    assert headers["Content-Disposition"].startswith("attachment")


async def test_an_uploaded_document_never_runs_on_the_page(slack):
    id = await uploaded(slack, "evil.html")
    _, _, headers = await got(slack, f"files/{id}")
    assert headers["Content-Disposition"].startswith("attachment")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")


async def test_a_deleted_file_is_gone_from_its_message(slack):
    id = await uploaded(slack, "deals.csv")
    await client(slack).files_delete(file=id)
    assert slack.direct("priya").messages[0].files == []
    assert (await got(slack, f"files/{id}"))[0] == 404


async def test_the_tour_can_change_under_an_open_page(slack):
    async with page(slack, "priya") as open:
        await open.until("ready")
        slack.feed.guide([{"title": "Look again"}])
        [told] = await open.until("tour")
    assert told["tour"] == [{"title": "Look again"}]


async def test_many_pages_come_and_go(slack):
    async def visit() -> None:
        async with page(slack, "priya") as open:
            await open.until("ready")

    await asyncio.gather(*(visit() for _ in range(20)))
    await slack.pulse.until(lambda: not slack.feed.pages, 1)
    assert slack.feed.pages == set()


async def test_a_strangers_organisation_is_not_ours():
    guest = Person("U_SAM", "sam", is_stranger=True, locale="de-DE")
    async with Playground([guest]) as slack:
        web = client(slack)
        plain = await web.users_info(user="U_SAM")
        full = await web.users_info(user="U_SAM", include_locale=True)
    assert (plain["user"]["team_id"], "locale" in plain["user"]) == ("T_ELSEWHERE", False)
    assert full["user"]["locale"] == "de-DE"
