"""An answer as it was counted -> one of the same shape whose names, figures and lengths are any.

Codes stay as they are, for a sentence belongs to each; whatever a person or a CRM may have written, and
whatever may be counted, changes.
"""

import random
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from decimal import Decimal
from functools import cache
from typing import Any, get_args, get_type_hints

from analytics.facts import Fact, Unit, Verdict

#: Fields that hold words of the CRM, of a person or of the team.
NAMES = {
    "account", "owner", "stage", "next_step", "team", "scope", "deal_type", "title", "note", "author",
    "manager", "labels", "to_labels", "values", "value", "deal_id", "subject_id", "reason_said", "reviewers",
    "person_id", "what", "source", "drifted", "named",
}  # fmt: skip

#: Keys of a finding's `names` that are codes.
CODES = {"direction", "state", "since"}

#: Classes whose `name` is one of these; else it is a code.
NAMED = ("DealCard", "Risk", "RepPage", "Week", "Agenda")

#: Lists of which there is one entry for each code, so that they get no longer.
CODED = {"parts", "reasons", "told", "endings", "changes", "tried"}

#: Lists that an answer never lacks.
NEVER_EMPTY = {"watched", "rules", "tried", "months", "trials", "every"}

#: How long a list may get, at its top and inside another.
LENGTHS = ((0, 1, 2, 25, 101, 200), (0, 1, 3, 12))

CURRENCIES = ("USD", "EUR", "JPY", "CHF", "XAU", "", "dollars", "<!here>")

ALPHABETS = (
    "abc xyz", "&<>\"'", "ÄÖÜß é", "漢字かな交じり文", "مرحبا", "🙂👩🏽\u200d🚀", "e\u0301\u0308",
    "0123456789.,%$", "*_`~|[]()", "\n\t \u200b\u202e", "W",
)  # fmt: skip


class Shaker:
    """Changes answers by chance; the same `random.Random` gives the same answers."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance

    def answer(self, answer: Any) -> Any:
        """An answer with everything in it changed."""
        return self._inside(answer, 0)

    def name(self) -> str:
        """Words of 1 to 300 characters, of any kind."""
        length = self.chance.choice((1, 2, 9, 30, 60, 61, 150, 300))
        alphabet = self.chance.choice(ALPHABETS)
        said = "".join(self.chance.choice(alphabet) for _ in range(length))
        return self.chance.choice((said, f"<!channel> {said}"[:300], said.strip() or "x"))

    def fact(self, fact: Fact) -> Fact:
        """The same figure with another value, range, number of deals and currency; maybe unknown."""
        currency = self.chance.choice(CURRENCIES) if fact.currency else ""
        if fact.unit is Unit.DATE:
            return fact
        value = None if fact.value is None else self._value(fact.unit)
        low, high = sorted((self._value(fact.unit), self._value(fact.unit)))
        ranged = fact.low is not None
        return replace(
            fact,
            value=value,
            low=low if ranged else None,
            high=high if ranged else None,
            n=None if fact.n is None else self.chance.choice((0, 1, 5, 1234, 10**9)),
            currency=currency,
        )

    def unknown(self, fact: Fact) -> Fact:
        """The same figure, which nobody knows."""
        return replace(fact, value=None, low=None, high=None, unknown=fact.unknown or "no_activity_feed")

    def _value(self, unit: Unit) -> Decimal:
        match unit:
            case Unit.FRACTION | Unit.PROBABILITY:
                return Decimal(str(round(self.chance.random(), 6)))
            case Unit.POINTS:
                return Decimal(str(round(self.chance.uniform(-1, 1), 6)))
            case Unit.MONEY | Unit.MONEY_PER_DAY | Unit.NUMBER:
                sizes = ("0", "0.004", "0.5", "-12.5", "999.6", "1234567.89", "98765432109876543.21", "-4e15")
                return Decimal(self.chance.choice(sizes))
        return Decimal(self.chance.choice((0, 1, 2, 45, 1000, 10**9)))

    def _inside(self, value: Any, depth: int) -> Any:
        changed = {}
        for field in fields(value):
            hint = _hints(type(value))[field.name]
            is_name = field.name == "name" and type(value).__name__ in NAMED
            called = "what" if is_name else field.name
            changed[field.name] = self._part(called, getattr(value, field.name), hint, depth)
        return replace(value, **changed)

    def _part(self, name: str, value: Any, hint: Any, depth: int) -> Any:
        if isinstance(value, Fact):
            return self.fact(value)
        if isinstance(value, Verdict):
            return value
        if isinstance(value, str):
            return self.name() if name in NAMES and value else value
        if is_dataclass(value) and not isinstance(value, type):
            return self._inside(value, depth)
        if isinstance(value, Mapping):
            return {key: self._keyed(name, key, one, depth) for key, one in value.items()}
        if isinstance(value, tuple | list):
            return self._several(name, value, hint, depth)
        return value

    def _keyed(self, name: str, key: str, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            return value if key in CODES else self.name()
        return self._part(name, value, Any, depth + 1)

    def _several(self, name: str, value: Any, hint: Any, depth: int) -> Any:
        """A list of another length; a pair stays one."""
        kinds = get_args(hint)
        if not value or Ellipsis not in kinds:
            return tuple(self._part(name, one, Any, depth + 1) for one in value)
        if isinstance(value[0], str) and name not in NAMES:
            return value
        if isinstance(value[0], str):
            return tuple(self.name() for _ in value)  # as many as there are dimensions
        length = self.chance.choice((*LENGTHS[min(depth, 1)], len(value)))
        length = max(length, 1) if name in NEVER_EMPTY else length
        length = min(length, len(value)) if name in CODED else length
        inner = kinds[0]
        return tuple(self._part(name, value[place % len(value)], inner, depth + 1) for place in range(length))


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)
