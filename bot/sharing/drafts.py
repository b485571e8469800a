"""A line and a room -> the answer it asks for, counted anew within what everybody in the room may see."""

import asyncio
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Annotated, ClassVar

from pydantic import ConfigDict, StringConstraints, TypeAdapter, ValidationError

from analytics.answers import DealNotFound, NotYourDeal, NotYourPage, RepNotFound
from analytics.answers.lists import people
from analytics.facts import Fact
from analytics.questions import EVERYONE, Scope
from bot import audience, intents, replies
from bot.audience import AudienceError
from bot.blocks import common
from bot.coach import Inquiry
from bot.narrator.claims import label, say
from bot.replies import Reply, evidence, questions
from bot.sharing import reach
from bot.sharing.reach import Room, Sees, Subject
from bot.sharing.refusals import NotShared

#: What an answer counted for others may end with where the asker's own did not.
NOT_THEIRS = (NotYourDeal, NotYourPage, DealNotFound, RepNotFound, AudienceError, intents.NotUnderstood)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody is about to share: a modal remembers it."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid")

    key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]  # of the submission
    line: Annotated[str, StringConstraints(min_length=1, max_length=common.VALUE_MOST)]
    before: Annotated[str, StringConstraints(max_length=120)]  # generation of the answer they saw, if known

    @classmethod
    def of(cls, line: str, before: str) -> "Wanted":
        """A new one."""
        return cls(secrets.token_hex(16), line, before)

    @classmethod
    def read(cls, remembered: str) -> "Wanted":
        """What a modal remembers.

        Raises:
            NotShared: it was changed on its way.
        """
        try:
            return _WANTED.validate_json(remembered)
        except ValidationError as error:
            raise NotShared("changed_form") from error

    @property
    def remembered(self) -> str:
        """The same as a modal keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    def again(self) -> "Wanted":
        """The same for another submission."""
        return Wanted.of(self.line, self.before)


_WANTED = TypeAdapter(Wanted)


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as a room would read it, beside what the sharer saw."""

    room: Room
    who: str  # shares it
    own: Reply
    reply: Reply
    sight: Mapping[Sees, list[str]]  # readers by how much of the sharer's own answer they may see
    left_out: tuple[str, ...]  # ids of sentences
    as_of: date
    generation: str

    @property
    def is_narrower(self) -> bool:
        """Are the figures others than the sharer sees, since there are deals that not everybody may see?"""
        return "share_left.narrower" in self.left_out

    def facts(self) -> dict[str, Fact]:
        """Those that are shared."""
        return dict(self.reply.facts)


async def drawn(wanted: Wanted, inquiry: Inquiry, room: Room) -> Draft:
    """The answer for everybody in the room, and how it differs from the sharer's own.

    Raises:
        NotShared: it is about what somebody there may not see, or is no answer made of facts.
    """
    intent = asked(wanted.line, inquiry)
    own = await replies.reply(intent, inquiry)
    about = await subject(intent, inquiry)
    if room.is_public and about.scope is not None and inquiry.coach.settings.share_in_public == "never":
        raise NotShared("public")
    scope = reach.allowed(room, inquiry.viewer, about)
    reply = own if about.scope is None else await counted(intent, inquiry, labelled(scope, inquiry))
    return Draft(
        room=room,
        who=inquiry.viewer.name,
        own=own,
        reply=reply,
        sight=reach.by_sight(room, about),
        left_out=tuple(_left_out(own, reply, wanted.before)),
        as_of=inquiry.generation.as_of,
        generation=inquiry.generation.id,
    )


def asked(line: str, inquiry: Inquiry) -> intents.Intent:
    """What the line of an answer asks for.

    Raises:
        NotShared: a page about ourselves, or about what only its reader may know.
    """
    intent = inquiry.understand_click(line)
    if not isinstance(intent, intents.Counted):
        raise NotShared("kind")
    return intent


async def subject(intent: intents.Intent, inquiry: Inquiry) -> Subject:
    """Whose deals an answer is about, for the one who asked; rights are those of today, on any day."""
    match intent:
        case intents.ModelPage():
            return Subject()
        case intents.QualityPage():
            return Subject(for_ops=True)
        case intents.Deal() | intents.Changes():
            card = await inquiry.deal(intent.deal_id, None)
            return Subject(audience.own(card.owner_id), is_whole=True)
        case intents.RepPage():
            return Subject(audience.own(intent.rep_id), is_whole=True)
        case intents.WeekPage():
            return Subject(audience.own(intent.person_id), is_whole=True)
        case intents.Pipeline():
            question, scope = inquiry.share(intent.question)
            return Subject(scope, is_whole=question.whose == "mine")
    return Subject(inquiry.scope)


async def counted(intent: intents.Intent, inquiry: Inquiry, scope: Scope) -> Reply:
    """The answer counted anew, as somebody who may see just these deals would get it.

    Raises:
        NotShared: it names something that is not among them.
    """
    narrowed = replace(inquiry, viewer=replace(inquiry.viewer, scope=scope))
    try:
        if narrowed.understand_click(intents.describe(intent)) != _canonical(intent, inquiry):
            raise NotShared("outside")
        if isinstance(intent, intents.Pipeline):
            return await _forecast(intent, inquiry, scope)
        return await replies.reply(intent, narrowed)
    except NOT_THEIRS as error:
        raise NotShared("outside") from error


def labelled(scope: Scope, inquiry: Inquiry) -> Scope:
    """The scope, called as everybody who reads along would call it."""
    if scope.everyone:
        return EVERYONE
    if len(scope.rep_ids) > 1:
        return replace(scope, label=label("share_scope.common").text)
    [only] = scope.rep_ids
    return replace(scope, label=say("share.deals_of", who=people(inquiry.generation).get(only, only)).text)


def _canonical(intent: intents.Intent, inquiry: Inquiry) -> intents.Intent:
    """What the sharer's own line means once it was said and read again."""
    return inquiry.understand_click(intents.describe(intent))


async def _forecast(intent: intents.Pipeline, inquiry: Inquiry, scope: Scope) -> Reply:
    """A forecast of just these deals, in the sharer's words for whose they are."""
    question, _ = inquiry.share(intent.question)
    meant = replace(intent, question=question)
    generation = await inquiry.known_on(intent.as_of)
    stale = inquiry.days_stale(intent.as_of)
    return await asyncio.to_thread(questions.answered, generation, meant, scope, stale)


def _left_out(own: Reply, reply: Reply, before: str) -> Iterator[str]:
    """Ids of the sentences that say how the message differs from what the sharer sees, or saw."""
    if evidence.differing(own.facts, reply.facts):
        yield "share_left.narrower"
    if before and own.generation and before != own.generation:
        yield "share_left.moved"
