"""Slack users named in a text -> the same people as the CRM calls them, for who reads the words."""

import re

from bot.audience import Outsider, UnknownViewer
from bot.coach import Inquiry
from bot.intents.words import quoted
from bot.listeners.places import TROUBLE, Place

MOST = 5  #: people that are looked up for one question

_MENTION = re.compile(r"<@([A-Z0-9_]+)(?:\|[^>]*)?>", re.IGNORECASE)


def without(us: str, text: str) -> str:
    """The text without the mention of ourselves.

    >>> without("U1", "<@U1> win rate of <@U2|dana>?")
    '  win rate of <@U2>?'
    """
    return _MENTION.sub(lambda found: " " if found[1] == us else f"<@{found[1]}>", text)


async def named(text: str, inquiry: Inquiry, place: Place) -> str:
    """The text with each person in quotes; who is nobody in the CRM stays a word that nobody knows."""
    users = list(dict.fromkeys(_MENTION.findall(text)))
    people = {user: await _person(user, inquiry, place) for user in users[:MOST]}
    return _MENTION.sub(lambda found: quoted(people.get(found[1]) or f"@{found[1]}"), text)


async def _person(user: str, inquiry: Inquiry, place: Place) -> str:
    """The name of a Slack user in the CRM, their id there where others have that name, or ""."""
    try:
        person = (await inquiry.coach.asked_by(user, place.client)).viewer
    except (UnknownViewer, Outsider, *TROUBLE):
        return ""
    namesakes = [one for one in inquiry.generation.people() if one.name == person.name]
    return person.name if len(namesakes) == 1 else person.person_id
