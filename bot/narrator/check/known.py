"""The facts and names of an answer in, made ready for looking things up: by value, by name, by period."""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from analytics.facts import Fact, Unit, Verdict
from bot import names
from bot.narrator.check import lexicon, metrics, periods

Key = frozenset[str]  # the folded labels of an entity; empty for the whole, or for one that has no name

WHOLES = frozenset({"all", "all reps", "overall", "answer", "before", "after", "team"})

_PARTS = re.compile(
    r",\s*(?=[\w .]+=)|,\s*(?=20\d\d[-\w]*$)|,\s*(?=last \d|[a-z_]+$)|/(?=[a-z]+$)|/(?=[^=]*$)"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing in a text that the facts do not back."""

    code: str  # charset, number, unit, sign, entity, period, metric, denominator, rank, direction, ...
    what: str  # the words it was found in


@dataclass(frozen=True, slots=True)
class Reading:
    """One number that a fact holds: its value, an end of its interval, or its deals."""

    fact: Fact
    role: str  # "value", "low", "high", "n"
    unit: Unit
    shown: Decimal  # in the unit as it is written: 45.7 of 45.7 %
    key: Key
    span: periods.Span | None


@dataclass(frozen=True)
class Known:
    """All that a text may say: the facts of its answer and the names that it may use.

    Args:
        names: from the CRM or the request. A mapping tells, for a name that is no entity of a fact, which
            entity it means: `{"Priya Rao": "rep=rep_22"}`.
        sentences: that code rendered; one of them is accepted as it stands.
    """

    facts: Collection[Fact]
    names: Collection[str] = ()
    sentences: Collection[str] = ()

    @cached_property
    def today(self) -> date:
        """The day the answer is of."""
        return max((fact.as_of for fact in self.facts), default=date(1, 1, 1))

    @cached_property
    def accepted(self) -> frozenset[str]:
        """The sentences that code rendered."""
        return frozenset(self.sentences)

    @cached_property
    def aliases(self) -> dict[str, Key]:
        """Every name that may be said, folded, with the labels it stands for."""
        known = {name: frozenset({name.casefold()}) for fact in self.facts for name in labels(fact.entity)}
        said = {name for fact in self.facts for name in labels(fact.entity)}
        meant = self.names if isinstance(self.names, Mapping) else dict.fromkeys(self.names, "")
        for name, entity in meant.items():
            key = self.key(entity) if entity else frozenset({name.casefold()})
            known.setdefault(name, key)
            known.setdefault(names.clean(name), key)
        known = {name: key for name, key in known.items() if name in said or self._is_said(name, meant)}
        people = {self.key(fact.entity) for fact in self.facts if fact.entity.startswith("rep=")}
        return _first_names(known, people) | known

    def _is_said(self, name: str, meant: Mapping[str, str]) -> bool:
        """Is it a name that a text may use, and no code, period or word of ours?"""
        if not _is_name(name) or periods.span(name, self.today):
            return False
        return bool(meant.get(name)) or not re.fullmatch(r"[a-z]+", name)

    @cached_property
    def by_first_word(self) -> dict[str, list[str]]:
        """The names by their first word, folded; the longest first."""
        found: dict[str, list[str]] = defaultdict(list)
        generations = {fact.generation for fact in self.facts if _is_name(fact.generation)}
        for name in sorted({*self.aliases, *generations}, key=len, reverse=True):
            if first := re.search(r"\w+", name):
                found[first[0].casefold()].append(name)
        return dict(found)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of every name, folded."""
        return frozenset(word for name in self.aliases for word in re.findall(r"[^\W\d_]+", name.casefold()))

    @cached_property
    def spans(self) -> frozenset[periods.Span]:
        """Every period that may be named."""
        said = {fact.period for fact in self.facts} | {part for f in self.facts for part in _parts(f.entity)}
        ends = {end for label in {*said, *self.names} for end in (label, *label.split(" to "))}
        found = (periods.span(label, self.today) for label in ends if label)
        return frozenset(span for span in found if span)

    @cached_property
    def days(self) -> frozenset[date]:
        """Every day that may be named."""
        told = {
            date.fromordinal(int(f.value)) for f in self.facts if f.unit is Unit.DATE and f.value is not None
        }
        ends = {end for span in self.spans for end in span}
        return frozenset({*told, *ends, *(fact.as_of for fact in self.facts)})

    @cached_property
    def readings(self) -> tuple[Reading, ...]:
        """Every number of every fact."""
        return tuple(reading for fact in self.facts for reading in self._readings(fact))

    @cached_property
    def subjects(self) -> frozenset[Key]:
        """The entities that facts are about, the whole left out."""
        return frozenset(reading.key for reading in self.readings if reading.key)

    @cached_property
    def main(self) -> Key:
        """The one entity that most facts are about, as on a deal card; else the only person. May be empty."""
        values = [one for one in self.readings if is_named(one.key) and one.role == "value"]
        keys = [one.key for one in values]
        most = max(set(keys), key=keys.count, default=frozenset())
        if keys.count(most) * 2 > len(keys):
            return most
        people = {one.key for one in values if one.fact.entity.startswith("rep=")}
        return people.pop() if len(people) == 1 else frozenset()

    @cached_property
    def owned(self) -> dict[tuple[str, Key], list[Reading]]:
        """The values by metric and entity."""
        found: dict[tuple[str, Key], list[Reading]] = defaultdict(list)
        for reading in self.readings:
            if reading.role == "value":
                found[reading.fact.metric, reading.key].append(reading)
        return dict(found)

    @cached_property
    def metrics(self) -> dict[Unit, frozenset[str]]:
        """The metrics there are of each unit."""
        found: dict[Unit, set[str]] = defaultdict(set)
        for reading in self.readings:
            found[reading.unit].add(reading.fact.metric)
        return {unit: frozenset(metrics) for unit, metrics in found.items()}

    @cached_property
    def is_real(self) -> bool:
        """Did anything here stand its test?"""
        return any(metrics.is_real(fact) for fact in self.facts)

    @cached_property
    def verdicts(self) -> frozenset[Verdict]:
        """The verdicts of the facts."""
        return frozenset(fact.verdict for fact in self.facts if fact.verdict)

    def key(self, entity: str) -> Key:
        """The labels of an entity as they are compared; a code of ours for one that cannot be named."""
        found = frozenset(label.casefold() for label in labels(entity))
        return found if found or self._is_whole(entity) else frozenset({f"?{_parts(entity)[0]}"})

    def _is_whole(self, entity: str) -> bool:
        return all(
            part in WHOLES
            or part.startswith("last ")
            or periods.span(part.partition("=")[2] or part, self.today)
            for part in _parts(entity)
        )

    def near(self, unit: Unit, low: Decimal, high: Decimal) -> list[Reading]:
        """The readings of a unit between two sizes, whatever their sign."""
        sizes, readings = self._by_size.get(unit, ([], []))
        return readings[bisect_left(sizes, low) : bisect_right(sizes, high)]

    @cached_property
    def _by_size(self) -> dict[Unit, tuple[list[Decimal], list[Reading]]]:
        found: dict[Unit, list[Reading]] = defaultdict(list)
        for reading in self.readings:
            found[reading.unit].append(reading)
        ordered = {unit: sorted(some, key=lambda one: abs(one.shown)) for unit, some in found.items()}
        return {unit: ([abs(one.shown) for one in some], some) for unit, some in ordered.items()}

    def _readings(self, fact: Fact) -> Iterator[Reading]:
        key, span = self.key(fact.entity), self._span(fact)
        for role, value in (("value", fact.value), ("low", fact.low), ("high", fact.high)):
            if value is not None and value.is_finite():
                yield Reading(fact, role, fact.unit, figures_shown(fact.unit, value), key, span)
        if fact.n is not None:
            yield Reading(fact, "n", Unit.COUNT, Decimal(fact.n), key, span)

    def _span(self, fact: Fact) -> periods.Span | None:
        own = (periods.span(part, self.today) for part in _parts(fact.entity))
        return next((span for span in own if span), None) or periods.span(fact.period, self.today)


def _first_names(known: Mapping[str, Key], people: Collection[Key]) -> dict[str, Key]:
    """People by the first of their names, where only one has it."""
    firsts = [(name.split()[0], key) for name, key in known.items() if key in people and " " in name]
    counts = Counter(first for first, _ in firsts)
    return {first: key for first, key in firsts if counts[first] == 1 and first.istitle() and len(first) > 2}


def is_named(key: Key) -> bool:
    """Is it an entity that a text can name?"""
    return bool(key) and not next(iter(key)).startswith("?")


def figures_shown(unit: Unit, value: Decimal) -> Decimal:
    """A value as its unit is written: rates and points in hundredths."""
    return value * 100 if unit in (Unit.FRACTION, Unit.POINTS) else value


def labels(entity: str) -> list[str]:
    """What an entity is called; nothing for the whole, and for one that has no name of its own.

    >>> labels("team=Foxes,2023-Q4"), labels("all"), labels("industry=Retail,region=EMEA")
    (['Foxes'], [], ['Retail', 'EMEA'])
    """
    found = []
    for part in _parts(entity):
        named = part.partition("=")[2] or part
        has_name = re.search(r"[^\W\d_]", named) if "=" in part else not re.match(r"[a-z_.]", part)
        if has_name and not periods.span(named, date(9000, 1, 1)):
            found.append(named)
    return found


def _parts(entity: str) -> list[str]:
    return [part.strip() for part in _PARTS.split(entity) if part.strip()]


def _is_name(name: str) -> bool:
    """Does it say more than a number would?"""
    return any(character.isalpha() for character in name) and name.casefold() not in lexicon.NO_NAMES
