"""The words for what goes along with winning: help and hurt, in points, and how far to trust it."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from analytics.facts import Driver, Drivers, Note, Pair, Verdict
from bot.narrator import plays
from bot.narrator.claims import Claim, Slot, knows, label, listed, ours, say
from bot.narrator.deal import why_silent
from bot.narrator.words import Words, finish, notes

NAMED = 3  #: drivers named on each side; the table has the rest
#: Features that nobody can act on: they are told last. The sentence says what else they may mean.
GIVEN = {"age_days": "age", "days_in_stage": "waiting"}
#: Features whose value says enough.
PLAIN = ("lead_source", "region", "industry", "product", "deal_type", "stage")


def drivers(answer: Drivers, stale: Note | None = None) -> Words:
    """What goes along with winning, or why nothing is shown. `stale` is told first of all."""
    pair = len(answer.dimensions) == 2
    top = _headline(answer)
    verdict = _pair_verdict(answer) if pair else _verdict(answer)
    lines = list(_pair_lines(answer) if pair else _lines(answer))
    offered = plays.fitting(answer, verdict)
    limits = notes(one for one in answer.notes if not _is_silence(one))
    return finish(
        answer,
        headline=top,
        verdict=verdict,
        lines=[*lines, *limits, *plays.advice(offered)],
        scope={"scope": answer.scope, "type": answer.deal_type},
        stale=stale,
        plays=offered,
    )


def _is_silence(limit: Note) -> bool:
    """Does a note only say why the model is silent?"""
    return knows(f"silent.{limit.code}")


def feature(name: str) -> Claim:
    """A feature in the reader's words."""
    return label(f"feature.{name}")


def driver_name(driver: Driver) -> Claim:
    """A driver in the reader's words: its value, and what of where that does not say it."""
    sentence = f"driver_name.{driver.feature}"
    if knows(sentence):  # a number, whose value is a band in words of ours; of any other it is a name
        band = ours(driver.value)
        has_figure = any(character.isdigit() for character in driver.value)
        return say(sentence, value=band) if has_figure else listed([feature(driver.feature), band], " ")
    return listed([*([] if driver.feature in PLAIN else [feature(driver.feature)]), driver.value], " ")


def told(answer: Drivers) -> list[Driver]:
    """The drivers that survived the correction, strongest first; none of them a person or a team.

    Those that nobody can act on come after all others.
    """
    found = [one for one in answer.drivers if one.effect.verdict is Verdict.SIGNAL and not one.flipped]
    return sorted(found, key=lambda one: (is_given(one), -_strength(one)))


def is_given(driver: Driver) -> bool:
    """Is it something that nobody can act on, as a deal's age?"""
    return driver.feature in GIVEN


def _strength(one: Driver | Pair) -> Decimal:
    return abs(one.effect.value or Decimal(0))


def _headline(answer: Drivers) -> Claim:
    if len(answer.dimensions) == 2:
        first, second = (label(f"dimension.{name}") for name in answer.dimensions)
        return say("drivers.headline_pair", first=first, second=second)
    return say("drivers.headline")


def _verdict(answer: Drivers) -> Claim:
    if not answer.speaks:
        return say("drivers.silent")
    found = told(answer)
    if not found:
        return say("drivers.none")
    if is_given(found[0]):
        return say("drivers.none_to_act_on")
    return say("drivers.found", name=driver_name(found[0]), effect=found[0].effect)


def _lines(answer: Drivers) -> Iterator[Claim]:
    if not answer.speaks:
        yield from (why_silent(note.code) for note in answer.notes if _is_silence(note))
        return
    found = told(answer)
    for sentence, side in (("helps", 1), ("hurts", -1)):
        mine = [one for one in found if not is_given(one) and (one.effect.value or 0) * side > 0][:NAMED]
        yield from (say(f"drivers.{sentence}", name=driver_name(one), effect=one.effect) for one in mine)
    yield from (say("drivers.flipped", name=driver_name(one)) for one in answer.drivers if one.flipped)
    yield say("drivers.people")
    yield say("drivers.associated")
    yield from _given(found)


def _given(found: Iterable[Driver]) -> Iterator[Claim]:
    """What nobody can act on, one line for each feature, its strongest value; the table has the others."""
    for feature_name, sentence in GIVEN.items():
        strongest = next((one for one in found if one.feature == feature_name), None)
        if strongest:
            part = say("drivers.given", name=ours(strongest.value), effect=strongest.effect)
            yield say(f"drivers.{sentence}", parts=part)


def _pair_verdict(answer: Drivers) -> Claim:
    p = answer.p_value
    if p is None or p.value is None:
        return say("drivers.pair_too_few")
    return say(f"drivers.pair_{answer.verdict.name.lower()}", p=p)


def _pair_lines(answer: Drivers) -> Iterator[Claim]:
    real = [pair for pair in answer.pairs if pair.effect.verdict is Verdict.SIGNAL]
    for pair in sorted(real, key=_strength, reverse=True)[:NAMED]:
        slots: dict[str, Slot] = {"effect": pair.effect, "rate": pair.win_rate, "parts": pair.parts}
        yield say("drivers.pair_cell", name=listed(pair.values, " / "), **slots)
    if real:
        yield say("drivers.associated")
