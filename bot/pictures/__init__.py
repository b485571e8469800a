"""Facts in, a PNG that a phone can show out; the drawing library is imported when a picture is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from analytics.facts import Drivers, ModelCard, Pipeline, Watch, Why
from bot.narrator import template


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG and the words for who cannot see it."""

    png: bytes
    title: str
    alt: str  # the verdict, which is also written on top of the picture


def of(facts: Any) -> Picture | None:
    """The picture of an answer; None for one that has none, or too little in it to draw.

    A change is a waterfall, what is watched a control chart, a model its reliability curve, pairs of drivers
    a heat map, a pipeline its range. Takes about 0.2 s; draw it off the event loop.
    """
    if not has_picture(facts):
        return None
    words = WORDS[type(facts)](facts)
    return Picture(_drawn(facts, words), words.headline, words.verdict)


def is_sent_along(facts: Any) -> bool:
    """Does Slack get the picture unasked, below the answer?"""
    return isinstance(facts, Why | Watch | ModelCard | Drivers) and has_picture(facts)


def has_picture(facts: Any) -> bool:
    """Is there something to draw in this answer?"""
    match facts:
        case Why():
            return facts.change.value is not None and bool(facts.parts)
        case Watch():
            return any(month.win_rate.value is not None for one in facts.watched for month in one.months)
        case ModelCard():
            return any(one.observed.value is not None for one in facts.bins)
        case Drivers():
            return bool(facts.pairs)
        case Pipeline():
            return _has_range(facts)
        case _:
            return False


def _has_range(facts: Pipeline) -> bool:
    forecast = facts.figures.get("forecast_amount")
    return forecast is not None and None not in (forecast.low, forecast.high)


def _drawn(facts: Any, words: template.Words) -> bytes:
    """The drawing library takes 0.4 s to import, which no other answer should pay for."""
    from bot.pictures import control, forecast, heatmap, reliability, waterfall

    match facts:
        case Why():
            return waterfall.draw(facts, words)
        case Watch():
            return control.draw(facts, words)
        case ModelCard():
            return reliability.draw(facts, words)
        case Drivers():
            return heatmap.draw(facts, words)
        case _:
            return forecast.draw(facts, words)


WORDS: Mapping[type[Any], Callable[[Any], template.Words]] = {
    Why: template.why,
    Watch: template.watch,
    ModelCard: template.model,
    Drivers: template.drivers,
    Pipeline: template.pipeline,
}
