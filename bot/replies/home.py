"""One person's inquiry in, their Home tab out: what waits, their deals, how they are told, their log."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from analytics import answers
from analytics.answers.mint import mint_of
from analytics.facts import Fact, Unit
from analytics.questions import ALL_TIME
from analytics.stall import Thresholds
from bot.alerting import interventions, pilot, preferences, reviews
from bot.alerting.digests import company, items, scorecard
from bot.alerting.digests.facts import Agenda, Item
from bot.alerting.digests.items import IN_HAND, WAITING, For
from bot.alerting.digests.tab import tab
from bot.alerting.interventions import Action
from bot.alerting.preferences import Preferences
from bot.alerting.standing import State
from bot.audience import Role
from bot.blocks import digest as digest_blocks
from bot.blocks import home as drawn
from bot.blocks.common import Block
from bot.blocks.preferences import LEVELS
from bot.coach import Inquiry
from bot.memory import Memory
from bot.narrator import digest as narrator
from bot.narrator import home as words
from bot.narrator import plays, template
from bot.narrator.claims import say
from bot.narrator.rep import pooled, to_you
from bot.narrator.words import note
from bot.replies.reply import late


@dataclass(frozen=True, slots=True)
class Known:
    """What memory knows of a person."""

    chosen: Preferences
    waiting: Agenda
    in_hand: Agenda
    logged: Sequence[Action]
    score: Sequence[str]  # how the coach did, as lines
    to_review: Fact | None = None  # COUNT: alerts that wait for this reviewer; None where none do


async def home(inquiry: Inquiry) -> list[Block]:
    """The Home tab of a viewer."""
    async with inquiry.coach.remembering() as memory:
        known = await remembered(inquiry, memory)
    stalled_from = await inquiry.coach.stalled_from()
    return drawn.page(await asyncio.to_thread(_page, inquiry, known, stalled_from))


async def remembered(inquiry: Inquiry, memory: Memory) -> Known:
    """What memory knows of the viewer, read at one moment."""
    workspace, now, viewer = inquiry.coach.settings.workspace, memory.now(), inquiry.viewer
    async with memory.read() as connection:
        chosen = await preferences.of(connection, workspace, viewer.key)
        score = await scorecard.scorecard(connection, inquiry.generation, workspace, now, viewer.counted)

        async def open_in(states: Collection[State]) -> Agenda:
            reader = _reader(inquiry, chosen)
            return await items.agenda(connection, inquiry.generation, reader, now, weekly=True, states=states)

        return Known(
            chosen,
            await open_in(WAITING),
            await open_in(IN_HAND),
            await interventions.of_person(connection, workspace, viewer.key),
            [line.text for line in narrator.score(score)],
            await _to_review(connection, inquiry, now),
        )


async def _to_review(connection: AsyncConnection, inquiry: Inquiry, now: datetime) -> Fact | None:
    """How many alerts wait for the viewer as a reviewer of the pilot."""
    settings, generation = inquiry.coach.settings, inquiry.generation
    people = {one.person_id: one for one in generation.people()}
    reviewing = await pilot.at_work(connection, settings, people, now)
    if inquiry.viewer.key not in {one.person_id for one in reviewing}:
        return None
    waiting = await reviews.waiting(connection, settings.workspace)
    return mint_of(generation).count("waiting", len(waiting), "all") if waiting else None


def settings(inquiry: Inquiry, chosen: Preferences) -> list[str]:
    """How the viewer is told, in plain lines."""
    role, amount = inquiry.viewer.role, _smallest(inquiry, chosen)
    said = words.settings(chosen, inquiry.coach.settings, role, LEVELS[role], amount)
    return [line.text for line in said]


def _reader(inquiry: Inquiry, chosen: Preferences) -> For:
    viewer = inquiry.viewer
    return For(
        workspace=inquiry.coach.settings.workspace,
        person_id=inquiry.viewer.key,
        name=viewer.name,
        role=viewer.role,
        scope=viewer.scope,
        chosen=chosen.model_copy(update={"levels": None, "min_amount": None}),  # who looks sees it all
    )


def _smallest(inquiry: Inquiry, chosen: Preferences) -> Fact | None:
    if not chosen.min_amount:
        return None
    of, currency = "your choice", inquiry.generation.currency
    return mint_of(inquiry.generation).fact("amount", chosen.min_amount, Unit.MONEY, of, currency=currency)


def _page(inquiry: Inquiry, known: Known, stalled_from: Thresholds) -> drawn.Page:
    """Everything on the page, counted away from the loop."""
    viewer, generation = inquiry.viewer, inquiry.generation
    shown = tab(generation, known.waiting, viewer.scope)
    role_parts = {Role.CRO: _company, Role.OPS: _data, Role.MANAGER: _none, Role.REP: _none}
    figures, lines = role_parts[viewer.role](inquiry)
    about = [] if viewer.role is Role.REP else known.score
    return drawn.Page(
        name=viewer.name,
        role=viewer.role,
        tab=shown,
        advice=[_advice(inquiry, item, stalled_from) for item, _ in words.three(known.waiting)],
        settings=settings(inquiry, known.chosen),
        logged=known.logged,
        notes=[*words.to_review(known.to_review), *_notes(inquiry)],
        figures=figures,
        lines=[*lines, *(line.text for line in narrator.hygiene(known.waiting.hygiene)), *about],
        against=_against(inquiry),
        pooled=_pooled(inquiry),
        plays=[] if viewer.role is Role.OPS else words.plays(inquiry.coach.settings.play_links),
        model=_model(inquiry),
    )


Parts = tuple[list[tuple[str, str]], list[str]]


def _none(_: Inquiry) -> Parts:
    return [], []


def _company(inquiry: Inquiry) -> Parts:
    """The week of all deals, and what left its usual range."""
    figures, book = company.week_figures(inquiry.generation), company.pipeline(inquiry.generation)
    said = narrator.lasting(company.watched(inquiry.generation))
    return [*digest_blocks.week_fields(figures, book)], [line.text for line in said]


def _data(inquiry: Inquiry) -> Parts:
    """How the data is doing."""
    found = template.quality(answers.quality(inquiry.generation))
    return [], [found.verdict]


def _advice(inquiry: Inquiry, item: Item, stalled_from: Thresholds) -> str:
    """What could be done about a deal, if it is one; by its owner, or by asking the owner."""
    deal_id = item.finding.subject_id
    try:
        card = answers.deal(inquiry.generation, deal_id, inquiry.viewer.scope, stalled_from)
    except answers.AnswerError:
        return ""
    owner = "" if card.owner_id == inquiry.viewer.person_id else card.owner
    return words.ask(plays.fitting(card), owner, hopeless=item.hopeless)


def _notes(inquiry: Inquiry) -> list[str]:
    """What is to be said first: that numbers are old, and whose odds a new rep sees."""
    limit = late(inquiry)
    old = [note(limit).text] if limit else []
    return [*old, *([say("home.new_rep").text] if _is_new(inquiry) else [])]


def _is_new(inquiry: Inquiry) -> bool:
    """A rep who has closed nothing yet: every rate shown is the others'."""
    viewer = inquiry.viewer
    if viewer.role is not Role.REP:
        return False
    return not inquiry.generation.cells((), (), ALL_TIME, None, viewer.scope)


def _against(inquiry: Inquiry) -> str:
    """A rep beside the others, luck taken out; nothing for other roles."""
    viewer = inquiry.viewer
    if viewer.role is not Role.REP or _is_new(inquiry):
        return ""
    try:
        return to_you(answers.rep(inquiry.generation, viewer.person_id, ALL_TIME, viewer.scope)).text
    except answers.AnswerError:
        return ""


def _pooled(inquiry: Inquiry) -> str:
    """Everybody's rate to a new rep, marked as not theirs yet; nothing for others."""
    viewer = inquiry.viewer
    if not _is_new(inquiry):
        return ""
    try:
        return pooled(answers.rep(inquiry.generation, viewer.person_id, ALL_TIME, viewer.scope)).text
    except answers.AnswerError:
        return ""


def _model(inquiry: Inquiry) -> list[str]:
    """The model card in plain words."""
    return [line.text for line in words.odds(answers.model_card(inquiry.generation))]
