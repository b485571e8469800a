"""Memory on PostgreSQL: the same code, migrated once by many, and a sentence when it cannot be used."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, select, text

from bot.memory import Memory, MemoryBusy, MemoryReadOnly, MemoryUnavailable, slots
from bot.memory.tables import inbox, metadata
from tests.postgres import NoServer, new_database, server, url

ROOT = Path(__file__).parents[1]
TEN = datetime(2024, 7, 20, 10, tzinfo=UTC)
LEASE = timedelta(seconds=60)


@pytest.fixture(scope="module")
def postgres():
    try:
        with server() as address:
            yield address
    except NoServer as problem:
        pytest.skip(f"No PostgreSQL here: {problem}.")


@pytest.fixture
def empty(postgres):
    """The URL of a new database."""
    return new_database(postgres)


@pytest.fixture
async def memory(empty):
    async with Memory.open(empty, now=lambda: TEN) as opened:
        yield opened


async def test_of_ten_deliveries_at_once_one_is_first(memory):
    first = await asyncio.gather(*(memory.first_time("event-1") for _ in range(10)))
    assert sum(first) == 1


async def test_the_migrations_build_exactly_the_tables_we_use(memory):
    def differences(connection):
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with memory.read() as connection:
        assert await connection.run_sync(differences) == []


OPENING = """
import asyncio, sys
from bot.memory import Memory

async def main():
    async with Memory.open(sys.argv[1]) as memory:
        await memory.first_time(sys.argv[2])

asyncio.run(main())
"""


async def test_many_processes_may_start_on_an_empty_database_at_once(empty):
    command = [sys.executable, "-c", OPENING, empty]
    starts = [subprocess.Popen([*command, str(n)], cwd=ROOT) for n in range(3)]
    assert [start.wait() for start in starts] == [0, 0, 0]
    async with Memory.open(empty) as memory, memory.read() as connection:
        assert len((await connection.execute(select(inbox))).all()) == 3


async def test_of_many_claims_at_once_one_gets_the_slot(memory):
    async def claim(owner):
        async with memory.write() as tx:
            return await slots.claim(tx, "tidy", "today", owner=owner, now=TEN, lease=LEASE)

    claims = await asyncio.gather(*(claim(f"process-{n}") for n in range(8)))
    assert sum(claimed is not None for claimed in claims) == 1


async def test_what_was_not_committed_is_gone_with_its_process(memory):
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with memory.write() as tx:
            await tx.execute(insert(inbox).values(key="trigger-1", seen_at=TEN))
            raise ZeroDivisionError
    assert await memory.first_time("trigger-1")


async def test_after_its_connections_were_cut_memory_finds_new_ones(memory, empty):
    await memory.first_time("trigger-1")
    async with Memory.open(empty) as other, other.write() as connection:
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        await connection.execute(text(f"{cut} AND datname = current_database()"))
    assert not await memory.first_time("trigger-1")


async def refused(address, kind, busy=timedelta(milliseconds=100)):
    with pytest.raises(kind) as told:
        async with Memory.open(address, busy=busy) as memory:
            await memory.first_time("trigger-1")
    return str(told.value)


async def test_a_row_held_by_another_process_is_a_sentence(memory, empty):
    async with memory.write() as tx:
        await tx.execute(insert(inbox).values(key="trigger-1", seen_at=TEN))
        assert "is held by another process" in await refused(empty, MemoryBusy)


async def test_a_read_only_database_is_a_sentence(memory, empty):
    async with memory.write() as tx:
        name = (await tx.execute(text("SELECT current_database()"))).scalar()
        await tx.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
    assert "cannot be written: the database is in read-only mode" in await refused(empty, MemoryReadOnly)


async def test_a_database_that_does_not_exist_is_a_sentence(postgres):
    assert "create it first" in await refused(url(postgres, "nowhere"), MemoryUnavailable)


async def test_a_server_that_does_not_run_is_a_sentence_without_its_password(tmp_path):
    address = f"postgresql+psycopg://coach:secret@/coach?host={tmp_path}"
    said = await refused(address, MemoryUnavailable)
    assert "cannot be reached: check its address and that it runs" in said
    assert "secret" not in said
