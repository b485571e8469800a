"""Killed at any moment, with Slack failing in every way it can: no alert lost, none told twice."""

import pytest

from tests import postgres
from tests.crash_delivery import rehearse
from tests.crash_worker import POINTS


@pytest.fixture(scope="module")
def database():
    try:
        with postgres.server() as address:
            yield lambda: postgres.new_database(address)
    except postgres.NoServer as problem:
        pytest.skip(f"No PostgreSQL here: {problem}.")


async def killed_again_and_again(folder, **where):
    toll = await rehearse(folder, alerts=30, kills=12, seed=7, **where)
    assert (toll.lost, toll.doubled, toll.wrong) == ([], [], [])
    assert sum(toll.kills.values()) >= 12
    assert set(toll.kills) >= {"random", *POINTS} - {"looked"}


async def test_on_sqlite_nothing_is_lost_and_nothing_doubled(tmp_path):
    await killed_again_and_again(tmp_path)


async def test_on_postgresql_nothing_is_lost_and_nothing_doubled(tmp_path, database):
    await killed_again_and_again(tmp_path, url=database())


async def test_three_processes_at_a_time_lose_and_double_nothing(tmp_path, database):
    await killed_again_and_again(tmp_path, url=database(), instances=3)
