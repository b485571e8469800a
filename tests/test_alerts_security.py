"""What must not happen with alerts, digests, Home and rules, tried through the whole bot in a local Slack."""

import json
import re
import shutil
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from analytics import refresh, store
from analytics.facts import Fact, Unit
from bot import clock as wall
from bot import jobs, names, past, schedule
from bot import settings as config
from bot import work as working
from bot.alerting import experiment
from bot.alerting import log as alert_log
from bot.alerting.digests.facts import Agenda, Item
from bot.alerting.digests.tab import OpenDeal, Tab
from bot.alerting.holdout import is_silent
from bot.alerting.interventions import Action
from bot.alerting.log import Entry, What
from bot.alerting.preferences import Preferences
from bot.alerting.standing import State
from bot.audience import Role
from bot.blocks import alert_log as log_page
from bot.blocks import digest, escalation, fallback, home
from bot.blocks import preferences as preferences_form
from bot.blocks.limits import check, check_text
from bot.coach import Coach
from bot.jobs import Work
from bot.memory import Memory
from bot.memory.tables import metadata
from bot.narrator import alert_log as log_words
from bot.narrator import digest as digests
from bot.narrator import home as homes
from bot.narrator.alert_log import Logged
from bot.playground import Conversation, Message, Person, Playground, payloads
from bot.playground.records import BOT_USER
from data import tables as tables_of
from tests import answers_at_random as random
from tests import canaries, face
from tests.alerting import finding
from tests.tables import tables
from tests.test_attacks import strings
from tests.test_security import KEY, logged, received, requests  # noqa: F401 - a fixture

LOADED = date(2024, 6, 30)
MONDAY = datetime(2024, 7, 1, 10, tzinfo=UTC)
HOSTILE = "<!channel> <https://evil.example|x> [pay](https://evil.example) \u202egnp <@U0EVE>"

#: Who owns what can be told from a word that stands in every text of theirs.
WORDS = {
    "rep_1": "quartzite",
    "rep_2": "basaltine",
    "rep_3": "slateling",
    "rep_4": "pumicerock",
    "rep_5": "graniteer",
    "rep_6": "marblewood",
}
TEAMS = {"mgr_1": ("rep_1", "rep_2", "rep_3"), "mgr_2": ("rep_4", "rep_5", "rep_6")}
SEES = {rep: (rep,) for rep in WORDS} | TEAMS | {"cro_1": tuple(WORDS), "ops_1": (), "eve": (), "guest": ()}
EVE = Person("U0EVE", "eve", "eve@example.org")
DECOY = "a message to click in"
GUEST = Person("U0GUEST", "guest", "guest@example.org", is_restricted=True)


def person(person_id: str, role: str = "rep", manager: str | None = None) -> dict[str, Any]:
    """A row of people whose name and team are hostile."""
    word = WORDS.get(person_id, person_id.replace("_", ""))
    return {
        "person_id": person_id,
        "name": f"Kanariname {word} {HOSTILE}",
        "email": f"{person_id}@example.com",
        "role": role,
        "manager_id": manager,
        "team": f"Kanariteam {HOSTILE}",
    }


def everybody(**managers: str) -> list[dict[str, Any]]:
    """The people; `managers` says who reports to somebody else than usual."""
    line = {rep: manager for manager, reps in TEAMS.items() for rep in reps} | managers
    reps = [person(rep, "rep", line[rep]) for rep in WORDS]
    return [
        *reps,
        *(person(manager, "manager", "cro_1") for manager in TEAMS),
        person("cro_1", "cro"),
        person("ops_1", "ops", "cro_1"),
    ]


def deal(deal_id: str, owner: str, amount: int, **changed: Any) -> dict[str, Any]:
    """A deal in which every text names its column and its owner, and is hostile."""
    word = WORDS[owner]
    said = {
        column: f"Kanari{column.replace('_', '')} {word} {HOSTILE}"
        for column in ("name", "account", "region", "industry", "product", "lead_source", "next_step")
    }
    usual = {
        "deal_id": deal_id,
        "rep_id": owner,
        "amount": amount,
        "stage": "Demo",
        "close_date": "2024-08-30",
    }
    return usual | said | {"deal_type": "new"} | changed


def load(home: Path, loaded_on: date = LOADED, *, owner: str = "rep_1", **managers: str) -> None:
    """Every rep has a big deal and a medium one that were left alone; `owner` is who has Quartz's big one."""
    deals = []
    for number, rep in enumerate(WORDS, 1):
        deals.append(deal(f"BIG{number}", owner if number == 1 else rep, 90_000 + number))
        step = {"next_step": None} if number > 1 else {}
        deals.append(deal(f"MID{number}", rep, 20_000 + number, **step))
        deals += [
            deal(f"W{number}{n}", rep, 5_000, outcome="won" if n % 2 else "lost", close_date="2024-05-20")
            for n in range(4)
        ]
    calls = [
        {"deal_id": d["deal_id"], "date": "2024-06-13", "kind": "call", "rep_id": d["rep_id"]} for d in deals
    ]
    day = {"loaded_on": str(loaded_on), "load_id": f"load-{loaded_on}-{owner}-{len(managers)}"}
    tables(home, deals=deals, activities=calls, people=everybody(**managers), **day)
    refresh.refresh(tables_of.current(home), home, loaded_on)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company on a Sunday, and a week before."""
    home = tmp_path_factory.mktemp("hostile")
    load(home)
    past.week_before(home, store.current(home))
    return home


# ---------------------------------------------------------------- the whole bot


@dataclass
class Town:
    """The bot in a workspace, its worker, and the clock of all."""

    slack: Playground
    work: Work
    coach: Coach
    memory: Memory
    clock: time_machine.Traveller
    shown: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    async def at(self, moment: datetime, *only: Any) -> None:
        """It is this moment: what is due is done and delivered."""
        self.clock.move_to(moment)
        for job in only or jobs.JOBS:
            for _ in range(30):
                if not await schedule.tick(self.work, job):
                    break
        await self.deliver()

    async def deliver(self) -> None:
        for _ in range(12):
            await schedule.deliver(self.work)
            self.clock.shift(2)

    def alert(self, user: str, word: str) -> Message:
        """The newest message with buttons to somebody that says a word."""
        return [m for m in self.told(user) if word in str(m.blocks) and "alert." in str(m.blocks)][-1]

    def told(self, user: str) -> list[Message]:
        """What was told to somebody unasked."""
        seen = [m for m in self.slack.sees(user) if m.by_bot and not m.thread_ts and not m.ephemeral]
        return [m for m in seen if m.text != DECOY]

    async def press(self, message: Message, action: str, user: str, value: str | None = None) -> str:
        reply = await self.slack.click(message, action, user=user, value=value, within=0.3)
        await self.deliver()
        return next((one.text for one in reply.messages if one.ephemeral), "")

    async def form(self, message: Message, action: str, user: str) -> dict[str, Any]:
        await self.slack.click(message, action, user=user, within=0.1)
        await self.slack.pulse.until(lambda: self.slack.modal(user) is not None, 5)
        self.shown[user].append(self.slack.modal(user))
        return self.slack.modal(user) or {}

    async def send(self, user: str, **values: Any) -> dict[str, Any]:
        reply = await self.slack.submit(user, values)
        await self.deliver()
        self.shown[user].append(dict(reply.payload))
        return dict(reply.payload)

    async def asks(self, user: str, line: str) -> str:
        """What a command shows to somebody."""
        reply = await self.slack.command(line, user=user)
        await self.slack.idle(0.05)
        self.shown[user].append([[m.text, m.blocks] for m in reply.messages])
        return " ".join(strings(self.shown[user][-1]))

    async def home(self, user: str) -> str:
        view = await self.slack.open_home(user)
        self.shown[user].append(view)
        return " ".join(strings(view))

    def seen(self, user: str) -> str:
        """All that somebody was ever shown: messages, modals, Home, answers to commands."""
        read = [[m.text, m.blocks] for m in self.slack.sees(user) if m.by_bot]
        return json.dumps([read, self.shown[user]], ensure_ascii=False, default=str)

    async def forge(self, user: str, action: str, value: str = "", **more: Any) -> str:
        """A click that nobody was offered; what is said to who made it."""
        slack, who = self.slack, self.slack.workspace.person(user)
        where = slack.direct(user)
        message = slack.workspace.post(where.id, BOT_USER, DECOY)
        hook = slack.gestures.hooks.open(who.id, where.id, original=message)
        used = {
            "type": "button",
            "block_id": "b",
            "action_id": action,
            "action_ts": "1",
            "value": value,
        } | more
        context = payloads.in_message(message, where, slack.gestures.address(hook.id))
        payload = payloads.block_actions(who, used, slack.workspace.trigger(who.id), **context)
        reply = await slack.gestures._ask("interactive", payload, hook, action, 2.0)
        await slack.idle(0.02)
        said = " ".join(one.text for one in reply.messages if one is not message)
        slack.workspace.modals[who.id].clear()
        return said or reply.error

    async def forge_form(self, user: str, callback: str, private: str = "", **values: Any) -> dict[str, Any]:
        """A modal sent off that nobody was shown; what Slack was told."""
        slack, who = self.slack, self.slack.workspace.person(user)
        number = slack.workspace.next_id("V")
        view = {"id": number, "type": "modal", "callback_id": callback, "private_metadata": private}
        state = {name: {name: value} for name, value in values.items()}
        view |= {"blocks": [], "state": {"values": state}}
        payload = payloads.view_submission(who, view, state, slack.workspace.trigger(who.id))
        reply = await slack.gestures._interact(payload)
        return {"error": reply.error, **reply.payload}

    async def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that memory keeps of alerts, rules and people's choices."""
        kept = ("alerts", "alert_log", "rules", "silences", "preferences", "actions", "agreements", "outbox")
        async with self.memory.read() as connection:
            return {
                name: [tuple(row) for row in await connection.execute(select(metadata.tables[name]))]
                for name in kept
            }


@asynccontextmanager
async def opened(home: Path, folder: Path, **settings: Any) -> AsyncIterator[Town]:
    """The whole bot on a copy of this data."""
    home = Path(shutil.copytree(home, folder / "home"))
    given = {"pilot_days": 0, "silent_share": 0, "stale_after_days": 100_000} | settings
    with time_machine.travel(MONDAY - timedelta(days=3), tick=True) as clock:
        known = config.load(home=home, **given)
        async with Memory.open(known.memory_url, now=wall.now) as memory:
            coach = Coach(known, memory)
            people = store.current(home).people()
            async with face.workspace(coach, people, [EVE, GUEST]) as slack:
                told, may = working.teller(coach), working.readers(coach)
                work = working.assembled(coach.settings, memory, told, may)
                yield Town(slack, work, coach, memory, clock)
            await coach.aclose()


@pytest.fixture
async def town(company: Path, tmp_path: Path) -> AsyncIterator[Town]:
    async with opened(company, tmp_path) as made:
        yield made


# ---------------------------------------------------------------- (a) canaries and markup

TYPED = f"Kanaritypedword {HOSTILE}"
PAGES = (
    "alerts",
    "alerts log",
    "alerts log BIG1",
    "rules",
    "rules stalled",
    "impact",
    "plays",
    "pilot",
    "backtest stalled",
)


async def lived(town: Town) -> None:
    """Two weeks: alerts told, answered and escalated, digests, a rule written, every page read."""
    await town.at(MONDAY)
    own = town.alert("rep_1", "BIG1")
    await town.press(own, "alert.ack", "rep_1")
    await town.form(town.alert("rep_1", "BIG1"), "alert.log", "rep_1")
    await town.send("rep_1", own=TYPED, note=TYPED)
    await town.press(town.alert("rep_2", "BIG2"), "alert.snooze", "rep_2", "7")
    await town.form(town.alert("rep_3", "BIG3"), "alert.not_useful", "rep_3")
    await town.send("rep_3", own=TYPED)
    await town.press(town.alert("rep_4", "BIG4"), "alert.ack", "rep_4")
    await town.form(town.alert("rep_4", "BIG4"), "alert.dismiss", "rep_4")
    await town.send("rep_4", own=TYPED)
    await written(town)
    for user in ("cro_1", "mgr_1", "rep_1", "ops_1", "eve"):
        await town.home(user)
        for page in PAGES:
            await town.asks(user, f"/coach {page}")
    await town.at(MONDAY + timedelta(days=2))  # escalated; the month's report
    await town.at(MONDAY + timedelta(days=7))
    for user in ("mgr_2", "rep_5"):
        await town.home(user)
        await town.asks(user, "/coach alerts")


async def written(town: Town) -> None:
    """Ops write a rule with hostile words and switch it on."""
    page = await town.slack.command("/coach rules", user="ops_1")
    await town.slack.click(page.messages[0], "rule.edit", user="ops_1")
    await town.slack.pulse.until(lambda: town.slack.modal("ops_1") is not None, 10)
    nobody = {f"metric.{place}": "-" for place in range(5)}
    chosen = {"metric.0": "amount", "compare.0": ">=", "threshold.0": "15k", "level": "P2"}
    await town.send("ops_1", **nobody | chosen, title=TYPED)
    await town.slack.pulse.until(lambda: "decide" in json.dumps(town.slack.modal("ops_1") or {}), 20)
    town.shown["ops_1"].append(town.slack.modal("ops_1"))
    await town.send("ops_1", decide="on", note=TYPED)


async def test_no_text_of_crm_or_people_is_in_a_log_line_a_request_or_before_foreign_eyes(
    company,
    tmp_path,
    llmock,
    logged,  # noqa: F811
):
    model = {"openai_api_key": KEY, "openai_base_url": llmock.base_url()}
    rich = {"tokens_per_user": 10**9, "tokens_per_day": 10**9}
    async with opened(company, tmp_path, **model, **rich) as town:
        await lived(town)
        shown = received(town.slack)

        assert shown.casefold().count(canaries.STEM) > 200
        assert len(llmock.requests) > 3
        assert canaries.STEM not in requests(llmock)
        assert [line for line in logged if canaries.STEM in line.casefold()] == []
        for user, reps in SEES.items():
            seen = town.seen(user).casefold()
            unseen = [word for rep, word in WORDS.items() if rep not in reps]
            assert [word for word in unseen if word in seen] == [], user
        live = [one for one in strings([call.arguments for call in town.slack.calls]) if LIVE.search(one)]
        assert live == []
        assert [problem for call in town.slack.calls for problem in problems(call)] == []


LIVE = re.compile(r"<[!@#]|<https?:|\]\(https?:|[\u202a-\u202e\u2066-\u2069]")


def problems(call: Any) -> list[str]:
    """Why Slack would refuse what we sent."""
    arguments = call.arguments
    view = arguments.get("view") or {}
    view = json.loads(view) if isinstance(view, str) else view
    blocks = arguments.get("blocks") or []
    blocks = json.loads(blocks) if isinstance(blocks, str) else blocks
    found = check(blocks) if blocks else []
    found += check_text(str(arguments.get("text") or ""))
    return found + (check(view["blocks"], view["type"]) if view else [])


# ---------------------------------------------------------------- (b) rights

BIG1, BIG2 = "main:stalled:BIG1:2024-06-30", "main:stalled:BIG2:2024-06-30"
STRANGERS = ("rep_2", "mgr_2", "ops_1", "eve", "guest")
ON_ALERTS = [
    *((action, BIG1) for action in ("alert.ack", "alert.useful", "alert.log", "review.pass", "review.live")),
    *((action, "BIG1") for action in ("deal.log", "deal.snooze", "deal.ask_manager")),
]
ON_RULES = [
    ("rule.edit", "stalled"),
    ("rule.on", "stalled"),
    ("rule.off", "stalled"),
    ("rule.off", "no such"),
]
SNOOZE = {"block_id": f"alert:{BIG1}", "selected_option": {"value": "7"}, "type": "static_select"}


@pytest.fixture
async def told(town: Town) -> Town:
    """Everybody was told of their big deal."""
    await town.at(MONDAY, jobs.RULES)
    assert "BIG1" in str(town.alert("rep_1", "BIG1").blocks)
    return town


async def test_a_forged_click_of_somebody_else_changes_nothing_and_gets_a_sentence(told):
    before, since = await told.state(), len(told.slack.calls)
    for user in STRANGERS:
        for action, value in ON_ALERTS + (ON_RULES if user != "ops_1" else []):
            assert sentence(await told.forge(user, action, value)), (user, action)
        assert sentence(await told.forge(user, "alert.snooze", **SNOOZE)), user
    assert await told.state() == before
    assert WORDS["rep_1"] not in received(told.slack, since)


def sentence(said: str) -> bool:
    """Is it something to read, and no error of Slack's?"""
    return len(said.split()) > 4 and "failed with the error" not in said


async def test_a_forged_form_of_somebody_else_changes_nothing_and_gets_a_sentence(told):
    before, since = await told.state(), len(told.slack.calls)
    for user in STRANGERS:
        for callback, private in forms(user):
            said = await told.forge_form(user, callback, private, **FILLED)
            assert refused(said), (user, callback, said)
    assert await told.state() == before
    assert WORDS["rep_1"] not in received(told.slack, since)


RULE = {
    "id": "stalled",
    "level": "P1",
    "subject": "deal",
    "every": [{"metric": "amount", "comparison": ">=", "threshold": "1", "source": "x"}],
    "any_of": [],
    "filters": [],
    "title": "<!channel>",
    "version": 0,
}
FILLED = {
    "own": {"value": "mine"},
    "note": {"value": "mine"},
    "day": {"selected_date": "2024-07-01"},
    "decide": {"selected_option": {"value": "on"}},
}


def forms(user: str) -> list[tuple[str, str]]:
    """Modals that this person was never shown, as if they were about the first rep's deal."""
    about = json.dumps({"deal_id": "BIG1", "key": BIG1})
    of_alerts = [(name, about) for name in ("alert.log", "alert.not_useful", "alert.dismiss")]
    rules = [("rule.preview", json.dumps(RULE)), ("rule.form", json.dumps(RULE))]
    return [*of_alerts, ("review.hold", about), *(rules if user != "ops_1" else [])]


def refused(said: dict[str, Any]) -> bool:
    """Did the modal stay open, with a sentence in it?"""
    return said.get("response_action") == "errors" and all(map(sentence, said["errors"].values()))


EDITED = {
    "another's deal": {"deal_id": "BIG2", "key": BIG1},
    "another's alert": {"deal_id": "BIG1", "key": BIG2},
    "no such alert": {"deal_id": "BIG1", "key": "main:stalled:BIG1:1999-01-01"},
    "something more": {"deal_id": "BIG1", "key": BIG1, "role": "cro"},
}


async def test_what_a_form_remembers_is_believed_in_nothing(told):
    before = await told.state()
    for private in EDITED.values():
        assert refused(await told.forge_form("rep_1", "alert.log", json.dumps(private), **FILLED)), private
    for broken in ("", "{}x", "null", '["BIG1"]', json.dumps(RULE | {"level": "x"})):
        assert refused(await told.forge_form("rep_1", "alert.log", broken, **FILLED)), broken
    own = json.dumps({"deal_id": "BIG1", "key": BIG1})
    for day in ("", "2024-13-45", "tomorrow", "2024-07-02"):
        late = FILLED | {"day": {"selected_date": day}}
        assert refused(await told.forge_form("rep_1", "alert.log", own, **late)), day
    assert await told.state() == before


@pytest.mark.parametrize("private", ["{}x", "[]", '{"id": 1}', json.dumps(RULE | {"every": [{"metric": 1}]})])
async def test_a_rule_that_was_changed_on_its_way_is_not_kept(told, private):
    before = await told.state()
    assert refused(await told.forge_form("cro_1", "rule.preview", private, **FILLED))
    assert refused(await told.forge_form("cro_1", "rule.form", private, **FILLED))
    assert await told.state() == before


FORGED_CHOICES = {
    "metric.0": {"selected_option": {"value": "rep_id; DROP"}},
    "threshold.0": {"value": "1"},
    "level": {"selected_option": {"value": "P9"}},
    "title": {"value": "Mine"},
}


async def test_what_no_menu_offered_is_no_choice(told):
    before = await told.state()
    assert refused(await told.forge_form("cro_1", "rule.form", "", **FORGED_CHOICES))
    assert refused(await told.forge_form("rep_1", "home.settings", "", digest={"selected_option": None}))
    for user in ("eve", "guest"):
        assert refused(await told.forge_form(user, "home.settings", "", **FILLED))
    assert await told.state() == before


async def test_a_click_that_comes_again_counts_once(told):
    for _ in range(2):
        await told.forge("rep_1", "alert.ack", BIG1)
    once = {"deal_id": "BIG1", "key": BIG1}
    number, told.slack.workspace.next_id = told.slack.workspace.next_id("V"), lambda _: number
    for _ in range(2):
        await told.forge_form("rep_1", "alert.log", json.dumps(once), **FILLED)
    kept = await told.state()
    assert len([row for row in kept["alert_log"] if "acknowledged" in row and BIG1 in row]) == 1
    assert len(kept["actions"]) == 1


ANSWERS = [("alert.ack", BIG1), ("alert.useful", BIG1), ("alert.log", BIG1), ("deal.snooze", "BIG1")]


@pytest.mark.parametrize("owner", ["rep_2", "rep_4"])
async def test_a_rep_who_lost_a_deal_answers_its_alert_no_more(told, owner):
    load(told.work.home, LOADED + timedelta(1), owner=owner)
    before = await told.state()
    for action, value in ANSWERS:
        assert sentence(await told.forge("rep_1", action, value)), action
    assert sentence(await told.forge("rep_1", "alert.snooze", **SNOOZE))
    for callback, private in forms("rep_1")[:3]:
        assert refused(await told.forge_form("rep_1", callback, private, **FILLED)), callback
    assert await told.state() == before


@pytest.mark.parametrize("others", [(), ("rep_2", "rep_3")], ids=["in a group", "alone"])
async def test_a_manager_who_lost_the_team_answers_no_more_and_reads_no_news(told, others):
    for rep in others:  # they have answered, so only the first is passed on
        await told.press(told.alert(rep, "BIG"), "alert.ack", rep)
    await told.at(MONDAY + timedelta(days=1, hours=4), jobs.ESCALATION)
    assert "BIG1" in str(told.told("mgr_1"))
    load(told.work.home, LOADED + timedelta(1), rep_1="mgr_2")
    before, read = await told.state(), str(told.told("mgr_1"))
    for action, value in ANSWERS:
        assert sentence(await told.forge("mgr_1", action, value)), action
    assert await told.state() == before

    own = json.dumps({"deal_id": "BIG1", "key": BIG1})
    assert not refused(await told.forge_form("rep_1", "alert.log", own, **FILLED))
    await told.deliver()
    assert "mine" in told.seen("rep_1")
    assert "mine" not in read
    assert str(told.told("mgr_1")) == read


async def test_whom_ops_linked_to_somebody_else_has_their_rights_and_no_others(told):
    people = {one.person_id: one for one in store.current(told.work.home).people()}
    me = told.slack.workspace.person("rep_1").id
    await told.coach.map_person(me, people["rep_5"])
    before = await told.state()
    for action, value in ANSWERS:
        assert sentence(await told.forge("rep_1", action, value)), action
    assert await told.state() == before


async def test_nobody_is_told_of_a_deal_by_a_line_of_command_that_may_not_see_it(company, tmp_path):
    home = Path(shutil.copytree(company, tmp_path / "line"))
    load(home, rep_1="rep_2", rep_4="ops_1")  # the CRM says that a rep and ops are somebody's manager
    async with opened(home, tmp_path) as town:
        await town.at(MONDAY, jobs.RULES)
        before = await town.state()
        assert sentence(await town.forge("rep_1", "deal.ask_manager", "BIG1"))
        assert (await town.state())["outbox"] == before["outbox"]
        await town.at(MONDAY + timedelta(days=2))
        assert [WORDS[rep] in town.seen(boss) for boss, rep in (("rep_2", "rep_1"), ("ops_1", "rep_4"))] == [
            False,
            False,
        ]


async def test_a_guest_whom_the_crm_knows_by_email_is_told_nothing(company, tmp_path):
    async with opened(company, tmp_path) as town:
        people = town.slack.workspace.people
        known = town.slack.workspace.person("rep_1")
        people[known.id] = replace(known, is_restricted=True)
        await town.at(MONDAY)
        assert "BIG1" not in town.seen("rep_1")
        assert "BIG2" in town.seen("rep_2")


# ---------------------------------------------------------------- (c) privacy


def seed_for(silent: str) -> str:
    """A seed by which of the big deals only this one is silent."""
    others = [f"BIG{number}" for number in range(1, 7) if f"BIG{number}" != silent]
    share = Decimal("0.15")
    return next(
        str(n)
        for n in range(10_000)
        if is_silent("main", silent, share, str(n))
        and not any(is_silent("main", one, share, str(n)) for one in others)
    )


@pytest.fixture
async def with_silent(company, tmp_path) -> AsyncIterator[Town]:
    """Alerts were told; of the big deals only BIG1 is in the silent share."""
    async with opened(company, tmp_path, silent_share="0.15") as town:
        terms = replace(
            experiment._proposed(Decimal("0.15"), LOADED - timedelta(days=1)), seed=seed_for("BIG1")
        )
        async with town.memory.write() as tx:
            await experiment._keep(tx, "main", terms, MONDAY)
        await town.at(MONDAY)
        yield town


NONE = "main:stalled:BIG1:1999-01-01"  #: no alert has this key
UNNAMED = ("alerts log stalled", "impact", "plays", "rules stalled")  #: where a silent deal is not named


async def test_nobody_finds_out_which_deal_is_silent(with_silent):
    town = with_silent
    states = {row.subject_id: row.state for row in await rows(town, "alerts") if row.rule == "stalled"}
    assert states == {"BIG1": "silent"} | {f"BIG{n}": "told" for n in range(2, 7)}
    await town.at(MONDAY + timedelta(days=2))
    await town.at(MONDAY + timedelta(days=7))
    assert BIG1 not in received(town.slack)
    for user in ("rep_1", "mgr_1", "cro_1"):
        listed = [await town.asks(user, f"/coach alerts log {one}") for one in ("BIG1", "MID1")]
        assert plainly(listed[0], "BIG1") == plainly(listed[1], "MID1")  # as a deal that is only listed
        named = [line for line in UNNAMED if "BIG1" in await town.asks(user, f"/coach {line}")]
        assert named == [], user
    assert "ilent by lot" not in await town.asks("mgr_1", "/coach alerts log")
    assert "silent" not in await town.home("mgr_1")
    assert f'"seed": "{seed_for("BIG1")}"' not in received(town.slack)


def plainly(shown: str, name: str) -> str:
    """What is shown, whatever the deal is called and however blocks are numbered."""
    return re.sub(r"b\d+-\w+", "", shown.replace(name, "X"))


async def rows(town: Town, name: str) -> list[Any]:
    async with town.memory.read() as connection:
        return list(await connection.execute(select(metadata.tables[name])))


async def test_a_click_on_a_silent_alert_is_answered_as_on_none(with_silent):
    town = with_silent
    before = await town.state()
    for user in ("rep_1", "mgr_1", "cro_1"):
        for action in ("alert.ack", "alert.log", "alert.useful"):
            silent = await town.forge(user, action, BIG1)
            assert silent == await town.forge(user, action, NONE)
            assert "no such alert" in silent
        about = [json.dumps({"deal_id": "BIG1", "key": key}) for key in (BIG1, NONE)]
        for callback in ("alert.log", "alert.not_useful", "alert.dismiss"):
            one, other = [await town.forge_form(user, callback, private, **FILLED) for private in about]
            assert one == other
            assert refused(one)
    assert await town.state() == before


async def test_what_is_logged_or_snoozed_from_the_card_of_a_silent_deal_shows_nothing_of_it(with_silent):
    town = with_silent
    said = [await town.forge("rep_1", "deal.snooze", deal) for deal in ("BIG1", "MID1")]
    assert plainly(said[0], "BIG1").split("-")[-1] == plainly(said[1], "MID1").split("-")[-1]
    about = json.dumps({"deal_id": "BIG1", "key": ""})
    assert (await town.forge_form("rep_1", "alert.log", about, **FILLED))["response_action"] == "update"
    assert {row.state for row in await rows(town, "alerts") if row.key == BIG1} == {"silent"}


async def test_two_experiments_of_the_same_day_draw_different_lots():
    terms = [experiment._proposed(Decimal("0.15"), LOADED) for _ in range(2)]
    assert terms[0].seed != terms[1].seed
    assert len(terms[0].seed) >= 32


async def test_what_is_silent_leaves_no_gap_in_the_numbers_of_a_week(with_silent):
    town = with_silent
    async with town.memory.write() as tx:
        last = finding("NEW", owner="rep_1", as_of=LOADED)
        await alert_log.write(tx, "main", "new", last, What.TOLD, at=wall.now(), person_id="rep_1")
        assert await alert_log.place_in_week(tx, "main", "new", "rep_1", wall.now()) == 1
        used = await alert_log.told_lately(tx, "main", wall.now())
    assert used["rep_1", True] == 2  # it takes room all the same


async def test_figures_about_few_people_are_for_nobody_else(told):
    await told.forge_form("rep_1", "alert.log", json.dumps({"deal_id": "BIG1", "key": BIG1}), **FILLED)
    for user in ("rep_1", "mgr_1", "ops_1"):
        assert "too few people" in (await told.asks(user, "/coach plays")).casefold()
        assert "They belong to" not in await told.asks(user, "/coach rules stalled") or user == "ops_1"
    assert "Nothing is kept silent" in await told.asks("rep_1", "/coach impact")


async def test_a_channel_is_looked_at_when_chosen_and_again_whenever_something_is_sent(town):
    ids = {name: town.slack.workspace.person(name).id for name in ("rep_1", "mgr_1", "eve")}
    deals = Conversation("C_DEALS", "deals", {*ids.values(), BOT_USER})
    town.slack.workspace.conversations[deals.id] = deals
    town.clock.move_to(MONDAY - timedelta(hours=1))
    assert "place" in (await choose(town, deals))["errors"]

    deals.members.remove(ids["eve"])
    assert await choose(town, deals) == {}
    await town.at(MONDAY, jobs.RULES)
    assert ["BIG1" in str(m.blocks) for m in town.slack.sees("mgr_1", deals)] == [True]

    deals.members.add(ids["eve"])  # she joins a channel in which something was told
    since = len(town.slack.calls)
    own = json.dumps({"deal_id": "BIG1", "key": BIG1})
    assert not refused(await town.forge_form("rep_1", "alert.log", own, **FILLED))
    await town.at(MONDAY + timedelta(hours=1))
    assert "mine" not in str([m.blocks for m in town.slack.sees("eve", deals)])
    assert [
        c.method
        for c in town.slack.calls[since:]
        if c.arguments.get("channel") == deals.id and "chat" in c.method
    ] == []


async def choose(town: Town, place: Conversation) -> dict[str, Any]:
    """The first rep wants alerts in a channel; what the modal says."""
    await town.home("rep_1")
    await town.slack.click_home("home.settings", "rep_1")
    await town.slack.pulse.until(lambda: town.slack.modal("rep_1") is not None, 5)
    said = await town.send("rep_1", place=place.id)
    town.slack.workspace.modals[town.slack.workspace.person("rep_1").id].clear()
    return said


# ---------------------------------------------------------------- (d) what Slack would refuse

CODES = st.sampled_from(["USD", "EUR", "CHF", "XXX", "", "zł", canaries.COIN])
NAMES = random.labels() | st.text(min_size=1, max_size=300)


@st.composite
def agendas(draw: st.DrawFn) -> Agenda:
    """Up to 200 open things with any names and money."""
    some = draw(st.lists(random.findings(), min_size=1, max_size=4))
    names = draw(st.fixed_dictionaries(dict.fromkeys(("deal", "account", "owner", "stage"), NAMES)))
    amount, first = money(draw(st.decimals(0, 10**12, places=2)), draw(CODES)), draw(NAMES)
    items = [
        Item(
            key=f"k{n}",
            finding=replace(some[n % len(some)], subject_id=f"{first}{n}" if n < 8 else f"D{n}", names=names),
            state=State.TOLD,
            is_new=bool(n % 2),
            amount=amount,
        )
        for n in range(draw(st.sampled_from([0, 1, 2, 5, 6, 40, 200])))
    ]
    role, weekly = draw(st.sampled_from(["rep", "manager", "cro", "ops"])), draw(st.booleans())
    usual = {"hygiene": {}, "as_of": LOADED, "generation": "g"}
    return Agenda(person_id="p", name=draw(NAMES), role=role, weekly=weekly, items=tuple(items), **usual)


def money(value: Decimal, currency: str) -> Fact:
    about = {"entity": "deal=D", "period": "", "as_of": LOADED, "generation": "g"}
    return Fact(id="amount", metric="amount", value=value, unit=Unit.MONEY, currency=currency, **about)


SOME = settings(
    max_examples=8,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@SOME
@given(agendas(), NAMES)
def test_whatever_is_open_for_whomever_a_digest_and_a_page_always_fit_and_hold_no_markup(open_now, name):
    role = Role(open_now.role)
    words = digests.agenda(open_now)
    deals = tuple(open_deal(item) for item in open_now.items[:50])
    shown = Tab(agenda=open_now, deals=deals, figures=totals(open_now), as_of=LOADED, generation="g")
    page = home.Page(
        name=name,
        role=role,
        tab=shown,
        advice=[names.clean(name)] * 3,
        settings=[names.clean(name)],
        logged=logs(name),
    )
    told = homes.told(open_now, open_now)
    drawn = [
        (digest.agenda(open_now, words), "message"),
        (home.page(page), "home"),
        (home.alerts(shown, told, ["x"]), "message"),
    ]
    for blocks, surface in drawn:
        assert check(blocks, surface) == []
        assert check(fallback.plain(blocks), surface) == []
        assert [one for one in strings(blocks) if LIVE.search(one)] == []
    assert check_text(words.text) == []
    assert not LIVE.search(words.text)


def open_deal(item: Item) -> OpenDeal:
    finding, unknown = item.finding, money(Decimal(1), "USD")
    unknown = replace(unknown, value=None, unknown="no_amount")
    said = finding.names
    own = {"account": said["account"], "owner": said["owner"], "stage": said["stage"]}
    figures = dict.fromkeys(("odds", "in_stage", "activity", "due"), unknown)
    return OpenDeal(deal_id=finding.subject_id, amount=item.amount or unknown, **own, **figures)


def totals(of: Agenda) -> dict[str, Fact]:
    count = replace(money(Decimal(len(of.items)), ""), unit=Unit.COUNT, metric="open_deals")
    return {"open": count, "shown": count, "left": count, "amount": money(Decimal(7), canaries.COIN)}


def logs(name: str) -> list[Action]:
    one = {"deal_id": name, "what": name, "done_on": LOADED, "person_id": "p"}
    return [Action(key=str(n), **one) for n in range(30)]


@SOME
@given(st.lists(random.findings(), min_size=1, max_size=4), st.integers(1, 200), NAMES)
def test_however_many_wait_for_a_manager_or_stand_in_the_log_it_always_fits(some, number, name):
    found = [replace(some[n % len(some)], subject_id=f"{name}{n}"[:200]) for n in range(number)]
    text, blocks = escalation.card(found, [names.clean(name)] * number)
    assert check(blocks) == []
    assert check_text(text) == []
    entries = [entry(one, place, name) for place, one in enumerate(found)]
    counts = {(What.TOLD, ""): number, (What.SUPPRESSED, "budget"): 3}
    days = {"since": LOADED, "as_of": LOADED, "generation": "g"}
    known = {"names": {name: name}, "about": name, "total": number, "hygiene": 2, "counts_only": False}
    kept = Logged(counts=counts, entries=entries, **known, **days)
    page = log_page.page(kept, log_words.log(kept))
    assert check(page) == []
    assert [one for one in strings([blocks, page]) if LIVE.search(one)] == []


def entry(found: Any, place: int, name: str) -> Entry:
    about = {"rule": found.rule, "level": found.level, "subject": found.subject}
    what = [*What][place % len(What)]
    reason = "moved" if what is What.RESOLVED else name
    who = {"owner_id": name, "person_id": name, "subject_id": found.subject_id}
    return Entry(id=place, alert_key="k", what=what, reason=reason, day=LOADED, at=MONDAY, **about, **who)


@SOME
@given(NAMES, st.decimals(0, 10**12, places=0))
def test_the_form_of_ones_settings_always_fits(place, least):
    chosen = Preferences(min_amount=least, place=place[:20])
    for role in Role:
        view = preferences_form.Form(chosen, config.load(), role, "Europe/Berlin").modal()
        assert check(view["blocks"], "modal") == []
