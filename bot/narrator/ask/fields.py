"""What an argument of a tool may be: a choice, a bounded whole number, a handle; never free text."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, StringConstraints, model_validator
from pydantic_core import CoreSchema, core_schema

from analytics.questions import DIMENSIONS
from bot.intents.days import MONTHS

MOST_NAMED = 6  #: handles in one call
ME = "me"  #: the handle of whoever asks, by the signed request

_UNITS = ("week", "month", "quarter", "half", "year")
RELATIVE = (
    *(f"{which}_{unit}" for which in ("this", "last", "next") for unit in _UNITS),
    *("last_30_days", "last_90_days", "last_12_months"),
    *("year_to_date", "quarter_to_date", "month_to_date", "all_time"),
)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words, that code knows too."""

    choices: tuple[str, ...]

    def __get_pydantic_core_schema__(self, _: Any, __: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(self.choices))


class Arguments(BaseModel):
    """Values from the model: of exactly these types, and none besides."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


Handle = Annotated[str, StringConstraints(pattern=r"^(me|[a-z_]{1,24}_[A-Z])$", max_length=26)]
Handles = Annotated[tuple[Handle, ...], Field(max_length=MOST_NAMED)]
Dimension = Annotated[str, OneOf(DIMENSIONS)]
Year = Annotated[int, Field(ge=1990, le=2099)]


class When(Arguments):
    """A period: relative to the day of the numbers, or of the calendar, or the one with a handle."""

    relative: Annotated[str, OneOf(RELATIVE)] | None = None
    year: Year | None = None
    half: Annotated[int, Field(ge=1, le=2)] | None = None
    quarter: Annotated[int, Field(ge=1, le=4)] | None = None
    month: Annotated[int, Field(ge=1, le=12)] | None = None
    handle: Handle | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        parts = [part for part in (self.half, self.quarter, self.month) if part]
        forms = [form for form in (self.relative, self.handle, self.year or parts) if form]
        if len(forms) != 1 or len(parts) > 1:
            raise ValueError("name one period")
        return self

    def words(self, names: "Names") -> str:
        """The period as the grammar reads it; without a year, the grammar finds the nearest."""
        if self.handle:
            return names.period(self.handle)
        if self.relative:
            return self.relative.replace("_", " ")
        if self.month:
            return f"{self.year}-{self.month:02d}" if self.year else MONTHS[self.month - 1]
        part = f"H{self.half}" if self.half else f"Q{self.quarter}" if self.quarter else ""
        return "-".join(str(word) for word in (self.year, part) if word)


class Day(Arguments):
    """A past day, as of which the numbers are asked for."""

    year: Year
    month: Annotated[int, Field(ge=1, le=12)]
    day: Annotated[int, Field(ge=1, le=31)]


class Names(Protocol):
    """What the handles of one request stand for; `UnknownHandle` is raised for any other."""

    def filtered(self, handle: str) -> str: ...
    def person(self, handle: str) -> str: ...
    def deals(self, handle: str) -> tuple[str, ...]: ...
    def period(self, handle: str) -> str: ...


class UnknownHandle(Exception):
    """A handle that this request gave to nothing, or to something of another kind."""


def words(*parts: str) -> str:
    """A command line of those parts that say something."""
    return " ".join(part for part in parts if part)


def where(handles: Iterable[str], names: Names) -> str:
    """Only deals with these values."""
    kept = " and ".join(map(names.filtered, handles))
    return kept and f"where {kept}"


def when(period: When | None, names: Names) -> str:
    """A period, if one is named."""
    return period.words(names) if period else ""


def asof(day: Day | None) -> str:
    """A past day, if one is named."""
    return f"asof {day.year}-{day.month:02d}-{day.day:02d}" if day else ""
