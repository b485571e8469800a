"""What is sent besides answers, alerts and lists: first messages, setup, shares, replies, notices, words."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from analytics.alerts.rules import DEFAULTS
from analytics.answers.mint import mint_of
from bot import names
from bot import settings as config
from bot.alerting.auditor import Fault, undelivered
from bot.alerting.log import What
from bot.alerting.outbox import Letter
from bot.alerting.preferences import Preferences
from bot.audience import Role
from bot.blocks import preferences, setup, share, welcome
from bot.narrator import setup as setups
from bot.narrator import share as shares
from bot.narrator import welcome as welcomes
from bot.narrator.alert import history
from bot.narrator.claims import say
from bot.narrator.share import Shares
from bot.replies.setup import LOOKS
from bot.setup import greeting
from bot.setup.facts import Failed, File, Holder, Missing, Setup, Someone
from bot.sharing.drafts import Draft, Wanted
from bot.sharing.ledger import Outcome, Share
from bot.sharing.reach import Room, Sees
from bot.sharing.refusals import NotShared
from prompts import files
from tests import everything_sent as everything
from tests.payloads import Sent, message, modal
from tests.shaken import Shaker

if TYPE_CHECKING:
    from tests.everything_sent import Play, Store

AS_OF = date(2024, 6, 28)
NOON = datetime(2024, 6, 28, 12, tzinfo=UTC)
SHARED = ("/winrate region", "/why", "/pipeline", "/deal D01501", "/coach quality")

#: Sections of prompts/claims whose sentences are messages by themselves; the part before the dot.
ALONE = ("refusal", "chat", "limit", "export", "board", "share_refused", "audit", "place", "choose", "setup")


def plays(known: "Store") -> "Mapping[str, Play]":
    """All of it, by name."""
    return {
        **{f"welcome {role}": partial(_welcome, known, role) for role in Role},
        "welcome stranger": lambda _: iter([message(names.escape(welcomes.unknown()), welcome.stranger())]),
        **{f"setup {name}": partial(_setup, known, name, _looked(known, name)) for name in LOOKS},
        "setup all": partial(_overview, known, {name: _looked(known, name) for name in LOOKS}),
        "setup link": partial(_link, known),
        **{f"share {line}": partial(_share, known, line, known.reply(line)) for line in SHARED},
        "share refused": _refused,
        "shares": partial(_shares, known),
        "replies": partial(_replies, known),
        "notices": _notices,
        "sentences": _sentences,
    }


# ---------------------------------------------------------------- first messages


def _welcome(known: "Store", role: Role, chance: Shaker) -> Iterator[Sent]:
    facts = chance.answer(greeting.facts(known.generation, config.load()))
    chosen = Preferences(digest=chance.chance.choice(("daily", "weekly", "off")))
    how = welcomes.told_when(chosen, config.load(), role, preferences.LEVELS[role])
    words = welcomes.welcome(facts, chance.name(), role, how)
    tries = greeting.TRIES[role][: chance.chance.choice((0, 2))]
    yield message(words.text, welcome.card(words, tries))


# ---------------------------------------------------------------- setup


def _looked(known: "Store", name: str) -> Setup:
    return asyncio.run(LOOKS[name](known.inquiry))


def _shaken(known: "Store", of: Setup, chance: Shaker) -> Setup:
    """The same with files, people and faults of any number."""
    draw, mint = chance.chance, mint_of(known.generation)
    many = draw.choice((0, 1, 9, 200))

    def number() -> Any:
        return chance.fact(mint.count("rows", 3, chance.name()))

    someone = [Someone(chance.name(), chance.name(), "a@example.com", "rep") for _ in range(many)]
    why = ("no_email", "shared", "not_in_slack", "guest", "gone", "taken")
    roles, sources = ("cro", "ops", "reviewer"), ("crm", "settings", "default")
    rules = tuple(everything._told(known, DEFAULTS[n % len(DEFAULTS)], chance) for n in range(many))
    counted = {"known": 3, "missing": len(someone), "people": 9, "strangers": 2, "guests": 1}
    return replace(
        of,
        figures={**{slot: mint.count(slot, n, "setup") for slot, n in counted.items()}, **of.figures},
        slack=draw.choice(("asked", "unconnected", "refused")),
        files=tuple(File(chance.name(), draw.choice(("deals", "")), number(), number()) for _ in range(many)),
        feeds=draw.choice(((), ("events", "activities"))),
        is_old=draw.random() < 0.5,
        is_behind=draw.random() < 0.5,
        lost=tuple(chance.name() for _ in range(draw.choice((0, 3)))),
        failed=tuple(Failed(chance.name(), number()) for _ in range(draw.choice((0, 2)))),
        missing=tuple(Missing(one, draw.choice(why)) for one in someone),
        holders=tuple(Holder(draw.choice(roles), chance.name(), draw.choice(sources)) for _ in range(many)),
        reviews=draw.random() < 0.5,
        rules=rules,
    )


def _setup(known: "Store", name: str, of: Setup, chance: Shaker) -> Iterator[Sent]:
    links = chance.chance.random() < 0.5
    shaken = _shaken(known, of, chance)
    words = setups.section(name, shaken, links=links)
    yield message(words.text, setup.section(name, shaken, words, links=links))


def _overview(known: "Store", parts: Mapping[str, Setup], chance: Shaker) -> Iterator[Sent]:
    shaken = {name: _shaken(known, part, chance) for name, part in parts.items()}
    words = setups.overview(shaken)
    yield message(words.text, setup.overview(shaken, words))


def _link(known: "Store", chance: Shaker) -> Iterator[Sent]:
    missing = _shaken(known, _looked(known, "roles"), chance).missing
    if any(len(one.someone.key) <= setup.VALUE_MOST for one in missing):
        yield modal(setup.form(missing))
    yield modal(setup.says(setups.linked(chance.name(), chance.name()).text))


# ---------------------------------------------------------------- shares


def _share(known: "Store", line: str, reply: Any, chance: Shaker) -> Iterator[Sent]:
    draw = chance.chance
    shown, own = (everything._drawn(known, line, chance.answer(reply.answer), chance) for _ in range(2))
    users = [f"U{n:06}" for n in range(draw.choice((1, 6, 300)))]
    reasons = ("share_left.narrower", "share_left.moved")
    room = Room("C1", chance.name(), frozenset(users), (), draw.choice((0, 2)), is_public=draw.random() < 0.5)
    draft = Draft(
        room=room,
        who=chance.name(),
        own=own,
        reply=shown,
        sight={Sees.ALL: users, Sees.SOME: users[: draw.choice((0, 300))], Sees.NONE: []},
        left_out=tuple(draw.sample(reasons, draw.choice((0, 1, 2)))),
        as_of=AS_OF,
        generation=known.generation.id,
    )
    note, wanted = draw.choice(("", chance.name())), Wanted.of(line, known.generation.id)
    cut = [_one(chance) for _ in range(draw.choice((0, 2)))]
    yield modal(share.form(wanted, share.preview(draft), channel="C1", note=note, cut=cut))
    yield modal(share.form(wanted, draw.choice((share.choose(), share.looking()))))
    yield modal(share.says(shares.done(draft)))
    yield modal(share.sending())
    yield message(shares.notification(draft), share.message(draft, note))


def _one(chance: Shaker) -> Share:
    draw = chance.chance
    return Share(
        key="0" * 32,
        person_id=draw.choice(("rep_03", chance.name())),
        slack_user="U000001",
        channel="C1",
        line=chance.name(),
        generation="g000001-2024-06-28",
        outcome=draw.choice((*Outcome, "gone_by_now")),
        readers=tuple(f"U{n:06}" for n in range(draw.choice((0, 1, 300)))),
        at=draw.choice((None, NOON)),
    )


def _refused(chance: Shaker) -> Iterator[Sent]:
    """Every reason why not, and who stands in the way."""
    wanted = Wanted.of("/winrate region", "")
    for name in _of("share_refused"):
        people = [f"U{n:06}" for n in range(chance.chance.choice((0, 1, 300)))]
        why = NotShared(name.partition(".")[2], people, **_filled(name, chance))
        yield modal(share.form(wanted, share.refused(why), channel="C1"))


def _shares(known: "Store", chance: Shaker) -> Iterator[Sent]:
    newest = [_one(chance) for _ in range(chance.chance.choice((0, 1, 15)))]
    page = Shares(
        newest=newest,
        total=chance.chance.choice((len(newest), 10**6)) if newest else 0,
        names={"rep_03": chance.name()},
        is_own=chance.chance.random() < 0.5,
        as_of=AS_OF,
        generation=known.generation.id,
    )
    said = f"{shares.headline(page).text}. {shares.verdict(page).text}"
    yield message(said, share.page(page))


# ---------------------------------------------------------------- lines of text


def _replies(known: "Store", chance: Shaker) -> Iterator[Sent]:
    """What stands in the thread of an alert once something became of it."""
    for what in What:
        found = everything.finding(known, chance.chance.choice(DEFAULTS), chance)
        yield _text(history(what, found, chance.name(), chance.name()))


def _notices(chance: Shaker) -> Iterator[Sent]:
    """What ops hear of trouble."""
    number = chance.chance.choice((1, 4, 300))
    keys = tuple(chance.name() for _ in range(number))
    for what in ("unwritten", "waiting", "parked", "sweep", "failing", "undone"):
        yield _text(names.escape(Fault(what, keys).sentence(AS_OF).text))
    letters = [Letter(n, chance.name(), chance.name(), chance.name()) for n in range(number)]
    yield _text(names.escape(undelivered(letters, AS_OF).text))


def _sentences(chance: Shaker) -> Iterator[Sent]:
    """Every sentence that is a message by itself: refusals, what files are sent with, words in between."""
    for name in (one for section in ALONE for one in _of(section)):
        yield _text(names.escape(say(name, **_filled(name, chance)).text))


def _of(section: str) -> list[str]:
    return [name for name in files.claims("en") if name.partition(".")[0] == section]


def _filled(name: str, chance: Shaker) -> dict[str, Any]:
    """Something for every slot of a sentence."""
    slots = {slot.partition("__")[0] for one in files.claims("en")[name] for slot in one.get_identifiers()}
    return {slot: chance.name() or "x" for slot in slots}


def _text(said: str) -> Sent:
    return Sent([], said)
