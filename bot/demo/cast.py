"""The demo's workspace: who is in it, where they are, which channels there are and who reads them."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from analytics import store
from analytics.generation import PersonRow
from analytics.questions import EVERYONE
from bot.playground import Conversation, Person
from bot.playground.records import BOT_USER

#: Where the teams sit, in the order in which they are met, and how people there write numbers and days.
PLACES: Final = (
    ("America/New_York", "en-US"),
    ("Europe/Berlin", "en-GB"),
    ("Asia/Singapore", "en-GB"),
    ("Europe/London", "en-GB"),
)
GERMAN: Final = "de-DE"  # of the first rep in Berlin
OFFICE: Final = ("America/New_York", "en-US")  # of those without a team
STRANGER: Final = Person("U_PARTNER", "sam.partner", real_name="Sam Ashdown", is_stranger=True)


def members(people: Sequence[PersonRow]) -> list[Person]:
    """The people of the CRM as members of a workspace, each with their id there as handle."""
    return [
        Person(f"U{number:06}", p.person_id, p.email or "", real_name=p.name or p.person_id)
        for number, p in enumerate(people, start=1)
    ]


def told_by(folder: Path) -> list[PersonRow]:
    """The people of the CRM's own file, before there are numbers."""
    with (folder / "people.csv").open(encoding="utf-8", newline="") as file:
        return [
            PersonRow(
                person_id=row["person_id"],
                name=row["name"] or None,
                email=row["email"] or None,
                role=row["role"],
                manager_id=row["manager_id"] or None,
                team=row["team"] or None,
            )
            for row in csv.DictReader(file)
        ]


def at_home(people: Sequence[PersonRow]) -> list[Person]:
    """The same, each with a job, a time zone and a locale: those of their team."""
    teams = list(dict.fromkeys(p.team for p in people if p.team))
    places = {team: PLACES[number % len(PLACES)] for number, team in enumerate(teams)}
    living = [
        replace(member, title=p.role, tz=zone, locale=locale)
        for member, p in zip(members(people), people, strict=True)
        for zone, locale in [places.get(p.team or "", OFFICE)]
    ]
    first = next((one for one in living if (one.tz, one.title) == (PLACES[1][0], "rep")), None)
    return [replace(one, locale=GERMAN) if one is first else one for one in living]


def rooms(people: Sequence[PersonRow], team: str, rep: str) -> Iterator[Conversation]:
    """Channels read by all, by the heads, by one team, by few, and by somebody of another organisation.

    Args:
        team: whose channel there is; its manager and `rep` are also in the private one.
        rep: an id in the CRM.
    """
    ids = {p.person_id: member.id for p, member in zip(people, members(people), strict=True)}

    def those(*roles: str) -> set[str]:
        return {ids[p.person_id] for p in people if p.role in roles}

    mates = {ids[p.person_id] for p in people if p.team == team}
    few = {ids[p.person_id] for p in people if p.team == team and p.role == "manager"} | {ids[rep]}
    yield Conversation("C_SALES", "sales", {*ids.values(), BOT_USER})
    yield Conversation("C_LEADERSHIP", "leadership", {*those("cro", "manager"), BOT_USER}, is_private=True)
    yield Conversation(f"C_{team.upper()}", f"team-{team.lower()}", {*mates, BOT_USER})
    yield Conversation("C_FORECAST", "forecast-review", {*few, *those("cro"), BOT_USER}, is_private=True)
    partner = {*those("cro"), *few, STRANGER.id, BOT_USER}
    yield Conversation("C_PARTNERS", "partners", partner, is_ext_shared=True)
    yield Conversation("C_LUNCH", "lunch", {*ids.values()})


def actors(home: Path, people: Sequence[PersonRow], reader: str = "") -> dict[str, PersonRow]:
    """One person of each role; the rep is the `reader` or has most open deals, the manager is theirs."""
    owners = [row.rep_id for row in store.current(home).open_deals(EVERYONE)]
    by_id = {p.person_id: p for p in people}
    rep = by_id[reader if reader in owners else max(sorted(set(owners)), key=owners.count)]
    first = {p.role: p for p in reversed(people)}
    return first | {"rep": rep, "manager": by_id.get(rep.manager_id or "", first["manager"])}


def show_case(home: Path, rep: str = "") -> str:
    """The largest open deal; with an id, this rep's."""
    rows = store.current(home).open_deals(EVERYONE)
    return max(
        (row for row in rows if rep in ("", row.rep_id)), key=lambda row: row.amount_cents or 0
    ).deal_id
