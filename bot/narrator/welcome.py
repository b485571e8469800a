"""The words of a first message: what a person gets by their role, what never, and how to change it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from analytics.facts import Fact
from bot.alerting.preferences import Preferences
from bot.audience import Role
from bot.narrator import home
from bot.narrator.claims import Claim, say
from bot.narrator.words import Words, finish
from bot.settings import Settings
from bot.setup.facts import Welcome

#: What of how one is told goes into a first message: lists, and quiet hours.
HOW = ("settings.digest_", "settings.hours")


def welcome(facts: Welcome, name: str, role: Role, how: Iterable[Claim]) -> Words:
    """Five lines to somebody who meets us for the first time.

    Args:
        how: when they are told, as `told_when` gives it.
    """
    verdict = say(f"welcome.gets_{role}", **facts.figures)
    told = {slot: fact for slot, fact in facts.figures.items() if fact.id in verdict.fact_ids}
    top = say("welcome.headline", name=name)
    private = say("welcome.private_ops" if role is Role.OPS else "welcome.private")
    return finish(
        replace(facts, figures=told),
        headline=top,
        verdict=verdict,
        lines=[*how, private, say(f"welcome.never_{role}"), say("welcome.counted")],
        scope={},
    )


def told_when(
    chosen: Preferences, team: Settings, role: Role, levels: Sequence[str], amount: Fact | None = None
) -> list[Claim]:
    """When a person is told: their lists and their quiet hours, as they or the team chose."""
    said = home.settings(chosen, team, role, tuple(levels), amount)
    return [line for line in said if line.id.startswith(HOW)]


def change() -> str:
    """How to change it, above its button."""
    return say("welcome.change").text


def unknown() -> str:
    """The sentence to somebody whom the CRM does not know."""
    return say("welcome.unknown").text
