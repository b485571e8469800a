"""A reply and who asked -> the telling of its words by the model, where there is one and it may."""

import hashlib
from dataclasses import replace

from bot.blocks import common, evidence
from bot.blocks.common import Block
from bot.coach import Inquiry
from bot.model import Asker, Surface
from bot.narrator.telling import Outcome, Telling
from bot.narrator.words import Words
from bot.replies import Reply


def telling(reply: Reply, inquiry: Inquiry, slack_user: str) -> Telling | None:
    """How the model tells this reply; None where the template's words are the last word."""
    coach = inquiry.coach
    mode = coach.settings.words_in_answers
    if mode == "off" or coach.model is None or reply.words is None or reply.draw is None:
        return None
    asker = asked_by(inquiry, slack_user, "answer")
    facts = {fact.id: fact for fact in reply.facts.values()}
    return Telling(reply.words, coach.model, asker, mode, reply.line, scope(inquiry), coach.tellings, facts)


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
    """The answer without its bullets, which are still to be told."""
    if reply.words is None or reply.draw is None:
        return reply.blocks
    return evidence.bare(reply.draw(replace(reply.words, lines=())))


def below(reply: Reply, told: Telling) -> list[Block]:
    """What stands below words that came after the numbers: the sums, feedback, who told them."""
    return [*evidence.actions(reply, told.outcome), common.context(told.words().context)]
