"""A sentence in; the causes, quantifiers, negations and verdicts that no fact backs out."""

import re
from collections.abc import Iterator
from functools import cache

from analytics.facts import Unit, Verdict
from bot.narrator.check import lexicon, metrics
from bot.narrator.check.backing import Backed
from bot.narrator.check.known import Known, Problem
from bot.narrator.check.sentences import MASK, Sentence
from prompts import files
from prompts.files import ENGLISH


@cache
def _plays() -> tuple[str, ...]:
    """The fixed sentences of our advice."""
    return tuple(play.text.template for play in files.plays(ENGLISH) if "$" not in play.text.template)


@cache
def _leads() -> tuple[str, ...]:
    """How our sentences begin before advice."""
    told = (variant.template for variants in files.claims(ENGLISH).values() for variant in variants)
    return tuple({text.removesuffix("$play") for text in told if text.endswith("$play")})


def freed(sentence: Sentence) -> str:
    """A sentence without the phrases that are always true, and empty for our own advice."""
    if any(sentence.text.removeprefix(lead) in play for lead in _leads() for play in _plays()):
        return ""
    return lexicon.FREE.sub(lambda found: MASK * len(found[0]), sentence.bare)


def caused(free: str) -> Iterator[Problem]:
    """Words that make one thing the reason of another."""
    for found in lexicon.CAUSES.finditer(free):
        yield Problem("cause", found[0])


def quantified(sentence: Sentence, free: str, backed: Backed) -> Iterator[Problem]:
    """Quantifiers that no figure beside them backs."""
    for found in lexicon.QUANTIFIERS.finditer(free):
        beside = [one for one in sentence.quantities if 0 <= one.start - found.end() <= 12]
        rates = [r.shown for one in sentence.quantities for r in backed[one] if r.unit is Unit.FRACTION]
        word = found[0].casefold()
        if word == "only" or (beside and backed[beside[0]]):
            continue
        if word in ("most", "majority") and any(rate > 50 for rate in rates):
            continue
        if word == "minority" and any(rate < 50 for rate in rates):
            continue
        if word in ("few", "several", "many", "any", "each", "every", "half") and not _CLAIMED.search(free):
            continue
        yield Problem("quantifier", found[0])


_CLAIMED = re.compile(
    r"\b(?:w[io]ns?|lost|loses?|rose|fell|above|below|better|worse|stalled|differ|closed|slipped"
    r"|miss(?:ed)?|improved|grew|dropped|declined|beat)\b",
    re.I,
)


def negated(sentence: Sentence, free: str) -> Iterator[Problem]:
    """A negation in front of a figure, or of what the figure says."""
    for found in lexicon.NEGATION.finditer(free):
        if lexicon.HEDGE.search(sentence.bare[max(0, found.start() - 8) : found.end() + 30]):
            continue
        clause = re.split(r"[;.]|\bbut\b|,\s", free[found.end() :])[0]
        reach = found.end() + len(clause)
        figure = any(found.end() <= one.start < reach for one in sentence.quantities)
        told = bool(sentence.quantities) and re.match(
            r"\W*(?:been |be |a |the )*(?:won|win|lost|real|behind|ahead|above|below|at)\b", clause
        )
        if (figure or told) and not lexicon.WAY.search(clause):
            yield Problem("negation", found[0])


def judged(sentence: Sentence, known: Known) -> Iterator[Problem]:
    """A verdict said of figures that have another."""
    word = sentence.bare.strip(" .").casefold()
    tests = [fact.value for fact in known.facts if fact.unit is Unit.PROBABILITY and fact.value is not None]
    if word == "signal" and not known.is_real and not any(p <= metrics.SURE for p in tests):
        yield Problem("noise", sentence.text)
    if (
        word in ("noise", "hint", "too few")
        and Verdict.SIGNAL in known.verdicts
        and known.verdicts == {Verdict.SIGNAL}
    ):
        yield Problem("verdict", sentence.text)
