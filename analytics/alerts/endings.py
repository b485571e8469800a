"""A finding that was told, and a later generation -> why it no longer holds, or whether it goes on."""

from collections.abc import Mapping
from decimal import Decimal

from analytics.alerts.board import amount_cents
from analytics.alerts.rules import Subject
from analytics.answers.mint import mint_of, money
from analytics.facts import Ending, Fact, Finding, Unit
from analytics.generation import DealRow, PersonRow
from analytics.store import Generation

#: What a move to another stage ends: the clocks of a deal, and what its odds were in its old stage.
STILL = frozenset({"days_since_activity", "days_in_stage", "stage_percentile", "win_probability_fall"})

#: What fell -> what it was before. A fall is over a line of seven days only until these days have passed.
FALLS = {"win_probability_fall": "win_probability_before", "amount_fall": "amount_before"}
LASTS_DAYS = 14  #: in which a fall is told once. Source: ours, the horizon of the quick outcome
RECOVERED = Decimal("0.5")  #: share of the limit: what has come back so far is no fall any more


def ending(told: Finding, now: Generation) -> Ending:
    """Why a finding that was told no longer holds: the first reason that is true.

    Of a deal, in this order: it left the data, closed, changed owner, moved to another stage, had activity
    (these two only where the finding was of standing still), fell below the amount, else the line itself
    moved (a setting, or the won deals it comes from). What is no matter of standing still has "passed", as
    have owners, segments, drivers and the source.
    """
    row = now.deal(told.subject_id) if told.subject == Subject.DEAL else None
    people = {person.person_id: person for person in now.people()}
    mint, entity = mint_of(now), f"{told.subject}={told.subject_id}"
    later = mint.fact("days_since_told", (now.as_of - told.as_of).days, Unit.DAYS, entity)
    return Ending(
        subject_id=told.subject_id,
        reason="passed" if told.subject != Subject.DEAL else "gone" if row is None else _reason(told, row),
        names={} if row is None else _names(row, people),
        figures={later.metric: later},
        as_of=now.as_of,
        generation=now.id,
    )


def lasts(told: Finding, now: Generation) -> bool:
    """Is what fell still down, although the week in which it fell is over?

    Always False of findings that no fall is among the causes of, of a deal that closed, moved on or has a new
    owner, and after a fortnight.
    """
    fell = [metric for metric in FALLS if metric in told.causes]
    row = now.deal(told.subject_id) if fell else None
    is_late = (now.as_of - told.as_of).days > LASTS_DAYS
    if row is None or is_late or _reason(told, row) not in ("passed", "line_moved"):
        return False
    return any(_is_down(metric, told, row, now) for metric in fell)


def _is_down(metric: str, told: Finding, row: DealRow, now: Generation) -> bool:
    """Has less than half of the fall that was looked for been made up for?"""
    before, limit = told.figures.get(FALLS[metric]), told.figures.get(f"{metric}_limit")
    value = _value(metric, row, now)
    if before is None or before.value is None or limit is None or limit.value is None or value is None:
        return False
    fall = limit.value if limit.unit is Unit.POINTS else limit.value * before.value
    return value < before.value - fall * RECOVERED


def _value(metric: str, row: DealRow, now: Generation) -> Decimal | None:
    if metric == "amount_fall":
        return money(amount_cents(row))
    score = now.score(row.deal_id)
    return None if score is None or score.win_probability is None else Decimal(str(score.win_probability))


def _reason(told: Finding, row: DealRow) -> str:
    if row.outcome != "open":
        return row.outcome
    if row.rep_id != told.owner_id:
        return "owner_changed"
    if STILL.intersection(told.causes) and (row.stage or "") != told.names["stage"]:
        return "moved"
    if "days_since_activity" in told.causes and (row.last_activity_day or 0) > _last_activity(told):
        return "activity"
    if _fell_below(told.figures.get("amount_limit"), row):
        return "amount_fell"
    return "line_moved" if STILL.issuperset(told.causes) else "passed"


def _last_activity(told: Finding) -> int:
    """Day of the last activity known when the deal was told; 0 when there was none."""
    idle = told.figures["days_since_activity"].value
    return 0 if idle is None else told.as_of.toordinal() - int(idle)


def _fell_below(limit: Fact | None, row: DealRow) -> bool:
    if limit is None or limit.value is None:
        return False
    amount = money(amount_cents(row))
    return amount is None or amount < limit.value


def _names(row: DealRow, people: Mapping[str, PersonRow]) -> Mapping[str, str]:
    person = people.get(row.rep_id)
    return {"stage": row.stage or "", "owner": (person.name if person else None) or row.rep_id}
