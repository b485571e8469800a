"""The words for the pipeline: what will be won, what that rests on, and where it could break."""

from collections.abc import Iterator, Mapping

from analytics.facts import Fact, Note, Pipeline
from bot.narrator import plays
from bot.narrator.claims import Claim, Slot, listed, ours, say
from bot.narrator.words import Words, finish, notes


def pipeline(answer: Pipeline, stale: Note | None = None) -> Words:
    """The forecast against the quota, then its parts and risks. `stale` is told first of all."""
    top, verdict = headline(answer), _verdict(answer)
    offered = plays.fitting(answer, verdict)
    return finish(
        answer,
        headline=top,
        verdict=verdict,
        lines=[*_lines(answer), *notes(answer.notes), *plays.advice(offered)],
        scope={"scope": answer.scope, "type": answer.deal_type, "open": answer.figures.get("open_deals")},
        stale=stale,
        plays=offered,
    )


def headline(answer: Pipeline) -> Claim:
    """What was asked, in a line."""
    values = [value for _, chosen in answer.filters for value in chosen]
    filters = say("breakdown.filters", values=listed(values)) if values else None
    return say("pipeline.headline", filters=filters, period=ours(answer.period))


def _verdict(answer: Pipeline) -> Claim:
    known = answer.figures
    forecast, quota = known.get("forecast_amount"), known.get("quota")
    if not _value(known.get("open_deals")) and not _value(known.get("won_deals")):
        return say("pipeline.nothing", period=ours(answer.period))
    return say(f"pipeline.{_against(forecast, quota)}", forecast=forecast, quota=quota)


def _against(forecast: Fact | None, quota: Fact | None) -> str:
    """Where a known quota lies: below the forecast's range, above it, or in it."""
    if quota is None or quota.value is None or forecast is None:
        return "forecast"
    if forecast.low is None or forecast.high is None:
        return "forecast"
    if quota.value <= forecast.low:
        return "ahead"
    return "behind" if quota.value > forecast.high else "open_race"


def _value(fact: Fact | None) -> object:
    return fact.value if fact else None


def _lines(answer: Pipeline) -> Iterator[Claim]:
    known = answer.figures
    if _value(known.get("forecast_amount")) is None:
        return
    yield say(
        "pipeline.parts",
        won=known.get("won_amount"),
        expected=known.get("expected_amount"),
        new=known.get("expected_new_amount"),
    )
    yield say("pipeline.proven", hits=known.get("backtest_hits"), tests=known.get("backtest_quarters"))
    yield from _quota(known)
    yield from _known("pipeline.slippage", slippage=known.get("slippage"))
    yield from _stuck(answer)
    yield from _first_look(answer)


def _quota(figures: Mapping[str, Fact]) -> Iterator[Claim]:
    quota, remaining = figures.get("quota"), figures.get("remaining_quota")
    if _value(quota) is None:
        yield say("pipeline.no_quota")
    elif remaining is not None and remaining.value is not None and remaining.value <= 0:
        yield say("pipeline.quota_met", quota=quota)


def _known(claim: str, **slots: Slot) -> Iterator[Claim]:
    """The sentence, when its first slot is known."""
    first = next(iter(slots.values()))
    if isinstance(first, Fact) and first.value is not None:
        yield say(claim, **slots)


def _stuck(answer: Pipeline) -> Iterator[Claim]:
    """The stage that holds most stalled deals."""
    counted = [stage for stage in answer.stages if stage.stalled.value]
    worst = max(counted, key=lambda stage: stage.stalled.value or 0, default=None)
    if worst:
        slow = worst.slow if worst.slow.value else None
        yield say("pipeline.stalled", stage=worst.stage, stalled=worst.stalled, slow=slow)


def _first_look(answer: Pipeline) -> Iterator[Claim]:
    """The deal of which most can still be decided: not one that is lost already."""
    if first := answer.first:
        slots: dict[str, Slot] = {"stage": first.stage, "amount": first.amount, "odds": first.odds}
        yield say("pipeline.first_look", deal=first.deal_id, **slots)
