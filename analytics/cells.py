"""A cut of the closed deals -> the SQL that answers it, from the cube when it can, else deal by deal.

Both give the same rows: one per combination of values, with deals, won, and their amounts in cents of the
main currency. Months come back as 202403, quarters as 20241.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from analytics.generation import column
from analytics.questions import NOT_SET, Filter, Period, Scope

TIME = {
    "month": "close_month",
    "quarter": "close_month / 100 * 10 + (close_month % 100 + 2) / 3",
}


@dataclass(frozen=True, slots=True)
class Query:
    """A statement and its parameters."""

    sql: str
    parameters: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """Which closed deals, by which dimensions. `deal_type` None pools every kind of business."""

    dimensions: tuple[str, ...]
    filters: tuple[Filter, ...]
    period: Period
    deal_type: str | None
    scope: Scope

    @property
    def segments(self) -> tuple[str, ...]:
        """Dimensions the cube must hold to answer, in its order. The kind of business and time always are."""
        used = {*self.dimensions, *(f.dimension for f in self.filters)} - {*TIME, "deal_type"}
        return tuple(sorted(used if self.scope.everyone else used | {"rep"}))


def uncounted(cut: Cut) -> Query:
    """The deals of the cut whose amount is in another currency, so in no sum of money."""
    return from_deals(cut, "in_main_currency = 0", "amount_cents IS NOT NULL")


def from_deals(cut: Cut, *conditions: str) -> Query:
    """The cut counted deal by deal: always possible. Only deals that meet the further conditions."""
    where = ["outcome <> 'open'", *conditions]
    parameters: list[object] = []
    if cut.period.start:
        where.append("close_day >= ?")
        parameters.append(cut.period.start.toordinal())
    if cut.period.end:
        where.append("close_day <= ?")
        parameters.append(cut.period.end.toordinal())
    measures = (
        "COUNT(*), SUM(outcome = 'won'), SUM(CASE WHEN in_main_currency THEN amount_cents ELSE 0 END), "
        "SUM(CASE WHEN in_main_currency AND outcome = 'won' THEN amount_cents ELSE 0 END)"
    )
    return _grouped(cut, "deals", measures, where, parameters, of_deal)


def of_cohort(period: Period, age: int) -> list[str]:
    """The conditions on deals created in a period and closed within so many days.

    >>> of_cohort(Period(date(1, 1, 5), None, ""), 90)
    ['close_day - created_day <= 90', 'created_day >= 5']
    """
    first = [f"created_day >= {period.start.toordinal()}"] if period.start else []
    last = [f"created_day <= {period.end.toordinal()}"] if period.end else []
    return [f"close_day - created_day <= {int(age)}", *first, *last]


def by_cycle(cut: Cut) -> Query:
    """The deals of the cut, those logged after the fact left out, by days from created to closed."""
    return from_deals(replace(cut, dimensions=("cycle_days",)), "backdated = 0")


def days_open(cut: Cut, start: int, end: int) -> Query:
    """Days on which the deals of the cut were open from day `start` to before `end`, all together."""
    until = f"MIN(CASE WHEN outcome = 'open' THEN {end} ELSE close_day END, {end})"
    measure = f"SUM(MAX({until} - MAX(created_day, {start}), 0))"
    return _grouped(cut, "deals", measure, ["1 = 1"], [], of_deal)


def from_cube(cut: Cut, first_close: date, as_of: date) -> Query | None:
    """The cut summed over ready-made cells; None when it asks for more than two segments or parts of months.

    A period that starts before the first close or ends after the day of the generation loses nothing by
    being rounded to whole months.
    """
    months = _whole_months(cut.period, first_close, as_of)
    if months is None or len(cut.segments) > 2:
        return None
    first, second = (*cut.segments, "", "")[:2]
    places = {first: "value_1", second: "value_2", "deal_type": "deal_type"}
    where = ["dimension_1 = ?", "dimension_2 = ?", "close_month BETWEEN ? AND ?"]
    measures = "SUM(deals), SUM(won), SUM(amount_cents), SUM(won_amount_cents)"
    return _grouped(
        cut, "cube", measures, where, [first, second, *months], lambda d: TIME.get(d) or places[d]
    )


def effort(cut: Cut) -> Query:
    """Sums over the deals of the cut that were open on a day of its period, both of whose ends are known.

    Days are those within the period, the last one too; an amount counts when it was won in the period.
    """
    if cut.period.start is None or cut.period.end is None:
        raise ValueError(f"An effort is summed over a period with both ends, not {cut.period.label!r}.")
    start, end = cut.period.start.toordinal(), cut.period.end.toordinal()
    where = ["created_day <= ?", "(outcome = 'open' OR close_day >= ?)"]
    given: list[object] = [end, start]
    for dimension, values in _restrictions(cut):
        condition, parameter = one_of(of_deal(dimension), values)
        where.append(condition)
        given.append(parameter)
    each = (
        "SELECT outcome <> 'open' AND close_day <= ? AS closed, outcome = 'won' AND close_day <= ? AS won,"
        " MIN(CASE WHEN outcome = 'open' THEN ? ELSE close_day END, ?) - MAX(created_day, ?) + 1 AS days,"
        " CASE WHEN outcome = 'won' AND close_day <= ? AND in_main_currency"
        "  THEN COALESCE(amount_cents, 0) / 100.0 ELSE 0.0 END AS amount"
        f" FROM deals WHERE {' AND '.join(where)}"
    )
    sums = (
        "SELECT COUNT(*), TOTAL(closed), TOTAL(won), TOTAL(days), TOTAL(days * days), TOTAL(amount),"
        f" TOTAL(amount * amount), TOTAL(amount * days) FROM ({each})"
    )
    return Query(sums, (end, end, end, end, start, end, *given))


def of_deal(dimension: str) -> str:
    """The expression over `deals` that gives a dimension's value."""
    if dimension == "stage":
        return f"COALESCE(stage, '{NOT_SET}')"
    return TIME.get(dimension) or column(dimension)


def one_of(expression: str, values: Sequence[object]) -> tuple[str, str]:
    """A condition that holds for any of the values, however many, and its one parameter."""
    return f"{expression} IN (SELECT value FROM json_each(?))", json.dumps(list(values))


def quarter_of(day: date) -> int:
    """The quarter of a day.

    >>> quarter_of(date(2024, 3, 31))
    20241
    """
    return day.year * 10 + (day.month + 2) // 3


def label(dimension: str, value: object) -> str:
    """A value as a reader names it.

    >>> label("quarter", 20241), label("month", 202403), label("region", "APAC")
    ('2024-Q1', '2024-03', 'APAC')
    """
    text = str(value)
    if dimension == "quarter":
        return f"{text[:-1]}-Q{text[-1]}"
    return f"{text[:-2]}-{text[-2:]}" if dimension == "month" else text


def _grouped(
    cut: Cut,
    source: str,
    measures: str,
    where: Sequence[str],
    parameters: Sequence[object],
    expression: Callable[[str], str],
) -> Query:
    conditions, given = list(where), list(parameters)
    for dimension, values in _restrictions(cut):
        condition, parameter = one_of(expression(dimension), values)
        conditions.append(condition)
        given.append(parameter)
    keys = ", ".join(expression(d) for d in cut.dimensions)
    grouping = f" GROUP BY {keys} ORDER BY {keys}" if keys else ""
    columns = f"{keys}, {measures}" if keys else measures
    return Query(f"SELECT {columns} FROM {source} WHERE {' AND '.join(conditions)}{grouping}", tuple(given))


def _restrictions(cut: Cut) -> Iterator[tuple[str, Sequence[object]]]:
    for f in cut.filters:
        yield f.dimension, [_number(v) for v in f.values] if f.dimension in TIME else f.values
    if cut.deal_type is not None:
        yield "deal_type", [cut.deal_type]
    if not cut.scope.everyone:
        yield "rep", sorted(cut.scope.rep_ids)


def _number(period: str) -> int:
    """202403 for `2024-03`, 20241 for `2024-Q1`; a word that is neither matches nothing."""
    digits = period.replace("-Q", "").replace("-", "")
    return int(digits) if digits.isdecimal() else -1


def _whole_months(period: Period, first_close: date, as_of: date) -> tuple[int, int] | None:
    start = max(period.start or first_close, first_close)
    end = min(period.end or as_of, as_of)
    starts_whole = start.day == 1 or start == first_close
    ends_whole = end == as_of or (end + timedelta(days=1)).day == 1
    return (_month(start), _month(end)) if starts_whole and ends_whole else None


def _month(day: date) -> int:
    return day.year * 100 + day.month
