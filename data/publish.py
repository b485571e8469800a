"""A folder of new tables -> the last good load, all or nothing, on a disk that may be full or read-only."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data import tables
from data.errors import CannotStore, LoadRunning

KEPT = 3  #: loads that stay on disk: the current one and those before it


@contextmanager
def workshop(home: Path, *, dry_run: bool) -> Iterator[Path]:
    """A temporary folder to build a load in; gone afterwards, whatever happens.

    Raises:
        CannotStore: the data folder cannot be written, or the disk is full.
        LoadRunning: another load holds the folder.
    """
    if dry_run:
        with tempfile.TemporaryDirectory(prefix="dealcoach-") as folder, _telling(Path(folder)):
            yield Path(folder)
        return
    with _telling(home):
        (home / "tables").mkdir(parents=True, exist_ok=True)
        with _alone(home):
            for left_over in (home / "tables").glob(".loading-*"):
                shutil.rmtree(left_over)
            folder = tempfile.mkdtemp(prefix=".loading-", dir=home / "tables")
            try:
                yield Path(folder)
            finally:
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _telling(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise CannotStore(
            f"Cannot write to {str(place)!r}: {why}. Nothing was changed; free space or allow writing, "
            f"then load again."
        ) from error


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    with (home / "tables" / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LoadRunning(
                f"Another load is writing to {str(home)!r}. Wait for it, then load again."
            ) from None
        yield


def publish(built: Path, home: Path, load_id: str) -> Path:
    """Make a built folder the current load: synced, renamed, then the pointer swapped."""
    folder = home / "tables" / load_id
    shutil.rmtree(folder, ignore_errors=True)  # the same load, damaged or no longer current
    for path in built.iterdir():
        sync(path)
    sync(built)
    built.rename(folder)
    sync(folder.parent)
    replace(home / "tables" / "CURRENT", load_id.encode())
    return folder


def replace(path: Path, content: bytes) -> None:
    """Put a small file in place, so that a reader sees the old one or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    put(beside, path)


def put(built: Path, path: Path) -> None:
    """Move a finished file into its place, synced before and after."""
    path.parent.mkdir(parents=True, exist_ok=True)
    sync(built)
    built.replace(path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Have the disk hold a file's or a folder's present content."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def prune(home: Path) -> None:
    """Remove loads older than the last few; a reader of one of those has had its time."""
    kept: list[str] = []
    load_id: str | None = tables.current(home).folder.name
    while load_id and load_id not in kept and len(kept) < KEPT and tables.is_whole(home / "tables" / load_id):
        kept.append(load_id)
        load_id = tables.at(home / "tables" / load_id).manifest.get("previous")
    for folder in (home / "tables").iterdir():
        if folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)
