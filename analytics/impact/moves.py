"""A deal as it was when something was told or done, and as it is now -> what followed, and on which day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from analytics.generation import DealRow

#: What may follow; of several the first is told.
ORDER = ("won", "lost", "moved", "stepped")


@dataclass(frozen=True, slots=True)
class Then:
    """A deal on the day of an alert or an action."""

    day: date
    stage: str
    next_step: str | None  # None: not known, so that no next step counts as new


def moves(then: Then, row: DealRow, as_of: date) -> dict[str, date]:
    """What followed since then, as known on a day: "won" or "lost", "moved" to another stage, "stepped".

    A next step counts when it is new and not empty. A day that the CRM does not tell is the day on which it
    was seen: by the same rule for alerts told and silent.
    """
    return dict(_moves(then, row, as_of))


def _moves(then: Then, row: DealRow, as_of: date) -> Iterator[tuple[str, date]]:
    if row.outcome != "open":
        yield row.outcome, _known(row.close_day, then, as_of)
    since = row.stage_since_day or 0
    if (row.stage or "") != then.stage or then.day.toordinal() < since <= as_of.toordinal():
        yield "moved", _known(row.stage_since_day, then, as_of)
    step = (row.next_step or "").strip()
    if then.next_step is not None and step and step != then.next_step.strip():
        yield "stepped", _known(row.updated_day, then, as_of)


def _known(day: int | None, then: Then, as_of: date) -> date:
    """The day the CRM tells, if it lies between the two; else the one on which it was seen."""
    return date.fromordinal(day) if day and then.day.toordinal() <= day <= as_of.toordinal() else as_of


def after(then: Then, row: DealRow | None, days: int, as_of: date) -> str:
    """What followed within so many days: one of `ORDER`, "nothing"; "gone" where the deal is unknown now."""
    if row is None:
        return "gone"
    last = then.day + timedelta(days=days)
    followed = {kind for kind, day in moves(then, row, as_of).items() if day <= last}
    return next((kind for kind in ORDER if kind in followed), "nothing")
