"""The outbox protocol itself, on a simulated clock: hypothesis looks for a message lost or sent twice.

The code and the SQLite under it are the real ones; only Slack is simulated, so that a request can still land
seconds after its sender died. A longer search: `python -m tests.test_outbox_protocol 1000`.
"""

import asyncio
import contextlib
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
import structlog
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.alerting import outbox
from bot.alerting.delivery import Courier, Timing
from bot.memory import Memory
from tests.alerting import PRIYA, Clock, post

IN_FLIGHT = 10  # seconds a request may take to land, whatever became of its sender
OLD = 90  # seconds after which the news of `KEYS_THAT_AGE` is old
KEYS = ("a1", "a2", "a3", "c1")
KEYS_IN_A_CHANNEL = ("a3", "c1")
KEYS_THAT_AGE = ("a2",)
PROCESSES = st.sampled_from(["one", "two"])
SECONDS = st.integers(0, IN_FLIGHT)


class Killed(BaseException):
    """The process died here."""


@dataclass(frozen=True)
class Fate:
    """What becomes of a request: does it land, after how many seconds, and what does its sender see?"""

    lands: bool = True
    seconds: int = 0
    sender: BaseException | type[BaseException] | None = None  # None: an answer


def refusal(error, status=200, **headers):
    """An answer of Slack's that says no."""
    return SlackApiError(error, answer({"ok": False, "error": error}, status, headers))


def answer(data, status=200, headers=None):
    """An answer as slack-sdk gives it."""
    return AsyncSlackResponse(
        client=None,
        http_verb="POST",
        api_url="",
        req_args={},
        data=data,
        headers=headers or {},
        status_code=status,
    )


@dataclass
class SimulatedSlack:
    """Direct messages and a channel, in which requests land when their time has come."""

    clock: Clock
    fate: Fate = field(default_factory=Fate)
    landing: list[tuple[datetime, dict]] = field(default_factory=list)

    async def users_lookupByEmail(self, *, email):  # noqa: N802
        return answer({"user": {"id": email}})

    async def users_info(self, *, user):
        return answer({"user": {"id": user}})

    async def conversations_open(self, **_):
        return answer({"channel": {"id": "D1"}})

    async def auth_test(self):
        return answer({"ok": True})

    async def chat_postMessage(self, *, channel, metadata, text, thread_ts=None, **_):  # noqa: N802
        ts = self.taken({"channel": channel, "metadata": metadata, "text": text, "thread": thread_ts})
        return answer({"ts": ts})

    async def chat_update(self, *, channel, ts, text, **_):
        self.taken({"channel": channel, "edits": ts, "text": text})
        return answer({"ts": ts})

    def taken(self, message):
        """A request that may land, and may be answered."""
        fate, self.fate = self.fate, Fate()
        at = self.clock.now() + timedelta(seconds=fate.seconds)
        ts = f"{at.timestamp() + len(self.landing) / 1e6:.6f}"
        if fate.lands:
            self.landing.append((at, {"ts": ts} | message))
        if fate.sender:
            raise fate.sender
        return ts

    async def conversations_history(self, *, channel, oldest="0", **_):
        return self.page(channel, None, oldest)

    async def conversations_replies(self, *, channel, ts, oldest="0", **_):
        return self.page(channel, ts, oldest)

    def page(self, channel, thread, oldest):
        landed = [m for at, m in self.landing if at <= self.clock.now() and "edits" not in m]
        here = [m for m in landed if m["channel"] == channel and m["thread"] == thread]
        return answer({"messages": [m for m in here if float(m["ts"]) > float(oldest)]})

    def posted(self, key):
        """How many times a message was, or is about to be, in the channel."""
        marks = [m["metadata"]["event_payload"]["key"] for _, m in self.landing if "edits" not in m]
        return marks.count(outbox.mark(key))

    def reads(self, key):
        """What the message says in the end."""
        [first] = [m for _, m in self.landing if "edits" not in m and m["text"] == f"about {key}"]
        edits = [(at, m["text"]) for at, m in self.landing if m.get("edits") == first["ts"]]
        return max(edits)[1] if edits else first["text"]


class Posting(RuleBasedStateMachine):
    """Two processes deliver; requests get lost, land late, and processes die at any moment."""

    lease = IN_FLIGHT + 5
    courier = Courier
    keys = KEYS

    @initialize()
    def open(self):
        self.runner, self.exit = asyncio.Runner(), contextlib.AsyncExitStack()
        self.clock, self.offered, self.answered, self.edits = Clock(), {}, set(), dict.fromkeys(KEYS, 0)
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

    def write(self, message):
        async def enqueue():
            async with self.memory.write() as tx:
                await outbox.enqueue(tx, message, self.clock.now())

        self.run(enqueue())

    @rule(which=st.integers(0, 11))
    def offer(self, which):
        key = self.keys[which % len(self.keys)]
        ends = self.clock.now() + timedelta(seconds=OLD) if key in KEYS_THAT_AGE else None
        place = "C1" if key in KEYS_IN_A_CHANNEL else ""
        self.write(post(key, to=PRIYA, place=place, not_after=ends))
        self.offered.setdefault(key, ends)

    @rule(name=PROCESSES)
    def deliver(self, name):
        self.turn(name, Fate())

    @rule(name=PROCESSES, lands=st.booleans(), seconds=SECONDS)
    def lose_the_answer(self, name, lands, seconds):
        self.turn(name, Fate(lands, seconds, TimeoutError))

    @rule(name=PROCESSES, lands=st.booleans(), seconds=SECONDS)
    def die_while_sending(self, name, lands, seconds):
        self.turn(name, Fate(lands, seconds, Killed))

    @rule(name=PROCESSES)
    def die_before_sending(self, name):
        self.run(self.processes[name].take_due())

    @rule(name=PROCESSES)
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
            assert all(self.slack.posted(one) <= 1 for key in KEYS for one in (key, f"{key}-seen"))

    def teardown(self):
        if hasattr(self, "slack"):
            try:
                self.nothing_is_lost()
            finally:
                self.run(self.exit.aclose())
                self.runner.close()

    def nothing_is_lost(self):
        for _ in range(30 * len(KEYS)):
            if not self.run(self.unfinished()):
                break
            self.clock.turn(seconds=self.lease)
            self.run(self.processes["one"].revive())
            self.turn("one", Fate())
        for key, ends in self.offered.items():
            self.arrived(key, may_be_old=ends is not None)

    async def unfinished(self):
        async with self.memory.read() as connection:
            return {*(await outbox.status(connection, "main")).counts} & {*outbox.UNFINISHED}

    def arrived(self, key, *, may_be_old):
        """The message is there once, with its reply, and says what was written last."""
        if may_be_old and not self.slack.posted(key):
            return
        assert self.slack.posted(key) == 1
        assert self.slack.posted(f"{key}-seen") == (key in self.answered)
        assert self.slack.reads(key) == f"about {key}" + (f"-edit-{n}" if (n := self.edits[key]) else "")


class Protocol(Posting):
    """The same with replies, edits, rate limits, and a workspace that is down for a while."""

    @rule(key=st.sampled_from(KEYS))
    def reply(self, key):
        if key in self.offered:
            self.write(post(f"{key}-seen", to=PRIYA, kind="reply", chain=key))
            self.answered.add(key)

    @rule(key=st.sampled_from(KEYS))
    def edit(self, key):
        if key in self.offered:
            self.edits[key] += 1
            self.write(post(f"{key}-edit-{self.edits[key]}", to=PRIYA, kind="update", chain=key))

    @rule(name=PROCESSES, error=st.sampled_from(["ratelimited", "token_revoked", "internal_error"]))
    def be_refused(self, name, error):
        self.turn(name, Fate(lands=False, sender=refusal(error, **{"Retry-After": "7"})))

    @rule(name=PROCESSES)
    def revive(self, name):
        self.run(self.processes[name].revive())


class LeaseTooShort(Posting):
    """The lease ends while a request may still land."""

    lease = IN_FLIGHT // 2
    keys = ("a1",)


class WithoutLooking(Posting):
    """Sends again without asking the channel's history."""

    keys = ("a1",)

    class courier(Courier):  # noqa: N801
        async def find(self, *_):
            return None


def explore(machine, examples, **more):
    quiet = settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate,),
        report_multiple_bugs=False,
        **({"stateful_step_count": 12, "derandomize": True} | more),
    )
    run_state_machine_as_test(machine, settings=quiet)


def test_no_message_is_ever_lost_or_sent_twice_while_the_lease_outlasts_a_request():
    explore(Protocol, 30)


@pytest.mark.parametrize("machine", [LeaseTooShort, WithoutLooking])
def test_the_search_finds_the_duplicate_when_the_protocol_is_weakened(machine):
    with pytest.raises(AssertionError):
        explore(machine, 1000, stateful_step_count=6)  # found after 30 to 250


def test_the_shortest_way_to_a_duplicate_is_a_slow_death_and_an_early_look():
    weak = LeaseTooShort()
    weak.open()
    weak.offer(0)
    weak.die_while_sending("one", True, 6)
    weak.wait(5)
    weak.deliver("two")
    with pytest.raises(AssertionError):
        weak.nothing_is_sent_twice()
    with pytest.raises(AssertionError):
        weak.teardown()


def search(examples):
    """More runs than the suite makes, each another one: the protocol holds, and the weakened one does not."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    explore(Protocol, examples, derandomize=False, stateful_step_count=20)
    print(f"{examples} runs of 20 steps: nothing lost, nothing sent twice")
    for machine in (LeaseTooShort, WithoutLooking):
        try:
            explore(machine, examples, stateful_step_count=6)
        except AssertionError:
            print(f"{machine.__name__}: found the duplicate")
        else:
            raise SystemExit(f"{machine.__name__}: found nothing, so the search does not look")


if __name__ == "__main__":
    search(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
