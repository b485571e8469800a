"""A number as a text tells it, and the words for its unit and its bounds."""

import re
from dataclasses import dataclass
from decimal import Decimal

from analytics.facts import Unit

UNITS = {
    Unit.POINTS: r"[\s-]?(?:percentage[\s-]points?|points?|pp|ppts?|pts?)\b|\s?(?P<bps>bps|basis points)\b",
    Unit.FRACTION: r"\s?%|[\s-]percent\b|\s?per cent\b",
    Unit.DAYS: r"[\s-]days?\b",
    Unit.NUMBER: r"\s?[x×](?![\w])|\s?times\b(?!\s+the close)|[\s-]?fold\b",
}

UNIT = "|".join(rf"(?P<{unit.name}>{words})" for unit, words in UNITS.items())

_BOUNDS = {
    "over": r"over|more than|above|exceed(?:s|ing)?|north of|in excess of",
    "under": r"under|less than|fewer than|below|south of",
    "from": r"at least|no less than|no fewer than|minimum of|upwards of",
    "to": r"at most|up to|no more than|within|maximum of",
    "nearly": r"nearly|almost|just under|close to|just short of|approaching|not quite",
    "about": r"about|around|roughly|approximately|approx\.?|some|circa|ca\.|~",
    "just_over": r"just over|just above|slightly over|a little over",
}

BOUND = re.compile(
    "(?:"
    + "|".join(rf"(?P<{name}>(?<![\w]){words})" for name, words in reversed(list(_BOUNDS.items())))
    + r")\s?(?:a |an |the )?$",
    re.IGNORECASE,
)

COUNTS = (Unit.COUNT, Unit.NUMBER, Unit.SCORE)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it is told, in the hundredths of a rate, in whole money, in days."""

    start: int
    end: int
    value: Decimal  # without its sign
    step: Decimal  # the unit of its last digit
    units: tuple[Unit, ...]  # what it may be of
    sign: str = ""  # "+", "-", "?" either
    bound: str = ""  # "over", "under", "nearly", "about", "just_over"
    kind: str = "amount"  # or "rank", "share", "one in", "multiple", "word"
    top: int = 0  # of a range: 1 at its low end, 2 at its high end

    @property
    def signed(self) -> Decimal:
        """With its sign, where it has one."""
        return -self.value if self.sign == "-" else self.value
