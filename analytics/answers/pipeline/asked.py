"""A PipelineQuestion and a scope -> the period, deals and past that its answer is about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from analytics import forecast
from analytics.answers.errors import NoForecast
from analytics.answers.mint import Mint, Number, mint_of
from analytics.answers.pipeline.book import Book, opened
from analytics.cells import TIME
from analytics.closing import HORIZONS
from analytics.facts import Fact, Unit
from analytics.forecast import Newcomers, Outlook
from analytics.questions import EVERY_TYPE, EVERYONE, Filter, Period, PipelineQuestion, Scope, quarter
from analytics.store import Generation

UNTESTED: Mapping[str, Any] = {"shock": 0.15, "spread": 0.1, "tests": 0, "hits": 0, "new": {}}


@dataclass(frozen=True)
class Asked:
    """A question that has an answer, with the deals it is about."""

    generation: Generation
    filters: tuple[Filter, ...]
    period: Period
    start: date
    end: date
    scope: Scope
    book: Book
    mint: Mint

    @property
    def kinds(self) -> list[str]:
        """The kinds of business asked for; none named: every kind."""
        return [value for one in self.filters if one.dimension == "deal_type" for value in one.values]

    @cached_property
    def won(self) -> tuple[int, float]:
        """Deals won in the period so far, and their amount."""
        if self.start > self.generation.as_of:
            return 0, 0.0
        rows = self.generation.cells((), self.filters, self.period, None, self.scope)
        return (rows[0].won, rows[0].won_amount_cents / 100) if rows else (0, 0.0)

    @cached_property
    def study(self) -> Mapping[str, Any]:
        """What past quarters taught about forecasts."""
        kept: Mapping[str, Any] | None = self.generation.model().get("forecast")
        return kept or UNTESTED

    @cached_property
    def new(self) -> Newcomers:
        """Deals not there yet that will be won in the period."""
        today = self.generation.as_of
        after, until = max((self.start - today).days - 1, 0), (self.end - today).days
        return forecast.newcomers(self.study["new"], after, until, self._shares())

    def _shares(self) -> Mapping[str, float]:
        """By kind of business, the part of a year's deals that lies within the question."""
        if self.scope.everyone and not self.filters:
            return dict.fromkeys(self.study["new"], 1.0)
        mine, everything = self._year(self.filters, self.scope), self._year((), EVERYONE)
        return {kind: mine.get(kind, 0) / deals for kind, deals in everything.items()}

    def _year(self, filters: tuple[Filter, ...], scope: Scope) -> Mapping[str, int]:
        rows = self.generation.cells(("deal_type",), filters, last_year(self.generation.as_of), None, scope)
        return {row.values[0]: row.deals for row in rows}

    def money(
        self, metric: str, value: Number | None, unknown: str = "", told: Outlook | None = None
    ) -> Fact:
        """A sum in the main currency; with P10 and P90, stretched to the mean where it lies outside."""
        low = min(told.low, told.mean) if told else None
        high = max(told.high, told.mean) if told else None
        currency = self.generation.currency
        return self.mint.fact(
            metric, value, Unit.MONEY, "all", low=low, high=high, currency=currency, unknown=unknown
        )


def asked_of(generation: Generation, question: PipelineQuestion, scope: Scope) -> Asked:
    """What the question is about.

    Raises:
        NoForecast: the period is over or has no end, or a filter names a month or a quarter.
    """
    today = generation.as_of
    period = question.period or quarter(today.year, (today.month + 2) // 3)
    if period.start is None or period.end is None:
        raise NoForecast(
            f"A forecast needs a period with an end, not {period.label!r}. Try `/pipeline`."
        ).called("forecast_end", period=repr(period.label))
    if period.end < today:
        raise NoForecast(f"{period.label} is over. `/winrate {period.label}` shows how it went.").called(
            "forecast_over", period=period.label, line=period.label
        )
    if (period.start - today).days > HORIZONS[-1]:
        raise NoForecast(f"{period.label} is too far away: nothing is known of deals so far ahead.").called(
            "forecast_far", period=period.label
        )
    if timed := [one.dimension for one in question.filters if one.dimension in TIME]:
        raise NoForecast(f"Open deals have no {timed[0]} of closing yet. Name a period instead.").called(
            "forecast_time", dimension=timed[0]
        )
    filters = tuple(f for f in question.filters if f.dimension != "deal_type" or EVERY_TYPE not in f.values)
    book, mint = opened(generation, filters, scope), mint_of(generation, period.label)
    return Asked(generation, filters, period, period.start, period.end, scope, book, mint)


def last_year(today: date) -> Period:
    """From the first of the month a year ago to today: whole months but for the running one.

    >>> last_year(date(2024, 6, 28)).start
    datetime.date(2023, 6, 1)
    """
    return Period(date(today.year - 1, today.month, 1), today, "last year")
