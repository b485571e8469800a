"""What the language model does for who asks: it reads a question, and tells the words of a reply."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from bot import language
from bot.blocks import common, evidence
from bot.blocks.common import Block
from bot.coach import Inquiry
from bot.intents.free import Back, Meant, Unclear, picking
from bot.model import Asker, Surface
from bot.narrator import ask
from bot.narrator.ask.history import Turn
from bot.narrator.telling import Outcome, Telling, taken
from bot.narrator.words import Words
from bot.replies import Reply


async def meant(text: str, told: Sequence[Turn], inquiry: Inquiry, slack_user: str) -> Meant:
    """What a person's own words mean: by the grammar, else by the model where it may read questions.

    Args:
        told: what was said in the thread before, oldest first.
    """
    coach = inquiry.coach
    if line := _picked(text, told, inquiry):
        return inquiry.understand_line(line)
    meaning = inquiry.understand_words(text, _last(told))
    unread = isinstance(meaning, Unclear) or (isinstance(meaning, Back) and meaning.unsure)
    if not unread or coach.model is None or coach.settings.words_in_questions == "off":
        return meaning
    asker = asked_by(inquiry, slack_user, "question")
    return await ask.read(text, tuple(told), inquiry, coach.model, asker) or meaning


def _picked(text: str, told: Sequence[Turn], inquiry: Inquiry) -> str:
    """The line that `the second one` picks from the question back before it, "" when there was none."""
    if not told or told[-1].line or picking.place(text) is None:
        return ""
    offered = inquiry.understand_words(told[-1].said, _last(told[:-1]))
    return picking.picked(text, offered, is_all_ours=inquiry.coach.model is None)


def _last(told: Sequence[Turn]) -> str:
    """The line of the last answer, "" when there is none."""
    return next((turn.line for turn in reversed(told) if turn.line), "")


async def narrated(reply: Reply, inquiry: Inquiry, slack_user: str) -> Reply:
    """The reply in the model's words, for who waits until they are whole."""
    told = telling(reply, inquiry, slack_user)
    if told is None or reply.draw is None:
        return reply
    async for _ in told.lines():
        pass
    words, outcome = told.words(), told.outcome
    return replace(reply, words=words, blocks=card(reply, words, outcome), narrator=outcome.told_by)


def telling(reply: Reply, inquiry: Inquiry, slack_user: str) -> Telling | None:
    """How the model tells this reply; None where the template's words are the last word."""
    coach = inquiry.coach
    mode = coach.settings.words_in_answers
    if mode == "off" or coach.model is None or reply.words is None or reply.draw is None:
        return None
    if not language.current().model_may_speak:
        return None
    asker = asked_by(inquiry, slack_user, "answer")
    seen = scope(inquiry)
    names = taken(inquiry.generation, inquiry.viewer.scope)
    return Telling(
        reply.words, coach.model, asker, mode, reply.line, seen, coach.tellings, reply.answer, names
    )


def asked_by(inquiry: Inquiry, slack_user: str, surface: Surface) -> Asker:
    """Who asks the model, for budgets and the record of calls."""
    return Asker(inquiry.coach.settings.workspace, slack_user, surface)


def scope(inquiry: Inquiry) -> str:
    """What the words may be shared with: the same deals, seen by the same person."""
    viewer = inquiry.viewer
    deals = "everyone" if viewer.scope.everyone else ",".join(sorted(viewer.scope.rep_ids))
    return hashlib.sha256(f"{viewer.role}|{viewer.person_id}|{deals}".encode()).hexdigest()[:16]


def card(reply: Reply, words: Words | None = None, outcome: Outcome | None = None) -> list[Block]:
    """The whole answer as blocks, in the template's words or in others, with the way to its sums."""
    if reply.words is None or reply.draw is None:
        return reply.blocks
    return evidence.under(reply.draw(words) if words else reply.blocks, reply, outcome)


def numbers(reply: Reply) -> list[Block]:
    """The answer without its bullets and last line, which are still to be told."""
    if reply.words is None or reply.draw is None:
        return reply.blocks
    *shown, last = evidence.bare(reply.draw(replace(reply.words, lines=())))
    return shown if last["type"] == "context" else [*shown, last]


def below(reply: Reply, told: Telling) -> list[Block]:
    """What stands below words that came after the numbers: the sums, feedback, who told them."""
    return [*evidence.actions(reply, told.outcome), common.context(told.words().context)]
