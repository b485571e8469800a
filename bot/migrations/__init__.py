"""Numbered migrations of memory, applied by the program itself when it opens memory."""

from pathlib import Path

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

HERE = Path(__file__).parent


def upgrade(connection: Connection) -> None:
    """Bring the database to the newest migration, inside the caller's transaction.

    The caller holds the lock that keeps a second process out.
    """
    scripts = ScriptDirectory(HERE, version_locations=[HERE])

    def steps(revision: str, _: MigrationContext) -> list[RevisionStep]:
        return scripts._upgrade_revs("heads", revision)

    context = MigrationContext.configure(connection, opts={"fn": steps})
    with Operations.context(context):
        context.run_migrations()
