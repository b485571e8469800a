"""The words for "do the alerts help?" and "what followed the plays?": shown, not shown, or not enough yet."""

from collections.abc import Iterator

from analytics.facts import Effect, Followed, Impact, Note, Plays, Verdict
from bot.narrator.claims import Claim, label, ours, say
from bot.narrator.words import Words, finish, notes
from prompts import files

SLOW = 52  #: weeks of which more is said first of all. Source: ours, a year
OPEN = ("too_few", "not_enough")  #: states in which it is not known yet


def impact(answer: Impact, stale: Note | None = None, *, brief: bool = False) -> Words:
    """Whether the alerts help, or `brief` in one sentence. `stale` is told first of all."""
    headline, verdict = say("impact.headline"), _verdict(answer)
    lines = [] if brief else [*_lines(answer), *notes(answer.notes)]
    return finish(
        answer,
        headline=headline,
        verdict=verdict,
        lines=lines,
        text=say("impact.text", headline=headline, verdict=verdict),
        scope={"scope": say("impact.scope")},
        stale=stale,
    )


def has_arms(answer: Impact) -> bool:
    """Can deals be counted on both sides?"""
    return bool(answer.effects and answer.effects[0].told.n and answer.effects[0].silent.n)


def _is_far(answer: Impact) -> bool:
    """Will it not be known within a year, as things go?"""
    weeks = answer.figures["weeks"].value if answer.state in OPEN else None
    return weeks is not None and weeks > SLOW


def _verdict(answer: Impact) -> Claim:
    return say("impact.far", **answer.figures) if _is_far(answer) else _standing(answer)


def _standing(answer: Impact) -> Claim:
    if not answer.effects:
        return say(f"impact.{answer.state}")
    first = answer.effects[0]
    arms = {"told": first.told, "silent": first.silent, "difference": first.difference}
    return say(f"impact.{answer.state}", **arms, **answer.figures)


def _lines(answer: Impact) -> Iterator[Claim]:
    known = answer.figures
    if answer.effects and not has_arms(answer):
        return
    if _is_far(answer):
        yield _standing(answer)
    if answer.effects:
        yield from _found(answer.effects)
        yield from _missing(answer)
    if known:
        yield say("impact.agreed", **known)
        yield say("impact.planned", **known)
    if answer.effects:
        yield say("impact.always")
        yield say("impact.spill")


def _found(effects: tuple[Effect, ...]) -> Iterator[Claim]:
    first, *others = effects
    if first.state in ("smaller", "not_enough", "not_shown"):
        yield say("impact.range", difference=first.difference)
    for one in others:
        yield say(
            f"impact.{one.outcome}",
            told=one.told,
            silent=one.silent,
            difference=one.difference,
            horizon=one.horizon,
        )


def _missing(answer: Impact) -> Iterator[Claim]:
    """How far it is, while it is open."""
    known = answer.figures
    if answer.state in OPEN and known["needed"].value:
        yield say("impact.needed", **known)
    if known["waiting"].value:
        yield say("impact.waiting", **known)


def plays(answer: Plays, stale: Note | None = None) -> Words:
    """What followed the plays. `stale` is told first of all."""
    headline, verdict = say("plays.headline"), _of_plays(answer)
    return finish(
        answer,
        headline=headline,
        verdict=verdict,
        lines=[*_beside(answer), *notes(answer.notes)],
        scope={"scope": say("plays.scope")},
        stale=stale,
    )


def name(row: Followed) -> Claim:
    """What a row is called: the play in its words, or ours for own words and for several together."""
    if row.pooled or not row.play:
        return label(f"plays_row.{'pooled' if row.pooled else 'own'}")
    texts = {play.id: play.text.template for play in files.plays()}
    return ours(texts.get(row.play, row.play).rstrip("."))


def _of_plays(answer: Plays) -> Claim:
    if not answer.rows:
        return say("plays.nothing" if answer.figures else "plays.too_few_people")
    if answer.verdict is Verdict.TOO_FEW:
        return say("plays.too_few", **answer.figures)
    standing = [row for row in answer.rows if row.after_14.verdict is answer.verdict]
    if answer.verdict is Verdict.NOISE or not standing:
        return say("plays.noise" if answer.verdict is Verdict.NOISE else "plays.hint_all")
    return _standing_out(answer, standing[0])


def _standing_out(answer: Plays, row: Followed) -> Claim:
    """The play that differs from the others, and which way."""
    rates = [one.after_14.value for one in answer.rows if one is not row and one.after_14.value is not None]
    own = row.after_14.value or 0
    way = say("plays.more" if all(own > rate for rate in rates) else "plays.fewer")
    return say(f"plays.{answer.verdict.name.lower()}", play=name(row), way=way, rate=row.after_14)


def _beside(answer: Plays) -> Iterator[Claim]:
    if answer.rows and answer.nothing_logged.value is not None:
        yield say("plays.unanswered", rate=answer.nothing_logged)
    if answer.rows and answer.figures["waiting"].value:
        yield say("plays.waiting", **answer.figures)
    if answer.rows:
        yield say("plays.chosen")
