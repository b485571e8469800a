"""The scorecard of the loaded tables: missing, late, contradictory, gamed. Counts only, nobody is named."""

from dataclasses import dataclass
from datetime import date

from data.counts import BULK_SHARE, QUIET_DAYS, counted
from data.tables import Tables


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


def checks(tables: Tables, as_of: date) -> list[Check]:
    """Every check that the tables allow, from what was known on `as_of`, in the glossary's order.

    A check whose rows do not exist is left out: a deal that is not there is not missing anything. Those on
    the open book as the CRM shows it today are left out for a day before the load.
    """
    found = counted(tables, as_of)
    return [_check(name, *found[name]) for name in GLOSSARY if name in found and found[name][1]]


def _check(name: str, failing: int, total: int) -> Check:
    kind, share = GLOSSARY[name], failing / total
    level = "bad" if share > kind.bad else "warn" if share > kind.warn else "ok"
    return Check(name, kind.table, level, failing, total)
