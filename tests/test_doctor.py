"""What `dealcoach doctor` and `/coach status` say of alerts: the pilot, signs of life, what was not told."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from bot import doctor
from bot import settings as config
from bot.alerting import heartbeat, pilot
from bot.memory import Memory

NOW = datetime(2024, 7, 22, 9, tzinfo=UTC)


@pytest.fixture
def home(tmp_path):
    with time_machine.travel(NOW, tick=False):
        yield tmp_path


async def told(home, **given):
    """What is said of each of the checks on alerts: (ok, found)."""
    settings = config.load(home=home, **given)
    return {one.check: (one.ok, one.found) async for one in doctor.alerting(settings)}


async def beat(home, found=(), ago=timedelta()):
    async with Memory.open(config.load(home=home).memory_url) as memory, memory.write() as tx:
        await heartbeat.beat(tx, "main", "here", found, NOW - ago)


async def test_a_pilot_without_a_reviewer_is_off_and_who_could_be_one_is_said(home):
    [found] = [one async for one in doctor.alerting(config.load(home=home)) if one.check == "pilot"]
    assert (found.ok, found.found) == (None, "off: nobody to review")
    assert found.remedy == "Set DEALCOACH_REVIEWER_EMAILS, or make somebody ops or CRO."
    in_slack = await told(home, slack_bot_token="xoxb-1")
    assert in_slack["pilot"] == (False, "off: nobody to review")


async def test_a_pilot_says_until_when_it_goes_on(home):
    named = {"reviewer_emails": ("ops@example.com",)}
    assert (await told(home, **named))["pilot"] == (True, "begins with the first alerts, reviewers: 1")
    settings = config.load(home=home, **named)
    async with Memory.open(settings.memory_url) as memory, memory.write() as tx:
        await pilot.begin(tx, settings, NOW)
    assert (await told(home, **named))["pilot"] == (True, "on until 2024-08-21, reviewers: 1")
    assert (await told(home, pilot_days=0))["pilot"][0] is True


async def test_no_sign_of_life_is_needed_before_there_was_one(home):
    assert (await told(home))["work"] == (None, "no sign of life yet")


async def test_a_process_that_lives_is_counted_and_what_it_found_is_told(home):
    await beat(home)
    assert await told(home, pilot_days=0) == {
        "pilot": (True, "off"),
        "work": (True, "1 alive, last sign 2024-07-22 09:00"),
        "told": (True, "all that should be"),
    }
    await beat(home, ["Messages that are overdue: 3 (a1)."])
    assert (await told(home))["told"] == (False, "Messages that are overdue: 3 (a1).")


async def test_silence_where_there_was_life_is_a_failure(home):
    await beat(home, ago=timedelta(minutes=6))
    found = await told(home, zone="Europe/Berlin")
    assert found["work"] == (False, "last sign 2024-07-22 10:54")
    assert "told" not in found
