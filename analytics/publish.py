"""How a finished file becomes the store: one builder at a time, a draft, an atomic rename, a pointer.

Killed at any moment, the shelf holds only whole files and the pointer names one of them.
"""

import errno
import fcntl
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from analytics import store
from analytics.store import POINTER, StoreNotWritable

KEPT = 3  #: generations, whatever their day
KEPT_DAYS = 8  #: days of which the last generation is kept as well: today, and each day up to the week before
KEPT_REPLAYS = 8
NUMBERED = re.compile(r"g(\d{6,})-\d{4}-\d{2}-\d{2}")
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS, errno.EEXIST, errno.ENOTDIR}


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of generations: the current ones, which are numbered, or the replays of past days."""

    folder: Path
    replays: bool = False

    @property
    def draft(self) -> Path:
        """The file a generation is built in."""
        return self.folder / ".draft.sqlite"

    @property
    def spill(self) -> Path:
        """Where the engine puts what does not fit into memory."""
        return self.folder / ".spill"

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other builders waiting, and leave no draft behind, whatever happens.

        Raises:
            StoreNotWritable: in place of any error that says so of the disk.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / ".lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._sweep()
                try:
                    yield
                finally:
                    self._sweep()
        except (OSError, sqlite3.OperationalError) as problem:
            raise _plain(problem, self.folder) from problem

    def path(self, name: str) -> Path:
        """The file of a generation."""
        return self.folder / f"{name}.sqlite"

    def name(self, as_of: date, load_id: str) -> str:
        """What the generation of a load as of a day is called here: the next number, or the day and load."""
        if self.replays:
            return store.replay_name(as_of, load_id)
        return f"g{max((n for n, _ in self._numbered()), default=0) + 1:06d}-{as_of.isoformat()}"

    def add(self, name: str) -> None:
        """Put the draft on the shelf for good, point readers to it, and clear away the oldest."""
        _sync(self.draft)
        self.draft.replace(self.path(name))
        _sync(self.folder)
        if not self.replays:
            self._point(name)
        for path in self._outdated():
            path.unlink(missing_ok=True)

    def _point(self, name: str) -> None:
        fresh = self.folder / f".{POINTER}"
        fresh.write_text(name)
        _sync(fresh)
        fresh.replace(self.folder / POINTER)
        _sync(self.folder)

    def _outdated(self) -> list[Path]:
        if self.replays:
            built = sorted(self.folder.glob("asof-*.sqlite"), key=lambda p: (p.stat().st_mtime_ns, p.name))
            return built[:-KEPT_REPLAYS]
        built = [path for _, path in self._numbered()]
        last_of = {path.stem.partition("-")[2]: path for path in built}
        kept = {*built[-KEPT:], *(last_of[day] for day in sorted(last_of)[-KEPT_DAYS:])}
        return [path for path in built if path not in kept]

    def _numbered(self) -> list[tuple[int, Path]]:
        found = ((NUMBERED.fullmatch(path.stem), path) for path in self.folder.glob("g*.sqlite"))
        return sorted((int(match[1]), path) for match, path in found if match)

    def _sweep(self) -> None:
        self.draft.unlink(missing_ok=True)
        shutil.rmtree(self.spill, ignore_errors=True)


def current(home: Path) -> Shelf:
    """The shelf whose last generation readers see."""
    return Shelf(store.folder(home))


def replays(home: Path) -> Shelf:
    """The shelf of past days."""
    return Shelf(store.folder(home) / "asof", replays=True)


def _sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _plain(problem: OSError | sqlite3.OperationalError, folder: Path) -> Exception:
    """The same problem as a sentence when it is the disk's, else itself."""
    code = getattr(problem, "errno", None)
    name = getattr(problem, "sqlite_errorname", "")
    if code in FULL or name.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
        return StoreNotWritable(f"The disk of {str(folder)!r} is full. Free some space, then refresh again.")
    if code in FORBIDDEN or name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN")):
        return StoreNotWritable(f"Nothing can be written into {str(folder)!r}. Check its permissions.")
    return problem
