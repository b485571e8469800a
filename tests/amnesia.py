"""What a load would have held on an earlier day, worked out deal by deal and without SQL."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from data.tables import Tables
from tests.tables import rows, tables

Row = dict[str, Any]


def cut(full: Tables, day: date, folder: Path) -> Tables:
    """The same load with everything forgotten that was not known on `day`, as if loaded that day.

    What the full load cannot reconstruct is forgotten too: the stage of an open deal without stage events,
    its expected close without close date events, next steps and updates.
    """
    events = [event for event in rows(full, "deal_events") if event["old"] != event["new"]]
    loaded_on = date.fromisoformat(full.manifest["loaded_on"])
    return tables(
        folder,
        deals=[
            _as_known(deal, [e for e in events if e["deal_id"] == deal["deal_id"]], day, loaded_on)
            for deal in rows(full, "deals")
            if deal["created_date"] <= day
        ],
        events=[event for event in events if event["date"] <= day],
        activities=[touch for touch in rows(full, "activities") if touch["date"] <= day],
        people=rows(full, "people"),
        stages=full.manifest["stages"],
        currency=full.manifest["currency"],
        load_id=full.manifest["load_id"],
        loaded_on=min(day, loaded_on),
    )


def _as_known(deal: Row, events: Sequence[Row], day: date, loaded_on: date) -> Row:
    present = day >= loaded_on
    closed = deal["outcome"] != "open" and (deal["close_date"] is None or deal["close_date"] <= day)
    row_counts = closed or (present and deal["outcome"] == "open")
    told = {kind: _told(events, kind, day) for kind in ("stage", "amount", "close_date", "owner")}
    stage = told["stage"][0] if told["stage"] else deal["stage"] if row_counts else None
    close = told["close_date"][0] if told["close_date"] and not closed else None
    entered = deal["stage_entered_date"] if row_counts and not closed and not told["stage"] else None
    return deal | {
        "outcome": deal["outcome"] if closed else "open",
        "stage": stage,
        "amount_cents": int(told["amount"][0])
        if told["amount"] and told["amount"][0]
        else _recorded(deal, told),
        "rep_id": (told["owner"] and told["owner"][0]) or deal["rep_id"],
        "close_date": close
        or (deal["close_date"] if closed or (row_counts and not told["close_date"]) else None),
        "next_step": deal["next_step"] if present else None,
        "updated_date": _by(deal["updated_date"], day) if present else None,
        "last_activity_date": _by(deal["last_activity_date"], day),
        "stage_entered_date": _by(entered, day),
    }


def _told(events: Sequence[Row], kind: str, day: date) -> tuple[str | None] | None:
    """The value that events of a kind tell for the day, which may be none; None when there are no events."""
    changes = sorted((e for e in events if e["kind"] == kind), key=lambda e: (e["date"], e["sequence"]))
    if not changes:
        return None
    known = [change["new"] for change in changes if change["date"] <= day]
    return (known[-1] if known else changes[0]["old"],)


def _recorded(deal: Row, told: dict[str, tuple[str | None] | None]) -> int | None:
    return None if told["amount"] else deal["amount_cents"]


def _by(found: date | None, day: date) -> date | None:
    return found if found is not None and found <= day else None
