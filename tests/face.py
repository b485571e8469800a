"""Our app in a workspace of the playground, and a person who writes to it, for the tests of conversations."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from analytics.generation import PersonRow
from bot import app as face
from bot import settings as config
from bot.coach import Coach
from bot.demo import members
from bot.playground import Message, Person, Playground
from bot.serve import finish_work
from tests.playground_apps import over_socket

ADDRESSES = ("slack_bot_token", "slack_app_token", "slack_api_url")


@asynccontextmanager
async def workspace(
    coach: Coach, people: Sequence[PersonRow], others: Sequence[Person] = (), **more: Any
) -> AsyncIterator[Playground]:
    """A Slack in which the app of this coach is installed, over Socket Mode."""
    async with Playground([*members(people), *others], deadline=20, **more) as slack:
        told = config.load(
            slack_bot_token=slack.bot_token, slack_app_token=slack.app_token, slack_api_url=slack.api_url
        )
        coach.settings = coach.settings.model_copy(update={name: getattr(told, name) for name in ADDRESSES})
        async with over_socket(slack, face.build(coach)):
            yield slack
        await finish_work(coach.running)


async def ask(slack: Playground, user: str, text: str, thread: str = "") -> list[Message]:
    """What our bot has posted for a question in direct messages, once it is done."""
    direct = slack.direct(user)
    before = len(direct.messages)
    shown = len(statuses(slack))
    await slack.say(direct, text, user, thread_ts=thread)
    await slack.pulse.until(lambda: statuses(slack)[shown:][-1:] == [""], 3)  # cleared at the very end
    await slack.idle(0.05)
    return [message for message in direct.messages[before:] if message.by_bot]


def one(people: Sequence[PersonRow], role: str) -> str:
    """The id of the first person with a role."""
    return next(person for person in people if person.role == role).person_id


def header(message: Message) -> str:
    """The headline of an answer."""
    return str(message.blocks[0]["text"]["text"])


def question(slack: Playground, user: str) -> str:
    """The time stamp of the last thing this person wrote to us."""
    return [message for message in slack.direct(user).messages if not message.by_bot][-1].ts


def statuses(slack: Playground) -> list[str]:
    """Every status that was shown, in order; "" cleared it."""
    shown = [call for call in slack.calls if call.method == "assistant.threads.setStatus"]
    return [call.arguments["status"] for call in shown]
