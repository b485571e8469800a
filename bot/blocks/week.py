"""A rep's week, and the note on Monday about a team's, as messages."""

from analytics.facts import TeamWeek, Week
from bot import intents, names
from bot.blocks.common import Block, buttons, framed
from bot.narrator.claims import label
from bot.narrator.words import Words

SHOWN = 5  #: buttons in a row. Source: as many as fit on a telephone


def answer(week: Week, words: Words, asked: intents.WeekPage) -> list[Block]:
    """The week, with ways to the deal to look at and to the rep's page."""
    rep = ("ask.rep", label("button.rep").text, intents.describe(intents.RepPage(week.person_id)))
    pressing = [_deal(week.pressing.deal_id, asked)] if week.pressing else []
    return framed(words, after=buttons([*pressing, rep]))


def _deal(deal_id: str, asked: intents.WeekPage) -> tuple[str, str, str]:
    return "ask.deal", label("button.deal").text, intents.describe(intents.Deal(deal_id, asked.as_of))


def note(week: TeamWeek, words: Words) -> list[Block]:
    """The note, with a button for the week of each rep for whom anything moved."""
    moved = [one for one in week.weeks if one.changes][:SHOWN]
    weeks = [
        (f"ask.week.{place}", names.clean(one.name), intents.describe(intents.WeekPage(one.person_id)))
        for place, one in enumerate(moved)
    ]
    return framed(words, after=buttons(weeks))
