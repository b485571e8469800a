"""A finished text and what is known in; what the facts do not back out."""

from collections.abc import Iterator

from bot.narrator.check import lexicon, overclaims, unknown
from bot.narrator.check.backing import back
from bot.narrator.check.directions import Directions
from bot.narrator.check.known import Known, Problem
from bot.narrator.check.sentences import Sentence, sentences
from bot.narrator.check.subjects import Context


def check(text: str, known: Known) -> tuple[Problem, ...]:
    """Everything in a text that no fact of its answer backs; empty for a true text.

    A sentence that code rendered (`known.sentences`) is accepted as it stands. Any other is read: its
    quantities, names, periods, directions, comparisons, negations, causes, hedges and quantifiers.
    """
    if text in known.accepted:
        return ()
    return tuple(dict.fromkeys(_problems(text, known)))


def _problems(text: str, known: Known) -> Iterator[Problem]:
    context, was_hedged = Context(), False
    for sentence in sentences(text, known):
        if sentence.starts_anew:
            context, was_hedged = Context(), False
        if sentence.text not in known.accepted:
            yield from _of(sentence, known, context, was_hedged=was_hedged)
        context.add(sentence)
        was_hedged = was_hedged or bool(lexicon.HEDGE.search(sentence.bare))


def _of(sentence: Sentence, known: Known, context: Context, *, was_hedged: bool) -> Iterator[Problem]:
    yield from unknown.charset(sentence.text, sentence.bare)
    yield from unknown.named(sentence, known)
    backed, unbacked = back(sentence, known, context)
    yield from unbacked
    free = overclaims.freed(sentence)
    yield from overclaims.judged(sentence, known)
    yield from overclaims.caused(free)
    yield from overclaims.quantified(sentence, free, backed)
    yield from overclaims.negated(sentence, free)
    yield from Directions(sentence, free, known, context, backed).problems(was_hedged=was_hedged)
