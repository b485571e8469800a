"""A past day of a data folder -> the generation that knows what was known then, kept or built anew."""

from datetime import date, timedelta
from pathlib import Path

from analytics import store
from analytics.store import Generation
from data import tables

WEEK = timedelta(days=7)


def week_before(home: Path, now: Generation) -> Generation:
    """The generation of seven days before: as it was published, or a replay of the day."""
    day = now.as_of - WEEK
    then = [one for one in store.kept(home) if one.as_of == day]
    return then[-1] if then else replayed(home, day)


def replayed(home: Path, as_of: date) -> Generation:
    """The replay of a past day of the current load; built when first asked for."""
    from analytics import refresh  # brings pandas and DuckDB, which no other question needs

    loaded = tables.current(home)
    kept = store.asof(home, as_of, loaded.manifest["load_id"])
    return kept or store.opened(refresh.refresh(loaded, home, as_of, kind="asof"))
