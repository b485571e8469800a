"""The eight things the language model may ask for, each written as the command lines that ask for it.

None writes, none says who is asking. The grammar reads what is written here with all its checks, and the
inquiry answers it within the rights of the person who signed the request.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from analytics.glossary import GLOSSARY
from bot.intents import COMMANDS
from bot.intents.intent import spoken
from bot.intents.words import quoted
from bot.narrator.ask.fields import (
    Arguments,
    Day,
    Dimension,
    Handle,
    Handles,
    Names,
    OneOf,
    When,
    asof,
    when,
    where,
    words,
)

MOST_OPTIONS = 3  #: readings in one question back

Lines = tuple[str, ...]  #: one is what is asked; of several, the person chooses


class Tool(Arguments):
    """One tool."""

    def lines(self, names: Names) -> Lines:
        """What is asked, as command lines.

        Raises:
            UnknownHandle: a handle of no such thing.
        """
        raise NotImplementedError


class WinRate(Tool):
    """Win rate, alone or split."""

    by: Annotated[tuple[Dimension, ...], Field(max_length=2)] = ()
    only: Handles = ()
    period: When | None = None
    by_amount: bool = False
    every_type: bool = False
    as_of: Day | None = None

    def lines(self, names: Names) -> Lines:
        amount, types = "by amount" * self.by_amount, "all types" * self.every_type
        cut = ", ".join(map(spoken, self.by))
        kept = where(self.only, names)
        return (words("/winrate", cut, kept, amount, types, when(self.period, names), asof(self.as_of)),)


class WhyChanged(Tool):
    """Why the win rate changed between two periods."""

    before: When | None = None
    after: When | None = None
    by: Dimension | None = None
    only: Handles = ()
    created: bool = False
    challenge: bool = False
    as_of: Day | None = None

    @model_validator(mode="after")
    def _compares(self) -> Self:
        if self.before and not self.after:
            raise ValueError("name the later period too")
        return self

    def lines(self, names: Names) -> Lines:
        periods = " vs ".join(when(one, names) for one in (self.before, self.after) if one)
        cut = f"by {spoken(self.by)}" if self.by else ""
        looks = words("created" * self.created, periods, "challenge" * self.challenge)
        return (words("/why", cut, where(self.only, names), looks, asof(self.as_of)),)


class Unusual(Tool):
    """Whether a month is out of the ordinary."""

    by: Dimension | None = None
    only: Handles = ()
    floor_percent: Annotated[int, Field(ge=1, le=99)] | None = None
    as_of: Day | None = None

    def lines(self, names: Names) -> Lines:
        floor = f"below {self.floor_percent} %" if self.floor_percent else ""
        return (words("/watch", spoken(self.by or ""), where(self.only, names), floor, asof(self.as_of)),)


class Drivers(Tool):
    """What is associated with winning."""

    by: Annotated[tuple[Dimension, ...], Field(max_length=2)] = ()
    only: Handles = ()
    as_of: Day | None = None

    def lines(self, names: Names) -> Lines:
        cut = ", ".join(map(spoken, self.by))
        return (words("/drivers", cut, where(self.only, names), asof(self.as_of)),)


class Pipeline(Tool):
    """What will be won, or where deals leak."""

    view: Literal["forecast", "leaks"]
    whose: Literal["mine", "team", "all"] = "all"
    only: Handles = ()
    period: When | None = None
    as_of: Day | None = None

    def lines(self, names: Names) -> Lines:
        kept, period = where(self.only, names), when(self.period, names)
        if self.view == "leaks":
            return (words("/funnel", kept, period, asof(self.as_of)),)
        return (words("/pipeline", self.whose, kept, period, asof(self.as_of)),)


class WhatIf(Tool):
    """What would follow if a segment were dropped, or its time shifted."""

    action: Literal["drop", "shift"]
    segment: Annotated[Handles, Field(min_length=1)]
    to: Handles = ()
    period: When | None = None
    as_of: Day | None = None

    def lines(self, names: Names) -> Lines:
        segment, target = (" and ".join(map(names.filtered, some)) for some in (self.segment, self.to))
        arrow = target and f"to {target}"
        return (words("/whatif", self.action, segment, arrow, when(self.period, names), asof(self.as_of)),)


class Page(Tool):
    """One thing: a deal, a rep, the model, the data, a word."""

    page: Literal["deal", "deal_changes", "rep", "week", "model", "quality", "glossary", "help"]
    about: Handle | None = None
    term: Annotated[str, OneOf(tuple(entry.name for entry in GLOSSARY))] | None = None
    topic: Annotated[str, OneOf(tuple(command.topic for command in COMMANDS))] | None = None
    period: When | None = None
    as_of: Day | None = None

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if self.page in ("deal", "deal_changes", "rep", "week") and not self.about:
            raise ValueError("name a handle in `about`")
        return self

    def lines(self, names: Names) -> Lines:
        match self.page, self.about:
            case (("deal" | "deal_changes"), str(handle)):
                changes = "changes" if self.page == "deal_changes" else ""
                ids = names.deals(handle)[:MOST_OPTIONS]
                return tuple(words("/deal", quoted(one), changes, asof(self.as_of)) for one in ids)
            case (("rep" | "week"), str(handle)):
                person = names.person(handle)
                return (words(f"/coach {self.page}", person, when(self.period, names), asof(self.as_of)),)
            case "glossary" | "help", _:
                about = self.term if self.page == "glossary" else self.topic
                return (words(f"/coach {self.page}", spoken(about or "")),)
        return (words(f"/coach {self.page}", asof(self.as_of)),)


CHOICES = ("win_rate", "win_rate_by_quarter", "why_changed", "unusual", "drivers", "forecast", "leaks")


class Otherwise(Tool):
    """Nothing of these, or more than one."""

    reason: Literal["unsure", "off_topic", "people", "needs_person"]
    choices: Annotated[tuple[Annotated[str, OneOf(CHOICES)], ...], Field(max_length=MOST_OPTIONS)] = ()
    only: Handles = ()
    period: When | None = None

    @model_validator(mode="after")
    def _offers_a_choice(self) -> Self:
        if self.reason == "unsure" and len(set(self.choices)) < 2:
            raise ValueError("name two or three choices")
        return self

    def lines(self, names: Names) -> Lines:
        return tuple(line for one in dict.fromkeys(self.choices) for line in self._choice(one).lines(names))

    def _choice(self, choice: str) -> Tool:
        """A choice with what was said of all of them, as far as it takes it."""
        match choice:
            case "win_rate":
                return WinRate(only=self.only, period=self.period)
            case "win_rate_by_quarter":
                return WinRate(by=("quarter",), only=self.only)
            case "why_changed":
                return WhyChanged(only=self.only, after=self.period)
            case "unusual":
                return Unusual(only=self.only)
            case "drivers":
                return Drivers(only=self.only)
            case _:
                view: Literal["forecast", "leaks"] = "leaks" if choice == "leaks" else "forecast"
                return Pipeline(view=view, only=self.only, period=self.period)


TOOLS: Mapping[str, type[Tool]] = {
    "win_rate": WinRate,
    "why_changed": WhyChanged,
    "unusual": Unusual,
    "drivers": Drivers,
    "pipeline": Pipeline,
    "what_if": WhatIf,
    "page": Page,
    "otherwise": Otherwise,
}
