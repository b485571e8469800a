"""The settings and a rule's id in; out whether the team may have changed the rule, without opening memory.

The database's own library takes half a second to load, which a question at the terminal need not wait for.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.settings import Settings

FILE = "sqlite+aiosqlite:///"  #: begins the address of a memory that is a file


def may_have_changed(settings: Settings, rule_id: str) -> bool:
    """Is there a version of a rule in memory? A server is not asked: it may have one."""
    scheme, _, path = settings.memory_url.partition(FILE)
    if scheme or not path:
        return True
    try:
        with closing(sqlite3.connect(f"{Path(path).absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute("SELECT 1 FROM rules WHERE rule_id = ? LIMIT 1", (rule_id,)).fetchone()
    except sqlite3.Error:
        return False  # no file yet, or one from before there were rules
    return row is not None
