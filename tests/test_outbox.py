"""The outbox against a local Slack: delivered once, whatever Slack says and whoever dies."""

import asyncio

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from bot.alerting import outcomes
from bot.alerting.outcomes import Kind
from bot.playground import Fault
from bot.playground import Kind as Trouble
from tests.alerting import DANA, courier, office, post


@pytest.fixture
async def desk(tmp_path):
    async with office(tmp_path) as opened:
        yield opened


def edit(key, of="a1", **changed):
    return post(key, kind="update", chain=of, **changed)


async def test_a_message_offered_three_times_is_delivered_once(desk):
    assert await desk.write(post(), post(), post()) == [True, False, False]
    await desk.turns(3)
    assert desk.read_by("priya") == ["about a1"]
    assert await desk.statuses() == {"a1": "sent"}


async def test_each_recipient_gets_the_oldest_message_first_one_a_turn(desk):
    await desk.write(post("a1"), post("a2"), post("a3", to=DANA))
    await desk.turns()
    assert (desk.read_by("priya"), desk.read_by("dana")) == (["about a1"], ["about a3"])
    await desk.turns()
    assert desk.read_by("priya") == ["about a1", "about a2"]


async def test_a_person_ops_linked_is_told_without_asking_for_the_email(desk):
    await desk.memory.link_person("main", "U_CARLA", "rep_1")
    await desk.write(post())
    await desk.turns()
    assert desk.read_by("carla") == ["about a1"]
    assert "users.lookupByEmail" not in [call.method for call in desk.slack.calls]


@pytest.mark.parametrize("email", ["nobody@example.com", ""])
async def test_a_person_who_is_not_in_slack_is_a_dead_letter_that_says_what_to_do(desk, email):
    await desk.write(post(to=type(DANA)("rep_9", "Ghost", email)))
    await desk.turns()
    who = email or "rep_9"
    assert (await desk.status()).letters == (f"no Slack user for {who}: `/coach map @user rep_9`",)


async def test_after_a_rate_limit_that_channel_waits_as_long_as_slack_says(desk):
    desk.slack.faults.script.append(Fault(Trouble.RATELIMITED, "chat.postMessage", retry_after=30))
    await desk.write(post("a1"), post("a2"))
    await desk.turns(29, seconds=1)
    assert desk.read_by("priya") == []
    await desk.turns(4, seconds=1)
    assert desk.read_by("priya") == ["about a1", "about a2"]


async def test_a_rate_limit_of_one_person_does_not_hold_up_another(desk):
    desk.slack.faults.script.append(Fault(Trouble.RATELIMITED, "chat.postMessage", retry_after=30))
    await desk.write(post("a1"))
    await desk.turns()
    await desk.write(post("a2", to=DANA))
    await desk.turns()
    assert (desk.read_by("priya"), desk.read_by("dana")) == ([], ["about a2"])


@pytest.mark.parametrize("trouble", [Trouble.STORE_THEN_FAIL, Trouble.STORE_THEN_DROP])
async def test_a_message_that_arrived_without_an_answer_is_found_and_not_sent_again(desk, trouble):
    desk.slack.faults.script.append(Fault(trouble, "chat.postMessage"))
    await desk.write(post())
    await desk.turns(5, seconds=10)
    assert await desk.statuses() == {"a1": "sending"}
    await desk.turns(3, seconds=10)
    assert (await desk.statuses(), desk.read_by("priya")) == ({"a1": "sent"}, ["about a1"])


@pytest.mark.parametrize("trouble", [Trouble.FAIL, Trouble.DROP])
async def test_a_message_that_did_not_arrive_is_sent_again_after_looking(desk, trouble):
    desk.slack.faults.script.append(Fault(trouble, "chat.postMessage"))
    await desk.write(post())
    await desk.turns(8, seconds=10)
    calls = [call.method for call in desk.slack.calls if call.method.startswith(("chat", "conversations.h"))]
    assert calls == ["chat.postMessage", "conversations.history", "chat.postMessage"]
    assert desk.read_by("priya") == ["about a1"]


async def test_a_message_is_found_behind_hundreds_of_others(desk):
    desk.slack.faults.script.append(Fault(Trouble.STORE_THEN_DROP, "chat.postMessage"))
    await desk.write(post())
    await desk.turns()
    for number in range(250):
        desk.slack.workspace.post(desk.slack.direct("priya").id, "U_PRIYA", f"chatter {number}")
    desk.clock.turn(minutes=2)
    await desk.turns()
    assert len([text for text in desk.read_by("priya") if text == "about a1"]) == 1


async def test_while_history_cannot_be_read_nothing_is_sent_again(desk):
    desk.slack.faults.script.append(Fault(Trouble.DROP, "chat.postMessage"))
    desk.slack.faults.script.append(Fault(Trouble.FAIL, "conversations.history", times=3))
    await desk.write(post())
    await desk.turns(7, seconds=10)
    assert (await desk.statuses(), desk.read_by("priya")) == ({"a1": "sending"}, [])
    await desk.turns(10, seconds=10)
    assert desk.read_by("priya") == ["about a1"]


async def test_blocks_that_slack_refuses_are_sent_once_more_as_plain_text(desk):
    await desk.write(post(blocks=[{"type": "no_such_block"}]))
    await desk.turns(2)
    assert [(m.text, m.blocks) for m in desk.slack.sees("priya")] == [("about a1", [])]


async def test_a_refusal_for_good_is_a_dead_letter_and_is_tried_once(desk):
    desk.slack.faults.script.append(Fault(Trouble.REFUSE, "chat.postMessage", error="channel_not_found"))
    await desk.write(post())
    await desk.turns(3, minutes=5)
    assert (await desk.status()).letters == ("channel_not_found",)
    assert [call.method for call in desk.slack.calls].count("chat.postMessage") == 1


async def test_a_workspace_that_is_down_parks_everything_and_resumes_when_it_is_back(desk):
    desk.slack.faults.script.append(Fault(Trouble.REFUSE, "chat.postMessage", error="token_revoked"))
    await desk.write(post("a1"), post("a2"))
    await desk.turns(3)
    assert (await desk.status()).counts == {"parked": 2}
    assert await desk.courier.revive() == 2
    await desk.turns(2)
    assert desk.read_by("priya") == ["about a1", "about a2"]


async def test_while_the_token_is_still_revoked_nothing_resumes(desk):
    desk.slack.credentials.revoked = True
    await desk.write(post())
    await desk.turns()
    assert await desk.courier.revive() == 0
    assert (await desk.status()).counts == {"parked": 1}


async def test_when_slack_is_out_of_reach_the_message_waits(desk):
    await desk.slack.stop()
    await desk.write(post())
    written = desk.clock.now()
    await desk.turns(3, minutes=1)
    assert await desk.statuses() == {"a1": "pending"}
    assert (await desk.status()).oldest == written


async def test_an_update_edits_its_message_and_waits_for_it(desk):
    desk.slack.faults.script.append(Fault(Trouble.RATELIMITED, "chat.postMessage", retry_after=30))
    await desk.write(post("a1"), edit("a1-end"))
    await desk.turns()
    assert await desk.statuses() == {"a1": "pending", "a1-end": "pending"}
    await desk.turns(4, seconds=30)
    assert desk.read_by("priya") == ["about a1-end"]


async def test_updates_of_a_message_are_made_in_their_order(desk):
    await desk.write(post("a1"), edit("a1-2"), edit("a1-3"))
    desk.slack.faults.script.append(Fault(Trouble.RATELIMITED, "chat.update", retry_after=5))
    await desk.turns(5, seconds=5)
    assert desk.read_by("priya") == ["about a1-3"]
    assert await desk.statuses() == {"a1": "sent", "a1-2": "sent", "a1-3": "sent"}


async def test_an_update_without_an_answer_is_made_again_without_looking(desk):
    desk.slack.faults.script.append(Fault(Trouble.STORE_THEN_DROP, "chat.update"))
    await desk.write(post("a1"), edit("a1-end"))
    await desk.turns(10, seconds=10)
    assert (desk.read_by("priya"), await desk.statuses()) == (
        ["about a1-end"],
        {"a1": "sent", "a1-end": "sent"},
    )


async def test_an_update_of_a_message_nobody_got_is_dropped(desk):
    desk.slack.faults.script.append(Fault(Trouble.REFUSE, "chat.postMessage", error="channel_not_found"))
    await desk.write(post("a1"), edit("a1-end"))
    await desk.turns(3)
    assert await desk.statuses() == {"a1": "dead", "a1-end": "cancelled"}


async def test_two_processes_never_send_the_same_message(desk):
    other = courier(desk.memory, desk.slack, desk.clock, owner="two")
    await desk.write(*(post(f"a{n}") for n in range(10)))
    for _ in range(10):
        await asyncio.gather(desk.courier.turn(), other.turn())
    assert sorted(desk.read_by("priya")) == sorted(f"about a{n}" for n in range(10))


async def test_who_lost_the_row_does_not_send(desk):
    await desk.write(post())
    [row] = await desk.courier.take_due()
    desk.clock.turn(minutes=2)
    await courier(desk.memory, desk.slack, desk.clock, owner="two").turn()
    await desk.courier.deliver(row)
    assert [call.method for call in desk.slack.calls].count("chat.postMessage") == 1
    assert desk.read_by("priya") == ["about a1"]


class Answer:
    def __init__(self, error, status=200, retry_after=None):
        self.data = {"ok": False, "error": error} if error else "<html>"
        self.status_code = status
        self.headers = {"Retry-After": retry_after} if retry_after else {}


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer("ratelimited", 429, "7"), Kind.NOT_YET),
        (Answer("", 429), Kind.NOT_YET),
        (Answer("channel_not_found"), Kind.NEVER),
        (Answer("not_in_channel"), Kind.NEVER),
        (Answer("is_archived"), Kind.NEVER),
        (Answer("restricted_action"), Kind.NEVER),
        (Answer("an_error_slack_invents_tomorrow"), Kind.NEVER),
        (Answer("msg_too_long"), Kind.PLAINER),
        (Answer("invalid_blocks"), Kind.PLAINER),
        (Answer("token_revoked"), Kind.WORKSPACE_DOWN),
        (Answer("account_inactive"), Kind.WORKSPACE_DOWN),
        (Answer("invalid_auth"), Kind.WORKSPACE_DOWN),
        (Answer("token_expired"), Kind.WORKSPACE_DOWN),
        (Answer("internal_error"), Kind.UNKNOWN),
        (Answer("fatal_error"), Kind.UNKNOWN),
        (Answer("request_timeout"), Kind.UNKNOWN),
        (Answer("service_unavailable", 503), Kind.UNKNOWN),
        (Answer("", 502), Kind.UNKNOWN),
    ],
)
def test_every_answer_of_slack_has_its_class(answer, kind):
    assert outcomes.of(SlackApiError("refused", answer)).kind is kind


@pytest.mark.parametrize("error", [TimeoutError(), aiohttp.ServerDisconnectedError(), ConnectionResetError()])
def test_silence_means_that_nobody_knows_unless_nothing_was_sent_yet(error):
    assert outcomes.of(error).kind is Kind.UNKNOWN
    assert outcomes.before_sending(error).kind is Kind.NOT_YET


def test_a_rate_limit_says_how_long():
    assert outcomes.of(SlackApiError("refused", Answer("ratelimited", 429, "7"))).pause.total_seconds() == 7
