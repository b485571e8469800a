"""Memory: kept, migrated, and one clear sentence when it cannot be used."""

import asyncio
import json
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from pydantic import TypeAdapter
from sqlalchemy import insert, select, text

from analytics.facts import Finding
from bot import clock, migrations
from bot.memory import Memory, MemoryBusy, MemoryCorrupt, MemoryFull, MemoryReadOnly, MemoryUnavailable
from bot.memory import engine as database
from bot.memory.tables import alerts, inbox, metadata, people_links

ROOT = Path(__file__).parents[1]
TEN = datetime(2024, 7, 20, 10, tzinfo=UTC)


def at(folder, query=""):
    return f"sqlite+aiosqlite:///{folder / 'memory.sqlite'}{query}"


@pytest.fixture
async def memory(tmp_path):
    async with Memory.open(at(tmp_path), now=lambda: TEN) as opened:
        yield opened


async def test_the_first_delivery_is_the_only_first_one(memory):
    assert await memory.first_time("trigger-1")
    assert not await memory.first_time("trigger-1")
    assert await memory.first_time("trigger-2")


async def test_of_ten_deliveries_at_once_one_is_first(memory):
    first = await asyncio.gather(*(memory.first_time("event-1") for _ in range(10)))
    assert sum(first) == 1


async def test_what_was_remembered_survives_a_restart(tmp_path):
    async with Memory.open(at(tmp_path)) as memory:
        await memory.first_time("trigger-1")
    async with Memory.open(at(tmp_path)) as memory:
        assert not await memory.first_time("trigger-1")


async def test_old_deliveries_are_forgotten_and_new_ones_kept(memory):
    await memory.first_time("trigger-1")
    await memory.forget_deliveries(TEN)
    assert not await memory.first_time("trigger-1")
    await memory.forget_deliveries(TEN + timedelta(seconds=1))
    assert await memory.first_time("trigger-1")


async def test_a_slack_user_is_who_ops_said_last(memory):
    await memory.link_person("main", "U1", "rep_1")
    await memory.link_person("main", "U1", "rep_2")
    assert await memory.person_of("main", "U1") == "rep_2"
    assert await memory.slack_user_of("main", "rep_2") == "U1"
    assert await memory.slack_user_of("main", "rep_1") is None
    assert await memory.person_of("other", "U1") is None


async def test_what_is_written_in_one_block_is_kept_whole_or_not_at_all(memory):
    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with memory.write() as tx:
            await tx.execute(
                insert(people_links).values(workspace="main", slack_user="U1", person_id="rep_1")
            )
            raise ZeroDivisionError
    assert await memory.person_of("main", "U1") is None


async def test_a_reader_sees_one_moment_while_others_write(memory):
    async with memory.read() as connection:
        before = (await connection.execute(select(inbox))).all()
        await memory.first_time("trigger-1")
        assert (await connection.execute(select(inbox))).all() == before == []


async def test_every_commit_is_on_disk_before_it_is_acknowledged(memory):
    async with memory.read() as connection:
        assert (await connection.exec_driver_sql("PRAGMA synchronous")).scalar() == 2
        assert (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar() == "wal"


async def test_the_migrations_build_exactly_the_tables_we_use(memory):
    def differences(connection):
        return compare_metadata(MigrationContext.configure(connection), metadata)

    async with memory.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_an_alert_of_the_version_before_is_still_open_and_reads_as_a_finding(tmp_path):
    engine = database.connect(at(tmp_path), timedelta(seconds=1))
    async with engine.begin() as connection:
        await connection.run_sync(up_to, "0002")
        columns = "key, workspace, rule, deal_id, owner_id, state, reason, facts, opened_on, generation"
        values = ":key, 'main', 'stalled', 'D1', 'rep_1', 'told', '', :facts, '2024-07-20', 'g1'"
        row = {"key": "main:stalled:D1:2024-07-20", "facts": json.dumps(STALLED)}
        await connection.execute(text(f"INSERT INTO alerts ({columns}) VALUES ({values})"), row)
    await engine.dispose()
    async with Memory.open(at(tmp_path)) as memory, memory.read() as connection:
        [row] = (await connection.execute(select(alerts))).all()
    told = TypeAdapter(Finding).validate_json(row.facts)
    assert (row.subject_id, row.level, row.resolved_on) == ("D1", "P1", None)
    assert (told.rule, told.subject_id, told.causes) == ("stalled", "D1", ("days_since_activity",))


STALLED = {
    "rule": "stalled",
    "deal_id": "D1",
    "owner_id": "rep_1",
    "manager_id": "mgr_1",
    "causes": ["inactive"],
    "figures": {},
    "as_of": "2024-07-20",
    "generation": "g1",
    "name": "",
    "account": "",
    "stage": "Demo",
    "owner": "Priya",
}


def up_to(connection, revision):
    """The migrations up to one of them."""
    scripts = ScriptDirectory(migrations.HERE, version_locations=[migrations.HERE])
    steps = {"fn": lambda rev, _: scripts._upgrade_revs(revision, rev)}
    context = MigrationContext.configure(connection, opts=steps)
    with Operations.context(context):
        context.run_migrations()


async def test_many_processes_may_start_on_an_empty_folder_at_once(tmp_path):
    script = (
        "import asyncio, sys; from bot.memory import Memory\n"
        "async def main():\n"
        "    async with Memory.open(sys.argv[1]) as memory:\n"
        "        await memory.first_time(sys.argv[2])\n"
        "asyncio.run(main())"
    )
    starts = [
        subprocess.Popen([sys.executable, "-c", script, at(tmp_path), str(n)], cwd=ROOT) for n in range(4)
    ]
    assert [start.wait() for start in starts] == [0, 0, 0, 0]
    async with Memory.open(at(tmp_path)) as memory, memory.read() as connection:
        assert len((await connection.execute(select(inbox))).all()) == 4


async def refused(url, kind):
    with pytest.raises(kind) as told:
        async with Memory.open(url, busy=timedelta(milliseconds=50)) as memory:
            await memory.first_time("trigger-1")
    return str(told.value)


async def test_a_read_only_memory_is_a_sentence(tmp_path):
    async with Memory.open(at(tmp_path)):
        pass
    url = f"sqlite+aiosqlite:///file:{tmp_path / 'memory.sqlite'}?mode=ro&uri=true"
    assert "cannot be written: make its folder writable" in await refused(url, MemoryReadOnly)


async def test_a_full_disk_is_a_sentence_and_loses_nothing(memory):
    await memory.first_time("trigger-1")
    async with memory.read() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count = 1")
    with pytest.raises(MemoryFull, match="has no room left: free space"):
        await memory.first_time("x" * 100_000)
    assert not await memory.first_time("trigger-1")


async def test_a_file_that_is_no_database_is_a_sentence(tmp_path):
    (tmp_path / "memory.sqlite").write_bytes(b"deal_id,amount\n" * 100)
    assert "is no database: move the file away" in await refused(at(tmp_path), MemoryCorrupt)


async def test_a_damaged_database_is_a_sentence(tmp_path):
    async with Memory.open(at(tmp_path)):
        pass
    whole = (tmp_path / "memory.sqlite").read_bytes()
    (tmp_path / "memory.sqlite").write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert "is damaged: stop dealcoach" in await refused(at(tmp_path), MemoryCorrupt)


async def test_a_missing_folder_is_a_sentence(tmp_path):
    assert "check that its folder exists" in await refused(at(tmp_path / "nowhere"), MemoryUnavailable)


async def test_a_memory_held_by_another_process_is_a_sentence(tmp_path):
    async with Memory.open(at(tmp_path)) as other, other.write():
        assert "is held by another process" in await refused(at(tmp_path), MemoryBusy)


@pytest.mark.parametrize(
    "url", ["", "memory.sqlite", "oracle://coach:secret@db/coach", "sqlite+aiosqlite://a:secret@b/c"]
)
async def test_a_url_of_no_database_is_a_sentence_without_its_password(url):
    said = await refused(url, MemoryUnavailable)
    assert said.startswith("DEALCOACH_DATABASE_URL names no database")
    assert "secret" not in said


def test_a_day_begins_at_local_midnight(time_machine):
    time_machine.move_to(datetime(2024, 3, 30, 23, 30, tzinfo=UTC), tick=False)
    assert clock.now() == datetime(2024, 3, 30, 23, 30, tzinfo=UTC)
    assert clock.today("UTC") == date(2024, 3, 30)
    assert clock.today("Europe/Berlin") == date(2024, 3, 31)
