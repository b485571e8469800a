"""A CRM's files -> the last good load: checked tables, rejects with their reasons; never half a load."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa

from data import manifest, mapping, publish, tables
from data.build import Build, Input, Limits, Progress
from data.errors import NoDeals, TooManyRejects
from data.formats import Source
from data.rejects import Rejects
from data.report import FileReport, Report
from data.sources import files as source_files
from data.sources.csv import CsvFile, open_csv
from data.sources.parquet import open_parquet
from data.tables import DamagedTables, NoTables, Tables

__all__ = ["Limits", "Progress", "Report", "load"]


def load(
    files: Sequence[Path],
    home: Path,
    *,
    loaded_on: date,
    profile: str | None = None,
    limits: Limits = Limits(),
    dry_run: bool = False,
    accept_smaller: bool = False,
    replace: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Load CRM files into a data folder and make them its current tables.

    Each file feeds the table its header fits; a table no file feeds is carried over from the last load.
    The same files again change nothing. Loaded files also leave a snapshot of the open deals.

    Args:
        files: CSV (also gzipped) or Parquet files, or folders of them.
        loaded_on: the day the files show; nothing in them may lie after it.
        profile: a mapping profile's name, or the path of one; None finds it from the header.
        dry_run: check everything, write nothing.
        accept_smaller: take a source that shrank by more than the limit.
        replace: start afresh, carry nothing over.

    Raises:
        LoadError: refused, in one sentence; the last good load still stands.
    """
    inputs = _inputs(files, profile, limits)
    last, damage = (None, []) if replace else _last(home)
    with publish.workshop(home, dry_run=dry_run) as work, Rejects(work / "rejects.csv") as rejects:
        build = Build(home, work, loaded_on, inputs, last, limits, rejects, progress or _silent, notes=damage)
        try:
            built = build.tables()
            build.refuse_shrinkage(accept_smaller)
        except (TooManyRejects, NoDeals):
            if not dry_run and rejects.reasons:
                rejects.flush()
                publish.put(rejects.path, home / "rejects" / "refused.csv")
            raise
        for each in inputs:
            source_files.assert_unchanged(each.source.path, each.stamp)
        rejects.flush()
        return _published(build, built, home, dry_run)


def _silent(what: str, done: int, total: int | None) -> None:
    """Nobody watches."""


def _last(home: Path) -> tuple[Tables | None, list[str]]:
    """The last load and what there is to say of it: a damaged one counts as none."""
    try:
        return tables.whole(tables.current(home)), []
    except DamagedTables as problem:
        return None, [f"The last load is damaged ({problem.damage}): nothing was carried over from it"]
    except NoTables:
        return None, []


def _stands(build: Build, current: Tables, load_id: str) -> bool:
    """Is the load that was built the current one already, and that one whole to its last row?"""
    if current.folder.name != load_id:
        return False
    try:
        return manifest.load_id(build.inputs, current.folder, build.loaded_on) == load_id
    except (OSError, pa.ArrowException):
        return False


def _inputs(paths: Sequence[Path], profile: str | None, limits: Limits) -> list[Input]:
    known = mapping.known_names()
    return [_input(path, profile, limits, known) for path in source_files.found(paths)]


def _input(path: Path, profile: str | None, limits: Limits, known: frozenset[str]) -> Input:
    source: Source
    if source_files.is_parquet(path):
        source = open_parquet(path, limits.size)
    else:
        source = open_csv(path, limits.size, known)
    stamp = source.scan.stamp if isinstance(source, CsvFile) else source.stamp
    match = mapping.recognise(source.header, path.name, profile)
    report = FileReport(
        file=path.name,
        table=match.table,
        profile=match.profile.name,
        encoding=source.encoding,
        delimiter=source.delimiter,
        date_order="iso",
        unused=match.unused,
        suggestions=match.suggestions,
        notes=list(source.notes),
    )
    return Input(source, match, report, stamp)


def _published(build: Build, folder: Path, home: Path, dry_run: bool) -> Report:
    told = manifest.of(build, folder)
    load_id = manifest.load_id(build.inputs, folder, build.loaded_on)
    report = Report(
        loaded_on=build.loaded_on,
        files=[each.report for each in build.inputs],
        load_id=load_id,
        dry_run=dry_run,
        counts=told["counts"],
        notes=build.notes,
    )
    if dry_run:
        return report
    if report.rows_rejected:
        report.reject_file = home / "rejects" / f"{load_id}.csv"
        publish.put(build.rejects.path, report.reject_file)
    publish.put(build.work / "snapshot.parquet", home / "snapshots" / f"{build.loaded_on}.parquet")
    current, _ = _last(home)
    report.published = current is None or not _stands(build, current, load_id)
    if report.published:
        told |= {"load_id": load_id, "previous": current.folder.name if current else None}
        (folder / "load.json").write_text(json.dumps(told, indent=1))
        publish.publish(folder, home, load_id)
        publish.prune(home)
    return report
