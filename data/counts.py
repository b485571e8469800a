"""Loaded tables and a day -> the counts behind the scorecard: how many rows fail each check, of how many."""

from collections.abc import Mapping
from datetime import date
from tempfile import TemporaryDirectory

import duckdb

from data.tables import Tables, literal

QUIET_DAYS = 30  #: product.md part 5, P3: no update for 30 days
BULK_SHARE = 0.05  #: one day holding more of all stage events than this was a bulk change
BULK_LEAST = 20  #: below so many stage events a day any one day holds a large share
EARLY_STAGES = 2  #: a deal won from one of the first two stages skipped the process
PARKED_DAYS = 365  #: an expected close further away than this is no expectation
PARKED_SHARE = 0.10  #: one day on which more than this share of the open book is due is a placeholder
PARKED_LEAST = 20  #: below so many deals due on a day it may be chance
WON_LEAST = 30  #: won amounts below which the largest of them says little
INTAKE_PAUSE = 14  #: days without a new deal that are worth a word
MEMORY = "1GB"

#: Deals created by the day, and how they stood.
KNOWN = """
    SELECT *,
           coalesce(outcome <> 'open' AND close_date <= $day, false) AS closed,
           closed AND outcome = 'won' AS won,
           currency IS NULL OR currency IS NOT DISTINCT FROM $main AS own_money
    FROM read_parquet('{deals}') WHERE created_date <= $day"""
STAGE_EVENTS = "SELECT deal_id, date FROM read_parquet('{deal_events}') WHERE kind = 'stage' AND date <= $day"
LAST = f"SELECT deal_id, max(date) AS changed FROM ({STAGE_EVENTS}) GROUP BY deal_id"
EVERY_DEAL = f"SELECT $sums FROM ({KNOWN}) LEFT JOIN ({LAST}) USING (deal_id)"
EVERY_SUM = {
    "missing_owner": ("count(*) - count(rep_id)", "count(*)"),
    "missing_amount": ("count(*) - count(amount_cents)", "count(*)"),
    "missing_region": ("count(*) - count(region)", "count(*)"),
    "missing_industry": ("count(*) - count(industry)", "count(*)"),
    "missing_product": ("count(*) - count(product)", "count(*)"),
    "missing_lead_source": ("count(*) - count(lead_source)", "count(*)"),
    "missing_deal_type": ("count(*) - count(deal_type)", "count(*)"),
    "other_currency": ("count(currency) - count(*) FILTER (currency = $main)", "count(currency)"),
    "missing_currency": (
        "count(amount_cents) FILTER (currency IS NULL)",
        "CASE WHEN count(currency) > 0 THEN count(amount_cents) ELSE 0 END",
    ),
    "same_day_wins": ("count(*) FILTER (won AND close_date - created_date <= 1)", "count(*) FILTER (won)"),
    "created_and_closed_same_day": (
        "count(*) FILTER (closed AND close_date = created_date)",
        "count(*) FILTER (closed)",
    ),
    "won_from_early_stage": (
        f"count(*) FILTER (won AND list_contains($stages[:{EARLY_STAGES}], stage))",
        f"CASE WHEN len($stages) > {EARLY_STAGES} THEN count(stage) FILTER (won) ELSE 0 END",
    ),
    "no_stage_history": ("count(*) - count(changed)", "count(*)"),
    "changed_after_close": (
        "count(*) FILTER (closed AND changed > close_date)",
        "count(changed) FILTER (closed)",
    ),
    "intake_ended": (
        f"CASE WHEN $day - max(created_date) > {INTAKE_PAUSE} THEN $day - max(created_date) ELSE 0 END",
        "$day - min(created_date) + 1",
    ),
}
#: The open book as the CRM shows it now, with how many deals are due on each one's day, and the largest win.
OPEN_DEALS = f"""
    WITH known AS ({KNOWN}),
    open_deals AS (
        SELECT *,
               count(close_date) OVER (PARTITION BY close_date) AS on_its_day,
               count(close_date) OVER () AS due
        FROM known WHERE outcome = 'open'
    ),
    reached AS (
        SELECT max(amount_cents) AS largest, count(amount_cents) AS wins
        FROM known WHERE outcome = 'won' AND own_money
    )
    SELECT $sums FROM open_deals CROSS JOIN reached"""
OPEN_SUM = {
    "missing_stage": ("count(*) - count(stage)", "count(*)"),
    "missing_close_date": ("count(*) - count(close_date)", "count(*)"),
    "close_date_past": ("count(*) FILTER (close_date < $day)", "count(*)"),
    "no_recent_update": (f"count(*) FILTER (updated_date < $day - {QUIET_DAYS})", "count(updated_date)"),
    "no_next_step": (
        "count(*) - count(next_step)",
        "CASE WHEN count(next_step) > 0 THEN count(*) ELSE 0 END",
    ),
    "parked": (
        f"count(*) FILTER (close_date > $day + {PARKED_DAYS}"
        f" OR (on_its_day >= {PARKED_LEAST} AND on_its_day > {PARKED_SHARE} * due))",
        "count(close_date)",
    ),
    "aspirational_amount": (
        f"count(*) FILTER (own_money AND amount_cents > largest AND wins >= {WON_LEAST})",
        f"count(amount_cents) FILTER (own_money AND wins >= {WON_LEAST})",
    ),
}
EVERY_DAY = f"""
    SELECT $sums FROM (
        SELECT count(*) AS events, sum(count(*)) OVER () AS of_all FROM ({STAGE_EVENTS}) GROUP BY date
    )"""
EVENT_SUM = {
    "bulk_stage_changes": (
        f"sum(events) FILTER (events > {BULK_SHARE} * of_all AND events >= {BULK_LEAST})",
        "any_value(of_all)",
    ),
}
ACTIVITIES = "SELECT $sums FROM read_parquet('{activities}') WHERE date <= $day"
ACTIVITY_SUM = {"no_activity_feed": ("CASE WHEN count(*) = 0 THEN 1 ELSE 0 END", "1")}


def counted(tables: Tables, as_of: date) -> dict[str, tuple[int, int]]:
    """Rows that fail each check, and all rows it is about; the open book only from the day of the load on."""
    asked = [(EVERY_DEAL, EVERY_SUM), (EVERY_DAY, EVENT_SUM), (ACTIVITIES, ACTIVITY_SUM)]
    if as_of >= tables.loaded_on:
        asked.append((OPEN_DEALS, OPEN_SUM))
    with TemporaryDirectory() as spill:
        limits = {"memory_limit": MEMORY, "temp_directory": spill}
        with duckdb.connect(config=limits) as file:
            file.execute("SET enable_progress_bar = false")
            found = [_sums(file, tables, as_of, *each) for each in asked]
    return {name: pair for each in found for name, pair in each.items()}


def _sums(
    file: duckdb.DuckDBPyConnection,
    tables: Tables,
    as_of: date,
    text: str,
    sums: Mapping[str, tuple[str, str]],
) -> dict[str, tuple[int, int]]:
    paths = {name: literal(tables.path(name)) for name in ("deals", "deal_events", "activities")}
    whole = text.format(**paths).replace("$sums", ", ".join(sum_ for pair in sums.values() for sum_ in pair))
    known = {"day": as_of, "main": tables.manifest["currency"], "stages": tables.manifest["stages"]}
    given = {name: value for name, value in known.items() if f"${name}" in whole}
    row = [int(value or 0) for value in file.execute(whole, given).fetchone() or ()]
    return dict(zip(sums, zip(row[::2], row[1::2], strict=True), strict=True))
