"""Killed at any moment, with Slack failing in every way it can: no alert lost, none told twice."""

from tests.crash_delivery import rehearse
from tests.crash_worker import POINTS


async def test_killed_thirty_times_while_delivering_nothing_is_lost_and_nothing_doubled(tmp_path):
    toll = await rehearse(tmp_path, alerts=150, kills=30, seed=7)
    assert (toll.lost, toll.doubled, toll.wrong) == ([], [], [])
    assert sum(toll.kills.values()) == 30
    assert set(toll.kills) >= {"random", *POINTS} - {"looked"}
