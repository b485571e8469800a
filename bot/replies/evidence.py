"""`/coach sums LINE`: an answer counted anew, with every statement that was read for it and every formula.

The recount goes the way of any question, with the asker's own rights; only the generations it is given are
opened anew, so nothing that was kept can answer.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from analytics import answers, store
from analytics.answers.habits import FEWEST_PEOPLE
from analytics.answers.lists import people
from analytics.evidence import Read, Traced, grouped, hidden_ids, ledger
from analytics.facts import Fact, ModelCard
from analytics.questions import EVERYONE, Scope
from analytics.store import Generation
from bot import intents
from bot.blocks import sums as blocks
from bot.coach import Coach, Inquiry
from bot.narrator.evidence import Evidence
from bot.narrator.words import Answer, Words
from bot.refusals import refusal
from bot.replies import questions
from bot.replies.reply import Reply, page
from data.mendable import Mendable

ALL_REPS = "all reps"  #: what a rep is held against


class NoSums(Mendable):
    """A line whose answer holds no figures."""


class Recounting(Coach):
    """The same coach for one recount: every generation it hands out is opened anew and traced."""

    def __init__(self, coach: Coach, reads: list[Read], *, deal_by_deal: bool = False) -> None:
        super().__init__(coach.settings, coach.memory)
        self._of = coach
        self._reads = reads
        self._deal_by_deal = deal_by_deal

    def traced(self, generation: Generation) -> Traced:
        """A generation opened anew."""
        return Traced(generation.path, self._reads, deal_by_deal=self._deal_by_deal)

    def kept(self, day: date) -> list[Generation]:
        """As the coach's."""
        return [self.traced(one) for one in self._of.kept(day)]

    async def replay(self, as_of: date) -> Generation:
        """As the coach's, which builds it when nobody has asked for that day yet."""
        return self.traced(await self._of.replay(as_of))


@dataclass(frozen=True, slots=True)
class Counted:
    """An answer counted anew, in words, and what was read for it."""

    reply: Reply
    answer: Answer
    words: Words
    reads: tuple[Read, ...]


async def sums(intent: intents.Sums, inquiry: Inquiry, before: str = "") -> Reply:
    """The sums of the answer to a line; `before` is the generation that answer was given from, if known."""
    return page(blocks.page(await evidence(intent.line, inquiry, before)))


async def evidence(line: str, inquiry: Inquiry, before: str = "") -> Evidence:
    """Everything behind the answer to a line that the asker may see.

    Raises:
        NoSums: it is a page about ourselves.
    """
    counted = await recounted(asked_by_line(line, inquiry), inquiry)
    generation, scope = inquiry.generation, inquiry.viewer.scope
    hidden = hidden_ids(generation)
    facts = counted_facts(counted.reply)
    reps = len(generation.values("rep", EVERYONE))
    shown = {key: fact for key, fact in facts.items() if may_see(fact, scope, hidden, reps)}
    return Evidence(
        answer=counted.answer,
        words=counted.words,
        groups=grouped(shown.values(), said(counted.words)),
        hidden=len(facts) - len(shown),
        statements=ledger(counted.reads, hidden),
        people=people(generation),
        card=_card(counted, generation),
        before=before,
    )


def asked_by_line(line: str, inquiry: Inquiry) -> intents.Intent:
    """What the line of an answer asks. To count it again changes nothing, whoever wrote the line.

    Raises:
        NoSums: a page that itself is about an answer, or about nothing that is counted.
        NotUnderstood: as for any line.
    """
    intent = inquiry.understand_line(line)
    if not isinstance(intent, intents.Counted):
        raise NoSums(refusal("no_figures"))
    return intent


async def recounted(intent: intents.Intent, inquiry: Inquiry, *, deal_by_deal: bool = False) -> Counted:
    """The answer to an intent, counted anew with the asker's rights.

    Raises:
        NoSums: it is a page about ourselves.
    """
    reads: list[Read] = []
    coach = Recounting(inquiry.coach, reads, deal_by_deal=deal_by_deal)
    reply = await said_again(
        intent, replace(inquiry, coach=coach, generation=coach.traced(inquiry.generation))
    )
    if reply.answer is None or reply.words is None:
        raise NoSums(refusal("no_sums"))
    return Counted(reply, reply.answer, reply.words, tuple(reads))


async def said_again(intent: intents.Intent, inquiry: Inquiry) -> Reply:
    """The reply to an intent, counted aside: without what was kept even a quick answer may take its time."""
    from bot import replies  # whose table this module is an entry of

    if isinstance(intent, intents.WinRate):
        return await questions.question(intent, inquiry)
    return await replies.reply(intent, inquiry)


async def facts_told(line: str, generation: str, inquiry: Inquiry) -> tuple[str, ...]:
    """The ids of the facts of an answer that was given from a generation; none where that is gone by now.

    Raises:
        NoSums: the line asks for no facts.
        NotUnderstood: as for any line.
    """
    kept = store.kept(inquiry.coach.home) if generation != inquiry.generation.id else []
    seen = next((one for one in kept if one.id == generation), inquiry.generation)
    reply = await said_again(asked_by_line(line, inquiry), replace(inquiry, generation=seen))
    return tuple(reply.facts) if reply.generation == generation else ()


def counted_facts(reply: Reply) -> Mapping[str, Fact]:
    """The facts of a reply that its last line counts: not that count itself, nor the day of the store."""
    answer = reply.answer.facts() if reply.answer else {}
    own = {key: fact for key, fact in reply.facts.items() if fact.entity == "answer"}
    return answer | {key: fact for key, fact in own.items() if fact.metric not in ("figures", "as_of")}


def may_see(fact: Fact, scope: Scope, known: frozenset[str], reps: int) -> bool:
    """Is the fact about nobody, about people whose deals the reader sees, or of enough people together?"""
    if fact.entity == ALL_REPS and not scope.everyone:
        return reps >= FEWEST_PEOPLE
    named = known & {part.strip() for part in re.split("[,=]", fact.entity)}
    return all(map(scope.allows, named))


def said(words: Words) -> frozenset[str]:
    """The ids of the facts that the words spell."""
    claims = (*([words.about] if words.about else []), *words.said)
    return frozenset(fact for claim in claims for fact in claim.fact_ids)


def _card(counted: Counted, generation: Generation) -> ModelCard | None:
    """The model, where one was asked."""
    asked = any(re.search(r"\b(model|scores)\b", read.query.sql) for read in counted.reads)
    return answers.model_card(generation) if asked and generation.model() else None


def differing(one: Mapping[str, Fact], other: Mapping[str, Fact]) -> list[str]:
    """The ids of the facts that are not the same in both, those that only one has included."""
    return sorted(key for key in {*one, *other} if _value(one.get(key)) != _value(other.get(key)))


def _value(fact: Fact | None) -> tuple[object, ...] | None:
    if fact is None:
        return None
    return fact.value, fact.low, fact.high, fact.n, fact.verdict, fact.unknown
