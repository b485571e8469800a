"""Statements: portable text over integers, the same rows on any engine."""

import re
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from analytics.engine import SQL, Engine, EngineError
from tests.tables import tables


@pytest.mark.parametrize("path", sorted(SQL.glob("*.sql")), ids=lambda path: path.stem)
def test_a_statement_keeps_to_what_every_engine_knows(path: Path) -> None:
    text = re.sub(r"--.*", "", path.read_text())
    special = r"GROUPING|ROLLUP|MEDIAN|FILTER|QUALIFY|LIKE|::|DATE|INTERVAL|EXTRACT|STRFTIME|ARG_MAX|IFNULL"
    words = re.sub(r"'[^']*'|\w*_date\w*", "", text)
    assert not re.search(rf"\b({special})\b|::", words, re.IGNORECASE)


def test_a_statement_says_what_it_is() -> None:
    assert all(path.read_text().startswith("-- ") for path in SQL.glob("*.sql"))


def test_days_are_ordinals_and_numbers_in_changes_are_numbers(tmp_path: Path) -> None:
    changes = [
        {"deal_id": "D00001", "date": "2024-02-01", "kind": "amount", "old": None, "new": "1250"},
        {"deal_id": "D00001", "date": "2024-02-01", "kind": "close_date", "old": "2024-03-01", "new": "soon"},
    ]
    loaded = tables(tmp_path, deals=[{"created_date": "2024-01-31"}], events=changes)
    with Engine(loaded, date(2024, 3, 1), spill=tmp_path) as engine:
        assert engine.rows("SELECT created_day FROM crm_deals") == [(date(2024, 1, 31).toordinal(),)]
        told = engine.rows("SELECT old_number, new_number FROM crm_changes ORDER BY kind")
    assert told == [(None, 1250), (date(2024, 3, 1).toordinal(), None)]


def test_rows_come_out_as_python_values_with_none_for_missing(tmp_path: Path) -> None:
    wanted = [(1, None, "a", None, 0.5), (None, "é", "b", "x", None), (2**62, "", "a", "x", 1.0)]
    with Engine(tables(tmp_path), date(2024, 3, 1), spill=tmp_path) as engine:
        engine.make(
            "told",
            "SELECT 1 AS place, 1 AS n, NULL AS t, 'a' AS c, CAST(NULL AS VARCHAR) AS d, 0.5 AS r"
            " UNION ALL SELECT 2, NULL, 'é', 'b', 'x', NULL"
            " UNION ALL SELECT 3, 4611686018427387904, '', 'a', 'x', 1.0",
            coded=("c", "d"),
        )
        told = "SELECT n, t, c, d, CAST(r AS DOUBLE PRECISION) FROM told ORDER BY place"
        assert [row for batch in engine.batches(told) for row in batch] == wanted


def test_a_folder_name_with_wildcards_and_quotes_is_only_a_name(tmp_path: Path) -> None:
    folder = tmp_path / "it's [2024] *new?"
    with Engine(tables(folder, deals=[{}]), date(2024, 3, 1), spill=folder) as engine:
        assert engine.rows("SELECT deal_id FROM crm_deals") == [("D00001",)]


def test_a_damaged_table_is_named(tmp_path: Path) -> None:
    loaded = tables(tmp_path, deals=[{}])
    loaded.path("deals").write_bytes(b"PAR1 not really PAR1")
    with pytest.raises(EngineError, match=r"deals\.parquet"):
        Engine(loaded, date(2024, 3, 1), spill=tmp_path)


def test_what_a_brief_look_makes_is_forgotten_even_when_it_fails(tmp_path: Path) -> None:
    few = {"activities": pa.table({"deal_id": ["D9"], "date": pa.array([date(2024, 2, 1)])})}
    with Engine(tables(tmp_path), date(2024, 3, 1), spill=tmp_path) as engine:
        with engine.brief(few):
            engine.make("told", "SELECT deal_id FROM crm_activities", coded=("deal_id",))
            assert (engine.rows("SELECT * FROM told"), engine.holds("told")) == ([("D9",)], True)
        with pytest.raises(EngineError), engine.brief(few), engine.given("b", {"x": pa.array([1])}):
            engine.make("told", "SELECT CAST('q' AS INTEGER)")
        assert (engine.rows("SELECT * FROM crm_activities"), engine.holds("told")) == ([], False)
        with engine.brief(few):
            assert engine.rows("SELECT deal_id FROM crm_activities") == [("D9",)]
