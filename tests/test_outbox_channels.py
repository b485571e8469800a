"""Threads and channels: a reply after its post, and direct messages where a channel will not do."""

from datetime import timedelta

import pytest

from bot.alerting import outbox
from bot.alerting.delivery import PACED
from bot.playground import Fault
from bot.playground import Kind as Trouble
from bot.playground.records import BOT_USER
from tests.alerting import DANA, courier, office, post


@pytest.fixture
async def desk(tmp_path):
    async with office(tmp_path) as opened:
        yield opened


def general(desk, bot=True):
    """The id of a channel that everybody is in."""
    channel = desk.slack.workspace.conversation("general")
    channel.members |= {BOT_USER} if bot else set()
    return channel.id


def reply(key, of="a1", **changed):
    return post(key, kind="reply", chain=of, **changed)


def in_general(desk):
    return [m.text for m in desk.slack.sees("priya", "general")]


def in_direct(desk):
    return [m.text for m in desk.slack.sees("priya", desk.slack.direct("priya").id)]


# ------------------------------------------------------------------ threads


async def test_a_reply_stands_in_the_thread_of_its_post(desk):
    await desk.write(post("a1"), reply("a1-seen"))
    await desk.turns(2)
    told, said = desk.slack.sees("priya")
    assert (said.text, said.thread_ts) == ("about a1-seen", told.ts)


async def test_a_reply_waits_for_its_post_and_for_what_was_said_before(desk):
    desk.slack.faults.script.append(Fault(Trouble.RATELIMITED, "chat.postMessage", retry_after=5))
    await desk.write(post("a1"), reply("a1-1"), reply("a1-2"))
    await desk.turns(8, seconds=2)
    assert desk.read_by("priya") == ["about a1", "about a1-1", "about a1-2"]


async def test_a_reply_to_what_nobody_got_is_dropped(desk):
    desk.slack.faults.script.append(Fault(Trouble.REFUSE, "chat.postMessage", error="channel_not_found"))
    await desk.write(post("a1"), reply("a1-seen"))
    await desk.turns(3)
    assert await desk.statuses() == {"a1": "dead", "a1-seen": "cancelled"}


async def test_an_edit_never_waits_for_a_reply_that_is_due_next_morning_only(desk):
    morning = desk.clock.now() + timedelta(hours=14)
    await desk.write(post("a1"), reply("a1-said", due=morning), post("a1-end", kind="update", chain="a1"))
    await desk.turns(3)
    assert desk.read_by("priya") == ["about a1-end"]
    await desk.turns(2, hours=14)
    assert desk.read_by("priya") == ["about a1-end", "about a1-said"]


async def test_what_nobody_knows_to_have_arrived_holds_up_the_next_of_its_kind(desk):
    await desk.write(post("a1"))
    await desk.turns()
    for method, kind in (("chat.update", "update"), ("chat.postMessage", "reply")):
        desk.slack.faults.script.append(Fault(Trouble.FAIL, method))
        await desk.write(*(post(f"{kind}-{n}", kind=kind, chain="a1") for n in (1, 2)))
        await desk.turns(12, seconds=10)
    assert desk.read_by("priya") == ["about update-2", "about reply-1", "about reply-2"]


async def test_a_reply_never_waits_for_an_edit(desk):
    later = desk.clock.now() + timedelta(minutes=5)
    await desk.write(post("a1"), post("a1-end", kind="update", chain="a1", due=later), reply("a1-said"))
    await desk.turns(3)
    assert desk.read_by("priya") == ["about a1", "about a1-said"]


@pytest.mark.parametrize("trouble", [Trouble.STORE_THEN_DROP, Trouble.FAIL])
async def test_a_reply_without_an_answer_is_looked_for_in_its_thread(desk, trouble):
    await desk.write(post("a1"), reply("a1-seen"))
    await desk.turns()
    desk.slack.faults.script.append(Fault(trouble, "chat.postMessage"))
    await desk.turns(10, seconds=10)
    assert desk.read_by("priya") == ["about a1", "about a1-seen"]
    assert "conversations.replies" in [call.method for call in desk.slack.calls]


async def test_an_edit_does_not_change_what_its_post_is_found_by(desk):
    await desk.write(post("a1"), post("a1-end", kind="update", chain="a1"), reply("a1-seen"))
    await desk.turns(3)
    [mark] = [key for key, places in desk.slack.stored().items() if key == outbox.mark("a1")]
    [(channel, ts)] = desk.slack.stored()[mark]
    [message] = [m for m in desk.slack.sees("priya", channel) if m.ts == ts]
    assert (message.text, message.metadata["event_payload"]["key"]) == ("about a1-end", mark)


# ------------------------------------------------------------------ channels


async def test_a_message_for_a_channel_goes_to_that_channel(desk):
    await desk.write(post("a1", place=general(desk)))
    await desk.turns()
    assert (in_general(desk), in_direct(desk)) == (["about a1"], [])


@pytest.mark.parametrize("error", ["channel_not_found", "not_in_channel", "is_archived", "restricted_action"])
async def test_what_a_channel_refuses_goes_to_direct_messages_once(desk, error):
    desk.slack.faults.script.append(Fault(Trouble.REFUSE, "chat.postMessage", error=error))
    await desk.write(post("a1", place=general(desk)))
    await desk.turns(5, seconds=1)
    assert (in_general(desk), in_direct(desk)) == ([], ["about a1"])


async def test_a_channel_whose_members_may_not_read_it_is_never_written_to(desk):
    async def nobody_may(row):
        return False

    desk.courier.allowed = nobody_may
    await desk.write(post("a1", place=general(desk)))
    await desk.turns(2)
    assert (in_general(desk), in_direct(desk)) == ([], ["about a1"])


async def test_when_direct_messages_are_refused_too_it_is_a_dead_letter(desk):
    refused = Fault(Trouble.REFUSE, "chat.postMessage", times=2, error="restricted_action")
    desk.slack.faults.script.append(refused)
    await desk.write(post("a1", place=general(desk)))
    await desk.turns(5, seconds=1)
    assert await desk.statuses() == {"a1": "dead"}
    assert (await desk.status()).letters == ("restricted_action",)


async def test_edits_and_replies_follow_their_post_to_direct_messages(desk):
    place = general(desk, bot=False)
    changed = post("a1-end", kind="update", chain="a1", place=place)
    await desk.write(post("a1", place=place), changed, reply("a1-seen", place=place))
    await desk.turns(5, seconds=1)
    assert in_direct(desk) == ["about a1-end", "about a1-seen"]


async def test_what_may_have_arrived_in_a_channel_is_looked_for_there(desk):
    desk.slack.faults.script.append(Fault(Trouble.STORE_THEN_DROP, "chat.postMessage"))
    await desk.write(post("a1", place=general(desk)))
    await desk.turns(10, seconds=10)
    assert (in_general(desk), in_direct(desk)) == (["about a1"], [])


async def test_who_was_thrown_out_of_the_channel_meanwhile_tells_in_direct_messages(desk):
    desk.slack.faults.script.append(Fault(Trouble.FAIL, "chat.postMessage"))
    place = general(desk)
    await desk.write(post("a1", place=place))
    await desk.turns()
    desk.slack.workspace.conversation("general").members.discard(BOT_USER)
    await desk.turns(10, seconds=10)
    assert in_direct(desk) == ["about a1"]


# ------------------------------------------------------------------ pace


async def test_a_channel_gets_one_message_a_second_whoever_sends(desk):
    place, other = general(desk), courier(desk.memory, desk.slack, desk.clock, owner="two")
    desk.courier.timing = other.timing = PACED
    await desk.write(*(post(f"a{n}", place=place, to=DANA) for n in range(4)))
    for number in (1, 2, 3, 4):
        await desk.courier.turn()
        await other.turn()
        assert len(in_general(desk)) == number
        desk.clock.turn(seconds=1)


async def test_when_edits_come_too_fast_all_edits_wait_and_posts_go_on(desk):
    await desk.write(post("a1"), post("b1", to=DANA))
    await desk.turns(2)
    desk.slack.faults.script.append(Fault(Trouble.RATELIMITED, "chat.update", retry_after=30))
    await desk.write(post("a1-end", kind="update", chain="a1"))
    await desk.turns()
    await desk.write(post("b2", to=DANA))
    await desk.turns(2, seconds=1)
    assert desk.read_by("dana") == ["about b1", "about b2"]
    assert desk.read_by("priya") == ["about a1"]
