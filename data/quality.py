"""The scorecard of the loaded tables: missing, late, contradictory, gamed. Counts only, nobody is named."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.tables import Tables

QUIET_DAYS = 30  #: product.md part 5, P3: no update for 30 days
BULK_SHARE = 0.05  #: one day holding more of all stage events than this was a bulk change
BULK_LEAST = 20  #: below so many stage events a day any one day holds a large share
EARLY_STAGES = 2  #: a deal won from one of the first two stages skipped the process
PARKED_DAYS = 365  #: an expected close further away than this is no expectation
PARKED_SHARE = 0.10  #: one day on which more than this share of the open book is due is a placeholder
PARKED_LEAST = 20  #: below so many deals due on a day it may be chance
WON_LEAST = 30  #: won amounts below which the largest of them says little


@dataclass(frozen=True, slots=True)
class Check:
    """One check: `failing` of `total` rows of `table`; level ok, warn or bad."""

    check: str
    table: str
    level: str
    failing: int
    total: int


@dataclass(frozen=True, slots=True)
class Kind:
    """What a check counts, why it matters, and from which share of rows it is a warning, and bad."""

    table: str
    meaning: str
    warn: float
    bad: float


GLOSSARY: dict[str, Kind] = {
    "missing_owner": Kind("deals", "Deals without an owner: nobody sees them but the CRO.", 0.0, 0.05),
    "missing_amount": Kind("deals", "Deals without an amount: left out of every sum of money.", 0.05, 0.30),
    "missing_stage": Kind("deals", "Open deals without a stage: no momentum, no clock.", 0.0, 0.10),
    "missing_region": Kind("deals", "Deals without a region: shown as Not set.", 0.05, 0.30),
    "missing_industry": Kind("deals", "Deals without an industry: shown as Not set.", 0.05, 0.30),
    "missing_product": Kind("deals", "Deals without a product: shown as Not set.", 0.05, 0.30),
    "missing_lead_source": Kind("deals", "Deals without a lead source: shown as Not set.", 0.05, 0.30),
    "missing_deal_type": Kind(
        "deals", "Deals without a type: new business and renewals are pooled without a word.", 0.05, 0.50
    ),
    "missing_close_date": Kind("deals", "Open deals that nobody expects to close on any day.", 0.05, 0.30),
    "close_date_past": Kind("deals", "Open deals whose expected close has passed.", 0.05, 0.20),
    "no_recent_update": Kind(
        "deals", f"Open deals not touched in the CRM for {QUIET_DAYS} days.", 0.10, 0.40
    ),
    "no_next_step": Kind("deals", "Open deals without a next step.", 0.20, 0.60),
    "parked": Kind(
        "deals",
        "Open deals due over a year from now, or all on one day: a place to leave them, not a plan.",
        0.02,
        0.15,
    ),
    "aspirational_amount": Kind(
        "deals", "Open deals larger than any that was ever won: hope, until one is.", 0.01, 0.05
    ),
    "changed_after_close": Kind(
        "deal_events", "Closed deals whose stage changed after the day they closed.", 0.02, 0.15
    ),
    "same_day_wins": Kind(
        "deals",
        "Won deals logged within a day of being opened: written down after the fact.",
        0.02,
        0.15,
    ),
    "created_and_closed_same_day": Kind(
        "deals", "Closed deals logged after the fact: they are kept out of cycle statistics.", 0.02, 0.15
    ),
    "won_from_early_stage": Kind(
        "deals", "Won deals that never left one of the first two stages: stages are not kept up.", 0.05, 0.25
    ),
    "other_currency": Kind("deals", "Deals not in the main currency: left out of sums of money.", 0.0, 0.10),
    "missing_currency": Kind(
        "deals", "Amounts without a currency where others name one: left out of sums of money.", 0.0, 0.10
    ),
    "no_activity_feed": Kind(
        "activities", "Whether any activity was loaded: without it, silence is unknown.", 0, 2
    ),
    "no_stage_history": Kind(
        "deal_events", "Deals without any stage event: time in stage is unknown.", 0.10, 2
    ),
    "bulk_stage_changes": Kind(
        "deal_events",
        f"Stage events on days that hold more than {BULK_SHARE:.0%} of them all: a clean-up, not selling.",
        0.0,
        0.30,
    ),
    "intake_ended": Kind(
        "deals",
        "Days up to the day asked about on which no deal was created: is the export cut short?",
        0.0,
        2,
    ),
}
_EVERY_DEAL = {
    "missing_owner": "rep_id",
    "missing_amount": "amount_cents",
    "missing_region": "region",
    "missing_industry": "industry",
    "missing_product": "product",
    "missing_lead_source": "lead_source",
    "missing_deal_type": "deal_type",
}
_INTAKE_PAUSE = 14  #: days without a new deal that are worth a word


def checks(tables: Tables, as_of: date) -> list[Check]:
    """Every check that the tables allow, from what was known on `as_of`, in the glossary's order.

    A check whose rows do not exist is left out: a deal that is not there is not missing anything. Those on
    the open book as the CRM shows it today are left out for a day before the load.
    """
    deals = _deals(tables, as_of)
    counted = {
        **{name: (int(deals[column].isna().sum()), len(deals)) for name, column in _EVERY_DEAL.items()},
        **_currency(deals, tables),
        **_closed(deals[deals["closed"]], tables),
        **_intake(deals, as_of),
        **dict(_feeds(tables, deals, as_of)),
    }
    if as_of >= date.fromisoformat(tables.manifest["loaded_on"]):
        still_open = deals[deals["outcome"] == "open"]
        counted |= _open(still_open, _number(as_of))
        counted["parked"] = _parked(still_open, _number(as_of))
        counted["aspirational_amount"] = _aspirational(_in_main_currency(deals, tables))
    return [_check(name, *counted[name]) for name in GLOSSARY if name in counted and counted[name][1]]


def _check(name: str, failing: int, total: int) -> Check:
    kind, share = GLOSSARY[name], failing / total
    level = "bad" if share > kind.bad else "warn" if share > kind.warn else "ok"
    return Check(name, kind.table, level, failing, total)


def _deals(tables: Tables, as_of: date) -> pd.DataFrame:
    """Deals created by the day, days as integers, and whether each was closed by then."""
    columns = [
        "deal_id",
        "outcome",
        "stage",
        "created_date",
        "close_date",
        "currency",
        "next_step",
        "updated_date",
    ]
    table = pq.read_table(
        tables.path("deals"),
        columns=[*columns, *_EVERY_DEAL.values()],
        filters=pc.field("created_date") <= as_of,
    )
    codes = {f.name: _slim(table[f.name]) for f in table.schema if f.name != "deal_id"}
    frame: pd.DataFrame = pa.table(codes).to_pandas(types_mapper=_nullable)
    frame["deal_id"] = table["deal_id"].to_numpy()
    frame["closed"] = (frame["outcome"] != "open") & (frame["close_date"] <= _number(as_of)).fillna(False)
    frame["closed"] = frame["closed"].astype(bool)
    return frame


def _slim(values: Any) -> Any:
    """Texts as codes and days as integers: what a column costs in memory no longer depends on its texts."""
    if pa.types.is_date(values.type):
        return values.cast(pa.int32())
    return values.dictionary_encode() if pa.types.is_string(values.type) else values


def _nullable(kind: pa.DataType) -> Any:
    return pd.Int64Dtype() if pa.types.is_integer(kind) else None


def _number(day: date) -> int:
    return day.toordinal() - date(1970, 1, 1).toordinal()


def _open(deals: pd.DataFrame, today: int) -> dict[str, tuple[int, int]]:
    """The open book as the CRM shows it now."""
    updated = deals["updated_date"].dropna()
    told_steps = deals["next_step"].notna().any()
    return {
        "missing_stage": (int(deals["stage"].isna().sum()), len(deals)),
        "missing_close_date": (int(deals["close_date"].isna().sum()), len(deals)),
        "close_date_past": (int((deals["close_date"] < today).sum()), len(deals)),
        "no_recent_update": (int((updated < today - QUIET_DAYS).sum()), len(updated)),
        "no_next_step": (int(deals["next_step"].isna().sum()), len(deals) if told_steps else 0),
    }


def _parked(still_open: pd.DataFrame, today: int) -> tuple[int, int]:
    """Open deals due on a far day, or on one that they share with many."""
    due = still_open["close_date"].dropna()
    on_its_day = due.map(due.value_counts())
    crowded = (on_its_day >= PARKED_LEAST) & (on_its_day > PARKED_SHARE * len(due))
    return int(((due > today + PARKED_DAYS) | crowded).sum()), len(due)


def _aspirational(deals: pd.DataFrame) -> tuple[int, int]:
    """Open amounts beyond all that was ever won, where enough was won to say so."""
    hoped = deals.loc[deals["outcome"] == "open", "amount_cents"].dropna()
    reached = deals.loc[deals["outcome"] == "won", "amount_cents"].dropna()
    return (int((hoped > reached.max()).sum()), len(hoped)) if len(reached) >= WON_LEAST else (0, 0)


def _closed(deals: pd.DataFrame, tables: Tables) -> dict[str, tuple[int, int]]:
    won = deals[deals["outcome"] == "won"]
    early = tables.manifest["stages"][:EARLY_STAGES]
    known = (
        won["stage"].notna() if len(tables.manifest["stages"]) > EARLY_STAGES else won["stage"].isna() & False
    )
    logged = (won["close_date"] - won["created_date"] <= 1).sum()
    return {
        "same_day_wins": (int(logged), len(won)),
        "created_and_closed_same_day": (
            int((deals["close_date"] == deals["created_date"]).sum()),
            len(deals),
        ),
        "won_from_early_stage": (int(won["stage"].isin(early).sum()), int(known.sum())),
    }


def _in_main_currency(deals: pd.DataFrame, tables: Tables) -> pd.DataFrame:
    told = deals["currency"].notna()
    return deals[~told | (deals["currency"] == tables.manifest["currency"])]


def _currency(deals: pd.DataFrame, tables: Tables) -> dict[str, tuple[int, int]]:
    told = deals["currency"].dropna()
    amounts = deals[deals["amount_cents"].notna()] if len(told) else deals[:0]
    return {
        "other_currency": (int((told != tables.manifest["currency"]).sum()), len(told)),
        "missing_currency": (int(amounts["currency"].isna().sum()), len(amounts)),
    }


def _intake(deals: pd.DataFrame, as_of: date) -> dict[str, tuple[int, int]]:
    """Days since the newest deal was created, of the days since the oldest; short pauses count as none."""
    if deals.empty:
        return {}
    quiet = _number(as_of) - int(deals["created_date"].max())
    span = _number(as_of) - int(deals["created_date"].min()) + 1
    return {"intake_ended": (quiet if quiet > _INTAKE_PAUSE else 0, span)}


def _feeds(tables: Tables, deals: pd.DataFrame, as_of: date) -> Iterator[tuple[str, tuple[int, int]]]:
    """Whether activities and stage events are there, and whether stages were changed in bulk."""
    known = pc.field("date") <= as_of
    activities = pq.read_table(tables.path("activities"), columns=["date"], filters=known).num_rows
    yield "no_activity_feed", (int(activities == 0), 1)
    events = pq.read_table(
        tables.path("deal_events"),
        columns=["deal_id", "date"],
        filters=known & (pc.field("kind") == "stage"),
    )
    told = pc.is_in(pa.array(deals["deal_id"], pa.string()), value_set=events["deal_id"].unique())
    yield "no_stage_history", (len(deals) - int(pc.sum(told).as_py() or 0), len(deals))
    if len(events):
        yield "changed_after_close", _late_changes(events, deals[deals["closed"]])
    per_day = np.array([c["counts"] for c in pc.value_counts(events["date"]).to_pylist()], np.int64)
    bulk = per_day[(per_day > BULK_SHARE * events.num_rows) & (per_day >= BULK_LEAST)]
    yield "bulk_stage_changes", (int(bulk.sum()), events.num_rows)


def _late_changes(events: pa.Table, closed: pd.DataFrame) -> tuple[int, int]:
    """Closed deals with a stage event after their close, of the closed deals with any."""
    last = events.group_by("deal_id").aggregate([("date", "max")])
    days = pd.Series(last["date_max"].cast(pa.int32()).to_numpy(), index=last["deal_id"].to_numpy())
    found = days.reindex(closed["deal_id"].to_numpy())
    told = found.notna().to_numpy()
    late = found.to_numpy()[told] > closed["close_date"].to_numpy(dtype=np.float64)[told]
    return int(late.sum()), int(told.sum())
