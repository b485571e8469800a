"""What was asked about the pipeline -> its figures by name; those that nobody knows say why."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from analytics import forecast, metrics
from analytics.answers.closed import closed
from analytics.answers.mint import mint_of
from analytics.answers.pipeline.asked import Asked, last_year
from analytics.facts import Fact, Unit
from analytics.forecast import Outlook
from analytics.questions import quarter

Figures = Iterator[tuple[str, Fact]]

PEOPLE = {"rep", "team"}  #: filters that quotas, which are people's, can be cut by
RANKS = ("rep", "manager", "cro", "ops")  #: whose quotas count, the first that has any
OWNERS = {"rep", "deal_type"}  #: filters that slippage can be cut by


def figures(asked: Asked) -> Figures:
    """Every figure of the answer."""
    yield from _open(asked)
    yield from _won(asked)
    yield from _forecast(asked)
    yield from _quota(asked)
    yield from _slippage(asked)
    yield from _backtest(asked)
    yield "sales_velocity", _velocity(asked)


def _open(asked: Asked) -> Figures:
    """Everything open, and what is due in the period."""
    book, due = asked.book, _due(asked)
    yield "open_amount", asked.money("open_amount", float(np.nansum(book.amounts)))
    yield "open_deals", asked.mint.count("open_deals", len(book.rows), "all")
    yield "due_amount", asked.money("due_amount", float(np.nansum(book.amounts[due])))
    yield "due_deals", asked.mint.count("due_deals", int(due.sum()), "all")
    at_risk = float(np.nansum(book.at_risk)) if len(due) == 0 or not np.isnan(book.at_risk).all() else None
    yield "revenue_at_risk", asked.money("revenue_at_risk", at_risk, "too_few_deals")


def _due(asked: Asked) -> NDArray[np.bool_]:
    first, last = asked.start.toordinal(), asked.end.toordinal()
    return np.array([first <= (row.close_day or 0) <= last for row in asked.book.rows], bool)


def _won(asked: Asked) -> Figures:
    deals, amount = asked.won
    yield "won_deals", asked.mint.count("won_deals", deals, "all")
    yield "won_amount", asked.money("won_amount", amount)


def _forecast(asked: Asked) -> Figures:
    """What open deals and deals to come will bring, and all of it with what is won."""
    chances = asked.book.chances(asked.period)
    if len(chances) and np.isnan(chances).all():
        for metric in ("expected_amount", "expected_new_amount", "forecast_amount", "forecast_median"):
            yield metric, asked.money(metric, None, "too_few_deals")
        return
    open_deals, shock, spread = (asked.book.amounts, np.nan_to_num(chances)), *_wobble(asked)
    there = forecast.expect(*open_deals, shock=shock)
    coming = forecast.expect([], [], shock=shock, spread=spread, new=asked.new)
    both = forecast.expect(*open_deals, shock=shock, spread=spread, new=asked.new)
    total = Outlook(*(asked.won[1] + value for value in (both.mean, both.low, both.median, both.high)))
    yield "expected_amount", asked.money("expected_amount", there.mean, told=there)
    if asked.study["new"]:
        yield "expected_new_amount", asked.money("expected_new_amount", coming.mean, told=coming)
    else:
        yield "expected_new_amount", asked.money("expected_new_amount", None, "too_few_quarters")
    yield "forecast_amount", asked.money("forecast_amount", total.mean, told=total)
    yield "forecast_median", asked.money("forecast_median", total.median)


def _wobble(asked: Asked) -> tuple[float, float]:
    return asked.study["shock"], asked.study["spread"]


def _quota(asked: Asked) -> Figures:
    quota, why_not = _quota_of(asked)
    left = None if quota is None else max(quota - asked.won[1], 0.0)
    due = float(np.nansum(asked.book.amounts[_due(asked)]))
    coverage = None if quota is None else metrics.pipeline_coverage(due, quota, asked.won[1])
    yield "quota", asked.money("quota", quota, why_not)
    yield "remaining_quota", asked.money("remaining_quota", left, why_not)
    reason = why_not or "quota_met"
    fact = asked.mint.fact("pipeline_coverage", coverage, Unit.NUMBER, "all", unknown=reason)
    yield "pipeline_coverage", fact


def _quota_of(asked: Asked) -> tuple[float | None, str]:
    """The quotas in scope of the lowest rank that has any: a manager's holds those of the reps."""
    if any(one.dimension not in PEOPLE for one in asked.filters):
        return None, "quota_of_people"
    quarters, ranks = _quarters(asked), _ranks(asked)
    rows = [row for row in asked.generation.quotas(asked.scope) if row.period in quarters]
    for rank in RANKS:
        held = [row.amount_cents for row in rows if ranks.get(row.person_id) == rank]
        if held:
            return sum(held) / 100, ""
    return None, "no_quota"


def _ranks(asked: Asked) -> Mapping[str, str]:
    """The role of each person that the filters leave."""
    named = {one.dimension: one.values for one in asked.filters}
    return {
        person.person_id: person.role
        for person in asked.generation.people()
        if person.person_id in named.get("rep", (person.person_id,))
        and person.team in named.get("team", (person.team,))
    }


def _quarters(asked: Asked) -> Sequence[str]:
    """The quarters that make up the period; none when it cuts one."""
    found, day = [], asked.start
    while day <= asked.end:
        whole = quarter(day.year, (day.month + 2) // 3)
        if whole.start != day or whole.end is None or whole.end > asked.end:
            return ()
        found.append(whole.label)
        day = whole.end + timedelta(days=1)
    return found


def _slippage(asked: Asked) -> Figures:
    """Of the deals due when the period began, how many moved past its end."""
    due, slipped, why_not = _slipped(asked)
    share = metrics.slippage(due, slipped)
    yield "slippage", asked.mint.fact("slippage", share, Unit.FRACTION, "all", n=due, unknown=why_not)
    known = slipped if due else None
    yield "slipped_deals", asked.mint.fact("slipped_deals", known, Unit.COUNT, "all", unknown=why_not)


def _slipped(asked: Asked) -> tuple[int, int, str]:
    """Deals due, and of these slipped; why nobody knows."""
    if any(one.dimension not in OWNERS for one in asked.filters):
        return 0, 0, "not_kept_by_filter"
    if asked.start > asked.generation.as_of or not _quarters(asked):
        return 0, 0, "not_begun" if asked.start > asked.generation.as_of else "no_whole_quarter"
    rows = asked.generation.due(None, asked.period, asked.filters, asked.scope)
    return sum(row.due for row in rows), sum(row.slipped for row in rows), "no_close_date_history"


def _backtest(asked: Asked) -> Figures:
    """How often the won amount of past quarters lay within the range: over all deals, whoever asks."""
    tests, hits = asked.study["tests"], asked.study["hits"]
    share, of = hits / tests if tests else None, "all deals"
    fact = asked.mint.fact("backtest_coverage", share, Unit.FRACTION, of, n=tests, unknown="too_few_quarters")
    yield "backtest_coverage", fact
    for metric, value in (("backtest_quarters", tests), ("backtest_hits", hits)):
        known = value if tests else None
        yield metric, asked.mint.fact(metric, known, Unit.COUNT, of, unknown="too_few_quarters")


def _velocity(asked: Asked) -> Fact:
    """Over the last year, for the deals in scope; cycles are not kept by filters."""
    generation, year = asked.generation, last_year(asked.generation.as_of)
    value, why_not = None, "not_kept_by_filter"
    if not asked.filters:
        value, why_not = closed(generation, (), year, None, asked.scope).velocity, "none_won"
    mint, currency = mint_of(generation, year.label), generation.currency
    return mint.fact("sales_velocity", value, Unit.MONEY_PER_DAY, "all", currency=currency, unknown=why_not)
