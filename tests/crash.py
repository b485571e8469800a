"""A builder to be killed: what the crash test runs in a process of its own."""

import itertools
from datetime import date
from pathlib import Path

from analytics import refresh
from data.tables import at


def refresh_forever(home: Path) -> None:
    """Refresh from each load in turn, until somebody ends the process."""
    loads = sorted((home / "tables").glob("load-*"))
    for n, folder in enumerate(itertools.cycle(loads)):
        refresh.refresh(at(folder), home, date(2024, 6, 15 + n % 5))
