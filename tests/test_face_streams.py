"""Checked lines on their way to Slack: a stream that grows, and what becomes of it when Slack lets go."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import names
from bot.blocks import common
from bot.listeners.places import Place
from bot.listeners.streams import LIFE, Stream
from bot.playground import Fault, Faults, Kind, Person, Playground
from tests.playground_apps import client

PRIYA = Person("U_PRIYA", "priya", "priya@example.com")
LINES = ["The widest gap is 3.1 points.", "It may be chance.", "Look at lead source instead."]
BELOW = [common.context("verified 31 figures")]


@pytest.fixture
async def slack() -> AsyncIterator[Playground]:
    async with Playground([PRIYA]) as slack:
        yield slack


async def thread(slack: Playground) -> Place:
    """A thread that Priya began."""
    question = slack.workspace.post(slack.direct("priya").id, "U_PRIYA", "how do regions do?")
    return Place(client(slack), question.channel, question.ts, "U_PRIYA", "T_PLAYGROUND")


def told(slack: Playground, place: Place) -> str:
    """All that Priya reads of ours in the thread: streamed words and bullets alike, in order."""
    ours = [m for m in slack.sees("priya") if m.by_bot and m.thread_ts == place.thread]
    return "\n".join(bullets(message) or message.text for message in ours)


def bullets(message) -> str:
    sections = [block["text"]["text"] for block in message.blocks if block["type"] == "section"]
    return "\n".join(sections)


def methods(slack: Playground) -> list[str]:
    return [call.method.removeprefix("chat.") for call in slack.calls if call.method.startswith("chat.")]


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


async def tell(stream: Stream, lines=LINES) -> None:
    for line in lines:
        await stream.add(line)
    await stream.end(BELOW)


async def test_each_line_is_appended_as_it_comes_and_blocks_stand_below_them(slack):
    place = await thread(slack)
    await tell(Stream(place))
    (message,) = [m for m in slack.sees("priya") if m.by_bot]
    assert message.text == "".join(f"- {line}\n" for line in LINES)
    assert [block["type"] for block in message.blocks] == ["context"]
    assert methods(slack) == ["startStream", "appendStream", "appendStream", "stopStream"]


async def test_a_stream_is_replaced_before_slack_ends_it(slack):
    place, now = await thread(slack), Clock()
    stream = Stream(place, now)
    await stream.add(LINES[0])
    now.seconds = LIFE
    await stream.add(LINES[1])
    await stream.end(BELOW)
    assert told(slack, place) == f"- {LINES[0]}\n\n- {LINES[1]}\n"
    assert methods(slack) == ["startStream", "stopStream", "startStream", "stopStream"]


async def test_a_stream_that_slack_has_ended_goes_on_as_a_message_without_loss(slack):
    place = await thread(slack)
    stream = Stream(place)
    await stream.add(LINES[0])
    slack.workspace.messages[max(slack.workspace.messages)].expires = 0.0
    for line in LINES[1:]:
        await stream.add(line)
    await stream.end(BELOW)
    assert told(slack, place) == "\n".join(f"• {line}" for line in LINES)


@pytest.mark.parametrize("error", ["unknown_method", "feature_not_enabled", "method_deprecated"])
async def test_a_workspace_without_streams_gets_a_message_that_is_edited(slack, error):
    place = await thread(slack)
    slack.faults = Faults([Fault(Kind.REFUSE, "chat.startStream", times=9, error=error)])
    await tell(Stream(place))
    assert told(slack, place) == "\n".join(f"• {line}" for line in LINES)
    assert methods(slack) == ["startStream", "postMessage", "update"]


@pytest.mark.parametrize("method", ["chat.startStream", "chat.appendStream", "chat.stopStream"])
@pytest.mark.parametrize(
    "kind", [Kind.FAIL, Kind.STORE_THEN_FAIL, Kind.DROP, Kind.STORE_THEN_DROP, Kind.REFUSE], ids=str
)
async def test_no_line_is_lost_to_a_fault_in_the_middle(slack, method, kind):
    place = await thread(slack)
    slack.faults = Faults([Fault(kind, method)])
    await tell(Stream(place))
    assert all(told(slack, place).count(line) >= 1 for line in LINES)
    assert all(told(slack, place).count(line) == 1 for line in LINES) or method == "chat.startStream"


async def test_blocks_that_slack_refuses_do_not_take_the_words_with_them(slack):
    place = await thread(slack)
    slack.refuse = frozenset({"context"})
    await tell(Stream(place))
    assert told(slack, place) == "\n".join(f"• {line}" for line in LINES)


async def test_a_stream_that_is_cut_ends_with_a_word_and_nothing_more(slack):
    place = await thread(slack)
    stream = Stream(place)
    await stream.add(LINES[0])
    await stream.cut("Stopped.")
    await stream.cut("Stopped.")
    assert told(slack, place) == f"- {LINES[0]}\n- Stopped.\n"


async def test_a_line_on_its_way_when_it_is_cut_is_said_once(slack):
    place = await thread(slack)
    slack.faults = Faults([Fault(Kind.DELAY, "chat.appendStream", seconds=0.2)])
    stream = Stream(place)
    await stream.add(LINES[0])
    adding = asyncio.create_task(stream.add(LINES[1]))
    await asyncio.sleep(0.05)
    adding.cancel()
    await asyncio.wait([adding])
    await stream.cut("Stopped.")
    assert told(slack, place) == f"- {LINES[0]}\n- {LINES[1]}\n- Stopped.\n"


HOSTILE = ["<!channel>", "<@U1>", "[pay](https://evil.example)", "![x](http://evil.example/a.png)", "# Big"]
HOSTILE += ["*now*", "_now_", "~gone~", "`code`", "> quote", "- item", "1. one", "www.evil.com", "|a|b|"]
HOSTILE += ["https://evil.example", "mailto:a@evil.com", "&lt;!here&gt;", "__so__", "---", "a@evil.com"]


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_name_is_inert_in_what_slack_receives(slack, name):
    place = await thread(slack)
    await tell(Stream(place), [name, names.clean(name)])
    for line in told(slack, place).splitlines():
        assert is_inert(line)


@given(st.text(st.sampled_from("*_~`[]()<>&!#@|\\-+.: aw1/:"), max_size=30))
def test_no_text_can_become_markup(text):
    assert is_inert(f"- {names.markdown(text)}")


ACTIVE = re.compile(r"[*`~|<>\[\]]|\b_|_\b(?<!\w_)|^(?:[#+-]|\d\d?[.)])|\w\.[^\W\d_]|://|@")


def is_inert(line: str) -> bool:
    """Has Slack nothing to make a link, a mention, a picture, emphasis or a heading of?"""
    unescaped = re.sub(r"\\.", " ", line.removeprefix("- "))
    return not ACTIVE.search(unescaped)
