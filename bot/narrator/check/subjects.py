"""A quantity in its sentence in; whom and when it is about, the likeliest first, out."""

import re
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from bot.narrator.check import metrics
from bot.narrator.check.known import Key, Known, Reading, is_named
from bot.narrator.check.meaning import gap
from bot.narrator.check.periods import ALL_TIME, Span
from bot.narrator.check.quantity import Quantity
from bot.narrator.check.sentences import Mention, Sentence

_PLACED = re.compile(
    r"^[\s,]*(?:\w+[\s,]+){0,3}?(?:in|for|at|from|among|within|with)\s+(?:the\s+)?$", re.IGNORECASE
)

_AGAINST = re.compile(r"\s(?:against|versus|vs\.?|compared (?:with|to))\s", re.IGNORECASE)

_RANGE = re.compile(r"\b(?:range|interval|middle half|between)\b", re.IGNORECASE)


@dataclass(slots=True)
class Context:
    """Whom and when the sentences so far were about."""

    keys: list[Key] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    def add(self, sentence: Sentence) -> None:
        """What a sentence leaves for the next one."""
        keys = [one.key for one in sentence.entities if one.key is not None]
        spans = [one.span for one in sentence.spans if one.span]
        self.keys, self.spans = keys or self.keys, spans or self.spans


def subjects(quantity: Quantity, sentence: Sentence, context: Context) -> list[Key]:
    """Whom a quantity is about, the likeliest first."""
    mentions = sentence.entities
    _, ends = gap(quantity, sentence)
    earlier = [one for one in sentence.quantities if one.end <= quantity.start and not one.top]
    if quantity.top and earlier and _RANGE.search(sentence.bare[earlier[-1].end : quantity.start]):
        return subjects(earlier[-1], sentence, context)
    after = [one for one in mentions if quantity.end <= one.start <= ends]
    before = [one for one in mentions if one.end <= quantity.start]
    if len(before) > 1 and all(one.key for one in before[-2:]) and _is_between(before[-2:], sentence):
        return [(before[-2].key or frozenset()) | (before[-1].key or frozenset())]
    if len(before) > 1 and _AGAINST.fullmatch(sentence.bare[quantity.end : ends]):
        before = before[:1]  # "A is above B: 40 % against 30 %"
    placed = [one for one in after[:1] if _PLACED.match(sentence.bare[quantity.end : one.start])]
    keys = [*_grouped(placed, sentence), *_grouped(before[::-1], sentence)]
    if not before:
        keys += [key for key in context.keys[::-1] if not sentence.starts_anew]
    return [*keys, *_grouped([one for one in mentions if one.start >= quantity.end], sentence)]


def _is_between(two: list[Mention], sentence: Sentence) -> bool:
    """Is something told of two together: "the gap between APAC and EMEA"?"""
    first, second = two
    joint = sentence.bare[first.end : second.start]
    return joint == " and " and bool(re.search(r"\bbetween (?:the )?$", sentence.bare[: first.start]))


def _grouped(mentions: list[Mention], sentence: Sentence) -> list[Key]:
    """The keys of mentions, those of a pair told together first: "Retail / EMEA"."""
    keys: list[Key] = []
    for one, other in pairwise(mentions):
        first, second = sorted((one, other), key=lambda mention: mention.start)
        joint = sentence.bare[first.end : second.start]
        if (
            one.key
            and other.key
            and re.fullmatch(r"\s?(?:/|,|in|and|within|deals in)?\s?(?:the )?", joint.strip() and joint)
        ):
            keys.append(one.key | other.key)
    return [*keys[:1], *(one.key for one in mentions if one.key is not None), *keys[1:]]


def is_whose(reading: Reading, subjects: list[Key], known: Known) -> bool:
    """Is it a figure of the likeliest subject that has such a figure?"""
    for subject in subjects:
        if subject == reading.key:
            return True
        if _owns(subject, reading, known):
            return False
    return not is_named(reading.key) or reading.key == known.main or _is_sole(reading, known)


def _is_sole(reading: Reading, known: Known) -> bool:
    """Is it the only figure of a metric that must be named?"""
    own = sum(metric == reading.fact.metric for metric, _ in known.owned)
    return own == 1 and reading.fact.metric in metrics.NAMED and reading.fact.metric != "win_rate"


def _owns(subject: Key, reading: Reading, known: Known) -> bool:
    """Has the subject a figure of the same metric, which would be meant?"""
    return (reading.fact.metric, subject) in known.owned


def spans(quantity: Quantity, sentence: Sentence, context: Context) -> list[Span]:
    """When a quantity was, the likeliest first."""
    said = sentence.spans
    _, ends = gap(quantity, sentence)
    after = [one.span for one in said if quantity.end <= one.start <= ends and one.span]
    before = [one.span for one in said if one.end <= quantity.start and one.span]
    behind = [one.span for one in said if one.start > ends and one.span]
    if after and _is_dated(quantity, sentence, ends):
        return [*after[:1], *before[::-1], *after[1:], *behind]
    return [*before[::-1], *after, *behind] or ([] if sentence.starts_anew else context.spans[::-1])


def _is_dated(quantity: Quantity, sentence: Sentence, ends: int) -> bool:
    first = next(one for one in sentence.spans if quantity.end <= one.start <= ends)
    return bool(
        re.match(
            r"^[^,;:]*\b(?:in|for|during|over|of|from)\s+(?:the\s+)?$",
            sentence.bare[quantity.end : first.start],
        )
    )


def stands_alone(quantity: Quantity, sentence: Sentence) -> bool:
    """Is it the first of a before and an after? Then it may be of an earlier period."""
    after = sentence.bare[quantity.end : quantity.end + 8]
    return not (quantity.top == 1 or re.match(r"(?: \([^)]*\))?\s?(?:→|->|to\b|,? then|and \d)", after))


def is_when(reading: Reading, spans: list[Span], known: Known, *, alone: bool) -> bool:
    """Is it of the period named; where none is, of the last one there is?"""
    if reading.span is None or reading.span == ALL_TIME:
        return reading.span in (None, *spans) or _has_no_rival(reading, spans, known)
    if (
        metrics.is_signed(reading.fact)
        and spans
        and all(_is_base(span, reading.span, known) for span in spans)
    ):
        return True  # "lower than in Q1": the period it is measured against
    for span in spans:
        if _touches(reading.span, span):
            return True
        if _rival(reading, span, known):
            return False
    rivals = known.owned.get((reading.fact.metric, reading.key), ())
    last = max((one.span for one in rivals if one.span), default=reading.span)
    if spans:
        return (
            not any(_rival(reading, span, known) for span in spans)
            and reading.span[0] <= spans[0][0]
            and spans[0][1] <= reading.span[1]
        )
    return not alone or reading.span[1] >= last[1]


def _is_base(span: Span, own: Span, known: Known) -> bool:
    return span in known.spans and span[0] <= own[0]


def _touches(own: Span, named: Span) -> bool:
    """The same, or one end of a change between two."""
    return (
        own == named
        or (own[0] == named[0] or own[1] == named[1])
        or (own[0] <= named[0] and named[1] == date.max)
    )


def _has_no_rival(reading: Reading, spans: list[Span], known: Known) -> bool:
    return not any(_rival(reading, span, known) for span in spans)


def _rival(reading: Reading, span: Span, known: Known) -> bool:
    """Is there such a figure of exactly that period?"""
    same = known.owned.get((reading.fact.metric, reading.key), ())
    return any(one.span == span for one in same)
