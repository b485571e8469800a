"""A sample CRM and a day -> the load of that day: the CRM as an export of then would have told it.

Each row is what is known on the day: the last change by then, else the old value of the first change after
it, else the row. Next steps are not in the history, so three of four open deals are given one.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from data import load, sample, tables
from data.schema import TABLES

CUT = """
    SELECT * REPLACE (
        CASE WHEN {is_open} THEN 'open' ELSE outcome END AS outcome,
        {stage} AS stage, CAST({amount} AS BIGINT) AS amount_cents, {owner} AS rep_id,
        CASE WHEN {is_open} THEN CAST({close_date} AS DATE) ELSE d.close_date END AS close_date,
        CASE WHEN {is_open} AND hash(d.deal_id) % 4 > 0 THEN 'Call the buyer' END AS next_step,
        greatest(created_date, (SELECT max(date) FROM events e WHERE e.deal_id = d.deal_id AND date <= $day),
            (SELECT max(date) FROM touches t WHERE t.deal_id = d.deal_id AND date <= $day)) AS updated_date,
        (SELECT max(date) FROM touches t WHERE t.deal_id = d.deal_id AND date <= $day) AS last_activity_date,
        (SELECT max(date) FROM events e WHERE e.deal_id = d.deal_id AND kind = 'stage' AND date <= $day)
            AS stage_entered_date)
    FROM deals d WHERE created_date <= $day ORDER BY deal_id"""
KNOWN = """coalesce(
    (SELECT arg_max(new, (date, sequence)) FROM events e
     WHERE e.deal_id = d.deal_id AND kind = '{kind}' AND date <= $day),
    (SELECT arg_min(old, (date, sequence)) FROM events e
     WHERE e.deal_id = d.deal_id AND kind = '{kind}' AND date > $day), CAST(d.{row} AS VARCHAR))"""
IS_OPEN = "(d.outcome = 'open' OR d.close_date > $day)"


@dataclass(frozen=True, slots=True)
class Turn:
    """What happens to people on a day: who is gone and who takes their open deals, who has a new manager."""

    gone: Mapping[str, str] = field(default_factory=dict)
    managers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class History:
    """The whole of a sample, to be cut by day."""

    folder: Path
    turns: Mapping[date, Turn] = field(default_factory=dict)

    @classmethod
    def made(
        cls, home: Path, as_of: date, deals: int, seed: int, turns: Mapping[date, Turn] | None = None
    ) -> "History":
        """A sample, loaded once as a whole into a folder of its own."""
        if not (home / "tables").exists():
            sample.write(home / "files", as_of=as_of, deals=deals, seed=seed)
            load.load(sorted((home / "files").glob("*.csv")), home, loaded_on=as_of)
        return cls(tables.current(home).folder, turns or {})

    def write(self, home: Path, day: date, previous: str | None = None) -> str:
        """The load of a day in a data folder, not yet the current one; returns its id."""
        load_id = f"load-{day.isoformat()}"
        target = home / "tables" / load_id
        if target.exists():
            return load_id
        draft = home / "tables" / f".{load_id}"
        draft.mkdir(parents=True, exist_ok=True)
        with duckdb.connect() as engine:
            self._views(engine)
            for turned in sorted(each for each in self.turns if each <= day):
                self._turn(engine, turned)
            counts = {name: self._table(engine, name, draft, day) for name in TABLES}
        told = json.loads((self.folder / "load.json").read_text())
        told |= {"load_id": load_id, "loaded_on": day.isoformat(), "previous": previous, "counts": counts}
        (draft / "load.json").write_text(json.dumps(told))
        draft.rename(target)
        return load_id

    def _views(self, engine: duckdb.DuckDBPyConnection) -> None:
        engine.execute("SET threads = 1")
        for name, stored in (("deals", "deals"), ("events", "deal_events"), ("touches", "activities")):
            engine.execute(f"CREATE TABLE {name} AS FROM read_parquet('{self.folder}/{stored}.parquet')")
        for name in ("people", "quotas"):
            engine.execute(f"CREATE TABLE {name} AS FROM read_parquet('{self.folder}/{name}.parquet')")

    def _turn(self, engine: duckdb.DuckDBPyConnection, day: date) -> None:
        """People changed on this day; the deals of who left have new owners from it on."""
        for rep, manager in self.turns[day].managers.items():
            engine.execute("UPDATE people SET manager_id = ? WHERE person_id = ?", [manager, rep])
        for rep, heir in self.turns[day].gone.items():
            engine.execute("DELETE FROM people WHERE person_id = ?", [rep])
            owner = KNOWN.format(kind="owner", row="rep_id")
            engine.execute(
                f"CREATE OR REPLACE TEMP TABLE handed AS SELECT deal_id FROM deals d"
                f" WHERE {IS_OPEN} AND created_date <= $day AND {owner} = $rep",
                {"day": day, "rep": rep},
            )
            theirs = "deal_id IN (SELECT deal_id FROM handed)"
            engine.execute(
                f"DELETE FROM events WHERE {theirs} AND kind = 'owner' AND date >= $day", {"day": day}
            )
            engine.execute(
                "INSERT INTO events SELECT deal_id, $day, 99, 'owner', $rep, $heir, 'crm' FROM handed",
                {"day": day, "rep": rep, "heir": heir},
            )
            later = f"rep_id = '{rep}' AND created_date > $day"
            engine.execute(f"UPDATE deals SET rep_id = '{heir}' WHERE {theirs} OR {later}", {"day": day})

    def _table(self, engine: duckdb.DuckDBPyConnection, name: str, target: Path, day: date) -> int:
        known = {
            "stage": KNOWN.format(kind="stage", row="stage"),
            "amount": KNOWN.format(kind="amount", row="amount_cents"),
            "owner": KNOWN.format(kind="owner", row="rep_id"),
            "close_date": KNOWN.format(kind="close_date", row="close_date"),
        }
        query = {
            "deals": CUT.format(is_open=IS_OPEN, **known),
            "deal_events": "FROM events WHERE date <= $day ORDER BY deal_id, date, sequence",
            "activities": "FROM touches WHERE date <= $day ORDER BY deal_id, date",
        }.get(name, f"FROM {name}")
        rows = engine.sql(query, params={"day": day} if "$day" in query else None).to_arrow_table()
        pq.write_table(rows, target / f"{name}.parquet")
        return int(rows.num_rows)


def switch(home: Path, load_id: str) -> None:
    """Make a load the current one, as the end of `dealcoach load` does."""
    (home / "tables" / "CURRENT").write_text(load_id)
