"""The rejects of one load, written as they come, counted by reason."""

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from data.sources.batch import Reject

HEADER = ("file", "row", "column", "value", "reason")
CUT = "may be cut"  #: the reason of a last row without its end; it never counts against the share


class Rejects:
    """An open rejects file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reasons: Counter[tuple[str, str]] = Counter()
        self._file = path.open("w", newline="", encoding="utf-8")
        self._writer = csv.writer(self._file)
        self._writer.writerow(HEADER)

    def __enter__(self) -> "Rejects":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, rejects: Iterable[Reject]) -> int:
        """Write rejects down; how many there were."""
        count = 0
        for count, reject in enumerate(rejects, start=1):  # noqa: B007 - the last count is the answer
            self._writer.writerow((reject.file, reject.row, reject.column, reject.value, reject.reason))
            self.reasons[reject.column, reject.reason] += 1
        return count

    def flush(self) -> None:
        """Have the rows on disk, for the file to be kept."""
        self._file.flush()

    @property
    def cut_rows(self) -> int:
        """Last rows of files that broke off."""
        return sum(count for (_, reason), count in self.reasons.items() if reason.endswith(CUT))

    def commonest(self, most: int = 3) -> str:
        """The commonest reasons in words: `close_date: closed in the future (12 rows)`."""
        told = (
            f"{column + ': ' if column else ''}{reason} ({count:,} row{'s' if count > 1 else ''})"
            for (column, reason), count in self.reasons.most_common(most)
        )
        return "; ".join(told)
