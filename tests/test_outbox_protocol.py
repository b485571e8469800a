"""The outbox protocol itself, on a simulated clock: hypothesis looks for a message lost or sent twice.

The code and the SQLite under it are the real ones; only Slack is simulated, so that a request can still land
seconds after its sender died.
"""

import asyncio
import contextlib
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bot.alerting import outbox
from bot.alerting.delivery import Courier, Timing
from bot.memory import Memory
from tests.alerting import PRIYA, Clock, post

IN_FLIGHT = 10  # seconds a request may take to land, whatever became of its sender
KEYS = ("a1", "a2", "a3")


class Killed(BaseException):
    """The process died here."""


@dataclass(frozen=True)
class Fate:
    """What becomes of a request: does it land, after how many seconds, and what does its sender see?"""

    lands: bool = True
    seconds: int = 0
    sender: type[BaseException] | None = None  # None: an answer


@dataclass
class SimulatedSlack:
    """One channel, in which requests land when their time has come."""

    clock: Clock
    fate: Fate = field(default_factory=Fate)
    landing: list[tuple[datetime, dict]] = field(default_factory=list)

    async def users_lookupByEmail(self, *, email):  # noqa: N802
        return {"user": {"id": email}}

    async def conversations_open(self, **_):
        return {"channel": {"id": "D1"}}

    async def chat_postMessage(self, *, metadata, **_):  # noqa: N802
        fate, self.fate = self.fate, Fate()
        at = self.clock.now() + timedelta(seconds=fate.seconds)
        if fate.lands:
            self.landing.append((at, {"ts": f"{at.timestamp():.6f}", "metadata": metadata}))
        if fate.sender:
            raise fate.sender
        return {"ts": f"{at.timestamp():.6f}"}

    async def conversations_history(self, *, oldest, **_):
        landed = [message for at, message in self.landing if at <= self.clock.now()]
        return {"messages": [message for message in landed if float(message["ts"]) > float(oldest)]}

    def posted(self, key):
        """How many times a message was, or is about to be, in the channel."""
        marks = [m["metadata"]["event_payload"]["key"] for _, m in self.landing]
        return marks.count(outbox.mark(key))


class Protocol(RuleBasedStateMachine):
    """Two processes deliver; requests get lost, land late, and processes die at any moment."""

    lease = IN_FLIGHT + 5
    courier = Courier

    @initialize()
    def open(self):
        self.runner, self.exit = asyncio.Runner(), contextlib.AsyncExitStack()
        self.clock, self.offered = Clock(), set()
        self.slack = SimulatedSlack(self.clock)
        folder = self.exit.enter_context(tempfile.TemporaryDirectory())
        opening = Memory.open(f"sqlite+aiosqlite:///{folder}/memory.sqlite", now=self.clock.now)
        self.memory = self.run(self.exit.enter_async_context(opening))
        self.processes = {name: self.process(name) for name in ("one", "two")}

    def process(self, name):
        return self.courier(
            self.memory,
            posts=self.slack,
            reads=self.slack,
            workspace="main",
            owner=name,
            timing=Timing(lease=timedelta(seconds=self.lease), first_retry=timedelta(seconds=1)),
            now=self.clock.now,
        )

    def run(self, doing):
        return self.runner.run(doing)

    @rule(key=st.sampled_from(KEYS))
    def offer(self, key):
        async def write():
            async with self.memory.write() as tx:
                await outbox.enqueue(tx, post(key, to=PRIYA), self.clock.now())

        self.run(write())
        self.offered.add(key)

    @rule(name=st.sampled_from(["one", "two"]))
    def deliver(self, name):
        self.turn(name, Fate())

    @rule(name=st.sampled_from(["one", "two"]), lands=st.booleans(), seconds=st.integers(0, IN_FLIGHT))
    def lose_the_answer(self, name, lands, seconds):
        self.turn(name, Fate(lands, seconds, TimeoutError))

    @rule(name=st.sampled_from(["one", "two"]), lands=st.booleans(), seconds=st.integers(0, IN_FLIGHT))
    def die_while_sending(self, name, lands, seconds):
        self.turn(name, Fate(lands, seconds, Killed))

    @rule(name=st.sampled_from(["one", "two"]))
    def die_before_sending(self, name):
        self.run(self.processes[name].take_due())

    @rule(name=st.sampled_from(["one", "two"]))
    def die_before_looking(self, name):
        self.run(self.processes[name].take_unknown())

    @rule(seconds=st.integers(1, 10))
    def wait(self, seconds):
        self.clock.turn(seconds=seconds)

    def turn(self, name, fate):
        self.slack.fate = fate
        with contextlib.suppress(Killed):
            self.run(self.processes[name].turn())
        self.slack.fate = Fate()

    @invariant()
    def nothing_is_sent_twice(self):
        if hasattr(self, "slack"):
            assert all(self.slack.posted(key) <= 1 for key in KEYS)

    def teardown(self):
        if hasattr(self, "slack"):
            try:
                self.nothing_is_lost()
            finally:
                self.run(self.exit.aclose())
                self.runner.close()

    def nothing_is_lost(self):
        for _ in range(3 * len(KEYS)):
            self.clock.turn(seconds=self.lease)
            self.turn("one", Fate())
        assert all(self.slack.posted(key) == 1 for key in self.offered)


class LeaseTooShort(Protocol):
    """The lease ends while a request may still land."""

    lease = IN_FLIGHT // 2


class WithoutLooking(Protocol):
    """Sends again without asking the channel's history."""

    class courier(Courier):  # noqa: N801
        async def find(self, *_):
            return None


def explore(machine, examples):
    quiet = settings(
        max_examples=examples,
        stateful_step_count=12,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(machine, settings=quiet)


def test_no_message_is_ever_lost_or_sent_twice_while_the_lease_outlasts_a_request():
    explore(Protocol, 40)


@pytest.mark.parametrize("machine", [LeaseTooShort, WithoutLooking])
def test_the_search_finds_the_duplicate_when_the_protocol_is_weakened(machine):
    with pytest.raises(AssertionError):
        explore(machine, 200)


def test_the_shortest_way_to_a_duplicate_is_a_slow_death_and_an_early_look():
    weak = LeaseTooShort()
    weak.open()
    weak.offer("a1")
    weak.die_while_sending("one", True, 6)
    weak.wait(5)
    weak.deliver("two")
    with pytest.raises(AssertionError):
        weak.nothing_is_sent_twice()
    with pytest.raises(AssertionError):
        weak.teardown()
