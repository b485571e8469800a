"""What the steps of `dealcoach setup` share: who is who, looked up once; whom words mean; who sees what."""

from collections.abc import Callable
from dataclasses import dataclass, field

from slack_sdk.web.async_client import AsyncWebClient

from bot import audience, web_api
from bot.audience import Viewer
from bot.coach import Coach, Inquiry
from bot.memory import Memory
from bot.setup import matching, state
from bot.setup.facts import Matched, Someone

#: A question, and what was answered; "" where nobody is there to answer.
Ask = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Choices:
    """What is to be done without asking."""

    test: str = ""  # id, email or name of who gets a test message
    greet: bool = False  # write down everybody's first message
    channel: str = ""  # id or name of a channel for alerts
    whose: str = ""  # id, email or name of whose alerts go there; "": the CRO's


@dataclass(slots=True)
class Desk:
    """Owns what was looked up."""

    coach: Coach
    memory: Memory
    choices: Choices
    ask: Ask
    _matched: list[Matched] = field(default_factory=list)

    @property
    def client(self) -> AsyncWebClient:
        """To ask Slack with."""
        return web_api.client(self.coach.settings)

    @property
    def inquiry(self) -> Inquiry:
        """That of whoever sits at the terminal.

        Raises:
            StoreError: there are no numbers.
        """
        return self.coach.asked_here()

    async def matched(self) -> Matched:
        """Who is who, asked of Slack once.

        Raises:
            StoreError: there are no numbers.
            SlackApiError: Slack does not tell.
        """
        if not self._matched:
            self._matched.append(await state.who_is_who(self.inquiry))
        return self._matched[0]

    def everyone(self) -> list[Someone]:
        """The people of the CRM, and those named in the settings."""
        return matching.everybody(self.inquiry.generation.people(), self.coach.settings)

    def someone(self, words: str) -> Someone | None:
        """The one person that an id, an email or a name means."""
        everyone, people = self.everyone(), self.inquiry.generation.people()
        person = audience.by_words(people, words)
        wanted = person.person_id if person else words.strip().lower()
        return next((one for one in everyone if one.key == wanted), None)

    def viewer(self, someone: Someone) -> Viewer | None:
        """What somebody may see; None for a reviewer who is nobody else."""
        people, roles = self.inquiry.generation.people(), self.coach.roles
        person = next((one for one in people if one.person_id == someone.key), None)
        if person:
            return audience.viewer(person, people, roles)
        return audience.appointed(someone.email, roles[someone.email]) if someone.email in roles else None
