"""Time and the outbox: old news, nights, a clock that jumps, a workspace down, letters that revive."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bot import clock
from bot.alerting import outbox, preferences, quiet
from bot.alerting.delivery import PACED
from bot.alerting.preferences import Preferences
from bot.memory.tables import outbox as rows
from bot.playground import Fault
from bot.playground import Kind as Trouble
from bot.settings import load
from tests.alerting import DANA, PRIYA, Clock, courier, office, post

FRIDAY = datetime(2024, 7, 19, 17, 59, tzinfo=UTC)


@pytest.fixture
async def desk(tmp_path):
    async with office(tmp_path) as opened:
        yield opened


def days(number):
    return timedelta(days=number)


# ------------------------------------------------------------------ not before, not after


async def test_a_message_is_not_sent_before_its_hour(desk):
    await desk.write(post(due=desk.clock.now() + days(2)))
    await desk.turns(2, hours=23)
    assert desk.read_by("priya") == []
    await desk.turns(2, hours=2)
    assert desk.read_by("priya") == ["about a1"]


async def test_old_news_is_cancelled_and_what_still_matters_is_sent(desk):
    await desk.write(post("digest", not_after=desk.clock.now() + days(1)), post("alert"))
    desk.clock.turn(days=2)
    await desk.turns(2)
    assert desk.read_by("priya") == ["about alert"]
    assert await desk.statuses() == {"digest": "cancelled", "alert": "sent"}


async def test_what_may_have_arrived_is_looked_for_before_it_is_called_old(desk):
    desk.slack.faults.script.append(Fault(Trouble.STORE_THEN_DROP, "chat.postMessage"))
    await desk.write(post("digest", not_after=desk.clock.now() + days(1)))
    await desk.turns()
    desk.clock.turn(days=2)
    await desk.turns(2)
    assert await desk.statuses() == {"digest": "sent"}


# ------------------------------------------------------------------ nights and weekends


async def test_a_machine_that_was_off_until_the_night_waits_for_the_morning(desk):
    desk.courier.opens = quiet.hours(desk.memory, load())
    desk.clock.time = FRIDAY
    await desk.write(post("alert"))
    desk.clock.time = datetime(2024, 7, 20, 3, tzinfo=UTC)  # Saturday
    await desk.turns(3, minutes=1)
    assert desk.read_by("priya") == []
    desk.clock.time = datetime(2024, 7, 22, 8, tzinfo=UTC)  # Monday
    await desk.turns(1)
    assert desk.read_by("priya") == ["about alert"]


async def test_after_a_weekend_off_everything_comes_once_and_paced(desk):
    desk.courier.timing = PACED
    desk.clock.time = FRIDAY
    await desk.write(*(post(f"a{n}") for n in range(5)), post("digest", not_after=FRIDAY + days(1)))
    desk.clock.time = datetime(2024, 7, 22, 9, tzinfo=UTC)
    await desk.turns(20, seconds=0.5)
    assert desk.read_by("priya") == [f"about a{n}" for n in range(5)]


async def test_a_persons_own_hours_count(desk):
    desk.courier.opens = quiet.hours(desk.memory, load())
    desk.clock.time = datetime(2024, 7, 22, 9, tzinfo=UTC)
    async with desk.memory.write() as tx:
        chosen = Preferences(zone="America/New_York")
        await preferences.keep(tx, "main", "rep_1", chosen, desk.clock.now())
    await desk.write(post("a1"), post("b1", to=DANA))
    await desk.turns(1)
    assert (desk.read_by("priya"), desk.read_by("dana")) == ([], ["about b1"])
    desk.clock.turn(hours=3)
    await desk.turns(1)
    assert desk.read_by("priya") == ["about a1"]


async def test_edits_and_replies_come_at_any_time(desk):
    await desk.write(post("a1"))
    await desk.turns()
    desk.courier.opens = quiet.hours(desk.memory, load())  # it is Saturday
    await desk.write(post("a1-end", kind="update", chain="a1"))
    await desk.turns()
    assert desk.read_by("priya") == ["about a1-end"]


# ------------------------------------------------------------------ a clock that jumps


@pytest.mark.parametrize("trouble", [Trouble.STORE_THEN_DROP, Trouble.FAIL])
async def test_a_clock_two_days_ahead_for_a_while_loses_and_doubles_nothing(desk, trouble):
    desk.slack.workspace.clock = Clock(desk.clock.time).seconds  # Slack's own is right
    desk.clock.turn(days=2)
    desk.slack.faults.script.append(Fault(trouble, "chat.postMessage"))
    await desk.write(post("a1"), post("a2"))
    await desk.turns()
    desk.clock.turn(days=-2)
    for _ in range(4):
        await desk.courier.revive()
        await desk.turns(2, minutes=1)
    assert sorted(desk.read_by("priya")) == ["about a1", "about a2"]


async def test_a_clock_ahead_of_slacks_still_finds_what_arrived(desk, tmp_path):
    wrong = Clock(clock.now() + timedelta(days=2))
    desk.slack.workspace.clock = Clock(clock.now()).seconds
    ahead = courier(desk.memory, desk.slack, wrong)
    desk.slack.faults.script.append(Fault(Trouble.STORE_THEN_DROP, "chat.postMessage"))
    await desk.write(post())
    for _ in range(3):
        await ahead.turn()
        wrong.turn(minutes=2)
    assert (desk.read_by("priya"), await desk.statuses()) == (["about a1"], {"a1": "sent"})


async def test_a_jump_of_two_days_forward_sends_what_was_due_once(desk):
    await desk.write(*(post(f"a{n}", due=desk.clock.now() + timedelta(hours=n)) for n in range(3)))
    desk.clock.turn(days=2)
    await desk.turns(5, seconds=1)
    assert desk.read_by("priya") == ["about a0", "about a1", "about a2"]


async def test_what_waits_for_its_hour_is_not_hurried_by_a_clock_that_never_jumped(desk):
    await desk.write(post(due=desk.clock.now() + days(3)))
    await desk.courier.revive()
    await desk.turns()
    assert desk.read_by("priya") == []


# ------------------------------------------------------------------ parking and revival


async def test_while_the_workspace_is_down_nothing_new_is_tried(desk):
    desk.slack.faults.script.append(Fault(Trouble.REFUSE, "chat.postMessage", error="token_revoked"))
    await desk.write(post("a1"))
    await desk.turns()
    await desk.write(post("b1", to=DANA))
    await desk.turns(3)
    assert [call.method for call in desk.slack.calls].count("chat.postMessage") == 1
    await desk.courier.revive()
    await desk.turns()
    assert (desk.read_by("priya"), desk.read_by("dana")) == (["about a1"], ["about b1"])


async def test_a_workspace_that_is_down_does_not_hold_up_another(desk):
    desk.slack.faults.script.append(Fault(Trouble.REFUSE, "chat.postMessage", error="token_revoked"))
    await desk.write(post("a1"))
    await desk.turns()
    other = courier(desk.memory, desk.slack, desk.clock)
    other.workspace = "second"
    await desk.write(post("b1", to=DANA, workspace="second"))
    await other.turn()
    assert await desk.statuses() == {"a1": "parked", "b1": "sent"}


async def test_news_that_got_old_while_parked_is_not_told(desk):
    desk.slack.faults.script.append(Fault(Trouble.REFUSE, "chat.postMessage", error="account_inactive"))
    await desk.write(post("digest", not_after=desk.clock.now() + days(1)), post("alert"))
    await desk.turns()
    desk.clock.turn(days=3)
    await desk.courier.revive()
    await desk.turns(3)
    assert desk.read_by("priya") == ["about alert"]


async def revived(desk, *messages, later=timedelta(0)):
    """What a person reads whom nobody knew in Slack when the messages were written."""
    await desk.write(*messages)
    await desk.turns(len(messages))
    desk.clock.turn(seconds=later.total_seconds())
    await desk.memory.link_person("main", "U_CARLA", "rep_9")
    async with desk.memory.write() as tx:
        await outbox.address(tx, "main", "rep_9")
    await desk.turns(len(messages))
    return desk.read_by("carla")


GHOST = type(PRIYA)("rep_9", "Ghost", "ghost@example.com")


async def test_who_becomes_known_gets_the_digest_of_that_day(desk):
    digest = post("digest", to=GHOST, not_after=desk.clock.now() + days(1))
    assert await revived(desk, digest) == ["about digest"]


async def test_who_becomes_known_too_late_does_not_get_old_digests(desk):
    digest = post("digest", to=GHOST, not_after=desk.clock.now() + days(1))
    assert await revived(desk, digest, later=days(2)) == []


async def test_what_has_neither_an_alert_nor_an_end_is_not_revived(desk):
    assert await revived(desk, post("note", to=GHOST)) == []


async def test_dead_letters_are_listed_until_somebody_was_told_of_them(desk):
    await desk.write(post("a1", to=GHOST))
    await desk.turns()
    async with desk.memory.write() as tx:
        letters = await outbox.letters(tx, "main")
        await outbox.noticed(tx, letters)
        assert [letter.dedup_key for letter in letters] == ["a1"]
        assert await outbox.letters(tx, "main") == []


async def test_a_lease_that_no_process_can_have_given_starts_anew(desk):
    await desk.write(post())
    await desk.courier.take_due()
    async with desk.memory.write() as tx:
        await tx.execute(update(rows).values(next_at=desk.clock.now() + days(2)))
    await desk.courier.revive()
    async with desk.memory.read() as connection:
        assert await connection.scalar(select(rows.c.next_at)) == desk.clock.now() + timedelta(minutes=1)
