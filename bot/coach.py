"""What a listener may use: an inquiry is one person's question, pinned to one generation and their scope."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from cachetools import TTLCache

from analytics import answers, store
from analytics.answers.remember import remembered
from analytics.facts import DealCard, Quality, Receipt
from analytics.generation import PersonRow
from analytics.questions import EVERYONE, PipelineQuestion, Scope
from analytics.stall import STALLED, Thresholds
from analytics.store import Generation
from bot import audience, clock, intents, language, names, past, peek, spelling
from bot.audience import (
    OPERATOR,
    OUTSIDERS,
    NotForThisRole,
    Outsider,
    Role,
    UnknownPerson,
    UnknownViewer,
    Viewer,
)
from bot.language import Reading
from bot.narrator.claims import label
from bot.refusals import refusal
from bot.running import Running
from bot.settings import Settings
from data.mendable import Mendable

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

    from bot.intents.free import Meant
    from bot.intents.free.deals import DealNames
    from bot.memory import Memory
    from bot.model import Model
    from bot.narrator.telling import Cache

HEARD_SECONDS = 600  #: for so long an event is known; Slack repeats one for six minutes at most
IDENTITY_SECONDS = 60  #: for so long a Slack user's person is not looked up again
LINES_SECONDS = 60  #: for so long cards and weeks may lag behind an edited rule

log = structlog.get_logger(__name__)


class NotAsked(Mendable):
    """A button whose line does not ask, but act."""


class NotThereYet(Mendable):
    """A deal on a day before it was created."""


class Identity(NamedTuple):
    """What is known of a Slack user for a while; "" for what is not known."""

    person_id: str  # whom ops linked them to
    email: str
    locale: str  # as Slack writes it: de-DE
    zone: str  # an IANA name


#: Before the first refresh that is still kept: what changed within so many days.
LOOK_BACK = timedelta(days=7)


class Coach:
    """Owns the way from a person to an inquiry; nothing in it changes a deal or a generation."""

    def __init__(self, settings: Settings, memory: "Memory | None" = None) -> None:
        self.settings = settings
        self.memory = memory
        self.running = Running()
        self.heard: TTLCache[str, bool] = TTLCache(maxsize=10_000, ttl=HEARD_SECONDS)
        self._replays = asyncio.Lock()
        self._known: TTLCache[str, Identity] = TTLCache(maxsize=10_000, ttl=IDENTITY_SECONDS)
        self._lines: TTLCache[str, Thresholds] = TTLCache(maxsize=1, ttl=LINES_SECONDS)

    def __deepcopy__(self, _: object) -> "Coach":
        # Bolt copies a lazy listener's context and silently drops what cannot be copied.
        return self

    @cached_property
    def model(self) -> "Model | None":
        """The language model; None without a key."""
        from bot import model

        return model.of(self.settings, self.memory)

    @cached_property
    def tellings(self) -> "Cache":
        """What the model chose to say, for who asks the same again."""
        from bot.narrator.telling import Cache

        return Cache()

    async def aclose(self) -> None:
        """Let the language model finish its books, and give its connections back."""
        if self.model is not None:
            await self.model.aclose()

    @asynccontextmanager
    async def remembering(self) -> AsyncIterator["Memory"]:
        """Memory, opened for the block where nobody holds it yet: at the terminal."""
        if self.memory is not None:
            yield self.memory
            return
        from bot.memory import Memory  # brings the database, which most questions do not need

        async with Memory.open(self.settings.memory_url) as opened:
            yield opened

    async def stalled_from(self) -> Thresholds:
        """The lines a deal must cross to be called stalled, wherever somebody asks: those of the rule."""
        if STALLED not in self._lines:
            self._lines[STALLED] = await self._in_force()
        return self._lines[STALLED]

    async def _in_force(self) -> Thresholds:
        """The lines of the rule as memory has it; without memory, or while it fails, the settings'."""
        if self.memory is None and not peek.may_have_changed(self.settings, STALLED):
            return self.settings.thresholds
        from bot.alerting import rulebook  # brings the database, which most questions do not need
        from bot.memory import MemoryUnavailable

        try:
            async with self.remembering() as memory, memory.read() as connection:
                return await rulebook.stalled_from(connection, self.settings.workspace, self.settings)
        except MemoryUnavailable as error:
            log.warning("rule not read", rule=STALLED, why=type(error).__name__)
            return self.settings.thresholds

    @property
    def home(self) -> Path:
        """The data folder."""
        return self.settings.home

    @property
    def roles(self) -> dict[str, Role]:
        """Roles given by the settings, by email."""
        given = dict.fromkeys(self.settings.ops_emails, Role.OPS)
        return given | dict.fromkeys(self.settings.cro_emails, Role.CRO)

    async def asked_by(self, slack_user: str, client: "AsyncWebClient", *, anew: bool = False) -> "Inquiry":
        """The inquiry of a Slack user: by ops' mapping, else by email; their rights are those of today.

        Args:
            anew: ask Slack who they are even if it said so a moment ago.

        Raises:
            UnknownViewer: neither in the CRM nor named in the settings; they see nothing.
            Outsider: a guest, or of another organisation; whoever ops linked them to.
        """
        is_new = anew or slack_user not in self._known
        if is_new:
            self._known.pop(slack_user, None)  # who is a guest by now stays none of those known before
            self._known[slack_user] = await self._identify(slack_user, client)
        known = self._known[slack_user]
        language.identified(slack_user, self.reading_of(slack_user))
        generation = store.current(self.home)
        viewer = self._viewer(generation.people(), known.person_id, known.email)
        if viewer is None:
            raise UnknownViewer(f"<@{slack_user}>")
        if is_new:
            await self._keep_reading(slack_user, viewer.key, known)
        return Inquiry(self, generation, viewer)

    async def _identify(self, slack_user: str, client: "AsyncWebClient") -> Identity:
        """The person ops linked a Slack user to, or else their email address, and how they read."""
        user: dict[str, Any] = (await client.users_info(user=slack_user, include_locale=True))["user"]
        locale, zone = language.named(user.get("locale")), language.named(user.get("tz"))
        language.identified(slack_user, language.reading(locale, zone, self.settings.language))
        if any(user.get(kind) for kind in OUTSIDERS):
            raise Outsider
        linked = await self.memory.person_of(self.settings.workspace, slack_user) if self.memory else None
        email = str(user.get("profile", {}).get("email", "")).lower()
        return Identity(linked or "", "" if linked else email, locale, zone)

    def reading_of(self, slack_user: str) -> Reading:
        """How a Slack user reads, as far as it is known without asking Slack; else as the workspace does."""
        known = self._known.get(slack_user)
        locale, zone = (known.locale, known.zone) if known else ("", "")
        return language.reading(locale, zone, self.settings.language)

    async def _keep_reading(self, slack_user: str, person_id: str, known: Identity) -> None:
        """Remember how somebody reads, for what they are told unasked; an answer never fails with it."""
        if self.memory is None:
            return
        from bot.memory import MemoryUnavailable, readers

        told = readers.Told(slack_user, person_id, known.locale, known.zone)
        workspace, now = self.settings.workspace, self.memory.now()
        try:
            async with self.memory.read() as connection:
                is_news = await readers.is_news(connection, workspace, told, now)
            if is_news:
                async with self.memory.write() as tx:
                    await readers.seen(tx, workspace, told, now)
        except MemoryUnavailable as error:
            log.warning("reading not kept", why=type(error).__name__)

    def _viewer(self, people: list[PersonRow], person_id: str, email: str) -> Viewer | None:
        linked = next((p for p in people if p.person_id == person_id), None)
        if person := linked or audience.by_email(people, email):
            return audience.viewer(person, people, self.roles)
        return audience.appointed(email, self.roles[email]) if email in self.roles else None

    def asked_here(self, as_person: str = "") -> "Inquiry":
        """The inquiry of whoever sits at the terminal, or as someone meant by an id, an email or a name.

        Raises:
            UnknownPerson: no or several such people.
        """
        language.at_terminal(language.reading("", default=self.settings.language))
        generation = store.current(self.home)
        viewer = self._named(generation.people(), as_person) if as_person else OPERATOR
        return Inquiry(self, generation, viewer)

    def _named(self, people: list[PersonRow], words: str) -> Viewer:
        person = audience.by_words(people, words)
        if person is None:
            raise UnknownPerson(words)
        return audience.viewer(person, people, self.roles)

    async def map_person(self, slack_user: str, person: PersonRow) -> None:
        """From now on this Slack user is that person of the CRM."""
        if self.memory is None:
            raise NotForThisRole(refusal("map_in_slack"))
        from bot.alerting import outbox  # brings the database, which no question needs

        workspace = self.settings.workspace
        await self.memory.link_person(workspace, slack_user, person.person_id)
        async with self.memory.write() as tx:
            await outbox.address(tx, workspace, person.person_id)
        self._known.pop(slack_user, None)

    def is_account_of(self, slack_user: str, inquiry: "Inquiry") -> bool:
        """Is the Slack user who asks now? Whoever asks was looked up just before."""
        known = self._known.get(slack_user)
        people = inquiry.generation.people()
        same = self._viewer(people, known.person_id, known.email) if known else None
        return same is not None and same.key == inquiry.viewer.key

    def kept(self, day: date) -> list[Generation]:
        """The generations still kept of days before a day, oldest first: the last one of each."""
        last = {one.as_of: one for one in store.kept(self.home) if one.as_of < day}
        return [last[earlier] for earlier in sorted(last)]

    async def replay(self, as_of: date) -> Generation:
        """The generation that knows only what was known on a past day; built when first asked for."""
        async with self._replays:
            return await asyncio.to_thread(past.replayed, self.home, as_of)

    async def week_before(self, now: Generation) -> Generation:
        """The generation of seven days before another one."""
        async with self._replays:
            return await asyncio.to_thread(past.week_before, self.home, now)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One person's question: their rights, and the generation it is answered from to the end."""

    coach: Coach
    generation: Generation
    viewer: Viewer

    def understand(self, command: str, text: str) -> intents.Intent:
        """What a slash command asks for, in the words this viewer can use."""
        vocabulary = answers.vocabulary(self.generation, self.viewer.scope)
        return intents.parse(command, text, vocabulary, self.generation.as_of)

    def examples(self, command: intents.Command) -> list[str]:
        """Lines to try with a command, all of which work for this viewer."""
        vocabulary = answers.vocabulary(self.generation, self.viewer.scope)
        return intents.examples(command, vocabulary, self.generation.as_of)

    def understand_line(self, line: str) -> intents.Intent:
        """The same for a whole line, as typed in the terminal."""
        vocabulary = answers.vocabulary(self.generation, self.viewer.scope)
        return intents.parse_line(line, vocabulary, self.generation.as_of)

    def understand_click(self, line: str) -> intents.Intent:
        """The same for a line that a button carries: whoever wrote it, it asks and never changes anything.

        Raises:
            NotAsked: it would say who is who.
        """
        intent = self.understand_line(line)
        if isinstance(intent, intents.MapPerson):
            raise NotAsked(refusal("map_by_button"))
        return intent

    def understand_words(self, text: str, last: str = "") -> "Meant":
        """The same for a person's own words; `last` is the line of the answer they follow up on."""
        from bot.intents import free

        vocabulary = answers.vocabulary(self.generation, self.viewer.scope)

        def deal_names() -> "DealNames":
            return _deal_names(self.generation, self.viewer.scope)

        viewer = self.viewer
        reader = free.Reader(viewer.role, viewer.person_id if viewer.role is Role.REP else "")
        return free.understand(text, vocabulary, self.generation.as_of, last, deal_names, reader)

    async def deal(self, deal_id: str, as_of: date | None) -> DealCard:
        """Where a deal stands, if it is one of the viewer's: rights are those of today, on any day.

        Raises:
            NotThereYet: it was created after that day.
        """
        thresholds = await self.coach.stalled_from()
        today = answers.deal(self.generation, names.clean(deal_id), self.scope, thresholds)
        if as_of is None or as_of == self.generation.as_of:
            return today
        try:
            then = answers.deal(await self.coach.replay(as_of), today.deal_id, EVERYONE, thresholds)
            return then if self.scope.allows(then.owner_id) else _without_owner(then)
        except answers.DealNotFound:
            raise NotThereYet(
                refusal("not_there_yet_then", deal=today.deal_id, day=spelling.day(as_of))
            ) from None

    async def receipt(self, deal_id: str, as_of: date | None) -> Receipt:
        """What moved a deal's odds since the refresh before, or within a week when none is kept.

        Raises:
            NotThereYet: the deal was created since then.
        """
        deal_id = (await self.deal(deal_id, as_of)).deal_id
        now = await self.known_on(as_of)
        *older, before = self.coach.kept(now.as_of) or [await self.coach.replay(now.as_of - LOOK_BACK)]
        try:
            return answers.receipt(before, now, deal_id, EVERYONE, older)
        except answers.DealNotFound:
            day = spelling.day(before.as_of)
            raise NotThereYet(refusal("not_there_yet", deal=deal_id, day=day)) from None

    async def quality(self, as_of: date | None) -> Quality:
        """The data scorecard, for ops and for who sees all deals."""
        self.for_ops()
        return answers.quality(await self.known_on(as_of))

    def share(self, question: PipelineQuestion) -> tuple[PipelineQuestion, Scope]:
        """The question about those of the viewer's deals that it can be about, and these deals.

        Raises:
            NotForThisRole: ops; or "mine", of somebody who has no deals.
        """
        whose, scope = audience.share(self.viewer, question.whose, self.scope)
        return replace(question, whose=whose), scope

    def for_ops(self, why: str = "") -> None:
        """Refuse who neither runs the system nor sees all deals; `why` goes before the usual sentence.

        Raises:
            NotForThisRole: reps and managers.
        """
        if not self.viewer.runs_coach:
            usual = refusal("for_ops")
            raise NotForThisRole(why or usual)

    async def map_person(self, slack_user: str, words: str) -> str:
        """Ops say who a Slack user is; a sentence that confirms it.

        Raises:
            NotForThisRole: the viewer is not ops.
            UnknownPerson: no or several such people in the CRM.
        """
        if self.viewer.role is not Role.OPS:
            raise NotForThisRole(refusal("map_for_ops"))
        person = audience.by_words(self.generation.people(), words)
        if person is None:
            raise UnknownPerson(words)
        await self.map(slack_user, person)
        name = names.clean(person.name or person.person_id)
        role = label(f"setup_role.{person.role}").text
        return refusal("mapped", who=f"<@{slack_user}>", name=name, role=role)

    async def map(self, slack_user: str, person: PersonRow) -> None:
        """From now on this Slack user is that person; nobody makes themselves one who sees deals.

        Raises:
            NotForThisRole: it is the viewer's own account.
        """
        theirs = audience.viewer(person, self.generation.people(), self.coach.roles)
        if theirs.sees_deals and self.coach.is_account_of(slack_user, self):
            raise NotForThisRole(refusal("map_yourself"))
        await self.coach.map_person(slack_user, person)

    def days_stale(self, as_of: date | None) -> int:
        """The age of numbers that are older than agreed, else 0; a past day asked for is never stale."""
        settings = self.coach.settings
        age = (clock.today(settings.zone) - self.generation.as_of).days
        return age if as_of is None and age > settings.stale_after_days else 0

    async def known_on(self, as_of: date | None) -> Generation:
        """The generation this inquiry is answered from, or the one of a past day."""
        if as_of is None or as_of == self.generation.as_of:
            return self.generation
        return await self.coach.replay(as_of)

    @property
    def scope(self) -> Scope:
        """Whose deals the viewer may see.

        Raises:
            NotForThisRole: ops.
        """
        if not self.viewer.sees_deals:
            raise NotForThisRole(refusal("ops_see_no_deals"))
        return self.viewer.scope


@remembered
def _deal_names(generation: Generation, scope: Scope) -> "DealNames":
    """The deals in scope by what people call them."""
    from bot.intents.free import deals

    return deals.by_name(generation.deal_names(scope))


def _without_owner(card: DealCard) -> DealCard:
    """The card of a deal that was a colleague's then, whose own rate is not the reader's to see."""
    theirs = ("rep_win_rate", "health", "deal_quality")
    return replace(card, figures={name: fact for name, fact in card.figures.items() if name not in theirs})
