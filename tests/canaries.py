"""A CRM in which every text names its own column, so that wherever one turns up it can be told from where.

It is the sample with all its words replaced: the numbers, and what they teach, are the sample's.
"""

import csv
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analytics import refresh
from data import load, sample, schema, tables
from data.schema import Type
from data.tables import Tables

AS_OF = date(2024, 6, 28)
STEM = "kanari"  #: stands in every text of the CRM, in some case, and nowhere else

#: Columns that hold a word of ours, or one that nobody can choose.
CLOSED = ("outcome", "role", "period", "origin")
#: Columns that point at another one's values.
SAME_AS = {"rep_id": "person_id", "manager_id": "person_id"}
#: What an event of a kind tells the old and new value of, where that is text.
EVENTS_OF = {"stage": "stage", "owner": "person_id"}
COIN = "KANARICOIN"


def canary(column: str, value: str) -> str:
    """The text that stands for a value of a column: the same for the same value, two words long for names.

    >>> canary("region", "APAC"), canary("email", "a@b.example")
    ('Kanariregion APAC', 'kanariemail.a@b.example')
    """
    if column == "email":
        return f"{STEM}email.{value}"
    word = f"{STEM.capitalize()}{column.replace('_', '')}"
    return f"{word}-{value}" if column.endswith("_id") else f"{word} {value}"


def home(folder: Path, deals: int = 400) -> Path:
    """A data folder with this CRM, loaded and refreshed."""
    sample.write(folder / "sample", as_of=AS_OF, deals=deals, seed=7)
    files = [_planted(file, folder / "files") for file in sorted((folder / "sample").glob("*.csv"))]
    load.load(files, folder / "data", loaded_on=AS_OF)
    _with_coins(tables.current(folder / "data"))
    refresh.refresh(tables.current(folder / "data"), folder / "data", AS_OF)
    return folder / "data"


def text_columns() -> Iterator[tuple[str, str]]:
    """Table and name of every column that a CRM can write anything into."""
    for table in schema.TABLES.values():
        for column in table.columns:
            if column.type is Type.TEXT and column.name not in CLOSED and not column.allowed:
                yield table.name, column.name


def texts(loaded: Tables, table: str, column: str) -> list[str]:
    """What stands in a text column of a load, each once; of events only what is a text."""
    found = pq.read_table(loaded.path(table))
    if table == "deal_events" and column in ("old", "new"):
        found = found.filter(pc.is_in(found["kind"], pa.array([*EVENTS_OF])))
    return sorted({value for value in found[column].to_pylist() if value})


def _planted(file: Path, folder: Path) -> Path:
    """The same file with a canary in every text."""
    folder.mkdir(exist_ok=True)
    with file.open(newline="", encoding="utf-8") as lines:
        rows = [_row(file.stem, row) for row in csv.DictReader(lines)]
    target = folder / file.name
    with target.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return target


def _row(table: str, row: dict[str, str]) -> dict[str, str]:
    free = {column for name, column in text_columns() if name == table} - {"currency"}
    if table == "deals":
        row = row | {"next_step": row["next_step"] or f"call about {row['deal_id']}"}
    return {column: _value(column, value, row) if column in free else value for column, value in row.items()}


def _value(column: str, value: str, row: dict[str, str]) -> str:
    if not value:
        return value
    if column in ("old", "new"):
        of = EVENTS_OF.get(row["kind"])
        return canary(of, value) if of else value
    return canary(SAME_AS.get(column, column), value)


def _with_coins(loaded: Tables) -> None:
    """Put a text where a currency belongs, as a load of before this was checked may hold one."""
    path = loaded.path("deals")
    deals = pq.read_table(path)
    coins = pa.array([COIN] * deals.num_rows, pa.string())
    pq.write_table(deals.set_column(deals.schema.get_field_index("currency"), "currency", coins), path)
    told = loaded.manifest | {"currency": COIN}
    (loaded.folder / "load.json").write_text(json.dumps(told), encoding="utf-8")
