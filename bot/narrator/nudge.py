"""A rule whose alerts were called not useful, in words: how often, and what would have left them out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from analytics.facts import Fact
from bot.narrator.alert import rule_name
from bot.narrator.claims import say
from bot.narrator.words import Words, count, finish


@dataclass(frozen=True, slots=True)
class Unhelpfulness:
    """What is known about such a rule; `limits` are lines that leave out what was called not useful."""

    rule: str
    title: str
    not_useful: int
    limits: Sequence[Fact]
    as_of: date
    generation: str

    def facts(self) -> dict[str, Fact]:
        """Every fact that words may use, by id."""
        return {fact.id: fact for fact in self.limits}


def ask(found: Unhelpfulness) -> Words:
    """The question to the rule's author."""
    number = count(found, "not_useful", found.not_useful)
    name = rule_name(found.rule, found.title)
    top = say("nudge.headline", rule=name)
    instead = [say("nudge.instead", limit=fact) for fact in found.limits]
    return finish(
        found,
        headline=top,
        verdict=say("nudge.ask", not_useful=number),
        lines=instead or [say("nudge.no_threshold")],
        text=top,
        scope={"scope": name},
        own=(number,),
    )
