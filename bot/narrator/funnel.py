"""The words for the funnel: in which stage deals are lost, and how many move on."""

from collections.abc import Iterator

from analytics.facts import Funnel, Note
from bot import figures
from bot.narrator import plays
from bot.narrator.claims import Claim, listed, ours, say
from bot.narrator.situations import leakiest, worst
from bot.narrator.words import Words, finish, notes


def funnel(answer: Funnel, stale: Note | None = None) -> Words:
    """Where most is lost. `stale` is told first of all."""
    top, verdict = _headline(answer), _verdict(answer)
    offered = plays.fitting(answer, verdict)
    return finish(
        answer,
        headline=top,
        verdict=verdict,
        lines=[*_lines(answer), *notes(answer.notes), *plays.advice(offered)],
        scope={"scope": answer.scope, "type": answer.deal_type},
        stale=stale,
        plays=offered,
    )


def _headline(answer: Funnel) -> Claim:
    values = [value for _, chosen in answer.filters for value in chosen]
    filters = say("breakdown.filters", values=listed(values)) if values else None
    return say("funnel.headline", filters=filters, period=ours(answer.period))


def _verdict(answer: Funnel) -> Claim:
    if not answer.stages:
        return say("funnel.no_events")
    if not any(stage.entered.value for stage in answer.stages):
        return say("funnel.nothing", period=ours(answer.period))
    stage = worst(answer)
    if stage is None:
        return say("funnel.nothing", period=ours(answer.period))
    sentence = "leak" if stage.leakage.value else "leak_count"
    slots = {"leakage": stage.leakage, "lost": stage.lost, "conversion": stage.conversion}
    return say(f"funnel.{sentence}", stage=stage.stage, **slots)


def _by_share(answer: Funnel) -> Iterator[Claim]:
    """The stage from which the smallest share moves on, where the verdict names another one."""
    most, leaks = worst(answer), leakiest(answer)
    if most and leaks and leaks.stage != most.stage:
        alike = figures.text(leaks.conversion) == figures.text(most.conversion)
        sentence = "leak_share_alike" if alike else "leak_share"
        yield say(f"funnel.{sentence}", stage=leaks.stage, conversion=leaks.conversion)


def _lines(answer: Funnel) -> Iterator[Claim]:
    yield from _by_share(answer)
    if worst(answer):
        yield say("funnel.follows")
    for sentence, metric in (("velocity", "sales_velocity"), ("cycle", "median_cycle")):
        fact = answer.figures.get(metric)
        if fact is not None and fact.value is not None:
            yield say(f"funnel.{sentence}", **{metric: fact})
