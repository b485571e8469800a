"""`Memory`: opens the durable state, and remembers who is who and what Slack already delivered."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, nullcontext
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot import clock
from bot.memory import engine as database
from bot.memory.tables import inbox, people_links

BUSY = timedelta(seconds=30)
LONGEST_WAIT = 1.0  #: seconds that an answer waits for memory

Known = TypeVar("Known")

log = structlog.get_logger(__name__)


class Memory:
    """Owns the connections to the durable state.

    Read inside `read()`, write inside `write()`: what is written in one block is kept whole or not at all.
    """

    def __init__(self, engine: AsyncEngine, now: Callable[[], datetime] = clock.now) -> None:
        self.engine = engine
        self.now = now
        self.name = engine.url.render_as_string(hide_password=True)
        self._one_writer = asyncio.Lock() if database.is_sqlite(engine) else nullcontext()
        self._behind: set[asyncio.Task[Any]] = set()

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, *, busy: timedelta = BUSY, now: Callable[[], datetime] = clock.now
    ) -> AsyncIterator["Memory"]:
        """Open memory at an SQLAlchemy URL, migrated to this version; closed when the block ends.

        Raises:
            MemoryUnavailable: read-only, full, damaged or out of reach; the sentence says which.
        """
        engine = database.connect(url, busy)
        try:
            memory = cls(engine, now)
            with database.troubles_as_sentences(memory.name):
                await database.prepare(engine, busy)
            yield memory
            if memory._behind:
                await asyncio.wait(memory._behind, timeout=LONGEST_WAIT)
        finally:
            await engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection that sees one moment of memory."""
        with database.troubles_as_sentences(self.name):
            async with self.engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction: committed, and on disk, when the block ends; undone when it raises."""
        with database.troubles_as_sentences(self.name):
            async with (
                self._one_writer,
                self.engine.execution_options(**database.WRITE).begin() as connection,
            ):
                yield connection

    async def soon(self, doing: Coroutine[Any, Any, Known], otherwise: Known) -> Known:
        """What comes of reading or writing, for an answer that must neither wait for it nor fail with it.

        Returns:
            `otherwise` where memory cannot be used, and after a second; then it goes on behind the answer.
        """
        task = asyncio.create_task(doing)
        self._behind.add(task)
        task.add_done_callback(self._done)
        await asyncio.wait([task], timeout=LONGEST_WAIT)
        if not task.done():
            log.warning("memory slow")
            return otherwise
        return otherwise if isinstance(task.exception(), database.MemoryUnavailable) else task.result()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._behind.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.warning("memory not used", reason=type(error).__name__)

    async def first_time(self, key: str) -> bool:
        """Is this the first delivery of a `trigger_id` or `event_id`? Remembers that it was."""
        async with self.write() as tx:
            row = database.insert(tx, inbox).values(key=key, seen_at=self.now()).on_conflict_do_nothing()
            return (await tx.execute(row.returning(inbox.c.key))).first() is not None

    async def forget_deliveries(self, before: datetime) -> None:
        """Drop remembered deliveries that Slack cannot repeat any more."""
        async with self.write() as tx:
            await tx.execute(delete(inbox).where(inbox.c.seen_at < before))

    async def link_person(self, workspace: str, slack_user: str, person_id: str) -> None:
        """`/coach map @user PERSON`: from now on this Slack user is that person, and nobody else."""
        async with self.write() as tx:
            row = database.insert(tx, people_links).values(
                workspace=workspace, slack_user=slack_user, person_id=person_id
            )
            keys = [people_links.c.workspace, people_links.c.slack_user]
            await tx.execute(row.on_conflict_do_update(index_elements=keys, set_={"person_id": person_id}))

    async def person_of(self, workspace: str, slack_user: str) -> str | None:
        """The person ops linked this Slack user to."""
        mine = (people_links.c.workspace == workspace) & (people_links.c.slack_user == slack_user)
        async with self.read() as connection:
            return await connection.scalar(select(people_links.c.person_id).where(mine))

    async def slack_user_of(self, workspace: str, person_id: str) -> str | None:
        """The Slack user ops linked to this person; the first by id when there are several."""
        theirs = (people_links.c.workspace == workspace) & (people_links.c.person_id == person_id)
        user = people_links.c.slack_user
        async with self.read() as connection:
            return await connection.scalar(select(user).where(theirs).order_by(user).limit(1))
