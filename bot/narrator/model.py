"""The words for the model card: does it speak, how good it is on unseen deals, what it cannot do."""

from collections.abc import Iterable, Iterator
from datetime import date

from analytics.facts import ModelCard, Note
from bot import spelling
from bot.narrator.claims import Claim, label, listed, ours, say
from bot.narrator.deal import why_silent
from bot.narrator.drivers import feature
from bot.narrator.words import Words, count, day, finish, notes

LIMITS = ("cannot_causes", "cannot_new", "cannot_rep")  #: what no model of this kind can do
LINES = 3  #: retrains told; the newest


def model(card: ModelCard, stale: Note | None = None) -> Words:
    """What the model is and how good it is. `stale` is told first of all."""
    as_of = day(card)
    top, verdict = say("model.headline", day=as_of), _verdict(card)
    return finish(
        card,
        headline=top,
        verdict=verdict,
        lines=[*_lines(card), *notes(card.notes)],
        scope={},
        stale=stale,
        own=(count(card, "features", len(uses(card))),),
    )


def _verdict(card: ModelCard) -> Claim:
    if card.speaks:
        return say("model.speaks", tests=card.test_deals, gain=card.improvement)
    return say("model.silent_why", tests=card.test_deals, gain=card.improvement, why=why_silent(card.reason))


def _lines(card: ModelCard) -> Iterator[Claim]:
    if card.trained_on.value:
        yield say("model.learned", trained=card.trained_on, start=card.window_start, end=card.window_end)
    if card.test_start.value is not None:
        yield say("model.tested", start=card.test_start)
    if card.chosen:
        yield say(f"model.chosen_{card.choice}", name=label(f"tried.{card.chosen}"))
    if used := uses(card):
        yield say("model.uses", features=count(card, "features", len(used)))
    yield from _left_out(card)
    yield from _misfits(card)
    if card.tried:
        yield say("model.measures")
    if card.speaks:
        yield say("model.surprise", surprise=card.surprise, expected=card.surprise_expected)
    if card.drifted:
        yield say("model.drifted", features=_features(card.drifted))
    yield from (say(f"model.{limit}") for limit in LIMITS)
    for when, model_id, what in card.history[-LINES:]:
        slots = {"day": ours(spelling.day(date.fromisoformat(when))), "model": ours(model_id)}
        yield say("model.retrained", what=say(f"model.retrained_{what}"), **slots)


def uses(card: ModelCard) -> list[str]:
    """What it looks at, in the reader's words, each once."""
    return list(dict.fromkeys(feature(name).text for name in card.features))


def _features(names: Iterable[str]) -> Claim:
    return listed(map(ours, dict.fromkeys(feature(name).text for name in names)))


def _left_out(card: ModelCard) -> Iterator[Claim]:
    """One line for each reason, with the features it concerns."""
    for code in dict.fromkeys(code for _, code in card.left_out):
        names = [name for name, why in card.left_out if why == code]
        yield say("model.left_out", features=_features(names), why=say(f"left_out.{code}"))


def _misfits(card: ModelCard) -> Iterator[Claim]:
    for one in card.segments:
        if one.fits is False:
            yield say("model.misfits", name=one.value, predicted=one.predicted, observed=one.observed)
