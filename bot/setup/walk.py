"""`dealcoach setup`: the steps in their order, each of which may be done again."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from contextlib import aclosing

from bot.coach import Coach
from bot.memory import Memory
from bot.settings import Settings
from bot.setup import doing, looking
from bot.setup.desk import Ask, Choices, Desk
from bot.setup.step import Step
from data.mendable import Mendable

STEPS: Mapping[str, Callable[[Desk], Awaitable[Step]]] = {
    "slack": looking.slack,
    "data": looking.data,
    "people": looking.people,
    "roles": looking.roles,
    "channels": doing.channels,
    "test": doing.test,
    "greet": doing.greet,
}

#: Steps that Slack is asked in: without a token that works they are left out.
IN_SLACK = ("people", "channels", "test", "greet")


class NoSuchStep(Mendable):
    """A step that there is not."""


def check(only: Collection[str]) -> None:
    """Refuse a step that there is not.

    Raises:
        NoSuchStep: names those there are.
    """
    for name in only:
        if name not in STEPS:
            raise NoSuchStep(f"No step {name!r}. There is: {', '.join(STEPS)}.")


def nobody(_: str) -> str:
    """For where nobody is there to be asked."""
    return ""


async def walk(
    settings: Settings, choices: Choices, ask: Ask = nobody, only: Collection[str] = ()
) -> AsyncIterator[Step]:
    """Every step's findings, as soon as it is done.

    Args:
        only: names of steps; () for all. Those that need Slack are left out where its token does not work.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    async with (
        Memory.open(settings.memory_url) as memory,
        aclosing(Coach(settings, memory)) as coach,
    ):
        desk, works = Desk(coach, memory, choices, ask), True
        for name, step in STEPS.items():
            if (only and name not in only) or (name in IN_SLACK and not works):
                continue
            found = await step(desk)
            works = works and not (name == "slack" and is_shut(found))
            yield found


def is_shut(found: Step) -> bool:
    """Can Slack not be asked at all?"""
    return any(one.ok is False and one.check in ("Slack", "Slack bot token") for one in found.findings)
