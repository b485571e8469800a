"""Small random loads for properties: deals with histories that may be late, partial or contradictory."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.tables import STAGES

FIRST = date(2024, 1, 1)
LOADED_ON = FIRST + timedelta(days=60)
DAYS = st.integers(0, 60).map(lambda n: FIRST + timedelta(days=n))
LATER_TOO = st.integers(0, 80).map(lambda n: FIRST + timedelta(days=n))
REPS = ("rep_1", "rep_2", "rep_3")


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The values, or nothing."""
    return st.none() | values


DEALS = st.fixed_dictionaries(
    {
        "outcome": st.sampled_from(("open", "won", "lost")),
        "created_date": DAYS,
        "close_date": maybe(LATER_TOO),
        "stage": maybe(st.sampled_from((*STAGES, "Closed"))),
        "amount_cents": maybe(st.integers(0, 20_000_000)),
        "currency": st.sampled_from(("USD", "USD", "EUR", None)),
        "rep_id": st.sampled_from(REPS),
        "region": st.sampled_from(("APAC", "Europe", None)),
        "product": st.sampled_from(("Core", "Pro", "Café ☕")),
        "deal_type": st.sampled_from(("new", "new", "renewal")),
        "next_step": maybe(st.just("call")),
        "updated_date": maybe(DAYS),
        "last_activity_date": maybe(DAYS),
        "stage_entered_date": maybe(DAYS),
    }
)
VALUES = {
    "stage": st.sampled_from((*STAGES, "Closed")),
    "amount": st.integers(0, 20_000_000).map(str),
    "close_date": maybe(LATER_TOO.map(str)),
    "owner": st.sampled_from(REPS),
}


@st.composite
def loads(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Arguments of `tests.tables.tables`: up to eight deals, their events, activities and people."""
    deals = draw(st.lists(DEALS, min_size=1, max_size=8))
    ids = st.integers(1, len(deals)).map(lambda n: f"D{n:05d}")
    events: list[dict[str, Any]] = []
    for kind, values in VALUES.items():
        event = st.fixed_dictionaries(
            {"deal_id": ids, "date": DAYS, "kind": st.just(kind), "old": maybe(values), "new": values}
        )
        events.extend(draw(st.lists(event, max_size=6)))
    touch = st.fixed_dictionaries({"deal_id": ids, "date": DAYS, "kind": st.just("call")})
    people = [
        {"person_id": rep, "team": team} for rep, team in zip(REPS, ("North", "North", None), strict=True)
    ]
    return {
        "deals": deals,
        "events": events,
        "activities": draw(st.lists(touch, max_size=6)),
        "people": people,
    }
