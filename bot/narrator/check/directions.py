"""A sentence in; the directions, comparisons, superlatives and trends that no fact backs out."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise

from analytics.facts import Fact, Unit
from bot.narrator.check import lexicon, metrics
from bot.narrator.check.backing import Backed
from bot.narrator.check.known import Key, Known, Problem, Reading, is_named
from bot.narrator.check.sentences import Sentence
from bot.narrator.check.subjects import Context


class Directions:
    """One sentence against the facts: which way things went, what is above what, what is more than chance."""

    def __init__(self, sentence: Sentence, free: str, known: Known, context: Context, backed: Backed):
        self.sentence, self.free = sentence, free
        self.known, self.context, self.backed = known, context, backed
        self.is_hedged = bool(lexicon.HEDGE.search(sentence.bare))

    def problems(self, *, was_hedged: bool) -> Iterator[Problem]:
        """What nothing backs; a hedge just before keeps a plain word from being too strong."""
        for found in lexicon.WAY.finditer(self.free):
            if not self._is_bound(found):
                yield from self._directed(found, str(found.lastgroup), was_hedged=was_hedged)
        if not self.is_hedged:
            yield from self._real()
        yield from self._best()

    def _is_bound(self, found: re.Match[str]) -> bool:
        """Is it a bound of a figure, or a word before a noun that has no direction?"""
        after = self.free[found.end() :]
        if re.match(r"\s(?:than|to)?\s?$", after[: self._next(found.end()) - found.end()]) and found[
            0
        ].casefold() in ("more", "less", "fewer", "above", "below", "higher", "lower", "up"):
            return any(one.bound and one.start >= found.end() for one in self.sentence.quantities[:9])
        return False

    def _next(self, place: int) -> int:
        return min(
            (one.start for one in self.sentence.quantities if one.start >= place), default=len(self.free)
        )

    def _directed(self, found: re.Match[str], way: str, *, was_hedged: bool) -> Iterator[Problem]:
        subject, other = self._sides(found)
        is_negated = not self.is_hedged and bool(_NOT.search(self.free[: found.start()][-28:]))
        outcome = self._compared(way, subject, other) if other is not None else None
        if outcome is None:
            outcome = self._paired(way)
        changes = self._changes(subject)
        if outcome is None and changes:
            along = [one for one in changes if metrics.is_along(way, one.fact, one.shown)]
            outcome = bool(along) if not is_negated else bool(along) and not all(map(_noisy, along))
        if outcome is None:
            if not self.is_hedged:
                yield Problem("direction", found[0])
        elif outcome is is_negated:
            yield Problem("comparison" if other is not None else "direction", found[0])
        elif changes and _EVENT.fullmatch(found[0]) and not is_negated and not (self.is_hedged or was_hedged):
            along = [one for one in changes if metrics.is_along(way, one.fact, one.shown)]
            if along and all(map(_noisy, along)):
                yield Problem("noise", found[0])

    def _sides(self, found: re.Match[str]) -> tuple[Key, Key | None]:
        """Who is compared, and with whom; the second is None where a word stands alone."""
        before = [one for one in self.sentence.entities if one.end <= found.start()]
        after = [one for one in self.sentence.entities if one.start >= found.end()]
        placed = after and re.match(
            r"^\s(?:\w+\s){0,3}?(?:in|for|of|at|by)\s(?:the\s)?$", self.free[found.end() : after[0].start]
        )
        subject = before[-1].key if before else after[0].key if placed else self._carried()
        with_whom = None
        if after:
            joint = self.free[found.end() : after[0].start]
            if re.match(
                r"^\s*(?:\w+\s){0,3}?(?:than|of|to)?\s*(?:that of|those of|the"
                r"|in)?\s*(?:¤+\s?of\s)?(?:the )?\s*$",
                joint,
            ):
                with_whom = after[0].key
        if with_whom is not None and len(before) > 1 and before[-1].key == frozenset():
            subject = before[0].key
        return subject if subject is not None else frozenset(), with_whom

    def _carried(self) -> Key:
        if self.context.keys and not self.sentence.starts_anew:
            return self.context.keys[-1]
        return self.known.main

    def _metrics(self) -> set[str]:
        """The metrics that the sentence names; what goes without saying where it names none."""
        told = {metric for metric, _ in self.known.owned if metrics.cues(metric, self.sentence.bare)}
        if "win_rate" in told and not _MORE_DEALS.search(self.sentence.bare):
            told = {metric for metric in told if not self._counts(metric)}
        return told or {"win_rate"}

    def _counts(self, metric: str) -> bool:
        return metric in self.known.metrics.get(Unit.COUNT, ())

    def _compared(self, way: str, subject: Key, other: Key) -> bool | None:
        """Does the one lie on that side of the other? None where nobody knows."""
        outcomes = []
        for metric in self._metrics() if subject != other else ():
            ones, others = self._levels(metric, subject), self._levels(metric, other)
            if ones and others and not ones[0].fact.metric.startswith("p_"):
                gap = ones[0].shown - others[0].shown
                outcomes.append(bool(gap) and metrics.is_along(way, ones[0].fact, gap))
        return any(outcomes) if outcomes else None

    def _levels(self, metric: str, key: Key) -> list[Reading]:
        readings = [one for one in self.known.owned.get((metric, key), ()) if not metrics.is_signed(one.fact)]
        named = {one.span for one in self.sentence.spans}
        return [one for one in readings if one.span in named] or sorted(readings, key=_when, reverse=True)

    def _paired(self, way: str) -> bool | None:
        """Does a value before and one after go that way?"""
        for one, two in pairwise(self.sentence.quantities):
            joint = self.sentence.bare[one.end : two.start]
            if (
                re.fullmatch(r"(?: \([^)]*\))?\s?(?:→|->|to|,? then)\s?(?:¤+\s)?", joint)
                and one.units == two.units
            ):
                values = [self.backed[one], self.backed[two]]
                if all(values) and values[0][0].role == values[1][0].role == "value":
                    gap = two.signed - one.signed
                    return bool(gap) and metrics.is_along(way, values[1][0].fact, gap)
        return None

    def _changes(self, subject: Key) -> list[Reading]:
        """The differences known of a subject: those the sentence tells, else all of its metric."""
        told = [r for one in self.sentence.quantities for r in self.backed[one] if _is_change(r)]
        if told or _SIZE.search(self.free):
            return told
        if not self.sentence.quantities and not self._is_told():
            return []
        every = [
            one
            for (_, key), some in self.known.owned.items()
            if key == subject
            for one in some
            if _is_change(one)
        ]
        meant = [one for one in every if metrics.cues(one.fact.metric, self.sentence.bare)]
        times = [one for one in every if re.search(r"change|delta|shift", one.fact.metric)]
        return meant or times or every

    def _is_told(self) -> bool:
        """Does the sentence say of whom, or of which measure, it tells a direction?"""
        return bool(
            self.sentence.entities or _PRONOUN.search(self.free) or re.search(r"\bwin rate\b", self.free)
        )

    def _real(self) -> Iterator[Problem]:
        """Words that something is more than chance, of a subject that has not stood its test."""
        for found in lexicon.REAL.finditer(self.free):
            if _NOT.search(self.free[: found.start()][-20:]):
                continue
            keys = [one.key for one in self.sentence.entities if one.key] or [self._carried()]
            if not any(self._is_real(key) for key in keys if key is not None):
                yield Problem("noise", found[0])

    def _is_real(self, key: Key) -> bool:
        own = [one.fact for one in self.known.readings if one.key == key] if key else list(self.known.facts)
        if any(map(metrics.is_real, own)):
            return True
        tests = [fact for fact in own if fact.unit is Unit.PROBABILITY and fact.value is not None]
        if not key and any((fact.value or 0) <= metrics.SURE for fact in tests):
            return True
        clear = (metrics.is_signed(fact) and fact.verdict is None and _is_clear(fact) for fact in own)
        return any(clear) or self._is_outside(own)

    def _is_outside(self, own: list[Fact]) -> bool:
        """Does the rate of `region=APAC, 2024-05` lie beyond its limit `region=APAC, 2024-05, low`?"""
        rates = {one.entity: one.value for one in own if one.metric == "win_rate"}
        for limit in (one for one in own if one.metric == "control_limit"):
            month, _, end = limit.entity.rpartition(", ")
            off = _off(rates.get(month), limit.value)
            if off < 0 if end == "low" else off > 0:
                return True
        return False

    def _best(self) -> Iterator[Problem]:
        """Superlatives: is it so, by the values of all its like?"""
        for found in lexicon.SUPERLATIVE.finditer(self.free):
            if not self._is_best(found):
                yield Problem("rank", found[0])

    def _is_best(self, found: re.Match[str]) -> bool:
        mentioned = [one.key for one in self.sentence.entities if one.key]
        told = {r.fact.metric for one in self.sentence.quantities for r in self.backed[one]}
        for metric in sorted(told or self._metrics()):
            every = {
                key: max(some, key=_when)
                for (name, key), some in self.known.owned.items()
                if name == metric and is_named(key)
            }
            for subject in (key for key in mentioned if key in every):
                like = _like(every[subject], every.values())
                values = {one.key: _size(one) for one in like}
                end = max(values.values()) if found["top"] else min(values.values())
                if values[subject] == end and list(values.values()).count(end) == 1 and len(values) > 1:
                    return True
        return False


_NOT = re.compile(
    r"\b(?:not|never|no longer|neither|nor|cannot|without|hardly|no)\b|n't\b|failed to\b", re.IGNORECASE
)

_EVENT = re.compile(
    r"r[io]s\w+|increas\w+|gr[eo]w\w*|climb\w*|gain\w+|jump\w*|surg\w*|soar\w*|fall\w*|fell|drop\w*"
    r"|declin\w*|decreas\w*"
    r"|sank|slid|slump\w*|plung\w*|improv\w*|worsen\w*|deteriorat\w*|recover\w*|rebound\w*|slipped"
    r"|dipp?\w*|shrank|up|down",
    re.IGNORECASE,
)

_MORE_DEALS = re.compile(r"\b(?:more|fewer|most|less) (?:\w+ )?(?:deals|wins)\b", re.IGNORECASE)

_SIZE = re.compile(r"\b(?:bigger|larger|smaller|greater)\b", re.IGNORECASE)

_PRONOUN = re.compile(r"\b(?:it|this|that|they|them|he|she)\b", re.IGNORECASE)


def _is_change(reading: Reading) -> bool:
    return reading.role == "value" and metrics.is_signed(reading.fact)


def _noisy(reading: Reading) -> bool:
    return metrics.is_noise(reading.fact)


def _like(one: Reading, every: Iterable[Reading]) -> list[Reading]:
    """Those of the same dimension; of differences, all."""
    kind = one.fact.entity.partition("=")[0]
    return [
        other for other in every if metrics.is_signed(one.fact) or other.fact.entity.partition("=")[0] == kind
    ]


def _size(reading: Reading) -> Decimal:
    return abs(reading.shown) if metrics.is_signed(reading.fact) else reading.shown


def _off(value: Decimal | None, line: Decimal | None) -> Decimal:
    return Decimal(0) if value is None or line is None else value - line


def _is_clear(fact: Fact) -> bool:
    return fact.low is not None and fact.high is not None and not fact.low <= 0 <= fact.high


def _when(reading: Reading) -> tuple[int, int]:
    return (reading.span[0].toordinal(), reading.span[1].toordinal()) if reading.span else (0, 0)
