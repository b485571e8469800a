"""A chunk's deals, changes and activities as rows of the canonical tables, ready for a CSV file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator
from numpy.typing import NDArray

from data.sample import draws, market, touches
from data.sample.company import Company, Person, account_names
from data.sample.days import Bools, Ints
from data.sample.lives import Lives
from data.sample.names import NEXT_STEPS
from data.sample.paths import NONE, Changes, Stages, Values
from data.sample.touches import Touches

Columns = dict[str, pa.Array]

_NEXT_STEP_SHARE = 0.75  #: of the open deals


@dataclass(frozen=True, slots=True)
class Export:
    """All that the CRM knows on the last day about a chunk of deals."""

    lives: Lives
    stages: Stages
    amounts: Values
    close_dates: Values
    owners: Values
    touches: Touches
    outcome: NDArray[np.str_]


def ids(places: Ints, width: int) -> pa.Array:
    """`D00001` for the first deal of the run (place 0), and so on, all with `width` digits."""
    numbers = pa.array(places + 1).cast(pa.string())
    return pc.binary_join_element_wise("D", pc.utf8_lpad(numbers, width, "0"), "")


def deals(rng: Generator, export: Export, deal_ids: pa.Array, company: Company) -> Columns:
    """One row per deal, in order of id."""
    lives, count = export.lives, len(deal_ids)
    account = account_names(lives.account, lives.industry)
    product = _labels(lives.product, list(market.PRODUCTS))
    deal_type = _labels(lives.deal_type, list(market.DEAL_TYPES))
    return {
        "deal_id": deal_ids,
        "name": pc.binary_join_element_wise(account, product, deal_type, " - "),
        "account": account,
        "amount": _money(export.amounts.now),
        "currency": pa.array([market.CURRENCY]).take(pa.array(np.zeros(count, dtype=np.int64))),
        "stage": _labels(export.stages.now, market.STAGES),
        "outcome": pa.array(export.outcome),
        "created_date": _dates(lives.created),
        "close_date": _dates(export.close_dates.now),
        "rep_id": _labels(export.owners.now, company.rep_ids),
        "region": _labels(lives.region, list(market.REGIONS)),
        "industry": _labels(lives.industry, list(market.INDUSTRIES)),
        "product": product,
        "lead_source": _labels(lives.lead_source, list(market.LEAD_SOURCES)),
        "deal_type": deal_type,
        "next_step": _labels(_next_steps(rng, lives.is_open), NEXT_STEPS),
        "updated_date": _dates(_updated(export)),
        "last_activity_date": _dates(export.touches.last),
        "stage_entered_date": _dates(export.stages.since),
    }


def _next_steps(rng: Generator, is_open: Bools) -> Ints:
    """A phrase for most of the open deals, nothing for the rest."""
    chosen = draws.whole(rng.random(len(is_open)), 0, len(NEXT_STEPS) - 1)
    return np.where(is_open & (rng.random(len(is_open)) < _NEXT_STEP_SHARE), chosen, NONE)


def _updated(export: Export) -> Ints:
    """The day of the last change or activity, or of the close."""
    latest = np.maximum(export.stages.since, export.touches.last)
    for values in (export.amounts, export.close_dates, export.owners):
        changed = np.full(len(latest), NONE)
        changed[values.changes.deal] = values.changes.day  # in order of time, so the last one stays
        latest = np.maximum(latest, changed)
    return np.where(export.lives.is_open, latest, export.lives.close)


def events(export: Export, deal_ids: pa.Array, company: Company) -> Columns:
    """One row per change, in order of deal and day; on one day stage, amount, close date, owner."""
    kinds = _kinds(export, company)
    deal = np.concatenate([changes.deal for _, changes, _ in kinds])
    day = np.concatenate([changes.day for _, changes, _ in kinds])
    kind = np.repeat(np.arange(len(kinds)), [len(changes.deal) for _, changes, _ in kinds])
    order = np.lexsort((kind, day, deal))
    deal, day, taken = deal[order], day[order], pa.array(order)
    return {
        "deal_id": deal_ids.take(pa.array(deal)),
        "date": _dates(day),
        "sequence": pa.array(_sequence(deal, day)),
        "kind": _labels(kind[order], [name for name, _, _ in kinds]),
        "old": pa.concat_arrays([text(changes.old) for _, changes, text in kinds]).take(taken),
        "new": pa.concat_arrays([text(changes.new) for _, changes, text in kinds]).take(taken),
        "origin": pa.array(["crm"]).take(pa.array(np.zeros(len(deal), dtype=np.int64))),
    }


def _kinds(export: Export, company: Company) -> tuple[tuple[str, Changes, Callable[[Ints], pa.Array]], ...]:
    """The kinds of change: name, the changes, how their values are written."""
    return (
        ("stage", export.stages.changes, lambda codes: _labels(codes, market.STAGES)),
        ("amount", export.amounts.changes, lambda cents: pa.array(cents).cast(pa.string())),
        ("close_date", export.close_dates.changes, lambda day: _dates(day).cast(pa.string())),
        ("owner", export.owners.changes, lambda codes: _labels(codes, company.rep_ids)),
    )


def _sequence(deal: Ints, day: Ints) -> Ints:
    """0, 1, ... within each deal and day of sorted rows."""
    place = np.arange(len(deal))
    is_first = np.ones(len(deal), dtype=np.bool_)
    is_first[1:] = (deal[1:] != deal[:-1]) | (day[1:] != day[:-1])
    return place - np.maximum.accumulate(np.where(is_first, place, 0))


def activities(export: Export, deal_ids: pa.Array, company: Company) -> Columns:
    """One row per activity, in order of deal and day."""
    seen = export.touches
    return {
        "deal_id": deal_ids.take(pa.array(seen.deal)),
        "date": _dates(seen.day),
        "kind": _labels(seen.kind, list(touches.KINDS)),
        "rep_id": _labels(seen.rep, company.rep_ids),
    }


def people(persons: Sequence[Person]) -> Columns:
    """One row per person."""
    names = ("person_id", "name", "email", "role", "manager_id", "team")
    return {name: pa.array([getattr(person, name) for person in persons], pa.string()) for name in names}


def quotas(rows: Sequence[tuple[str, str, int]]) -> Columns:
    """One row per rep and quarter."""
    return {
        "person_id": pa.array([rep for rep, _, _ in rows]),
        "period": pa.array([quarter for _, quarter, _ in rows]),
        "amount": _money(np.array([dollars * 100 for _, _, dollars in rows])),
    }


def _labels(codes: Ints, labels: Sequence[str]) -> pa.Array:
    """Codes as text; a negative code is null."""
    return pa.array(labels, pa.string()).take(pa.array(codes, mask=codes < 0))


def _dates(day: Ints) -> pa.Array:
    """Days as dates; a negative day is null."""
    return pa.array(day.astype(np.int32), mask=day < 0).cast(pa.date32())


def _money(cents: Ints) -> pa.Array:
    """Cents as decimal text: 1850000 is 18500.00."""
    fraction = pc.utf8_lpad(pa.array(cents % 100).cast(pa.string()), 2, "0")
    return pc.binary_join_element_wise(pa.array(cents // 100).cast(pa.string()), fraction, ".")
