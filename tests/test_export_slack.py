"""`Save as CSV` and `Board page`, clicked in a real (local) Slack: only who clicked gets the file."""

import csv
import io
import json

import pytest
from structlog.testing import capture_logs

from analytics import store
from bot import settings as config
from bot.alerting.digests import compose, readers
from bot.alerting.preferences import Preferences
from bot.audience import Role
from bot.blocks import digest as digests
from bot.blocks import limits
from bot.coach import Coach
from bot.listeners.export import REFUSALS
from bot.memory import Memory
from bot.narrator import digest as narrator
from bot.playground.api import SCOPES
from bot.playground.faults import Fault, Faults, Kind
from prompts import files
from tests.face import one, workspace

LINE = "/winrate region"


@pytest.fixture
def people(crm):
    return store.current(crm).people()


@pytest.fixture
def cro(people):
    return one(people, "cro")


@pytest.fixture
async def coach(crm, memory_url):
    async with Memory.open(memory_url) as memory:
        yield Coach(config.load(home=crm, stale_after_days=100_000), memory)


@pytest.fixture
async def slack(coach, people):
    async with workspace(coach, people) as playground:
        yield playground


def sent_files(slack, person):
    """The files in a person's direct messages with the bot."""
    return [file for message in slack.direct(person).messages for file in message.files]


async def file_of(slack, person, number=1):
    """The files once so many have arrived, else what is there after three seconds."""
    await slack.pulse.until(lambda: len(sent_files(slack, person)) >= number, 3)
    return sent_files(slack, person)


def rows(file):
    return list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))


def refused(method, error):
    return Fault(Kind.REFUSE, method, error=error)


async def test_save_as_csv_sends_the_table_to_who_clicked(slack, cro):
    reply = await slack.command(LINE, user=cro)
    said = await slack.click(reply.messages[0], "export", user=cro)

    (file,) = await file_of(slack, cro)
    assert file.name == "winrate-region-2024-06-28.csv"
    assert len(rows(file)) == len({row["Region"] for row in rows(file)}) > 1
    assert "direct messages" in said.text
    assert said.ephemeral


async def test_the_message_says_of_what_the_file_is(slack, cro):
    reply = await slack.command(LINE, user=cro)
    await slack.click(reply.messages[0], "export", user=cro)
    await file_of(slack, cro)

    message = slack.direct(cro).messages[-1]
    assert message.text.startswith("Win rate by region - all time. Rows: ")
    assert "all deals, as of 2024-06-28" in message.text.lower()


async def test_an_answer_with_several_tables_sends_a_file_for_each_in_one_message(slack, cro):
    reply = await slack.command("/watch region", user=cro)
    await slack.click(reply.messages[0], "export", user=cro)

    names = [file.name for file in await file_of(slack, cro, 2)]
    assert names == ["watch-region-watched-2024-06-28.csv", "watch-region-months-2024-06-28.csv"]
    assert len([one for one in slack.direct(cro).messages if one.files]) == 1


async def test_who_clicks_under_anothers_answer_gets_their_own_deals(slack, cro, people):
    rep = one(people, "rep")
    reply = await slack.command(LINE, user=cro)
    await slack.click(reply.messages[0], "export", user=cro)
    whole = sum(int(row["Deals"]) for row in rows((await file_of(slack, cro))[0]))
    theirs = await slack.command(LINE, user=rep)
    theirs.messages[0].blocks[:] = reply.messages[0].blocks  # the CRO's message before a rep
    await slack.click(theirs.messages[0], "export", user=rep)

    own = rows((await file_of(slack, rep))[0])
    assert {row["Scope"] for row in own} == {"your deals"}
    assert sum(int(row["Deals"]) for row in own) < whole


async def test_a_deal_of_somebody_else_is_refused_in_its_own_words(slack, cro, crm, people):
    rep = one(people, "rep")
    other = next(deal for deal in store.current(crm).open_deals() if deal.rep_id != rep)
    reply = await slack.command(f"/deal {other.deal_id}", user=cro)
    mine = await slack.command(LINE, user=rep)
    mine.messages[0].blocks[:] = reply.messages[0].blocks
    said = await slack.click(mine.messages[0], "export", user=rep)

    assert said.text.startswith("Only its owner")
    assert not sent_files(slack, rep)


async def test_the_log_says_what_was_exported_and_nobodys_name_or_deal(slack, cro, people):
    with capture_logs() as logs:
        reply = await slack.command("/pipeline", user=cro)
        await slack.click(reply.messages[0], "export", user=cro)
        await file_of(slack, cro, 3)
        await slack.idle(0.05)

    (line,) = [entry for entry in logs if entry["event"] == "exported"]
    assert (line["kind"], line["files"], line["moved"]) == ("pipeline", 3, False)
    assert set(line) == {"event", "log_level", "kind", "files", "rows", "moved"}


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ({"scopes": SCOPES - {"files:write"}}, "lacks files:write"),
        ({"fault": refused("files.getUploadURLExternal", "file_upload_size_restricted")}, "too big"),
        ({"fault": refused("files.completeUploadExternal", "restricted_action")}, "restricted"),
        ({"fault": refused("files.completeUploadExternal", "storage_limit_reached")}, "no room"),
        ({"fault": refused("files.completeUploadExternal", "file_not_found")}, "did not take"),
        ({"fault": Fault(Kind.DROP, "upload", times=9)}, "did not take"),
    ],
    ids=["no scope", "too big", "restricted", "full", "deleted", "dropped"],
)
async def test_a_file_that_slack_refuses_is_said_in_a_sentence(slack, cro, trouble, said):
    reply = await slack.command(LINE, user=cro)
    if "fault" in trouble:
        slack.faults = Faults([trouble["fault"]])
    else:
        slack.credentials.scopes = trouble["scopes"]
    answer = await slack.click(reply.messages[0], "export", user=cro)

    assert said in answer.text
    assert not sent_files(slack, cro)


def test_every_refusal_has_its_sentence():
    assert {f"export.{why}" for why in (*REFUSALS.values(), "failed")} <= {*files.claims()}


# -- the board page


async def monday(coach, slack, person):
    """The CRO's digest of the week, posted to somebody."""
    generation = store.current(coach.home)
    desk = compose.Desk(
        home=coach.home,
        memory=coach.memory,
        generation=generation,
        settings=coach.settings,
        now=coach.memory.now(),
    )
    reader = readers.reader("", "Ana", "", Role.CRO, settings=coach.settings, chosen=Preferences())
    week = await compose.week_of_all(desk, await compose.opened(desk, reader, weekly=True))
    blocks = digests.monday(week, narrator.monday(week))
    assert not limits.check(blocks)
    reply = await slack.command(LINE, user=person)
    reply.messages[0].blocks[:] = blocks
    return reply.messages[0]


@pytest.mark.parametrize(("button", "end"), [(digests.BOARD, ""), (digests.BOARD_UNNAMED, "-no-names")])
async def test_the_board_page_comes_as_pdf_and_picture_to_who_clicked(coach, slack, cro, button, end):
    message = await monday(coach, slack, cro)
    await slack.click(message, button, user=cro)

    pdf, png = await file_of(slack, cro, 2)
    assert [pdf.name, png.name] == [f"board-2024-06-28{end}.pdf", f"board-2024-06-28{end}.png"]
    assert pdf.content.startswith(b"%PDF")
    assert png.content.startswith(b"\x89PNG")
    assert "won" in png.alt


@pytest.mark.parametrize("role", ["rep", "manager", "ops"])
async def test_a_board_page_is_refused_to_who_does_not_see_all_deals(coach, slack, people, role):
    person = one(people, role)
    other = one(people, "cro")
    message = await monday(coach, slack, other)
    theirs = await slack.command("/coach help", user=person)
    theirs.messages[0].blocks[:] = message.blocks
    said = await slack.click(theirs.messages[0], digests.BOARD, user=person)

    assert said.text.startswith("The board page is about all deals")
    assert not sent_files(slack, person)


async def test_the_buttons_hold_no_figure(coach, slack, cro):
    message = await monday(coach, slack, cro)
    named = [
        e for block in message.blocks for e in block.get("elements", []) if "board" in str(e.get("action_id"))
    ]
    assert [e["text"]["text"] for e in named] == ["Board page", "Board page, no names"]
    assert all(e["value"] == store.current(coach.home).id for e in named)
    assert "$" not in json.dumps([e["text"] for e in named])
