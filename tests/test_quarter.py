"""A few days of a small CRM acted out: what people got keeps every promise, whatever they answered."""

from datetime import date, time, timedelta
from pathlib import Path

import pytest

from tests import ledger, quarter
from tests.dated import History
from tests.quarter import Plan

FRIDAY = date(2024, 6, 21)
DAYS = tuple(FRIDAY + timedelta(days=n) for n in range(5))
WEEKEND = frozenset(day for day in DAYS if day.weekday() > 4)
BUSY = {"pilot_days": 0, "silent_share": 0.3, "p1_amount": 15_000, "p1_inactive_days": 5}
LOOKS = (time(5, 10), time(8, 1), time(12, 1), time(17, 30))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> quarter.Recorded:
    """The numbers of each working day."""
    home = tmp_path_factory.mktemp("quarter")
    history = History.made(home / "whole", DAYS[-1], 300, 7)
    return quarter.record(home, history, DAYS, without=WEEKEND)


async def test_some_days_keep_every_promise(recorded: quarter.Recorded, tmp_path: Path):
    async with quarter.staged(recorded, tmp_path, **BUSY) as play:
        await quarter.acted(play, Plan(no_load=WEEKEND), LOOKS)
        memory = await ledger.remembered(play)
        got = ledger.received(play, memory)
        found = ledger.figures(play, memory, got)
        assert await ledger.broken(play, memory, got) == []
    assert found["messages by kind"]["alert"] > 0
    assert found["states"]["P1 silent"] > 0
    assert found["answers"]
