"""The last good load: where its Parquet files lie and what its manifest says."""

import json
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from data.mendable import Mendable


class NoTables(Mendable):
    """Nothing has been loaded into this folder yet."""


@dataclass(frozen=True, slots=True)
class Tables:
    """One load: a folder with one Parquet file per canonical table, and its manifest.

    Manifest keys: `load_id`, `loaded_on` (ISO day), `currency` (main one), `stages` (open stages in
    order, may be empty when unknown), `sources` (one dict per file), `counts` (rows per table),
    `has_events` and `has_activities` (did a source bring any).
    """

    folder: Path
    manifest: dict[str, Any] = field(default_factory=dict)

    @property
    def loaded_on(self) -> date:
        """The day of the load: nothing later is known."""
        return date.fromisoformat(self.manifest["loaded_on"])

    def path(self, table: str) -> Path:
        """The Parquet file of a canonical table. All five always exist, some with no rows."""
        return self.folder / f"{table}.parquet"


def current(home: Path) -> Tables:
    """The last good load of a data folder.

    Raises:
        NoTables: nothing was loaded yet.
    """
    pointer = home / "tables" / "CURRENT"
    if not pointer.exists():
        raise NoTables(f"No CRM data in {str(home)!r} yet. Load some: `dealcoach load FILE`.")
    return at(home / "tables" / pointer.read_text().strip())


def at(folder: Path) -> Tables:
    """The load that lies in `folder`."""
    return Tables(folder, json.loads((folder / "load.json").read_text()))
