"""An answer counted again and asked other ways -> the words of "Are you sure?": the verdict first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analytics.evidence import Finding, Way
from analytics.facts import Verdict
from bot.narrator.claims import Claim, say
from bot.narrator.words import Answer, Words, count


@dataclass(frozen=True, slots=True)
class Recheck:
    """What became of an answer when it was doubted."""

    answer: Answer
    words: Words  # as it was said
    figures: int  # counted again
    differ: int  # of these, not the same
    one_by_one: bool  # were closed deals counted one by one this time?
    finding: Finding | None = None  # what a breakdown found
    ways: tuple[Way, ...] = ()
    asked_otherwise: bool = False  # is this a kind of answer that can be asked in other ways?


def headline(checked: Recheck) -> Claim:
    """What is doubted."""
    return say("check.headline", headline=Claim("ours", checked.words.headline))


def verdict(checked: Recheck) -> Claim:
    """Does it hold? A figure that differs goes before everything else."""
    if checked.differ or not checked.finding:
        return recount(checked)
    return held(checked)


def recount(checked: Recheck) -> Claim:
    """Whether the figures are the same when they are counted again."""
    figures = count(checked.answer, "figures", checked.figures)
    if not checked.differ:
        return say("check.same", figures=figures)
    return say("check.differ", figures=figures, differ=count(checked.answer, "differ", checked.differ))


def held(checked: Recheck) -> Claim:
    """In how many of the other ways that could be tried the finding shows."""
    tried = [way.holds for way in checked.ways if way.holds is not None]
    if not tried:
        return say("check.untested")
    return say(
        f"check.{_kind(checked, tried)}",
        held=count(checked.answer, "held", sum(tried)),
        tried=count(checked.answer, "tried", len(tried)),
    )


def _kind(checked: Recheck, tried: Sequence[bool]) -> str:
    """Which sentence fits: noise that stays noise; a finding that holds, weakens, or goes."""
    if checked.finding and checked.finding.verdict is Verdict.NOISE:
        return "noise_all" if all(tried) else "noise_some"
    if all(tried):
        return "holds_all"
    if not any(tried):
        return "holds_none"
    tested = [way for way in checked.ways if way.holds is not None]
    return "holds_weaker" if all(way.same_side for way in tested) else "holds_some"


def lines(checked: Recheck) -> Iterator[Claim]:
    """What was said, how it was counted again, and what the other ways are worth."""
    yield say("check.said", verdict=Claim("ours", checked.words.verdict))
    if checked.finding and not checked.differ:
        yield recount(checked)
    if checked.one_by_one:
        yield say("check.one_by_one")
    yield from _of_ways(checked)


def _of_ways(checked: Recheck) -> Iterator[Claim]:
    if checked.finding and checked.finding.verdict is Verdict.HINT:
        yield say("check.hint_stays")
    if checked.ways:
        yield say("check.shares")
    elif not checked.finding:
        yield say("check.no_finding" if checked.asked_otherwise else "check.no_other")


def text(said: Sequence[Claim]) -> Claim:
    """The notification, from headline and verdict."""
    first, second = said
    return say("check.text", headline=first, verdict=second)
