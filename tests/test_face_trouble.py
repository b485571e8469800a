"""Conversations in trouble: stopped, shut down, forged, told by a slow Slack or without a memory."""

import asyncio
import json
import signal
import sqlite3
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from analytics import store
from bot import app as face
from bot import errors
from bot import settings as config
from bot.coach import Coach
from bot.memory import Memory
from bot.memory.tables import feedback, people_links
from bot.playground import Fault, Faults, Kind, payloads
from bot.serve import finish_work, over_http
from tests.face import ask, header, one, question, statuses, workspace
from tests.scripted_model import Arbitrary, blocks

ASKED = "what drives wins"
LIMIT = "and no cause: check before acting"
CODE = "Tell ops the reference"
BEGUN = blocks({"claims": ["c1"]}, {"claims": ["c2"]})[:-2]


class Hanging(Arbitrary):
    """A model that says something, and then nothing for a long time."""

    async def stream(self, *asked):
        async for piece in super().stream(*asked):
            yield piece
        await asyncio.sleep(60)


class Slow(Coach):
    """A coach who takes a while for the week before, in which nothing was different."""

    async def week_before(self, now):
        await asyncio.sleep(2.7)
        return now


@pytest.fixture(scope="module")
def people(crm):
    return store.current(crm).people()


@pytest.fixture
async def memory(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'memory.sqlite'}"
    async with Memory.open(url, busy=timedelta(seconds=3)) as opened:
        yield opened


@pytest.fixture
async def coach(crm, memory):
    return Coach(config.load(home=crm, stale_after_days=100_000), memory)


@pytest.fixture
async def slack(coach, people):
    async with workspace(coach, people) as slack:
        yield slack


@pytest.fixture
def cro(people):
    return one(people, "cro")


def ours(slack, user):
    return [message for message in slack.direct(user).messages if message.by_bot]


def types(message):
    return [block["type"] for block in message.blocks]


# ---------------------------------------------------------------- cut in the middle of words


async def telling(slack, coach, user):
    """A question whose words have begun; the task ends when the asker sees no more of it."""
    coach.model = Hanging(BEGUN)
    asking = asyncio.create_task(slack.say(slack.direct(user), ASKED, user))
    await slack.pulse.until(lambda: any(message.streaming for message in ours(slack, user)), 5)
    return asking


async def test_words_that_are_stopped_still_have_their_limits_and_the_way_to_the_sums(slack, coach, cro):
    asking = await telling(slack, coach, cro)
    await slack.stop_answer(slack.direct(cro), question(slack, cro), cro)
    await asking
    await slack.idle(0.2)
    _, words = ours(slack, cro)
    *_, last = words.text.splitlines()
    assert LIMIT in words.text
    assert last == "- Stopped."
    assert types(words) == ["actions", "context_actions", "context"]
    assert not words.streaming


async def test_a_shutdown_ends_the_words_with_their_limits(slack, coach, cro):
    asking = await telling(slack, coach, cro)
    await finish_work(coach.running)
    await asking
    _, words = ours(slack, cro)
    assert LIMIT in words.text
    assert "restarted" in words.text.splitlines()[-1]
    assert types(words) == ["actions", "context_actions", "context"]
    assert not words.streaming


async def test_a_shutdown_gives_the_words_of_a_click_their_limits(slack, coach, cro):
    coach.model = None
    first = await slack.command("/winrate region", user=cro)
    coach.model = Hanging(BEGUN)
    (numbers,) = (await slack.click(first.messages[0], "ask.lead_source", user=cro)).messages
    await finish_work(coach.running)
    words = slack.sees(cro)[-1]
    assert words is not numbers
    assert types(words)[-3:] == ["actions", "context_actions", "context"]


async def test_told_to_stop_over_http_the_process_lets_answers_finish(slack, coach):
    coach.settings = coach.settings.model_copy(update={"port": 0, "slack_signing_secret": SecretStr("s")})
    serving = asyncio.create_task(over_http(face.build(coach), coach))
    while "handle_exit" not in repr(signal.getsignal(signal.SIGTERM)):
        await asyncio.sleep(0.01)
    answering = asyncio.create_task(asyncio.sleep(0.3), name=errors.ANSWER)
    signal.raise_signal(signal.SIGTERM)
    await asyncio.wait_for(serving, 5)
    assert answering.done()


# ---------------------------------------------------------------- forged buttons


async def forged(slack, user, action_id, value):
    """What comes of a click on a button of ours whose value somebody else has written."""
    answer = (await slack.command("/coach quality", user=user)).messages[0]
    button = {"type": "button", "action_id": action_id, "text": {"type": "plain_text", "text": "x"}}
    slack.workspace.edit(answer, blocks=[{"type": "actions", "elements": [{**button, "value": value}]}])
    reply = await slack.click(answer, action_id, user=user, value=value)
    await slack.idle(0.2)
    return reply


def judgement(**changed):
    judged = {"line": "/winrate region", "generation": "g000001-2024-06-28", "prompt": "", "model": ""}
    return json.dumps({**judged, "useful": True, **changed})


async def rows(memory, table):
    async with memory.read() as connection:
        return (await connection.execute(select(table))).all()


@pytest.mark.parametrize("action_id", ["ask.0", "sums", "feedback.useful"])
@pytest.mark.parametrize("before", ["", "/coach sums ", "/coach check "])
async def test_no_button_says_who_is_who(slack, people, memory, action_id, before):
    line = f"{before}/coach map <@{slack.workspace.person(one(people, 'rep')).id}> {one(people, 'cro')}"
    value = judgement(line=line) if action_id.startswith("feedback") else line
    reply = await forged(slack, one(people, "ops"), action_id, value)
    assert not await rows(memory, people_links)
    assert not await rows(memory, feedback)
    assert CODE not in str([m.text for m in reply.messages])


MALFORMED = ["x", "{}", "[]", "null", judgement(useful="abc"), judgement(useful=1), judgement(line="")]
MALFORMED += [judgement(generation="NEVER"), judgement(generation="g999999-2099-01-01")]
MALFORMED += [judgement(prompt="<!channel> free text"), judgement(model="anything at all"), judgement(more=1)]
MALFORMED += [judgement(line="/coach help"), judgement(line="/nothing"), judgement(generation="g\u0661" * 9)]


@pytest.mark.parametrize("value", MALFORMED)
async def test_a_judgement_that_no_button_of_ours_carries_is_refused_in_a_sentence(slack, cro, memory, value):
    reply = await forged(slack, cro, "feedback.useful", value)
    assert reply.text
    assert CODE not in reply.text
    assert "Thanks" not in reply.text
    assert not await rows(memory, feedback)


# ---------------------------------------------------------------- without a memory


@pytest.fixture
def locked(memory, tmp_path):
    other = sqlite3.connect(tmp_path / "memory.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()


async def test_a_locked_memory_delays_nobody_by_more_than_two_waits(slack, people, cro, locked):
    start = asyncio.get_running_loop().time()
    rep = one(people, "rep")
    answers = await asyncio.gather(ask(slack, cro, "win rate by region"), ask(slack, rep, "forecast"))
    assert asyncio.get_running_loop().time() - start < 3.5
    assert [len(each) for each in answers] == [1, 1]
    assert all(header(each[0]) for each in answers)


async def test_what_is_delivered_again_while_memory_is_locked_is_answered_once(coach, people, cro, locked):
    async with workspace(coach, people, ack_seconds=0.0001, retry_after=(0.1, 0.1)) as slack:
        answers = await ask(slack, cro, "win rate by region")
        assert slack.courier.failures
    assert len(answers) == 1


async def test_no_reader_learns_where_memory_lies(slack, people, locked, tmp_path):
    reply = await slack.command(f"/coach map @{one(people, 'cro')} rep_01", user=one(people, "ops"), within=9)
    assert reply.text == "My memory is held by another process. Try again in a minute, or tell ops."


# ---------------------------------------------------------------- people, files, floods


async def test_a_person_who_is_mentioned_is_who_is_asked_about(slack, people, cro):
    rep = next(person for person in people if person.role == "rep")
    mention = f"<@{slack.workspace.person(rep.person_id).id}>"
    (answer,) = await ask(slack, cro, f"win rate of {mention}")
    assert rep.name in header(answer)
    slack.invite("general")
    await slack.say("general", f"@dealcoach win rate of {mention}", cro)
    await slack.idle(0.3)
    assert rep.name in header(ours(slack, cro)[-1])


async def test_a_mention_of_nobody_in_the_crm_is_never_left_out(slack, cro):
    (answer,) = await ask(slack, cro, "win rate of <@U0NOBODY>")
    assert "header" not in types(answer)


async def heard(slack, user, **changed):
    """What we answer to a message as Slack may also tell it."""
    person, direct = slack.workspace.person(user), slack.direct(user)
    message = slack.workspace.post(direct.id, person.id, "win rate by region")
    (body,) = payloads.message_events(message, direct)
    slack.courier.tell(payloads.event(body | changed, slack.workspace.next_id("Ev"), slack.workspace.clock()))
    await slack.pulse.until(lambda: statuses(slack)[-1:] == [""], 2)
    return ours(slack, user)


@pytest.mark.parametrize("subtype", ["file_share", "thread_broadcast"])
async def test_a_question_with_a_file_or_for_the_channel_too_is_answered(slack, cro, subtype):
    assert len(await heard(slack, cro, subtype=subtype)) == 1


async def test_only_direct_messages_are_answered_where_they_are_said(slack, cro):
    assert not await heard(slack, cro, channel_type="mpim")


async def test_five_questions_of_one_person_may_wait_and_the_sixth_hears_so(coach, people, cro):
    slow = Faults([Fault(Kind.DELAY, "users.info", seconds=1.0)])
    async with workspace(coach, people, faults=slow) as slack:
        direct = slack.direct(cro)
        await asyncio.gather(*(slack.say(direct, "win rate by region", cro) for _ in range(7)))
        await slack.pulse.until(lambda: len(ours(slack, cro)) == 7, 10)
        crowded = [m for m in ours(slack, cro) if m.text == "One at a time: 5 are waiting already."]
    assert len(crowded) == 2


# ---------------------------------------------------------------- a Slack that fails


async def test_one_fault_of_slack_while_we_look_who_asks_loses_no_answer(coach, people, cro):
    async with workspace(coach, people, faults=Faults([Fault(Kind.FAIL, "users.info")])) as slack:
        (answer,) = await ask(slack, cro, "win rate by region")
    assert header(answer)


STREAMS = [
    [Fault(Kind.STORE_THEN_FAIL, "chat.startStream")],
    [Fault(Kind.STORE_THEN_DROP, "chat.startStream")],
    [Fault(Kind.FAIL, "chat.stopStream", times=3)],
]


@pytest.mark.parametrize("script", STREAMS)
async def test_after_a_stream_that_failed_no_message_goes_on_growing(coach, people, cro, script):
    coach.model = Arbitrary(blocks({"claims": ["c1"]}, {"claims": ["c2"]}))
    async with workspace(coach, people, faults=Faults([*script])) as slack:
        _, *words = await ask(slack, cro, ASKED)
        await slack.pulse.until(lambda: "sums" in str(words[-1].blocks), 6)
    assert len(words) == 1
    assert not words[0].streaming
    assert LIMIT in str(words[0].blocks) + words[0].text


# ---------------------------------------------------------------- answers that take a while


async def test_who_waits_for_a_slow_answer_is_told_and_the_answer_takes_the_place_of_that(
    crm, memory, people, cro
):
    coach = Slow(config.load(home=crm, stale_after_days=100_000), memory)
    async with workspace(coach, people) as slack:
        reply = await slack.command(f"/coach week {one(people, 'rep')}", user=cro)
        assert reply.text.startswith("Working it out")
        await slack.pulse.until(lambda: bool(reply.messages[0].blocks), 20)
        (answer,) = [message for message in slack.sees(cro) if message.by_bot]
    assert header(answer)
    assert answer.ephemeral
