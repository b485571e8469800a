"""The demo: its people, its channels, its tour, and what the terminal tells while the page is open."""

import asyncio
import sys
from pathlib import Path

import pytest
from rich.console import Console

from analytics import store
from analytics.questions import EVERYONE
from bot.demo import members, services
from bot.demo import page as paging
from bot.demo.cast import STRANGER, actors, at_home, rooms, show_case, told_by
from bot.demo.tour import steps
from bot.narrator.claims import label
from bot.playground import Playground
from bot.playground.journal import Record
from bot.playground.records import BOT_USER

ACK = label("alert_button.ack").text


@pytest.fixture
def people(crm: Path):
    return store.current(crm).people()


def alert(deal: str) -> dict:
    """The words and the button of an alert on a deal."""
    button = {"type": "button", "action_id": "alert.ack", "text": {"type": "plain_text", "text": ACK}}
    return {"text": f"P1 - $92,439 stalled - {deal}.", "blocks": [{"type": "actions", "elements": [button]}]}


def test_the_people_are_known_before_there_are_numbers(crm, people):
    assert sorted(told_by(crm / "files")) == sorted(people)


def test_everybody_has_a_job_a_zone_and_a_locale_and_one_reads_german(people):
    living = at_home(people)
    assert {one.title for one in living} == {"rep", "manager", "cro", "ops"}
    assert all("/" in one.tz and one.locale for one in living)
    assert [one.tz for one in living if one.locale == "de-DE"] == ["Europe/Berlin"]
    assert [(one.id, one.name) for one in living] == [(one.id, one.name) for one in members(people)]


def test_the_channels_differ_in_who_reads_them(crm, people):
    cast = actors(crm, people)
    found = {room.name: room for room in rooms(people, cast["rep"].team, cast["rep"].person_id)}
    bots = {name: BOT_USER in room.members for name, room in found.items()}
    team = f"team-{cast['rep'].team.lower()}"
    assert {*found} == {"sales", "leadership", team, "forecast-review", "partners", "lunch"}
    assert [name for name, there in bots.items() if not there] == ["lunch"]
    assert STRANGER.id in found["partners"].members
    assert found["partners"].is_ext_shared
    assert len(found["sales"].members) == len(people) + 1


def test_the_tour_has_five_steps_of_people_who_may_take_them(crm, people):
    cast = actors(crm, people)
    ids = {p.person_id: p.person_id for p in people}
    deal = show_case(crm, cast["rep"].person_id)
    told = steps(cast, ids, deal)
    owner = {row.deal_id: row.rep_id for row in store.current(crm).open_deals(EVERYONE)}[deal]
    assert [step["do"]["kind"] for step in told] == ["command", "say", "command", "press", "home"]
    assert (told[0]["as"], told[2]["as"], told[4]["as"]) == (
        cast["cro"].person_id,
        owner,
        cast["rep"].manager_id,
    )
    assert told[2]["do"]["text"] == f"/deal {deal}"


async def test_the_tour_follows_the_first_alert_that_can_be_taken(crm, people):
    row = next(row for row in store.current(crm).open_deals(EVERYONE) if row.rep_id)
    async with Playground(at_home(people), ()) as slack:
        paging.furnish(slack, crm, people)
        paging.follow_alert(slack, crm, people)
        direct = slack.direct(row.rep_id)
        slack.workspace.post(direct.id, BOT_USER, "Hello")
        slack.workspace.post(direct.id, BOT_USER, **alert(row.deal_id))
        tour = slack.about.tour
    assert [tour[2]["as"], tour[3]["as"]] == [direct.with_user] * 2
    assert tour[2]["do"]["text"] == f"/deal {row.deal_id}"


@pytest.mark.parametrize(
    ("sent", "line"),
    [
        ({"command": "/why", "text": "", "user_id": "U1"}, "Dana types /why"),
        ({"event": {"type": "message", "user": "U1", "text": "why?"}}, "Dana writes why?"),
        (
            {
                "type": "block_actions",
                "user": {"id": "U1"},
                "actions": [{"action_id": "x", "text": {"text": ACK}}],
            },
            f"Dana presses {ACK}",
        ),
        ({"type": "view_submission", "user": {"id": "U1"}}, "Dana sends off a form"),
        ({"event": {"type": "app_home_opened", "user": "U1"}}, ""),
    ],
)
def test_what_people_do_is_told_in_a_line(sent, line):
    assert paging.done(Record(1, 0.0, "out", "", "", 1.0, sent, {}), {"U1": "Dana"}) == line


async def test_what_happens_on_the_page_is_told_in_the_terminal(people, capsys):
    async with Playground(at_home(people), ()) as slack:
        paging.watch(slack, people, Console(width=80))
        who = people[0]
        await slack.command("/why", user=who.person_id, within=0.1)
        key = {"event_type": "alert", "event_payload": {"key": "k"}}
        slack.workspace.post(slack.direct(who.person_id).id, BOT_USER, "P1 - " + "x" * 200, metadata=key)
    typed, told = capsys.readouterr().out.strip().splitlines()
    assert typed == f"{who.name} types /why (no_connection)"
    assert told.startswith(f"{who.name} is told: P1 - xxx")
    assert len(told) <= 80


def test_a_browser_that_takes_over_the_terminal_is_not_opened(monkeypatch):
    monkeypatch.setattr("webbrowser.get", lambda: __import__("webbrowser").GenericBrowser("false"))
    paging.open_in_browser("http://127.0.0.1:1/")


async def test_the_playground_shows_the_page_as_a_process_of_its_own():
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot.playground", "--port", "0"),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told = (await process.stderr.readline()).decode()
    process.terminate()
    await process.communicate()
    assert told.startswith("Open http://127.0.0.1:")


def test_a_second_demo_leaves_the_data_of_the_first_alone(tmp_path):
    with (
        services.alone(tmp_path / "demo"),
        pytest.raises(services.DemoFailed, match="Another demo runs in this folder"),
        services.alone(tmp_path / "demo"),
    ):
        pass
