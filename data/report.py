"""What a load found and did, for the person who asked for it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from data.mapping import Suggestion


@dataclass(slots=True, kw_only=True)
class FileReport:
    """One file: how it was read, and where its rows went. read = kept + rejected + dropped."""

    file: str
    table: str
    profile: str
    encoding: str
    delimiter: str
    date_order: str
    rows_read: int = 0
    rows_kept: int = 0
    rows_rejected: int = 0
    dropped: Counter[str] = field(default_factory=Counter)  # "duplicates", "totals", "deleted", ... -> rows
    unused: tuple[str, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    notes: list[str] = field(default_factory=list)

    @property
    def rows_dropped(self) -> int:
        """Rows left out without being wrong."""
        return self.dropped.total()

    def sentences(self) -> Iterator[str]:
        """The report in plain lines."""
        written = f"{self.encoding}, {_DELIMITERS.get(self.delimiter, self.delimiter)}".rstrip(", ")
        yield f"{self.file}: {self.table}, read as {self.profile} ({written}; dates {self.date_order})"
        dropped = "".join(f", {count:,} {why} dropped" for why, count in sorted(self.dropped.items()))
        kept = f"{self.rows_kept:,} kept, {self.rows_rejected:,} rejected"
        yield f"  {self.rows_read:,} rows read, {kept}{dropped}"
        for suggestion in self.suggestions:
            yield f"  column {suggestion.header!r} is not used; is it {suggestion.canonical!r}?"
        if rest := [c for c in self.unused if c not in {s.header for s in self.suggestions}]:
            yield f"  columns not used: {', '.join(rest)}"
        yield from (f"  {note}" for note in self.notes)


_DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


@dataclass(slots=True, kw_only=True)
class Report:
    """One load."""

    loaded_on: date
    files: list[FileReport]
    load_id: str = ""
    published: bool = False
    dry_run: bool = False
    reject_file: Path | None = None
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def rows_read(self) -> int:
        """Rows of all files, blank ones left out."""
        return sum(file.rows_read for file in self.files)

    @property
    def rows_kept(self) -> int:
        """Rows that are in the tables."""
        return sum(file.rows_kept for file in self.files)

    @property
    def rows_rejected(self) -> int:
        """Rows in the rejects file."""
        return sum(file.rows_rejected for file in self.files)

    def sentences(self) -> list[str]:
        """The report in plain lines: each file, then what was published."""
        lines = [line for file in self.files for line in file.sentences()]
        lines += self.notes
        if self.reject_file:
            lines.append(f"Rejected rows with their reasons: {self.reject_file}")
        return [*lines, self._outcome()]

    def _outcome(self) -> str:
        if self.dry_run:
            return "Dry run: nothing was written."
        if not self.published:
            return f"Nothing changed: load {self.load_id} is already the current one."
        told = ", ".join(f"{count:,} {table}" for table, count in self.counts.items())
        return f"Load {self.load_id} published: {told}."
