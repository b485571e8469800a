"""The few words in which `bot.blocks.limits` is written: a rule yields the problems of one JSON value."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeAlias

Check: TypeAlias = Callable[[Any, str], Iterator[str]]


class Rule(Protocol):
    """What one JSON value must be; `at` is its JSON pointer."""

    def problems(self, value: Any, at: str) -> Iterator[str]: ...


def problem(sentence: str, at: str) -> str:
    """One problem in Slack's own format.

    >>> problem("must be more than 0 characters", "/blocks/0/text")
    'must be more than 0 characters [json-pointer:/blocks/0/text]'
    """
    return f"{sentence} [json-pointer:{at}]"


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value: a field we do not look into."""

    def problems(self, value: Any, at: str) -> Iterator[str]:  # noqa: ARG002
        return iter(())


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, bool):
            yield problem("must be a boolean", at)


@dataclass(frozen=True, slots=True)
class Characters:
    """A JSON string of `least` to `most` characters."""

    most: int
    least: int = 1

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            yield problem("must be a string", at)
        elif len(value) < self.least:
            yield problem(f"must be more than {self.least - 1} characters", at)
        elif len(value) > self.most:
            yield problem(f"must be less than {self.most + 1} characters", at)


@dataclass(frozen=True, slots=True)
class Number:
    """A number from `low` to `high`; `whole` refuses fractions, `positive` refuses zero."""

    low: float | None = None
    high: float | None = None
    whole: bool = False
    positive: bool = False

    def problems(self, value: Any, at: str) -> Iterator[str]:
        kinds = int if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            yield problem("must be an integer" if self.whole else "must be a number", at)
        elif not math.isfinite(value):
            yield problem("must be a finite number", at)
        elif self.positive and value <= 0:
            yield problem("must be greater than 0", at)
        elif (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            yield problem(f"must be between {self.low} and {self.high}", at)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few strings."""

    allowed: frozenset[str]

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if value not in self.allowed:
            yield problem(f"must be a valid enum value: {', '.join(sorted(self.allowed))}", at)


@dataclass(frozen=True, slots=True)
class Many:
    """A list of `least` to `most` values, each following `each`."""

    each: Rule
    most: int
    least: int = 1

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield problem("must be an array", at)
            return
        if len(value) < self.least:
            yield problem(f"no fewer than {self.least} items allowed", at)
        if len(value) > self.most:
            yield problem(f"no more than {self.most} items allowed", at)
        for index, item in enumerate(value):
            yield from self.each.problems(item, f"{at}/{index}")


@dataclass(frozen=True, slots=True)
class Shape:
    """A JSON object: which fields it needs and may have, and rules across them in `also`."""

    needs: Mapping[str, Rule] = field(default_factory=dict)
    may: Mapping[str, Rule] = field(default_factory=dict)
    needs_one_of: tuple[str, ...] = ()
    also: tuple[Check, ...] = ()

    def problems(self, value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, dict):
            yield problem("must be an object", at)
            return
        found = [*self._fields(value, at)]
        yield from found
        if not found:  # rules across fields may rely on each field's own rule
            for check in self.also:
                yield from check(value, at)

    def _fields(self, value: dict[str, Any], at: str) -> Iterator[str]:
        for name in self.needs.keys() - value.keys():
            yield problem(f"missing required field: {name}", at)
        if self.needs_one_of and not any(value.get(name) for name in self.needs_one_of):
            yield problem(f"must have one of: {', '.join(self.needs_one_of)}", at)
        known = {**self.needs, **self.may}
        for name, content in value.items():
            if name in known:
                yield from known[name].problems(content, f"{at}/{name}")
            elif name != "type":
                yield problem(f"invalid additional property: {name}", at)


@dataclass(frozen=True, slots=True)
class ByType:
    """An object whose `type` says which rule it follows. `name` is what to call it: a block, an element."""

    name: str
    rules: Mapping[str, Rule]

    def problems(self, value: Any, at: str) -> Iterator[str]:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str):
            yield problem("missing required field: type", at)
        elif kind not in self.rules:
            yield problem(f"unsupported {self.name} type: {kind}", at)
        else:
            yield from self.rules[kind].problems(value, at)
