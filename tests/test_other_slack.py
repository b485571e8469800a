"""The same bot, as processes, against a second server like Slack: both modes, and servers that know less."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from pathlib import Path

import pytest
from llmock.scenarios import Reply

from analytics import refresh
from bot import doctor
from bot import settings as config
from bot.blocks.fallback import NEW
from bot.setup.desk import Choices
from bot.setup.walk import walk
from tests.other_slack import (
    APP_TOKEN,
    BOT_TOKEN,
    SECRET,
    Json,
    Manner,
    OtherSlack,
    elements,
    free_port,
    kinds,
    other_slack,
    person,
    signed,
)
from tests.scripted_model import GOOD
from tests.tables import tables

MODES = ("socket", "http")

#: A server like Slack of some years ago, that says little about what it refuses.
POORER = Manner(
    base="/slack/api/",
    lacks=("chat.startStream", "chat.appendStream", "assistant.", "files.", "views.publish", "users.conv"),
    refuses=NEW,
    names=False,
    by_post=True,
)

#: All day, every day, at once, to everybody.
AWAKE = {
    "DEALCOACH_WORKING_DAYS": "mon,tue,wed,thu,fri,sat,sun",
    "DEALCOACH_QUIET_FROM": "23:59:59.999999",
    "DEALCOACH_QUIET_UNTIL": "00:00",
    "DEALCOACH_PILOT_DAYS": "0",
    "DEALCOACH_SILENT_SHARE": "0",
    "DEALCOACH_STALE_AFTER_DAYS": "100000",
}


PEOPLE = [
    {"person_id": "cro", "name": "Hugo Birchall", "email": "hugo@example.com", "role": "cro"},
    {"person_id": "ops", "name": "Imani Reed", "email": "imani@example.com", "role": "ops"},
    {"person_id": "m_1", "name": "Dana Weber", "email": "dana@example.com", "role": "manager"},
    *(
        {"person_id": f"rep_{n}", "name": f"Rep {n}", "email": f"rep{n}@example.com", "manager_id": "m_1"}
        for n in range(1, 7)
    ),
]
CRO, MANAGER, REP = "U_cro", "U_m_1", "U_rep_1"
MEMBERS = [person(f"U_{one['person_id']}", one["name"], one["email"]) for one in PEOPLE]

#: Stalled on the day of the load, and not a week before.
STALLED = {"deal_id": "D03560", "name": "Fleet", "amount": 92_439, "stage": "Demo"}
CALL = {"deal_id": "D03560", "date": "2024-06-15", "kind": "call", "rep_id": "rep_1"}
CLOSED = [
    {
        **{"rep_id": f"rep_{n % 6 + 1}", "region": ("APAC", "EMEA", "LATAM", "NA")[n % 4], "stage": "Closed"},
        **{"close_date": "2024-05-31", "outcome": "won" if n % 3 else "lost"},
    }
    for n in range(120)
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the numbers of two days, a week apart."""
    folder = tmp_path_factory.mktemp("company")
    loaded = tables(folder, deals=[*CLOSED, STALLED], activities=[CALL], people=PEOPLE)
    for day in (date(2024, 6, 23), date(2024, 6, 30)):
        refresh.refresh(loaded, folder, day)
    return folder


BY_THE_MODEL = "words by "  #: who told the words, in the last line


class Bot:
    """Our processes, all with the same settings, and what they log."""

    def __init__(self, slack: OtherSlack, home: Path, folder: Path, **more: str) -> None:
        self.slack, self.folder = slack, folder
        mode = {"SLACK_SIGNING_SECRET": SECRET} if slack.events_at else {"SLACK_APP_TOKEN": APP_TOKEN}
        self.settings = {
            **{"SLACK_API_URL": slack.address + slack.manner.base, "SLACK_BOT_TOKEN": BOT_TOKEN},
            **{"DEALCOACH_HOME": str(home), "HOME": str(folder)},
            **{"DEALCOACH_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'memory.sqlite'}"},
            **{"DEALCOACH_PORT": slack.events_at.rpartition(":")[2].partition("/")[0] or "0"},
            **AWAKE,
            **mode,
            **more,
        }

    async def begun(self, *words: str) -> asyncio.subprocess.Process:
        """A process of ours; its log goes to a file named after it."""
        with (self.folder / f"{words[0]}.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot.cli", *words), env=self.settings, stdout=log, stderr=log
            )

    @asynccontextmanager
    async def running(self, *words: str) -> AsyncIterator[None]:
        """A service, which ends when it is told to."""
        process = await self.begun(*words)
        watching = asyncio.create_task(self._watched(process, words[0]))
        try:
            yield
        finally:
            watching.cancel()
            if process.returncode is None:
                process.terminate()
            code = await process.wait()
        assert code == 0, self.log(words[0])

    async def _watched(self, process: asyncio.subprocess.Process, name: str) -> None:
        await process.wait()
        self.slack.broken = f"{name} has ended: {self.log(name)}"
        self.slack.happened()

    async def done(self, *words: str) -> tuple[int, str]:
        """A command's exit code and what it said, in one line."""
        process = await self.begun(*words)
        return await process.wait(), " ".join(self.log(words[0]).split())

    def log(self, name: str) -> str:
        """What a process said."""
        return (self.folder / f"{name}.log").read_text()


@contextmanager
def no_trouble(bot: Bot) -> Iterator[None]:
    """Nothing that ends here was an error to us: neither in the log, nor as a reference for the reader."""
    yield
    for name in ("serve", "work"):
        told = bot.log(name) if (bot.folder / f"{name}.log").exists() else ""
        assert "Traceback" not in told, told
        assert '"level": "error"' not in told, told


@asynccontextmanager
async def serving(
    home: Path, folder: Path, mode: str, manner: Manner | None = None, **more: str
) -> AsyncIterator[tuple[OtherSlack, Bot]]:
    """The server with our `serve` at it."""
    async with other_slack(MEMBERS, manner) as slack:
        slack.events_at = f"http://127.0.0.1:{free_port()}/slack/events" if mode == "http" else ""
        bot = Bot(slack, home, folder, **more)
        with no_trouble(bot):
            async with bot.running("serve"):
                await slack.ready()
                yield slack, bot


async def found(slack: OtherSlack, user: str, since: int, action: str) -> Json:
    """The first message to a person, after so many messages, that has this button."""
    return await slack.until(
        lambda: next((one for one in slack.seen(user, since) if action in actions(one)), None)
    )


def actions(shown: Json) -> list[str]:
    """What can be pressed in a message or a view."""
    return [one["action_id"] for _, one in elements(shown.get("blocks", []))]


async def a_command(slack: OtherSlack) -> None:
    """Typed in direct messages: an answer for who asked alone."""
    since = len(slack.messages)
    await slack.command(CRO, "/winrate region")
    answer = await found(slack, CRO, since, "sums")
    assert answer["text"].startswith("Win rate ")
    assert answer["to"] == CRO
    assert is_plain(answer) == bool(slack.manner.refuses)


def is_plain(message: Json) -> bool:
    """Is there no table in it but one in letters?"""
    return not NEW & set().union(*map(kinds, message["blocks"])) and "```" in json.dumps(message["blocks"])


async def a_question(slack: OtherSlack) -> tuple[Json, Json]:
    """Asked in the person's own words: numbers in their thread; a model's words as they come, below them."""
    since = len(slack.messages)
    asked = await slack.say(CRO, "what is the win rate by region?")
    words = await found(slack, CRO, since, "sums")
    told = [one for one in slack.seen(CRO, since) if one.get("thread_ts") == asked["ts"]]
    assert [one["ts"] for one in told][-1] == words["ts"]
    rate = "66.7%" if slack.manner.names else "66.7 %"  # as people read in en-GB; where nobody says how
    assert told[0]["text"].startswith(f"Win rate {rate} on 120 deals")
    return told[0], words


async def asked_once(slack: OtherSlack) -> None:
    """What Slack sends again since it did not hear us is answered once."""
    since, slack.deaf = len(slack.messages), 1
    asked = await slack.say(CRO, "what is the win rate by region?")
    await found(slack, CRO, since, "sums")
    await a_question(slack)  # one person's questions are answered in turn, so no more is to come
    told = [one for one in slack.seen(CRO, since) if one.get("thread_ts") == asked["ts"]]
    assert [one["text"] for one in told if one["text"].startswith("Win rate")] == [told[0]["text"]]
    assert slack.retried == ["timeout"]


async def a_button(slack: OtherSlack, answer: Json) -> None:
    """Pressed in that thread: the next answer comes below."""
    since = len(slack.messages)
    await slack.press(CRO, answer, "ask.")
    assert (await found(slack, CRO, since, "sums"))["thread_ts"] == answer["thread_ts"]


async def a_modal(slack: OtherSlack) -> None:
    """`Log action` on a deal's card: refused without a word of what was done, kept with one."""
    since = len(slack.messages)
    await slack.command(REP, "/deal D03560")
    await slack.press(REP, await found(slack, REP, since, "deal.log"), "deal.log")
    modal = await slack.until(lambda: slack.modal(REP))
    day = next(one for _, one in elements(modal["blocks"]) if one["action_id"] == "day")["initial_date"]
    assert (await slack.submit(modal, day={"selected_date": day}))["response_action"] == "errors"
    told = await slack.submit(modal, day={"selected_date": day}, own={"value": "Called the buyer"})
    assert "Called the buyer" in json.dumps(told["view"]["blocks"])


async def a_home(slack: OtherSlack) -> None:
    """The Home tab, and the modal with how one wants to be told."""
    await slack.visit(REP)
    page = await slack.until(lambda: slack.homes.get(REP))
    slack.views.clear()
    await slack.press(REP, page, "home.settings")
    modal = await slack.until(lambda: slack.modal(REP))
    wrong = {"zone": {"value": "Nowhere"}, "days": {"selected_options": []}}
    assert {*(await slack.submit(modal, **wrong))["errors"]} == {"zone", "days"}


async def an_export(slack: OtherSlack, answer: Json) -> Json:
    """`Save as CSV`: what is said in one's own direct messages."""
    since = len(slack.messages)
    await slack.press(CRO, answer, "export")
    said = (await slack.until(lambda: slack.seen(CRO, since)))[0]
    assert said["channel"] == slack.direct(CRO)
    return said


async def a_share(slack: OtherSlack, answer: Json) -> None:
    """`Share...`: who would read it is looked at before it is posted in the channel."""
    channel = slack.room("leadership", [CRO, MANAGER])
    slack.views.clear()
    await slack.press(CRO, answer, "share")
    modal = await slack.until(lambda: slack.modal(CRO))
    await slack.press(CRO, modal, "share.channel", selected_conversation=channel)
    await slack.until(lambda: len(slack.views[modal["id"]]["blocks"]) > len(modal["blocks"]))
    chosen = {"share.channel": {"selected_conversation": channel}, "share.note": {"value": "For Monday"}}
    await slack.submit(slack.views[modal["id"]], **chosen)
    shared = await slack.until(lambda: [one for one in slack.messages if one["channel"] == channel])
    assert "For Monday" in json.dumps(shared[0]["blocks"])
    assert is_plain(shared[0]) == bool(slack.manner.refuses)


async def an_alert(slack: OtherSlack, bot: Bot) -> None:
    """What `work` sends, `I've got it` in `serve`, and the same message edited by `work`."""
    async with bot.running("work"):
        alert = await found(slack, REP, 0, "alert.ack")
        assert alert["text"].startswith("P1 - $92,439 stalled - D03560")
        await slack.press(REP, alert, "alert.ack")
        await slack.until(lambda: alert.get("edited"))
    assert "alert.ack" not in actions(alert)


@pytest.fixture
def words(llmock) -> dict[str, str]:
    """Settings for a language model on this machine, which says the same each time."""
    llmock.add(Reply(text=GOOD, times=None))
    return {"OPENAI_API_KEY": "a-key", "OPENAI_BASE_URL": llmock.base_url()}


async def every_flow(slack: OtherSlack) -> Json:
    """What people do in a day, but for alerts; the last answer that they got."""
    await a_command(slack)
    numbers, answer = await a_question(slack)
    await a_button(slack, numbers)
    await a_modal(slack)
    await a_share(slack, answer)
    await asked_once(slack)
    return answer


async def test_every_flow_works_in_socket_mode_and_after_the_connections_were_refreshed(
    home, tmp_path, words
):
    async with serving(home, tmp_path, "socket", **words) as (slack, _):
        answer = await every_flow(slack)
        await slack.refresh()
        await a_home(slack)
        saved = await an_export(slack, answer)
    assert BY_THE_MODEL in json.dumps(answer["blocks"])
    assert saved["files"][0]["content"].decode("utf-8-sig").startswith("Region,")
    assert slack.refused == []


async def test_every_flow_and_an_alerts_life_work_over_signed_http(home, tmp_path):
    async with serving(home, tmp_path, "http") as (slack, bot):
        await every_flow(slack)
        await refused_when_forged(slack)
        await an_alert(slack, bot)
    assert slack.refused == []


async def refused_when_forged(slack: OtherSlack) -> None:
    """A request that another signed, or that is old, is not heard."""
    body = json.dumps({"type": "event_callback", "event": {"type": "app_mention"}})
    for proof in (signed(body, secret="another"), signed(body, age=600), {}):
        status, _ = await slack.post(body, {"content-type": "application/json", **proof})
        assert status == 401


@pytest.mark.parametrize("mode", MODES)
async def test_a_poorer_server_gets_every_answer_too(mode, home, tmp_path, words):
    with_words = mode == "http"
    async with serving(home, tmp_path, mode, POORER, **(words if with_words else {})) as (slack, bot):
        await slack.visit(CRO)
        await slack.visit(CRO, "messages")
        answer = await every_flow(slack)
        assert "files" not in await an_export(slack, answer)
        if not with_words:
            await an_alert(slack, bot)
    assert (BY_THE_MODEL in json.dumps(answer["blocks"])) == with_words
    lacking = {method for method, why in slack.refused if why == "unknown_method"}
    assert lacking >= {"assistant.threads.setStatus", "files.getUploadURLExternal", "views.publish"}
    assert ("chat.startStream" in lacking) == with_words


def settings_for(slack: OtherSlack, home: Path, folder: Path, **more: str) -> config.Settings:
    return config.load(
        home=home,
        database_url=f"sqlite+aiosqlite:///{folder / 'memory.sqlite'}",
        slack_bot_token=BOT_TOKEN,
        slack_app_token=APP_TOKEN,
        **{"slack_api_url": slack.address + slack.manner.base} | more,
    )


@pytest.mark.parametrize("base", ["/api/", "/slack/api/", "/api", "/"])
async def test_the_doctor_finds_any_address(base, home, tmp_path):
    async with other_slack(MEMBERS, Manner(base=base.rstrip("/") + "/")) as slack:
        asked = settings_for(slack, home, tmp_path, slack_api_url=slack.address + base)
        told = {one.check: one.found async for one in doctor.slack(asked)}
    assert told == {
        "Slack bot token": "coach in Acme",
        "Slack scopes": "complete",
        "Slack entrance": "Socket Mode",
    }


@pytest.mark.parametrize("page", ["text/html", "text/plain", "application/json"])
async def test_the_doctor_tells_a_web_page_from_slack(page, home, tmp_path):
    async with other_slack(MEMBERS, Manner(lacks=("auth.",), page=page)) as slack:
        asked = settings_for(slack, home, tmp_path)
        (told,) = [one async for one in doctor.slack(asked)]
    assert (told.ok, told.found) == (False, "HTTP 404, not an answer of Slack's")


@pytest.mark.parametrize("manner", [Manner(), POORER])
async def test_setup_finds_people_and_channels_page_by_page(manner, home, tmp_path):
    async with other_slack(MEMBERS, manner) as slack:
        slack.room("leadership", [CRO])
        steps = [one async for one in walk(settings_for(slack, home, tmp_path), Choices(test="cro"))]
    found = {one.check: one for step in steps for one in step.findings}
    assert found["in Slack"].found == f"{len(PEOPLE)} of {len(PEOPLE)} people"
    assert found["channels I am in"].found == "1"
    assert found["test message"].ok
    assert len(slack.seen(CRO)) == 1
