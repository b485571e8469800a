"""A sample CRM that was loaded and refreshed once, for every test that only asks it questions."""

import asyncio
import shutil
from datetime import date
from pathlib import Path

import hypothesis
import pytest

from analytics import refresh, store
from analytics.store import Generation
from bot import settings as config
from bot.coach import Coach
from bot.memory import Memory
from data import load, sample, tables
from data.sample import Planted

AS_OF = date(2024, 6, 28)

hypothesis.settings.register_profile("untimed", deadline=None)  # speed is for `make bench`
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as `sample`, `load` and `refresh` leave it."""
    home = tmp_path_factory.mktemp("crm")
    sample.write(home / "files", as_of=AS_OF, deals=1500, seed=7)
    load.load(sorted((home / "files").glob("*.csv")), home, loaded_on=AS_OF)
    refresh.refresh(tables.current(home), home, AS_OF)
    return home


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Generation, Planted]:
    """The default sample, 5,000 closed deals, and the list of what is in it."""
    home = tmp_path_factory.mktemp("planted")
    told = sample.write(home / "files", as_of=AS_OF)
    load.load(sorted((home / "files").glob("*.csv")), home, loaded_on=AS_OF)
    refresh.refresh(tables.current(home), home, AS_OF)
    return store.current(home), told


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of an empty memory: a copy opens eight times as fast as a new one."""
    file = tmp_path_factory.mktemp("memory") / "memory.sqlite"

    async def make() -> None:
        async with Memory.open(f"sqlite+aiosqlite:///{file}"):
            pass

    asyncio.run(make())
    return file


@pytest.fixture
def memory_url(migrated: Path, tmp_path: Path) -> str:
    """The address of an empty memory of one's own."""
    return f"sqlite+aiosqlite:///{shutil.copy(migrated, tmp_path / 'memory.sqlite')}"


@pytest.fixture
def coach(crm: Path) -> Coach:
    """What the terminal answers with."""
    return Coach(config.load(home=crm, stale_after_days=100_000))
