"""People of the CRM and accounts of Slack in, who is who out. Pure; the same rules as `Coach.asked_by`."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analytics.generation import PersonRow
from bot.alerting.digests.readers import given
from bot.audience import OUTSIDERS
from bot.settings import Settings
from bot.setup.facts import Matched, Member, Missing, Someone, Why

SLACKBOT = "USLACKBOT"  #: Slack's own, which it does not call a bot


def everybody(people: Iterable[PersonRow], settings: Settings) -> list[Someone]:
    """Everybody who should be told: the CRM's people, then those whom only the settings name."""
    roles = given(settings)
    own = [_someone(person, roles) for person in people]
    named = dict.fromkeys(settings.reviewer_emails, "reviewer") | {
        one: str(role) for one, role in roles.items()
    }
    addresses = {someone.email for someone in own}
    return own + [
        Someone(email, email, email, role, in_crm=False)
        for email, role in named.items()
        if email not in addresses
    ]


def _someone(person: PersonRow, roles: Mapping[str, str]) -> Someone:
    email = (person.email or "").lower()
    return Someone(
        person.person_id, person.name or person.person_id, email, str(roles.get(email, person.role))
    )


def member(user: Mapping[str, Any]) -> Member:
    """An account as `users.list` tells it.

    >>> member({"id": "U1", "name": "dana", "profile": {"email": "Dana@Example.com"}}).email
    'dana@example.com'
    """
    profile = user.get("profile") or {}
    name = str(profile.get("real_name") or user.get("real_name") or user.get("name") or user["id"])
    return Member(
        str(user["id"]),
        name,
        str(profile.get("email") or "").lower(),
        _kind(user),
        locale=str(user.get("locale") or ""),
        zone=str(user.get("tz") or ""),
    )


def _kind(user: Mapping[str, Any]) -> Any:
    if user.get("deleted"):
        return "gone"
    if user.get("is_bot") or user["id"] == SLACKBOT:
        return "bot"
    return "guest" if any(user.get(kind) for kind in OUTSIDERS) else "full"


def match(everyone: Sequence[Someone], members: Sequence[Member], links: Mapping[str, str]) -> Matched:
    """Who is who: by the link that ops made, else by an address that one person alone has.

    Args:
        links: Slack user -> person_id, as `/coach map` wrote them.
    """
    shared = {email for email, count in Counter(one.email for one in everyone).items() if count > 1}
    known, missing = [], []
    for someone in everyone:
        found = _account(someone, members, links, shared)
        if isinstance(found, Member):
            known.append((someone, found))
        else:
            missing.append(Missing(someone, found))
    taken = {one.id for _, one in known}
    return Matched(
        known=tuple(known),
        missing=tuple(missing),
        strangers=tuple(one for one in members if one.kind == "full" and one.id not in taken),
        guests=sum(one.kind == "guest" for one in members),
        bots=sum(one.kind == "bot" for one in members),
    )


def _account(
    someone: Someone, members: Sequence[Member], links: Mapping[str, str], shared: set[str]
) -> Member | Why:
    """Somebody's account; why they have none."""
    if linked := sorted(user for user, key in links.items() if key == someone.key):
        return _full([one for one in members if one.id == linked[0]], "gone")
    if not someone.email:
        return "no_email"
    if someone.email in shared:
        return "shared"
    found = [one for one in members if one.email == someone.email and one.kind != "bot"]
    if found and links.get(found[0].id, someone.key) != someone.key:
        return "taken"
    return _full(found, "not_in_slack")


def _full(found: Sequence[Member], otherwise: Why) -> Member | Why:
    """The full member among these; guests are told nothing, and who is gone cannot be."""
    if any(one.kind == "guest" for one in found):
        return "guest"
    return next((one for one in found if one.kind == "full"), otherwise)
