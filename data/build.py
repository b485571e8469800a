"""The five canonical tables of one load, built from its files in a workshop; nothing is published here."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data import duplicates, history, mapping, schema, snapshots
from data.errors import NoDeals, Shrunk, TooManyRejects
from data.formats import Source, survey
from data.rejects import Rejects
from data.report import FileReport
from data.rows import Converted, Reading, arrow_schema, convert, row_schema
from data.sources.batch import Reject
from data.sources.files import SizeLimits
from data.sources.salesforce import STATE_KINDS, changes
from data.tables import Tables, readable

Progress = Callable[[str, int, int | None], None]  #: what is being done, rows done, rows in all if known


@dataclass(frozen=True, slots=True)
class Limits:
    """When a load is refused."""

    reject_share: float = 0.05  # of a table's rows
    shrink_share: float = 0.20  # of the deals of the last good load
    size: SizeLimits = field(default_factory=SizeLimits)


@dataclass(slots=True)
class Input:
    """One file, recognised, and its line in the report."""

    source: Source
    match: mapping.Match
    report: FileReport
    stamp: tuple[int, int, int]


@dataclass(slots=True)
class Build:
    """The tables of one load while they are built in its workshop."""

    home: Path
    work: Path
    loaded_on: date
    inputs: list[Input]
    last: Tables | None
    limits: Limits
    rejects: Rejects
    progress: Progress
    side_events: list[pa.Table] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def profile(self) -> mapping.Profile:
        """The profile of the deals: that of their file, else of the load they are carried over from."""
        for each in self.inputs:
            if each.match.table == "deals":
                return each.match.profile
        name = self.last.manifest.get("profile", mapping.GENERIC) if self.last else mapping.GENERIC
        return mapping.named(name) if name in mapping.profiles() else mapping.named(mapping.GENERIC)

    def tables(self) -> Path:
        """Build all five tables and the snapshot; the folder that holds the tables.

        Raises:
            NoDeals, TooManyRejects
        """
        folder = self.work / "tables"
        folder.mkdir()
        crm = self._crm_events()
        self._deals(folder, crm)
        for name in ("activities", "quotas"):
            self._simple(folder, name)
        self._people(folder)
        self._events(folder, crm)
        return folder

    def refuse_shrinkage(self, accepted: bool) -> None:
        """Keep the last good load when the new one is much smaller.

        Raises:
            Shrunk: it is, and nobody said that this is meant.
        """
        if self.last is None or accepted:
            return
        before, now = row_count(self.last.path("deals")), row_count(self.work / "tables" / "deals.parquet")
        if now < before * (1 - self.limits.shrink_share):
            raise Shrunk(
                f"The files hold {now:,} deals, the last good load {before:,}: more than "
                f"{self.limits.shrink_share:.0%} fewer. If that is meant, load again with --accept-smaller."
            )

    # --- deals and the simple tables ---

    def _deals(self, folder: Path, crm: pa.Table) -> None:
        mine = self._of("deals")
        if not mine and self.last is None:
            given = ", ".join(sorted({each.match.table for each in self.inputs}))
            raise NoDeals(f"There is no file of deals among those given (only {given}). Load one with them.")
        closes = history.true_closes(crm, self.profile) if self.profile.close_from_history else None
        self._simple(folder, "deals", closes)
        if mine and not row_count(folder / "deals.parquet"):
            raise NoDeals(
                f"Not one deal could be kept of {_names(mine)}. {self.rejects.commonest()}".rstrip()
            )

    def _simple(self, folder: Path, name: str, closes: pa.Table | None = None) -> None:
        """A table that is rows of files, without repeats; or the last load's."""
        table, mine, target = schema.TABLES[name], self._of(name), folder / f"{name}.parquet"
        if not mine:
            self._carry(name, target)
            return
        raw = self._read(mine, f"{name}.rows", closes)
        choice = self._choose(raw, mine, table.key, may_repeat=name == "activities")
        _write_kept(raw, target, arrow_schema(table), choice.keep)
        raw.unlink()

    def _carry(self, name: str, target: Path) -> None:
        if self.last is None:
            pq.write_table(arrow_schema(schema.TABLES[name]).empty_table(), target)
            return
        _copy(self.last.path(name), target, arrow_schema(schema.TABLES[name]))
        if count := row_count(target):
            self.notes.append(f"{name}: no file given, {count:,} rows kept from load {self.last.folder.name}")

    # --- people ---

    def _people(self, folder: Path) -> None:
        """Given or kept people, and one made for each owner of a deal who is not among them."""
        self._simple(folder, "people")
        path = folder / "people.parquet"
        people = pq.read_table(path)
        if not self._of("people"):
            people = people.filter(pc.invert(_made_up(people)))
        owners = pq.read_table(folder / "deals.parquet", columns=["rep_id"])["rep_id"].unique().drop_null()
        new = sorted(set(owners.to_pylist()) - set(people["person_id"].to_pylist()))
        made = [{"person_id": rep, "name": rep, "role": "rep"} for rep in new]
        pq.write_table(pa.concat_tables([people, pa.Table.from_pylist(made, people.schema)]), path)
        if made and people.num_rows:
            self.notes.append(
                f"people: {len(made):,} owners of deals are not in the people file; made from their ids"
            )
        elif made:
            self.notes.append(f"people: no file yet, {len(made):,} reps made from the owners of deals")

    # --- events ---

    def _crm_events(self) -> pa.Table:
        """What the files given, or else the last load, tell of the deals' history."""
        mine = self._of("deal_events")
        if not mine and self.last is not None:
            stored = pq.read_table(self.last.path("deal_events"), filters=pc.field("origin") == "crm")
            return history.from_stored(stored.cast(arrow_schema(schema.DEAL_EVENTS)))
        states = [each for each in mine if each.match.layout.shape == "states"]
        rows = [each for each in mine if each.match.layout.shape == "rows"]
        pieces = [history.EVENTS.empty_table()]
        if states:
            pieces.append(history.events(changes(self._event_rows(states)), "crm"))
        if rows:
            pieces.append(history.events(self._event_rows(rows, told=bool(states)), "crm"))
        return pa.concat_tables(pieces)

    def _event_rows(self, mine: list[Input], told: bool = False) -> pa.Table:
        """Event rows without repeats; kinds that another history has `told` already are left out."""
        raw = self._read(mine, f"events.{mine[0].match.layout.shape}")
        choice = self._choose(raw, mine, ("deal_id",), may_repeat=True)
        table = pq.read_table(raw).filter(pa.array(choice.keep))
        raw.unlink()
        if told:
            twice = pc.is_in(table["kind"], value_set=pa.array([*STATE_KINDS.values()]))
            for source, count in Counter(table.filter(twice)["source"].to_pylist()).items():
                self.inputs[source].report.rows_kept -= count
                self.inputs[source].report.dropped["told twice"] += count
            table = table.filter(pc.invert(twice))
        return table

    def _events(self, folder: Path, crm: pa.Table) -> None:
        """CRM events, those from stage columns and stage days, then those seen between snapshots."""
        deals = pq.read_table(
            folder / "deals.parquet",
            columns=[*snapshots.SNAPSHOT.names, "outcome"],
        )
        if self._of("deals"):
            told = [history.events(table, "crm") for table in self.side_events]
            sides = pa.concat_tables([history.EVENTS.empty_table(), *told])
            crm = pa.concat_tables([crm, history.without_told(sides, crm)])
            closed = deals.filter(pc.not_equal(deals["outcome"], "open"))
            crm = pa.concat_tables([crm, history.without_told(history.entered(closed), crm)])
        seen = history.events(self._seen(folder, deals), "snapshot")
        table = history.assembled([crm, history.without_told(seen, crm)])
        pq.write_table(table, folder / "deal_events.parquet")

    def _seen(self, folder: Path, deals: pa.Table) -> pa.Table:
        today = snapshots.of(folder / "deals.parquet")
        pq.write_table(today, self.work / "snapshot.parquet")
        earlier = [pair for pair in snapshots.days(self.home, self.loaded_on) if pair[0] != self.loaded_on]
        whole = [(day, path) for day, path in earlier if readable(path)]
        self.notes += [
            f"snapshots: that of {day} is damaged and left out; what changed by then is dated later"
            for day, _ in sorted({*earlier} - {*whole})
        ]
        return snapshots.events([*whole, (self.loaded_on, today)], deals)

    # --- reading ---

    def _of(self, table: str) -> list[Input]:
        return [each for each in self.inputs if each.match.table == table]

    def _read(self, mine: list[Input], name: str, closes: pa.Table | None = None) -> Path:
        """Convert files into one file of rows in the workshop, told where each row came from."""
        path = self.work / f"{name}.parquet"
        cut_before = self.rejects.cut_rows
        with pq.ParquetWriter(path, row_schema(mine[0].match), compression="lz4") as writer:
            for each in mine:
                for converted in self._converted(each, closes):
                    writer.write_table(converted.table)
        self._refuse_rejects(mine, self.rejects.cut_rows - cut_before)
        return path

    def _converted(self, each: Input, closes: pa.Table | None) -> Iterator[Converted]:
        report, name = each.report, each.report.file
        formats = survey(each.source, each.match, lambda rows: self.progress(f"Checking {name}", rows, None))
        report.date_order, report.notes = formats.date_order, [*report.notes, *formats.notes]
        number = self.inputs.index(each)
        reading = Reading(number, name, each.match, formats, self.loaded_on, closes)
        for batch in each.source.batches():
            converted = convert(batch, reading)
            report.rows_read += batch.read
            report.rows_kept += converted.table.num_rows
            report.rows_rejected += self.rejects.add(converted.rejects)
            report.dropped += converted.dropped
            if converted.events is not None:
                self.side_events.append(converted.events)
            self.progress(f"Reading {name}", report.rows_read, formats.rows)
            yield converted

    def _choose(
        self, raw: Path, mine: list[Input], key: Sequence[str], *, may_repeat: bool = False
    ) -> duplicates.Choice:
        """Settle repeats among the rows of a file of rows, and tell each source's report."""
        wanted = [*key, "hash", "source", "row"]
        if mine[0].match.table == "deals":
            wanted += ["updated_date", "outcome"]
        table = pq.read_table(raw, columns=wanted)
        choice = duplicates.choose(table, key, may_repeat=may_repeat)
        sources = table["source"].to_numpy()
        self._tell_rejected(table, sources, choice, key)
        dropped = ~choice.keep
        dropped[[*choice.rejected]] = False
        word = "duplicates" if not choice.dropped["older versions"] else "duplicates and older versions"
        for source, count in Counter(sources[dropped].tolist()).items():
            self.inputs[source].report.rows_kept -= count
            self.inputs[source].report.dropped[word] += count
        self._refuse_rejects(mine, 0)
        return choice

    def _tell_rejected(
        self, table: pa.Table, sources: Any, choice: duplicates.Choice, key: Sequence[str]
    ) -> None:
        for at, reason in choice.rejected.items():
            each = self.inputs[int(sources[at])]
            value = " ".join(str(table[name][at].as_py()) for name in key)
            column = each.match.columns.get(key[0], key[0])
            self.rejects.add([Reject(each.report.file, table["row"][at].as_py(), column, value, reason)])
            each.report.rows_kept -= 1
            each.report.rows_rejected += 1

    def _refuse_rejects(self, mine: list[Input], cut: int) -> None:
        read = sum(each.report.rows_read for each in mine)
        rejected = sum(each.report.rows_rejected for each in mine) - cut
        if rejected > read * self.limits.reject_share:
            raise TooManyRejects(
                f"{rejected:,} of {read:,} rows of {_names(mine)} cannot be used, more than the limit of "
                f"{self.limits.reject_share:.0%}: {self.rejects.commonest()}. Nothing was loaded."
            )


def _names(inputs: Iterable[Input]) -> str:
    return ", ".join(repr(each.report.file) for each in inputs)


def row_count(path: Path) -> int:
    """Rows of a Parquet file."""
    return int(pq.read_metadata(path).num_rows)


def _made_up(people: pa.Table) -> Any:
    """People who are nothing but the id of a deal's owner."""
    same = pc.equal(people["person_id"], people["name"]).fill_null(False)
    return pc.and_(same, pc.and_(people["email"].is_null(), people["manager_id"].is_null()))


def _copy(source: Path, target: Path, layout: pa.Schema) -> None:
    with pq.ParquetFile(source) as file, pq.ParquetWriter(target, layout) as writer:
        for batch in file.iter_batches():
            writer.write_batch(batch.cast(layout))


def _write_kept(raw: Path, target: Path, layout: pa.Schema, keep: Any) -> None:
    at = 0
    with pq.ParquetFile(raw) as file, pq.ParquetWriter(target, layout) as writer:
        for batch in file.iter_batches(columns=layout.names):
            mask = pa.array(np.asarray(keep[at : at + batch.num_rows]))
            writer.write_batch(batch.filter(mask).cast(layout))
            at += batch.num_rows
