"""The last good load: where its Parquet files lie and what its manifest says."""

import json
import re
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data import schema
from data.mendable import Mendable

TOLD = {"load_id", "loaded_on", "currency", "stages"}  #: what every manifest tells


class NoTables(Mendable):
    """Nothing has been loaded into this folder yet."""


class DamagedTables(NoTables):
    """A load is not whole: `damage` names the file and what is wrong with it."""

    def __init__(self, folder: Path, damage: str) -> None:
        self.damage = damage
        super().__init__(
            f"The last load in {str(folder)!r} is damaged ({damage}). "
            "Load the files again: `dealcoach load FILE`."
        )


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


def literal(path: Path) -> str:
    """A path as the inside of a SQL string in which `*`, `?` and `[` mean themselves."""
    return re.sub(r"([*?\[])", r"[\1]", str(path.absolute())).replace("'", "''")


def current(home: Path) -> Tables:
    """The last good load of a data folder.

    Raises:
        NoTables: nothing was loaded yet.
        DamagedTables: its pointer or its manifest cannot be read.
    """
    pointer = home / "tables" / "CURRENT"
    if not pointer.exists():
        raise NoTables(f"No CRM data in {str(home)!r} yet. Load some: `dealcoach load FILE`.")
    name = pointer.read_text(errors="replace").strip()
    if not re.fullmatch(r"[\w-]{1,99}", name) or not (pointer.parent / name).is_dir():
        raise DamagedTables(pointer.parent, "CURRENT names no load")
    return at(pointer.parent / name)


def at(folder: Path) -> Tables:
    """The load that lies in `folder`.

    Raises:
        DamagedTables: its manifest cannot be read.
    """
    return Tables(folder, _manifest(folder))


def whole(loaded: Tables) -> Tables:
    """The load itself, when every file of it is there.

    Raises:
        DamagedTables: one of them is missing, or no Parquet.
    """
    for name in schema.TABLES:
        if not readable(loaded.path(name)):
            raise DamagedTables(loaded.folder, f"{name}.parquet is missing or cannot be read")
    return loaded


def is_whole(folder: Path) -> bool:
    """Is there a load in `folder` that can be read?"""
    try:
        whole(at(folder))
    except DamagedTables:
        return False
    return True


def readable(path: Path) -> bool:
    """Is this a Parquet file whose end, where it says what it holds, is whole?"""
    try:
        pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return False
    return True


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / "load.json").read_text())
    except (OSError, ValueError) as problem:
        raise DamagedTables(folder, "load.json is missing or cannot be read") from problem
    if not isinstance(told, dict) or not told.keys() >= TOLD:
        raise DamagedTables(folder, f"load.json does not tell {', '.join(sorted(TOLD))}")
    return told
