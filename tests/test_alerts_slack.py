"""What people do with alerts and cards, clicked in a real (local) Slack: the whole bot, numbers to thread."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from analytics import refresh, store
from bot import jobs, past, schedule
from bot import settings as config
from bot import work as working
from bot.alerting import interventions, silences
from bot.alerting.interventions import Action
from bot.coach import Coach
from bot.jobs import Work
from bot.memory import Memory
from bot.playground import Message, Playground
from bot.playground.faults import Fault, Faults, Kind
from bot.playground.records import BOT_USER
from data import tables as tables_of
from tests import face
from tests.alerting import Clock, courier
from tests.tables import tables

MONDAY = datetime(2024, 7, 1, 10, tzinfo=UTC)
PEOPLE = [
    {"person_id": "rep_1", "name": "Priya Shah", "email": "priya@example.com", "manager_id": "m_1"},
    {"person_id": "rep_2", "name": "Ana Silva", "email": "ana@example.com", "manager_id": "m_2"},
    {"person_id": "m_1", "name": "Dana Weber", "email": "dana@example.com", "role": "manager"},
    {"person_id": "m_2", "name": "Max Stein", "email": "max@example.com", "role": "manager"},
]
DEALS = [
    {"deal_id": "D03560", "name": "Fleet", "amount": 92_439, "stage": "Demo", "next_step": "Call"},
    {"deal_id": "D03561", "name": "Depot", "amount": 9_000, "stage": "Demo", "next_step": "Call"},
]
CALLS = [
    {"deal_id": one["deal_id"], "date": "2024-06-13", "kind": "call", "rep_id": "rep_1"} for one in DEALS
]


@dataclass
class House:
    """The bot in a workspace: its face, its worker, its memory, and the clock of all three."""

    slack: Playground
    work: Work
    memory: Memory
    clock: Clock

    async def judge(self) -> None:
        """The newest numbers, judged; then whatever is due is delivered."""
        await schedule.tick(self.work, jobs.RULES)
        await self.deliver()

    async def deliver(self) -> None:
        """A few turns of the courier, a little apart."""
        for _ in range(8):
            await schedule.deliver(self.work)
            self.clock.turn(seconds=3)

    async def press(self, message: Message, action: str, user: str, value: str | None = None) -> str:
        """Click in an alert's message; what is said to who clicked alone."""
        reply = await self.slack.click(message, action, user=user, value=value, within=0.4)
        await self.deliver()
        return next((one.text for one in reply.messages if one.ephemeral), "")

    async def form(self, message: Message, action: str, user: str) -> dict[str, Any]:
        """Click on what opens a modal; the modal."""
        await self.slack.click(message, action, user=user, within=0.1)
        await self.slack.pulse.until(lambda: self.slack.modal(user) is not None, 5)
        return self.slack.modal(user) or {}

    async def send(self, user: str, **values: str) -> dict[str, Any]:
        """Send the modal off; what Slack was told."""
        reply = await self.slack.submit(user, values)
        await self.deliver()
        return dict(reply.payload)

    async def actions(self, person: str = "rep_1") -> list[Action]:
        async with self.memory.read() as connection:
            return await interventions.of_person(connection, "main", person)


def load(home: Path, loaded_on: str, stage: str = "Demo") -> None:
    """Numbers of a day; in another stage the first deal moved there on that day."""
    moved = {"deal_id": "D03560", "kind": "stage", "date": loaded_on, "old": "Demo", "new": stage}
    deals = [DEALS[0] | {"stage": stage}, *DEALS[1:]]
    events = [moved] if stage != "Demo" else []
    day = {"loaded_on": loaded_on, "load_id": f"load-{loaded_on}"}
    tables(home, deals=deals, activities=CALLS, events=events, people=PEOPLE, **day)
    refresh.refresh(tables_of.current(home), home, date.fromisoformat(loaded_on))


@pytest.fixture(scope="session")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company on the day when a big deal was left alone for too long, and the same a week before."""
    home = tmp_path_factory.mktemp("loaded")
    load(home, "2024-06-30")
    past.week_before(home, store.current(home))
    return home


@pytest.fixture
async def house(loaded: Path, tmp_path: Path) -> AsyncIterator[House]:
    home = Path(shutil.copytree(loaded, tmp_path / "home"))
    people, clock = store.current(home).people(), Clock(MONDAY)
    settings = config.load(home=home, pilot_days=0, silent_share=0, stale_after_days=100_000)
    async with Memory.open(settings.memory_url, now=clock.now) as memory:
        coach = Coach(settings, memory)
        async with face.workspace(coach, people, clock=clock.seconds) as slack:
            work = working.assembled(coach.settings, memory)
            work = replace(work, now=clock.now, courier=courier(memory, slack, clock))
            yield House(slack, work, memory, clock)


def alert(house: House, user: str = "rep_1") -> Message:
    """The one alert that a person has."""
    (found,) = [
        m for m in house.slack.sees(user) if m.by_bot and m.blocks and not m.thread_ts and not m.ephemeral
    ]
    return found


def thread(house: House, user: str = "rep_1") -> list[str]:
    """What the thread of their alert says."""
    return [m.text for m in house.slack.sees(user) if m.by_bot and m.thread_ts == alert(house, user).ts]


async def test_a_p1_lives_in_one_message_from_told_to_resolved(house):
    await house.judge()
    told = alert(house)
    assert face.header(told) == "P1 - $92,439 stalled - D03560"

    await house.press(told, "alert.ack", "rep_1")
    assert face.header(alert(house)) == "Priya Shah has got it - $92,439 stalled - D03560"

    form = await house.form(alert(house), "alert.log", "rep_1")
    assert form["title"]["text"] == "Log an action"
    assert await house.send("rep_1", own="Exec call booked", note="With the CFO") == {}
    assert face.header(alert(house)) == "Handled by Priya Shah - Exec call booked"

    load(house.work.home, "2024-07-01", "Proposal")
    await house.judge()
    ended = alert(house)
    assert face.header(ended) == "Resolved: moved to Proposal, 1 day later"
    assert ended.ts == told.ts
    assert thread(house) == [
        "Priya Shah has got it.",
        "Priya Shah logged: Exec call booked",
        "Resolved: moved to Proposal, 1 day later",
    ]
    (kept,) = await house.actions()
    assert (kept.deal_id, kept.what, kept.note, kept.stage) == (
        "D03560",
        "Exec call booked",
        "With the CFO",
        "Demo",
    )
    assert kept.alert_key == "main:stalled:D03560:2024-06-30"


async def test_a_play_can_be_chosen_instead_of_words(house):
    await house.judge()
    form = await house.form(alert(house), "alert.log", "rep_1")
    plays = next(block["element"] for block in form["blocks"] if block.get("block_id") == "play")["options"]
    await house.send("rep_1", play=plays[0]["value"])

    (kept,) = await house.actions()
    assert (kept.play, kept.what) == ("call_the_buyer", "Call the buyer today and agree a dated next step.")
    assert face.header(alert(house)).startswith("Handled by Priya Shah - Call the buyer today")


async def test_what_is_missing_in_a_form_is_said_in_it_and_it_stays_open(house):
    await house.judge()
    await house.form(alert(house), "alert.log", "rep_1")

    nothing = await house.send("rep_1", note="only a note")
    assert nothing["errors"] == {"own": "Choose what was done, or write it in your own words."}
    ahead = await house.send("rep_1", own="Called", day="2999-01-01")
    assert list(ahead["errors"]) == ["day"]
    assert house.slack.modal("rep_1") is not None
    assert await house.actions() == []


async def test_while_memory_is_held_the_form_stays_open_with_what_was_typed(house):
    await house.judge()
    await house.form(alert(house), "alert.log", "rep_1")
    async with house.memory.write():
        told = (await house.slack.submit("rep_1", {"own": "Called"})).payload

    assert told["errors"] == {"own": "That took too long; nothing was kept. Send it again."}
    assert await house.send("rep_1", own="Called") == {}
    assert [one.what for one in await house.actions()] == ["Called"]


async def test_a_click_too_old_for_a_form_says_so(house):
    await house.judge()
    house.slack.faults = Faults([Fault(Kind.REFUSE, "views.open", error="expired_trigger_id")])

    said = await house.press(alert(house), "alert.log", "rep_1")
    assert said == "That click took too long for a form to open. Click again."


async def test_a_snooze_is_said_in_the_message_and_kept(house):
    await house.judge()
    await house.press(alert(house), "alert.snooze", "rep_1", "7")

    assert "Snoozed until 2024-07-08." in str(alert(house).blocks)
    async with house.memory.read() as connection:
        (hush,) = await silences.current(connection, "main", house.clock.now())
    assert (hush.person_id, hush.subject_id) == ("rep_1", "D03560")


async def test_not_useful_asks_for_the_reason_and_puts_the_alert_aside(house):
    await house.judge()
    await house.form(alert(house), "alert.not_useful", "rep_1")
    assert "reason" in (await house.send("rep_1"))["errors"]
    assert await house.send("rep_1", reason="too_early") == {}

    assert face.header(alert(house)) == "Put aside by Priya Shah - It comes too early"


async def test_an_acknowledged_alert_can_be_put_aside_in_own_words(house):
    await house.judge()
    await house.press(alert(house), "alert.ack", "rep_1")
    await house.form(alert(house), "alert.dismiss", "rep_1")
    await house.send("rep_1", own="*Budget* <!here> is frozen")

    assert face.header(alert(house)) == "Put aside by Priya Shah - Budget !here is frozen"
    assert "<!" not in str(alert(house).blocks) + alert(house).text


async def test_useful_is_thanked_for(house):
    await house.judge()
    await house.form(alert(house), "alert.log", "rep_1")
    await house.send("rep_1", own="Called")

    assert await house.press(alert(house), "alert.useful", "rep_1") == "Thank you, noted."


def forged(house: House, user: str, action: str, value: str) -> Message:
    """A button that we never gave to this person."""
    button = {
        "type": "button",
        "action_id": action,
        "text": {"type": "plain_text", "text": "x"},
        "value": value,
    }
    where = house.slack.direct(user)
    return house.slack.workspace.post(
        where.id, BOT_USER, "x", blocks=[{"type": "actions", "elements": [button]}]
    )


@pytest.mark.parametrize(
    ("action", "value", "said"),
    [
        (
            "alert.ack",
            "main:stalled:D03560:2024-06-30",
            "Only its owner and their manager can answer this alert.",
        ),
        ("alert.ack", "main:stalled:D9:2024-06-30", "I know no such alert."),
        ("alert.log", "main:stalled:D03560:2024-06-30", "Only its owner and their manager can see D03560."),
        ("deal.log", "D03560", "Only its owner and their manager can see D03560."),
        ("deal.snooze", "D03560", "Only its owner and their manager can see D03560."),
        ("deal.ask_manager", "D03560", "Only its owner and their manager can see D03560."),
    ],
)
async def test_a_button_gives_nobody_a_right(house, action, value, said):
    await house.judge()
    message = forged(house, "rep_2", action, value)
    told = await house.press(message, action, "rep_2")

    assert told.startswith(said)
    assert face.header(alert(house)) == "P1 - $92,439 stalled - D03560"


async def test_a_colleague_cannot_send_off_a_form_about_a_deal_that_is_not_theirs(house):
    await house.judge()
    await house.form(alert(house), "alert.log", "rep_1")
    mine, theirs = (house.slack.workspace.person(name).id for name in ("rep_1", "rep_2"))
    house.slack.workspace.modals[theirs].append(house.slack.workspace.modals[mine].pop())

    told = await house.send("rep_2", own="I was here")
    assert told["errors"]["own"].startswith("Only its owner and their manager can see D03560.")
    assert await house.actions("rep_2") == []


async def card(house: House, user: str = "rep_1", deal: str = "D03560") -> Message:
    return (await house.slack.command(f"/deal {deal}", user=user)).messages[0]


async def test_an_action_logged_from_the_card_answers_the_alert_too(house):
    await house.judge()
    await house.form(await card(house), "deal.log", "rep_1")
    told = await house.send("rep_1", own="Demo repeated")

    assert told["response_action"] == "update"
    assert "Logged for D03560: Demo repeated" in str(told["view"]["blocks"])
    assert face.header(alert(house)) == "Handled by Priya Shah - Demo repeated"


async def test_the_card_hushes_a_deal_for_a_week(house):
    await house.judge()
    said = await house.press(await card(house, deal="D03561"), "deal.snooze", "rep_1")

    assert said == "You hear nothing unasked about D03561 until 2024-07-08."


async def test_the_manager_is_asked_once_a_day_and_can_look_at_the_deal(house):
    await house.judge()
    shown = await card(house)
    assert await house.press(shown, "deal.ask_manager", "rep_1") == "Dana Weber is asked to help with D03560."
    assert await house.press(shown, "deal.ask_manager", "rep_1") == "Dana Weber was asked today already."

    asked = alert(house, "m_1")
    assert face.header(asked) == "Priya Shah asks for your help - D03560"
    answer = await house.slack.click(asked, "ask.deal", user="m_1")
    assert "D03560" in face.header(answer.messages[0])


async def test_a_manager_without_a_manager_has_nobody_to_ask(house):
    await house.judge()
    said = await house.press(await card(house, "m_1"), "deal.ask_manager", "m_1")

    assert said.startswith("The CRM knows no manager of yours")


async def test_a_submission_that_slack_sends_twice_is_kept_once(house):
    done = Action(key="V1", deal_id="D1", what="Called", done_on=date(2024, 7, 1), person_id="rep_1")
    for is_new in (True, False):
        async with house.memory.write() as tx:
            assert await interventions.keep(tx, "main", done, MONDAY) is is_new

    assert await house.actions() == [done]


async def test_two_people_who_click_at_once_are_both_answered_and_one_has_got_it(house):
    await house.judge()
    told = alert(house)
    await asyncio.gather(*(house.slack.click(told, "alert.ack", user="rep_1", within=0.5) for _ in range(3)))
    await house.deliver()

    assert thread(house) == ["Priya Shah has got it."]
