"""A generation in, what came in lately and whether anything really changed out, for who sees all deals."""

from collections.abc import Iterator
from datetime import timedelta

from analytics import answers
from analytics.answers.closed import closed
from analytics.answers.mint import mint_of, money
from analytics.facts import Fact, Pipeline, Unit, Watch
from analytics.questions import EVERYONE, Period, PipelineQuestion, WatchQuestion
from analytics.questions import month as calendar_month
from analytics.store import Generation
from bot.alerting.digests.facts import MonthReport

WEEK = timedelta(days=7)
BY = ("region", "lead_source", "industry", "product")  #: dimensions whose win rates are watched
FRESH = timedelta(
    days=62
)  #: a signal that began this lately is news. Source: months are judged when complete


def week_figures(generation: Generation) -> dict[str, Fact]:
    """What was closed in the seven days up to the day of the numbers, all kinds of business together."""
    start = generation.as_of - WEEK + timedelta(days=1)
    return dict(_closed(generation, Period(start, generation.as_of, "the last 7 days")))


def watched(generation: Generation) -> tuple[Watch, ...]:
    """Is anything unusual? The judgement of `/watch`, which decides whether a week or a month was quiet."""
    return tuple(answers.watch(generation, WatchQuestion(name), EVERYONE) for name in BY)


def fresh(generation: Generation) -> str:
    """The first month whose signals are news."""
    return f"{generation.as_of - FRESH:%Y-%m}"


def pipeline(generation: Generation) -> Pipeline | None:
    """The running quarter's pipeline; None where it cannot be forecast."""
    try:
        return answers.pipeline(generation, PipelineQuestion(), EVERYONE)
    except answers.NoForecast:
        return None


def month_report(generation: Generation) -> MonthReport:
    """The segments of the last complete month, judged as `/watch` judges them."""
    last = (generation.as_of + timedelta(days=1)).replace(day=1) - timedelta(days=1)
    period = calendar_month(last.year, last.month)
    return MonthReport(
        month=period.label,
        figures=dict(_closed(generation, period)),
        watched=watched(generation),
        as_of=generation.as_of,
        generation=generation.id,
    )


def _closed(generation: Generation, period: Period) -> Iterator[tuple[str, Fact]]:
    """Counts and money of what closed in a period; the rate has its interval."""
    mint, found = mint_of(generation, period.label), closed(generation, (), period, None, EVERYONE)
    counts, of = found.counts, "all"
    yield "won", mint.count("won_deals", counts.won, of)
    yield "closed", mint.count("closed_deals", counts.deals, of)
    amount = money(counts.won_amount_cents)
    yield "won_amount", mint.fact("won_amount", amount, Unit.MONEY, of, currency=generation.currency)
    yield "win_rate", found.figures(mint, of)["win_rate"]
    if period.start:
        yield "since", mint.day("as_of", period.start.toordinal(), "since")
