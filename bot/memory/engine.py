"""The only place that knows which database memory is: its connections, transactions, upserts and errors.

Raises, in one tree:
    MemoryUnavailable: memory cannot be used now.
        MemoryReadOnly: it cannot be written.
        MemoryFull: there is no room left.
        MemoryCorrupt: the file is damaged, or no database at all.
        MemoryBusy: another process held it for too long.
"""

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Table, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from tenacity import Retrying, retry_if_exception_message, stop_after_delay, wait_random

from bot import migrations
from bot.refusals import refusal
from data.mendable import Mendable

WRITE = {"begin": "BEGIN IMMEDIATE"}  # execution option: the transaction means to write
MIGRATION_LOCK = 0x6465616C  # PostgreSQL advisory lock, any fixed number of ours
DESK_LOCK = 0x6465736B  # the same; the second number of this one is the workspace
NO_ANSWER = 10  # seconds to connect to a database server in
SILENCE = 10  # seconds without a sign of life from it before it is asked for one


class MemoryUnavailable(Mendable):
    """Memory cannot be used now; the message says which database, why, and what to do."""

    @property
    def for_readers(self) -> str:
        """Without the database's address, nor what its driver said of it."""
        return refusal(READERS.get(type(self), "memory"))


class MemoryReadOnly(MemoryUnavailable):
    """Memory cannot be written."""


class MemoryFull(MemoryUnavailable):
    """There is no room left."""


class MemoryCorrupt(MemoryUnavailable):
    """The file is damaged, or no database at all."""


class MemoryBusy(MemoryUnavailable):
    """Another process held memory for too long."""


#: The sentences for readers, who can mend none of it.
READERS: dict[type[MemoryUnavailable], str] = {
    MemoryReadOnly: "memory_read_only",
    MemoryFull: "memory_full",
    MemoryCorrupt: "memory_corrupt",
    MemoryBusy: "memory_busy",
}

#: Words of the database's own message, what it means, and what to do.
TROUBLES: tuple[tuple[str, type[MemoryUnavailable], str], ...] = (
    (
        "readonly",
        MemoryReadOnly,
        "cannot be written: make its folder writable, or set another DEALCOACH_HOME",
    ),
    ("read-only", MemoryReadOnly, "cannot be written: the database is in read-only mode"),
    ("is full", MemoryFull, "has no room left: free space on its disk; nothing was half-written"),
    (
        "disk i/o",
        MemoryFull,
        "cannot be written to its disk: check space and health; nothing was half-written",
    ),
    ("malformed", MemoryCorrupt, "is damaged: stop dealcoach and put back the last backup of the file"),
    ("not a database", MemoryCorrupt, "is no database: move the file away, or put back its last backup"),
    ("is locked", MemoryBusy, "is held by another process: try again, and end the other if it hangs"),
    ("lock timeout", MemoryBusy, "is held by another process: try again, and end the other if it hangs"),
    ("deadlock detected", MemoryBusy, "was wanted by two processes at once: try again"),
    ("too many clients", MemoryBusy, "has no connection left: raise max_connections of the server"),
    ("connection slots", MemoryBusy, "has no connection left: raise max_connections of the server"),
    ("no space left", MemoryFull, "has no room left: free space on its disk; nothing was half-written"),
    ("could not extend", MemoryFull, "has no room left: free space on its disk; nothing was half-written"),
    ("password authentication", MemoryUnavailable, "refuses us: check user and password of its address"),
    ("no password supplied", MemoryUnavailable, "refuses us: check user and password of its address"),
    ('" does not exist', MemoryUnavailable, "has no such database or user: create it first"),
    ("permission denied", MemoryReadOnly, "cannot be written: let its user create and change tables"),
    (
        "unable to open",
        MemoryUnavailable,
        "cannot be opened: check that its folder exists and can be written",
    ),
)


def connect(url: str, busy: timedelta) -> AsyncEngine:
    """An engine whose transactions are durable and never deadlock.

    Args:
        busy: how long to wait for another process's write.

    Raises:
        MemoryUnavailable: no database can be meant by this URL, or its driver is not installed.
    """
    try:
        wanted = make_url(url)
        on_a_server = wanted.get_backend_name() == "postgresql"
        engine = create_async_engine(wanted, **_server_options(busy) if on_a_server else {})
    except (ArgumentError, ModuleNotFoundError) as error:
        raise MemoryUnavailable(
            f"DEALCOACH_DATABASE_URL names no database we can use ({type(error).__name__}). "
            "Write one like sqlite+aiosqlite:////path/to/memory.sqlite, or "
            "postgresql+psycopg://user@host/name with dealcoach[postgres] installed; or leave it empty."
        ) from error
    if is_sqlite(engine):
        _tame_sqlite(engine, busy)
    return engine


def _server_options(busy: timedelta) -> dict[str, Any]:
    """How to talk to PostgreSQL: never wait forever, for a lock, a dead peer, or one that froze with a lock.

    Statements are not prepared: a pooler in between may give each transaction another connection.
    """
    wait = busy // timedelta(milliseconds=1)
    limits = {"lock_timeout": wait, "idle_in_transaction_session_timeout": 2 * wait}
    return {
        "pool_pre_ping": True,
        "connect_args": {
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
            "connect_timeout": NO_ANSWER,
            "keepalives_idle": SILENCE,
            "prepare_threshold": None,
        },
    }


def is_sqlite(engine: AsyncEngine) -> bool:
    """Is it SQLite? Then there may be one writer at a time, and it is one machine."""
    return engine.dialect.name == "sqlite"


def _tame_sqlite(engine: AsyncEngine, busy: timedelta) -> None:
    """Full sync on every connection, and transactions that take the write lock at their begin.

    Python's driver begins transactions late and by itself; a late upgrade from reading to writing fails at
    once whatever the timeout, hence `isolation_level = None` and our own BEGIN.
    """

    @event.listens_for(engine.sync_engine, "connect")
    def tune(connection: Any, _: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {busy // timedelta(milliseconds=1)}")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


async def prepare(engine: AsyncEngine, busy: timedelta) -> None:
    """Bring the database to the newest migration; two processes may do so at once.

    Raises:
        MemoryUnavailable: nothing answers at a database server's address.
    """
    if is_sqlite(engine):
        await asyncio.to_thread(_prepare_file, engine, busy)
    try:
        await _migrate(engine)
    except OSError as error:
        name = engine.url.render_as_string(hide_password=True)
        raise MemoryUnavailable(
            f"Memory {name!r} cannot be reached: check that it runs ({error})."
        ) from error


async def _migrate(engine: AsyncEngine) -> None:
    async with engine.execution_options(**WRITE).begin() as connection:
        if not is_sqlite(engine):
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")
        await connection.run_sync(migrations.upgrade)


def _prepare_file(engine: AsyncEngine, busy: timedelta) -> None:
    """Readers and the writer beside each other (WAL), which the file remembers.

    A file that cannot be used shows it here: aiosqlite leaves a thread behind when opening fails. The switch
    does not heed SQLite's own time-out when two processes start at once, so it is tried again.
    """
    (file, *_), how = engine.dialect.create_connect_args(engine.url)
    options: dict[str, Any] = {**how, "timeout": busy.total_seconds()}
    locked = retry_if_exception_message(match=".*is locked")
    for attempt in Retrying(
        retry=locked, stop=stop_after_delay(busy), wait=wait_random(0, 0.1), reraise=True
    ):
        with attempt, closing(sqlite3.connect(file, **options)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")


async def alone(tx: AsyncConnection, workspace: str) -> None:
    """Wait for everybody else who changes a workspace's alerts; until the transaction ends they wait for us.

    SQLite has one writer anyway. On PostgreSQL a decision rests on rows that are not there yet (a budget, an
    open alert), which no lock of rows protects.
    """
    if tx.dialect.name != "sqlite":
        lock = text("SELECT pg_advisory_xact_lock(:desk, hashtext(:workspace))")
        await tx.execute(lock, {"desk": DESK_LOCK, "workspace": workspace})


def insert(connection: AsyncConnection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT with `on_conflict_do_nothing` and `on_conflict_do_update`, in the database's own dialect."""
    return sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)


@contextmanager
def troubles_as_sentences(name: str) -> Iterator[None]:
    """Turn a database that cannot be used into a `MemoryUnavailable`; our own mistakes pass unchanged.

    Args:
        name: the database as the reader knows it, without its password.
    """
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        trouble = _trouble(name, error)
        if trouble is None:
            raise
        raise trouble from error
    except OSError as error:
        raise MemoryUnavailable(
            f"Memory {name!r} cannot be reached: check that it runs ({error})."
        ) from error


def _trouble(name: str, error: DBAPIError | sqlite3.Error) -> MemoryUnavailable | None:
    said = str(getattr(error, "orig", error)).lower()
    for words, kind, sentence in TROUBLES:
        if words in said:
            return kind(f"Memory {name!r} {sentence}.")
    if not isinstance(error, OperationalError | InterfaceError):
        return None
    if error.connection_invalidated:
        return MemoryUnavailable(f"Memory {name!r} was lost: check that the database runs, then try again.")
    if said.startswith("connection"):
        return MemoryUnavailable(f"Memory {name!r} cannot be reached: check its address and that it runs.")
    return None
