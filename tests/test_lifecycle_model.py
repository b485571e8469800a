"""The life of alerts whatever happens, on a virtual clock: hypothesis looks for a promise that is broken.

Rules, memory, economy and outbox are the real ones; only Slack is played. A longer search:
`python -m tests.test_lifecycle_model 1000`.
"""

import asyncio
import contextlib
import itertools
import sys
import tempfile
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import select

from analytics.alerts.rules import DEFAULTS
from analytics.questions import EVERYONE
from bot.alerting import book, escalation, lifecycle, messages, outbox, silences
from bot.alerting.calendar import Hours
from bot.alerting.log import What
from bot.alerting.outbox import Recipient
from bot.alerting.preferences import Preferences
from bot.alerting.standing import OPEN, State
from bot.audience import Role, Viewer, viewer
from bot.memory import Memory
from bot.memory.tables import alert_log, alerts
from bot.memory.tables import outbox as rows
from bot.memory.tables import silences as silence_rows
from tests.alerting import MONDAY, PEOPLE, Clock, desk, end_of, finding

WEEK = timedelta(days=7)
DEALS = st.sampled_from(["D1", "D2", "D3", "D4"])
RULES = st.sampled_from([("stalled", "P1"), ("odds_fell", "P1"), ("pushed", "P2")])
INSTANCES = st.integers(0, 1)
ANSWERS = st.sampled_from(["acknowledge", "act", "dismiss", "useful"])
VIEWERS = [viewer(one, list(PEOPLE.values())) for one in PEOPLE.values()]
CRO = Viewer("cro", "Cleo", Role.CRO, EVERYONE)
BY_ID = {one.person_id: one for one in (*VIEWERS, CRO)}
WHO = st.sampled_from(["owner", "owner", "mgr_1", "cro", "rep_2"])
RITA = Recipient("cro", "Cleo", "cro@example.com", "reviewer")
NUMBERS = itertools.count(1)

#: What the last text of a message must say, by the state of its alert (tests.alerting.plain).
SAYS = {State.RESOLVED: "over", State.ACTED: " did ", State.SILENT: "told"}


class World:
    """One memory, opened twice as two processes have it, for all runs: each has a workspace of its own."""

    loop = asyncio.new_event_loop()
    folder = tempfile.TemporaryDirectory()
    stack = contextlib.AsyncExitStack()
    memories: ClassVar[list[Memory]] = []

    @classmethod
    def do(cls, doing):
        """The outcome of something asynchronous."""
        return cls.loop.run_until_complete(doing)

    @classmethod
    async def opened(cls):
        """Both memories."""
        while len(cls.memories) < 2:
            url = f"sqlite+aiosqlite:///{cls.folder.name}/memory.sqlite"
            cls.memories.append(await cls.stack.enter_async_context(Memory.open(url)))
        return cls.memories

    @classmethod
    def close(cls):
        """Give everything back."""
        cls.do(cls.stack.aclose())
        cls.memories = []


class Life(RuleBasedStateMachine):
    """Deals cross lines and come back, people answer or do not, time passes, and two processes work."""

    @initialize(
        pilot=st.booleans(),
        silent=st.sets(DEALS, max_size=2),
        budget=st.integers(1, 2),
        at_once=st.booleans(),
        manager=st.integers(1, 2),
        holds=st.sets(DEALS, min_size=1),
    )
    def begin(self, pilot, silent, budget, at_once, manager, holds):
        World.do(World.opened())
        self.workspace = f"w{next(NUMBERS)}"
        self.clock = Clock(MONDAY)
        self.holds = {(deal, ("stalled", "P1")): 50_000 for deal in holds}
        self.owners = dict(zip(("D1", "D2", "D3", "D4"), ("rep_1", "rep_1", "rep_2", "mgr_1"), strict=True))
        self.flying = []
        self.sent = {}
        self.known = {
            "workspace": self.workspace,
            "is_silent": silent.__contains__,
            "reviewers": (RITA,) if pilot else (),
            "preferences": {"mgr_1": Preferences(at_once=at_once)},
            "p1_per_week": budget,
            "manager_per_week": manager,
            "expire_days": 10,
        }
        self.judge(at=0)

    # ---------------------------------------------------------------- what happens

    @rule(deal=DEALS, which=RULES, amount=st.integers(1, 9))
    def cross(self, deal, which, amount):
        self.holds[deal, which] = amount * 10_000

    @precondition(lambda self: self.holds)
    @rule(data=st.data())
    def come_back(self, data):
        del self.holds[data.draw(st.sampled_from(sorted(self.holds)))]

    @rule(deal=DEALS, owner=st.sampled_from(["rep_1", "rep_2"]))
    def hand_over(self, deal, owner):
        self.owners[deal] = owner

    @rule(hours=st.sampled_from([1, 7, 24, 24, 72, 240]))
    def wait(self, hours):
        self.clock.turn(hours=hours)

    @rule(at=INSTANCES)
    def judge(self, at):
        self.act(at, self.judged)

    @rule(at=INSTANCES)
    def sweep(self, at):
        self.act(at, escalation.sweep)

    @rule(at=INSTANCES, who=WHO, how=ANSWERS, data=st.data())
    def answer(self, at, who, how, data):
        words = {"act": ("a call",), "dismiss": ("no",), "useful": (False,)}.get(how, ())
        self.try_to(at, getattr(lifecycle, how), data, who, *words)

    @rule(at=INSTANCES, who=WHO, days=st.sampled_from([1, 7]), data=st.data())
    def snooze(self, at, who, days, data):
        self.try_to(at, lifecycle.snooze, data, who, days)

    @precondition(lambda self: self.known["reviewers"])
    @rule(at=INSTANCES, who=WHO, lets=st.booleans(), data=st.data())
    def review(self, at, who, lets, data):
        self.try_to(at, *((lifecycle.release, data, who) if lets else (lifecycle.withhold, data, who, "no")))

    @rule(at=INSTANCES)
    def take(self, at):
        """A process takes what is due; its requests are on their way."""
        World.do(self.taken(at))

    @rule()
    def land(self):
        """What is on its way arrives."""
        World.do(self.landed())

    # ---------------------------------------------------------------- how it is played

    def act(self, at, doing, *given):
        async def in_one():
            async with World.memories[at].write() as tx:
                made = desk(self.clock.now(), **self.known)
                hushed = await silences.current(tx, self.workspace, self.clock.now())
                await doing(tx, *given, replace(made, silences=hushed))

        World.do(in_one())
        self.clock.turn(seconds=1)

    def try_to(self, at, doing, data, who, *given):
        """On any alert there is or was, whoever may; who may not is refused."""
        keys = World.do(self.keys())
        if keys:
            key, owner = data.draw(st.sampled_from(keys))
            viewer = BY_ID[owner if who == "owner" else who]
            with contextlib.suppress(lifecycle.AlertError):
                self.act(at, doing, key, viewer, *given)

    async def keys(self):
        async with World.memories[0].read() as connection:
            mine = select(alerts.c.key, alerts.c.owner_id).where(alerts.c.workspace == self.workspace)
            return sorted((row.key, row.owner_id) for row in await connection.execute(mine))

    async def judged(self, tx, at):
        found = [
            finding(deal, rule=name, level=level, amount=amount, owner=self.owners[deal], as_of=at.now.date())
            for (deal, (name, level)), amount in self.holds.items()
        ]
        await lifecycle.judge(
            tx,
            found,
            rules=DEFAULTS,
            already=(),
            levels={"P1", "P2"},
            ending=lambda told: end_of(told, "moved", at.now.date()),
            desk=at,
            day=at.now.date(),
        )
        open_now = {one.id for one in await book.open_alerts(tx, self.workspace)}
        spent = {one.id for one in await book.spent(tx, self.workspace, {"P1", "P2"})}
        assert {(f.rule, f.subject_id) for f in found} <= open_now | spent  # nothing is forgotten
        assert open_now <= {(f.rule, f.subject_id) for f in found}  # what is over is closed

    async def taken(self, at):
        now = self.clock.now()
        async with World.memories[at].write() as tx:
            how = {"owner": str(at), "now": now, "lease": timedelta(days=300), "limit": 20}
            self.flying += [(now, row) for row in await outbox.claim(tx, self.workspace, **how)]
        self.clock.turn(seconds=1)

    async def landed(self):
        async with World.memories[0].write() as tx:
            for taken_at, row in self.flying:
                now = self.clock.now()
                assert await outbox.mark_sent(tx, row, channel="C", ts=str(row.id), now=now)
                self.sent[row.dedup_key] = taken_at
        self.flying = []
        self.clock.turn(seconds=1)

    async def table(self, table):
        async with World.memories[0].read() as connection:
            mine = select(table).where(table.c.workspace == self.workspace)
            return (await connection.execute(mine.order_by(next(iter(table.c))))).all()

    # ---------------------------------------------------------------- what always holds

    @invariant()
    def promises_hold(self):
        if hasattr(self, "workspace"):
            World.do(self.checked())

    async def checked(self):
        known, said, posted = [await self.table(one) for one in (alerts, alert_log, rows)]
        self.one_open_alert(known)
        self.everything_is_in_the_log(known, said)
        self.nobody_is_over_budget(said)
        self.one_message_each(said, posted)
        self.silent_is_silent(known, posted)
        self.snoozed_is_quiet({one.key: one for one in known}, posted, await self.table(silence_rows))

    def one_open_alert(self, known):
        open_now = [(one.rule, one.subject_id) for one in known if one.state in OPEN]
        assert len(open_now) == len(set(open_now))
        assert all((one.state in OPEN) == (one.resolved_on is None) for one in known)

    def everything_is_in_the_log(self, known, said):
        assert {one.key for one in known} == {one.alert_key for one in said}

    def nobody_is_over_budget(self, said):
        loud = [one for one in said if one.level == "P1" and one.what in (What.TOLD, What.ESCALATED)]
        for last in loud:
            owns = last.person_id == last.owner_id
            week = {
                one.alert_key
                for one in loud
                if last.at - WEEK < one.at <= last.at
                and one.person_id == last.person_id
                and (one.person_id == one.owner_id) == owns
            }
            most = "p1_per_week" if owns else "manager_per_week"
            assert len(week) <= self.known[most], (last.person_id, week)

    def one_message_each(self, said, posted):
        live = {one.dedup_key for one in posted if one.kind == "post" and one.status != "cancelled"}
        own = [(one.alert_key, one.recipient_id) for one in posted if one.dedup_key in live and one.alert_key]
        groups = {
            (one.alert_key, one.person_id, one.reason)
            for one in said
            if one.what == What.ESCALATED and one.reason in live and not one.reason.startswith(one.alert_key)
        }
        everyone = own + [(key, person) for key, person, _ in groups]
        assert len(everyone) == len(set(everyone)), everyone

    def silent_is_silent(self, known, posted):
        silent = {one.key for one in known if one.silent}
        assert all(one.recipient_id == "cro" for one in posted if one.alert_key in silent)

    def snoozed_is_quiet(self, known, posted, hushed):
        for one in posted:
            taken = self.sent.get(one.dedup_key)
            if taken is None or one.kind == "update" or not one.alert_key:
                continue
            subject = known[one.alert_key].subject_id
            quiet = [s for s in hushed if (s.person_id, s.subject_id) == (one.recipient_id, subject)]
            assert not any(s.at < taken < s.until for s in quiet), (one.dedup_key, taken)

    def teardown(self):
        if hasattr(self, "workspace"):
            World.do(self.everything_delivered())

    async def everything_delivered(self):
        """In the end every message says how its alert stands: what was told is edited at its end."""
        self.clock.turn(days=10)
        self.clock.time = Hours().next_open(self.clock.now())  # replies wait for the morning
        await self.landed()
        await self.taken(0)
        while self.flying:
            await self.landed()
            await self.taken(0)
        known, posted = await self.table(alerts), await self.table(rows)
        states = {one.key: State(one.state) for one in known}
        texts = {one.chain: one for one in posted if one.kind != "reply" and one.status == "sent"}
        read = {one.dedup_key for one in posted if one.kind == "post" and one.status == "sent"}
        for chain, last in texts.items():
            if last.alert_key and chain in read:
                state = states[last.alert_key]
                assert SAYS.get(state, str(state)) in last.text, (chain, last.text, state)


Life.TestCase.settings = settings(
    max_examples=12, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLife = Life.TestCase


async def not_heeded(*_):
    return False


def test_the_model_notices_a_snooze_that_is_not_heeded(monkeypatch):
    monkeypatch.setattr(messages, "hush", not_heeded)
    life = Life()
    life.begin(pilot=False, silent=set(), budget=1, at_once=False, manager=1, holds={"D1"})
    [(key, _)] = World.do(life.keys())
    life.act(0, lifecycle.snooze, key, BY_ID["rep_1"], 7)
    life.take(at=0)
    life.land()
    with pytest.raises(AssertionError, match="D1"):
        life.promises_hold()


def teardown_module():
    World.close()


def main(number):
    """Search so many runs."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    try:
        run(Life, settings=settings(Life.TestCase.settings, max_examples=number, stateful_step_count=40))
    finally:
        World.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
