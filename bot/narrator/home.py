"""The words of the Home tab and of `/coach alerts`: what waits, how one is told, who sees what."""

from collections.abc import Iterator, Mapping
from datetime import time

from analytics.facts import Fact, ModelCard
from bot.alerting.digests.facts import Agenda, Item
from bot.alerting.digests.tab import Tab
from bot.alerting.preferences import Preferences
from bot.audience import Role
from bot.narrator import digest
from bot.narrator.claims import Claim, joined, label, play, say
from bot.narrator.model import LIMITS
from bot.narrator.words import Words, count, day, finish
from bot.settings import WEEKDAYS, Settings
from prompts import files

LAST = time(23, 59)  #: from here on there is no evening left to be quiet in
DO = 3  #: things to do. Source: product.md, part 7
PLAYS = 9  #: in the folded part. Source: ten blocks fit into a fold, and one says who can link them
OPEN = "open"  #: the situation of a play for an open deal


def hello(tab: Tab, name: str) -> Claim:
    """Whose page it is, and of which day."""
    return say("home.hello", name=name, day=day(tab))


def three(agenda: Agenda) -> list[tuple[Item, Claim]]:
    """The three things that count most, each in a line."""
    of_team = agenda.role != "rep"
    return [(item, digest.line(item, of_team=of_team)) for item in agenda.items[:DO]]


def ask(offered: tuple[Claim, ...], owner: str, *, hopeless: bool) -> str:
    """What is to be done about a deal; "" where nothing fits.

    Args:
        offered: plays, the most fitting first.
        owner: name of the owner who is to be asked; "" to the owner.
        hopeless: next to nothing is left to be won.
    """
    if hopeless:
        return say("home.close_of", owner=owner).text if owner else say("home.close").text
    if not offered:
        return ""
    return say("home.next_of" if owner else "home.next", play=offered[0], owner=owner or None).text


def todo(agenda: Agenda, number: int) -> Claim:
    """The line above them."""
    return say("home.these", number=count(agenda, "todo", number)) if number > 1 else say("home.this")


def odds(card: ModelCard) -> list[Claim]:
    """How the odds are made and what they cannot do, without a word of statistics."""
    lines = [say("home.odds_speak" if card.speaks else "home.odds_silent")]
    if card.trained_on.value:
        lines.append(
            say("model.learned", trained=card.trained_on, start=card.window_start, end=card.window_end)
        )
    return [*lines, *(say(f"model.{limit}") for limit in LIMITS)]


def plays(links: Mapping[str, str]) -> list[tuple[str, str]]:
    """Plays for open deals, the most pressing first, and before them those that the team wrote about.

    Args:
        links: addresses by id of a play, as the settings hold them.

    Returns: the text of each and its address, "" for one without; `PLAYS` at most.
    """
    told = [one for one in files.plays() if one.id in links or OPEN in one.when]
    ordered = sorted(told, key=lambda one: one.id not in links)[:PLAYS]
    return [(play(one.text, one.id).text, links.get(one.id, "")) for one in ordered]


def nothing(role: Role) -> Claim:
    """That nothing waits, in the words of a role."""
    return say({Role.OPS: "home.nothing_ops", Role.CRO: "home.nothing_all"}.get(role, "home.nothing"))


def more(agenda: Agenda) -> list[Claim]:
    """How much more is open than the three."""
    left: Fact = count(agenda, "more", max(0, len(agenda.items) - DO))
    return [say("home.more", more=left)] if left.value else []


def deals(tab: Tab) -> list[Claim]:
    """How many deals are open, and how many of them are shown."""
    known = tab.figures
    if not known["open"].value:
        return [say("home.no_deals")]
    worth = "home.deals" if known["amount"].value is not None else "home.deals_count"
    left = [say("home.left_out", **known)] if known["left"].value else []
    return [say(worth, **known), *left]


def sees(role: Role) -> list[Claim]:
    """Who sees what, from this person's side."""
    told = ("settings", "silent", "small") if role is Role.OPS else ("alerts", "logged", "settings", "silent")
    return [say(f"sees.{one}") for one in (str(role), *told, *(["small"] if role is Role.CRO else []))]


def settings(
    chosen: Preferences, team: Settings, role: Role, levels: tuple[str, ...], amount: Fact | None
) -> Iterator[Claim]:
    """How a person is told, in plain lines.

    Args:
        levels: what the role can be told of.
        amount: the smallest that is told, if the person chose one.
    """
    wanted = [level for level in levels if chosen.levels is None or level in chosen.levels]
    named = joined(_level(level, role) for level in wanted)
    yield say("settings.levels", levels=named) if wanted else say("settings.levels_none")
    if role is not Role.OPS:
        yield say("settings.amount", amount=amount) if amount else say("settings.amount_any")
        yield say("settings.place_channel" if chosen.place else "settings.place_direct")
    yield from _times(chosen, team, role)
    if chosen.at_once and role is Role.MANAGER:
        yield say("settings.at_once")


def _level(level: str, role: Role) -> Claim:
    """What a level is to a role."""
    known = f"level_told_{role}.{level}"
    return label(known if known in files.labels() else f"level_told.{level}")


def _times(chosen: Preferences, team: Settings, role: Role) -> Iterator[Claim]:
    """When lists come, and when it is quiet."""
    hours = chosen.hours(team)
    days = [day for place, day in enumerate(WEEKDAYS) if place in hours.days]
    at = _at(chosen.digest_at or team.digest_at)
    yield say(f"settings.digest_{_digest(chosen, role)}", at=at, first=label(f"weekday.{days[0]}"))
    is_quiet = hours.start > time.min or hours.end < LAST
    yield say(
        "settings.hours" if is_quiet else "settings.hours_no_quiet",
        quiet_from=_at(hours.end),
        quiet_until=_at(hours.start),
        zone=_as_is(hours.zone),
        days=joined(label(f"weekday.{day}") for day in days),
    )


def _digest(chosen: Preferences, role: Role) -> str:
    """The CRO and ops have a list of the week only."""
    is_weekly = role in (Role.CRO, Role.OPS) and chosen.digest != "off"
    return "weekly" if is_weekly else chosen.digest


def to_review(waiting: Fact | None) -> list[str]:
    """How many alerts wait for a reviewer; nothing where none do."""
    return [say("review.yours", waiting=waiting).text] if waiting else []


def told(waiting: Agenda, in_hand: Agenda, reviewing: Fact | None = None) -> Words:
    """What is open for a person, and what of it somebody has in hand; first what waits for their review."""
    open_now = count(waiting, "open", len(waiting.items))
    of_team = waiting.role != "rep"
    lines = [digest.line(item, of_team=of_team) for item in waiting.items[: digest.LINES]]
    held = [digest.line(item, of_team=of_team) for item in in_hand.items[: digest.LINES]]
    top = say("told.headline" if lines else "told.headline_clear", open=open_now)
    first = say("told.first", line=lines[0]) if lines else say("told.clear")
    verdict = say("review.yours", waiting=reviewing) if reviewing else first
    lines = [*([first] if reviewing else []), *lines[1:]]
    return finish(
        waiting,
        headline=top,
        verdict=verdict,
        lines=[*lines, *(say("told.in_hand", line=line) for line in held), say("told.log")],
        scope={"scope": waiting.name},
        own=(open_now, *([reviewing] if reviewing else []), *in_hand.facts().values()),
    )


def _at(at: time) -> Claim:
    """A time of day. A colon between two digits is no emoji, so it needs no cleaning."""
    return _as_is(f"{at:%H:%M}")


def _as_is(words: str) -> Claim:
    """Words of ours that hold nothing a reader's client would obey."""
    return Claim("as_is", words)
